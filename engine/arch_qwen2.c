/* arch_qwen2.c -- "qwen2": Qwen2, Qwen2.5 and DeepSeek-R1's distillations of
 * them.  Plain, but for the biases on queries, keys and values. */
#include "model.h"

static const struct tensor_spec biased[] = {
	MATRIX("attn_q", wq, DIM_EMBD, DIM_HEADS_K, T_BIASED),
	MATRIX("attn_k", wk, DIM_EMBD, DIM_KV_K, T_BIASED),
	MATRIX("attn_v", wv, DIM_EMBD, DIM_KV_V, T_BIASED),
	MATRIX("attn_output", wo, DIM_HEADS_V, DIM_EMBD, 0),
	TENSORS_END
};

const struct arch arch_qwen2 = {
	.name = "qwen2",
	.rope_pairs = ROPE_NEOX,
	.glu = GLU_SILU,
	.tensors = { biased, tensors_ffn },
};
