/* arch_llama.c -- "llama": Llama 1-3, Mistral, SmolLM2 and their like. */
#include "model.h"

static int
llama_hparams(struct model *m, struct err *err)
{
	int experts = 0;

	if (model_int(m, "expert_count", false, 0, 1 << 20, &experts, err))
		return -1;
	if (experts > 0)
		return err_set(err, "this is a mixture-of-experts model "
		    "(llama.expert_count is %d); only dense llama and qwen2 "
		    "models are supported", experts);
	return model_float(m, "attention.scale", false, 1e-6, 1e3,
	    &m->hp.attn_scale, err);
}

/* The converter permutes the rows of Q and K so that the values of a rope
 * pair lie side by side. */
const struct arch arch_llama = {
	.name = "llama",
	.rope_pairs = ROPE_NORM,
	.hparams = llama_hparams,
	.layer = model_dense_layer,
};
