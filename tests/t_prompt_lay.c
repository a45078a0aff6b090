/* t_prompt_lay.c -- where the prompt's text stands, and the cursor in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bidi.h"
#include "buf.h"
#include "prompt_lay.h"
#include "utf8.h"
#include "width.h"

static struct prompt_lay
lay(const char *s, int cols)
{
	return (struct prompt_lay){ .s = s, .n = strlen(s), .cols = cols,
	    .bidi = true };
}

static void
expect_cursor(const char *s, int cols, size_t point, int x, int y)
{
	struct prompt_lay l = lay(s, cols);
	int cx, cy;

	prompt_lay_rows(&l, point, &cx, &cy);
	assert_int_equal(cx, x);
	assert_int_equal(cy, y);
}

static void
expect_rows(const char *s, int cols, int rows)
{
	struct prompt_lay l = lay(s, cols);
	int x, y;

	assert_int_equal(prompt_lay_rows(&l, l.n, &x, &y), rows);
}

/* Catches words broken where they need not be, a cursor off the screen behind a
 * full row, rows that are not counted. */
static void
test_rows(void **state)
{
	(void)state;
	expect_rows("", 5, 1);
	expect_rows("abcde", 5, 2);
	expect_rows("abc def", 5, 2);
	expect_rows("a\n", 5, 2);
	expect_rows("a\n\nb", 5, 3);
	expect_cursor("", 5, 0, 0, 0);
	expect_cursor("abc", 5, 3, 3, 0);
	expect_cursor("abcde", 5, 5, 0, 1);
	expect_cursor("abcde", 5, 2, 2, 0);
	expect_cursor("abc def", 5, 4, 0, 1);
	expect_cursor("abcde f", 5, 5, 4, 0);
	expect_cursor("a\n\nb", 5, 2, 0, 1);
	expect_cursor("\u4E2D\u6587", 3, 3, 0, 1);
}

/* Catches a cursor that stays at the left while text grows to the left, or
 * that leaves the row at its ends. */
static void
test_left(void **state)
{
	(void)state;
	expect_cursor("\u05D0\u05D1\u05D2", 9, 0, 8, 0);
	expect_cursor("\u05D0\u05D1\u05D2", 9, 2, 7, 0);
	expect_cursor("\u05D0\u05D1\u05D2", 9, 6, 5, 0);
	expect_cursor("\u05D0\u05D1\u05D2", 3, 6, 2, 1);
	expect_cursor("\u05D0\n", 5, 2, 3, 0);
	expect_cursor("\u05D0\n", 5, 3, 4, 1);
	expect_cursor("ab \u05D0\u05D1", 9, 3, 4, 0);
	expect_cursor("ab \u05D0\u05D1", 9, 7, 5, 0);
	/* a control in the text turns nothing */
	expect_cursor("a\u202Ebc", 20, 4, 9, 0);
}

static const char *const samples[] = {
	"", "plain words in a row that wraps", "\u05D0\u05D1\u05D2 \u05D3\u05D4",
	"ab \u05D0\u05D1 (cd) \u05D2\u05D3 12,5 ef", "\u0627\u0644\u0633\u0644"
	"\u0627\u0645 ab(1) \u0639\u0644\u064E\u064A\u0643\u0645 \u0661\u0662",
	"\u05D0 \u4E2D\u6587 \u05D1", "x\n\u05D0\u05D1\n\n12\n\u05D2 y",
	"\u05D0\u202Eb\tc\u05D1", "e\u0301\U0001F600\u05D0\U0001F1E9\U0001F1EA",
};

/* The text that the cell at x, y shows. */
static const char *
shown(const struct grid *g, int x, int y)
{
	if (x < 0 || y < 0 || x >= g->w || y >= g->h)
		return "";
	return g->cells[y * g->w + x].text;
}

static void
each_place(const struct prompt_lay *l)
{
	struct buf safe = { 0 };
	struct grid g;
	int x, y, cols, rows = prompt_lay_rows(l, 0, &x, &y);
	size_t m;

	grid_init(&g, l->cols, rows);
	prompt_lay_draw(l, &g, (struct rect){ 0, 0, l->cols, rows }, 0);
	for (size_t at = 0; at < l->n; at += m) {
		m = cluster_next(l->s + at, l->n - at, &cols);
		prompt_lay_rows(l, at, &x, &y);
		assert_in_range(x, 0, l->cols - 1);
		assert_in_range(y, 0, rows - 1);
		buf_clear(&safe);
		text_safe(&safe, l->s + at, m);
		if (l->s[at] == '\n' || l->s[at] == ' ' || safe.len != m ||
		    bidi_mirror((unsigned char)l->s[at]) !=
		    (unsigned char)l->s[at])
			continue;
		assert_string_equal(shown(&g, x, y), safe.data);
		assert_int_equal(prompt_lay_at(l, x, y), at);
	}
	buf_free(&safe);
	grid_done(&g);
}

/* Pitfall 23.  Catches a cursor that is not on the character that it is before,
 * in any text, at any width; and clicks that go elsewhere. */
static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		for (int cols = 2; cols < 40; cols++) {
			struct prompt_lay l = lay(samples[i], cols);

			each_place(&l);
			l.bidi = false;
			each_place(&l);
		}
}

/* Catches arrows that go the other way in right-to-left text. */
static void
test_beside(void **state)
{
	struct prompt_lay l = lay("ab \u05D0\u05D1 c", 20);

	(void)state;
	assert_int_equal(prompt_lay_beside(&l, 0, 1), 1);
	assert_int_equal(prompt_lay_beside(&l, 0, -1), 0);
	/* a b _ B A _ c: from the blank to the right is the end of BA */
	assert_int_equal(prompt_lay_beside(&l, 2, 1), 5);
	assert_int_equal(prompt_lay_beside(&l, 5, 1), 3);
	assert_int_equal(prompt_lay_beside(&l, 3, 1), 7);
	assert_int_equal(prompt_lay_beside(&l, 3, -1), 5);
	assert_int_equal(prompt_lay_beside(&l, 9, 1), 9);
	l = lay("\u05D0\u05D1\nx", 20);
	assert_int_equal(prompt_lay_beside(&l, 0, -1), 2);
	assert_int_equal(prompt_lay_beside(&l, 0, 1), 0);
	assert_int_equal(prompt_lay_beside(&l, 4, -1), 5);
	assert_int_equal(prompt_lay_beside(&l, 5, -1), 4);
	assert_int_equal(prompt_lay_beside(&l, 5, 1), 6);
}

/* Go in one direction until there is no further; how many steps that were. */
static size_t
run(const struct prompt_lay *l, size_t *at, int by, size_t most)
{
	size_t steps = 0, next;

	while (steps <= most && (next = prompt_lay_beside(l, *at, by)) != *at) {
		assert_int_equal(prompt_lay_beside(l, next, -by), *at);
		*at = next;
		steps++;
	}
	return steps;
}

/* Catches places in a paragraph that the arrows never reach, steps that cannot
 * be taken back, rows that they cannot leave. */
static void
test_walk(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		for (int cols = 3; cols < 30; cols += 4) {
			struct prompt_lay l = lay(samples[i], cols);
			int by = bidi_dir(l.s, l.n, NULL) == 1 ? -1 : 1, c;
			size_t places = 0, m, at = 0;

			if (strchr(l.s, '\n') != NULL)
				continue;
			for (size_t k = 0; k < l.n; k += m, places++)
				m = cluster_next(l.s + k, l.n - k, &c);
			run(&l, &at, -by, places);
			assert_int_equal(run(&l, &at, by, places), places);
			assert_int_equal(run(&l, &at, -by, places), places);
		}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_beside),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
