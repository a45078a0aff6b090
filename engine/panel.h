/* panel.h -- products of quantised matrices with many vectors in 8 bits or, on
 * tiles, in BF16, panel by panel, where the processor's kernels can
 * (kern_panel.h, kern_tiles.h). */
#ifndef FIKR_PANEL_H
#define FIKR_PANEL_H

#include <stdbool.h>

#include "kern.h"
#include "kern_panel.h"
#include "model.h"
#include "pool.h"

/* Room for `rows` vectors of up to width values.  -1: no memory. */
int act_rows_init(struct act_rows *a, const struct kern *kn, int rows,
    int width);
void act_rows_done(struct act_rows *a);
/* Keep what rounding takes from the values, too, in 8 bits again, and use it
 * for those groups of 32 columns that lose more by it than an average one, as
 * some columns of a model are always large.  Before act_rows_fill;
 * act_rows_from does not look at it, and tiles have no use for it.  -1: no
 * memory. */
int act_rows_refine(struct act_rows *a, const struct kern *kn, int rows,
    int width);
/* The rows of x [rows][width] as kn multiplies them, width in whole groups;
 * dealt to the pool.  False when stopped. */
bool act_rows_fill(struct act_rows *a, struct pool *pool,
    const struct kern *kn, const float *x, int rows, int width);
/* A view of the rows from `row` on. */
struct act_rows act_rows_from(const struct act_rows *a, int row);

/* Whether this type's products go through panels. */
bool panel_takes(const struct kern *kn, enum ttype t);
/* out[rows][ld] = x's first rows times rows r .. r + n - 1 of w, on the calling
 * thread; scratch: panel_scratch(rows) floats.  Where w has its rows in lanes,
 * r and n are multiples of 16. */
void panel_product(const struct kern *kn, const struct weight *w, int r, int n,
    const struct act_rows *x, int rows, float *scratch, float *out, int ld);
size_t panel_scratch(int rows);

#endif
