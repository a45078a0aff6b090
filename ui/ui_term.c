/* ui_term.c -- what the loop does with the terminal besides keys and frames:
 * signals, size, questions, stopping, the editor, the clipboard. */
#include "ui_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "compose.h"
#include "editor.h"
#include "i18n.h"
#include "port.h"

#define EDITOR_MS 50	/* how soon the end of the editor is seen */

/* A signal handler can know no more than a file descriptor. */
static int signal_fd = -1;

/* ---- signals ---- */

static const int caught[] = { SIGWINCH, SIGTERM, SIGHUP, SIGTSTP, SIGCONT };
#define N_CAUGHT (sizeof(caught) / sizeof(caught[0]))

static void
on_signal(int sig)
{
	int saved = errno;
	char c = (char)sig;

	/* A full pipe means that the loop is about to wake up anyway. */
	if (write(signal_fd, &c, 1) < 0)
		errno = saved;
	errno = saved;
}

static void
signals_set(void (*fn)(int))
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < N_CAUGHT; i++)
		sigaction(caught[i], &sa, NULL);
}

int
ui_signals_open(struct ui *u, struct err *err)
{
	if (pipe2(u->sigpipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(err, "cannot make a pipe: %s", strerror(errno));
	signal_fd = u->sigpipe[1];
	signal(SIGPIPE, SIG_IGN);
	signals_set(on_signal);
	return 0;
}

void
ui_signals_close(struct ui *u)
{
	signals_set(SIG_DFL);
	signal_fd = -1;
	close(u->sigpipe[0]);
	close(u->sigpipe[1]);
}

/* ---- the terminal ---- */

void
ui_event(struct ui *u, struct ui_event ev)
{
	ev.now = clock_wall_ms();
	ui_react(u, app_event(&u->app, &ev));
}

void
ui_size(struct ui *u)
{
	int w, h;

	screen_size(&w, &h);
	w = w < 1 ? 1 : w;
	h = h < 1 ? 1 : h;
	if (w != u->grid.w || h != u->grid.h)
		grid_resize(&u->grid, w, h);
	ui_event(u, (struct ui_event){ .type = UI_RESIZE, .w = w, .h = h });
}

static void
resume(struct ui *u)
{
	screen_resume();
	free(u->title);		/* the shell has it back: tell it again */
	u->title = NULL;
	ui_size(u);
}

/* As if the terminal had done it: the whole foreground group stops, worker
 * included, and `fg` brings all of it back. */
static void
suspend(struct ui *u)
{
	screen_suspend();
	signal(SIGTSTP, SIG_DFL);
	u->stopped = true;
	kill(0, SIGTSTP);
	signals_set(on_signal);
	resume(u);
}

/* While the editor has the terminal: the worker's words are taken in, so that
 * it never waits for somebody to read them. */
static void
meanwhile(struct ui *u, struct compose *c)
{
	struct pollfd p[] = {
		{ u->sigpipe[0], POLLIN, 0 },
		{ link_fd(u->link), POLLIN, 0 },
		{ link_wants_write(u->link) ? link_out_fd(u->link) : -1,
		    POLLOUT, 0 },
	};
	int64_t now;
	char sig;

	if (poll(p, 3, EDITOR_MS) > 0 && p[0].revents)
		while (read(u->sigpipe[0], &sig, 1) == 1)
			if (sig == SIGTERM || sig == SIGHUP) {
				u->quit = true;
				u->status = 128 + sig;
				compose_kill(c, sig);
			}
	now = clock_wall_ms();
	if (p[2].revents)
		port_write(u->link);
	if (p[1].revents)
		ui_react(u, port_read(u->link, &u->app, now));
	if (app_deadline(&u->app) >= 0 && app_deadline(&u->app) <= now)
		ui_event(u, (struct ui_event){ .type = UI_TICK });
}

/* Until the editor is over; stopping it stops the whole chat. */
static void
edit_wait(struct ui *u, struct compose *c)
{
	for (;;) {
		switch (compose_check(c)) {
		case COMPOSE_OVER:
			return;
		case COMPOSE_STOPPED:
			signal(SIGTSTP, SIG_DFL);
			kill(0, SIGTSTP);
			signals_set(on_signal);
			compose_continue(c);
			break;
		case COMPOSE_RUNS:
			meanwhile(u, c);
		}
	}
}

/* The prompt, in the person's editor. */
static void
edit(struct ui *u)
{
	struct buf text = { 0 };
	struct compose c;
	struct err err;
	int rc;

	screen_suspend();
	rc = compose_start(&c, editor_text(), &err);
	if (rc == 0) {
		edit_wait(u, &c);
		rc = compose_end(&c, &text, &err);
		screen_clean();
	}
	if (rc == 0)
		editor_set(text.data ? text.data : "");
	else
		app_notice(&u->app, STYLE_ERROR, "%s", err.text);
	buf_free(&text);
	resume(u);
}

/* What the app wants in the clipboard. */
static void
copy(struct ui *u)
{
	size_t n = strlen(u->app.clip);

	switch (screen_clipboard(u->app.clip, n)) {
	case CLIP_SENT:
		break;
	case CLIP_LONG:
		app_notice(&u->app, STYLE_ERROR, _("Not copied: %zu bytes are "
		    "more than a terminal's clipboard takes (%d)"), n,
		    CLIP_MAX);
		break;
	case CLIP_NONE:
		app_notice(&u->app, STYLE_ERROR, _("Not copied: this terminal "
		    "has no clipboard that programs can reach"));
	}
}

void
ui_react(struct ui *u, unsigned r)
{
	if (r & REACT_QUIT)
		u->quit = true;
	if (r & REACT_THEME)
		screen_theme(&u->app.theme);
	if (r & REACT_MOUSE)
		screen_mouse(u->app.mouse);
	if (r & REACT_REDRAW)
		screen_redraw();
	if (r & REACT_BELL)
		screen_bell();
	if (r & REACT_COPY)
		copy(u);
	if (r)
		u->dirty = true;
	if (r & REACT_SUSPEND)
		suspend(u);
	if (r & REACT_EDITOR)
		edit(u);
}

void
ui_signals_read(struct ui *u)
{
	char buf[64];
	ssize_t n = read(u->sigpipe[0], buf, sizeof(buf));
	bool resized = false;

	for (ssize_t i = 0; i < n; i++) {
		switch (buf[i]) {
		case SIGTERM:
		case SIGHUP:
			u->quit = true;
			u->status = 128 + buf[i];
			break;
		case SIGTSTP:
			suspend(u);
			break;
		case SIGCONT:
			/* After a stop that nobody announced the terminal may
			 * be as the shell likes it. */
			if (!u->stopped) {
				screen_suspend();
				resume(u);
			}
			u->stopped = false;
			break;
		default:
			resized = true;
		}
	}
	if (resized)
		ui_size(u);
}

void
ui_notify(struct ui *u)
{
	const struct conf *c = u->o->conf;
	bool busy = app_busy(&u->app) != NULL;

	if (!notify_watch(&u->notify, busy, clock_now_ms(),
	    c->notify_after * 1000.0))
		return;
	if (c->notify == NOTIFY_BELL)
		screen_bell();
	else if (c->notify == NOTIFY_OSC9)
		screen_notify(app_title(&u->app));
}

/* ---- questions to the terminal ---- */

/* Once the first frame is out, so that it waits for nothing. */
void
ui_ask(struct ui *u)
{
	if (screen_terminal()->kind == TERMINAL_PLAIN)
		return;
	screen_ask();
	keys_expect(u->keys, true);
	u->asked_until = clock_now_ms() + TERMINAL_WAIT;
}

/* A terminal that passes over a question may have shown some of it. */
void
ui_asked(struct ui *u)
{
	u->asked_until = 0;
	keys_expect(u->keys, false);
	screen_redraw();
	u->dirty = true;
}

/* The background is known: it decides, where nobody else has. */
static void
background(struct ui *u)
{
	int32_t rgb = screen_terminal()->background;
	struct theme t;

	if (rgb < 0 || rgb == u->app.background)
		return;
	u->app.background = rgb;
	screen_theme(&u->app.theme);
	u->dirty = true;
	if (u->asked_until <= 0 || strcmp(u->o->conf->theme, "auto") != 0 ||
	    strcmp(theme_auto(rgb), u->app.theme.name) == 0 ||
	    theme_load(&t, "auto", rgb, NULL) < 0)
		return;
	u->app.theme = t;
	screen_theme(&t);
}

/* What is invisible is used however late it comes; the colours of what is
 * being read change at the beginning or never. */
void
ui_reply(struct ui *u, const struct key *k)
{
	if (!screen_reply(k->raw, k->raw_n))
		return;
	background(u);
	if (u->asked_until > 0 && screen_terminal()->complete)
		ui_asked(u);
}
