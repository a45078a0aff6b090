/* tiny_lora.h -- small random LoRA adapters for tests, written as GGUF files.
 * What a test sets spoils what a sound file says. */
#ifndef FIKR_TINY_LORA_H
#define FIKR_TINY_LORA_H

#include "gguf_writer.h"

struct lora_pair {
	const char *name;	/* of the model's tensor */
	int in, out;		/* of that */
	int rank, slices;	/* slices 0: 1 */
	enum ttype type;
};

struct lora_spec {
	const struct lora_pair *pairs;	/* [n] */
	int n;
	uint32_t seed;
	double alpha;		/* 0: left out */
	const char *arch, *general, *kind;	/* NULL: what is right */
	const char *no_tensor;	/* this one is missing */
	const char *bad_tensor;	/* holds this value */
	double bad;
	const char *long_tensor;	/* the first dimension is one more */
	const char *extra;	/* a vector of this name besides */
};

struct lora_writer {
	const struct lora_spec *s;
	struct gguf_out out;
	uint32_t random;
};

static float
lw_value(struct lora_writer *w, const char *name, uint64_t i)
{
	if (i == 3 && w->s->bad_tensor &&
	    strcmp(w->s->bad_tensor, name) == 0)
		return (float)w->s->bad;
	w->random = w->random * 1664525u + 1013904223u;
	return (float)(w->random >> 8) / 16777216.0f - 0.5f;
}

static void
lw_values(struct lora_writer *w, const char *name, enum ttype type,
    int64_t n)
{
	size_t bytes = (size_t)ttype_row_bytes(type, n);
	float *v = calloc((size_t)n, sizeof *v);
	uint8_t *packed = calloc(1, bytes);

	for (int64_t i = 0; i < n; i++)
		v[i] = lw_value(w, name, (uint64_t)i);
	if (quant_row(type, v, packed, n))
		abort();
	buf_add(&w->out.data, packed, bytes);
	free(v);
	free(packed);
}

static void
lw_tensor(struct lora_writer *w, const char *name, enum ttype type,
    int64_t in, int64_t rows, int64_t slices)
{
	uint64_t ne[3] = { (uint64_t)in, (uint64_t)rows, (uint64_t)slices };
	uint32_t dims = slices > 1 ? 3 : rows > 0 ? 2 : 1;

	if (w->s->no_tensor && strcmp(w->s->no_tensor, name) == 0)
		return;
	if (w->s->long_tensor && strcmp(w->s->long_tensor, name) == 0)
		in = (int64_t)++ne[0];
	put_tensor(&w->out, name, type, ne, dims);
	lw_values(w, name, type, in * (rows > 0 ? rows : 1) * slices);
}

static void
lw_pair(struct lora_writer *w, const struct lora_pair *p)
{
	bool embd = strcmp(p->name, "token_embd.weight") == 0;
	int slices = p->slices ? p->slices : 1;
	char name[64];

	snprintf(name, sizeof name, "%s.lora_a", p->name);
	if (embd)		/* a row for each token */
		lw_tensor(w, name, p->type, p->rank, p->out, 1);
	else
		lw_tensor(w, name, p->type, p->in, p->rank, slices);
	snprintf(name, sizeof name, "%s.lora_b", p->name);
	lw_tensor(w, name, p->type, p->rank, embd ? p->in : p->out, slices);
}

static void
lw_body(struct lora_writer *w)
{
	const struct lora_spec *s = w->s;
	float alpha = (float)s->alpha;

	put_str(&w->out, "general.architecture", s->arch ? s->arch : "llama");
	put_str(&w->out, "general.type", s->general ? s->general : "adapter");
	put_str(&w->out, "adapter.type", s->kind ? s->kind : "lora");
	if (s->alpha != 0.0)
		put_kv(&w->out, "adapter.lora.alpha", GT_F32, &alpha,
		    sizeof alpha);
	for (int i = 0; i < s->n; i++)
		lw_pair(w, &s->pairs[i]);
	if (s->extra)
		lw_tensor(w, s->extra, TT_F32, 64, 0, 1);
}

/* Writes a new file, which the caller unlinks. */
static void
tiny_lora_write(const struct lora_spec *s, char path[256])
{
	struct lora_writer w = { .s = s, .random = s->seed };

	lw_body(&w);
	write_temp(&w.out, path);
}

#endif
