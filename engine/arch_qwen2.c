/* arch_qwen2.c -- "qwen2": Qwen2, Qwen2.5 and DeepSeek-R1's distillations of
 * them. */
#include "model.h"

static int
qwen2_layer(struct model *m, int il, struct err *err)
{
	struct layer *l;

	if (model_dense_layer(m, il, err))
		return -1;
	l = &m->layers[il];
	if (!l->wq.bias || !l->wk.bias || !l->wv.bias)
		return err_set(err, "layer %d has no bias on its queries, keys "
		    "and values, as qwen2 models do; the file is incomplete",
		    il);
	return 0;
}

const struct arch arch_qwen2 = {
	.name = "qwen2",
	.rope_pairs = ROPE_NEOX,
	.layer = qwen2_layer,
};
