/* t_kern_vec.c -- the kernels on vectors of floats, on rows of the cache and
 * the products through BLAS, each family against arithmetic in double
 * precision. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kern.h"
#include "quant_blocks.h"

static uint32_t seed = 1;

static void
near(double got, double want, double tol, const char *what, int n)
{
	if (!(fabs(got - want) <= tol))
		fail_msg("%s, n=%d: %.9g instead of %.9g", what, n, got, want);
}

/* The vector functions on n values in blocks of exactly that size. */
static void
vectors(const struct kern *k, int n)
{
	size_t size = (size_t)n * 4;
	float *a = calloc(1, size), *b = calloc(1, size);
	float *c = calloc(1, size);
	uint16_t *h = malloc((size_t)n * 2);
	double s = 0, sq = 0, m = 1e-6;
	float one;
	int i;

	for (i = 0; i < n; i++) {
		a[i] = next_float(&seed);
		b[i] = next_float(&seed);
	}
	k->to_f16(h, b, n);
	for (i = 0; i < n; i++) {
		assert_int_equal(h[i], f32_to_f16(b[i]));
		s += (double)a[i] * b[i];
		sq += (double)a[i] * a[i];
		m += fabs((double)a[i] * b[i]);
	}
	k->scores(TT_F32, a, n, 1, b, 0, n, 1, &one, 1);
	near(one, s, m * 1e-6, "dot", n);
	memcpy(c, a, size);
	k->axpy(c, 0.7f, b, n);
	for (i = 0; i < n; i++)
		near(c[i], a[i] + (double)0.7f * b[i], 2e-7, "axpy", n);
	memcpy(c, a, size);
	k->rms_norm(c, c, b, n, 1e-5f);
	for (i = 0; i < n; i++)
		near(c[i], a[i] * b[i] / sqrt(sq / n + 1e-5), 2e-6,
		    "rms_norm", n);
	free(a);
	free(b);
	free(c);
	free(h);
}

/* Catches tails that are not handled: every length up to 70, so that each
 * remainder of 8 and of 32 occurs. */
static void
vector_functions(void **state)
{
	int n;

	(void)state;
	for (n = 1; n <= 70; n++) {
		vectors(kern_scalar(), n);
		if (kern_avx2() != NULL)
			vectors(kern_avx2(), n);
	}
}

static void
one_exps(const struct kern *k, int n, float spread, float before)
{
	float *x = malloc((size_t)n * 4), max = before, sum;
	double *e = malloc((size_t)n * 8), top = (double)before, s = 0;
	int i;

	for (i = 0; i < n; i++) {
		x[i] = next_float(&seed) * spread;
		if (i % 7 == 3)
			x[i] = -INFINITY;
		top = fmax(top, (double)x[i]);
	}
	for (i = 0; i < n; i++)
		s += e[i] = exp(x[i] - top);
	sum = k->exps(x, n, &max);
	assert_true((double)max == top);
	near(sum, s, s * 1e-6 + 1e-36, "sum of exps", n);
	for (i = 0; i < n; i++)
		near(x[i], e[i], e[i] * 1e-6 + 1e-37, "exps", n);
	free(x);
	free(e);
}

/* Catches an exponential that is off, a tail that counts, a masked (minus
 * infinite) position that gets weight, an earlier maximum that is forgotten,
 * and a NaN that is swallowed. */
static void
exps(void **state)
{
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };
	float x[9] = { 0, 1, 2, 0, 0, 0, 0, 0, 0 }, max;
	int j, n;

	(void)state;
	for (j = 0; j < 2; j++) {
		for (n = 1; k[j] != NULL && n < 40; n++) {
			one_exps(k[j], n, 1, -INFINITY);
			one_exps(k[j], n, 1, 3);
			one_exps(k[j], n, 80, -INFINITY);
			one_exps(k[j], n, 1e5f, -INFINITY);
		}
		for (n = 3; k[j] != NULL && n <= 9; n += 6) {
			x[n - 1] = NAN;
			max = 0;
			assert_true(isnan(k[j]->exps(x, n, &max)));
		}
	}
}

static void
one_exp_sum(const struct kern *k, int n, float spread, float bar)
{
	float *x = malloc((size_t)n * 4);
	double s = 0;
	int i;

	assert_non_null(x);
	for (i = 0; i < n; i++) {
		x[i] = fminf(next_float(&seed) * spread, 0.5f);
		if (i % 7 == 3)
			x[i] = i % 2 ? NAN : -INFINITY;
		if (x[i] >= bar)
			s += exp((x[i] - 0.5) / 0.6);
	}
	near(k->exp_sum(x, n, 0.5f, 1 / 0.6f, bar), s, s * 1e-5 + 1e-36,
	    "exp_sum", n);
	free(x);
}

/* Catches a sum that is off, a tail or what is no number that counts, and a
 * bar that is not kept. */
static void
exp_sum(void **state)
{
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };
	int j, n;

	(void)state;
	for (j = 0; j < 2; j++)
		for (n = 1; k[j] != NULL && n < 40; n++) {
			one_exp_sum(k[j], n, 1, -INFINITY);
			one_exp_sum(k[j], n, 80, -INFINITY);
			one_exp_sum(k[j], n, 80, -9.5f);
			one_exp_sum(k[j], n, 1e5f, -INFINITY);
		}
}

/* Catches the same in silu over the whole range, where exp(-v) overflows, and
 * a NaN that is swallowed. */
static void
swiglu(void **state)
{
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };
	float y[2003], u[2003], v;
	double want;
	int i, j;

	(void)state;
	for (j = 0; j < 2 && k[j] != NULL; j++) {
		for (i = 0; i < 2003; i++) {
			y[i] = (float)(i - 1001) * 0.11f;
			u[i] = 1;
		}
		k[j]->swiglu(y, u, 2003);
		for (i = 0; i < 2003; i++) {
			v = (float)(i - 1001) * 0.11f;
			want = v / (1 + exp(-(double)v));
			near(y[i], want, fabs(want) * 4e-7 + 1e-36, "swiglu",
			    i);
		}
		for (i = 0; i < 11; i++) {
			y[i] = i & 1 ? -1e30f : 1e30f;
			u[i] = 2;
		}
		y[10] = NAN;
		k[j]->swiglu(y, u, 11);
		assert_true(y[0] == 2e30f && y[1] == 0 && isnan(y[10]));
	}
}

static double
gelu(double v)
{
	return v / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (v + 0.044715 * v * v *
	    v)));
}

/* Catches the same in gelu, a tail of any length that is missed or run over,
 * and a factor that is left out. */
static void
geglu(void **state)
{
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };
	float *y, *u, v;
	int i, j, n;

	(void)state;
	for (j = 0; j < 2; j++)
		for (n = 1; k[j] != NULL && n < 300; n += n < 20 ? 1 : 31) {
			y = malloc((size_t)n * 4);
			u = malloc((size_t)n * 4);
			for (i = 0; i < n; i++) {
				y[i] = (float)(i - n / 2) * 0.17f;
				u[i] = (float)(i % 3) - 0.5f;
			}
			k[j]->geglu(y, u, n);
			for (i = 0; i < n; i++) {
				v = (float)(i - n / 2) * 0.17f;
				near(y[i], gelu(v) * u[i], fabs(gelu(v)) *
				    2e-6 + 1e-12, "geglu", i);
			}
			y[0] = n & 1 ? -1e30f : 1e30f;
			u[0] = 2;
			y[n - 1] = n > 1 ? NAN : y[0];
			k[j]->geglu(y, u, n);
			assert_true(y[0] == (n & 1 ? 0 : 2e30f));
			assert_true(n == 1 || isnan(y[n - 1]));
			free(y);
			free(u);
		}
}

/* A row of n values in Q8_0, its product and its addition, in blocks of
 * exactly their size. */
static void
q8_0_row(const struct kern *k, int n)
{
	int64_t bytes = ttype_row_bytes(TT_Q8_0, n);
	float *x = malloc((size_t)n * 4), *z = malloc((size_t)n * 4);
	uint8_t *row = malloc((size_t)bytes), *ref = malloc((size_t)bytes);
	double top;
	int i, j;

	for (i = 0; i < n; i++)
		x[i] = i / 32 == 1 ? 0 :
		    next_float(&seed) * (i / 32 == 2 ? 900 : 1);
	k->to_q8_0(row, x, n);
	kern_scalar()->to_q8_0(ref, x, n);
	assert_memory_equal(row, ref, bytes);
	dequant_row(TT_Q8_0, row, z, n);
	for (i = 0; i < n; i++) {
		for (top = 0, j = i / 32 * 32; j < i / 32 * 32 + 32; j++)
			top = fmax(top, fabs((double)x[j]));
		near(z[i], x[i], top / 127 * 0.6, "to_q8_0", i);
	}
	free(x);
	free(z);
	free(row);
	free(ref);
}

/* Catches a cache row whose blocks are not stepped over by 34 bytes, a scale
 * that overflows to infinity or hides a NaN, and families that differ. */
static void
q8_0_rows(void **state)
{
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };
	float x[96] = { [0] = 1e30f, [1] = -1, [33] = NAN, [70] = INFINITY };
	uint8_t row[3 * 34];
	float z[96];
	int j, n;

	(void)state;
	for (j = 0; j < 2; j++) {
		for (n = 32; k[j] != NULL && n <= 288; n += 32)
			q8_0_row(k[j], n);
		if (k[j] == NULL)
			continue;
		k[j]->to_q8_0(row, x, 96);
		dequant_row(TT_Q8_0, row, z, 96);
		assert_true(isfinite(z[0]));
		assert_true(isnan(z[33]) && isnan(z[70]));
	}
}

/* Scores and mixes of some heads with n rows of d values, d + 16 apart. */
static void
heads_and_rows(const struct kern *k, enum ttype t, int heads, int d, int n,
    uint32_t *seed)
{
	static float q[8 * 600], rows[20 * 616], got[8 * 600], want[8 * 600];
	static uint16_t small[20 * 616];
	int ld = d + 5, i;
	size_t stride = (size_t)(d + 16) * (t == TT_F32 ? 4 : 2);
	const void *at = t == TT_F32 ? (const void *)rows : small;

	for (i = 0; i < heads * ld; i++)
		q[i] = next_float(seed);
	for (i = 0; i < n * (d + 16); i++)
		rows[i] = next_float(seed);
	k->to_f16(small, rows, n * (d + 16));
	memset(got, 0, sizeof(got));
	memset(want, 0, sizeof(want));
	k->scores(t, q, ld, heads, at, stride, d, n, got, n + 3);
	kern_scalar()->scores(t, q, ld, heads, at, stride, d, n, want, n + 3);
	for (i = 0; i < heads * (n + 3); i++)
		near(got[i], want[i], d * 2e-6, "scores", d);
	memcpy(got, q, sizeof(got));
	memcpy(want, q, sizeof(want));
	k->mix(t, rows, 21, heads, at, stride, d, n, got, ld);
	kern_scalar()->mix(t, rows, 21, heads, at, stride, d, n, want, ld);
	for (i = 0; i < heads * ld; i++)
		near(got[i], want[i], n * 2e-6, "mix", d);
}

/* Catches a head or row that is taken for its neighbour, rests of fours and
 * threes that are left out, and writing past a row of results. */
static void
attention(void **state)
{
	static const int width[] = { 5, 8, 16, 40, 64, 72, 128, 576 };
	const struct kern *k = kern_avx2();
	uint32_t seed = 9;

	(void)state;
	for (size_t w = 0; k && w < sizeof(width) / sizeof(width[0]); w++)
		for (int heads = 1; heads <= 8; heads++)
			for (int n = 1; n <= 14; n += 3) {
				heads_and_rows(k, TT_F32, heads, width[w], n,
				    &seed);
				heads_and_rows(k, TT_F16, heads, width[w], n,
				    &seed);
			}
}

/* C of m times n, n a multiple of 8 or not, with k between them. */
static void
small_product(const struct kern *kn, int m, int n, int k, bool add)
{
	static float a[8 * 40], b[40 * 80], got[8 * 80], want[8 * 80];
	int lda = k + 3, ldb = n + 2, ldc = n + 5;

	for (int i = 0; i < m * lda; i++)
		a[i] = next_float(&seed);
	for (int i = 0; i < k * ldb; i++)
		b[i] = next_float(&seed);
	for (int i = 0; i < m * ldc; i++)
		got[i] = want[i] = add ? next_float(&seed) : 7;
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++) {
			double s = add ? (double)want[i * ldc + j] : 0;

			for (int p = 0; p < k; p++)
				s += (double)a[i * lda + p] * b[p * ldb + j];
			want[i * ldc + j] = (float)s;
		}
	kn->gemm(m, n, k, a, lda, b, ldb, got, ldc, add);
	for (int i = 0; i < m * ldc; i++)
		near(got[i], want[i], k * 1e-6, "small gemm", n);
}

/* Catches rests of threes and of vectors that are left out, old contents of C
 * that count or that are lost, and writing past a row. */
static void
small_products(void **state)
{
	const struct kern *k[2] = { kern_scalar(), kern_avx2() };

	(void)state;
	for (int j = 0; j < 2; j++)
		for (int m = 1; k[j] && m <= 8; m++)
			for (int n = 5; n <= 72; n += n < 8 ? 3 : 32)
				for (int p = 1; p < 40; p += 9) {
					small_product(k[j], m, n, p, false);
					small_product(k[j], m, n, p, true);
				}
}

/* Catches A and B swapped or turned, a stride that is ignored, and old contents of C
 * that count. */
static void
gemm(void **state)
{
	float a[3 * 7], b[4 * 6], bn[5 * 4], c[3 * 9];
	double s;
	int i, j, k;

	(void)state;
	for (i = 0; i < 3 * 7; i++)
		a[i] = next_float(&seed);
	for (i = 0; i < 4 * 6; i++)
		b[i] = next_float(&seed);
	for (i = 0; i < 5 * 4; i++)
		bn[i] = next_float(&seed);
	for (i = 0; i < 3 * 9; i++)
		c[i] = NAN;
	kern_gemm_nt(3, 4, 5, a, 7, b, 6, c, 9);
	for (i = 0; i < 3; i++)
		for (j = 0; j < 4; j++) {
			for (s = 0, k = 0; k < 5; k++)
				s += (double)a[i * 7 + k] * b[j * 6 + k];
			near(c[i * 9 + j], s, 1e-6, "gemm", i);
		}
	assert_true(isnan(c[4]) && isnan(c[26]));
	kern_gemm_nn(3, 4, 5, a, 7, bn, 4, c, 9, false);
	for (i = 0; i < 3; i++)
		for (j = 0; j < 4; j++) {
			for (s = 0, k = 0; k < 5; k++)
				s += (double)a[i * 7 + k] * bn[k * 4 + j];
			near(c[i * 9 + j], s, 1e-6, "gemm_nn", i);
		}
	assert_true(isnan(c[4]) && isnan(c[26]));
	/* a as [4][5], bn as [4][4] */
	kern_gemm_tt(3, 4, 4, a, 5, bn, 4, c, 9);
	for (i = 0; i < 3; i++)
		for (j = 0; j < 4; j++) {
			for (s = 0, k = 0; k < 4; k++)
				s += (double)a[k * 5 + i] * bn[j * 4 + k];
			near(c[i * 9 + j], s, 1e-6, "gemm_tt", i);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vector_functions),
		cmocka_unit_test(exps),
		cmocka_unit_test(exp_sum),
		cmocka_unit_test(swiglu),
		cmocka_unit_test(geglu),
		cmocka_unit_test(q8_0_rows),
		cmocka_unit_test(attention),
		cmocka_unit_test(small_products),
		cmocka_unit_test(gemm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
