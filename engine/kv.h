/* kv.h -- the cache of keys and values: one row a position, per layer and kv
 * head.  How a row is stored is known here alone. */
#ifndef FIKR_KV_H
#define FIKR_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"
#include "err.h"
#include "kern.h"

#define KV_MAX_WIDTH 8192	/* values in a row */

/* What a layer caches. */
struct kv_spec {
	int n_head;
	int dk, dv;		/* values in a row of keys, of values */
	bool shared;		/* a value is the beginning of its key (latent
				 * attention): no rows of its own */
	int rows;		/* positions kept; fewer than the context: a
				 * ring, in which new ones take the place of
				 * the oldest */
};

struct kv_layer {
	struct kv_spec s;
	size_t k_row, v_row;		/* bytes of a row */
	unsigned char *k, *v;		/* [n_head][rows] */
};

struct kv {
	enum kv_type type;
	int n_layer;
	struct kv_layer *layers;
	unsigned char *mem;
	size_t bytes;
};

/* Bytes that a cache of these layers takes when full. */
int64_t kv_bytes(enum kv_type type, const struct kv_spec *s, int n_layer);
/* Reserve room; the memory is taken as rows are written.  Fails when the
 * machine could never hold it. */
int kv_init(struct kv *c, enum kv_type type, const struct kv_spec *s,
    int n_layer, struct err *err);
void kv_done(struct kv *c);

/* How many of the n positions from pos on lie one after the other in memory:
 * the functions below, but kv_put, take no more at a time. */
int kv_run(const struct kv *c, int layer, int pos, int n);

/* Where the rows of such positions lie, those of the values or of the keys, and
 * the bytes of each.  NULL: the values are the beginnings of the keys. */
unsigned char *kv_rows(const struct kv *c, int layer, int head, int pos,
    bool values, size_t *row);

/* Store the row of a position: k[dk], v[dv] (not read when shared). */
void kv_put(struct kv *c, const struct kern *kn, int layer, int head, int pos,
    const float *k, const float *v);
/* Some queries q[heads][ldq] of one kv head: score[h][i], lds apart, = q[h] .
 * key of position pos + i, for i in 0..n-1.  scratch: n * dk floats. */
void kv_scores(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, const float *q, int ldq, int heads, float *score, int lds,
    float *scratch);
/* out[h], ldo apart, += sum of weight[h][i] * value of position pos + i.
 * scratch: n * dv floats. */
void kv_mix(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, const float *weight, int ldw, int heads, float *out,
    int ldo, float *scratch);
/* Rows pos..pos+n-1 as F32: keys [n][dk], values [n][ld], keys turned
 * [dk][ld]. */
void kv_load_k(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *k);
void kv_load_v(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *v, int ld);
void kv_load_kt(const struct kv *c, const struct kern *kn, int layer,
    int head, int pos, int n, float *kt, int ld);

#endif
