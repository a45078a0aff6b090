/* loop.h -- notices that a model writes the same over and over.  It looks for
 * two things: one token many times in a row, and a stretch of some tokens that
 * comes three times, once much is written: short lists and tables repeat
 * themselves, too. */
#ifndef FIKR_LOOP_H
#define FIKR_LOOP_H

#include <stdint.h>

#define LOOP_PERIOD_MIN 4
#define LOOP_PERIOD_MAX 128
#define LOOP_REPEATS 3		/* of such a stretch ... */
#define LOOP_SPAN 48		/* ... and tokens of them together */
#define LOOP_AFTER 512		/* tokens before it is looked for */
#define LOOP_BURST 64		/* of one token */

struct loop {			/* all zero: nothing written */
	int64_t n;		/* tokens so far */
	int32_t last[LOOP_PERIOD_MAX];	/* a ring of the newest */
	/* by period: how many of the newest are as the one so far before */
	int same[LOOP_PERIOD_MAX + 1];
};

/* The next token: the period of the loop that is there now, or 0. */
int loop_put(struct loop *l, int32_t token);

#endif
