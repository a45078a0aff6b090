/* t_kern.c -- the choice of kernels; rows of every tensor type, multiplied and
 * turned into floats: the fast kernels against the scalar ones, and the scalar
 * ones against arithmetic in double precision. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kern.h"
#include "quant_blocks.h"

#define MAX_N 1024
#define MAX_ROWS 7

static const enum ttype all[] = {
	TT_F32, TT_F16, TT_BF16, TT_Q4_0, TT_Q4_1, TT_Q5_0, TT_Q5_1, TT_Q8_0,
	TT_Q2_K, TT_Q3_K, TT_Q4_K, TT_Q5_K, TT_Q6_K, TT_Q8_1, TT_Q8_K,
	TT_IQ1_S, TT_IQ1_M, TT_IQ2_XXS, TT_IQ2_XS, TT_IQ2_S, TT_IQ3_XXS,
	TT_IQ3_S, TT_IQ4_NL, TT_IQ4_XS, TT_TQ1_0, TT_TQ2_0, TT_MXFP4, TT_NVFP4
};
#define N_ALL (sizeof(all) / sizeof(all[0]))

static uint32_t seed = 1;

/* An activation whose arrays end exactly where they should: memory checkers
 * see a step too far. */
static void
act_new(struct act *x, int n)
{
	float *f = malloc((size_t)n * 4);
	int i;

	for (i = 0; i < n; i++)
		f[i] = next_float(&seed) * (i / 32 % 3 == 1 ? 40 : 1);
	x->n = n;
	x->f = f;
	x->q = malloc((size_t)n);
	x->d = malloc((size_t)n / 32 * 4);
	x->sum = malloc((size_t)n / 16 * 2);
}

static void
act_free(struct act *x)
{
	free((void *)(uintptr_t)x->f);
	free(x->q);
	free(x->d);
	free(x->sum);
}

static void
put_scales(enum ttype t, uint8_t *w, int64_t bytes, float d, float m)
{
	int64_t b;

	for (b = 0; b < bytes; b += ttype_info(t)->bytes)
		put_scale(t, w + b, f32_to_f16(d), f32_to_f16(m));
}

enum fill { RANDOM, ONES, ZEROS, N_FILLS, LARGE = N_FILLS, SMALL };

/* Rows of any bits but sound scales; floats get sound values. */
static uint8_t *
weights(enum ttype t, int n, int rows, enum fill fill)
{
	int64_t i, rb = ttype_row_bytes(t, n), bytes = rb * rows;
	uint8_t *w = malloc((size_t)bytes);
	float *f;

	if (ttype_info(t)->block > 1) {
		for (i = 0; i < bytes; i++)
			w[i] = fill == ONES ? 0xff : fill == ZEROS ? 0 :
			    (uint8_t)next_bits(&seed);
		put_scales(t, w, bytes, fill == LARGE ? 65504 :
		    fill == SMALL ? 0x1p-24f : 0.031f,
		    fill == LARGE ? -65504 : -0.47f);
		return w;
	}
	f = malloc((size_t)n * 4);
	for (i = 0; i < rows; i++) {
		for (int j = 0; j < n; j++)
			f[j] = fill == RANDOM ? next_float(&seed) :
			    fill == ONES ? 1 : 0;
		quant_row(t, f, w + i * rb, n);
	}
	free(f);
	return w;
}

/* sum |w| |x|, against which rounding is to be measured. */
static double
magnitude(enum ttype t, const uint8_t *row, const struct act *x)
{
	float w[MAX_N];
	double s = 1e-6;
	int64_t i;

	dequant_row(t, row, w, x->n);
	for (i = 0; i < x->n; i++)
		s += fabs((double)w[i]) * (fabs((double)x->f[i]) +
		    fabs((double)x->d[i / 32]));
	return s;
}

static void
compare_gemv(const struct kern *k, enum ttype t, int n, enum fill fill)
{
	const struct kern *ref = kern_scalar();
	int64_t rb = ttype_row_bytes(t, n);
	uint8_t *w = weights(t, n, MAX_ROWS, fill);
	float a[MAX_ROWS + 1], b[MAX_ROWS + 1];
	struct act x;
	int r, rows;

	act_new(&x, n);
	ref->quantize(&x);
	for (rows = 1; rows <= MAX_ROWS; rows++) {
		a[rows] = b[rows] = 123;
		ref->gemv(t, w + rb * (MAX_ROWS - rows), rb, &x, a, rows);
		k->gemv(t, w + rb * (MAX_ROWS - rows), rb, &x, b, rows);
		for (r = 0; r < rows; r++) {
			double m = magnitude(t,
			    w + rb * (MAX_ROWS - rows + r), &x);

			/* offsets taken out of the products grow the sums:
			 * hence more than plain rounding */
			if (!(fabs((double)a[r] - b[r]) <= m * 4e-6))
				fail_msg("%s n=%d row %d of %d, fill %d: "
				    "%g instead of %g", ttype_name(t), n, r,
				    rows, fill, (double)b[r], (double)a[r]);
		}
		assert_true(b[rows] == 123);
	}
	act_free(&x);
	free(w);
}

/* Catches, for every type: a misread layout, saturation of 16-bit sums (all
 * bits set is the largest magnitude), a wrong tail of rows or blocks, and a
 * write past the rows. */
static void
gemv_as_scalar(void **state)
{
	const struct kern *k = kern_avx2();
	size_t i;
	int n, fill;

	(void)state;
	if (k == NULL) {
		print_message("# left out: no AVX2 on this processor\n");
		return;
	}
	for (i = 0; i < N_ALL; i++)
		for (n = 32; n <= MAX_N; n += n < 160 ? 32 : 96)
			for (fill = 0; fill < N_FILLS; fill++)
				if (n % ttype_info(all[i])->block == 0)
					compare_gemv(k, all[i], n,
					    (enum fill)fill);
	for (i = 0; i < N_ALL; i++)
		for (fill = 0; fill < N_FILLS; fill++) {
			compare_gemv(k, all[i], 256, (enum fill)fill);
			compare_gemv(k, all[i], 768, (enum fill)fill);
		}
}

/* All weights and activations at their extremes, with equal signs, so that
 * every partial sum is as large as it can be. */
static void
extreme(const struct kern *k, enum ttype t, int8_t weight, int8_t q)
{
	int64_t rb = ttype_row_bytes(t, 256);
	uint8_t *w = malloc((size_t)rb);
	float f[256], wf[256], got;
	int8_t xq[256];
	float d[8];
	int16_t sum[16];
	struct act x = { 256, f, xq, d, sum };
	double want = 0;
	int i;

	memset(w, weight, (size_t)rb);
	put_scales(t, w, rb, 1, 1);
	memset(xq, q, sizeof(xq));
	for (i = 0; i < 256; i++) {
		f[i] = q;
		d[i / 32] = 1;
		sum[i / 16] = (int16_t)(16 * q);
	}
	dequant_row(t, w, wf, 256);
	for (i = 0; i < 256; i++)
		want += (double)wf[i] * q;
	k->gemv(t, w, rb, &x, &got, 1);
	if (fabs(got - want) > fabs(want) * 1e-5)
		fail_msg("%s, bytes %d by %d: %s gives %g instead of %g",
		    ttype_name(t), weight, q, k->name, (double)got, want);
	free(w);
}

/* Catches saturation and lost signs at -128, -127 and 127 in both kernels,
 * against a sum in double precision. */
static void
extremes(void **state)
{
	static const int8_t weight[] = { -128, -127, -1, 127, 0x55 };
	static const int8_t q[] = { -127, 127 };
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };
	size_t i, a, b, j;

	(void)state;
	for (j = 0; j < 2; j++)
		for (i = 3; k[j] != NULL && i < N_ALL; i++)
			for (a = 0; a < sizeof(weight); a++)
				for (b = 0; b < sizeof(q); b++)
					extreme(k[j], all[i], weight[a], q[b]);
}

/* Catches a product that is not the product: 8-bit activations may cost a
 * half step each, no more. */
static void
gemv_is_the_product(void **state)
{
	const struct kern *k = kern_get(NULL);
	int64_t rb;
	float w[512], got;
	double want, allowed;
	struct act x;
	uint8_t *row;
	size_t i;
	int j;

	(void)state;
	for (i = 0; i < N_ALL; i++) {
		rb = ttype_row_bytes(all[i], 512);
		row = weights(all[i], 512, 1, RANDOM);
		act_new(&x, 512);
		k->quantize(&x);
		k->gemv(all[i], row, rb, &x, &got, 1);
		dequant_row(all[i], row, w, 512);
		for (want = 0, allowed = 1e-4, j = 0; j < 512; j++) {
			want += (double)w[j] * x.f[j];
			allowed += fabs((double)w[j]) * x.d[j / 32] * 0.51;
		}
		assert_true(fabs(got - want) <= allowed);
		act_free(&x);
		free(row);
	}
}

/* Catches a row of floats that is read up to the padded length of the
 * activation (memory checkers see it), and a tail that is lost. */
static void
short_float_rows(void **state)
{
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };
	float f[128] = { 0 }, out[4];
	struct act x = { .f = f };
	uint8_t *w;
	int64_t rb;
	int i, j, t, n;

	(void)state;
	for (n = 1; n <= 100; n++) {
		x.n = (n + 31) / 32 * 32;
		f[n - 1] = (float)n;
		for (i = 0; i < 6; i++) {
			if (k[i / 3] == NULL)
				continue;
			t = all[i % 3];
			rb = ttype_row_bytes((enum ttype)t, n);
			w = weights((enum ttype)t, n, 3, ONES);
			out[3] = 123;
			k[i / 3]->gemv((enum ttype)t, w, rb, &x, out, 3);
			for (j = 0; j < 3; j++)
				assert_true(out[j] == (float)(n * (n + 1) / 2));
			assert_true(out[3] == 123);
			free(w);
		}
	}
}

/* Catches a fast dequantisation that differs from the oracle at all, scales at
 * the ends of their range among them. */
static void
dequant_as_oracle(void **state)
{
	const struct kern *k = kern_avx2();
	float a[768], b[768];
	size_t i;
	int fill, n;

	(void)state;
	if (k == NULL) {
		print_message("# left out: no AVX2 on this processor\n");
		return;
	}
	for (i = 0; i < N_ALL; i++)
		for (fill = 0; fill <= SMALL; fill++) {
			uint8_t *w = weights(all[i], 768, 1,
			    (enum fill)fill);

			n = ttype_info(all[i])->block == 1 ? 763 : 768;
			dequant_row(all[i], w, a, n);
			k->dequant(all[i], w, b, n);
			while (n-- > 0)
				if (!(a[n] == b[n]))
					fail_msg("%s[%d]: %g instead of %g",
					    ttype_name(all[i]), n,
					    (double)b[n], (double)a[n]);
			free(w);
		}
}

/* Catches 8-bit activations out of range, off by more than rounding, or with
 * wrong sums; zeros that divide, and a NaN or infinity that is hidden. */
static void
quantize(void **state)
{
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };
	struct act x, y;
	float *f;
	int i, j, s;

	(void)state;
	for (j = 0; j < 2 && k[j] != NULL; j++) {
		act_new(&x, 320);
		f = (float *)(uintptr_t)x.f;
		memset(f + 32, 0, 32 * 4);
		f[64] = 1e-38f;
		for (i = 96; i < 128; i++)
			f[i] = i & 1 ? 3e38f : -3e38f;
		f[130] = INFINITY;
		f[170] = NAN;
		k[j]->quantize(&x);
		for (s = 0, i = 0; i < 320; i++) {
			assert_true(x.q[i] >= -127);
			if (i < 128 || i >= 192)
				assert_true(fabsf(x.q[i] * x.d[i / 32] - f[i])
				    <= x.d[i / 32] * 0.5001f);
			s += x.q[i];
			if (i % 16 == 15) {
				assert_int_equal(x.sum[i / 16], s);
				s = 0;
			}
		}
		assert_true(x.d[1] == 0);
		assert_true(isnan(x.d[4]) && isnan(x.d[5]));
		act_free(&x);
	}
	if (k[1] == NULL)
		return;
	act_new(&x, 960);
	act_new(&y, 960);
	memcpy((void *)(uintptr_t)y.f, x.f, 960 * 4);
	k[0]->quantize(&x);
	k[1]->quantize(&y);
	assert_memory_equal(x.q, y.q, 960);
	assert_memory_equal(x.d, y.d, 960 / 32 * 4);
	act_free(&x);
	act_free(&y);
}

/* What kern_get() chooses in a new process under FIKR_CPU: the first letter
 * of the name, or '?' with a sentence that names what was asked for. */
static int
chosen_under(const char *value)
{
	const struct kern *k;
	struct err err;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (value != NULL)
			setenv("FIKR_CPU", value, 1);
		else
			unsetenv("FIKR_CPU");
		k = kern_get(&err);
		if (k == NULL)
			_exit(strstr(err.text, value) != NULL ? '?' : 0);
		_exit(k == kern_get(NULL) ? k->name[0] : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Catches a forced family that is not used, and one that is not there which is
 * quietly replaced; must run before kern_get() is first called here. */
static void
forcing(void **state)
{
	bool avx2 = kern_avx2() != NULL;

	(void)state;
	assert_int_equal(chosen_under("scalar"), 's');
	assert_int_equal(chosen_under("avx2"), avx2 ? 'a' : '?');
	assert_int_equal(chosen_under("nonsense"), '?');
	assert_int_equal(chosen_under(""), avx2 ? 'a' : 's');
	assert_int_equal(chosen_under(NULL), avx2 ? 'a' : 's');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forcing),
		cmocka_unit_test(quantize),
		cmocka_unit_test(gemv_as_scalar),
		cmocka_unit_test(extremes),
		cmocka_unit_test(gemv_is_the_product),
		cmocka_unit_test(short_float_rows),
		cmocka_unit_test(dequant_as_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
