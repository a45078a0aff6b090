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

/* The rectangles above the prompt, each as often as it has cells. */
static int
cells_of(const struct layout *l)
{
	const struct rect *all[] = { &l->list, &l->view[0], &l->view[1],
		&l->name[0], &l->name[1], &l->think, &l->think_name,
		&l->line[0], &l->line[1], &l->line[2] };
	int cells = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		cells += all[i]->w * all[i]->h;
	return cells;
}

static void
check_layout(const struct layout_want *want)
{
	struct layout l;
	int w = want->w, h = want->h;

	layout_compute(&l, want);
	check_inside(&l.list, w, h);
	check_inside(&l.think, w, h);
	check_inside(&l.think_name, w, h);
	for (int i = 0; i < 2; i++) {
		check_inside(&l.view[i], w, h);
		check_inside(&l.name[i], w, h);
	}
	for (int i = 0; i < LINE_COUNT; i++)
		check_inside(&l.line[i], w, h);
	check_inside(&l.rule, w, h);
	check_inside(&l.prompt, w, h);
	check_inside(&l.status, w, h);
	/* None of them overlap, and none is left out. */
	if (w > 0 && h > 0)
		assert_int_equal(cells_of(&l), w * (h - l.rule.h -
		    l.prompt.h - l.status.h));
}

/* Would catch a pane that reaches outside of a screen, down to 1x1, or a cell
 * that belongs to two panes or none, whatever is shown and however wide. */
static void
every_size_fits(void **state)
{
	(void)state;
	for (int w = 0; w < 210; w += w < 120 ? 1 : 7)
		for (int h = 0; h < 40; h += h < 10 ? 1 : 9)
			for (int bits = 0; bits < 160; bits++) {
				int cols = bits / 16 % 2 ? 33 : 0;
				struct layout_want want = { .w = w, .h = h,
					.prompt_rows = bits % 7,
					.list = bits & 1, .think = bits & 2,
					.split = bits & 4,
					.cols = { cols, cols, cols * 3 },
					.zoom = (enum layout_zoom)(bits / 32) };

				check_layout(&want);
			}
}

static struct layout
panes(int w, int h, int rows, bool list, bool think, bool split)
{
	struct layout_want want = { .w = w, .h = h, .prompt_rows = rows,
		.list = list, .think = think, .split = split };
	struct layout l;

	layout_compute(&l, &want);
	return l;
}

/* Would catch a prompt that pushes the transcript off the screen. */
static void
prompt_takes_a_third(void **state)
{
	struct layout l;

	(void)state;
	l = panes(80, 24, 100, true, false, false);
	assert_int_equal(l.prompt.h, 8);
	l = panes(80, 24, 0, true, false, false);
	assert_int_equal(l.prompt.h, 1);
	l = panes(20, 6, 4, true, true, true);
	assert_int_equal(l.prompt.h, 2);
	assert_int_equal(l.view[0].h, 2);
	assert_int_equal(l.view[0].w, 20);
}

/* Would catch a list that squeezes the chat on a narrow screen, or one that
 * does not go away when it is turned off. */
static void
list_needs_room(void **state)
{
	struct layout l;

	(void)state;
	l = panes(LAYOUT_LIST_MIN, 24, 1, true, false, false);
	assert_int_equal(l.list.w, LAYOUT_LIST_COLS);
	l = panes(LAYOUT_LIST_MIN - 1, 24, 1, true, false, false);
	assert_int_equal(l.list.w, 0);
	l = panes(128, 24, 1, true, false, false);
	assert_int_equal(l.list.w, 32);
	assert_int_equal(l.line[LINE_LIST].x, 32);
	assert_int_equal(l.view[0].x, 33);
	l = panes(300, 24, 1, true, false, false);
	assert_int_equal(l.list.w, LAYOUT_LIST_MORE);
	l = panes(200, 24, 1, false, false, false);
	assert_int_equal(l.list.w, 0);
	assert_int_equal(l.view[0].w, 200);
}

/* Would catch the wrong pane giving way: of thinking, list and second chat
 * the list goes first, then the thinking. */
static void
panes_give_way(void **state)
{
	struct layout l;

	(void)state;
	l = panes(200, 24, 1, true, true, true);
	assert_true(l.list.w && l.think.w && l.view[1].w);
	l = panes(110, 24, 1, true, true, true);
	assert_true(!l.list.w && l.think.w && l.view[1].w);
	l = panes(80, 24, 1, true, true, false);
	assert_true(!l.list.w && l.think.w);
	l = panes(70, 24, 1, true, true, true);
	assert_true(!l.list.w && !l.think.w && l.view[1].w);
	l = panes(60, 24, 1, true, true, true);
	assert_int_equal(l.view[1].w, 0);
	assert_int_equal(l.name[0].h, 0);
}

/* Would catch a moved line that is not where the mouse left it, or that goes
 * back by itself. */
static void
lines_move(void **state)
{
	for (int i = 0; i < LINE_COUNT; i++) {
		struct layout_want want = { .w = 200, .h = 30,
			.prompt_rows = 1, .list = true, .think = true,
			.split = true };
		enum layout_line line = (enum layout_line)i;
		struct layout l;
		int x;

		layout_compute(&l, &want);
		x = l.line[i].x + 3;
		assert_int_equal(layout_line_at(&l, l.line[i].x, 4),
		    line);
		want.cols[i] = layout_cols_at(&l, &want, line, x);
		layout_compute(&l, &want);
		assert_int_equal(l.line[i].x, x);
		assert_int_equal(layout_cols(&l, line), want.cols[i]);
	}
	(void)state;
}

/* Would catch a zoomed pane that leaves something of the others. */
static void
zoom_takes_all(void **state)
{
	struct layout_want want = { .w = 80, .h = 24, .prompt_rows = 1,
		.list = true, .think = true, .zoom = ZOOM_THINK };
	struct layout l;

	(void)state;
	layout_compute(&l, &want);
	assert_int_equal(l.think.w, 80);
	assert_int_equal(l.view[0].w, 0);
	assert_int_equal(l.list.w, 0);
	want.zoom = ZOOM_LIST;
	want.w = 20;
	layout_compute(&l, &want);
	assert_int_equal(l.list.w, 20);
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
		cmocka_unit_test(prompt_takes_a_third),
		cmocka_unit_test(list_needs_room),
		cmocka_unit_test(panes_give_way),
		cmocka_unit_test(lines_move),
		cmocka_unit_test(zoom_takes_all),
		cmocka_unit_test(prompt_has_a_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
