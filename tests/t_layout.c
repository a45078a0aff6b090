/* t_layout.c -- the arithmetic of panes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layout.h"

static void
check_inside(const struct rect *r, int w, int h)
{
	assert_true(r->w >= 0 && r->h >= 0);
	if (r->w == 0 || r->h == 0)
		return;
	assert_true(r->x >= 0 && r->y >= 0);
	assert_true(r->x + r->w <= w);
	assert_true(r->y + r->h <= h);
}

/* Would catch a pane that reaches outside of a small screen. */
static void
every_size_fits(void **state)
{
	struct layout l;

	(void)state;
	for (int w = 0; w < 120; w++)
		for (int h = 0; h < 40; h++)
			for (int rows = 0; rows < 30; rows += 3) {
				layout_compute(&l, w, h, rows, true);
				check_inside(&l.list, w, h);
				check_inside(&l.divider, w, h);
				check_inside(&l.view, w, h);
				check_inside(&l.rule, w, h);
				check_inside(&l.prompt, w, h);
				check_inside(&l.status, w, h);
			}
}

/* Would catch rows that belong to two panes, or to none. */
static void
rows_add_up(void **state)
{
	struct layout l;

	(void)state;
	for (int h = 1; h < 60; h++) {
		layout_compute(&l, 80, h, 5, true);
		assert_int_equal(l.view.h + l.rule.h + l.prompt.h +
		    l.status.h, h);
		assert_int_equal(l.list.w + l.divider.w + l.view.w, 80);
	}
}

/* Would catch a prompt that pushes the transcript off the screen. */
static void
prompt_takes_a_third(void **state)
{
	struct layout l;

	(void)state;
	layout_compute(&l, 80, 24, 100, true);
	assert_int_equal(l.prompt.h, 8);
	layout_compute(&l, 80, 24, 0, true);
	assert_int_equal(l.prompt.h, 1);
	layout_compute(&l, 20, 6, 4, true);
	assert_int_equal(l.prompt.h, 2);
	assert_int_equal(l.view.h, 2);
}

/* Would catch a list that squeezes the chat on a narrow screen, or one that
 * does not go away when it is turned off. */
static void
list_needs_room(void **state)
{
	struct layout l;

	(void)state;
	layout_compute(&l, LAYOUT_LIST_MIN, 24, 1, true);
	assert_int_equal(l.list.w, LAYOUT_LIST_COLS);
	layout_compute(&l, LAYOUT_LIST_MIN - 1, 24, 1, true);
	assert_int_equal(l.list.w, 0);
	layout_compute(&l, 128, 24, 1, true);
	assert_int_equal(l.list.w, 32);
	assert_int_equal(l.divider.x, 32);
	assert_int_equal(l.view.x, 33);
	layout_compute(&l, 300, 24, 1, true);
	assert_int_equal(l.list.w, LAYOUT_LIST_MORE);
	layout_compute(&l, 200, 24, 1, false);
	assert_int_equal(l.list.w, 0);
	assert_int_equal(l.view.w, 200);
}

/* Would catch a prompt without any place for its text. */
static void
prompt_has_a_column(void **state)
{
	(void)state;
	for (int w = 0; w < 100; w++)
		assert_true(layout_prompt_cols(w) >= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_size_fits),
		cmocka_unit_test(rows_add_up),
		cmocka_unit_test(prompt_takes_a_third),
		cmocka_unit_test(list_needs_room),
		cmocka_unit_test(prompt_has_a_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
