/* kern_panel.h -- panels: 16 rows of a quantised matrix laid out for products
 * with many vectors.  Four neighbouring values of a row stand together, then
 * those of the next row, so that one load gives each lane its row and one
 * broadcast gives all lanes the four values of a vector that meet them. */
#ifndef FIKR_KERN_PANEL_H
#define FIKR_KERN_PANEL_H

#include <stdbool.h>
#include <stdint.h>

#include "quant.h"

#define PANEL_ROWS 16
#define PANEL_GROUPS 32		/* groups of a panel, at most */

/* A group of 32 values of each row; value = scale * q + base, with scale and
 * base of each half or, where the type has one scale for all 32, the first.
 * How q is to be read is the type's (and the packing kernel's) business. */
struct panel_group {
	uint8_t q[8][PANEL_ROWS][4];
	float scale[2][PANEL_ROWS], base[2][PANEL_ROWS];
};

/* Whether a type has a scale for all 32 values (1) or for each 16 (2). */
static inline int
panel_halves(enum ttype t)
{
	switch (t) {
	case TT_Q4_0:
	case TT_Q4_1:
	case TT_Q4_K:
	case TT_Q5_0:
	case TT_Q5_1:
	case TT_Q5_K:
	case TT_Q8_0:
	case TT_Q8_1:
	case TT_IQ4_NL:
	case TT_MXFP4:
		return 1;
	default:
		return 2;
	}
}

/* Vectors in BF16, a group of 32 values after the other, so that the rows of a
 * tile follow each other wherever it begins.  What lies behind the last row is
 * read, not used: room for 15 rows more. */
struct bf16_rows {
	int64_t ld;		/* rows from group to group */
	uint16_t *v;		/* [n/32][ld][32], aligned to 64 bytes */
};

/* Vectors in 8 bits, as struct act has one; sums as floats.  Where products are
 * done on tiles (kern_tiles.h), in BF16 instead. */
struct act_rows {
	int64_t n;		/* values of a vector, whole groups */
	int8_t *q;		/* [rows][n] */
	float *d;		/* [rows][n/32] */
	float *sum;		/* [rows][n/16] */
	struct bf16_rows bf;
	struct act_rows *rest;	/* what rounding took (panel.h), or NULL */
	bool *twice;		/* [n/32] with rest: groups that need it */
};

#endif
