/* t_lane_store.c -- a model whose rows are read in lanes computes what it does
 * with rows as they lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>

#include "forward.h"
#include "lane_store.h"
#include "lanes_put.h"
#include "tiny_model.h"

#define V 50
#define N 40		/* tokens of a batch */
#define WIDEST 128

/* The rows as they were, then what the scalar kernels make of them. */
static void
plain_lanes(enum ttype t, const void *w, const struct act_rows *x,
    int vectors, float *out, int ldo)
{
	const struct lanes_form *form = lanes_form(t);
	int64_t bytes = ttype_row_bytes(t, x->n), blocks = x->n / 32;
	uint8_t rows[LANES][WIDEST * 2];
	const uint8_t *p = w;
	int16_t sum[WIDEST / 16];

	assert_int_equal(t, TT_Q8_0);
	for (int64_t b = 0; b < blocks; b++, p += LANES * 34)
		for (int r = 0; r < LANES; r++) {
			uint8_t *to = rows[r] + b * 34;

			for (int i = 0; i < form->words; i++)
				memcpy(to + 2 + i * 4, p + (i * LANES + r) * 4,
				    4);
			memcpy(to, p + form->words * LANES * 4 + r * 2, 2);
		}
	for (int v = 0; v < vectors; v++) {
		struct act a = { .n = x->n, .q = x->q + v * x->n,
			.d = x->d + v * blocks, .sum = sum };

		for (int64_t i = 0; i < blocks * 2; i++)
			sum[i] = (int16_t)x->sum[v * blocks * 2 + i];
		kern_scalar()->gemv(t, rows, sizeof rows[0], &a,
		    out + v * ldo, LANES);
	}
	assert_true(bytes <= (int64_t)sizeof rows[0]);
}

static bool
lanes_q8(enum ttype t)
{
	return t == TT_Q8_0;
}

struct fixture {
	struct gguf *g;
	struct model *m;
	struct pool *pool;
	int32_t tok[N];
};

static int
setup(void **state)
{
	static const struct model_spec spec = { .n_layer = 2, .n_embd = 64,
		.n_ff = 96, .n_head = 4, .n_head_kv = 2, .n_vocab = V,
		.n_ctx = 600, .q8 = true };
	struct fixture *f = calloc(1, sizeof *f);
	char path[256];

	tiny_write(&spec, path);
	f->g = gguf_open(path, NULL);
	unlink(path);
	assert_non_null(f->g);
	f->m = model_new(f->g, NULL);
	assert_non_null(f->m);
	f->pool = pool_new(2, NULL);
	for (int i = 0; i < N; i++)
		f->tok[i] = (i * i * 7 + i * 3 + 11) % V;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	pool_free(f->pool);
	model_free(f->m);
	gguf_close(f->g);
	free(f);
	return 0;
}

/* Scores after each of some tokens, few at once and one alone, and after a
 * batch. */
static void
scores(const struct fixture *f, const struct kern *kn, float out[9][V])
{
	struct forward fw;

	assert_int_equal(forward_init(&fw, f->m, kn, f->pool, KV_F32, 100,
	    false, NULL), 0);
	assert_true(forward_few(&fw, f->tok, 7, 0, out[0]));
	assert_true(forward_few(&fw, f->tok + 7, 1, 7, out[7]));
	assert_true(forward_batch(&fw, f->tok, N, 0, NULL, NULL));
	assert_true(forward_logits(&fw, N - 1));
	memcpy(out[8], fw.logits, sizeof out[8]);
	forward_done(&fw);
}

/* Would catch rows that are turned into the wrong place or not at all, or that
 * are read before; and pages of the file that are let go of too early. */
static void
same_scores(void **state)
{
	struct fixture *f = *state;
	struct kern kn = *kern_scalar();
	static float want[9][V], got[9][V];

	scores(f, &kn, want);
	lane_store_add(f->m, &kn);
	assert_null(f->m->lanes);
	kn.in_lanes = lanes_q8;
	kn.to_lanes = lanes_put;
	kn.lanes = plain_lanes;
	lane_store_add(f->m, &kn);
	assert_non_null(f->m->lanes);
	assert_null(f->m->output.lanes);	/* F32 */
	for (int i = 0; i < 2; i++) {
		scores(f, &kn, got);
		assert_memory_equal(got, want, sizeof want);
	}
	for (int il = 0; il < 2; il++) {
		struct lane_store *s = f->m->layers[il].down.lanes;

		assert_non_null(s);
		assert_int_equal(s->per_slice, 4);
		assert_int_equal(atomic_load(&s->missing[0]), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_scores, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
