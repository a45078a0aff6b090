/* attn_priv.h -- what attention of a token (attn_token.c) and of a batch
 * (attn.c) share; for them alone. */
#ifndef FIKR_ATTN_PRIV_H
#define FIKR_ATTN_PRIV_H

#include <math.h>

#include "attn.h"
#include "num.h"

#define KEY_BLOCK 256		/* keys taken at once */
#define TASK_HEADS 8		/* heads in a task at most */

/* A layer's attention, as its tasks see it. */
struct attn_job {
	struct forward *f;
	const struct layer *l;
	int il, n, pos;
	int part;		/* heads in a task */
	int range;		/* keys in a task */
	float *q, *att;		/* of the one token */
};

/* A query that has seen no keys. */
#define ATTN_NOTHING ((struct attn_state){ -INFINITY, 0.0f })

/* Turn the scores of a block of n keys into weights; out [dv], the mix of the
 * earlier blocks, becomes what it is beside them. */
void attn_take(const struct kern *kn, struct attn_state *st, float *score,
    int n, float *out, int dv);

/* The first position that a query at pos sees. */
static inline int
first_seen(const struct hparams *hp, const struct layer *l, int pos)
{
	return l->sliding ? max_int(0, pos - hp->window + 1) : 0;
}

/* The largest divisor of n that is at most `most`. */
static inline int
divisor(int n, int most)
{
	int d = max_int(1, min_int(n, most));

	while (n % d)
		d--;
	return d;
}

#endif
