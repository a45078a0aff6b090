/* num.h -- small arithmetic on counts, none of which is negative. */
#ifndef FIKR_NUM_H
#define FIKR_NUM_H

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

#endif
