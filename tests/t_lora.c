/* t_lora.c -- LoRA adapters: a model with one computes what it computes when
 * the adapter is merged into its weights; what does not fit is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine.h"
#include "lora.h"
#include "near.h"
#include "tiny_lora.h"
#include "tiny_model.h"

#define N 40			/* tokens */
#define V 50			/* of tiny_spec */

/* ---- against merged weights ---- */

/* Everything that tiny_spec has of one layer, and the head; ranks differ. */
static const struct lora_pair pairs[] = {
	{ "blk.0.attn_q.weight", 64, 64, 4, 0, TT_F32 },
	{ "blk.0.attn_k.weight", 64, 32, 5, 0, TT_F32 },
	{ "blk.1.attn_v.weight", 64, 32, 1, 0, TT_F32 },
	{ "blk.0.attn_output.weight", 64, 64, 32, 0, TT_F16 },
	{ "blk.0.ffn_gate.weight", 64, 96, 32, 0, TT_Q8_0 },
	{ "blk.0.ffn_up.weight", 64, 96, 7, 0, TT_BF16 },
	{ "blk.1.ffn_down.weight", 96, 64, 32, 0, TT_Q4_0 },
	{ "output.weight", 64, V, 3, 0, TT_F32 },
};
static const struct lora_pair embedding[] = {
	{ "token_embd.weight", 64, V, 6, 0, TT_F32 },
	{ "blk.1.attn_q.weight", 64, 64, 2, 0, TT_F32 },
};

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static float *
values_of(const struct gguf *g, const char *name, const char *suffix,
    const struct tensor **t)
{
	char full[64];
	float *v;
	int64_t n;

	snprintf(full, sizeof full, "%s%s", name, suffix);
	*t = gguf_tensor(g, full);
	assert_non_null(*t);
	n = (*t)->ne[0] * (*t)->ne[1] * (*t)->ne[2];
	v = calloc((size_t)n, sizeof *v);
	dequant_row((*t)->type, (*t)->data, v, n);
	return v;
}

/* w += scale * b a, as the file has them. */
static void
merge_pair(const struct gguf *g, const struct lora_pair *p, double scale,
    float *w)
{
	bool embd = strcmp(p->name, "token_embd.weight") == 0;
	const struct tensor *ta, *tb;
	float *a = values_of(g, p->name, ".lora_a", &ta);
	float *b = values_of(g, p->name, ".lora_b", &tb);

	for (int o = 0; o < p->out; o++)
		for (int i = 0; i < p->in; i++) {
			double sum = 0.0;

			for (int r = 0; r < p->rank; r++)
				sum += embd ?
				    (double)a[o * p->rank + r] *
				    b[i * p->rank + r] :
				    (double)a[r * p->in + i] *
				    b[o * p->rank + r];
			w[o * p->in + i] += (float)(scale * sum);
		}
	free(a);
	free(b);
}

static void
write_at(FILE *fp, int64_t at, const void *data, size_t n)
{
	assert_int_equal(fseek(fp, (long)at, SEEK_SET), 0);
	assert_int_equal(fwrite(data, 1, n, fp), n);
}

/* Merge an adapter into the F32 model at `path`; scale is the user's. */
static void
merge(const char *path, const char *adapter, const struct lora_spec *s,
    double scale)
{
	struct gguf *m = gguf_open(path, NULL), *g = gguf_open(adapter, NULL);
	FILE *fp = fopen(path, "r+b");

	assert_true(m && g && fp);
	for (int i = 0; i < s->n; i++) {
		const struct lora_pair *p = &s->pairs[i];
		double alpha = s->alpha != 0.0 ? s->alpha / p->rank : 1.0;
		const struct tensor *t;
		float *w = values_of(m, p->name, "", &t);

		merge_pair(g, p, scale * alpha, w);
		write_at(fp, (const uint8_t *)t->data -
		    m->parts[t->part].map, w, (size_t)t->bytes);
		free(w);
	}
	assert_int_equal(fclose(fp), 0);
	gguf_close(m);
	gguf_close(g);
}

struct rows {
	float batch[N][V];	/* all at once */
	float single[N][V];	/* token by token */
};

static void
keep_row(int pos, const float *logits, void *ud)
{
	struct rows *r = ud;

	memcpy(r->batch[pos], logits, sizeof r->batch[pos]);
}

static void
compute(const char *path, const struct engine_lora *l, int n, struct rows *r)
{
	struct engine_opts o = { .threads = 2, .kv = KV_F32, .lora = l,
		.n_lora = n, .no_vocab = true };
	struct err err = { "" };
	struct engine *e = engine_open(path, &o, &err);
	struct session *s;
	int32_t tok[N];

	if (!e)
		print_error("%s\n", err.text);
	assert_non_null(e);
	s = session_new(e, N, &err);
	assert_non_null(s);
	for (int i = 0; i < N; i++)
		tok[i] = (i * i * 7 + i * 3 + 11) % V;
	assert_int_equal(session_logits_all(s, tok, N, keep_row, r, NULL), 0);
	for (int i = 0; i < N; i++) {
		assert_int_equal(i ? session_eval(s, tok[i], NULL, NULL) :
		    session_sync(s, tok, 1, NULL, NULL, NULL), 0);
		memcpy(r->single[i], session_logits(s), sizeof r->single[i]);
	}
	session_free(s);
	engine_close(e);
}

static void
assert_same(const struct rows *a, const struct rows *b)
{
	assert_near(a->batch[0], b->batch[0], 2 * N * V, 1e-9);
}

/* The model with the adapter against the model that took it in. */
static void
check_merged(const struct model_spec *m, const struct lora_spec *s,
    float scale)
{
	static struct rows with, merged, plain;
	char model[256], adapter[256];
	const struct engine_lora l = { adapter, scale };

	tiny_write(m, model);
	tiny_lora_write(s, adapter);
	compute(model, NULL, 0, &plain);
	compute(model, &l, 1, &with);
	merge(model, adapter, s, scale);
	compute(model, NULL, 0, &merged);
	assert_same(&with, &merged);
	assert_true(relative_error(with.batch[0], plain.batch[0],
	    2 * N * V) > 1e-4);
	unlink(adapter);
	unlink(model);
}

/* Would catch a matrix whose correction is left out, or taken with a wrong
 * scale, rank, row or type, in decode or in prefill. */
static void
merged(void **state)
{
	struct lora_spec s = { .pairs = pairs, .n = COUNT(pairs), .seed = 5,
		.alpha = 6.0 };
	struct model_spec m = tiny_spec;

	(void)state;
	check_merged(&m, &s, 1.0f);
	check_merged(&m, &s, -0.4f);
	s.alpha = 0.0;
	check_merged(&m, &s, 0.05f);
	m.arch = s.arch = "qwen2";
	m.bias = true;
	check_merged(&m, &s, 0.1f);
}

/* Would catch an embedding that is corrected with its matrices the wrong way
 * round, and a head tied to it that is not. */
static void
merged_embedding(void **state)
{
	const struct lora_spec s = { .pairs = embedding,
		.n = COUNT(embedding), .seed = 3, .alpha = 2.0 };
	struct model_spec m = tiny_spec;

	(void)state;
	check_merged(&m, &s, 1.5f);
	m.tied = true;
	check_merged(&m, &s, 1.5f);
}

/* Would catch a scale that is not obeyed, and an adapter that displaces the
 * one before it. */
static void
several(void **state)
{
	const struct lora_spec one = { .pairs = pairs, .n = COUNT(pairs),
		.seed = 5, .alpha = 6.0 };
	const struct lora_spec two = { .pairs = embedding,
		.n = COUNT(embedding), .seed = 6, .alpha = 3.0 };
	const struct lora_spec three = { .pairs = pairs, .n = 5, .seed = 7,
		.alpha = 4.0 };
	static struct rows plain, rows, all;
	char model[256], a[256], b[256], c[256];
	struct engine_lora l[3] = { { a, 0.5f }, { b, 1.0f }, { c, -1.0f } };

	(void)state;
	tiny_write(&tiny_spec, model);
	tiny_lora_write(&one, a);
	tiny_lora_write(&two, b);
	tiny_lora_write(&three, c);
	compute(model, NULL, 0, &plain);
	compute(model, l, 3, &rows);
	merge(model, a, &one, 0.5);
	merge(model, b, &two, 1.0);
	merge(model, c, &three, -1.0);
	compute(model, NULL, 0, &all);
	assert_same(&rows, &all);
	unlink(model);

	tiny_write(&tiny_spec, model);
	l[0].scale = l[1].scale = l[2].scale = 0.0f;
	compute(model, l, 3, &rows);
	assert_memory_equal(&rows, &plain, sizeof rows);
	unlink(model);
	unlink(a);
	unlink(b);
	unlink(c);
}

/* ---- refusals ---- */

static void
assert_says(const struct err *err, const char *text)
{
	if (!strstr(err->text, text)) {
		print_error("\"%s\" is not in: %s\n", text, err->text);
		fail();
	}
}

/* Would catch a file that is taken for what it is not, or used damaged. */
static void
refused(void **state)
{
	static const struct lora_pair
	    deep = { "blk.0.attn_q.weight", 1, 1, LORA_MAX_RANK + 1, 0, 0 },
	    bias = { "blk.0.attn_q.bias", 64, 64, 4, 0, TT_F32 },
	    norm = { "blk.0.attn_norm.weight", 64, 1, 4, 0, TT_F32 },
	    sliced = { "token_embd.weight", 64, V, 4, 2, TT_F32 };
	const struct {
		struct lora_spec s;	/* pairs NULL: those above */
		const char *says;
	} cases[] = {
		{ { .general = "model" }, "not an adapter" },
		{ { .kind = "control_vector" }, "another kind" },
		{ { .arch = "qwen2" }, "\"qwen2\", but the model's is "
		    "\"llama\"" },
		{ { .alpha = NAN }, "alpha" },
		{ { .alpha = INFINITY }, "alpha" },
		{ { .alpha = 3e38 }, "too large" },
		{ { .no_tensor = "blk.0.attn_k.weight.lora_a" },
		    "lora_b is there without its lora_a" },
		{ { .no_tensor = "blk.0.attn_k.weight.lora_b" },
		    "lora_a is there without its lora_b" },
		{ { .long_tensor = "blk.0.attn_k.weight.lora_b" },
		    "has the rank 5, but blk.0.attn_k.weight.lora_b has 6" },
		{ { .bad_tensor = "blk.0.attn_k.weight.lora_a", .bad = NAN },
		    "finite" },
		{ { .bad_tensor = "blk.0.attn_output.weight.lora_b",
		    .bad = -INFINITY }, "finite" },
		{ { .extra = "blk.0.attn_norm.weight" }, "norms" },
		{ { .extra = "blk.0.attn_q.weight.lora_c" }, "norms" },
		{ { .extra = ".lora_a" }, "norms" },
		{ { .pairs = &bias, .n = 1 }, "biases" },
		{ { .pairs = &norm, .n = 1 }, "norms" },
		{ { .pairs = &deep, .n = 1 }, "4097" },
		{ { .pairs = &sliced, .n = 1 }, "slices" },
		{ { .pairs = &bias, .n = 0 }, "no corrections" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lora_spec s = cases[i].s;
		struct err err = { "" };
		char path[256];
		const struct engine_lora l = { path, 100.0f };

		if (!s.pairs) {
			s.pairs = pairs;
			s.n = COUNT(pairs);
		}
		tiny_lora_write(&s, path);
		assert_null(lora_open(&l, 1, "llama", &err));
		assert_says(&err, cases[i].says);
		assert_says(&err, path);
		unlink(path);
	}
}

/* Would catch scales and counts that are not checked, and a file that is not
 * there. */
static void
refused_arguments(void **state)
{
	struct engine_lora l[LORA_MAX_FILES + 1] = { { "/nowhere", NAN } };
	struct err err = { "" };

	(void)state;
	assert_null(lora_open(l, 1, "llama", &err));
	assert_says(&err, "scale");
	l[0].scale = 1.0f;
	assert_null(lora_open(l, 1, "llama", &err));
	assert_says(&err, "/nowhere");
	assert_null(lora_open(l, LORA_MAX_FILES + 1, "llama", &err));
	assert_says(&err, "too many");
}

/* Would catch a shape that is used though the model has another, slices that
 * are mixed up, and corrections that nobody applies. */
static void
shapes(void **state)
{
	static const struct lora_pair p[] = {
		{ "blk.0.ffn_up_exps.weight", 32, 20, 4, 3, TT_F32 },
		{ "blk.0.attn_q.weight", 24, 20, 4, 0, TT_F32 },
	};
	const struct lora_spec spec = { .pairs = p, .n = 2, .seed = 1 };
	char path[256];
	const struct engine_lora file = { path, 1.0f };
	const char *up = p[0].name, *q = p[1].name;
	const struct lora *l = NULL;
	struct err err = { "" };
	struct lora_set *s;

	(void)state;
	tiny_lora_write(&spec, path);
	s = lora_open(&file, 1, "llama", &err);
	unlink(path);
	assert_non_null(s);
	assert_int_equal(lora_find(s, up, 32, 20, 4, &l, &err), -1);
	assert_says(&err, "32 x 20 x 3, but in the model it is 32 x 20 x 4");
	assert_int_equal(lora_find(s, q, 24, 21, 1, &l, &err), -1);
	assert_int_equal(lora_find(s, q, 20, 24, 1, &l, &err), -1);
	assert_int_equal(lora_find(s, "blk.0.attn_k.weight", 24, 20, 1, &l,
	    &err), 0);
	assert_null(l);
	assert_int_equal(lora_find(s, up, 32, 20, 3, &l, &err), 0);
	assert_int_equal(l->slices_a, 3);
	assert_int_equal(lora_check_used(s, &err), -1);
	assert_says(&err, q);
	/* shared by all slices */
	assert_int_equal(lora_find(s, q, 24, 20, 7, &l, &err), 0);
	assert_int_equal(lora_rank(l), 4);
	assert_int_equal(lora_check_used(s, &err), 0);
	lora_free(s);
	assert_int_equal(lora_find(NULL, q, 24, 20, 1, &l, &err), 0);
	assert_null(l);
	assert_int_equal(lora_check_used(NULL, &err), 0);
}

/* Would catch an engine that opens with an adapter of another model. */
static void
refused_by_engine(void **state)
{
	static const struct lora_pair other[] = {
		{ "blk.7.attn_q.weight", 64, 64, 4, 0, TT_F32 },
		{ "blk.0.attn_q.weight", 64, 96, 4, 0, TT_F32 },
	};
	char model[256], path[256];
	const struct engine_lora l = { path, 1.0f };
	const struct engine_opts o = { .threads = 1, .lora = &l, .n_lora = 1,
		.no_vocab = true };

	(void)state;
	tiny_write(&tiny_spec, model);
	for (int i = 0; i < 2; i++) {
		const struct lora_spec s = { .pairs = &other[i], .n = 1 };
		struct err err = { "" };

		tiny_lora_write(&s, path);
		assert_null(engine_open(model, &o, &err));
		assert_memory_equal(err.text, path, strlen(path));
		assert_says(&err, other[i].name);
		unlink(path);
	}
	unlink(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merged),
		cmocka_unit_test(merged_embedding),
		cmocka_unit_test(several),
		cmocka_unit_test(refused),
		cmocka_unit_test(refused_arguments),
		cmocka_unit_test(shapes),
		cmocka_unit_test(refused_by_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
