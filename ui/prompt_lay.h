/* prompt_lay.h -- where the text of the prompt stands: wrapped between words,
 * each row in display order, with the cell of the cursor for every place in the
 * text and the place for every cell.  Rows and columns count from 0. */
#ifndef FIKR_PROMPT_LAY_H
#define FIKR_PROMPT_LAY_H

#include <stdbool.h>
#include <stddef.h>

#include "cell.h"

struct prompt_lay {
	const char *s;		/* valid UTF-8, not yet safe */
	size_t n;
	int cols;		/* of a row, > 0 */
	bool bidi;		/* in display order */
	bool rtl;		/* what has no letter runs to the left */
};

/* Rows of the whole text, the cursor's included; *cx, *cy: its cell when it is
 * at byte point. */
int prompt_lay_rows(const struct prompt_lay *l, size_t point, int *cx,
    int *cy);
/* Rows from top on, into r. */
void prompt_lay_draw(const struct prompt_lay *l, struct grid *g,
    struct rect r, int top);
/* The byte whose cell is x, y, or the nearest one of that row. */
size_t prompt_lay_at(const struct prompt_lay *l, int x, int y);
/* The byte whose cell is the next one to the left (-1) or right (1) of point's;
 * at the edge, on the row before or after. */
size_t prompt_lay_beside(const struct prompt_lay *l, size_t point, int by);

#endif
