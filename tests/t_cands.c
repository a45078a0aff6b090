/* t_cands.c -- the likeliest tokens against a full sort, in vocabularies of
 * all lengths around whole blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cands.h"

static const int lengths[] = { 1, 2, 255, 256, 257, 1000, 20000 };
#define LENGTHS ((int)(sizeof lengths / sizeof lengths[0]))

static uint32_t state = 1;

static uint32_t
next(void)
{
	state = state * 1664525u + 1013904223u;
	return state >> 8;
}

/* Many equals, both zeros, both signs, and what counts as nothing. */
static float *
logits(int n)
{
	float *x = malloc((size_t)n * sizeof *x);

	assert_non_null(x);
	for (int i = 0; i < n; i++) {
		uint32_t r = next();

		x[i] = (float)(int)(r % 4001) / 64 - 31;
		if (r % 97 == 0)
			x[i] = r % 2 ? -0.0f : 0.0f;
		if (r % 89 == 0)
			x[i] = r % 2 ? NAN : -INFINITY;
	}
	return x;
}

static int
by_logit(const void *a, const void *b)
{
	const struct cand *x = a, *y = b;

	if (x->logit != y->logit)
		return x->logit > y->logit ? -1 : 1;
	return x->id - y->id;
}

/* All that can be drawn, sorted; how many. */
static int
sorted(const float *x, int n, struct cand *out)
{
	int m = 0;

	for (int i = 0; i < n; i++)
		if (x[i] > -INFINITY)
			out[m++] = (struct cand){ x[i], i };
	qsort(out, (size_t)m, sizeof *out, by_logit);
	return m;
}

static void
same(const struct cand *got, const struct cand *want, int n)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(got[i].id, want[i].id);
}

/* Would catch a token left out, one too many, or a wrong order, in short and
 * long vocabularies and for few and many of them. */
static void
tops(void **unused)
{
	static const int ks[] = { 1, 2, 3, 40, 77, 500, 20000 };

	(void)unused;
	for (int l = 0; l < LENGTHS; l++) {
		int n = lengths[l], m, k, got;
		float *x = logits(n);
		struct cand *want = calloc((size_t)n, sizeof *want);
		struct cands c;

		m = sorted(x, n, want);
		cands_init(&c, n, kern_scalar());
		cands_take(&c, x);
		cands_scan(&c);
		for (int i = 0; i < 7; i++) {
			k = ks[i] < n ? ks[i] : n;
			got = cands_top(&c, k);
			assert_int_equal(got, k < m ? k : m);
			same(c.v, want, got);
			got = cands_front(&c, k);
			assert_in_range(got, k < m ? k : m, m);
			same(c.v, want, got);
		}
		cands_done(&c);
		free(want);
		free(x);
	}
}

/* Would catch changes that are not seen, that stay for the next logits, or
 * that reach into those of the caller. */
static void
changes(void **unused)
{
	float x[600] = { 0 };
	struct cands c;

	(void)unused;
	cands_init(&c, 600, kern_scalar());
	cands_take(&c, x);
	cands_change(&c, 599, 2);
	cands_change(&c, 300, 1);
	cands_change(&c, 599, -INFINITY);
	assert_true(cands_scan(&c) == 1);
	assert_int_equal(cands_first(&c, 1), 300);
	assert_int_equal(cands_first(&c, 2), -1);
	assert_int_equal(cands_top(&c, 600), 599);
	assert_true(x[300] == 0 && x[599] == 0);
	cands_take(&c, x);
	assert_true(cands_scan(&c) == 0);
	assert_int_equal(cands_first(&c, 0), 0);
	cands_done(&c);
}

/* The sum over all tokens before id, as cands_mass counts. */
static double
mass_before(const float *x, int id, float max, float scale, float bar)
{
	double sum = 0;

	for (int i = 0; i < id; i++)
		if (x[i] >= bar)
			sum += exp(((double)x[i] - (double)max) *
			    (double)scale);
	return sum;
}

/* Would catch a sum that misses a block's end, counts what is below the bar or
 * no number, or a token that is not where the sum says. */
static void
masses(void **unused)
{
	const struct kern *kn[] = { kern_scalar(), kern_get(NULL) };

	(void)unused;
	for (int i = 0; i < 2 * LENGTHS * 2; i++) {
		int n = lengths[i / 2 % LENGTHS], id;
		float *x = logits(n), max, bar, scale = i % 2 ? 1 : 0.25f;
		double got, want;
		struct cands c;

		x[0] = 5;
		cands_init(&c, n, kn[i / 2 / LENGTHS]);
		cands_take(&c, x);
		max = cands_scan(&c);
		bar = i % 2 ? -INFINITY : max - 10;
		got = cands_mass(&c, max, scale, bar);
		want = mass_before(x, n, max, scale, bar);
		assert_true(fabs(got / want - 1) < 1e-6);
		for (int k = 0; k <= 20; k++) {
			id = cands_at(&c, max, scale, bar, got * k / 20);
			assert_in_range(id, 0, n - 1);
			assert_true(x[id] >= bar);
			assert_true(mass_before(x, id, max, scale, bar) <=
			    want * (k / 20.0 + 1e-6));
			assert_true(mass_before(x, id + 1, max, scale, bar) >=
			    want * (k / 20.0 - 1e-6));
		}
		cands_done(&c);
		free(x);
	}
}

/* Would catch nothing at all taken for something. */
static void
nothing(void **unused)
{
	float x[3] = { NAN, -INFINITY, NAN };
	struct cands c;

	(void)unused;
	cands_init(&c, 3, kern_scalar());
	cands_take(&c, x);
	assert_true(cands_scan(&c) == -INFINITY);
	assert_int_equal(cands_top(&c, 3), 0);
	assert_true(cands_mass(&c, 0, 1, -INFINITY) == 0);
	assert_int_equal(cands_at(&c, 0, 1, -INFINITY, 0), -1);
	cands_done(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tops),
		cmocka_unit_test(changes),
		cmocka_unit_test(masses),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
