/* tiny_model.h -- a small random model for tests, written as a GGUF file
 * without a vocabulary.  What a test sets replaces what a sound file says. */
#ifndef FIKR_TINY_MODEL_H
#define FIKR_TINY_MODEL_H

#include <stdbool.h>

#include "gguf_writer.h"

struct model_spec {
	const char *arch;	/* NULL: "llama" */
	int n_layer, n_embd, n_ff, n_head, n_head_kv, n_vocab, n_ctx;
	bool tied, bias;
	int window;		/* a gemma3 whose even layers slide; arch is
				 * "gemma3" then */
	/* one key of the file said otherwise, or left out, or added */
	const char *key;	/* without the arch */
	double value;		/* of a whole-number key; or */
	const char *text;	/* of a string key */
	bool leave_out;
	const char *no_tensor;	/* this tensor is missing */
	const char *wide_tensor;	/* this one has a row too many */
	const char *zero_tensor;	/* this one holds zeros */
	bool rope_freqs;
	bool q8;		/* the layers' matrices in Q8_0, not F32 */
};

static const struct model_spec tiny_spec = { .n_layer = 2, .n_embd = 64,
	.n_ff = 96, .n_head = 4, .n_head_kv = 2, .n_vocab = 50, .n_ctx = 600 };

struct model_file {
	const struct model_spec *s;
	struct gguf_out out;
	uint32_t random;
};

static void
mf_key(struct model_file *f, const char *key, uint32_t type, const void *v)
{
	char full[128];

	snprintf(full, sizeof full, "%s.%s", f->s->arch ? f->s->arch : "llama",
	    key);
	if (type == GT_STR)
		put_str(&f->out, full, v);
	else
		put_kv(&f->out, full, type, v, 8);
}

static void
mf_number(struct model_file *f, const char *key, double v)
{
	const struct model_spec *s = f->s;
	int64_t whole;

	if (s->key && strcmp(s->key, key) == 0) {
		if (s->leave_out || s->text)
			return;
		v = s->value;
	}
	if (v == (double)(int64_t)v) {
		whole = (int64_t)v;
		mf_key(f, key, GT_I64, &whole);
	} else {
		mf_key(f, key, GT_F64, &v);
	}
}

/* An xorshift32 value in -1..1. */
static float
mf_random(struct model_file *f)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 17;
	f->random ^= f->random << 5;
	return (float)f->random / 2147483648.0f - 1.0f;
}

/* rows of 0: a vector.  around: what the random values lie around. */
static void
mf_tensor(struct model_file *f, const char *name, int in, int rows,
    float around, float spread)
{
	const struct model_spec *s = f->s;
	uint64_t ne[2] = { (uint64_t)in, (uint64_t)rows };
	float group[32];
	uint8_t block[34];
	uint64_t n;
	uint32_t dims = rows ? 2 : 1;
	bool q8 = s->q8 && rows && strncmp(name, "blk.", 4) == 0;

	if (s->no_tensor && strcmp(s->no_tensor, name) == 0)
		return;
	if (s->wide_tensor && strcmp(s->wide_tensor, name) == 0)
		ne[dims - 1]++;
	put_tensor(&f->out, name, q8 ? TT_Q8_0 : TT_F32, ne, dims);
	n = dims == 2 ? ne[0] * ne[1] : ne[0];
	for (uint64_t i = 0; i < n; i++) {
		float v = around + spread * mf_random(f);

		if (s->zero_tensor && strcmp(s->zero_tensor, name) == 0)
			v = 0.0f;
		group[i % 32] = v;
		if (!q8) {
			buf_add(&f->out.data, &v, sizeof v);
		} else if (i % 32 == 31) {
			quant_row(TT_Q8_0, group, block, 32);
			buf_add(&f->out.data, block, sizeof block);
		}
	}
}

static void
mf_layer(struct model_file *f, int il)
{
	const struct model_spec *s = f->s;
	int kv = s->n_embd / s->n_head * s->n_head_kv;
	const struct {
		const char *name;
		int in, rows;
		float around, spread;
		bool bias;	/* a tensor of biased models only */
	} t[] = {
		{ "attn_norm.weight", s->n_embd, 0, 1, 0.2f, false },
		{ "attn_q.weight", s->n_embd, s->n_embd, 0, 0.4f, false },
		{ "attn_k.weight", s->n_embd, kv, 0, 0.4f, false },
		{ "attn_v.weight", s->n_embd, kv, 0, 0.3f, false },
		{ "attn_q.bias", s->n_embd, 0, 0, 0.3f, true },
		{ "attn_k.bias", kv, 0, 0, 0.3f, true },
		{ "attn_v.bias", kv, 0, 0, 0.3f, true },
		{ "attn_output.weight", s->n_embd, s->n_embd, 0, 0.3f, false },
		{ "ffn_norm.weight", s->n_embd, 0, 1, 0.2f, false },
		{ "ffn_gate.weight", s->n_embd, s->n_ff, 0, 0.3f, false },
		{ "ffn_up.weight", s->n_embd, s->n_ff, 0, 0.3f, false },
		{ "ffn_down.weight", s->n_ff, s->n_embd, 0, 0.3f, false },
	};
	char name[64];

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		if (t[i].bias && !s->bias)
			continue;
		snprintf(name, sizeof name, "blk.%d.%s", il, t[i].name);
		mf_tensor(f, name, t[i].in, t[i].rows, t[i].around,
		    t[i].spread);
	}
	for (size_t i = 0; s->window && i < 4; i++) {
		static const char *const norms[] = { "attn_q_norm",
			"attn_k_norm", "post_attention_norm",
			"post_ffw_norm" };

		snprintf(name, sizeof name, "blk.%d.%s.weight", il, norms[i]);
		mf_tensor(f, name, i < 2 ? s->n_embd / s->n_head : s->n_embd,
		    0, 1, 0.2f);
	}
}

static void
mf_body(struct model_file *f)
{
	const struct model_spec *s = f->s;

	put_str(&f->out, "general.architecture", s->arch ? s->arch : "llama");
	mf_number(f, "block_count", s->n_layer);
	mf_number(f, "context_length", s->n_ctx);
	mf_number(f, "embedding_length", s->n_embd);
	mf_number(f, "feed_forward_length", s->n_ff);
	mf_number(f, "attention.head_count", s->n_head);
	mf_number(f, "attention.head_count_kv", s->n_head_kv);
	mf_number(f, "attention.layer_norm_rms_epsilon", 1e-5);
	mf_number(f, "rope.dimension_count", s->n_embd / s->n_head);
	mf_number(f, "rope.freq_base", 10000);
	mf_number(f, "vocab_size", s->n_vocab);
	if (s->window) {
		mf_number(f, "attention.sliding_window", s->window);
		mf_number(f, "attention.sliding_window_pattern", 2);
	}
	if (s->key && s->key[0] == '+' && s->text)
		mf_key(f, s->key + 1, GT_STR, s->text);
	else if (s->key && s->key[0] == '+')
		mf_key(f, s->key + 1, GT_F64, &s->value);
	mf_tensor(f, "token_embd.weight", s->n_embd, s->n_vocab, 0, 1.0f);
	mf_tensor(f, "output_norm.weight", s->n_embd, 0, 1, 0.2f);
	if (!s->tied)
		mf_tensor(f, "output.weight", s->n_embd, s->n_vocab, 0, 0.4f);
	if (s->rope_freqs)
		mf_tensor(f, "rope_freqs.weight", s->n_embd / s->n_head / 2,
		    0, 4, 2.0f);
	for (int il = 0; il < s->n_layer; il++)
		mf_layer(f, il);
}

/* Writes a new file, which the caller unlinks. */
static void
tiny_write(const struct model_spec *s, char path[256])
{
	struct model_file f = { .s = s, .random = 2463534242u };

	mf_body(&f);
	write_temp(&f.out, path);
}

#endif
