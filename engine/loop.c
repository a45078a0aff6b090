/* loop.c -- notices that a model writes the same over and over. */
#include "loop.h"

#include <stdbool.h>

/* Whether token is the one that came `period` before it. */
static bool
repeats(const struct loop *l, int period, int32_t token)
{
	return l->n >= period &&
	    l->last[(l->n - period) % LOOP_PERIOD_MAX] == token;
}

/* The stretch and its repeats, in tokens, are there. */
static bool
loops(const struct loop *l, int period)
{
	int all = l->same[period] + period;

	return all >= LOOP_REPEATS * period && all >= LOOP_SPAN;
}

int
loop_put(struct loop *l, int32_t token)
{
	int found = 0;

	l->same[1] = repeats(l, 1, token) ? l->same[1] + 1 : 0;
	for (int p = LOOP_PERIOD_MIN; p <= LOOP_PERIOD_MAX; p++) {
		l->same[p] = repeats(l, p, token) ? l->same[p] + 1 : 0;
		if (!found && l->n >= LOOP_AFTER && loops(l, p))
			found = p;
	}
	l->last[l->n++ % LOOP_PERIOD_MAX] = token;
	return l->same[1] + 1 >= LOOP_BURST ? 1 : found;
}
