/* kern_tiles.h -- products with many vectors in BF16 on the tiles of AMX.
 *
 * Weights become panels of 32 rows: for each 32 values, and for each half of
 * the rows, a tile of 1 KiB
 *	uint16_t w[16 pairs of values][16 rows][2]
 * so that a tile of 16 vectors, 32 values each, times it gives a tile
 * [16 vectors][16 rows] of sums in F32, which lies as the result does. */
#ifndef FIKR_KERN_TILES_H
#define FIKR_KERN_TILES_H

#include <stdbool.h>
#include <stdint.h>

#include "kern_panel.h"

#define TILE_ROWS 32		/* weight rows of a panel */
#define TILE_BYTES 1024
/* A panel of so many groups: [groups][2 halves of the rows][TILE_BYTES] */
#define TILE_PANEL_BYTES(groups) ((size_t)(groups) * 2 * TILE_BYTES)

struct kern_tiles {
	/* y[g * step + i] = x[g * 32 + i], rounded to nearest even, for i in
	 * 0..31 and all groups g. */
	void (*to_bf16)(uint16_t *y, int64_t step, const float *x,
	    int64_t groups);
	/* For products in nearly F32 (tiles.h): n values as upper and lower
	 * parts, three groups for each 32 of them, padded with zeros: of a
	 * vector the upper, lower and upper parts; of up to 16 columns of n
	 * rows, ld apart, as a half of a panel, the upper, upper and lower
	 * ones. */
	void (*split_vector)(uint16_t *y, int64_t step, const float *x, int n);
	void (*split_columns)(const float *x, int64_t ld, int n, int cols,
	    int half, uint8_t *panel);
	/* 16 rows of a type in lanes: groups first .. first + groups - 1 of
	 * them as half `half` of a panel. */
	void (*from_lanes)(enum ttype t, const void *w, int64_t first,
	    int groups, int half, uint8_t *panel);
	/* The same of any quantised type, from what kern->pack made. */
	void (*from_groups)(enum ttype t, const struct panel_group *p,
	    int groups, int half, uint8_t *panel);
	/* out[rows][ld], `cols` values each, = or, if add is set, += values
	 * first * 32 .. of x's first rows times the panels that follow each
	 * other, aligned to 64 bytes.  cols is a multiple of 16: where it is
	 * none of 32, the last panel has rows in its first half alone. */
	void (*multiply)(const uint8_t *panel, int groups,
	    const struct bf16_rows *x, int64_t first, int rows, int cols,
	    float *out, int ld, bool add);
};

#endif
