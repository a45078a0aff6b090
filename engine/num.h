/* num.h -- small arithmetic: on counts, none of which is negative, and on rows
 * of floats. */
#ifndef FIKR_NUM_H
#define FIKR_NUM_H

#include <stdint.h>

static inline int
max_int(int a, int b)
{
	return a > b ? a : b;
}

static inline int
min_int(int a, int b)
{
	return a < b ? a : b;
}

/* How many pieces of `size` n makes, the last one perhaps smaller. */
static inline int
pieces(int n, int size)
{
	return (n + size - 1) / size;
}

static inline int
round_up(int n, int to)
{
	return pieces(n, to) * to;
}

/* A file that is only described may claim anything: its sums stay at the
 * largest number. */
static inline void
add_capped(int64_t *sum, int64_t n)
{
	if (__builtin_add_overflow(*sum, n, sum))
		*sum = INT64_MAX;
}

static inline void
scale_row(float *x, float by, int n)
{
	for (int i = 0; i < n; i++)
		x[i] *= by;
}

#endif
