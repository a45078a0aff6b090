/* kern_lanes.c -- see kern_lanes.h. */
#include "kern_lanes.h"

#include <stddef.h>

const struct lanes_form *
lanes_form(enum ttype t)
{
	static const struct lanes_form form[TT_COUNT] = {
		[TT_Q4_0] = { 1, 4, 1 },	/* d, qs */
		[TT_Q4_1] = { 2, 4, 2 },	/* d, m, qs */
		[TT_Q5_0] = { 1, 5, 1 },	/* d, qh, qs */
		[TT_Q5_1] = { 2, 5, 2 },	/* d, m, qh, qs */
		[TT_Q8_0] = { 1, 8, 1 },	/* d, qs */
		[TT_Q2_K] = { 0, 20, 2 },	/* scales, qs, d, dmin */
		[TT_Q3_K] = { 0, 27, 1 },	/* hmask, qs, scales, d */
		[TT_Q4_K] = { 2, 35, 2 },	/* d, dmin, scales, qs */
		[TT_Q5_K] = { 2, 43, 2 },	/* d, dmin, scales, qh, qs */
		[TT_Q6_K] = { 0, 52, 1 },	/* ql, qh, scales, d */
		[TT_IQ4_NL] = { 1, 4, 1 },	/* d, qs */
		[TT_IQ4_XS] = { 2, 33, 2 },	/* d, scales_h, scales_l, qs */
	};

	return form[t].words ? &form[t] : NULL;
}
