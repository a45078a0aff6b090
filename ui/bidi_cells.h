/* bidi_cells.h -- a row of the grid, in display order, as a terminal wants
 * it. */
#ifndef FIKR_BIDI_CELLS_H
#define FIKR_BIDI_CELLS_H

#include <stdbool.h>

#include "cell.h"

/* Is there a letter that one of these would change? */
bool cells_need(const struct cell *row, int n);
/* Arabic letters in the form that they have between their neighbours (the
 * Unicode presentation forms), for terminals that draw every cell by itself.
 * Lam and alef stay two letters, as they have two cells. */
void cells_join(struct cell *row, int n);
/* Turn every word that runs to the left back, for terminals that turn words by
 * themselves. */
void cells_words(struct cell *row, int n);

#endif
