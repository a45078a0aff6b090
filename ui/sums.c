/* sums.c -- prefix sums that can change. */
#include "sums.h"

#include <stdlib.h>

#include "alloc.h"

/* Differences may wrap around: sums of size_t come out right all the same. */

void
sums_free(struct sums *s)
{
	free(s->v);
	*s = (struct sums){ 0 };
}

void
sums_push(struct sums *s, size_t size)
{
	size_t i = s->n + 1;

	if (i >= s->cap) {
		s->cap = s->cap ? s->cap * 2 : 32;
		s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	/* A node holds the sum of as many as its lowest bit says. */
	s->v[i] = s->total + size - sums_before(s, i - (i & (~i + 1)));
	s->n = i;
	s->total += size;
}

void
sums_change(struct sums *s, size_t i, size_t from, size_t to)
{
	for (i++; i <= s->n; i += i & (~i + 1))
		s->v[i] += to - from;
	s->total += to - from;
}

size_t
sums_before(const struct sums *s, size_t i)
{
	size_t sum = 0;

	for (; i > 0; i -= i & (~i + 1))
		sum += s->v[i];
	return sum;
}

size_t
sums_find(const struct sums *s, size_t at)
{
	size_t i = 0, step = 1;

	while (step * 2 <= s->n)
		step *= 2;
	for (; step > 0; step /= 2)
		if (i + step <= s->n && s->v[i + step] <= at) {
			i += step;
			at -= s->v[i];
		}
	return i < s->n ? i : s->n - 1;
}
