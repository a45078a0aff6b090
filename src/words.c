/* words.c -- see words.h. */
#include "words.h"

#include <stdint.h>
#include <string.h>

#define WORD_MAX 32

static size_t
min3(size_t a, size_t b, size_t c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

size_t
words_distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], diagonal, above;
	size_t na = strlen(a), nb = strlen(b);

	if (na > WORD_MAX || nb > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			above = row[j];
			row[j] = min3(above + 1, row[j - 1] + 1,
			    diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[nb];
}

const char *
words_nearest(const char *word, const void *table, size_t n, size_t stride)
{
	const char *best = NULL;
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		const char *name = *(const char *const *)(const void *)
		    ((const char *)table + i * stride);
		size_t d = name ? words_distance(word, name) : SIZE_MAX;

		if (name && (!best || d < least)) {
			best = name;
			least = d;
		}
	}
	return best;
}
