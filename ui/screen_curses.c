/* screen_curses.c -- the terminal through ncurses: the only file that knows
 * it.  curses is used for output alone; it keeps what the terminal shows and
 * sends the difference.  Modes that terminfo does not know (bracketed paste,
 * mouse, title, synchronized output) are written here by hand.
 *
 * Putting the terminal back is done in two ways: through curses when there is
 * time, and from a string prepared beforehand, with nothing but write and
 * tcsetattr, when there is none (signals, no memory left). */
#include "screen.h"

#include <errno.h>
#include <poll.h>
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
#include "buf.h"
#include "utf8.h"
#include "width.h"

#define PASTE_ON "\033[?2004h"
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"
#define MODES_OFF MOUSE_OFF "\033[?2004l"
#define SYNC_ON "\033[?2026h"
#define SYNC_OFF "\033[?2026l"
#define TITLE_SAVE "\033[22;2t"
#define TITLE_BACK "\033[23;2t"
#define TITLE_MAX 200		/* bytes */
#define RGB_COLORS (1 << 24)	/* COLORS of a terminal that takes 0xRRGGBB */

static struct {
	SCREEN *sp;		/* NULL: closed */
	bool mono, defaults;	/* no colours; the terminal's own exist */
	bool xterm;		/* takes titles and synchronized output */
	bool mouse, titled;
	struct grid last;	/* what curses was given; w 0: nothing */
	attr_t attr[STYLE_COUNT];
	short pair[STYLE_COUNT];
} scr;

/* For the signal handler: on is nonzero while the terminal is not as it was. */
static volatile sig_atomic_t on;
static char undo[512];
static size_t undo_n;
static struct termios shell_tty;

static void
put(const char *s, size_t n)
{
	struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (n > 0) {
		ssize_t w = write(STDOUT_FILENO, s, n);

		if (w > 0) {
			s += w;
			n -= (size_t)w;
		} else if (w < 0 && errno == EAGAIN) {
			if (poll(&p, 1, 1000) <= 0)
				return;
		} else if (w == 0 || errno != EINTR) {
			return;
		}
	}
}

static void
put_s(const char *s)
{
	put(s, strlen(s));
}

/* ---- putting it back in a hurry ---- */

/* Only what may be called in a signal handler. */
static void
emergency(void)
{
	int saved = errno;

	if (on) {
		on = 0;
		put(undo, undo_n);
		tcsetattr(STDIN_FILENO, TCSANOW, &shell_tty);
	}
	errno = saved;
}

static const int fatal[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
static const int polite[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct sigaction old_action[NSIG];
static bool caught[NSIG];

static void
on_signal(int sig)
{
	emergency();
	/* Delivered again, to whoever was there before us, on return. */
	sigaction(sig, &old_action[sig], NULL);
	raise(sig);
}

static void
catch_one(int sig)
{
	struct sigaction sa = { .sa_handler = on_signal,
		.sa_flags = SA_ONSTACK };

	sigemptyset(&sa.sa_mask);
	caught[sig] = sigaction(sig, &sa, &old_action[sig]) == 0;
}

static void
signals_catch(void)
{
	static char stack[64 << 10];	/* for a stack that has overflowed */
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) }, have;
	struct sigaction sa;

	if (sigaltstack(NULL, &have) == 0 && (have.ss_flags & SS_DISABLE))
		sigaltstack(&ss, NULL);
	for (size_t i = 0; i < COUNT(fatal); i++)
		catch_one(fatal[i]);
	for (size_t i = 0; i < COUNT(polite); i++)
		if (sigaction(polite[i], NULL, &sa) == 0 &&
		    sa.sa_handler == SIG_DFL)
			catch_one(polite[i]);
}

static void
signals_release(void)
{
	struct sigaction sa;

	for (int sig = 1; sig < NSIG; sig++) {
		if (caught[sig] && sigaction(sig, NULL, &sa) == 0 &&
		    sa.sa_handler == on_signal)
			sigaction(sig, &old_action[sig], NULL);
		caught[sig] = false;
	}
}

/* A capability of terminfo as bytes: without its marks for padding. */
static void
undo_cap(const char *name)
{
	const char *s = tigetstr(name), *end;

	if (s == NULL || s == (const char *)-1)
		return;
	while (*s != '\0' && undo_n < sizeof(undo) - 1) {
		if (s[0] == '$' && s[1] == '<' &&
		    (end = strchr(s, '>')) != NULL)
			s = end + 1;
		else
			undo[undo_n++] = *s++;
	}
}

static void
undo_text(const char *s)
{
	size_t n = strlen(s);

	if (undo_n + n > sizeof(undo))
		return;
	memcpy(undo + undo_n, s, n);
	undo_n += n;
}

static void
undo_prepare(void)
{
	undo_n = 0;
	if (scr.xterm)
		undo_text(SYNC_OFF);
	undo_text(MODES_OFF);
	undo_cap("sgr0");
	undo_cap("op");
	undo_cap("cnorm");
	undo_cap("rmcup");
	undo_text("\r\n");
}

/* ---- opening and closing ---- */

static int
check_terminal(struct err *err)
{
	const char *term = getenv("TERM");
	int r;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, "The chat needs a terminal, and standard "
		    "%s is none; `fikr ask` works without.",
		    isatty(STDIN_FILENO) ? "output" : "input");
	if (term == NULL || *term == '\0')
		return err_set(err, "TERM is not set, so the terminal's "
		    "language is unknown; set it (TERM=xterm-256color fits "
		    "most) or use `fikr ask`.");
	if (setupterm(NULL, STDOUT_FILENO, &r) != OK) {
		if (r < 0)
			return err_set(err, "The terminfo data base, which "
			    "describes terminals, was not found; install "
			    "ncurses-base or use `fikr ask`.");
		return err_set(err, "The terminal \"%s\" (from TERM) is not "
		    "known here; try TERM=xterm-256color or use `fikr ask`.",
		    term);
	}
	r = tigetstr("cup") == NULL || tigetstr("clear") == NULL;
	del_curterm(cur_term);
	if (r)
		return err_set(err, "The terminal \"%s\" (from TERM) cannot "
		    "place its cursor, which a full-screen chat needs; use "
		    "`fikr ask`.", term);
	return 0;
}

static bool
like_xterm(void)
{
	static const char *const names[] = { "xterm", "tmux", "screen",
		"foot", "alacritty", "rxvt", "st-" };
	const char *term = getenv("TERM");

	if (tigetflag("XT") > 0)
		return true;
	for (size_t i = 0; i < COUNT(names); i++)
		if (strncmp(term, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* newterm without the signal handlers that it brings: signals are the
 * caller's, and SIGTSTP keeps its default action. */
static SCREEN *
quiet_newterm(void)
{
	static const int sigs[] = { SIGINT, SIGTERM, SIGTSTP, SIGWINCH };
	struct sigaction old[COUNT(sigs)];
	SCREEN *sp;

	for (size_t i = 0; i < COUNT(sigs); i++)
		sigaction(sigs[i], NULL, &old[i]);
	sp = newterm(NULL, stdout, stdin);
	for (size_t i = 0; i < COUNT(sigs); i++)
		sigaction(sigs[i], &old[i], NULL);
	return sp;
}

static void
modes_on(void)
{
	put_s(PASTE_ON);
	if (scr.mouse)
		put_s(MOUSE_ON);
}

static void
modes_off(void)
{
	put_s(MODES_OFF);
	if (scr.titled)
		put_s(TITLE_BACK);
	scr.titled = false;
}

static void
setup_colors(void)
{
	const char *no = getenv("NO_COLOR");

	scr.mono = (no != NULL && *no != '\0') || !has_colors() ||
	    start_color() != OK;
	scr.defaults = !scr.mono && use_default_colors() == OK;
}

int
screen_open(const struct theme *t, struct err *err)
{
	static bool registered;

	if (scr.sp != NULL)
		return 0;
	if (check_terminal(err) != 0)
		return -1;
	if (tcgetattr(STDIN_FILENO, &shell_tty) != 0)
		return err_set(err, "The terminal's settings cannot be read: "
		    "%s.", strerror(errno));
	scr.sp = quiet_newterm();
	if (scr.sp == NULL)
		return err_set(err, "The terminal \"%s\" cannot be used for a "
		    "full screen; use `fikr ask`.", getenv("TERM"));
	scr.xterm = like_xterm();
	undo_prepare();
	signals_catch();
	on = 1;
	if (!registered)
		atexit(screen_close);
	registered = true;
	alloc_failed_hook = emergency;
	raw();
	noecho();
	nonl();
	typeahead(-1);		/* a frame is never left half sent */
	setup_colors();
	modes_on();
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
	signals_release();
	if (alloc_failed_hook == emergency)
		alloc_failed_hook = NULL;
	grid_done(&scr.last);
	delscreen(scr.sp);
	memset(&scr, 0, sizeof(scr));
}

void
screen_suspend(void)
{
	if (scr.sp == NULL || !on)
		return;
	modes_off();
	endwin();
	on = 0;
}

void
screen_resume(void)
{
	int w, h;

	if (scr.sp == NULL)
		return;
	if (!on)
		modes_on();
	on = 1;
	screen_redraw();
	erase();
	refresh();		/* raw mode and the alternate screen again */
	screen_size(&w, &h);
}

/* ---- styles ---- */

static int
color(int32_t rgb, int c256, int c16, int fallback)
{
	int none = scr.defaults ? -1 : fallback;

	if (rgb < 0)
		return none;
	if (COLORS >= RGB_COLORS)
		return rgb < 8 ? 0 : rgb;	/* 0..7 are the ANSI colours */
	if (COLORS >= 256)
		return c256;
	if (c16 < 0)
		return none;
	return COLORS >= 16 ? c16 : c16 & 7;
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
	if (scr.mono || COLORS >= 16 || l->fg < 0 || l->fg16 < 8)
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
	if (scr.mono)
		return;
	fg = color(l->fg, l->fg256, COLORS < 16 && l->fg16 == 8 ? -1 : l->fg16,
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
	if (scr.mono)
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

/* What stands for a character that the locale, or curses, cannot show; the
 * frames of panes keep their shape in any locale. */
static wchar_t
substitute(uint32_t ch)
{
	if (ch == 0x2502)
		return L'|';
	if (ch == 0x2500)
		return L'-';
	if (ch > 0x2500 && ch < 0x2580)
		return L'+';
	return wcwidth((wchar_t)UTF8_BAD) == 1 ? (wchar_t)UTF8_BAD : L'?';
}

/* The cell's text as curses wants it: a base with wcwidth 1 or 2, then marks
 * of width 0.  curses places what follows by wcwidth, so a base that it sees
 * wider than the cell is replaced; what it cannot join (emoji behind a joiner,
 * a variation selector that changes the width) is left out.  Returns the
 * columns of the base. */
static int
cell_wide(const struct cell *c, wchar_t out[CCHARW_MAX + 1])
{
	size_t n = strnlen(c->text, sizeof(c->text)), i;
	uint32_t ch = ' ';
	int len = 0, cols;

	i = n > 0 ? (size_t)utf8_decode(c->text, n, &ch, NULL) : 0;
	cols = wcwidth((wchar_t)ch);
	if (cols < 1 || cols > c->cols) {
		out[0] = substitute(ch);
		out[1] = L'\0';
		return 1;
	}
	out[len++] = (wchar_t)ch;
	while (i < n && len < CCHARW_MAX) {
		i += (size_t)utf8_decode(c->text + i, n - i, &ch, NULL);
		if (ch == 0x200d || wcwidth((wchar_t)ch) != 0)
			break;
		if (ch != 0xfe0f)
			out[len++] = (wchar_t)ch;
	}
	out[len] = L'\0';
	return cols;
}

static void
draw_cell(int y, int x, const struct cell *c)
{
	wchar_t text[CCHARW_MAX + 1];
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

static void
draw_row(const struct grid *g, int y)
{
	const struct cell *row = g->cells + (size_t)y * (size_t)g->w;

	for (int x = 0; x < g->w && x < COLS; x++)
		if (row[x].cols > 0)
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
		draw_row(g, y);
		memcpy(to, from, row);
		any = true;
	}
	return any;
}

void
screen_flush(const struct grid *g)
{
	bool visible, any;

	if (scr.sp == NULL || !on || g->w < 1 || g->h < 1)
		return;
	any = draw_rows(g);
	if (!any && g->cx == scr.last.cx && g->cy == scr.last.cy)
		return;
	scr.last.cx = g->cx;
	scr.last.cy = g->cy;
	visible = g->cx >= 0 && g->cx < COLS && g->cy >= 0 && g->cy < LINES;
	if (scr.xterm)
		put_s(SYNC_ON);
	curs_set(visible);
	if (visible)
		move(g->cy, g->cx);
	refresh();
	if (scr.xterm)
		put_s(SYNC_OFF);
}

/* ---- odds and ends ---- */

void
screen_mouse(bool want)
{
	if (scr.sp == NULL || scr.mouse == want)
		return;
	scr.mouse = want;
	if (on)
		put_s(want ? MOUSE_ON : MOUSE_OFF);
}

void
screen_title(const char *title)
{
	struct buf safe = { 0 }, out = { 0 };

	if (scr.sp == NULL || !on || !scr.xterm)
		return;
	if (!scr.titled)
		buf_puts(&out, TITLE_SAVE);
	scr.titled = true;
	text_safe(&safe, title, strlen(title));
	for (size_t i = 0; i < safe.len; i++)
		if (safe.data[i] == '\n')
			safe.data[i] = ' ';
	if (safe.len > TITLE_MAX)
		safe.len = TITLE_MAX - utf8_tail(safe.data, TITLE_MAX);
	buf_puts(&out, "\033]2;");
	buf_add(&out, safe.data != NULL ? safe.data : "", safe.len);
	buf_puts(&out, "\a");
	put(out.data, out.len);
	buf_free(&safe);
	buf_free(&out);
}

void
screen_bell(void)
{
	if (scr.sp != NULL && on)
		beep();
}
