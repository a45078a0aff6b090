/* lora.h -- LoRA adapters (Hu et al., arXiv 2106.09685): GGUF files that
 * correct matrices of a model by a product of two thin ones,
 *	w x + scale * alpha / rank * b (a x),
 * applied while computing; the model's own weights stay as they are. */
#ifndef FIKR_LORA_H
#define FIKR_LORA_H

#include "engine.h"
#include "err.h"
#include "kern.h"

#define LORA_MAX_FILES 16
#define LORA_MAX_RANK 4096

/* What one adapter does to one matrix (or to its slices: experts, heads). */
struct lora {
	const struct lora *next;	/* of the next adapter, or NULL */
	int rank, in, out;
	float scale;			/* all factors together */
	const void *a;			/* [slices_a][rank][in] */
	const void *b;			/* [slices_b][out][rank] */
	enum ttype type_a, type_b;	/* F32, F16 or BF16 */
	int slices_a, slices_b;		/* 1: all slices share it */
	const struct kern *kn;
};

struct lora_set;		/* all adapters of a model */

/* Read and check n <= LORA_MAX_FILES files.  NULL with a sentence. */
struct lora_set *lora_open(const struct engine_lora *l, int n,
    const char *arch, struct err *err);
void lora_free(struct lora_set *s);
/* The corrections of the tensor `name` ("blk.0.attn_q.weight"), which has this
 * shape, into *l: NULL if there are none (or no set).  -1 when an adapter's
 * shape does not fit. */
int lora_find(struct lora_set *s, const char *name, int in, int out,
    int slices, const struct lora **l, struct err *err);
/* A tensor that is never computed with: nor is what corrects it. */
void lora_skip(struct lora_set *s, const char *name);
/* After the model took what it has: -1 if an adapter corrects a tensor that
 * nobody asked for. */
int lora_check_used(const struct lora_set *s, struct err *err);

/* A checksum of the files and their scales; 0: no set. */
uint64_t lora_sum(const struct lora_set *s);

/* The two products, for slice `slice` of the matrix.  lora_rank: floats a row
 * of t; 0 without adapters (then the rest does nothing). */
int lora_rank(const struct lora *l);
/* t[rows][lora_rank] = a x, for x [rows][in] */
void lora_down(const struct lora *l, int slice, const float *x, int rows,
    float *t);
/* Values j0 .. j1 - 1 of t for one x: a part of the above for a worker. */
void lora_down_part(const struct lora *l, int slice, const float *x, int j0,
    int j1, float *t);
/* out[rows][ld] += scale * b t, for rows r .. r + n - 1 of the matrix */
void lora_up(const struct lora *l, int slice, const float *t, int rows, int r,
    int n, float *out, int ld);

/* w[n][in] += scale * b a: rows r .. r + n - 1 of the matrix, where it is
 * needed itself rather than a product with it. */
void lora_merge(const struct lora *l, int slice, int r, int n, float *w);
/* The same for the embedding x of a token, before the model scales it.  In the
 * files the embedding is the other way round (a holds a row for each token, b
 * one for each of the n_embd values); lora_open turns it, so that the
 * corrections of token_embd.weight are as any other's: a [rank][n_embd],
 * b [n_vocab][rank].  A head tied to the embedding may share them, which is
 * what merging the adapter into the weights would do. */
void lora_embed(const struct lora *l, int token, float *x);

#endif
