/* model_tensors.c -- see model.h: finds the tensors that an architecture's
 * tables name, checks their shapes, and counts what they weigh. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "model.h"
#include "num.h"

const struct tensor_spec tensors_gqa[] = {
	MATRIX("attn_q", wq, DIM_EMBD, DIM_HEADS_K, 0),
	MATRIX("attn_k", wk, DIM_EMBD, DIM_KV_K, 0),
	MATRIX("attn_v", wv, DIM_EMBD, DIM_KV_V, 0),
	MATRIX("attn_output", wo, DIM_HEADS_V, DIM_EMBD, 0),
	TENSORS_END
};

const struct tensor_spec tensors_qk_norm[] = {
	VECTOR("attn_q_norm.weight", q_norm, DIM_HEAD_K, 0),
	VECTOR("attn_k_norm.weight", k_norm, DIM_HEAD_K, 0),
	TENSORS_END
};

const struct tensor_spec tensors_ffn[] = {
	MATRIX("ffn_gate", gate, DIM_EMBD, DIM_FF, T_DENSE),
	MATRIX("ffn_up", up, DIM_EMBD, DIM_FF, T_DENSE),
	MATRIX("ffn_down", down, DIM_FF, DIM_EMBD, T_DENSE),
	TENSORS_END
};

const struct tensor_spec tensors_moe[] = {
	MATRIX("ffn_gate_inp", router, DIM_EMBD, DIM_EXPERTS, T_MOE),
	VECTOR("exp_probs_b.bias", router_bias, DIM_EXPERTS,
	    T_MOE | T_OPTIONAL),
	SLICES("ffn_gate_exps", gate_exps, DIM_EMBD, DIM_FF_EXPERT,
	    DIM_EXPERTS, T_MOE),
	SLICES("ffn_up_exps", up_exps, DIM_EMBD, DIM_FF_EXPERT, DIM_EXPERTS,
	    T_MOE),
	SLICES("ffn_down_exps", down_exps, DIM_FF_EXPERT, DIM_EMBD,
	    DIM_EXPERTS, T_MOE),
	MATRIX("ffn_gate_shexp", gate_shared, DIM_EMBD, DIM_FF_SHARED, T_MOE),
	MATRIX("ffn_up_shexp", up_shared, DIM_EMBD, DIM_FF_SHARED, T_MOE),
	MATRIX("ffn_down_shexp", down_shared, DIM_FF_SHARED, DIM_EMBD, T_MOE),
	TENSORS_END
};

/* What every layer has. */
static const struct tensor_spec norms[] = {
	VECTOR("attn_norm.weight", attn_norm, DIM_EMBD, 0),
	VECTOR("ffn_norm.weight", ffn_norm, DIM_EMBD, 0),
	TENSORS_END
};

static int
width(const struct hparams *hp, enum dim d)
{
	switch (d) {
	case DIM_EMBD:
		return hp->n_embd;
	case DIM_FF:
		return hp->n_ff;
	case DIM_HEAD_K:
		return hp->dk;
	case DIM_HEADS_K:
		return hp->n_head * hp->dk;
	case DIM_HEADS_V:
		return hp->n_head * hp->dv;
	case DIM_KV_K:
		return hp->n_head_kv * hp->dk;
	case DIM_KV_V:
		return hp->n_head_kv * hp->dv;
	case DIM_Q_RANK:
		return hp->mla.q_rank;
	case DIM_KV_RANK:
		return hp->mla.kv_rank;
	case DIM_KV_ROW:
		return hp->mla.kv_rank + hp->rope.n_rot;
	case DIM_NOPE:
		return hp->mla.nope;
	case DIM_V:
		return hp->dv;
	case DIM_KV_B:
		return hp->n_head * (hp->mla.nope + hp->dv);
	case DIM_HEADS:
		return hp->n_head;
	case DIM_EXPERTS:
		return hp->moe.n_expert;
	case DIM_FF_EXPERT:
		return hp->moe.n_ff;
	case DIM_FF_SHARED:
		return hp->moe.n_ff_shared;
	case DIM_NONE:
		break;
	}
	return 1;
}

/* ---- one tensor ---- */

static const struct tensor *
find_tensor(struct model *m, const char *name)
{
	const struct tensor *t = gguf_tensor(m->g, name);

	if (t)
		m->used[t - m->g->tensors] = true;
	return t;
}

static int
no_tensor(const char *name, struct err *err)
{
	return err_set(err, "the file lacks the tensor %s; it is incomplete or "
	    "of an unsupported kind", name);
}

static int
check_shape(const struct tensor *t, int64_t in, int64_t out, int64_t slices,
    struct err *err)
{
	if (t->ne[0] == in && t->ne[1] == out && t->ne[2] == slices &&
	    t->ne[3] == 1)
		return 0;
	return err_set(err, "tensor %s is %lld x %lld x %lld x %lld, but the "
	    "model's dimensions ask for %lld x %lld x %lld; the file is "
	    "damaged", t->name, (long long)t->ne[0], (long long)t->ne[1],
	    (long long)t->ne[2], (long long)t->ne[3], (long long)in,
	    (long long)out, (long long)slices);
}

/* A vector of n values as F32, in new memory. */
static int
take_vector(const struct tensor *t, int n, float **v, struct err *err)
{
	if (check_shape(t, n, 1, 1, err))
		return -1;
	*v = xcalloc((size_t)n, sizeof **v);
	if (t->data)	/* not there in a file that is only described */
		dequant_row(t->type, t->data, *v, n);
	return 0;
}

static int
read_vector(struct model *m, const char *name, int n, float **v,
    struct err *err)
{
	const struct tensor *t = find_tensor(m, name);

	return t ? take_vector(t, n, v, err) : no_tensor(name, err);
}

/* "NAME.weight" to "NAME.bias". */
static void
bias_name(const char *name, char out[64])
{
	size_t n = strlen(name) - strlen("weight");

	snprintf(out, 64, "%.*sbias", (int)n, name);
}

static int
read_matrix(struct model *m, const char *name, int in, int out, int slices,
    bool biased, struct weight *w, struct err *err)
{
	const struct tensor *t = find_tensor(m, name);
	char bias[64];

	if (!t)
		return no_tensor(name, err);
	if (check_shape(t, in, out, slices, err))
		return -1;
	*w = (struct weight){ .type = t->type, .in = in, .out = out,
		.slices = slices, .data = t->data };
	w->row_bytes = ttype_row_bytes(t->type, in);
	w->slice_bytes = w->row_bytes * out;
	bias_name(name, bias);
	t = slices == 1 ? find_tensor(m, bias) : NULL;
	if (t)
		return take_vector(t, out, &w->bias, err);
	return biased ? no_tensor(bias, err) : 0;
}

/* ---- a layer ---- */

static bool
is_moe_layer(const struct hparams *hp, int il)
{
	return hp->moe.n_expert > 0 && il >= hp->moe.n_dense_lead;
}

static int
read_spec(struct model *m, int il, const struct tensor_spec *s,
    struct err *err)
{
	const struct hparams *hp = &m->hp;
	int in = width(hp, s->in), out = width(hp, s->out);
	int slices = width(hp, s->slices);
	char name[64], *at = (char *)&m->layers[il] + s->at;

	if (s->flags & (is_moe_layer(hp, il) ? T_DENSE : T_MOE))
		return 0;
	if (in == 0 || out == 0 || slices == 0)
		return 0;
	snprintf(name, sizeof name, "blk.%d.%s", il, s->name);
	if ((s->flags & T_OPTIONAL) && !gguf_tensor(m->g, name))
		return 0;
	if (s->out == DIM_NONE)
		return read_vector(m, name, in, (float **)(void *)at, err);
	return read_matrix(m, name, in, out, slices, s->flags & T_BIASED,
	    (struct weight *)(void *)at, err);
}

static int
read_table(struct model *m, int il, const struct tensor_spec *s,
    struct err *err)
{
	for (; s->name; s++)
		if (read_spec(m, il, s, err))
			return -1;
	return 0;
}

static int
read_layer(struct model *m, int il, struct err *err)
{
	const struct hparams *hp = &m->hp;

	m->layers[il].sliding = hp->window > 0 &&
	    il % hp->period < hp->period - 1;
	if (read_table(m, il, norms, err))
		return -1;
	for (int i = 0; m->arch->tensors[i]; i++)
		if (read_table(m, il, m->arch->tensors[i], err))
			return -1;
	return 0;
}

int
model_finish_layers(struct model *m, struct err *err)
{
	for (int il = 0; m->arch->layer && il < m->hp.n_layer; il++)
		if (m->arch->layer(m, il, err))
			return -1;
	return 0;
}

/* ---- the rest ---- */

static int
read_embedding(struct model *m, struct err *err)
{
	const char *name = "token_embd.weight";
	const struct tensor *t = gguf_tensor(m->g, name);
	int said;

	if (!t)
		return no_tensor(name, err);
	if (t->ne[1] < 1 || t->ne[1] > MODEL_MAX_VOCAB)
		return err_set(err, "tensor %s has %lld rows, which is no "
		    "vocabulary; the file is damaged", name,
		    (long long)t->ne[1]);
	m->hp.n_vocab = said = (int)t->ne[1];
	if (model_int(m, "vocab_size", false, 1, MODEL_MAX_VOCAB, &said, err))
		return -1;
	if (said != m->hp.n_vocab)
		return err_set(err, "%s.vocab_size is %d, but %s has %d rows; "
		    "the file is damaged", m->arch->name, said, name,
		    m->hp.n_vocab);
	if (gguf_tensor(m->g, "token_embd.bias"))
		return err_set(err, "the file has a bias of its embeddings "
		    "(token_embd.bias); such models are not supported");
	return read_matrix(m, name, m->hp.n_embd, m->hp.n_vocab, 1, false,
	    &m->tok_embd, err);
}

static int
read_head(struct model *m, struct err *err)
{
	if (gguf_tensor(m->g, "output.weight"))
		return read_matrix(m, "output.weight", m->hp.n_embd,
		    m->hp.n_vocab, 1, false, &m->output, err);
	m->output = m->tok_embd;
	return 0;
}

static int
read_rope_freqs(struct model *m, struct err *err)
{
	int half = m->hp.rope.n_rot / 2;

	if (!gguf_tensor(m->g, "rope_freqs.weight"))
		return 0;
	if (read_vector(m, "rope_freqs.weight", half, &m->rope_freqs, err))
		return -1;
	for (int i = 0; i < half && !m->g->partial; i++)
		if (!(m->rope_freqs[i] > 0.0f) || isinf(m->rope_freqs[i]))
			return err_set(err, "tensor rope_freqs.weight holds "
			    "%g, where only positive divisors make sense; the "
			    "file is damaged", (double)m->rope_freqs[i]);
	return 0;
}

/* Whether a tensor belongs to a block behind the last layer, which only drafts
 * tokens. */
static bool
is_draft(const struct model *m, const char *name)
{
	int il, at = 0;

	return sscanf(name, "blk.%9d.%n", &il, &at) == 1 && at > 0 &&
	    il >= m->hp.n_layer && il < m->n_block;
}

/* A tensor that nobody asked for would change what the model computes. */
static int
check_all_used(const struct model *m, struct err *err)
{
	for (size_t i = 0; i < m->g->n_tensors; i++) {
		const char *name = m->g->tensors[i].name;

		if (!m->used[i] && !is_draft(m, name))
			return err_set(err, "the file has the tensor %s, which "
			    "\"%s\" models as fikr knows them do not have; a "
			    "newer fikr may know this kind", name,
			    m->arch->name);
	}
	return 0;
}

int
model_read_tensors(struct model *m, struct err *err)
{
	m->used = xcalloc(m->g->n_tensors + 1, sizeof *m->used);
	m->layers = xcalloc((size_t)m->hp.n_layer, sizeof *m->layers);
	if (read_embedding(m, err) || read_head(m, err) ||
	    read_rope_freqs(m, err) || read_vector(m, "output_norm.weight",
	    m->hp.n_embd, &m->output_norm, err))
		return -1;
	for (int il = 0; il < m->hp.n_layer; il++)
		if (read_layer(m, il, err))
			return -1;
	return check_all_used(m, err);
}

/* ---- all tables of a model, one after the other ---- */

static void
each_table(const struct model *m, struct layer *l,
    void (*fn)(struct layer *l, const struct tensor_spec *s, void *ud),
    void *ud)
{
	const struct tensor_spec *s;

	for (s = norms; s->name; s++)
		fn(l, s, ud);
	for (int i = 0; m->arch->tensors[i]; i++)
		for (s = m->arch->tensors[i]; s->name; s++)
			fn(l, s, ud);
}

static void
free_one(struct layer *l, const struct tensor_spec *s, void *ud)
{
	void *at = (char *)l + s->at;

	(void)ud;
	if (s->out == DIM_NONE)
		free(*(float **)at);
	else
		free(((struct weight *)at)->bias);
}

void
model_free_tensors(struct model *m)
{
	for (int il = 0; m->layers && il < m->hp.n_layer; il++) {
		struct layer *l = &m->layers[il];

		each_table(m, l, free_one, NULL);
		free(l->own_k_b);
		free(l->own_v_b);
	}
	free(m->layers);
	free(m->output.bias);
	free(m->output_norm);
	free(m->rope_freqs);
	free(m->used);
}

struct each_matrix {
	void (*fn)(struct weight *w, void *ud);
	void *ud;
};

static void
matrix_one(struct layer *l, const struct tensor_spec *s, void *ud)
{
	const struct each_matrix *e = ud;
	struct weight *w = (void *)((char *)l + s->at);

	if (s->out != DIM_NONE && w->in)
		e->fn(w, e->ud);
}

void
model_each_matrix(struct model *m, void (*fn)(struct weight *w, void *ud),
    void *ud)
{
	struct each_matrix e = { fn, ud };

	for (int il = 0; il < m->hp.n_layer; il++)
		each_table(m, &m->layers[il], matrix_one, &e);
	fn(&m->output, ud);
}

enum tensor_use
model_use(const struct model *m, const struct tensor *t)
{
	size_t n = strlen(t->name), e = strlen("_exps.weight");

	if (is_draft(m, t->name))
		return USE_NEVER;
	return m->hp.moe.n_expert > 0 && n > e &&
	    strcmp(t->name + n - e, "_exps.weight") == 0 ? USE_CHOSEN :
	    USE_ALWAYS;
}

/* ---- adapters ---- */

static int
find_lora(struct model *m, const char *name, struct weight *w,
    struct err *err)
{
	return lora_find(m->loras, name, w->in, w->out, w->slices, &w->lora,
	    err);
}

static int
find_loras_in(struct model *m, int il, const struct tensor_spec *s,
    struct err *err)
{
	char name[64];

	for (; s->name; s++) {
		void *at = (char *)&m->layers[il] + s->at;
		struct weight *w = at;

		if (s->out == DIM_NONE || w->in == 0)
			continue;
		snprintf(name, sizeof name, "blk.%d.%s", il, s->name);
		if (find_lora(m, name, w, err))
			return -1;
	}
	return 0;
}

int
model_find_loras(struct model *m, struct err *err)
{
	if (find_lora(m, "token_embd.weight", &m->tok_embd, err))
		return -1;
	m->output.lora = m->tok_embd.lora;
	if (gguf_tensor(m->g, "output.weight") &&
	    find_lora(m, "output.weight", &m->output, err))
		return -1;
	for (int il = 0; il < m->hp.n_layer; il++)
		for (int i = 0; m->arch->tensors[i]; i++)
			if (find_loras_in(m, il, m->arch->tensors[i], err))
				return -1;
	for (size_t i = 0; i < m->g->n_tensors; i++)
		if (is_draft(m, m->g->tensors[i].name))
			lora_skip(m->loras, m->g->tensors[i].name);
	return 0;
}

/* ---- counting ---- */

static int64_t
weight_bytes(const struct weight *w)
{
	return w->slice_bytes * w->slices;
}

static void
count_one(struct layer *l, const struct tensor_spec *s, void *ud)
{
	struct model *m = ud;
	const struct moe_params *e = &m->hp.moe;
	const struct weight *w = (const void *)((const char *)l + s->at);
	int64_t values;

	if (s->out == DIM_NONE || w->in == 0)
		return;
	if (s->at == offsetof(struct layer, wkv_b))
		return;		/* taken apart: wk_b and wv_b count */
	values = (int64_t)w->in * w->out * w->slices;
	if (s->slices != DIM_EXPERTS) {
		add_capped(&m->decode_bytes, weight_bytes(w));
		add_capped(&m->layer_macs, values);
		return;
	}
	add_capped(&m->expert_bytes, weight_bytes(w));
	add_capped(&m->decode_bytes, w->slice_bytes * e->n_used);
	add_capped(&m->layer_macs, values / e->n_expert * e->n_used);
	m->n_params_active -= values / e->n_expert * (e->n_expert - e->n_used);
}

void
model_count(struct model *m)
{
	int64_t by_type[TT_COUNT] = { 0 };

	for (size_t i = 0; i < m->g->n_tensors; i++) {
		const struct tensor *t = &m->g->tensors[i];
		int64_t n = t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];

		add_capped(&m->n_params, n);
		add_capped(&m->bytes, t->bytes);
		if (is_draft(m, t->name))
			add_capped(&m->draft_bytes, t->bytes);
		else
			add_capped(&m->n_params_active, n);
		add_capped(&by_type[t->type], t->bytes);
	}
	for (int t = 0; t < TT_COUNT; t++)
		if (by_type[t] > by_type[m->main_type])
			m->main_type = (enum ttype)t;
	m->decode_bytes = weight_bytes(&m->output);
	for (int il = 0; il < m->hp.n_layer; il++)
		each_table(m, &m->layers[il], count_one, m);
}
