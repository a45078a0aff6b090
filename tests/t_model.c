/* t_model.c -- what a model file declares, checked against itself: a sound
 * file is read, and every kind of lie is refused with a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <sys/mman.h>

#include "digest.h"
#include "model.h"
#include "tiny_model.h"
#include "warm.h"

/* Reads the file of s; on refusal checks that err names `about`. */
static struct model *
read_spec(const struct model_spec *s, struct gguf **g, struct err *err)
{
	char path[256];
	struct model *m;

	tiny_write(s, path);
	*g = gguf_open(path, err);
	unlink(path);
	assert_non_null(*g);
	m = model_new(*g, err);
	if (!m)
		gguf_close(*g);
	return m;
}

static void
refused(const struct model_spec *s, const char *about)
{
	struct gguf *g;
	struct err err = { "" };
	struct model *m = read_spec(s, &g, &err);

	if (m) {
		print_error("not refused: %s\n", about);
		fail();
	}
	if (!strstr(err.text, about)) {
		print_error("\"%s\" does not name %s\n", err.text, about);
		fail();
	}
}

/* Would catch a hyperparameter or a tensor read from the wrong key. */
static void
sound(void **state)
{
	struct model_spec s = tiny_spec;
	struct gguf *g;
	struct err err = { "" };
	struct model *m = read_spec(&s, &g, &err);

	(void)state;
	assert_non_null(m);
	assert_int_equal(m->hp.n_layer, 2);
	assert_int_equal(m->hp.n_head_kv, 2);
	assert_int_equal(m->hp.dk, 16);
	assert_int_equal(m->hp.n_vocab, 50);
	assert_int_equal(m->hp.rope.pairs, ROPE_NORM);
	assert_int_equal(m->layers[1].wk.out, 32);
	assert_int_equal(m->layers[1].down.in, 96);
	assert_null(m->layers[0].wq.bias);
	assert_true(m->output.data != m->tok_embd.data);
	assert_true(fabs(m->hp.attn_scale - 0.25) < 1e-6);
	model_free(m);
	gguf_close(g);
}

/* Would catch a head that is not the embedding's when output.weight is
 * absent, and a bias freed twice because of it. */
static void
tied_and_biased(void **state)
{
	struct model_spec s = tiny_spec;
	struct gguf *g;
	struct err err = { "" };
	struct model *m;

	(void)state;
	s.arch = "qwen2";
	s.tied = s.bias = true;
	m = read_spec(&s, &g, &err);
	assert_non_null(m);
	assert_int_equal(m->hp.rope.pairs, ROPE_NEOX);
	assert_ptr_equal(m->output.data, m->tok_embd.data);
	assert_non_null(m->layers[1].wv.bias);
	model_free(m);
	gguf_close(g);
}

/* Would catch numbers of a hostile or damaged file that reach an allocation,
 * a division or an index. */
static void
hostile_numbers(void **state)
{
	static const struct { const char *key; double v; } t[] = {
		{ "block_count", 0 }, { "block_count", 1e9 },
		{ "block_count", -1 }, { "context_length", 0 },
		{ "context_length", 4294967295.0 },
		{ "embedding_length", 0 }, { "embedding_length", 1e12 },
		{ "feed_forward_length", 0 },
		{ "attention.head_count", 0 },
		{ "attention.head_count", 1e6 },
		{ "attention.head_count_kv", 0 },
		{ "attention.head_count_kv", 5 },
		{ "rope.dimension_count", 0 },
		{ "rope.dimension_count", 18 },
		{ "rope.freq_base", 0 }, { "rope.freq_base", -10000 },
		{ "attention.layer_norm_rms_epsilon", -1 },
		{ "vocab_size", 51 }, { "vocab_size", 0 },
		{ "+attention.key_length", 1e6 },
		{ "+attention.value_length", 0 },
		{ "+expert_count", -1 }, { "+expert_count", 1e6 },
		{ "+rope.scaling.factor", -2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct model_spec s = tiny_spec;

		s.key = t[i].key;
		s.value = t[i].v;
		refused(&s, t[i].key + (t[i].key[0] == '+'));
	}
}

/* Would catch a width of keys and values that was never said and so is the
 * whole embedding's, past what a head may have. */
static void
wide_values(void **state)
{
	struct model_spec s = tiny_spec;

	(void)state;
	s.n_layer = s.n_head = s.n_head_kv = 1;
	s.n_embd = 1056;
	s.key = "rope.dimension_count";
	s.value = 16;
	refused(&s, "1056 a value");
}

/* Would catch heads that do not divide, odd rotations, and dimensions that
 * disagree with the tensors. */
static void
disagreeing(void **state)
{
	struct model_spec s = tiny_spec;

	(void)state;
	s.key = "attention.head_count_kv";
	s.value = 3;
	refused(&s, "evenly");
	s.key = "rope.dimension_count";
	s.value = 7;
	refused(&s, "not even");
	s.key = "embedding_length";
	s.value = 128;
	refused(&s, "token_embd.weight");
	s.key = "block_count";
	s.value = 3;
	refused(&s, "blk.2.");
}

/* Would catch a missing or misshapen tensor that is only noticed when it is
 * used. */
static void
tensors(void **state)
{
	static const char *const names[] = { "token_embd.weight",
		"output_norm.weight", "blk.0.attn_norm.weight",
		"blk.1.attn_q.weight", "blk.1.attn_v.weight",
		"blk.0.attn_output.weight", "blk.1.ffn_norm.weight",
		"blk.0.ffn_gate.weight", "blk.1.ffn_down.weight" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct model_spec s = tiny_spec;

		s.no_tensor = names[i];
		refused(&s, names[i]);
		s.no_tensor = NULL;
		s.wide_tensor = names[i];
		/* a row more of embeddings is a larger vocabulary */
		refused(&s, i == 0 ? "vocab_size" : names[i]);
	}
}

/* Would catch an architecture that is run as another, and a sentence that
 * does not say what is supported. */
static void
other_kinds(void **state)
{
	struct model_spec s = tiny_spec;

	(void)state;
	s.arch = "gemma9";
	refused(&s, "gemma9");
	refused(&s, "llama, qwen2");
	s.arch = "qwen2";		/* without the biases it must have */
	refused(&s, "bias");
	s.arch = NULL;
	s.key = "+rope.scaling.type";
	s.text = "longrope";
	refused(&s, "longrope");
	s = tiny_spec;
	s.key = "block_count";
	s.leave_out = true;
	refused(&s, "block_count");
}

/* Would catch a division by the zeros of a hostile rope_freqs tensor. */
static void
rope_divisors(void **state)
{
	struct model_spec s = tiny_spec;
	struct gguf *g;
	struct err err = { "" };
	struct model *m;

	(void)state;
	s.rope_freqs = true;
	m = read_spec(&s, &g, &err);
	assert_non_null(m);
	assert_true(m->rope_freqs[0] >= 2.0f && m->rope_freqs[0] <= 6.0f);
	model_free(m);
	gguf_close(g);
	s.zero_tensor = "rope_freqs.weight";
	refused(&s, "rope_freqs");
}

/* Would catch a rotation of the wrong pairs or by the wrong angle, and a
 * stretch that multiplies where it should divide. */
static void
rotation(void **state)
{
	struct rope_params p = { .pairs = ROPE_NORM, .n_rot = 4,
		.base = 100.0f, .factor = 1.0f };
	struct rope r;
	float norm[4] = { 1, 0, 1, 0 }, neox[4] = { 1, 1, 0, 0 };

	(void)state;
	assert_int_equal(rope_init(&r, &p, NULL, 8, NULL), 0);
	rope_fill(&r, 8);
	rope_turn(&r, norm, 1, 4, 3);
	assert_true(fabs(norm[0] - cos(3.0)) < 1e-6);
	assert_true(fabs(norm[1] - sin(3.0)) < 1e-6);
	assert_true(fabs(norm[3] - sin(0.3)) < 1e-6);
	rope_done(&r);

	p.pairs = ROPE_NEOX;
	p.scaling = ROPE_SCALING_LINEAR;
	p.factor = 2.0f;
	assert_int_equal(rope_init(&r, &p, NULL, 8, NULL), 0);
	rope_fill(&r, 7);
	rope_turn(&r, neox, 1, 4, 6);
	assert_true(fabs(neox[0] - cos(3.0)) < 1e-6);
	assert_true(fabs(neox[2] - sin(3.0)) < 1e-6);
	assert_true(fabs(neox[3] - sin(0.3)) < 1e-6);
	rope_done(&r);
}

/* Would catch a digest that is not SHA-256 of the bytes (FIPS 180-2's "abc"
 * and one chunk more than progress is told of). */
static void
digests(void **state)
{
	char out[DIGEST_MAX];

	(void)state;
	digest_file((const uint8_t *)"abc", 3, 3, out, NULL, NULL);
	assert_string_equal(out, "sha256:ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
}

static bool
count_news(int64_t done, int64_t total, void *ud)
{
	int64_t *last = ud;

	assert_true(done > *last && done <= total);
	*last = done;
	return false;
}

/* Would catch a digest on a thread of its own that is another one, whose end
 * is not told, or that cannot be given up. */
static void
digest_beside(void **state)
{
	size_t n = (size_t)20 << 20;
	uint8_t *p = calloc(n, 1);
	struct gpart part = { .map = p, .bytes = (int64_t)n,
		.data_offset = 64 };
	char want[DIGEST_MAX], got[DIGEST_MAX];
	int64_t last = 0;

	(void)state;
	assert_non_null(p);
	digest_file(p, (int64_t)n, 64, want, NULL, NULL);
	assert_int_equal(digest_end(digest_begin(&part, 1, false), got, count_news,
	    &last), 0);
	assert_string_equal(got, want);
	assert_int_equal(last, (int64_t)n);
	digest_cancel(digest_begin(&part, 1, false));
	digest_cancel(NULL);
	free(p);
}

/* Would catch a digest that is waited for although it was told to rest, that
 * cannot be given up then, or whose rest changes it. */
static void
digest_rests(void **state)
{
	size_t n = (size_t)20 << 20;
	uint8_t *p = calloc(n, 1);
	struct gpart part = { .map = p, .bytes = (int64_t)n,
		.data_offset = 64 };
	char want[DIGEST_MAX], got[DIGEST_MAX];
	struct digest_job *j = digest_begin(&part, 1, false);

	(void)state;
	digest_file(p, (int64_t)n, 64, want, NULL, NULL);
	digest_rest(j, true);
	digest_rest(j, false);
	digest_rest(j, true);
	assert_int_equal(digest_end(j, got, NULL, NULL), 0);
	assert_string_equal(got, want);
	j = digest_begin(&part, 1, false);
	digest_rest(j, true);
	digest_cancel(j);
	digest_rest(NULL, true);
	free(p);
}

/* MiB of files that are mapped and in memory. */
static int
mapped(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	int kib = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		if (sscanf(line, "RssFile: %d", &kib) == 1)
			break;
	fclose(f);
	return kib >> 10;
}

/* Would catch pages of a file that its digest leaves behind where they are not
 * wanted, or takes away where they are; and a digest that depends on it. */
static void
digest_lets_go(void **state)
{
	FILE *f = tmpfile();
	int64_t n = ((int64_t)32 << 20) + 7;
	char kept[DIGEST_MAX], gone[DIGEST_MAX];
	struct gpart part = { .bytes = n, .data_offset = 64 };
	int before = mapped();
	void *p;

	(void)state;
	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), n), 0);
	p = mmap(NULL, (size_t)n, PROT_READ, MAP_SHARED, fileno(f), 0);
	assert_ptr_not_equal(p, MAP_FAILED);
	part.map = p;
	digest_end(digest_begin(&part, 1, true), gone, NULL, NULL);
	assert_in_range(mapped(), 0, before + 16);
	digest_end(digest_begin(&part, 1, false), kept, NULL, NULL);
	assert_in_range(mapped(), before + 24, before + 48);
	assert_string_equal(kept, gone);
	munmap(p, (size_t)n);
	fclose(f);
}

/* Progress of weights that are brought into memory; told up to `until`. */
struct told { int64_t last, total, until; };

static bool
hear(int64_t done, int64_t total, void *ud)
{
	struct told *t = ud;

	assert_true(done >= t->last && done <= total);
	t->last = done;
	t->total = total;
	return done >= t->until;
}

/* Would catch weights that are left out or counted twice, an end that is not
 * told, and reading that cannot be given up. */
static void
warming(void **state)
{
	int64_t n = ((int64_t)20 << 20) + 5;
	uint8_t *p = mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0);
	struct tensor t[] = { { .name = "output.weight", .data = p,
		.bytes = n }, { .name = "blk.0.ffn_up_exps.weight",
		.data = p, .bytes = 100 } };
	struct gguf g = { .tensors = t, .n_tensors = 2 };
	struct model m = { .g = &g, .n_block = 1, .hp = { .n_layer = 1,
		.moe.n_expert = 2 } };
	struct told all = { .until = INT64_MAX }, some = { .until = 1 };

	(void)state;
	assert_ptr_not_equal(p, MAP_FAILED);
	assert_int_equal(warm_end(warm_begin(&m, false), hear, &all), 0);
	assert_true(all.last == n && all.total == n);
	all.last = 0;
	assert_int_equal(warm_end(warm_begin(&m, true), hear, &all), 0);
	assert_true(all.last == n + 100 && all.total == n + 100);
	assert_int_equal(warm_end(warm_begin(&m, true), hear, &some), -1);
	assert_int_equal(warm_end(NULL, hear, &some), 0);
	munmap(p, (size_t)n);
}

/* Would catch a large file that is read whole, or whose digest does not see
 * its last bytes or its length. */
static void
sampled_digests(void **state)
{
	size_t n = (size_t)DIGEST_WHOLE + 4096;
	uint8_t *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char a[DIGEST_MAX], b[DIGEST_MAX];

	(void)state;
	assert_ptr_not_equal(p, MAP_FAILED);
	digest_file(p, (int64_t)n, 100, a, NULL, NULL);
	assert_int_equal(strncmp(a, "sha256-sampled:", 15), 0);
	digest_file(p, (int64_t)n - 64, 100, b, NULL, NULL);
	assert_string_not_equal(a, b);
	p[n - 1] = 1;
	digest_file(p, (int64_t)n, 100, b, NULL, NULL);
	assert_string_not_equal(a, b);
	munmap(p, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound),
		cmocka_unit_test(tied_and_biased),
		cmocka_unit_test(hostile_numbers),
		cmocka_unit_test(wide_values),
		cmocka_unit_test(disagreeing),
		cmocka_unit_test(tensors),
		cmocka_unit_test(other_kinds),
		cmocka_unit_test(rope_divisors),
		cmocka_unit_test(rotation),
		cmocka_unit_test(digests),
		cmocka_unit_test(digest_beside),
		cmocka_unit_test(digest_rests),
		cmocka_unit_test(digest_lets_go),
		cmocka_unit_test(warming),
		cmocka_unit_test(sampled_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
