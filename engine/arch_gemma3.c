/* arch_gemma3.c -- "gemma3": most layers see a window of the last tokens
 * only, and each layer norms what it adds. */
#include <math.h>

#include "model.h"

#define LAYERS_27B 62

/* Which layers slide: of each `period` the last does not.  A list, one for
 * each layer, has to say the same of some period. */
static int
read_pattern(struct model *m, struct err *err)
{
	struct hparams *hp = &m->hp;
	const char *key = "gemma3.attention.sliding_window_pattern";
	const struct gkv *kv = gguf_find(m->g, key);
	int n = 0;

	if (!kv || kv->type != GT_ARR)
		return model_int(m, "attention.sliding_window_pattern", false,
		    1, MODEL_MAX_LAYER, &hp->period, err);
	if (kv->elem == GT_STR || kv->n < (uint64_t)hp->n_layer)
		return err_set(err, "%s does not say of each layer whether it "
		    "slides; the file is damaged", key);
	while (n < hp->n_layer && gkv_int_at(kv, (uint64_t)n))
		n++;
	hp->period = n + 1;
	for (int i = 0; i < hp->n_layer; i++)
		if ((gkv_int_at(kv, (uint64_t)i) != 0) !=
		    (i % hp->period < hp->period - 1))
			return err_set(err, "%s has no regular period; such "
			    "models are not supported", key);
	return 0;
}

static int
gemma3_hparams(struct model *m, struct err *err)
{
	struct hparams *hp = &m->hp;

	hp->embd_scale = (float)sqrt(hp->n_embd);
	if (hp->n_layer == LAYERS_27B)	/* the only one that says otherwise */
		hp->attn_scale = (float)(1.0 /
		    sqrt((double)hp->n_embd / hp->n_head));
	hp->period = 6;
	hp->rope_sliding = hp->rope;
	hp->rope_sliding.base = 10000.0f;
	hp->rope_sliding.scaling = ROPE_SCALING_NONE;
	if (read_pattern(m, err) ||
	    model_int(m, "attention.sliding_window", false, 0,
	    MODEL_MAX_CONTEXT, &hp->window, err) ||
	    model_float(m, "rope.freq_base_swa", false, 1e-3, 1e12,
	    &hp->rope_sliding.base, err))
		return -1;
	return model_float(m, "final_logit_softcapping", false, 0, 1e6,
	    &hp->logit_cap, err);
}

static const struct tensor_spec post_norms[] = {
	VECTOR("post_attention_norm.weight", attn_post_norm, DIM_EMBD, 0),
	VECTOR("post_ffw_norm.weight", ffn_post_norm, DIM_EMBD, 0),
	TENSORS_END
};

const struct arch arch_gemma3 = {
	.name = "gemma3",
	.rope_pairs = ROPE_NEOX,
	.glu = GLU_GELU,
	.tensors = { tensors_gqa, tensors_qk_norm, post_norms, tensors_ffn },
	.hparams = gemma3_hparams,
};
