/* lora.h -- LoRA adapters (Hu et al., arXiv 2106.09685): GGUF files that
 * correct matrices of a model by a product of two thin ones,
 *	w x + scale * alpha / rank * b (a x),
 * applied while computing; the model's own weights stay as they are. */
#ifndef FIKR_LORA_H
#define FIKR_LORA_H

#include "engine.h"
#include "err.h"

/* What one adapter does to one matrix (or to its slices: experts, heads). */
struct lora {
	const struct lora *next;	/* of the next adapter, or NULL */
	int rank, in, out;
	float scale;			/* all factors together */
	const float *a;			/* [slices_a][rank][in] */
	const float *b;			/* [slices_b][out][rank] */
	int slices_a, slices_b;		/* 1: all slices share it */
};

struct weight;
struct lora_set;		/* all adapters of a model */

/* Read and check the files.  NULL with a sentence. */
struct lora_set *lora_open(const struct engine_lora *l, int n,
    const char *arch, struct err *err);
void lora_free(struct lora_set *s);
/* The corrections of the tensor `name` ("blk.0.attn_q.weight"), which has this
 * shape, into *l: NULL if there are none (or no set).  -1 when an adapter's
 * shape does not fit. */
int lora_find(struct lora_set *s, const char *name, int in, int out,
    int slices, const struct lora **l, struct err *err);
/* After the model took what it has: -1 if an adapter corrects a tensor that
 * nobody asked for. */
int lora_check_used(const struct lora_set *s, struct err *err);

/* The two products, for slice `slice` of the matrix.  lora_rank: floats a row
 * of t; 0 without adapters. */
int lora_rank(const struct lora *l);
/* t[rows][lora_rank] = a x, for x [rows][in] */
void lora_down(const struct lora *l, int slice, const float *x, int rows,
    float *t);
/* out[rows][ld] += scale * b t, for rows r .. r + n - 1 of the matrix */
void lora_up(const struct lora *l, int slice, const float *t, int rows, int r,
    int n, float *out, int ld);

#endif
