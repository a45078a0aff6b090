/* screen_links.h -- links on the terminal (OSC 8), which curses does not know:
 * once it has sent a frame, the cells that lead somewhere are written over with
 * the same text inside a link.  For screen_curses.c alone. */
#ifndef FIKR_SCREEN_LINKS_H
#define FIKR_SCREEN_LINKS_H

#include "buf.h"
#include "cell.h"

/* Parts of rows to be written over; zeroed: none. */
struct link_runs {
	struct link_run { int y, x0, x1; } *v;
	int n, cap;
};

/* How the screen puts things. */
struct link_pen {
	void (*move)(struct buf *out, int y, int x);
	/* A cell as curses shows it, its attributes too; NULL: plain ones. */
	void (*cell)(struct buf *out, const struct cell *c);
	/* A row as it is sent; borrowed until the next call. */
	const struct cell *(*row)(const struct grid *g, int y);
};

/* Row y changes from last to now, w cells each: what leads somewhere now, and
 * what did and would go on doing so on the terminal. */
void link_runs_add(struct link_runs *r, int y, const struct cell *last,
    const struct cell *now, int w);
/* Append the bytes for all of them, and forget them.  The cursor is left where
 * it comes to be. */
void link_runs_write(struct link_runs *r, const struct grid *g,
    const struct link_pen *pen, struct buf *out);
void link_runs_free(struct link_runs *r);

#endif
