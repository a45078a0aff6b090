/* screen_curses.c -- the terminal through ncurses: the only file that knows
 * it.  curses is used for output alone; it keeps what the terminal shows and
 * sends the difference.  What terminfo does not know (bracketed paste, mouse,
 * synchronized output) is written by screen_tty.c. */
#include "screen.h"

#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include <curses.h>
#include <term.h>

#include "alloc.h"
#include "bidi_cells.h"
#include "buf.h"
#include "i18n.h"
#include "screen_cell.h"
#include "screen_links.h"
#include "screen_tty.h"
#include "utf8.h"
#include "width.h"

#define TITLE_MAX 200		/* bytes */
#define RGB_COLORS (1 << 24)	/* COLORS of a terminal that takes 0xRRGGBB */

static struct {
	SCREEN *sp;		/* NULL: closed */
	bool defaults;		/* the terminal has colours of its own */
	struct terminal term;
	int colors;		/* used: 0, 8, 16, 256 or RGB_COLORS */
	struct grid last;	/* what curses was given; w 0: nothing */
	attr_t attr[STYLE_COUNT];
	short pair[STYLE_COUNT];
	enum bidi_by bidi;
	bool forms;		/* join Arabic letters */
	struct link_runs links;	/* of the frame that is being sent */
	struct cell *turned;	/* a row as the terminal wants it */
	struct buf *pen;	/* where pen_byte puts bytes */
	int pen_style;		/* that it has now, or -1 */
} scr;

_Static_assert(CELL_WIDE_MAX <= CCHARW_MAX, "a cell that curses takes");

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- opening and closing ---- */

static bool
known(const char *name)
{
	int r;

	if (setupterm(name, STDOUT_FILENO, &r) != OK)
		return false;
	del_curterm(cur_term);
	return true;
}

/* The description to use for TERM: its own, else, of a terminal that is known
 * to be like xterm, xterm's, as when logged in to a machine that has never
 * heard of it.  Into name; false if there is none. */
static bool
describe(const char *term, char *name, size_t size)
{
	static const char *const stand_in[] = { "xterm-256color", "xterm" };
	struct terminal t;

	snprintf(name, size, "%s", term);
	if (known(term))
		return true;
	terminal_init(&t, term, false);
	for (size_t i = 0; i < COUNT(stand_in); i++) {
		snprintf(name, size, "%s", stand_in[i]);
		if (t.kind != TERMINAL_PLAIN && known(name))
			return true;
	}
	return false;
}

/* With 24 bits of colour, where the terminal says that it has them and there
 * is a description of such a one. */
static void
describe_direct(char *name, size_t size)
{
	const char *truth = getenv("COLORTERM");
	char direct[128];
	size_t n = strcspn(name, "-");

	if (truth == NULL || (strcmp(truth, "truecolor") != 0 &&
	    strcmp(truth, "24bit") != 0))
		return;
	if (strcmp(name + n, "-256color") != 0 && name[n] != '\0')
		return;
	snprintf(direct, sizeof(direct), "%.*s-direct", (int)n, name);
	if (known(direct))
		snprintf(name, size, "%s", direct);
}

void
screen_look_up(struct screen_entry *e)
{
	const char *term = getenv("TERM");
	int r;

	*e = (struct screen_entry){ .known = false };
	if (term == NULL || !describe(term, e->name, sizeof(e->name)))
		return;
	describe_direct(e->name, sizeof(e->name));
	setupterm(e->name, STDOUT_FILENO, &r);
	e->known = true;
	e->full = tigetstr("cup") != NULL && tigetstr("clear") != NULL;
	e->colors = tigetnum("colors");
	del_curterm(cur_term);
}

static int
check_terminal(char *name, size_t size, struct err *err)
{
	const char *term = getenv("TERM");
	int r;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, "%s", isatty(STDIN_FILENO) ?
		    _("The chat needs a terminal, and standard output is "
		    "none; `fikr ask` works without.") :
		    _("The chat needs a terminal, and standard input is "
		    "none; `fikr ask` works without."));
	if (term == NULL || *term == '\0')
		return err_set(err, "TERM is not set, so the terminal's "
		    "language is unknown; set it (TERM=xterm-256color fits "
		    "most) or use `fikr ask`.");
	if (!describe(term, name, size)) {
		if (setupterm("dumb", STDOUT_FILENO, &r) != OK && r < 0)
			return err_set(err, "The terminfo data base, which "
			    "describes terminals, was not found; install "
			    "ncurses-base or use `fikr ask`.");
		return err_set(err, "The terminal \"%s\" (from TERM) is not "
		    "known here; try TERM=xterm-256color or use `fikr ask`.",
		    term);
	}
	describe_direct(name, size);
	setupterm(name, STDOUT_FILENO, &r);
	terminal_init(&scr.term, term, tigetflag("XT") > 0);
	r = tigetstr("cup") == NULL || tigetstr("clear") == NULL;
	del_curterm(cur_term);
	if (r)
		return err_set(err, "The terminal \"%s\" (from TERM) cannot "
		    "place its cursor, which a full-screen chat needs; use "
		    "`fikr ask`.", term);
	return 0;
}

/* newterm without the signal handlers that it brings: signals are the
 * caller's, and SIGTSTP keeps its default action. */
static SCREEN *
quiet_newterm(const char *name)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
	struct sigaction old[COUNT(sigs)];
	SCREEN *sp;

	for (size_t i = 0; i < COUNT(sigs); i++)
		sigaction(sigs[i], NULL, &old[i]);
	sp = newterm(name, stdout, stdin);
	for (size_t i = 0; i < COUNT(sigs); i++)
		sigaction(sigs[i], &old[i], NULL);
	return sp;
}

static const char *
capability(const char *name)
{
	const char *s = tigetstr(name);

	return s == (const char *)-1 ? NULL : s;
}

static void
setup_colors(void)
{
	scr.colors = terminal_colors(tigetnum("colors"),
	    getenv("FORCE_COLOR"), getenv("NO_COLOR"), NULL);
	if (scr.colors > 0 && start_color() != OK)
		scr.colors = 0;
	scr.defaults = scr.colors > 0 && use_default_colors() == OK;
}

/* Modes are sent to whatever has control sequences: what such a terminal does
 * not know it passes over. */
static void
setup_modes(void)
{
	const char *clear = capability("clear");

	if (clear == NULL || strstr(clear, "\033[") == NULL)
		return;
	tty_mode(TTY_PASTE, true);
	if (scr.term.kind != TERMINAL_PLAIN)
		tty_mode(TTY_FOCUS, true);
}

int
screen_open(const struct theme *t, struct err *err)
{
	static bool registered;
	char name[128];

	if (scr.sp != NULL)
		return 0;
	if (check_terminal(name, sizeof(name), err) != 0)
		return -1;
	if (tty_open(err) != 0)
		return -1;
	scr.sp = quiet_newterm(name);
	if (scr.sp == NULL) {
		tty_close();
		return err_set(err, "The terminal \"%s\" cannot be used for a "
		    "full screen; use `fikr ask`.", getenv("TERM"));
	}
	tty_undo(capability);
	if (!registered)
		atexit(screen_close);
	registered = true;
	raw();
	noecho();
	nonl();
	typeahead(-1);		/* a frame is never left half sent */
	idcok(stdscr, FALSE);	/* shifted cells would keep their links */
	setup_colors();
	setup_modes();
	screen_theme(t);
	screen_resume();
	return 0;
}

void
screen_close(void)
{
	if (scr.sp == NULL)
		return;
	screen_suspend();
	tty_close();
	grid_done(&scr.last);
	link_runs_free(&scr.links);
	free(scr.turned);
	delscreen(scr.sp);
	memset(&scr, 0, sizeof(scr));
}

void
screen_suspend(void)
{
	if (scr.sp == NULL || !tty_entered())
		return;
	tty_modes_off();
	tty_mode_forget(TTY_TITLE);
	endwin();
	tty_left();
}

void
screen_resume(void)
{
	int w, h;

	if (scr.sp == NULL)
		return;
	tty_enter();
	screen_redraw();
	erase();
	refresh();		/* raw mode and the alternate screen again */
	tty_modes_on();
	screen_size(&w, &h);
}

void
screen_clean(void)
{
	if (scr.sp != NULL)
		tty_clean(scr.term.kind != TERMINAL_PLAIN);
}

/* ---- styles ---- */

static int
color(int32_t rgb, int c256, int c16, int fallback)
{
	int none = scr.defaults ? -1 : fallback;

	if (rgb < 0)
		return none;
	if (scr.colors >= RGB_COLORS && COLORS >= RGB_COLORS)
		return rgb < 8 ? 0 : rgb;	/* 0..7 are the ANSI colours */
	if (scr.colors >= 256)
		return c256;
	if (c16 < 0)
		return none;
	return scr.colors >= 16 ? c16 : c16 & 7;
}

static attr_t
look_attr(const struct look *l)
{
	attr_t a = 0, have = termattrs();

	if (l->attr & ATTR_BOLD)
		a |= A_BOLD;
	if (l->attr & (ATTR_DIM | ATTR_STRIKE))	/* curses cannot strike */
		a |= A_DIM;
	if (l->attr & ATTR_ITALIC)
		a |= have & A_ITALIC ? A_ITALIC : A_UNDERLINE;
	if (l->attr & ATTR_UNDERLINE)
		a |= A_UNDERLINE;
	if (l->attr & ATTR_REVERSE)
		a |= A_REVERSE;
	if (scr.colors == 0 || scr.colors >= 16 || l->fg < 0 || l->fg16 < 8)
		return a;
	/* Eight colours: bright ones are bold; bright black, which bold makes
	 * invisible on many, is dim. */
	return a | (l->fg16 == 8 ? A_DIM : A_BOLD);
}

static void
use_look(int st, const struct look *l)
{
	int fg, bg;

	scr.attr[st] = look_attr(l);
	scr.pair[st] = 0;
	if (scr.colors == 0)
		return;
	fg = color(l->fg, l->fg256, scr.colors < 16 && l->fg16 == 8 ? -1 : l->fg16,
	    COLOR_WHITE);
	bg = color(l->bg, l->bg256, l->bg16, COLOR_BLACK);
	if (fg == -1 && bg == -1)
		return;
	if (st + 1 < COLOR_PAIRS && init_extended_pair(st + 1, fg, bg) == OK)
		scr.pair[st] = (short)(st + 1);
}

void
screen_theme(const struct theme *t)
{
	struct theme own;

	if (scr.sp == NULL)
		return;
	own = *t;
	theme_paint(&own, scr.term.background);
	if (scr.colors == 0)
		theme_mono(&own);
	for (int i = 0; i < STYLE_COUNT; i++)
		use_look(i, &own.look[i]);
	screen_redraw();
}

/* ---- frames ---- */

void
screen_size(int *w, int *h)
{
	struct winsize ws;

	*w = 80;
	*h = 24;
	if (scr.sp != NULL) {
		*w = COLS;
		*h = LINES;
	}
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 &&
	    ws.ws_row > 0) {
		*w = ws.ws_col;
		*h = ws.ws_row;
	}
	if (scr.sp == NULL || (*w == COLS && *h == LINES))
		return;
	resize_term(*h, *w);
	screen_redraw();
}

void
screen_redraw(void)
{
	if (scr.sp == NULL)
		return;
	scr.last.w = scr.last.h = 0;
	clearok(curscr, TRUE);
}

static void
draw_cell(int y, int x, const struct cell *c)
{
	wchar_t text[CELL_WIDE_MAX + 1];
	int st = c->style < STYLE_COUNT ? c->style : STYLE_TEXT;
	int cols = cell_wide(c, text), room = COLS - x;
	cchar_t cc;

	if (cols > room) {
		text[0] = L' ';
		text[1] = L'\0';
		cols = 1;
	}
	/* curses answers ERR for the last cell of the screen, having drawn
	 * it. */
	if (setcchar(&cc, text, scr.attr[st], scr.pair[st], NULL) == OK)
		mvadd_wch(y, x, &cc);
	if (cols == 1 && c->cols == 2 && room > 1 &&
	    setcchar(&cc, L" ", scr.attr[st], scr.pair[st], NULL) == OK)
		mvadd_wch(y, x + 1, &cc);
}

/* Is the row sent otherwise than cell by cell? */
static bool
is_turned(const struct cell *row, int w)
{
	return (scr.bidi == BIDI_WORDS || (scr.bidi == BIDI_EXPLICIT &&
	    scr.forms)) && cells_need(row, w);
}

/* A row as it is sent. */
static const struct cell *
sent_row(const struct grid *g, int y)
{
	const struct cell *row = g->cells + (size_t)y * (size_t)g->w;
	bool words = scr.bidi == BIDI_WORDS;
	size_t n = (size_t)g->w;

	if (!is_turned(row, g->w))
		return row;
	scr.turned = xreallocarray(scr.turned, n, sizeof(*scr.turned));
	memcpy(scr.turned, row, n * sizeof(*row));
	if (words)
		cells_words(scr.turned, g->w);
	else
		cells_join(scr.turned, g->w);
	return scr.turned;
}

/* old: the row of the last frame, or NULL.  A cell that is as it was stays,
 * unless what is sent of it depends on others. */
static void
draw_row(const struct grid *g, int y, const struct cell *old)
{
	const struct cell *row = sent_row(g, y);

	if (row == scr.turned || (old != NULL && is_turned(old, g->w)))
		old = NULL;
	for (int x = 0; x < g->w && x < COLS; x++)
		if (row[x].cols > 0 && (old == NULL ||
		    memcmp(&row[x], &old[x], sizeof(*row)) != 0))
			draw_cell(y, x, &row[x]);
}

/* Draw the rows that differ from the last frame: true if any did. */
static bool
draw_rows(const struct grid *g)
{
	size_t row = (size_t)g->w * sizeof(struct cell);
	bool whole = g->w != scr.last.w || g->h != scr.last.h, any = whole;

	if (whole) {
		grid_resize(&scr.last, g->w, g->h);
		erase();
	}
	for (int y = 0; y < g->h && y < LINES; y++) {
		const struct cell *from = g->cells + (size_t)y * (size_t)g->w;
		struct cell *to = scr.last.cells + (size_t)y * (size_t)g->w;

		if (!whole && memcmp(from, to, row) == 0)
			continue;
		draw_row(g, y, whole ? NULL : to);
		link_runs_add(&scr.links, y, to, from, g->w);
		memcpy(to, from, row);
		any = true;
	}
	return any;
}

/* ---- links, behind curses' back ---- */

static void
pen_move(struct buf *out, int y, int x)
{
	buf_puts(out, tiparm(tigetstr("cup"), y, x));
}

static int
pen_byte(int c)
{
	buf_addc(scr.pen, (char)c);
	return c;
}

static void
pen_cell(struct buf *out, const struct cell *c)
{
	wchar_t text[CELL_WIDE_MAX + 1];
	char bytes[MB_LEN_MAX];
	mbstate_t state = { 0 };
	int st, cols;

	scr.pen = out;
	if (c == NULL) {
		vid_puts(A_NORMAL, 0, NULL, pen_byte);
		scr.pen_style = -1;
		return;
	}
	st = c->style < STYLE_COUNT ? c->style : STYLE_TEXT;
	if (st != scr.pen_style)
		vid_puts(scr.attr[st], scr.pair[st], NULL, pen_byte);
	scr.pen_style = st;
	cols = cell_wide(c, text);
	for (wchar_t *p = text; *p != L'\0'; p++) {
		size_t n = wcrtomb(bytes, *p, &state);

		if (n != (size_t)-1)
			buf_add(out, bytes, n);
	}
	if (cols < c->cols)
		buf_addc(out, ' ');
}

/* The cursor goes back to where curses believes it is. */
static void
send_links(const struct grid *g)
{
	static const struct link_pen pen = { pen_move, pen_cell, sent_row };
	struct buf out = { 0 };
	int y, x;

	if (scr.term.kind != TERMINAL_XTERM && scr.term.kind != TERMINAL_TMUX)
		scr.links.n = 0;
	if (scr.links.n == 0)
		return;
	getyx(stdscr, y, x);
	scr.pen_style = -1;
	link_runs_write(&scr.links, g, &pen, &out);
	pen_move(&out, y, x);
	tty_put(out.data, out.len);
	buf_free(&out);
}

void
screen_flush(const struct grid *g)
{
	bool visible, any;

	if (scr.sp == NULL || !tty_entered() || g->w < 1 || g->h < 1)
		return;
	any = draw_rows(g);
	if (!any && g->cx == scr.last.cx && g->cy == scr.last.cy)
		return;
	scr.last.cx = g->cx;
	scr.last.cy = g->cy;
	visible = g->cx >= 0 && g->cx < COLS && g->cy >= 0 && g->cy < LINES;
	if (scr.term.sync == ANSWER_YES)
		tty_mode(TTY_SYNC, true);
	curs_set(visible);
	if (visible)
		move(g->cy, g->cx);
	refresh();
	send_links(g);
	tty_mode(TTY_SYNC, false);
}

/* ---- odds and ends ---- */

void
screen_bidi(enum bidi_by by, bool forms)
{
	bool known = scr.sp != NULL && scr.term.kind != TERMINAL_PLAIN;

	scr.bidi = by;
	scr.forms = forms;
	if (!known)
		return;
	tty_mode(TTY_BIDI_OURS, by == BIDI_EXPLICIT || by == BIDI_WORDS);
	tty_mode(TTY_BIDI_THEIRS, by == BIDI_TERMINAL);
	screen_redraw();
}

void
screen_mouse(bool want)
{
	if (scr.sp != NULL)
		tty_mode(TTY_MOUSE, want);
}

void
screen_ask(void)
{
	struct buf out = { 0 };

	if (scr.sp == NULL || !tty_entered())
		return;
	terminal_ask(&scr.term, &out);
	if (out.len > 0)
		tty_put(out.data, out.len);
	buf_free(&out);
}

/* Keys that say more, once it is known who understands what. */
static void
better_keys(void)
{
	if (scr.term.kitty == ANSWER_YES)
		tty_mode(TTY_KEYS_KITTY, true);
	else if (scr.term.complete && (scr.term.kind == TERMINAL_XTERM ||
	    scr.term.kind == TERMINAL_TMUX))
		tty_mode(TTY_KEYS_OTHER, true);
}

bool
screen_reply(const char *s, size_t n)
{
	bool mine = scr.sp != NULL && terminal_reply(&scr.term, s, n);

	if (mine)
		better_keys();
	return mine;
}

const struct terminal *
screen_terminal(void)
{
	return &scr.term;
}

/* A line for the terminal's own use: OSC number ; text. */
static void
send_line(const char *number, const char *text)
{
	struct buf safe = { 0 }, out = { 0 };

	text_safe(&safe, text, strlen(text));
	for (size_t i = 0; i < safe.len; i++)
		if (safe.data[i] == '\n')
			safe.data[i] = ' ';
	if (safe.len > TITLE_MAX)
		safe.len = TITLE_MAX - utf8_tail(safe.data, TITLE_MAX);
	buf_puts(&out, "\033]");
	buf_puts(&out, number);
	buf_addc(&out, ';');
	buf_add(&out, safe.data != NULL ? safe.data : "", safe.len);
	buf_puts(&out, "\a");
	tty_put(out.data, out.len);
	buf_free(&safe);
	buf_free(&out);
}

static bool
takes_lines(void)
{
	return scr.sp != NULL && tty_entered() &&
	    scr.term.kind != TERMINAL_PLAIN;
}

void
screen_title(const char *title)
{
	if (!takes_lines())
		return;
	tty_mode(TTY_TITLE, true);
	send_line("2", title);
}

void
screen_notify(const char *text)
{
	if (takes_lines())
		send_line("9", text);
}

void
screen_bell(void)
{
	if (scr.sp != NULL && tty_entered())
		beep();
}

enum clip
screen_clipboard(const char *s, size_t n)
{
	enum clip_through through = CLIP_DIRECT;
	struct buf out = { 0 };

	if (scr.sp == NULL || !tty_entered() ||
	    scr.term.kind == TERMINAL_PLAIN)
		return CLIP_NONE;
	if (n > CLIP_MAX)
		return CLIP_LONG;
	if (getenv("TMUX") || scr.term.kind == TERMINAL_TMUX)
		through = CLIP_TMUX;
	else if (scr.term.kind == TERMINAL_SCREEN)
		through = CLIP_SCREEN;
	clip_sequence(&out, s, n, through);
	tty_put(out.data, out.len);
	buf_free(&out);
	return CLIP_SENT;
}
