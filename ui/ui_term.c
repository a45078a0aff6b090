/* ui_term.c -- what the loop does with the terminal besides keys and frames:
 * signals, size, questions, stopping, the editor, the clipboard. */
#include "ui_priv.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "compose.h"
#include "i18n.h"

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

static void
suspend(struct ui *u)
{
	screen_suspend();
	u->stopped = true;
	signals_stop(&u->signals);
	resume(u);
}

static void
react(void *ud, unsigned r)
{
	ui_react(ud, r);
}

/* The prompt, in the person's editor. */
static void
edit(struct ui *u)
{
	struct compose_host h = { &u->signals, u->link, &u->app, react, u };
	struct err err;
	int over, rc;

	screen_suspend();
	rc = compose_prompt(&h, &over, &err);
	screen_clean();
	if (over) {
		u->quit = true;
		u->status = 128 + over;
	}
	if (rc < 0)
		app_notice(&u->app, STYLE_ERROR, "%s", err.text);
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
	ssize_t n = read(u->signals.fd, buf, sizeof(buf));
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
