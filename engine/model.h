/* model.h -- a model read from a GGUF file: its hyperparameters and where its
 * weights lie, everything checked against everything else.  What differs
 * between architectures is in their struct arch (arch_*.c): a table of
 * tensors, and hyperparameters that switch on steps of the one forward
 * pass. */
#ifndef FIKR_MODEL_H
#define FIKR_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "gguf.h"
#include "lora.h"
#include "rope.h"

#define MODEL_MAX_LAYER 1024
#define MODEL_MAX_HEAD 1024
#define MODEL_MAX_HEAD_DIM 1024
#define MODEL_MAX_RANK 4096		/* of the factors of latent attention */
#define MODEL_MAX_CACHED (MODEL_MAX_RANK + MODEL_MAX_HEAD_DIM)
#define MODEL_MAX_WIDTH (1 << 20)	/* n_embd, n_ff */
#define MODEL_MAX_VOCAB (1 << 22)
#define MODEL_MAX_CONTEXT (1 << 24)
#define MODEL_MAX_EXPERT 4096
#define MODEL_MAX_EXPERT_USED 64

/* How gate and up of a feed-forward network join: act(gate) * up. */
enum glu { GLU_NONE, GLU_SILU, GLU_GELU };

/* A mixture of experts; n_expert 0: none. */
struct moe_params {
	int n_expert, n_used;		/* experts, those a token goes through */
	int n_ff, n_ff_shared;		/* width of one, of the shared one or
					 * 0 */
	int n_dense_lead;		/* first layers that have none */
	int n_group, n_group_used;	/* experts are chosen from so many
					 * groups; 1: no groups */
	bool sigmoid;			/* of each score, not a softmax */
	bool norm;			/* weights are made to sum to 1 ... */
	float scale;			/* ... and multiplied by this */
};

/* Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1);
 * kv_rank 0: none.  A head's key is nope values from the latent, then
 * rope.n_rot that turn and are the same for all heads. */
struct mla_params {
	int q_rank;			/* 0: queries have no factors */
	int kv_rank;
	int nope;
};

struct hparams {
	int n_layer;			/* without blocks that only draft */
	int n_embd, n_ff, n_vocab;
	int n_head, n_head_kv;		/* n_head a multiple of n_head_kv */
	int dk, dv;			/* width of a head: keys, values */
	int n_ctx_train;
	float eps;			/* of the RMS norms */
	float attn_scale;		/* of q.k, before the softmax */
	float embd_scale;		/* of embeddings */
	float logit_cap;		/* cap * tanh(logit / cap); 0: none */
	enum glu glu;
	struct rope_params rope;
	/* Sliding layers see the last `window` positions (their own
	 * included) and have a rope of their own; of `period` layers the last
	 * sees all.  window 0: none slides. */
	int window, period;
	struct rope_params rope_sliding;
	struct moe_params moe;
	struct mla_params mla;
};

/* A matrix in the file: out rows of in values, or `slices` of them, slice_bytes
 * apart (a layer's experts, a projection's heads). */
struct weight {
	enum ttype type;
	int in, out, slices;
	int slice;		/* of a view of one slice: which */
	int64_t row_bytes, slice_bytes;
	const uint8_t *data;	/* into the mapping; NULL: absent */
	float *bias;		/* [out] or NULL; owned */
	const struct lora *lora;	/* corrections, or NULL; borrowed */
	struct lane_store *lanes;	/* or NULL; the model's */
};

struct layer {
	bool sliding;
	float *attn_norm, *ffn_norm;	/* [n_embd]; vectors are owned */
	float *attn_post_norm, *ffn_post_norm;	/* of what is added; or NULL */

	struct weight wq, wk, wv;	/* n_embd -> heads */
	struct weight wo;		/* heads -> n_embd */
	float *q_norm, *k_norm;		/* [dk], of each head; or NULL */

	/* latent attention: wq, or wq_a, norm, wq_b */
	struct weight wq_a, wq_b;	/* n_embd -> q_rank -> heads */
	struct weight wkv_a;		/* n_embd -> kv_rank + n_rot */
	struct weight wk_b;		/* [n_head] slices nope -> kv_rank */
	struct weight wv_b;		/* [n_head] slices kv_rank -> dv */
	struct weight wkv_b;		/* older files: both in one, by head */
	float *q_a_norm, *kv_a_norm;	/* [q_rank], [kv_rank] */
	void *own_k_b, *own_v_b;	/* what wk_b, wv_b then point into */

	struct weight gate, up;		/* n_embd -> n_ff */
	struct weight down;		/* n_ff -> n_embd */

	/* experts; router.data NULL: a layer without */
	struct weight router;		/* n_embd -> n_expert */
	float *router_bias;		/* [n_expert], for the choice only */
	struct weight gate_exps, up_exps, down_exps;	/* by expert */
	struct weight gate_shared, up_shared, down_shared;
};

struct model;

/* The widths that tensors have, by hyperparameter. */
enum dim {
	DIM_NONE, DIM_EMBD, DIM_FF,
	DIM_HEAD_K, DIM_HEADS_K, DIM_HEADS_V,	/* dk, n_head * dk, ... */
	DIM_KV_K, DIM_KV_V,			/* n_head_kv * dk, ... */
	DIM_Q_RANK, DIM_KV_RANK, DIM_KV_ROW, DIM_NOPE, DIM_V, DIM_KV_B,
	DIM_HEADS,
	DIM_EXPERTS, DIM_FF_EXPERT, DIM_FF_SHARED
};

enum {			/* flags of a tensor */
	T_OPTIONAL = 1,
	T_BIASED = 2,	/* its bias has to be there, too */
	T_DENSE = 4,	/* in layers without experts only */
	T_MOE = 8	/* in layers with experts only */
};

/* A tensor of a layer: its name behind "blk.N.", the member of struct layer it
 * becomes, and its shape.  out DIM_NONE: a vector.  A dimension of width 0
 * (no shared experts, say): the tensor is not looked for. */
struct tensor_spec {
	const char *name;
	size_t at;
	enum dim in, out, slices;
	unsigned flags;
};

#define MATRIX(name, member, in, out, flags) \
	{ name ".weight", offsetof(struct layer, member), in, out, DIM_NONE, \
	    flags }
#define SLICES(name, member, in, out, slices, flags) \
	{ name ".weight", offsetof(struct layer, member), in, out, slices, \
	    flags }
#define VECTOR(name, member, in, flags) \
	{ name, offsetof(struct layer, member), in, DIM_NONE, DIM_NONE, flags }
#define TENSORS_END { NULL, 0, DIM_NONE, DIM_NONE, DIM_NONE, 0 }

/* Tables that several architectures share. */
extern const struct tensor_spec tensors_gqa[], tensors_qk_norm[],
    tensors_ffn[], tensors_moe[];

struct arch {
	const char *name;		/* general.architecture */
	enum rope_pairs rope_pairs;	/* which values rope turns together */
	enum glu glu;
	const struct tensor_spec *tensors[5];	/* tables, NULL at the end */
	/* Hyperparameters beyond the common ones; may be NULL. */
	int (*hparams)(struct model *m, struct err *err);
	/* What is left to do when layer il's tensors are there, and once more
	 * when adapters correct them; may be NULL. */
	int (*layer)(struct model *m, int il, struct err *err);
};

struct model {
	const struct arch *arch;
	const struct gguf *g;		/* borrowed; must outlive the model */
	struct hparams hp;
	struct lora_set *loras;		/* or NULL */
	struct lane_stores *lanes;	/* or NULL; of lane_store.c */
	struct weight tok_embd;		/* n_vocab rows of n_embd */
	struct layer *layers;		/* [n_layer] */
	int n_block;			/* of the file: the layers, and then
					 * blocks that only draft tokens */
	float *output_norm;		/* [n_embd], owned */
	struct weight output;		/* the head; tok_embd's when tied */
	float *rope_freqs;		/* [n_rot/2] divisors, or NULL; owned */
	int64_t n_params, bytes;	/* of all tensors */
	int64_t n_params_active;	/* that one token goes through */
	int64_t expert_bytes;		/* of bytes: the experts' */
	int64_t draft_bytes;		/* of bytes: never read */
	int64_t own_bytes;		/* of matrices taken apart, besides */
	int64_t decode_bytes;		/* weights read for one token */
	int64_t layer_macs;		/* multiply-adds of one token with the
					 * layers' matrices */
	enum ttype main_type;		/* the type of most bytes */
	bool *used;			/* [g->n_tensors], while reading */
};

/* The architectures, NULL at the end. */
extern const struct arch *const model_archs[];
extern const struct arch arch_llama, arch_qwen2, arch_qwen3, arch_qwen3moe,
    arch_gemma3, arch_deepseek2;

/* Bytes of the weights that every token reads. */
static inline int64_t
model_dense_bytes(const struct model *m)
{
	return m->bytes - m->expert_bytes - m->draft_bytes;
}

/* Read the model out of g.  NULL with a sentence on anything that is not
 * supported, missing, of the wrong shape or out of bounds.  Of a file that is
 * not whole (g->partial) shapes are read, and no data: such a model can be
 * described, not run. */
struct model *model_new(const struct gguf *g, struct err *err);
void model_free(struct model *m);
/* -1 where a vocabulary of n tokens is not this model's. */
int model_check_vocab(const struct model *m, int n, struct err *err);
/* Apply n adapters; once, and not to a partial model.  On failure, whose
 * sentence is about an adapter, the model is good for model_free alone. */
int model_adapt(struct model *m, const struct engine_lora *lora, int n,
    struct err *err);

/* Every matrix that vectors are multiplied with. */
void model_each_matrix(struct model *m, void (*fn)(struct weight *w,
    void *ud), void *ud);

/* What one token reads of a tensor of the file. */
enum tensor_use {
	USE_ALWAYS,	/* all of it */
	USE_CHOSEN,	/* the experts that it is sent to */
	USE_NEVER	/* nothing: it belongs to a block that only drafts */
};
enum tensor_use model_use(const struct model *m, const struct tensor *t);

/* For arch_*.c.  Keys are without the leading "arch.". */

/* Integer key into *v, which holds the default when need is false; an array
 * is accepted when all its elements agree.  Refused outside lo..hi. */
int model_int(const struct model *m, const char *key, bool need, int64_t lo,
    int64_t hi, int *v, struct err *err);
int model_float(const struct model *m, const char *key, bool need, double lo,
    double hi, float *v, struct err *err);
int model_bool(const struct model *m, const char *key, bool *v,
    struct err *err);
/* The keys of a mixture of experts into hp.moe, which holds defaults. */
int model_moe(struct model *m, struct err *err);

/* model_tensors.c, for model.c: everything in the file that is data. */
int model_read_tensors(struct model *m, struct err *err);
int model_finish_layers(struct model *m, struct err *err);
/* Find what m->loras correct. */
int model_find_loras(struct model *m, struct err *err);
void model_free_tensors(struct model *m);
void model_count(struct model *m);

#endif
