/* plain_term.c -- the linear mode's dealings with the terminal: single keys or
 * whole lines, signals, stopping, the editor, the clipboard. */
#include "plain_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "app_priv.h"
#include "clip.h"
#include "clock.h"
#include "compose.h"
#include "editor.h"
#include "i18n.h"
#include "port.h"
#include "screen_tty.h"

#define EDITOR_MS 50	/* how soon the end of the editor is seen */

/* A signal handler can know no more than a file descriptor. */
static int signal_fd = -1;

static const int caught[] = { SIGINT, SIGWINCH, SIGTERM, SIGHUP, SIGTSTP,
	SIGCONT };
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

/* ---- single keys ---- */

static void
keys_on(const struct plain *p)
{
	struct termios t;

	if (!p->raw || tcgetattr(STDIN_FILENO, &t) < 0)
		return;
	tty_enter();
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	t.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
	tty_modes_on();
}

static void
keys_off(const struct plain *p)
{
	if (!p->raw)
		return;
	tty_modes_off();
	tty_clean(false);
	tty_left();
}

int
plain_open(struct plain *p, struct err *err)
{
	if (pipe2(p->sigpipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(err, "cannot make a pipe: %s", strerror(errno));
	signal_fd = p->sigpipe[1];
	signal(SIGPIPE, SIG_IGN);
	if (tty_open(err) < 0)
		return -1;
	signals_set(on_signal);
	tty_mode(TTY_PASTE, p->raw);
	keys_on(p);
	return 0;
}

void
plain_close(struct plain *p)
{
	plain_erase(p);
	plain_end_line(p);
	keys_off(p);
	tty_close();
	signals_set(SIG_DFL);
	signal_fd = -1;
	close(p->sigpipe[0]);
	close(p->sigpipe[1]);
}

int
plain_width(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col >= 20)
		return w.ws_col;
	return 80;
}

/* ---- stopping ---- */

static void
suspend(struct plain *p)
{
	plain_erase(p);
	plain_end_line(p);
	keys_off(p);
	signal(SIGTSTP, SIG_DFL);
	kill(0, SIGTSTP);
	signals_set(on_signal);
	keys_on(p);
}

void
plain_signals(struct plain *p)
{
	char buf[64];
	ssize_t n = read(p->sigpipe[0], buf, sizeof(buf));

	for (ssize_t i = 0; i < n; i++) {
		switch (buf[i]) {
		case SIGTERM:
		case SIGHUP:
			p->quit = true;
			p->status = 128 + buf[i];
			break;
		case SIGINT:
			/* The terminal has thrown the line away. */
			if (!p->raw) {
				plain_erase(p);
				buf_clear(&p->typed);
			}
			plain_key(p, "ctrl+c");
			break;
		case SIGTSTP:
			suspend(p);
			break;
		case SIGCONT:
			/* The shell may have left it as it likes it. */
			keys_on(p);
			break;
		default:
			plain_event(p, (struct ui_event){ .type = UI_RESIZE,
			    .w = plain_width(), .h = 24 });
		}
	}
}

/* ---- the editor ---- */

/* While it has the terminal the worker's words are taken in. */
static void
meanwhile(struct plain *p, struct compose *c)
{
	struct pollfd f[] = {
		{ p->sigpipe[0], POLLIN, 0 },
		{ link_fd(p->link), POLLIN, 0 },
		{ link_wants_write(p->link) ? link_out_fd(p->link) : -1,
		    POLLOUT, 0 },
	};
	char sig;

	if (poll(f, 3, EDITOR_MS) > 0 && f[0].revents)
		while (read(p->sigpipe[0], &sig, 1) == 1)
			if (sig == SIGTERM || sig == SIGHUP) {
				p->quit = true;
				p->status = 128 + sig;
				compose_kill(c, sig);
			}
	if (f[2].revents)
		port_write(p->link);
	if (f[1].revents)
		port_read(p->link, &p->app, clock_wall_ms());
}

static void
edit_wait(struct plain *p, struct compose *c)
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
			meanwhile(p, c);
		}
	}
}

static void
edit(struct plain *p)
{
	struct buf text = { 0 };
	struct compose c;
	struct err err;
	int rc;

	plain_erase(p);
	keys_off(p);
	rc = compose_start(&c, editor_text(), &err);
	if (rc == 0) {
		edit_wait(p, &c);
		rc = compose_end(&c, &text, &err);
	}
	keys_on(p);
	if (rc == 0)
		editor_set(text.data ? text.data : "");
	else
		plain_say(p, _("Error: %s"), err.text);
	buf_free(&text);
}

/* ---- what the app asks for ---- */

static void
copy(struct plain *p)
{
	size_t n = strlen(p->app.clip);
	struct buf b = { 0 };

	if (!p->raw)
		plain_say(p, _("Error: Not copied: this terminal has no "
		    "clipboard that programs can reach"));
	else if (n > CLIP_MAX)
		plain_say(p, _("Error: Not copied: %zu bytes are more than a "
		    "terminal's clipboard takes (%d)"), n, CLIP_MAX);
	else {
		clip_sequence(&b, p->app.clip, n, getenv("TMUX") ?
		    CLIP_TMUX : getenv("STY") ? CLIP_SCREEN : CLIP_DIRECT);
		tty_put(b.data, b.len);
		plain_say(p, _("Note: Copied."));
	}
	buf_free(&b);
}

void
plain_react(struct plain *p, unsigned r)
{
	if (r & REACT_QUIT)
		p->quit = true;
	if (r & REACT_COPY)
		copy(p);
	if (r & REACT_SUSPEND)
		suspend(p);
	if (r & REACT_EDITOR)
		edit(p);
	/* There is nowhere else to be. */
	p->app.focus = FOCUS_PROMPT;
}

void
plain_forget_notice(struct plain *p)
{
	app_notice_clear(&p->app);
	free(p->notice);
	p->notice = NULL;
}

void
plain_event(struct plain *p, struct ui_event ev)
{
	ev.now = clock_wall_ms();
	if (ev.type == UI_KEY)
		plain_forget_notice(p);
	plain_react(p, app_event(&p->app, &ev));
}

void
plain_key(struct plain *p, const char *name)
{
	struct key k;

	if (key_parse(name, &k) == 0)
		plain_event(p, (struct ui_event){ .type = UI_KEY, .key = &k });
}
