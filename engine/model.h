/* model.h -- a model read from a GGUF file: its hyperparameters and where its
 * weights lie, everything checked against everything else.  What differs
 * between architectures is in their struct arch (arch_*.c), nowhere else. */
#ifndef FIKR_MODEL_H
#define FIKR_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "gguf.h"
#include "lora.h"
#include "rope.h"

#define MODEL_MAX_LAYER 1024
#define MODEL_MAX_HEAD 1024
#define MODEL_MAX_HEAD_DIM 1024
#define MODEL_MAX_WIDTH (1 << 20)	/* n_embd, n_ff */
#define MODEL_MAX_VOCAB (1 << 22)
#define MODEL_MAX_CONTEXT (1 << 24)

struct hparams {
	int n_layer, n_embd, n_ff, n_vocab;
	int n_head, n_head_kv;		/* n_head a multiple of n_head_kv */
	int dk, dv;			/* width of a head: keys, values */
	int n_ctx_train;
	float eps;			/* of the RMS norms */
	float attn_scale;		/* of q.k, before the softmax */
	struct rope_params rope;
};

/* A matrix in the file: out rows of in values, or `slices` of them one after
 * the other (a layer's experts, an absorbed projection's heads). */
struct weight {
	enum ttype type;
	int in, out, slices;
	int slice;		/* of a view of one slice: which */
	int64_t row_bytes;
	const uint8_t *data;	/* into the mapping; NULL: absent */
	float *bias;		/* [out] or NULL; owned */
	const struct lora *lora;	/* corrections, or NULL; borrowed */
};

struct layer {
	float *attn_norm;		/* [n_embd], owned */
	struct weight wq, wk, wv;	/* n_embd -> heads */
	struct weight wo;		/* heads -> n_embd */
	float *ffn_norm;		/* [n_embd], owned */
	struct weight gate, up;		/* n_embd -> n_ff */
	struct weight down;		/* n_ff -> n_embd */
};

struct model;

/* One architecture: its name in general.architecture, how its rope pairs
 * values, and the hooks that read what is its own. */
struct arch {
	const char *name;
	enum rope_pairs rope_pairs;
	/* Read and check hyperparameters beyond the common ones; may be
	 * NULL. */
	int (*hparams)(struct model *m, struct err *err);
	/* Find the tensors of layer il. */
	int (*layer)(struct model *m, int il, struct err *err);
};

struct model {
	const struct arch *arch;
	const struct gguf *g;		/* borrowed; must outlive the model */
	struct hparams hp;
	struct weight tok_embd;		/* n_vocab rows of n_embd */
	struct layer *layers;		/* [n_layer] */
	float *output_norm;		/* [n_embd], owned */
	struct weight output;		/* the head; tok_embd's when tied */
	float *rope_freqs;		/* [n_rot/2] divisors, or NULL; owned */
	int64_t n_params, bytes;	/* of all tensors */
	int64_t decode_bytes;		/* weights read for one token */
	enum ttype main_type;		/* the type of most bytes */
};

/* The architectures, NULL at the end. */
extern const struct arch *const model_archs[];
extern const struct arch arch_llama, arch_qwen2;

/* Read the model out of g.  NULL with a sentence on anything that is not
 * supported, missing, of the wrong shape or out of bounds. */
struct model *model_new(const struct gguf *g, struct err *err);
void model_free(struct model *m);

/* For arch_*.c.  Keys are without the leading "arch.". */

/* Integer key into *v, which holds the default when need is false; an array
 * is accepted when all its elements agree.  Refused outside lo..hi. */
int model_int(const struct model *m, const char *key, bool need, int64_t lo,
    int64_t hi, int *v, struct err *err);
int model_float(const struct model *m, const char *key, bool need, double lo,
    double hi, float *v, struct err *err);
/* A matrix of exactly this shape named "blk.<il>.<name>.weight" (il < 0:
 * "<name>.weight"), with its bias where the file has one. */
int model_weight(struct model *m, int il, const char *name, int in, int out,
    struct weight *w, struct err *err);
/* A vector of n values as F32, in new memory. */
int model_vector(struct model *m, int il, const char *name, int n, float **v,
    struct err *err);
/* The tensors of a layer of the plain kind (llama, qwen2). */
int model_dense_layer(struct model *m, int il, struct err *err);

#endif
