/* cell.h -- the frame in memory: a grid of cells that panes draw into.
 * Coordinates are 0-based columns and rows of the whole screen; everything
 * clips. */
#ifndef FIKR_CELL_H
#define FIKR_CELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "rows.h"
#include "style.h"

#define CELL_TEXT 26		/* bytes: a base and a few marks */

/* Without padding: frames are compared byte by byte. */
struct cell {
	char text[CELL_TEXT];	/* one cluster, NUL-terminated; "" = the right
				 * half of a wide one */
	uint8_t cols;		/* 1, 2, or 0 for a right half */
	uint8_t style;
	uint32_t link;		/* link_key() of where it leads, or 0 */
};

/* An address that cells of this frame lead to. */
struct grid_link {
	uint32_t key;
	char *href;
};

struct rect { int x, y, w, h; };

struct grid {
	int w, h;
	struct cell *cells;	/* [h][w] */
	int cx, cy;		/* the cursor; cx < 0: hidden */
	struct grid_link *links;
	int n_links;
	bool bidi;		/* put text in display order; else the terminal
				 * does, or nobody */
	/* The interface reads from right to left (with bidi only): columns count
	 * from the right edge, and texts begin there; rows of grid_row keep
	 * their own direction. */
	bool mirror;
};

void grid_init(struct grid *g, int w, int h);	/* all blanks, with bidi */
void grid_done(struct grid *g);
void grid_resize(struct grid *g, int w, int h);	/* blanks everything */
/* With blanks.  Filling the whole grid begins a frame: its links are gone. */
void grid_fill(struct grid *g, struct rect r, enum style st);
/* The address of a cell's link; NULL: none. */
const char *grid_href(const struct grid *g, uint32_t link);
/* Text is safe UTF-8 without newline; what does not fit in w columns is cut.
 * Halves of wide characters that get overwritten become blanks.  Returns the
 * columns used.  Text that runs to the left begins at x all the same, with its
 * end. */
int grid_text(struct grid *g, int x, int y, int w, const char *s, size_t n,
    enum style st);
int grid_puts(struct grid *g, int x, int y, int w, const char *s,
    enum style st);
/* The same, but what is cut ends in an ellipsis. */
int grid_cut(struct grid *g, int x, int y, int w, const char *s, size_t n,
    enum style st);
/* A row that runs to the left ends at x + w. */
void grid_row(struct grid *g, int x, int y, int w, const struct row *row);
/* A row of the interface's own words: like grid_row, but in a mirrored grid it
 * begins at the right. */
void grid_label(struct grid *g, int x, int y, int w, const struct row *row);
/* The hardware cursor at a column and row. */
void grid_cursor(struct grid *g, int x, int y);
/* The first of w columns from x on, as they are on the screen. */
int grid_left(const struct grid *g, int x, int w);
/* The grid as text, trailing blanks of each line removed; with styles true,
 * runs are marked as {name|text} (for tests). */
void grid_dump(const struct grid *g, struct buf *out, bool styles);

#endif
