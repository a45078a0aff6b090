/* forward.h -- the forward pass: tokens in, logits out, keys and values left
 * in the cache.  One struct forward is the working memory of one timeline. */
#ifndef FIKR_FORWARD_H
#define FIKR_FORWARD_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "few.h"
#include "kern.h"
#include "kv.h"
#include "linear.h"
#include "model.h"
#include "moe.h"
#include "pool.h"
#include "profile.h"
#include "rope.h"

#define FORWARD_BATCH 512	/* tokens of a batch at most */
#define FORWARD_ROWS 64		/* rows of logits made at once */

/* Softmax over keys that are seen block by block: the largest score so far
 * and the sum of exp(score - max); that is 0 before the first. */
struct attn_state {
	float max, sum;
};

struct forward {
	const struct model *m;
	struct linear_env env;	/* pool, kernels, scratch per worker */
	struct kv kv;
	struct rope rope, rope_sliding;
	int context;
	int ring;		/* positions that sliding layers keep */
	int top, lost;		/* positions written so far; those below lost
				 * are written over on sliding layers */
	bool paged;		/* experts come from the disk as chosen */
	int batch;		/* rows of what follows */
	float *x;		/* [batch][n_embd] the residual stream */
	float *xn;		/* [batch][n_embd] normed */
	float *q;		/* [batch][n_head * dk] */
	float *q_a;		/* [batch][q_rank], latent attention */
	float *k, *v;		/* [batch][n_head_kv * dk], ... * dv; latent:
				 * k [batch][kv_rank + n_rot] */
	float *att;		/* [batch][n_head * dv] */
	float *ff;		/* [batch][n_ff or n_ff_shared] */
	struct moe moe;
	struct attn_state *state;	/* [n_head][batch] */
	float *parts;		/* of a token's attention, see attn.c */
	struct few input;	/* of the calling thread */
	struct few *inputs;	/* [threads], one vector each */
	float *logits;		/* [n_vocab] */
	struct profile profile;
	float **scratch;	/* [threads] */
	struct act_rows x8;	/* [batch] inputs of products by panels */
};

/* paged: the model does not fit into memory. */
int forward_init(struct forward *f, const struct model *m,
    const struct kern *kn, struct pool *pool, enum kv_type kv, int context,
    bool paged, struct err *err);
void forward_done(struct forward *f);

/* Evaluate n <= FEW_MAX tokens from pos on, with logits [n][n_vocab]: of each
 * the same bits, however many are evaluated at once.  All of these return
 * false when the pool was stopped: the cache then is as good as before below
 * pos. */
bool forward_few(struct forward *f, const int32_t *tok, int n, int pos,
    float *logits);
/* Evaluate n <= f->batch tokens from pos on; no logits.  layer, which may be
 * NULL, is told how many layers are done after each. */
bool forward_batch(struct forward *f, const int32_t *tok, int n, int pos,
    void (*layer)(int done, void *ud), void *ud);
/* The logits of row `row` of the last batch, into f->logits. */
bool forward_logits(struct forward *f, int row);
/* The logits of rows first .. first + n - 1 of the last batch, n <=
 * FORWARD_ROWS, into logits [n][n_vocab]. */
bool forward_logits_rows(struct forward *f, int first, int n, float *logits);
/* Of n positions that are in the cache, how many can be built on: n, or 0
 * where a sliding layer has lost what the next position would see. */
int forward_keeps(struct forward *f, int n);

/* What a model takes in memory, in bytes. */
struct model_needs {
	int64_t dense;		/* weights that every token reads */
	int64_t experts;	/* weights that some tokens read */
	int64_t kv;		/* the cache, when the context is full */
	int64_t work;		/* working memory */
};
void model_needs(const struct model *m, enum kv_type kv, int context,
    struct model_needs *out);

#endif
