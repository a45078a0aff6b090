/* t_moe.c -- which experts a token goes through. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "moe.h"

static void
assert_route(const struct route *r, int expert, double weight)
{
	assert_int_equal(r->expert, expert);
	if (!(fabs((double)r->weight - weight) < 1e-6)) {
		print_error("weight %.8f, not %.8f\n", (double)r->weight,
		    weight);
		fail();
	}
}

/* Would catch weights taken from a softmax over the chosen only, or not taken
 * to sum to one where they should. */
static void
softmax(void **state)
{
	struct moe_params p = { .n_expert = 4, .n_used = 2, .n_group = 1,
		.n_group_used = 1, .scale = 1.0f };
	float logits[] = { 0.0f, logf(4.0f), logf(2.0f), 0.0f };
	float again[4];
	struct route r[2];

	(void)state;
	memcpy(again, logits, sizeof again);
	moe_route(&p, logits, NULL, r);
	assert_route(&r[0], 1, 0.5);
	assert_route(&r[1], 2, 0.25);
	p.norm = true;
	p.scale = 3.0f;
	moe_route(&p, again, NULL, r);
	assert_route(&r[0], 1, 2.0);
	assert_route(&r[1], 2, 1.0);
}

/* Would catch a bias that changes the weights and not only the choice, and a
 * sigmoid taken for a softmax. */
static void
biased_choice(void **state)
{
	struct moe_params p = { .n_expert = 3, .n_used = 1, .n_group = 1,
		.n_group_used = 1, .sigmoid = true, .scale = 2.5f };
	float logits[] = { 0.0f, 2.0f, -1.0f }, bias[] = { 0.5f, 0.0f, 0.0f };
	struct route r[1];

	(void)state;
	moe_route(&p, logits, bias, r);	/* 0.5 + 0.5 above 0.88 */
	assert_route(&r[0], 0, 1.25);
}

/* Would catch groups judged by their best where a bias asks for their best
 * two, and experts taken from a group that is out. */
static void
groups(void **state)
{
	struct moe_params p = { .n_expert = 6, .n_used = 2, .n_group = 3,
		.n_group_used = 1, .sigmoid = true, .scale = 1.0f };
	float none[6] = { 0 };
	float logits[] = { 3.0f, -9.0f, 1.0f, 1.0f, 0.9f, 1.0f };
	float again[6];
	struct route r[2];

	(void)state;
	memcpy(again, logits, sizeof again);
	moe_route(&p, logits, none, r);
	assert_int_equal(r[0].expert, 2);	/* the first of equals */
	assert_int_equal(r[1].expert, 3);
	moe_route(&p, again, NULL, r);		/* by the best alone */
	assert_int_equal(r[0].expert, 0);
	assert_int_equal(r[1].expert, 1);
}

/* Would catch an expert chosen twice, or none, when the scores are no
 * numbers. */
static void
no_numbers(void **state)
{
	struct moe_params p = { .n_expert = 8, .n_used = 4, .n_group = 4,
		.n_group_used = 2, .norm = true, .scale = 1.0f };
	float logits[8];
	struct route r[4];

	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		bool seen[8] = { false };

		for (int i = 0; i < 8; i++)
			logits[i] = kind == 0 ? NAN : kind == 1 ? INFINITY :
			    -INFINITY;
		moe_route(&p, logits, NULL, r);
		for (int i = 0; i < 4; i++) {
			assert_in_range(r[i].expert, 0, 7);
			assert_false(seen[r[i].expert]);
			seen[r[i].expert] = true;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(softmax),
		cmocka_unit_test(biased_choice),
		cmocka_unit_test(groups),
		cmocka_unit_test(no_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
