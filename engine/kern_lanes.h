/* kern_lanes.h -- rows in lanes: 16 rows of a quantised matrix, interleaved so
 * that one load gives 16 lanes the same four bytes of their rows.  It is the
 * file's bytes in another order, no more of them: block b of the 16 rows is
 *	uint32_t word[form.words][16];	in the order they have in a block
 *	uint16_t half[form.halves][16];	the fields of two bytes, too
 * and the blocks of the rows follow each other. */
#ifndef FIKR_KERN_LANES_H
#define FIKR_KERN_LANES_H

#include <stdint.h>

#include "quant.h"

#define LANES 16

/* How a block of a type is cut up. */
struct lanes_form {
	int first;	/* halves before the words */
	int words;
	int halves;	/* of all; the rest comes after the words */
};

/* NULL for types that are not kept in lanes. */
const struct lanes_form *lanes_form(enum ttype t);

#endif
