/* t_loop.c -- noticing that a model repeats itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop.h"

/* Tokens that never repeat. */
static void
fill(struct loop *l, int n)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(loop_put(l, 1000 + i), 0);
}

/* The stretch 0..period-1 as often as that; after how many tokens it was
 * noticed, or 0, and with which period. */
static int
stretch(struct loop *l, int period, int times, int *found)
{
	for (int i = 0; i < period * times; i++) {
		*found = loop_put(l, i % period);
		if (*found)
			return i + 1;
	}
	return 0;
}

/* Catches a period that is left out, told wrongly, or told too early or
 * late. */
static void
stretches(void **state)
{
	(void)state;
	for (int p = LOOP_PERIOD_MIN; p <= LOOP_PERIOD_MAX; p++) {
		struct loop l = { 0 };
		int found, span = LOOP_REPEATS * p;

		if (span < LOOP_SPAN)
			span = LOOP_SPAN;
		fill(&l, LOOP_AFTER);
		assert_int_equal(stretch(&l, p, 16, &found), span);
		assert_int_equal(found, p);
	}
}

/* Catches a short list taken for a loop: early on, or in two repeats, or with
 * one token that differs. */
static void
no_loops(void **state)
{
	struct loop l = { 0 };
	int found;

	(void)state;
	assert_int_equal(stretch(&l, 40, 5, &found), 0);
	l = (struct loop){ 0 };
	fill(&l, LOOP_AFTER);
	assert_int_equal(stretch(&l, 100, 2, &found), 0);
	assert_int_equal(loop_put(&l, 77777), 0);
	assert_int_equal(stretch(&l, 100, 2, &found), 0);
	l = (struct loop){ 0 };
	fill(&l, LOOP_AFTER);
	assert_int_equal(stretch(&l, LOOP_PERIOD_MAX + 1, 8, &found), 0);
}

/* Catches a burst of one token that waits for the end of a long text. */
static void
burst(void **state)
{
	struct loop l = { 0 };

	(void)state;
	fill(&l, 3);
	for (int i = 1; i < LOOP_BURST; i++)
		assert_int_equal(loop_put(&l, 5), 0);
	assert_int_equal(loop_put(&l, 5), 1);
	assert_int_equal(loop_put(&l, 6), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stretches),
		cmocka_unit_test(no_loops),
		cmocka_unit_test(burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
