/* doctor_term.c -- the terminal, asked on the spot: what it answers, and how
 * wide it really shows the texts that terminals do not agree on. */
#include "doctor.h"

#include <langinfo.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "bidi.h"
#include "clock.h"
#include "i18n.h"
#include "keys.h"
#include "screen.h"
#include "terminal.h"
#include "width.h"

#define GROUP N_("terminal")
#define ANSWER_MS 1000		/* a slow line is still one */

static const struct { const char *name, *text; } samples[] = {
	{ N_("width of CJK"), "\xe4\xb8\xad" },
	{ N_("width of an emoji"), "\xf0\x9f\x99\x82" },
	{ N_("width of a new emoji"), "\xf0\x9f\xab\xa8" },
	{ N_("width of a family (ZWJ)"), "\xf0\x9f\x91\xa8\xe2\x80\x8d"
	    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7" },
	{ N_("width of a heart (VS16)"), "\xe2\x9d\xa4\xef\xb8\x8f" },
	{ N_("width of a combining mark"), "e\xcc\x81" },
	{ N_("width of Arabic"), "\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85" },
};
#define N_SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* Read replies until done says so.  Keys that are typed meanwhile are lost. */
static bool
await(struct terminal *t, struct keys *k, bool (*done)(const struct terminal *))
{
	double end = clock_now_ms() + ANSWER_MS;
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	struct key key;
	char buf[512];
	ssize_t n;

	while (!done(t) && clock_now_ms() < end) {
		if (poll(&p, 1, 50) <= 0)
			continue;
		n = read(STDIN_FILENO, buf, sizeof(buf));
		if (n <= 0)
			break;
		keys_feed(k, buf, (size_t)n);
		while (keys_next(k, &key) > 0)
			if (key.code == KEY_REPLY_)
				terminal_reply(t, key.raw, key.raw_n);
	}
	return done(t);
}

static bool
is_complete(const struct terminal *t)
{
	return t->complete;
}

static bool
has_cursor(const struct terminal *t)
{
	return t->cx >= 0;
}

static void
send_text(const char *s)
{
	fputs(s, stdout);
	fflush(stdout);
}

/* Columns that the terminal gives to a text, or -1. */
static int
measure(struct terminal *t, struct keys *k, const char *text)
{
	int cols;

	t->cx = -1;
	send_text("\r");
	send_text(text);
	send_text("\033[6n");
	cols = await(t, k, has_cursor) ? t->cx : -1;
	send_text("\r\033[K");
	return cols;
}

static void
probe(struct terminal *t, int widths[N_SAMPLES])
{
	struct keys *k = keys_new();
	struct termios old, raw;
	struct buf ask = { 0 };
	bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	for (size_t i = 0; i < N_SAMPLES; i++)
		widths[i] = -1;
	terminal_ask(t, &ask);
	if (ask.len == 0)
		buf_puts(&ask, "\033[c");
	if (tcgetattr(STDIN_FILENO, &old) == 0) {
		raw = old;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
		send_text(ask.data);
		if (await(t, k, is_complete) && utf8) {
			send_text("\r\033[K");
			for (size_t i = 0; i < N_SAMPLES; i++)
				widths[i] = measure(t, k, samples[i].text);
		}
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
	}
	buf_free(&ask);
	keys_free(k);
}

static const char *
answer_text(const struct terminal *t, enum answer a)
{
	if (a == ANSWER_YES)
		return _("yes");
	if (a == ANSWER_NO)
		return _("no");
	return t->complete ? _("not answered") : _("not asked");
}

static void
tell_probes(struct facts *f, const struct terminal *t,
    const int widths[N_SAMPLES])
{
	fact(f, t->complete ? FACT_FINE : FACT_ODD, GROUP, N_("answers"),
	    "%s", t->complete ? t->attributes : _("none within a second"));
	fact(f, FACT_FINE, GROUP, N_("synchronized output"), "%s",
	    answer_text(t, t->sync));
	fact(f, FACT_FINE, GROUP, N_("bracketed paste"), "%s",
	    answer_text(t, t->paste));
	fact(f, FACT_FINE, GROUP, N_("kitty's keys"), "%s",
	    answer_text(t, t->kitty));
	if (t->background >= 0)
		fact(f, FACT_FINE, GROUP, N_("background"), "#%06x",
		    (unsigned)t->background);
	else
		fact(f, FACT_FINE, GROUP, N_("background"), "%s",
		    _("not told"));
	for (size_t i = 0; i < N_SAMPLES; i++) {
		int own = text_cols(samples[i].text, strlen(samples[i].text));

		if (widths[i] < 0)
			continue;
		fact(f, widths[i] == own ? FACT_FINE : FACT_ODD, GROUP,
		    samples[i].name, widths[i] == own ? _("%d") :
		    _("%d, where fikr counts %d"), widths[i], own);
	}
}

/* ---- what needs no answer ---- */

static void
tell_colors(struct facts *f, int have)
{
	int n = terminal_colors(have, getenv("FORCE_COLOR"),
	    getenv("NO_COLOR"), NULL);
	const char *no = getenv("NO_COLOR");

	if (n > 256)
		fact(f, FACT_FINE, GROUP, N_("colours"), "%s", _("all"));
	else
		fact(f, FACT_FINE, GROUP, N_("colours"), "%d%s", n,
		    n == 0 && no && *no ? " (NO_COLOR)" : "");
}

static void
tell_entry(struct facts *f)
{
	const char *term = getenv("TERM");
	struct screen_entry e;

	if (term == NULL || *term == '\0') {
		fact(f, FACT_MISSING, GROUP, "TERM", "%s", _("not set"));
		return;
	}
	fact(f, FACT_FINE, GROUP, "TERM", "%s", term);
	screen_look_up(&e);
	if (!e.known)
		fact(f, FACT_MISSING, GROUP, N_("terminfo"), "%s",
		    _("has no such entry; ncurses-term may"));
	else if (!e.full)
		fact(f, FACT_ODD, GROUP, N_("terminfo"), "%s",
		    _("a terminal that cannot place its cursor"));
	else
		fact(f, FACT_FINE, GROUP, N_("terminfo"), "%s", e.name);
	if (e.known)
		tell_colors(f, e.colors);
}

static void
tell_guesses(struct facts *f, const struct conf *c, const struct terminal *t)
{
	static const char *const who[] = { "", N_("fikr does"),
		N_("fikr does, letters the terminal"), N_("the terminal does"),
		N_("nobody does") };
	static const char *const clip[] = { N_("none that programs reach"),
		N_("OSC 52, if the terminal allows it"),
		N_("OSC 52, by tmux's set-clipboard or allow-passthrough"),
		N_("OSC 52, handed on by screen") };

	fact(f, FACT_FINE, GROUP, N_("kind"), "%s",
	    terminal_kind_name(t->kind));
	fact(f, FACT_FINE, GROUP, N_("clipboard"), "%s", _(clip[t->kind]));
	fact(f, FACT_FINE, GROUP, N_("right-to-left order"), "%s",
	    _(who[bidi_choose(c->bidi, getenv)]));
}

void
doctor_terminal(struct facts *f, const struct conf *c)
{
	const char *term = getenv("TERM");
	struct winsize ws = { 0 };
	struct terminal t;
	int widths[N_SAMPLES];

	terminal_init(&t, term ? term : "", false);
	tell_entry(f);
	tell_guesses(f, c, &t);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fact(f, FACT_FINE, GROUP, N_("answers"), "%s", _("standard "
		    "input or output is no terminal, so none was asked"));
		return;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0)
		fact(f, ws.ws_col < 20 || ws.ws_row < 6 ? FACT_ODD : FACT_FINE,
		    GROUP, N_("size"), "%dx%d", ws.ws_col, ws.ws_row);
	if (term == NULL || strcmp(term, "dumb") == 0)
		return;
	probe(&t, widths);
	tell_probes(f, &t, widths);
}
