/* t_linear.c -- products with weight matrices against plain sums, for one
 * vector and for many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linear.h"
#include "near.h"

#define ROWS 37			/* vectors of a batch */
#define MAX_IN 8224		/* a panel of it is longer than most */
#define MAX_OUT 203

struct fixture {
	struct linear_env env;
	struct act_rows x8;
	float *scratch[2];
	uint32_t random;
	float *x, *out, *out2, *want, *want2;
	struct few few;
};

static float
random_value(struct fixture *f)
{
	f->random = f->random * 1664525u + 1013904223u;
	return (float)(f->random >> 8) / 8388608.0f - 1.0f;
}

static float *
random_values(struct fixture *f, size_t n)
{
	float *v = calloc(n, sizeof *v);

	for (size_t i = 0; i < n; i++)
		v[i] = random_value(f);
	return v;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	size_t n = (size_t)ROWS * MAX_OUT;

	f->env.pool = pool_new(2, NULL);
	f->env.kn = kern_get(NULL);
	f->random = 1;
	for (int i = 0; i < 2; i++)
		f->scratch[i] = calloc(linear_scratch(MAX_IN, ROWS),
		    sizeof(float));
	f->env.scratch = f->scratch;
	assert_int_equal(act_rows_init(&f->x8, f->env.kn, ROWS,
	    MAX_IN), 0);
	f->env.x8 = &f->x8;
	f->x = random_values(f, (size_t)ROWS * MAX_IN);
	f->out = calloc(n, sizeof(float));
	f->out2 = calloc(n, sizeof(float));
	f->want = calloc(n, sizeof(float));
	f->want2 = calloc(n, sizeof(float));
	assert_true(few_init(&f->few, FEW_MAX, MAX_IN));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	pool_free(f->env.pool);
	free(f->scratch[0]);
	free(f->scratch[1]);
	free(f->x);
	free(f->out);
	free(f->out2);
	free(f->want);
	free(f->want2);
	few_done(&f->few);
	act_rows_done(&f->x8);
	free(f);
	return 0;
}

/* A weight of random values with biases; all of it is freed by weight_done. */
static struct weight
new_weight(struct fixture *f, enum ttype t, int in, int out, int slices)
{
	struct weight w = { .type = t, .in = in, .out = out, .slices = slices,
		.row_bytes = ttype_row_bytes(t, in) };
	int64_t rows = (int64_t)out * slices;
	uint8_t *data = calloc((size_t)rows, (size_t)w.row_bytes);
	float *v = random_values(f, (size_t)rows * (size_t)in);

	assert_int_equal(quant_row(t, v, data, rows * in), 0);
	free(v);
	w.data = data;
	w.slice_bytes = w.row_bytes * out;
	w.bias = random_values(f, (size_t)out);
	return w;
}

static void
weight_done(struct weight *w)
{
	free((void *)(uintptr_t)w->data);
	free(w->bias);
	if (w->lora) {
		free((void *)(uintptr_t)w->lora->a);
		free((void *)(uintptr_t)w->lora->b);
	}
}

/* rows of n random values as type t, in new memory. */
static void *
thin(struct fixture *f, enum ttype t, int rows, int n)
{
	float *v = random_values(f, (size_t)rows * (size_t)n);
	void *o = calloc((size_t)rows, (size_t)ttype_row_bytes(t, n));

	assert_int_equal(quant_row(t, v, o, (int64_t)rows * n), 0);
	free(v);
	return o;
}

/* Corrections of all slices of w; *l is where they are kept. */
static void
correct(struct fixture *f, struct weight *w, struct lora *l, int rank,
    int slices_a, int slices_b)
{
	*l = (struct lora){ .rank = rank, .in = w->in, .out = w->out,
		.scale = 0.3f, .slices_a = slices_a, .slices_b = slices_b,
		.type_a = rank % 2 ? TT_F16 : TT_F32,
		.type_b = rank % 3 ? TT_F32 : TT_BF16, .kn = f->env.kn };
	l->a = thin(f, l->type_a, slices_a * rank, w->in);
	l->b = thin(f, l->type_b, slices_b * w->out, rank);
	w->lora = l;
}

static float *
unpacked(enum ttype t, const void *v, int n)
{
	float *o = calloc((size_t)n, sizeof *o);

	dequant_row(t, v, o, n);
	return o;
}

/* The corrections of row o, in double, on a row of weights. */
static void
plain_merge(const struct lora *l, int slice, int o, double *row)
{
	for (; l; l = l->next) {
		float *a = unpacked(l->type_a, l->a,
		    l->slices_a * l->rank * l->in);
		float *b = unpacked(l->type_b, l->b,
		    l->slices_b * l->rank * l->out);
		const float *as = a, *bs = b + o * l->rank;

		if (l->slices_a > 1)
			as += slice * l->rank * l->in;
		if (l->slices_b > 1)
			bs += slice * l->rank * l->out;
		for (int r = 0; r < l->rank; r++)
			for (int i = 0; i < l->in; i++)
				row[i] += (double)l->scale * bs[r] *
				    as[r * l->in + i];
		free(a);
		free(b);
	}
}

/* want[rows][w->out], term by term. */
static void
plain_product(const struct fixture *f, const struct weight *w, int rows,
    float *want)
{
	float *row = calloc((size_t)w->in, sizeof *row);
	double *full = calloc((size_t)w->in, sizeof *full);

	for (int o = 0; o < w->out; o++) {
		dequant_row(w->type, w->data + o * w->row_bytes, row, w->in);
		for (int i = 0; i < w->in; i++)
			full[i] = row[i];
		plain_merge(w->lora, w->slice, o, full);
		for (int r = 0; r < rows; r++) {
			double sum = w->bias[o];

			for (int i = 0; i < w->in; i++)
				sum += full[i] * f->x[r * w->in + i];
			want[r * w->out + o] = (float)sum;
		}
	}
	free(row);
	free(full);
}

static const struct few *
few(struct fixture *f, int n, int in)
{
	few_fill(&f->few, f->env.kn, f->x, n, in);
	return &f->few;
}

/* One product both ways; limit is that of products in 8 bits. */
static void
check_product(struct fixture *f, const struct weight *w, double limit)
{
	struct linear l = { w, f->out, false };
	double many = panel_takes(f->env.kn, w->type) ? limit : 1e-10;

	plain_product(f, w, ROWS, f->want);
	assert_true(linear_few(&f->env, few(f, 1, w->in), &l, 1,
	    GLU_NONE));
	assert_near(f->out, f->want, w->out, limit);
	assert_true(linear_mat(&f->env, f->x, ROWS, &l, 1, GLU_NONE));
	assert_near(f->out, f->want, ROWS * w->out, many);
	l.add = true;
	assert_true(linear_mat(&f->env, f->x, ROWS, &l, 1, GLU_NONE));
	for (int i = 0; i < ROWS * w->out; i++)
		f->out[i] /= 2;
	assert_near(f->out, f->want, ROWS * w->out, many);
}

/* Would catch rows whose width is no multiple of anything, panels that are
 * larger than the usual, and a bias that is left out or added twice. */
static void
widths(void **state)
{
	static const struct {
		enum ttype t;
		int in, out;
		double limit;
	} cases[] = {
		{ TT_F32, 1, 3, 1e-10 }, { TT_F32, 33, 203, 1e-10 },
		{ TT_F32, 8219, 35, 1e-9 }, { TT_F16, 70, 130, 1e-10 },
		{ TT_BF16, 45, 17, 1e-10 }, { TT_Q8_0, 96, 65, 1e-3 },
		{ TT_Q4_0, 8224, 17, 1e-3 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct weight w = new_weight(f, cases[i].t, cases[i].in,
		    cases[i].out, 1);

		check_product(f, &w, cases[i].limit);
		weight_done(&w);
	}
}

/* Would catch corrections of the wrong matrix, slice or row, and a second
 * adapter that is overlooked. */
static void
corrections(void **state)
{
	struct fixture *f = *state;
	struct weight w = new_weight(f, TT_F32, 70, MAX_OUT, 3);
	struct weight plain = new_weight(f, TT_F16, 64, 50, 1);
	struct lora l, other;

	for (int shared = 0; shared < 3; shared++) {
		correct(f, &w, &l, 5, shared == 1 ? 1 : 3,
		    shared == 2 ? 1 : 3);
		for (int i = 0; i < 3; i++) {
			struct weight s = weight_slice(&w, i);

			assert_int_equal(s.slices, 1);
			assert_ptr_equal(s.data, w.data + i * MAX_OUT *
			    w.row_bytes);
			check_product(f, &s, 1e-9);
		}
		free((void *)(uintptr_t)l.a);
		free((void *)(uintptr_t)l.b);
		w.lora = NULL;
	}
	correct(f, &plain, &l, 33, 1, 1);
	correct(f, &plain, &other, 4, 1, 1);
	l.next = &other;
	plain.lora = &l;
	assert_int_equal(lora_rank(&l), 37);
	check_product(f, &plain, 1e-9);
	free((void *)(uintptr_t)other.a);
	free((void *)(uintptr_t)other.b);
	weight_done(&w);
	weight_done(&plain);
}

/* Would catch matrices of one input that take each other's corrections. */
static void
three(void **state)
{
	struct fixture *f = *state;
	static float out[3][ROWS * 90];
	struct weight w[3];
	struct lora l[3];
	struct linear lin[3];

	for (int i = 0; i < 3; i++) {
		w[i] = new_weight(f, TT_F32, 64, 50 + 20 * i, 1);
		if (i != 1)
			correct(f, &w[i], &l[i], 3 + i, 1, 1);
		lin[i] = (struct linear){ &w[i], out[i], false };
	}
	assert_true(linear_few(&f->env, few(f, 1, 64), lin, 3,
	    GLU_NONE));
	for (int i = 0; i < 3; i++) {
		plain_product(f, &w[i], ROWS, f->want);
		assert_near(out[i], f->want, w[i].out, 1e-9);
	}
	assert_true(linear_mat(&f->env, f->x, ROWS, lin, 3, GLU_NONE));
	for (int i = 0; i < 3; i++) {
		plain_product(f, &w[i], ROWS, f->want);
		assert_near(out[i], f->want, ROWS * w[i].out, 1e-10);
		weight_done(&w[i]);
	}
}

static float
act_of(enum glu glu, float v)
{
	double t = 0.7978845608028654 * (v + 0.044715 * v * v * v);

	return (float)(glu == GLU_SILU ? v / (1 + exp(-v)) :
	    v / 2 * (1 + tanh(t)));
}

/* Would catch the wrong activation, one that is applied before all of the
 * correction is there, and a second matrix without its correction. */
static void
gated(void **state)
{
	struct fixture *f = *state;
	struct weight w[2];
	struct lora l[2];
	const struct linear lin[2] = { { &w[0], f->out, false },
		{ &w[1], NULL, false } };

	for (int i = 0; i < 2; i++) {
		w[i] = new_weight(f, TT_F32, 96, MAX_OUT, 1);
		correct(f, &w[i], &l[i], 4 + i, 1, 1);
	}
	for (enum glu glu = GLU_SILU; glu <= GLU_GELU; glu++) {
		plain_product(f, &w[0], ROWS, f->want);
		plain_product(f, &w[1], ROWS, f->want2);
		for (int i = 0; i < ROWS * MAX_OUT; i++)
			f->want[i] = act_of(glu, f->want[i]) * f->want2[i];
		assert_true(linear_few(&f->env, few(f, 1, 96), lin,
		    2, glu));
		assert_near(f->out, f->want, MAX_OUT, 1e-8);
		assert_true(linear_mat(&f->env, f->x, ROWS, lin, 2, glu));
		assert_near(f->out, f->want, ROWS * MAX_OUT, 1e-8);
	}
	weight_done(&w[0]);
	weight_done(&w[1]);
}

/* Would catch parts that others make themselves and that differ from the
 * whole: panels, rows, the matrix with its correction. */
static void
parts(void **state)
{
	struct fixture *f = *state;
	struct weight w = new_weight(f, TT_F32, 70, MAX_OUT, 2), s;
	float *t, *panel = calloc(linear_panel_floats(70), sizeof *panel);
	struct lora l;
	int r, n = linear_panel_rows(&f->env, &w);

	correct(f, &w, &l, 6, 2, 2);
	s = weight_slice(&w, 1);
	t = calloc(ROWS * 6, sizeof *t);
	lora_down(s.lora, s.slice, f->x, ROWS, t);
	plain_product(f, &s, ROWS, f->want);
	for (r = 0; r < MAX_OUT; r += n)
		linear_panel(f->env.kn, &s, r, r + n > MAX_OUT ?
		    MAX_OUT - r : n, f->x, NULL, ROWS, t, panel, f->out + r,
		    MAX_OUT);
	assert_near(f->out, f->want, ROWS * MAX_OUT, 1e-10);
	linear_rows(f->env.kn, &s, 7, 100, few(f, 1, 70), t,
	    f->out2, 100);
	assert_near(f->out2, f->want + 7, 100, 1e-9);

	/* w x = (w + b a) x, without the bias */
	memcpy(panel, (const float *)(const void *)s.data + 9 * 70,
	    70 * sizeof *panel);
	lora_merge(s.lora, 1, 9, 1, panel);
	f->env.kn->scores(TT_F32, panel, 70, 1, f->x, 0, 70, 1, f->want2, 1);
	f->want2[0] += s.bias[9];
	assert_near(f->want2, f->want + 9, 1, 1e-9);
	free(t);
	free(panel);
	weight_done(&w);
}

/* Would catch a vector whose result hangs on how many are beside it: guesses
 * at tokens would then change what is written. */
static void
beside_others(void **state)
{
	static const struct { enum ttype t; int in; } cases[] = {
		{ TT_F32, 33 }, { TT_F16, 70 }, { TT_Q8_0, 96 },
		{ TT_Q4_0, 1024 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct weight w = new_weight(f, cases[i].t, cases[i].in,
		    MAX_OUT, 1);
		struct linear l = { &w, f->out, false };
		struct lora c;

		correct(f, &w, &c, 5, 1, 1);
		assert_true(linear_few(&f->env, few(f, FEW_MAX, w.in), &l, 1,
		    GLU_NONE));
		for (int v = 0; v < FEW_MAX; v++) {
			l.out = f->out2;
			few_fill(&f->few, f->env.kn, f->x + v * w.in, 1, w.in);
			assert_true(linear_few(&f->env, &f->few, &l, 1,
			    GLU_NONE));
			assert_memory_equal(f->out2, f->out + v * MAX_OUT,
			    MAX_OUT * sizeof(float));
		}
		weight_done(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(widths),
		cmocka_unit_test(corrections),
		cmocka_unit_test(three),
		cmocka_unit_test(gated),
		cmocka_unit_test(parts),
		cmocka_unit_test(beside_others),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
