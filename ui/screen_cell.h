/* screen_cell.h -- a cell's text as curses takes it. */
#ifndef FIKR_SCREEN_CELL_H
#define FIKR_SCREEN_CELL_H

#include <wchar.h>

#include "cell.h"

#define CELL_WIDE_MAX 5		/* characters: a base and its marks */

/* The cell's text as curses wants it: a base with wcwidth 1 or 2, then marks
 * of width 0.  curses places what follows by wcwidth, so a base that it sees
 * wider than the cell is replaced; what it cannot join (emoji behind a joiner,
 * a variation selector that changes the width) is left out.  Returns the
 * columns of the base. */
int cell_wide(const struct cell *c, wchar_t out[CELL_WIDE_MAX + 1]);

#endif
