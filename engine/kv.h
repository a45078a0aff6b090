/* kv.h -- the cache of keys and values: one row a position, per layer and kv
 * head.  How a row is stored is known here alone. */
#ifndef FIKR_KV_H
#define FIKR_KV_H

#include <stddef.h>

#include "engine.h"
#include "err.h"
#include "kern.h"

struct kv {
	enum kv_type type;
	int n_layer, n_head, context;
	int dk, dv;			/* values in a row of keys, of values */
	size_t elem;			/* bytes a value */
	unsigned char *k, *v;		/* [n_layer][n_head][context][d] */
	size_t k_bytes, v_bytes;
};

/* Reserve room for context positions; the memory is taken as rows are
 * written.  Fails when the machine could never hold it. */
int kv_init(struct kv *c, enum kv_type type, int n_layer, int n_head, int dk,
    int dv, int context, struct err *err);
void kv_done(struct kv *c);

/* Store the row of a position: k[dk], v[dv]. */
void kv_put(struct kv *c, const struct kern *kn, int layer, int head, int pos,
    const float *k, const float *v);
/* score[i] = q[dk] . key of position pos + i, for i in 0..n-1. */
void kv_scores(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, const float *q, float *score);
/* out[dv] += sum of weight[i] * value of position pos + i. */
void kv_mix(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, const float *weight, float *out);
/* Rows pos..pos+n-1 as F32: keys [n][dk], values transposed [dv][ld]. */
void kv_load_k(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *k);
void kv_load_v(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *vt, int ld);

#endif
