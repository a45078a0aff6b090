/* t_sampler.c -- the sampler against what its definitions say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sampler.h"
#include "tiny_vocab.h"

/* Everything off: a plain draw at temperature 1. */
static struct sampling
plain(void)
{
	return (struct sampling){ .temperature = 1, .top_p = 1,
		.repeat_penalty = 1, .seed = 7 };
}

/* The share of each of n tokens in `draws` picks. */
static void
shares(const struct sampling *set, const float *logits, int n, int draws,
    double *out)
{
	struct sampler *s = sampler_new(set, n);
	int i;

	for (i = 0; i < n; i++)
		out[i] = 0;
	for (i = 0; i < draws; i++) {
		int t = sampler_pick(s, logits);

		assert_in_range(t, 0, n - 1);
		out[t] += 1.0 / draws;
	}
	sampler_free(s);
}

static void
near(double got, double want)
{
	if (fabs(got - want) > 0.02)
		fail_msg("%f is not near %f", got, want);
}

/* Catches temperature 0 drawing at all, ties going to the later token, and
 * NaN or the last elements of an odd length taken for the maximum. */
static void
test_greedy(void **state)
{
	float x[11] = { 0, 1, NAN, 3, 3, -1, 0, 2, 1, 0, 0 };
	struct sampling set = plain();
	struct sampler *s;

	(void)state;
	set.temperature = 0;
	s = sampler_new(&set, 11);
	assert_int_equal(sampler_pick(s, x), 3);
	x[10] = 9;
	assert_int_equal(sampler_pick(s, x), 10);
	x[10] = NAN;
	assert_int_equal(sampler_pick(s, x), 3);
	sampler_free(s);
}

/* Catches a crash or an arbitrary token when there is nothing to pick. */
static void
test_nothing(void **state)
{
	float x[3] = { NAN, -INFINITY, NAN }, inf[3] = { 0, INFINITY, 5 };
	struct sampling set = plain();
	struct sampler *s = sampler_new(&set, 3);

	(void)state;
	assert_int_equal(sampler_pick(s, x), -1);
	assert_int_equal(sampler_pick(s, inf), 1);
	sampler_free(s);
	s = sampler_new(&set, 0);
	assert_int_equal(sampler_pick(s, x), -1);
	sampler_free(s);
}

/* Catches a wrong softmax: shares of 1 : 2 : 4, then squared at half the
 * temperature. */
static void
test_temperature(void **state)
{
	float x[3] = { 0, logf(2), logf(4) };
	struct sampling set = plain();
	double p[3];

	(void)state;
	shares(&set, x, 3, 20000, p);
	near(p[0], 1 / 7.0);
	near(p[1], 2 / 7.0);
	near(p[2], 4 / 7.0);
	set.temperature = 0.5f;
	shares(&set, x, 3, 20000, p);
	near(p[0], 1 / 21.0);
	near(p[2], 16 / 21.0);
}

/* Catches top-k keeping one too many or the wrong ones, also among equals,
 * and k larger than the vocabulary. */
static void
test_top_k(void **state)
{
	float x[5] = { 1, 2, 2, 2, 0 };
	struct sampling set = plain();
	double p[5];

	(void)state;
	set.top_k = 2;
	shares(&set, x, 5, 4000, p);
	near(p[1], 0.5);
	near(p[2], 0.5);
	set.top_k = 50;
	shares(&set, x, 5, 4000, p);
	assert_true(p[4] > 0 && p[3] > 0);
}

/* Catches top-p that leaves out the token that reaches the mass, or that is
 * computed after the temperature. Shares: .5 .25 .125 .125 */
static void
test_top_p(void **state)
{
	float x[4] = { logf(.125f), logf(.5f), logf(.125f), logf(.25f) };
	struct sampling set = plain();
	double p[4];

	(void)state;
	set.top_p = 0.7f;
	shares(&set, x, 4, 20000, p);
	near(p[1], 2 / 3.0);
	near(p[3], 1 / 3.0);
	set.temperature = 100;
	shares(&set, x, 4, 20000, p);
	near(p[1], 0.5);
	near(p[3], 0.5);
	set.top_p = 0;
	shares(&set, x, 4, 100, p);
	near(p[1], 1);
	/* of the three that top-k leaves, .75 of the mass is two */
	set = plain();
	set.top_k = 3;
	set.top_p = 0.75f;
	shares(&set, x, 4, 4000, p);
	near(p[1] + p[3], 1);
}

/* Catches min-p measured against anything but the most likely token. */
static void
test_min_p(void **state)
{
	float x[4] = { logf(.5f), logf(.3f), logf(.12f), logf(.08f) };
	struct sampling set = plain();
	double p[4];

	(void)state;
	set.min_p = 0.2f;
	shares(&set, x, 4, 4000, p);
	assert_true(p[2] > 0);
	near(p[3], 0);
	set.top_k = 4;
	shares(&set, x, 4, 4000, p);
	assert_true(p[2] > 0);
	near(p[3], 0);
	set.min_p = 1;
	shares(&set, x, 4, 100, p);
	near(p[0], 1);
}

/* Catches the selection losing or inventing candidates: on many tokens the
 * k most likely must be exactly those that a full sort finds. */
static void
test_selection(void **state)
{
	enum { NV = 5000, K = 40 };
	float *x = malloc(NV * sizeof(*x));
	struct sampling set = plain();
	struct sampler *s;
	unsigned r = 1;
	int i, k;

	(void)state;
	assert_non_null(x);
	for (i = 0; i < NV; i++) {
		r = r * 1664525u + 1013904223u;
		x[i] = (float)(r >> 22) / 64;	/* many equals */
	}
	set.top_k = K;
	set.temperature = 1000;
	s = sampler_new(&set, NV);
	for (k = 0; k < 2000; k++) {
		int t = sampler_pick(s, x), better = 0;

		for (i = 0; i < NV; i++)
			better += x[i] > x[t] || (x[i] == x[t] && i < t);
		assert_in_range(better, 0, K - 1);
	}
	sampler_free(s);
	free(x);
}

/* Catches top-p over a flat distribution of many tokens stopping at the first
 * part that was put in order: half of all tokens must be in reach. */
static void
test_flat_nucleus(void **state)
{
	enum { NV = 4000 };
	float *x = calloc(NV, sizeof(*x));
	struct sampling set = plain();
	struct sampler *s;
	int i, most = 0;

	(void)state;
	assert_non_null(x);
	set.top_p = 0.5f;
	s = sampler_new(&set, NV);
	for (i = 0; i < 300; i++) {
		int t = sampler_pick(s, x);

		assert_in_range(t, 0, NV / 2);
		most = t > most ? t : most;
	}
	assert_true(most > NV / 4);
	sampler_free(s);
	free(x);
}

/* Catches the penalty applied twice to a token seen twice, in the wrong
 * direction below zero, or to tokens that left the window. */
static void
test_penalty(void **state)
{
	float x[3] = { 3, 2.5f, -1 }, neg[3] = { -1, -1.5f, -9 };
	struct sampling set = plain();
	struct sampler *s;

	(void)state;
	set.temperature = 0;
	set.repeat_penalty = 1.15f;
	set.repeat_last = 2;
	s = sampler_new(&set, 3);
	sampler_accept(s, 0);
	sampler_accept(s, 0);
	/* 3 / 1.15 is above 2.5, 3 / 1.15^2 is not */
	assert_int_equal(sampler_pick(s, x), 0);
	sampler_accept(s, 2);
	sampler_accept(s, 2);
	assert_int_equal(sampler_pick(s, x), 0);
	sampler_accept(s, -1);
	sampler_accept(s, 3);
	sampler_free(s);
	set.repeat_penalty = 2;
	s = sampler_new(&set, 3);
	sampler_accept(s, 0);
	assert_int_equal(sampler_pick(s, x), 1);
	assert_int_equal(sampler_pick(s, neg), 1);
	sampler_free(s);
}

/* Catches padding rows of the model being picked. */
static void
test_forbidden(void **state)
{
	float x[4] = { 0, 9, 5, 8 };
	struct sampling set = plain();
	struct sampler *s;

	(void)state;
	set.temperature = 0;
	s = sampler_new(&set, 4);
	sampler_forbid(s, 1);
	sampler_forbid(s, 3);
	sampler_forbid(s, 4);
	sampler_forbid(s, -1);
	assert_int_equal(sampler_pick(s, x), 2);
	sampler_forbid(s, 2);
	sampler_forbid(s, 0);
	assert_int_equal(sampler_pick(s, x), -1);
	sampler_free(s);
}

/* Catches padding rows of a model being picked, as nonsense or as nothing. */
static void
test_padding(void **state)
{
	static const struct tiny_tok more[] = {
		{ "hole", T_UNUSED }, { "[PAD257]", T_USER },
		{ "word", T_NORMAL }, { NULL, 0 } };
	struct tiny t = { .tok = more };
	struct sampling set = { .temperature = 0, .top_p = 1,
		.repeat_penalty = 1 };
	struct vocab *v = tiny_vocab(&t, NULL);
	float x[259] = { 0 };
	struct sampler *s;

	(void)state;
	assert_non_null(v);
	assert_int_equal(vocab_size(v), 259);
	x[256] = 3;
	x[257] = 2;
	x[258] = 1;
	s = sampler_for(&set, v);
	assert_int_equal(sampler_pick(s, x), 258);
	sampler_free(s);
	vocab_free(v);
}

/* Catches a seed that is not honoured, not reported, or always the same. */
static void
test_seed(void **state)
{
	float x[64] = { 0 };
	struct sampling set = plain();
	struct sampler *a, *b, *c;
	int i, same = 0;

	(void)state;
	a = sampler_new(&set, 64);
	b = sampler_new(&set, 64);
	assert_int_equal(sampler_seed(a), 7);
	for (i = 0; i < 100; i++)
		assert_int_equal(sampler_pick(a, x), sampler_pick(b, x));
	sampler_free(b);
	set.seed = 0;
	b = sampler_new(&set, 64);
	assert_true(sampler_seed(b) > 0);
	assert_true(sampler_seed(b) < (uint64_t)1 << 53);
	set.seed = sampler_seed(b);
	c = sampler_new(&set, 64);
	for (i = 0; i < 100; i++) {
		int t = sampler_pick(b, x);

		assert_int_equal(t, sampler_pick(c, x));
		same += t == sampler_pick(a, x);
	}
	assert_in_range(same, 0, 20);
	sampler_free(a);
	sampler_free(b);
	sampler_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_greedy),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_temperature),
		cmocka_unit_test(test_top_k),
		cmocka_unit_test(test_top_p),
		cmocka_unit_test(test_min_p),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_flat_nucleus),
		cmocka_unit_test(test_penalty),
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
