/* kern_lanes.c -- see kern_lanes.h. */
#include "kern_lanes.h"

#include <stddef.h>
#include <string.h>

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

/* n fields of `size` bytes (2 or 4), from byte `at` of each row on; gives where
 * the next ones go. */
static uint8_t *
put_fields(const uint8_t *rows, int64_t row_bytes, int n, size_t size,
    uint8_t *out)
{
	for (int i = 0; i < n; i++, rows += size)
		for (int r = 0; r < LANES; r++, out += size)
			memcpy(out, rows + r * row_bytes, size);
	return out;
}

void
lanes_put(enum ttype t, const void *rows, int64_t row_bytes, int64_t blocks,
    void *out)
{
	const struct lanes_form f = *lanes_form(t);
	int bytes = ttype_info(t)->bytes;
	const uint8_t *from = rows;
	uint8_t *to = out;

	for (int64_t b = 0; b < blocks; b++, from += bytes) {
		const uint8_t *words = from + f.first * 2;

		to = put_fields(words, row_bytes, f.words, 4, to);
		to = put_fields(from, row_bytes, f.first, 2, to);
		to = put_fields(words + f.words * 4, row_bytes,
		    f.halves - f.first, 2, to);
	}
}
