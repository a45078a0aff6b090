/* arch_qwen3.c -- "qwen3" and "qwen3moe": each head's queries and keys are
 * normed before they turn. */
#include "model.h"

static int
moe_hparams(struct model *m, struct err *err)
{
	m->hp.moe.norm = true;
	if (model_moe(m, err))
		return -1;
	if (m->hp.moe.n_expert == 0)
		return err_set(err, "the file is a qwen3moe model but says of "
		    "no experts (qwen3moe.expert_count); it is damaged");
	return 0;
}

const struct arch arch_qwen3 = {
	.name = "qwen3",
	.rope_pairs = ROPE_NEOX,
	.glu = GLU_SILU,
	.tensors = { tensors_gqa, tensors_qk_norm, tensors_ffn },
};

const struct arch arch_qwen3moe = {
	.name = "qwen3moe",
	.rope_pairs = ROPE_NEOX,
	.glu = GLU_SILU,
	.tensors = { tensors_gqa, tensors_qk_norm, tensors_ffn, tensors_moe },
	.hparams = moe_hparams,
};
