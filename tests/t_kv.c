/* t_kv.c -- the cache of keys and values, in every type and odd widths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "kv.h"

#define ROWS 24
#define POSITIONS 60		/* several times round */
#define DK 77
#define DV 45

static float
value(int pos, int i)
{
	return sinf((float)(pos * 131 + i * 7)) * 2.0f;
}

static void
fill(struct kv *c, const struct kern *kn, int dk, int dv)
{
	float k[DK], v[DV];

	for (int pos = 0; pos < POSITIONS; pos++) {
		for (int i = 0; i < dk; i++)
			k[i] = value(pos, i);
		for (int i = 0; i < dv; i++)
			v[i] = value(pos, 1000 + i);
		kv_put(c, kn, 1, 1, pos, k, v);
	}
}

static void
assert_near(double a, double b, double limit)
{
	if (!(fabs(a - b) <= limit)) {
		print_error("%g is not %g\n", a, b);
		fail();
	}
}

/* The rows from pos on, through all ways of reading them. */
static void
check(const struct kv *c, const struct kern *kn, int pos, int n, bool shared,
    double limit)
{
	float q[DK], score[ROWS], weight[ROWS], out[DV] = { 0 };
	float k[ROWS * DK], kt[DK * ROWS], v[ROWS * (DV + 1)], scratch[ROWS * DK];
	float two[2 * DK], both[2 * ROWS], mixes[2 * DV] = { 0 };

	for (int i = 0; i < DK; i++)
		q[i] = i % 3 == 0 ? 0.1f : -0.05f;
	for (int i = 0; i < n; i++)
		weight[i] = 1.0f / (float)(i + 1);
	kv_scores(c, kn, 1, 1, pos, n, q, DK, 1, score, ROWS, scratch);
	kv_mix(c, kn, 1, 1, pos, n, weight, ROWS, 1, out, DV, scratch);
	/* two heads at once are the same as each by itself */
	memcpy(two, q, sizeof q);
	memcpy(two + DK, q, sizeof q);
	kv_scores(c, kn, 1, 1, pos, n, two, DK, 2, both, ROWS, scratch);
	kv_mix(c, kn, 1, 1, pos, n, weight, 0, 2, mixes, DV, scratch);
	for (int i = 0; i < n; i++)
		assert_near(both[ROWS + i], score[i], 1e-4);
	for (int i = 0; i < DV; i++)
		assert_near(mixes[DV + i], out[i], 1e-4);
	kv_load_k(c, kn, 1, 1, pos, n, k);
	kv_load_v(c, kn, 1, 1, pos, n, v, DV + 1);
	kv_load_kt(c, kn, 1, 1, pos, n, kt, ROWS);
	for (int i = 0; i < n; i++) {
		double want = 0.0;

		for (int j = 0; j < DK; j++) {
			want += (double)q[j] * (double)value(pos + i, j);
			assert_near(k[i * DK + j], value(pos + i, j), limit);
			assert_true(kt[j * ROWS + i] == k[i * DK + j]);
		}
		assert_near(score[i], want, limit * 3.0);
		for (int j = 0; j < DV; j++)
			assert_near(v[i * (DV + 1) + j], value(pos + i,
			    shared ? j : 1000 + j), limit);
	}
	for (int j = 0; j < DV; j++) {
		double want = 0.0;

		for (int i = 0; i < n; i++)
			want += (double)(weight[i] * value(pos + i, shared ?
			    j : 1000 + j));
		assert_near(out[j], want, limit * 4.0);
	}
}

/* Would catch rows that overlap, a last part of a row that is lost where its
 * width is no whole block, a ring that is read past its end, and values of
 * latent attention taken from elsewhere than their keys. */
static void
every_way(void **state)
{
	static const struct { enum kv_type type; double limit; } t[] = {
		{ KV_F32, 1e-6 }, { KV_F16, 2e-3 }, { KV_Q8_0, 2e-2 } };
	const struct kern *kn = kern_get(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++)
		for (int shared = 0; shared < 2; shared++) {
			struct kv_spec s[2] = { { .n_head = 2, .dk = DK,
				.dv = DV, .rows = 5 } };
			struct kv c;

			s[1] = (struct kv_spec){ .n_head = 2, .dk = DK,
				.dv = DV, .shared = shared, .rows = ROWS };
			assert_int_equal(kv_init(&c, t[i].type, s, 2, NULL),
			    0);
			fill(&c, kn, DK, DV);
			for (int pos = POSITIONS - ROWS, n; pos < POSITIONS;
			    pos += n) {
				n = kv_run(&c, 1, pos, POSITIONS - pos);
				check(&c, kn, pos, n, shared, t[i].limit);
			}
			assert_int_equal(kv_run(&c, 1, 47, 5), 1);
			kv_done(&c);
		}
}

/* Would catch a cache that is larger than is said beforehand, or that is
 * granted although the machine could never hold it. */
static void
sizes(void **state)
{
	struct kv_spec s = { .n_head = 1, .dk = 576, .dv = 512,
		.shared = true, .rows = 1000 };
	struct err err = { "" };
	struct kv c;

	(void)state;
	assert_int_equal(kv_bytes(KV_F16, &s, 1), 1152000);
	assert_int_equal(kv_bytes(KV_Q8_0, &s, 1), 612032);
	s.rows = 1 << 24;
	s.n_head = 1024;
	assert_int_equal(kv_init(&c, KV_F32, &s, 1, &err), -1);
	assert_non_null(strstr(err.text, "smaller context"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_way),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
