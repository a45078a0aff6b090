/* inspect.c -- see inspect.h: gathers the facts.  What the file says counts,
 * also where fikr cannot run the model. */
#include "inspect.h"
#include "num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers of the metadata ---- */

static bool
full_key(const struct gguf *g, const char *key, char *out, size_t size)
{
	struct gstr arch;
	int n;

	if (gguf_str(g, "general.architecture", &arch) < 0 || arch.n > 64)
		return false;
	n = snprintf(out, size, "%.*s.%s", (int)arch.n, arch.p, key);
	return n > 0 && (size_t)n < size;
}

struct range
facts_range(const struct gguf *g, const char *key)
{
	struct range r = { -1, -1 };
	const struct gkv *kv;
	char full[160];
	int64_t v;

	if (!full_key(g, key, full, sizeof full))
		return r;
	if (gguf_int(g, full, &v) == 0 && v >= 0)
		return (struct range){ v, v };
	kv = gguf_find(g, full);
	if (kv == NULL || kv->type != GT_ARR || kv->elem == GT_STR)
		return r;
	for (uint64_t i = 0; i < kv->n; i++) {
		v = gkv_int_at(kv, i);
		if (v < 0)
			return (struct range){ -1, -1 };
		r.lo = i == 0 || v < r.lo ? v : r.lo;
		r.hi = v > r.hi ? v : r.hi;
	}
	return r;
}

/* ---- tensors ---- */

static struct type_fact *
type_fact(struct facts *f, uint32_t id)
{
	for (int i = 0; i < f->n_types; i++)
		if (f->types[i].id == id)
			return &f->types[i];
	if (f->n_types == FACT_TYPES)
		return NULL;
	f->types[f->n_types].id = id;
	return &f->types[f->n_types++];
}

static int
by_bytes(const void *a, const void *b)
{
	const struct type_fact *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return (x->id > y->id) - (x->id < y->id);
}

static void
count_tensors(struct facts *f)
{
	int64_t experts = facts_range(f->g, "expert_count").hi;
	int64_t used = facts_range(f->g, "expert_used_count").hi;

	for (size_t i = 0; i < f->g->n_tensors; i++) {
		const struct tensor *t = &f->g->tensors[i];
		int64_t n = t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
		struct type_fact *tf = type_fact(f, t->type_id);

		if (tf != NULL) {
			tf->tensors++;
			add_capped(&tf->bytes, t->bytes);
			add_capped(&tf->params, n);
		}
		add_capped(&f->n_params, n);
		/* of a layer's experts, in one tensor, a token uses some */
		if (strstr(t->name, "_exps.") != NULL && used >= 0 &&
		    used < experts)
			n = n / experts * used;
		add_capped(&f->n_active, n);
	}
	qsort(f->types, (size_t)f->n_types, sizeof *f->types, by_bytes);
}

static void
count_bytes(struct facts *f)
{
	for (int i = 0; i < f->g->n_parts; i++) {
		if (f->g->parts[i].want == 0) {
			f->want = -1;
			return;
		}
		add_capped(&f->want, f->g->parts[i].want);
	}
}

/* ---- tokens ---- */

static struct gstr
token_text(const struct gguf *g, int64_t id)
{
	const struct gkv *kv = gguf_find(g, "tokenizer.ggml.tokens");
	const void *cursor = NULL;
	struct gstr s = { NULL, 0 };

	if (kv == NULL || kv->elem != GT_STR || id < 0 ||
	    (uint64_t)id >= kv->n)
		return s;
	for (int64_t i = 0; i <= id; i++)
		s = gkv_next_str(kv, &cursor);
	return s;
}

static void
find_marks(struct facts *f)
{
	static const struct { const char *name, *key; } marks[FACT_MARKS] = {
		{ "bos", "tokenizer.ggml.bos_token_id" },
		{ "eos", "tokenizer.ggml.eos_token_id" },
		{ "eot", "tokenizer.ggml.eot_token_id" },
		{ "pad", "tokenizer.ggml.padding_token_id" },
	};
	int64_t id;

	for (int i = 0; i < FACT_MARKS; i++)
		if (gguf_int(f->g, marks[i].key, &id) == 0)
			f->marks[f->n_marks++] = (struct mark){ marks[i].name,
			    id, token_text(f->g, id) };
}

/* ---- what fikr makes of it ---- */

static void
read_model(struct facts *f)
{
	struct err err;

	f->m = model_new(f->g, &err);
	if (f->m == NULL) {
		gguf_report_add(&f->wrong, err.text);
		return;
	}
	f->n_params = f->m->n_params;
	f->n_active = f->m->n_params_active;
	model_needs(f->m, f->kv, f->context, &f->needs);
	paging_plan(&f->needs, memory_available(), &f->paging);
}

static void
read_vocab(struct facts *f)
{
	struct gstr tmpl = { NULL, 0 };
	struct err err;

	f->v = vocab_new(f->g, &err);
	if (f->v == NULL) {
		gguf_report_add(&f->wrong, err.text);
		return;
	}
	f->runs = f->m != NULL && !f->g->partial;
	if (f->m != NULL && model_check_vocab(f->m, vocab_size(f->v), &err)) {
		f->runs = false;
		gguf_report_add(&f->wrong, err.text);
	}
	gguf_str(f->g, "tokenizer.chat_template", &tmpl);
	f->has_chat = chatfmt_detect(&f->chat, tmpl.p, tmpl.n, f->v,
	    &err) == 0;
	if (!f->has_chat)
		gguf_report_add(&f->wrong, err.text);
}

/* What describes the model stands in the first part. */
static bool
later_part(const struct gguf *g)
{
	int64_t no;

	return gguf_int(g, "split.no", &no) == 0 && no > 0;
}

int
facts_read(struct facts *f, const char *path, int context,
    enum kv_type kv, struct err *err)
{
	struct gstr kind;

	memset(f, 0, sizeof *f);
	f->context = context;
	f->kv = kv;
	f->g = gguf_open_partial(path, &f->wrong, err);
	if (f->g == NULL)
		return -1;
	f->adapter = gguf_str(f->g, "general.type", &kind) == 0 &&
	    kind.n == 7 && memcmp(kind.p, "adapter", 7) == 0;
	count_bytes(f);
	count_tensors(f);
	find_marks(f);
	/* where a header is cut or a part missing, that is what is wrong: what
	 * else is not found follows from it */
	if (f->want >= 0 && !f->adapter && !later_part(f->g)) {
		read_model(f);
		read_vocab(f);
	}
	return 0;
}

void
facts_done(struct facts *f)
{
	if (f->has_chat)
		chatfmt_done(&f->chat);
	vocab_free(f->v);
	model_free(f->m);
	gguf_close(f->g);
	gguf_report_done(&f->wrong);
}
