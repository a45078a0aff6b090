/* cands.h -- the likeliest of many tokens, found without putting all of them
 * in order: the largest logit of each block of tokens says which blocks are
 * worth looking into. */
#ifndef FIKR_CANDS_H
#define FIKR_CANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "kern.h"

struct cand { float logit; int id; };

struct cands {
	int n, n_blocks;	/* tokens, blocks */
	const struct kern *kn;
	const float *given;	/* [n] until the next cands_take */
	float *own;		/* [n] blocks that were changed */
	bool *changed;		/* [n_blocks] */
	float *most;		/* [n_blocks] the largest of each, or -inf */
	double *mass;		/* [n_blocks] */
	struct cand *v;		/* [n] those that were asked for */
	struct cand *spare;	/* [n] */
};

void cands_init(struct cands *c, int n, const struct kern *kn);
void cands_done(struct cands *c);
/* Take logits[n], which must stay, with no changes. */
void cands_take(struct cands *c, const float *logits);
/* Have token id's logit be another one. */
void cands_change(struct cands *c, int id, float logit);
/* Once all changes are made: the largest logit, NaN left out; -inf if there is
 * none.  The rest is only for after that. */
float cands_scan(struct cands *c);
int cands_first(const struct cands *c, float logit);	/* or -1 */

/* Fill v with the k likeliest tokens, in order, of equals the lower id first;
 * how many there are. */
int cands_top(struct cands *c, int k);
/* The same with k or more: all that are no less likely than the last.  From
 * n_blocks on k is all. */
int cands_front(struct cands *c, int k);
/* The sum of exp((logit - max) * scale) over the tokens whose logit is bar or
 * more. */
double cands_mass(struct cands *c, float max, float scale, float bar);
/* After cands_mass with the same numbers: the token at which the sum, taken in
 * the vocabulary's order, comes above `at`; or -1. */
int cands_at(const struct cands *c, float max, float scale, float bar,
    double at);

#endif
