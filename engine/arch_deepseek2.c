/* arch_deepseek2.c -- "deepseek2": DeepSeek-V2, V3 and R1.  Keys and values
 * of all heads come from one latent vector (wk_b, wv_b), which is all that the
 * cache holds; most layers are mixtures of experts. */
#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "model.h"

/* The last blocks may be there to draft tokens (multi-token prediction): they
 * are counted among the blocks, and no layers of the model. */
static int
drop_draft_blocks(struct model *m, struct err *err)
{
	int n = 0;

	if (model_int(m, "nextn_predict_layers", false, 0, m->hp.n_layer - 1,
	    &n, err))
		return -1;
	m->hp.n_layer -= n;
	return 0;
}

/* Newer files say the widths of a head apart from those of a cached row. */
static int
read_widths(struct model *m, struct err *err)
{
	struct hparams *hp = &m->hp;
	struct mla_params *a = &hp->mla;

	if (model_int(m, "attention.q_lora_rank", false, 0, MODEL_MAX_RANK,
	    &a->q_rank, err) ||
	    model_int(m, "attention.kv_lora_rank", true, 1, MODEL_MAX_RANK,
	    &a->kv_rank, err) ||
	    model_int(m, "attention.key_length_mla", false, 2,
	    MODEL_MAX_HEAD_DIM, &hp->dk, err) ||
	    model_int(m, "attention.value_length_mla", false, 1,
	    MODEL_MAX_HEAD_DIM, &hp->dv, err))
		return -1;
	a->nope = hp->dk - hp->rope.n_rot;
	if (a->nope < 1)
		return err_set(err, "the heads' keys are %d wide, of which %d "
		    "turn with the position, so that nothing is left; the "
		    "file is damaged", hp->dk, hp->rope.n_rot);
	hp->n_head_kv = hp->n_head;
	return 0;
}

/* DeepSeek has YaRN's magnitude in the scale of the scores instead of in the
 * rotation (the model's own code: modeling_deepseek.py, softmax_scale). */
static int
read_magnitude(struct model *m, struct err *err)
{
	struct hparams *hp = &m->hp;
	float by = 0.0f;
	double ln, mag;

	if (hp->rope.scaling != ROPE_SCALING_YARN)
		return 0;
	if (model_float(m, "rope.scaling.yarn_log_multiplier", false, 0, 10,
	    &by, err))
		return -1;
	if (by == 0.0f || hp->rope.factor <= 1.0f)
		return 0;
	ln = log(hp->rope.factor);
	mag = 1.0 + by * ln;
	hp->attn_scale = (float)(mag * mag / sqrt(hp->dk));
	hp->rope.attn_factor /= (float)(1.0 + 0.1 * ln);
	return 0;
}

static int
deepseek2_hparams(struct model *m, struct err *err)
{
	struct moe_params *moe = &m->hp.moe;

	if (drop_draft_blocks(m, err) || read_widths(m, err) ||
	    read_magnitude(m, err) || model_moe(m, err))
		return -1;
	return model_int(m, "leading_dense_block_count", false, 0,
	    MODEL_MAX_LAYER, &moe->n_dense_lead, err);
}

static const struct tensor_spec latent[] = {
	MATRIX("attn_q", wq, DIM_EMBD, DIM_HEADS_K, T_OPTIONAL),
	MATRIX("attn_q_a", wq_a, DIM_EMBD, DIM_Q_RANK, 0),
	MATRIX("attn_q_b", wq_b, DIM_Q_RANK, DIM_HEADS_K, 0),
	VECTOR("attn_q_a_norm.weight", q_a_norm, DIM_Q_RANK, 0),
	MATRIX("attn_kv_a_mqa", wkv_a, DIM_EMBD, DIM_KV_ROW, 0),
	VECTOR("attn_kv_a_norm.weight", kv_a_norm, DIM_KV_RANK, 0),
	SLICES("attn_k_b", wk_b, DIM_NOPE, DIM_KV_RANK, DIM_HEADS, T_OPTIONAL),
	SLICES("attn_v_b", wv_b, DIM_KV_RANK, DIM_V, DIM_HEADS, T_OPTIONAL),
	MATRIX("attn_kv_b", wkv_b, DIM_KV_RANK, DIM_KV_B, T_OPTIONAL),
	MATRIX("attn_output", wo, DIM_HEADS_V, DIM_EMBD, 0),
	TENSORS_END
};

/* ---- older files: wk_b and wv_b out of one matrix ---- */

/* Memory for a weight of our own; of a file that is only described, none. */
static int
own_slices(struct model *m, int il, struct weight *w, enum ttype type, int in,
    int out, void **own, struct err *err)
{
	int slices = m->hp.n_head;

	*w = (struct weight){ .type = type, .in = in, .out = out,
		.slices = slices, .row_bytes = ttype_row_bytes(type, in) };
	w->slice_bytes = w->row_bytes * out;
	m->own_bytes += w->slice_bytes * slices;
	if (m->g->partial)
		return 0;
	w->data = *own = calloc((size_t)slices, (size_t)w->slice_bytes);
	return *own ? 0 : err_set(err, "not enough memory to take the "
	    "attention of layer %d apart; take a newer conversion of the "
	    "model, which needs no such copy", il);
}

static void
put(enum ttype type, void *own, size_t at, float v)
{
	if (type == TT_F32)
		((float *)own)[at] = v;
	else
		((uint16_t *)own)[at] = f32_to_f16(v);
}

/* Each head has nope rows for its keys, which are turned over, as it is the
 * queries that are brought to the latent space, then dv rows for values. */
static void
split_kv_b(const struct hparams *hp, struct layer *l)
{
	const struct weight *w = &l->wkv_b;
	size_t nope = (size_t)hp->mla.nope, dv = (size_t)hp->dv;
	size_t rank = (size_t)hp->mla.kv_rank;
	float *row = xcalloc(rank, sizeof *row);

	for (size_t r = 0; r < (size_t)w->out; r++) {
		size_t h = r / (nope + dv), i = r % (nope + dv);

		dequant_row(w->type, w->data + (int64_t)r * w->row_bytes, row,
		    w->in);
		lora_merge(w->lora, 0, (int)r, 1, row);
		for (size_t j = 0; j < rank; j++)
			if (i < nope)
				put(l->wk_b.type, l->own_k_b,
				    (h * rank + j) * nope + i, row[j]);
			else
				put(l->wv_b.type, l->own_v_b,
				    (h * dv + i - nope) * rank + j, row[j]);
	}
	free(row);
}

/* What is optional by itself makes sense in some combinations only. */
static int
check_layer(const struct model *m, int il, struct err *err)
{
	const struct layer *l = &m->layers[il];
	bool factors = m->hp.mla.q_rank > 0;

	if (!factors && !l->wq.in)
		return err_set(err, "the file lacks the tensor "
		    "blk.%d.attn_q.weight; it is incomplete", il);
	if (factors && l->wq.in)
		return err_set(err, "the file has blk.%d.attn_q.weight beside "
		    "its two factors; it is damaged", il);
	if (!l->wk_b.in != !l->wv_b.in)
		return err_set(err, "the file has one of blk.%d.attn_k_b and "
		    "attn_v_b without the other; it is incomplete", il);
	if (!l->wk_b.in && !l->wkv_b.in)
		return err_set(err, "the file has neither blk.%d.attn_k_b and "
		    "attn_v_b nor blk.%d.attn_kv_b; it is incomplete", il, il);
	if (l->wk_b.bias || l->wv_b.bias || l->wkv_b.bias)
		return err_set(err, "the file has a bias of what layer %d "
		    "makes of the latent; such models are not supported", il);
	return 0;
}

static int
deepseek2_layer(struct model *m, int il, struct err *err)
{
	const struct hparams *hp = &m->hp;
	struct layer *l = &m->layers[il];
	enum ttype type = l->wkv_b.type == TT_F32 ? TT_F32 : TT_F16;

	if (l->own_k_b) {		/* adapters are there now */
		if (l->wkv_b.lora)
			split_kv_b(hp, l);
		return 0;
	}
	if (check_layer(m, il, err))
		return -1;
	if (l->wk_b.in) {		/* the joint one would say it again */
		l->wkv_b = (struct weight){ 0 };
		return 0;
	}
	if (own_slices(m, il, &l->wk_b, type, hp->mla.nope, hp->mla.kv_rank,
	    &l->own_k_b, err) || own_slices(m, il, &l->wv_b, type,
	    hp->mla.kv_rank, hp->dv, &l->own_v_b, err))
		return -1;
	if (!m->g->partial)
		split_kv_b(hp, l);
	return 0;
}

const struct arch arch_deepseek2 = {
	.name = "deepseek2",
	.rope_pairs = ROPE_NORM,
	.glu = GLU_SILU,
	.tensors = { latent, tensors_ffn, tensors_moe },
	.hparams = deepseek2_hparams,
	.layer = deepseek2_layer,
};
