/* plain_term.c -- the linear mode's dealings with the terminal: single keys or
 * whole lines, signals, stopping, the editor, the clipboard. */
#include "plain_priv.h"

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
#include "screen_tty.h"

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
	if (tty_open(err) < 0)
		return -1;
	if (signals_open(&p->signals, true, err) < 0) {
		tty_close();
		return -1;
	}
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
	signals_close(&p->signals);
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
	signals_stop(&p->signals);
	keys_on(p);
}

void
plain_signals(struct plain *p)
{
	char buf[64];
	ssize_t n = read(p->signals.fd, buf, sizeof(buf));

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

/* What it asks for meanwhile has to wait. */
static void
react(void *ud, unsigned r)
{
	(void)ud;
	(void)r;
}

static void
edit(struct plain *p)
{
	struct compose_host h = { &p->signals, p->link, &p->app, react, p };
	struct err err;
	int over, rc;

	plain_erase(p);
	keys_off(p);
	rc = compose_prompt(&h, &over, &err);
	keys_on(p);
	if (over) {
		p->quit = true;
		p->status = 128 + over;
	}
	if (rc < 0)
		plain_say(p, _("Error: %s"), err.text);
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
