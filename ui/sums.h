/* sums.h -- a list of sizes whose sums are at hand: how much lies before the
 * i-th, which one a place lies in, in logarithmic time each (a tree after
 * Fenwick).  A zeroed struct is an empty list. */
#ifndef FIKR_SUMS_H
#define FIKR_SUMS_H

#include <stddef.h>

struct sums {
	size_t *v;		/* [n + 1], from 1 */
	size_t n, cap;
	size_t total;
};

void sums_free(struct sums *s);			/* empty again */
void sums_push(struct sums *s, size_t size);
/* The i-th changes from one size to another. */
void sums_change(struct sums *s, size_t i, size_t from, size_t to);
size_t sums_before(const struct sums *s, size_t i);
/* The one that holds place at, or the last one (n > 0). */
size_t sums_find(const struct sums *s, size_t at);

#endif
