/* t_cell.c -- the grid: clipping, wide characters, marks, dumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "cell.h"

static struct grid g;

static int
open_grid(void **state)
{
	(void)state;
	grid_init(&g, 6, 2);
	return 0;
}

static int
close_grid(void **state)
{
	(void)state;
	grid_done(&g);
	return 0;
}

static void
expect(const char *want, bool styles)
{
	struct buf b = { 0 };
	int cols = 0;

	grid_dump(&g, &b, styles);
	assert_string_equal(b.data, want);
	buf_free(&b);
	/* Every line is whole: wide ones have their right half behind them. */
	for (int i = 0; i < g.w * g.h; i++) {
		const struct cell *c = &g.cells[i];

		cols += c->cols;
		if (c->cols == 2) {
			assert_true(i % g.w < g.w - 1);
			assert_int_equal(c[1].cols, 0);
		}
		assert_true((c->cols == 0) == (c->text[0] == '\0'));
	}
	assert_int_equal(cols, g.w * g.h);
}

/* Catches text off its place, and writes beyond an edge. */
static void
test_text(void **state)
{
	(void)state;
	assert_int_equal(grid_puts(&g, 1, 0, 9, "abc", STYLE_TEXT), 3);
	assert_int_equal(grid_puts(&g, 0, 1, 2, "abc", STYLE_TEXT), 2);
	expect(" abc\nab\n", false);
	grid_puts(&g, 4, 0, 9, "vwxyz", STYLE_TEXT);
	grid_puts(&g, -2, 1, 9, "vwxyz", STYLE_TEXT);
	expect(" abcvw\nxyz\n", false);
	assert_int_equal(grid_puts(&g, 0, -1, 9, "a", STYLE_TEXT), 0);
	assert_int_equal(grid_puts(&g, 0, 2, 9, "a", STYLE_TEXT), 0);
	assert_int_equal(grid_puts(&g, 0, 0, 0, "a", STYLE_TEXT), 0);
	grid_puts(&g, INT_MAX, 0, 9, "a", STYLE_TEXT);
	expect(" abcvw\nxyz\n", false);
}

/* Pitfall 11.  Catches a wide character cut in half by an edge or by a later write. */
static void
test_wide(void **state)
{
	(void)state;
	assert_int_equal(grid_puts(&g, 0, 0, 3, "中文", STYLE_TEXT), 2);
	expect("中\n\n", false);
	grid_puts(&g, 5, 0, 9, "文", STYLE_TEXT);
	grid_puts(&g, -1, 1, 9, "文x", STYLE_TEXT);
	expect("中\n x\n", false);
	grid_puts(&g, 0, 0, 6, "中文字", STYLE_TEXT);
	grid_puts(&g, 1, 0, 9, "a", STYLE_TEXT);
	expect(" a文字\n x\n", false);
	grid_puts(&g, 2, 0, 9, "b", STYLE_TEXT);
	expect(" ab 字\n x\n", false);
	grid_puts(&g, 3, 0, 9, "水", STYLE_TEXT);
	expect(" ab水\n x\n", false);
	grid_fill(&g, (struct rect){ 4, 0, 1, 1 }, STYLE_TEXT);
	expect(" ab\n x\n", false);
}

/* Pitfall 9.  Catches marks that are lost, fall into the cell before, or
 * overflow one. */
static void
test_marks(void **state)
{
	(void)state;
	grid_puts(&g, 0, 0, 9, "e\u0301x", STYLE_TEXT);
	assert_string_equal(g.cells[0].text, "e\u0301");
	assert_string_equal(g.cells[1].text, "x");
	grid_puts(&g, 0, 1, 9, "\u0301x", STYLE_TEXT);
	assert_string_equal(g.cells[6].text, "\u25CC\u0301");
	grid_puts(&g, 0, 1, 9, "\U0001F600\U000E0101\U000E0101\U000E0101"
	    "\U000E0101\U000E0101\U000E0101", STYLE_TEXT);
	assert_int_equal(strlen(g.cells[6].text), 20);
}

/* Pitfall 10.  Catches a control that gets past everybody before. */
static void
test_controls(void **state)
{
	(void)state;
	grid_text(&g, 0, 0, 9, "a\033b\0\xFF", 5, STYLE_TEXT);
	expect("a\uFFFDb\uFFFD\uFFFD\n\n", false);
}

/* Catches fills that run off the screen, whatever the rectangle. */
static void
test_fill(void **state)
{
	(void)state;
	grid_fill(&g, (struct rect){ -5, -5, 8, 6 }, STYLE_DIM);
	expect("{dim|   }\n\n", true);
	grid_fill(&g, (struct rect){ 4, 1, INT_MAX, INT_MAX }, STYLE_CODE);
	expect("{dim|   }\n    {code|  }\n", true);
	grid_fill(&g, (struct rect){ 0, 0, -1, 3 }, STYLE_ERROR);
	expect("{dim|   }\n    {code|  }\n", true);
}

/* Catches rows whose style stops short of the edge, or runs past the width
 * that they were given. */
static void
test_row(void **state)
{
	struct row row = { 0 };

	(void)state;
	row_puts(&row, "a", STYLE_DIM);
	row_puts(&row, "bc", STYLE_CODE_BLOCK);
	row.fill = true;
	grid_row(&g, 0, 0, 5, &row);
	grid_row(&g, 1, 1, 2, &row);
	expect("{dim|a}{code-block|bc  }\n {dim|a}{code-block|b}\n", true);
	row_free(&row);
}

/* Catches links on the wrong cells, links of the last frame, and two addresses
 * that share a number. */
static void
test_links(void **state)
{
	struct row row = { 0 };
	uint32_t a, b;

	(void)state;
	row_puts(&row, "x", STYLE_TEXT);
	row_put_link(&row, "a\u4E2D", 4, STYLE_LINK, "http://a");
	row_put_link(&row, "bcd", 3, STYLE_LINK, "http://b");
	grid_row(&g, 0, 1, 6, &row);
	a = g.cells[7].link;
	b = g.cells[10].link;
	assert_true(g.cells[6].link == 0 && a != 0 && b != 0 && a != b);
	assert_int_equal(g.cells[9].link, a);
	assert_int_equal(g.cells[11].link, b);
	assert_string_equal(grid_href(&g, a), "http://a");
	assert_string_equal(grid_href(&g, b), "http://b");
	assert_null(grid_href(&g, 0));
	grid_puts(&g, 1, 1, 1, "y", STYLE_TEXT);
	assert_int_equal(g.cells[7].link, 0);
	grid_fill(&g, (struct rect){ 0, 0, 6, 2 }, STYLE_TEXT);
	assert_null(grid_href(&g, a));
	assert_int_equal(g.cells[8].link, 0);
	row_free(&row);
}

/* Catches stale cells, and a crash at sizes that terminals do report. */
static void
test_resize(void **state)
{
	(void)state;
	grid_puts(&g, 0, 0, 9, "abc", STYLE_TEXT);
	grid_resize(&g, 3, 1);
	expect("\n", false);
	grid_resize(&g, 0, 0);
	grid_puts(&g, 0, 0, 9, "abc", STYLE_TEXT);
	grid_fill(&g, (struct rect){ 0, 0, 9, 9 }, STYLE_TEXT);
	grid_resize(&g, -1, 5);
	assert_int_equal(g.w, 0);
}

/* Would catch a title whose end is missing without a sign. */
static void
test_cut(void **state)
{
	(void)state;
	grid_resize(&g, 9, 1);
	assert_int_equal(grid_cut(&g, 0, 0, 4, "abcd", 4, STYLE_TEXT), 4);
	expect("abcd\n", false);
	assert_int_equal(grid_cut(&g, 0, 0, 4, "abcde", 5, STYLE_TEXT), 4);
	expect("abc…\n", false);
	assert_int_equal(grid_cut(&g, 0, 0, 4, "ab日c", 6, STYLE_TEXT), 3);
	assert_int_equal(grid_cut(&g, 0, 0, 0, "ab", 2, STYLE_TEXT), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, open_grid, close_grid)
	static const struct CMUnitTest tests[] = {
		T(test_text),
		T(test_wide),
		T(test_marks),
		T(test_controls),
		T(test_fill),
		T(test_row),
		T(test_cut),
		T(test_links),
		T(test_resize),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
