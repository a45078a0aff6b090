/* arch_llama.c -- "llama": Llama 1-3 and DeepSeek-R1's distillations of it,
 * Mistral, Mixtral, SmolLM2 and their like. */
#include "model.h"

static int
llama_hparams(struct model *m, struct err *err)
{
	struct hparams *hp = &m->hp;

	/* Mixtral's experts have the width that is said for all */
	hp->moe.n_ff = hp->n_ff;
	hp->moe.norm = true;
	if (model_moe(m, err))
		return -1;
	return model_float(m, "attention.scale", false, 1e-6, 1e3,
	    &hp->attn_scale, err);
}

/* The converter permutes the rows of Q and K so that the values of a rope
 * pair lie side by side. */
const struct arch arch_llama = {
	.name = "llama",
	.rope_pairs = ROPE_NORM,
	.glu = GLU_SILU,
	.tensors = { tensors_gqa, tensors_ffn, tensors_moe },
	.hparams = llama_hparams,
};
