/* forward.h -- the forward pass: tokens in, logits out, keys and values left
 * in the cache.  One struct forward is the working memory of one timeline. */
#ifndef FIKR_FORWARD_H
#define FIKR_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "kern.h"
#include "kv.h"
#include "linear.h"
#include "model.h"
#include "pool.h"
#include "rope.h"

#define FORWARD_BATCH 256	/* tokens evaluated at once in prefill */
#define FORWARD_ROWS 64		/* rows of logits made at once */

/* Softmax over keys that are seen block by block: the largest score so far
 * and the sum of exp(score - max). */
struct attn_state {
	float max, sum;
};

struct forward {
	const struct model *m;
	struct linear_env env;	/* pool, kernels, scratch per worker */
	struct kv kv;
	struct rope rope;
	int batch;		/* rows of what follows */
	float *x;		/* [batch][n_embd] the residual stream */
	float *xn;		/* [batch][n_embd] normed */
	float *q;		/* [batch][n_head * dk] */
	float *k, *v;		/* [batch][n_head_kv * dk], ... * dv */
	float *att;		/* [batch][n_head * dv] */
	float *ff;		/* [batch][n_ff] */
	struct attn_state *state;	/* [n_head][batch] */
	struct act act_embd, act_att, act_ff;	/* one row, in 8 bits */
	float *logits;		/* [n_vocab] */
	float *rows;		/* [FORWARD_ROWS][n_vocab], made when asked */
	float **scratch;	/* [threads] */
};

int forward_init(struct forward *f, const struct model *m,
    const struct kern *kn, struct pool *pool, enum kv_type kv, int context,
    struct err *err);
void forward_done(struct forward *f);

/* Evaluate one token at pos, with logits.  All of these return false when the
 * pool was stopped: the cache then is as good as before below pos. */
bool forward_token(struct forward *f, int32_t tok, int pos);
/* Evaluate n <= f->batch tokens from pos on; no logits.  layer, which may be
 * NULL, is told how many layers are done after each. */
bool forward_batch(struct forward *f, const int32_t *tok, int n, int pos,
    void (*layer)(int done, void *ud), void *ud);
/* The logits of row `row` of the last batch, into f->logits. */
bool forward_logits(struct forward *f, int row);
/* The logits of all n rows of the last batch, which began at pos.  -1 when
 * there is no memory, else 0, or 1 when stopped. */
int forward_logits_all(struct forward *f, int n, int pos,
    void (*row)(int pos, const float *logits, void *ud), void *ud,
    struct err *err);

/* attn.c: f->att from f->q and the cache of layer il, for n tokens from pos
 * on, whose own keys and values are in the cache already. */
bool attn_token(struct forward *f, int il, int pos);
bool attn_batch(struct forward *f, int il, int n, int pos);
size_t attn_scratch(const struct hparams *hp);	/* floats for a worker */

#endif
