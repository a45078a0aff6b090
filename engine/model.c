/* model.c -- see model.h. */
#include "model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "kern.h"

const struct arch *const model_archs[] = { &arch_llama, &arch_qwen2, NULL };

/* ---- hyperparameters ---- */

static void
full_key(const struct model *m, const char *key, char out[128])
{
	snprintf(out, 128, "%s.%s", m->arch->name, key);
}

/* The full name of a key.  1 if the file has it; 0 if not, -1 if it should. */
static int
look_up(const struct model *m, const char *key, bool need, char full[128],
    struct err *err)
{
	full_key(m, key, full);
	if (gguf_find(m->g, full))
		return 1;
	if (!need)
		return 0;
	return err_set(err, "the file lacks the key %s, without which the "
	    "model cannot be run; take a complete one", full);
}

/* Per-layer hyperparameters may be arrays; we support those that agree. */
static int
int_of(const struct gguf *g, const char *key, int64_t *v)
{
	const struct gkv *kv = gguf_find(g, key);

	if (!kv || kv->type != GT_ARR)
		return gguf_int(g, key, v);
	if (kv->n == 0 || kv->elem == GT_STR || kv->elem == GT_F32 ||
	    kv->elem == GT_F64)
		return -1;
	*v = gkv_int_at(kv, 0);
	for (uint64_t i = 1; i < kv->n; i++)
		if (gkv_int_at(kv, i) != *v)
			return -1;
	return 0;
}

int
model_int(const struct model *m, const char *key, bool need, int64_t lo,
    int64_t hi, int *v, struct err *err)
{
	char full[128];
	int64_t x;
	int there = look_up(m, key, need, full, err);

	if (there <= 0)
		return there;
	if (int_of(m->g, full, &x))
		return err_set(err, "%s is not a whole number that is the same "
		    "for all layers; such models are not supported", full);
	if (x < lo || x > hi)
		return err_set(err, "%s is %lld, outside %lld to %lld; the "
		    "file is damaged or of an unsupported kind", full,
		    (long long)x, (long long)lo, (long long)hi);
	*v = (int)x;
	return 0;
}

int
model_float(const struct model *m, const char *key, bool need, double lo,
    double hi, float *v, struct err *err)
{
	char full[128];
	double x;
	int there = look_up(m, key, need, full, err);

	if (there <= 0)
		return there;
	if (gguf_float(m->g, full, &x))
		return err_set(err, "%s is not a number; the file is damaged",
		    full);
	if (!(x >= lo && x <= hi))
		return err_set(err, "%s is %g, outside %g to %g; the file is "
		    "damaged or of an unsupported kind", full, x, lo, hi);
	*v = (float)x;
	return 0;
}

static bool
gstr_is(struct gstr s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.p, text, s.n) == 0;
}

static int
read_rope_scaling(struct model *m, struct rope_params *r, struct err *err)
{
	char full[128];
	struct gstr type = { "linear", 6 };
	float old = 1.0f;

	full_key(m, "rope.scaling.type", full);
	if (gguf_find(m->g, full) && gguf_str(m->g, full, &type))
		return err_set(err, "%s is not a string; the file is "
		    "damaged", full);
	if (gstr_is(type, "none"))
		return 0;
	if (model_float(m, "rope.scale_linear", false, 1e-3, 1e6, &old, err))
		return -1;
	r->factor = old;
	if (model_float(m, "rope.scaling.factor", false, 0, 1e6, &r->factor,
	    err))
		return -1;
	if (r->factor == 0.0f)		/* some converters say 0 for none */
		r->factor = 1.0f;
	if (gstr_is(type, "linear")) {
		if (r->factor != 1.0f)
			r->scaling = ROPE_SCALING_LINEAR;
		return 0;
	}
	if (!gstr_is(type, "yarn"))
		return err_set(err, "%s is \"%.*s\"; only none, linear and "
		    "yarn are supported", full, (int)(type.n > 32 ? 32 : type.n),
		    type.p);
	r->scaling = ROPE_SCALING_YARN;
	r->n_ctx_orig = m->hp.n_ctx_train;
	if (r->base <= 1.0f)
		return err_set(err, "rope.freq_base is %g, too small for yarn; "
		    "the file is damaged", (double)r->base);
	if (model_int(m, "rope.scaling.original_context_length", false, 1,
	    MODEL_MAX_CONTEXT, &r->n_ctx_orig, err) ||
	    model_float(m, "rope.scaling.attn_factor", false, 1e-3, 1e3,
	    &r->attn_factor, err) ||
	    model_float(m, "rope.scaling.yarn_beta_fast", false, 1e-3, 1e6,
	    &r->beta_fast, err))
		return -1;
	return model_float(m, "rope.scaling.yarn_beta_slow", false, 1e-3, 1e6,
	    &r->beta_slow, err);
}

static int
read_rope(struct model *m, struct err *err)
{
	struct rope_params *r = &m->hp.rope;

	*r = (struct rope_params){ .pairs = m->arch->rope_pairs,
		.n_rot = m->hp.dk, .base = 10000.0f, .factor = 1.0f,
		.attn_factor = 1.0f, .beta_fast = 32.0f, .beta_slow = 1.0f };
	if (model_int(m, "rope.dimension_count", false, 2, m->hp.dk, &r->n_rot,
	    err) ||
	    model_float(m, "rope.freq_base", false, 1e-3, 1e12, &r->base, err))
		return -1;
	if (r->n_rot % 2)
		return err_set(err, "%s.rope.dimension_count is %d, which is "
		    "not even; the file is damaged", m->arch->name, r->n_rot);
	return read_rope_scaling(m, r, err);
}

static int
read_heads(struct model *m, struct err *err)
{
	struct hparams *hp = &m->hp;

	if (model_int(m, "attention.head_count", true, 1, MODEL_MAX_HEAD,
	    &hp->n_head, err))
		return -1;
	hp->n_head_kv = hp->n_head;
	if (model_int(m, "attention.head_count_kv", false, 1, hp->n_head,
	    &hp->n_head_kv, err))
		return -1;
	if (hp->n_head % hp->n_head_kv)
		return err_set(err, "%d attention heads cannot share %d "
		    "key-value heads evenly; the file is damaged", hp->n_head,
		    hp->n_head_kv);
	hp->dk = hp->dv = hp->n_embd / hp->n_head;
	if (model_int(m, "attention.key_length", false, 2, MODEL_MAX_HEAD_DIM,
	    &hp->dk, err) ||
	    model_int(m, "attention.value_length", false, 1,
	    MODEL_MAX_HEAD_DIM, &hp->dv, err))
		return -1;
	if (hp->dk < 2 || hp->dk > MODEL_MAX_HEAD_DIM || hp->dv < 1 ||
	    hp->dv > MODEL_MAX_HEAD_DIM)
		return err_set(err, "a width of %d with %d attention heads "
		    "makes no sense; the file is damaged", hp->n_embd,
		    hp->n_head);
	return 0;
}

static int
read_hparams(struct model *m, struct err *err)
{
	struct hparams *hp = &m->hp;

	if (model_int(m, "block_count", true, 1, MODEL_MAX_LAYER, &hp->n_layer,
	    err) ||
	    model_int(m, "embedding_length", true, 1, MODEL_MAX_WIDTH,
	    &hp->n_embd, err) ||
	    model_int(m, "feed_forward_length", true, 1, MODEL_MAX_WIDTH,
	    &hp->n_ff, err) ||
	    model_int(m, "context_length", true, 1, MODEL_MAX_CONTEXT,
	    &hp->n_ctx_train, err) ||
	    model_float(m, "attention.layer_norm_rms_epsilon", true, 0, 1,
	    &hp->eps, err) || read_heads(m, err) || read_rope(m, err))
		return -1;
	if (m->arch->hparams && m->arch->hparams(m, err))
		return -1;
	if (hp->attn_scale == 0.0f)
		hp->attn_scale = (float)(1.0 / sqrt(hp->dk));
	return 0;
}

/* ---- tensors ---- */

static const struct tensor *
find_tensor(const struct model *m, int il, const char *name,
    const char *suffix, char full[64])
{
	if (il < 0)
		snprintf(full, 64, "%s.%s", name, suffix);
	else
		snprintf(full, 64, "blk.%d.%s.%s", il, name, suffix);
	return gguf_tensor(m->g, full);
}

static int
no_tensor(const char *full, struct err *err)
{
	return err_set(err, "the file lacks the tensor %s; it is incomplete or "
	    "of an unsupported kind", full);
}

static int
check_shape(const struct tensor *t, int64_t in, int64_t out, struct err *err)
{
	if (t->ne[0] == in && t->ne[1] == out && t->ne[2] == 1 &&
	    t->ne[3] == 1)
		return 0;
	return err_set(err, "tensor %s is %lld x %lld x %lld x %lld, but the "
	    "model's dimensions ask for %lld x %lld; the file is damaged",
	    t->name, (long long)t->ne[0], (long long)t->ne[1],
	    (long long)t->ne[2], (long long)t->ne[3], (long long)in,
	    (long long)out);
}

static int
take_vector(const struct tensor *t, int n, float **v, struct err *err)
{
	if (check_shape(t, n, 1, err))
		return -1;
	*v = xcalloc((size_t)n, sizeof **v);
	dequant_row(t->type, t->data, *v, n);
	return 0;
}

int
model_vector(struct model *m, int il, const char *name, int n, float **v,
    struct err *err)
{
	char full[64];
	const struct tensor *t = find_tensor(m, il, name, "weight", full);

	return t ? take_vector(t, n, v, err) : no_tensor(full, err);
}

int
model_weight(struct model *m, int il, const char *name, int in, int out,
    struct weight *w, struct err *err)
{
	char full[64];
	const struct tensor *t = find_tensor(m, il, name, "weight", full);

	if (!t)
		return no_tensor(full, err);
	if (check_shape(t, in, out, err))
		return -1;
	if (in % ACT_GROUP)
		return err_set(err, "tensor %s has rows of %d values; only "
		    "multiples of %d are supported", full, in, ACT_GROUP);
	*w = (struct weight){ .type = t->type, .in = in, .out = out,
		.row_bytes = ttype_row_bytes(t->type, in), .data = t->data };
	t = find_tensor(m, il, name, "bias", full);
	return t ? take_vector(t, out, &w->bias, err) : 0;
}

int
model_dense_layer(struct model *m, int il, struct err *err)
{
	const struct hparams *hp = &m->hp;
	struct layer *l = &m->layers[il];
	int q = hp->n_head * hp->dk;
	int k = hp->n_head_kv * hp->dk, v = hp->n_head_kv * hp->dv;
	const struct {
		const char *name;
		int in, out;
		struct weight *w;
	} want[] = {
		{ "attn_q", hp->n_embd, q, &l->wq },
		{ "attn_k", hp->n_embd, k, &l->wk },
		{ "attn_v", hp->n_embd, v, &l->wv },
		{ "attn_output", hp->n_head * hp->dv, hp->n_embd, &l->wo },
		{ "ffn_gate", hp->n_embd, hp->n_ff, &l->gate },
		{ "ffn_up", hp->n_embd, hp->n_ff, &l->up },
		{ "ffn_down", hp->n_ff, hp->n_embd, &l->down },
	};

	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		if (model_weight(m, il, want[i].name, want[i].in, want[i].out,
		    want[i].w, err))
			return -1;
	if (model_vector(m, il, "attn_norm", hp->n_embd, &l->attn_norm, err))
		return -1;
	return model_vector(m, il, "ffn_norm", hp->n_embd, &l->ffn_norm, err);
}

static int
read_embedding(struct model *m, struct err *err)
{
	char full[64];
	const struct tensor *t = find_tensor(m, -1, "token_embd", "weight",
	    full);
	int said = 0;

	if (!t)
		return no_tensor(full, err);
	if (t->ne[1] < 1 || t->ne[1] > MODEL_MAX_VOCAB)
		return err_set(err, "tensor %s has %lld rows, which is no "
		    "vocabulary; the file is damaged", full,
		    (long long)t->ne[1]);
	m->hp.n_vocab = said = (int)t->ne[1];
	if (model_int(m, "vocab_size", false, 1, MODEL_MAX_VOCAB, &said, err))
		return -1;
	if (said != m->hp.n_vocab)
		return err_set(err, "%s.vocab_size is %d, but %s has %d rows; "
		    "the file is damaged", m->arch->name, said, full,
		    m->hp.n_vocab);
	return model_weight(m, -1, "token_embd", m->hp.n_embd, m->hp.n_vocab,
	    &m->tok_embd, err);
}

static int
read_rope_freqs(struct model *m, struct err *err)
{
	int half = m->hp.rope.n_rot / 2;

	if (!gguf_tensor(m->g, "rope_freqs.weight"))
		return 0;
	if (model_vector(m, -1, "rope_freqs", half, &m->rope_freqs, err))
		return -1;
	for (int i = 0; i < half; i++)
		if (!(m->rope_freqs[i] > 0.0f) || isinf(m->rope_freqs[i]))
			return err_set(err, "tensor rope_freqs.weight holds "
			    "%g, where only positive divisors make sense; the "
			    "file is damaged", (double)m->rope_freqs[i]);
	return 0;
}

static int
read_tensors(struct model *m, struct err *err)
{
	const struct hparams *hp = &m->hp;

	if (read_embedding(m, err) || read_rope_freqs(m, err) ||
	    model_vector(m, -1, "output_norm", hp->n_embd, &m->output_norm,
	    err))
		return -1;
	if (gguf_tensor(m->g, "output.weight")) {
		if (model_weight(m, -1, "output", hp->n_embd, hp->n_vocab,
		    &m->output, err))
			return -1;
	} else {
		m->output = m->tok_embd;
		m->output.bias = NULL;
	}
	for (int il = 0; il < hp->n_layer; il++)
		if (m->arch->layer(m, il, err))
			return -1;
	return 0;
}

static int64_t
weight_bytes(const struct weight *w)
{
	return w->row_bytes * w->out;
}

static void
count(struct model *m)
{
	int64_t by_type[TT_COUNT] = { 0 };

	for (size_t i = 0; i < m->g->n_tensors; i++) {
		const struct tensor *t = &m->g->tensors[i];

		m->n_params += t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
		m->bytes += t->bytes;
		by_type[t->type] += t->bytes;
	}
	for (int t = 0; t < TT_COUNT; t++)
		if (by_type[t] > by_type[m->main_type])
			m->main_type = (enum ttype)t;
	m->decode_bytes = weight_bytes(&m->output);
	for (int il = 0; il < m->hp.n_layer; il++) {
		const struct layer *l = &m->layers[il];
		const struct weight *w[] = { &l->wq, &l->wk, &l->wv, &l->wo,
			&l->gate, &l->up, &l->down };

		for (size_t i = 0; i < sizeof w / sizeof *w; i++)
			m->decode_bytes += weight_bytes(w[i]);
	}
}

static const struct arch *
pick_arch(const struct gguf *g, struct err *err)
{
	struct buf known = { 0 };
	struct gstr name;

	if (gguf_str(g, "general.architecture", &name)) {
		err_set(err, "the file does not say its architecture "
		    "(general.architecture), so it is no model");
		return NULL;
	}
	for (int i = 0; model_archs[i]; i++)
		if (gstr_is(name, model_archs[i]->name))
			return model_archs[i];
	for (int i = 0; model_archs[i]; i++)
		buf_printf(&known, "%s%s", i ? ", " : "", model_archs[i]->name);
	err_set(err, "the model's architecture is \"%.*s\"; supported are: %s",
	    (int)(name.n > 64 ? 64 : name.n), name.p, known.data);
	buf_free(&known);
	return NULL;
}

struct model *
model_new(const struct gguf *g, struct err *err)
{
	const struct arch *arch = pick_arch(g, err);
	struct model *m;

	if (!arch)
		return NULL;
	m = xcalloc(1, sizeof *m);
	m->arch = arch;
	m->g = g;
	if (read_hparams(m, err)) {
		model_free(m);
		return NULL;
	}
	m->layers = xcalloc((size_t)m->hp.n_layer, sizeof *m->layers);
	if (read_tensors(m, err)) {
		model_free(m);
		return NULL;
	}
	count(m);
	return m;
}

static void
layer_done(struct layer *l)
{
	struct weight *w[] = { &l->wq, &l->wk, &l->wv, &l->wo, &l->gate,
		&l->up, &l->down };

	for (size_t i = 0; i < sizeof w / sizeof *w; i++)
		free(w[i]->bias);
	free(l->attn_norm);
	free(l->ffn_norm);
}

void
model_free(struct model *m)
{
	if (!m)
		return;
	for (int il = 0; m->layers && il < m->hp.n_layer; il++)
		layer_done(&m->layers[il]);
	free(m->layers);
	free(m->tok_embd.bias);
	free(m->output.bias);
	free(m->output_norm);
	free(m->rope_freqs);
	free(m);
}
