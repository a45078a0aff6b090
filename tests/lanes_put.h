/* lanes_put.h -- rows in lanes as kern_lanes.h says, field by field: what the
 * quick ways of turning them are tested against. */
#ifndef FIKR_LANES_PUT_H
#define FIKR_LANES_PUT_H

#include <string.h>

#include "kern_lanes.h"

/* n fields of `size` bytes of each row; gives where the next ones go. */
static uint8_t *
put_fields(const uint8_t *rows, int64_t row_bytes, int n, size_t size,
    uint8_t *out)
{
	for (int i = 0; i < n; i++, rows += size)
		for (int r = 0; r < LANES; r++, out += size)
			memcpy(out, rows + r * row_bytes, size);
	return out;
}

static void
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

#endif
