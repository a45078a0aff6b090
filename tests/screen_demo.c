/* screen_demo.c -- a program for tests/screen_pty.py: opens the screen, shows
 * a grid with everything that is hard to show, and does what keys say:
 *   q close and end     x exit() without closing     c crash     o overflow
 *   a abort()           n no memory left             y copy
 *   z suspend (SIGTSTP) m, M mouse on, off           t title     s size, seen
 * The first row counts the frames, so that the script sees each key done. */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "screen.h"

static volatile sig_atomic_t resized;

static void
on_winch(int sig)
{
	(void)sig;
	resized = 1;
}

static void
make_theme(struct theme *t)
{
	memset(t, 0, sizeof(*t));
	for (int i = 0; i < STYLE_COUNT; i++)
		t->look[i] = (struct look){ .fg = -1, .bg = -1, .fg16 = -1,
			.bg16 = -1 };
	t->look[STYLE_ACCENT] = (struct look){ .fg = 0xff8700, .bg = -1,
		.fg256 = 208, .fg16 = 11, .bg16 = -1, .attr = ATTR_BOLD };
	t->look[STYLE_STATUS] = (struct look){ .fg = 0xffffff, .bg = 0x005f87,
		.fg256 = 231, .bg256 = 24, .fg16 = 15, .bg16 = 4 };
	t->look[STYLE_EMPH].attr = ATTR_ITALIC;
}

/* A cell as no pane would make it: text straight into the grid. */
static void
raw_cell(struct grid *g, int x, int y, const char *text, int cols)
{
	struct cell *c;

	if (x + cols > g->w || y >= g->h)
		return;
	c = &g->cells[y * g->w + x];
	memset(c, 0, sizeof(*c));
	snprintf(c->text, sizeof(c->text), "%s", text);
	c->cols = (uint8_t)cols;
	if (cols == 2) {
		memset(c + 1, 0, sizeof(*c));
		c[1].style = c->style;
	}
}

static int linked;		/* 0: no links; 2: one of them is gone */

static void
draw_links(struct grid *g)
{
	struct row row = { 0 };

	row_put_link(&row, "the page", 8, STYLE_TEXT, "https://example.org/a");
	row_put(&row, " ", 1, STYLE_TEXT);
	row_put_link(&row, "gone", 4, STYLE_TEXT, linked < 2 ? "http://b" :
	    NULL);
	row_put(&row, " \u0628\u0628", 5, STYLE_TEXT);
	grid_row(g, 0, 4, g->w, &row);
	row_free(&row);
}

static void
draw(struct grid *g, int frame)
{
	char line[80];

	snprintf(line, sizeof(line), "frame %d size %dx%d", frame, g->w, g->h);
	grid_puts(g, 0, 0, g->w, line, STYLE_TEXT);
	grid_puts(g, 0, 1, g->w, "wide \xe4\xb8\xad\xe6\x96\x87 comb e\xcc\x81",
	    STYLE_TEXT);
	if (linked > 0)
		draw_links(g);
	grid_puts(g, 0, 2, g->w, "accent", STYLE_ACCENT);
	grid_puts(g, 8, 2, g->w - 8, "status", STYLE_STATUS);
	raw_cell(g, 0, 3, "\033", 1);
	raw_cell(g, 1, 3, "\a", 1);
	raw_cell(g, 2, 3, "\r", 1);
	raw_cell(g, 3, 3, "\xc2\x9b", 1);
	raw_cell(g, 4, 3, "\xe2\x80\xae", 1);	/* right-to-left override */
	raw_cell(g, 5, 3, "\xf3\xb0\x80\x80", 2);	/* private use */
	raw_cell(g, 7, 3, "\xe4\xb8\xad", 1);	/* too wide for its cell */
	raw_cell(g, 8, 3, "\xff\xfe", 1);
	raw_cell(g, 9, 3, "|", 1);
	raw_cell(g, 11, 3, "[", 1);
	raw_cell(g, 12, 3, "\xf0\x9f\xab\x9f", 2);	/* of Unicode 16 */
	raw_cell(g, 14, 3, "]", 1);
	raw_cell(g, g->w - 1, 1, "\xe4\xb8\xad", 2);
	raw_cell(g, g->w - 1, g->h - 1, "Z", 1);
	g->cx = 6;
	g->cy = 1;
}

static int
overflow(int n)
{
	volatile char page[4096];

	page[0] = (char)n;
	return n < 0 ? 0 : overflow(n + 1) + page[0];
}

static bool
key(char c)
{
	switch (c) {
	case 'q':
		return false;
	case 'x':
		exit(3);
	case 'c':
		raise(SIGSEGV);
		break;
	case 'a':
		abort();
	case 'n':
		xmalloc(SIZE_MAX / 2);
		break;
	case 'o':
		overflow(1);
		break;
	case 'z':
		screen_suspend();
		raise(SIGTSTP);
		screen_resume();
		break;
	case 'b':
		screen_bidi(BIDI_EXPLICIT, true);
		break;
	case 'l':
		linked++;
		break;
	case 'm':
	case 'M':
		screen_mouse(c == 'm');
		break;
	case 'y':
		screen_clipboard("A\033B\n", 4);
		break;
	case 't':
		screen_title("safe\033]52;c;eA==\a title");
		break;
	}
	return true;
}

int
main(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	struct sigaction sa = { .sa_handler = on_winch };
	struct grid g;
	struct theme t;
	struct err err;
	char c = 's';
	int w, h;

	setlocale(LC_ALL, "");
	sigaction(SIGWINCH, &sa, NULL);
	make_theme(&t);
	if (screen_open(&t, &err) != 0) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	grid_init(&g, 1, 1);
	for (int frame = 1;; frame++) {
		resized = 0;
		screen_size(&w, &h);
		grid_resize(&g, w, h);
		draw(&g, frame);
		screen_flush(&g);
		if (poll(&p, 1, resized ? 0 : -1) <= 0)
			continue;
		if (read(STDIN_FILENO, &c, 1) != 1 || !key(c))
			break;
	}
	grid_done(&g);
	screen_close();
	screen_close();
	return 0;
}
