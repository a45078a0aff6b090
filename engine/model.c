/* model.c -- see model.h. */
#include "model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "lane_store.h"
#include "kern.h"

const struct arch *const model_archs[] = { &arch_llama, &arch_qwen2,
	&arch_qwen3, &arch_qwen3moe, &arch_gemma3, &arch_deepseek2, NULL };

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

int
model_bool(const struct model *m, const char *key, bool *v, struct err *err)
{
	int x = *v;

	if (model_int(m, key, false, 0, 1, &x, err))
		return -1;
	*v = x != 0;
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
	/* of latent attention these may be the widths of what is cached */
	if (model_int(m, "attention.key_length", false, 2, MODEL_MAX_CACHED,
	    &hp->dk, err))
		return -1;
	return model_int(m, "attention.value_length", false, 1,
	    MODEL_MAX_CACHED, &hp->dv, err);
}

static int
check_heads(const struct hparams *hp, struct err *err)
{
	if (hp->dk >= 2 && hp->dk <= MODEL_MAX_HEAD_DIM && hp->dv >= 1 &&
	    hp->dv <= MODEL_MAX_HEAD_DIM)
		return 0;
	return err_set(err, "the attention heads have %d values a key and %d "
	    "a value, outside 2 to %d; the file is damaged or of an "
	    "unsupported kind", hp->dk, hp->dv, MODEL_MAX_HEAD_DIM);
}

enum { GATING_DEFAULT, GATING_SOFTMAX, GATING_SIGMOID };

static int
check_moe(const struct model *m, int shared, int gating, struct err *err)
{
	const struct moe_params *e = &m->hp.moe;

	if (e->n_used > e->n_expert)
		return err_set(err, "each token is to go through %d of %d "
		    "experts; the file is damaged", e->n_used, e->n_expert);
	if (e->n_expert % e->n_group || e->n_group_used > e->n_group ||
	    e->n_used > e->n_expert / e->n_group * e->n_group_used)
		return err_set(err, "%d experts in %d groups, %d of them used, "
		    "cannot give %d experts; the file is damaged",
		    e->n_expert, e->n_group, e->n_group_used, e->n_used);
	if ((int64_t)shared * e->n_ff > MODEL_MAX_WIDTH)
		return err_set(err, "%d shared experts of width %d are more "
		    "than any model has; the file is damaged", shared,
		    e->n_ff);
	if (gating > GATING_SIGMOID)
		return err_set(err, "%s.expert_gating_func is %d; only 1 "
		    "(softmax) and 2 (sigmoid) are supported", m->arch->name,
		    gating);
	return 0;
}

int
model_moe(struct model *m, struct err *err)
{
	struct moe_params *e = &m->hp.moe;
	int shared = 0, gating = e->sigmoid ? GATING_SIGMOID : GATING_DEFAULT;
	bool has_width = e->n_ff > 0;

	if (model_int(m, "expert_count", false, 0, MODEL_MAX_EXPERT,
	    &e->n_expert, err))
		return -1;
	if (e->n_expert == 0)
		return 0;
	e->n_group = e->n_group_used = 1;
	if (model_int(m, "expert_used_count", true, 1, MODEL_MAX_EXPERT_USED,
	    &e->n_used, err) ||
	    model_int(m, "expert_feed_forward_length", !has_width, 1,
	    MODEL_MAX_WIDTH, &e->n_ff, err) ||
	    model_int(m, "expert_shared_count", false, 0, 1024, &shared,
	    err) ||
	    model_int(m, "expert_gating_func", false, 0, 100, &gating, err) ||
	    model_int(m, "expert_group_count", false, 0, MODEL_MAX_EXPERT,
	    &e->n_group, err) ||
	    model_int(m, "expert_group_used_count", false, 0,
	    MODEL_MAX_EXPERT, &e->n_group_used, err) ||
	    model_bool(m, "expert_weights_norm", &e->norm, err) ||
	    model_float(m, "expert_weights_scale", false, 0, 1e6, &e->scale,
	    err))
		return -1;
	if (e->n_group == 0 || e->n_group_used == 0)	/* said for none */
		e->n_group = e->n_group_used = 1;
	if (e->scale == 0.0f)				/* the same */
		e->scale = 1.0f;
	if (check_moe(m, shared, gating, err))
		return -1;
	e->n_ff_shared = shared * e->n_ff;
	e->sigmoid = gating == GATING_SIGMOID;
	return 0;
}

static int
read_hparams(struct model *m, struct err *err)
{
	struct hparams *hp = &m->hp;

	hp->embd_scale = 1.0f;
	hp->glu = m->arch->glu;
	hp->period = 1;

	if (model_int(m, "block_count", true, 1, MODEL_MAX_LAYER, &m->n_block,
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
	hp->n_layer = m->n_block;
	if ((m->arch->hparams && m->arch->hparams(m, err)) ||
	    check_heads(hp, err))
		return -1;
	if (hp->attn_scale == 0.0f)
		hp->attn_scale = (float)(1.0 / sqrt(hp->dk));
	return 0;
}

/* ---- a whole model ---- */

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
	if (read_hparams(m, err) || model_read_tensors(m, err) ||
	    model_finish_layers(m, err)) {
		model_free(m);
		return NULL;
	}
	model_count(m);
	return m;
}

int
model_adapt(struct model *m, const struct engine_lora *lora, int n,
    struct err *err)
{
	m->loras = lora_open(lora, n, m->arch->name, err);
	if (!m->loras || model_find_loras(m, err) ||
	    lora_check_used(m->loras, err))
		return -1;
	return model_finish_layers(m, err);
}

int
model_check_vocab(const struct model *m, int n, struct err *err)
{
	if (n == m->hp.n_vocab)
		return 0;
	return err_set(err, "the file has %d tokens but %d rows of "
	    "embeddings; it is damaged", n, m->hp.n_vocab);
}

void
model_free(struct model *m)
{
	if (!m)
		return;
	lane_store_done(m);
	model_free_tensors(m);
	lora_free(m->loras);
	free(m);
}
