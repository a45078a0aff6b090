/* t_bidi.c -- text of both directions, from its levels to the grid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bidi.h"
#include "bidi_cells.h"
#include "buf.h"
#include "cell.h"

/* What a grid of w columns shows of s, wrapped: rows joined by '|', blanks kept
 * on the left alone. */
static void
shows(const char *s, int w, const char *want)
{
	struct rows r = { 0 };
	struct buf b = { 0 };
	struct grid g;

	wrap_plain(&r, s, strlen(s), w, NULL, NULL, STYLE_TEXT);
	grid_init(&g, w, (int)r.n);
	for (size_t i = 0; i < r.n; i++)
		grid_row(&g, 0, (int)i, w, &r.v[i]);
	grid_dump(&g, &b, false);
	b.data[b.len - 1] = '\0';
	for (char *p = b.data; *p; p++)
		if (*p == '\n')
			*p = '|';
	assert_string_equal(b.data, want);
	grid_done(&g);
	rows_free(&r);
	buf_free(&b);
}

/* Catches Hebrew and Arabic left in logical order, Latin words and numbers
 * turned with them, paragraphs on the wrong side.  What stands in the source is
 * in memory order; an editor may show it turned. */
static void
test_order(void **state)
{
	(void)state;
	shows("abc", 5, "abc");
	shows("\u05D0\u05D1\u05D2", 5, "  \u05D2\u05D1\u05D0");
	shows("ab \u05D0\u05D1 cd", 9, "ab \u05D1\u05D0 cd");
	shows("\u05D0\u05D1 ab \u05D2", 9, "  \u05D2 ab \u05D1\u05D0");
	shows("\u05D0 12 \u05D1", 9, "   \u05D1 12 \u05D0");
	shows("\u0627\u0628 3,5%", 9, "  %3,5 \u0628\u0627");
	shows("\u05D0\u05D1 3,5%", 9, "  3,5% \u05D1\u05D0");
	/* The first strong character decides, not the first one. */
	shows("1. \u05D0", 6, "  \u05D0 .1");
	shows("(\u05D0)", 5, "  (\u05D0)");
}

/* Catches brackets that open to the wrong side, and marks that leave their
 * letter. */
static void
test_mirror(void **state)
{
	(void)state;
	shows("\u05D0(\u05D1)<", 6, " >(\u05D1)\u05D0");
	shows("\u0633\u064E\u0644\u0652", 4, "  \u0644\u0652\u0633\u064E");
	assert_int_equal(bidi_mirror('('), ')');
	assert_int_equal(bidi_mirror('x'), 'x');
}

/* Catches rows that are reordered before they are wrapped (the first row then
 * has the end of the text), lines of one message that share a direction, and
 * a line without letters on the other side of what it belongs to. */
static void
test_wrapped(void **state)
{
	(void)state;
	shows("\u05D0\u05D0 \u05D1\u05D1 \u05D2\u05D2", 6,
	    " \u05D1\u05D1 \u05D0\u05D0|    \u05D2\u05D2");
	/* The comma between two Latin words stays with the first. */
	shows("\u05D0 ab, cd", 6, " ab, \u05D0|    cd");
	shows("\u05D0\nab\n\u05D1", 4, "   \u05D0|ab|   \u05D1");
	shows("\u05D0\n--", 4, "   \u05D0|  --");
	shows("--\n\u05D0", 4, "--|   \u05D0");
}

/* Catches wide characters torn in two, and text that is cut at the wrong
 * end. */
static void
test_cells(void **state)
{
	struct grid g;
	struct buf b = { 0 };

	(void)state;
	shows("\u05D0 \u4E2D\u6587", 7, " \u4E2D\u6587 \u05D0");
	grid_init(&g, 6, 3);
	assert_int_equal(grid_puts(&g, 1, 0, 9, "\u05D0\u05D1\u05D2",
	    STYLE_TEXT), 3);
	assert_int_equal(grid_cut(&g, 0, 1, 3, "\u05D0\u05D1\u05D2\u05D3", 8,
	    STYLE_TEXT), 3);
	g.bidi = false;
	assert_int_equal(grid_puts(&g, 0, 2, 9, "\u05D0\u05D1", STYLE_TEXT), 2);
	grid_dump(&g, &b, false);
	assert_string_equal(b.data, " \u05D2\u05D1\u05D0\n…\u05D1\u05D0\n"
	    "\u05D0\u05D1\n");
	buf_free(&b);
	grid_done(&g);
}

/* Catches code, addresses and what was taken out of the text being turned by
 * what is around it. */
static void
test_apart(void **state)
{
	struct row in = { 0 };
	struct rows r = { 0 };
	struct grid g;
	struct buf b = { 0 };

	(void)state;
	shows("\u05D0 \u202E \u05D1", 14, "  \u05D1 <U+202E> \u05D0");
	row_puts(&in, "-x", STYLE_CODE);
	row_puts(&in, " \u05D0 ", STYLE_TEXT);
	row_puts(&in, "a = -1;", STYLE_CODE);
	row_puts(&in, " ", STYLE_TEXT);
	row_put_link(&in, "http://a/", 9, STYLE_LINK, "http://a/");
	wrap_row(&r, &in, 24, NULL, NULL);
	grid_init(&g, 24, 1);
	grid_row(&g, 0, 0, 24, &r.v[0]);
	grid_dump(&g, &b, true);
	assert_string_equal(b.data, "  {link|http://a/} {code|a = -1;} \u05D0 "
	    "{code|-x}\n");
	buf_free(&b);
	row_free(&in);
	rows_free(&r);
	grid_done(&g);
}

static void
code_shows(const struct row *row, const char *want)
{
	struct buf b = { 0 };
	struct grid g;

	grid_init(&g, 20, 1);
	grid_row(&g, 0, 0, 20, row);
	grid_dump(&g, &b, false);
	b.data[b.len - 1] = '\0';
	assert_string_equal(b.data, want);
	buf_free(&b);
	grid_done(&g);
}

/* Catches lines of code that are turned as a whole, operands that change
 * places, comments whose mark goes to the other side. */
static void
test_code(void **state)
{
	struct row row = { .dir = ROW_CODE };

	(void)state;
	row_puts(&row, "\u05D0 = \"\u05D1\u05D2\" + \u05D3", STYLE_CODE_BLOCK);
	code_shows(&row, "\u05D0 = \"\u05D2\u05D1\" + \u05D3");
	row_free(&row);
	row.dir = ROW_CODE;
	row_puts(&row, "x ", STYLE_CODE_BLOCK);
	row_puts(&row, "# \u05D0 (\u05D1) x", STYLE_CODE_COMMENT);
	code_shows(&row, "x # x (\u05D1) \u05D0");
	row_free(&row);
}

/* Catches indents and markers that stay on the left, and rows of a quote
 * without text that do. */
static void
test_lead(void **state)
{
	static const char *const want[] = { "     \u05D0 .1", "        \u2502",
		"     \u05D1   " };
	struct row first = { 0 }, rest = { 0 }, in = { 0 };
	struct rows r = { 0 };
	struct buf b = { 0 };
	struct grid g;

	(void)state;
	row_puts(&first, "1. ", STYLE_BULLET);
	row_puts(&rest, "   ", STYLE_TEXT);
	row_puts(&in, "\u05D0 \u05D1", STYLE_TEXT);
	wrap_row(&r, &in, 4, &first, &rest);
	assert_int_equal(r.n, 2);
	grid_init(&g, 9, 3);
	grid_row(&g, 0, 0, 9, &r.v[0]);
	grid_row(&g, 0, 2, 9, &r.v[1]);
	row_free(&rest);
	row_puts(&rest, "\u2502 ", STYLE_BORDER);
	row_follow(&rest, &r.v[0]);
	grid_row(&g, 0, 1, 9, &rest);
	for (int y = 0; y < 3; y++) {
		for (int x = 0; x < 9; x++)
			buf_puts(&b, g.cells[y * 9 + x].text);
		assert_string_equal(b.data, want[y]);
		buf_clear(&b);
	}
	buf_free(&b);
	row_free(&first);
	row_free(&rest);
	row_free(&in);
	rows_free(&r);
	grid_done(&g);
}

/* Catches a search's marks that lose the direction or the address of what they
 * are on. */
static void
test_marked(void **state)
{
	struct row row = { 0 };
	struct rows r = { 0 };
	struct grid g;
	struct buf b = { 0 };

	(void)state;
	row_puts(&row, "\u05D0\u05D1", STYLE_TEXT);
	row_put_link(&row, "\u05D2 ab", 5, STYLE_LINK, "http://x");
	wrap_row(&r, &row, 9, NULL, NULL);
	row_style(&r.v[0], 2, 6, STYLE_HIT);
	assert_string_equal(r.v[0].spans[2].href, "http://x");
	grid_init(&g, 9, 1);
	grid_row(&g, 0, 0, 9, &r.v[0]);
	grid_dump(&g, &b, true);
	assert_string_equal(b.data,
	    "   {link|ab }{hit|\u05D2\u05D1}\u05D0\n");
	assert_int_equal(g.cells[7].link, 0);
	assert_true(g.cells[6].link != 0 && g.cells[3].link != 0);
	buf_free(&b);
	row_free(&row);
	rows_free(&r);
	grid_done(&g);
}

/* Catches characters that run to the left and that the quick look overlooks,
 * so that they would never be turned, and text that it takes for such. */
static void
test_any(void **state)
{
	static const char *const yes[] = { "\u0590", "\u05D0", "\u0627",
		"\u0700", "\u07FF", "\u0800", "\u08A0", "\u08FF", "\uFB1D",
		"\uFDFD", "\uFE70", "\U00010800", "\U00010F00", "\U0001E900",
		"\U0001EE00" };
	static const char *const no[] = { "", "abc", "\u00E9", "\u0416",
		"\u0531", "\u0905", "\u0E01", "\u4E2D", "\uFF01", "\uD55C",
		"\U0001F600", "\U00020000", "\xF0", "\xE0" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(bidi_any(yes[i], strlen(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(bidi_any(no[i], strlen(no[i])));
	assert_int_equal(bidi_dir("12", 2, NULL), BIDI_NONE);
}

static void
as_sent(void (*change)(struct cell *row, int n), const char *s,
    const char *want)
{
	struct buf b = { 0 };
	struct grid g;

	grid_init(&g, 12, 1);
	grid_puts(&g, 0, 0, 12, s, STYLE_TEXT);
	assert_true(cells_need(g.cells, g.w));
	change(g.cells, g.w);
	grid_dump(&g, &b, false);
	b.data[b.len - 1] = '\0';
	assert_string_equal(b.data, want);
	buf_free(&b);
	grid_done(&g);
}

/* Catches letters that are joined to the wrong side, across a blank or against
 * a non-joiner, marks lost on the way, and a pair of letters that becomes one
 * and moves the rest of its row. */
static void
test_join(void **state)
{
	struct grid g;

	(void)state;
	as_sent(cells_join, "\u0628\u0628\u0628", "\uFE90\uFE92\uFE91");
	as_sent(cells_join, "\u0628 \u0628", "\uFE8F \uFE8F");
	as_sent(cells_join, "\u062F\u0628", "\uFE8F\uFEA9");
	as_sent(cells_join, "\u0628\u064E\u0628", "\uFE90\uFE91\u064E");
	as_sent(cells_join, "\u0628\u200C\u0628", "\uFE8F\uFE8F");
	as_sent(cells_join, "\u0644\u0627", "\uFE8E\uFEDF");
	as_sent(cells_join, "x\u05D0\u0628", "x\uFE8F\u05D0");
	grid_init(&g, 4, 1);
	grid_puts(&g, 0, 0, 4, "a\u4E2D\u00E9", STYLE_TEXT);
	assert_false(cells_need(g.cells, g.w));
	grid_done(&g);
}

/* Catches words that such a terminal would show backwards, and an order of
 * words that is wrong. */
static void
test_words(void **state)
{
	(void)state;
	as_sent(cells_words, "\u05D0\u05D1 \u05D2\u05D3.",
	    ".\u05D2\u05D3 \u05D0\u05D1");
	as_sent(cells_words, "ab \u05D0\u05D1", "ab \u05D0\u05D1");
}

static const char *environment[2];

static char *
fake_env(const char *name)
{
	return strcmp(name, environment[0]) == 0 ? (char *)environment[1] :
	    NULL;
}

/* Catches a terminal that turns text which is turned already. */
static void
test_choose(void **state)
{
	static const struct {
		const char *name, *value;
		enum bidi_by by;
	} cases[] = {
		{ "TERM", "xterm-256color", BIDI_EXPLICIT },
		{ "TERM", "xterm-kitty", BIDI_WORDS },
		{ "KITTY_WINDOW_ID", "1", BIDI_WORDS },
		{ "KONSOLE_VERSION", "220600", BIDI_TERMINAL },
		{ "KONSOLE_VERSION", "", BIDI_EXPLICIT },
		{ "TERM_PROGRAM", "Apple_Terminal", BIDI_TERMINAL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		environment[0] = cases[i].name;
		environment[1] = cases[i].value;
		assert_int_equal(bidi_choose(BIDI_AUTO, fake_env),
		    cases[i].by);
		assert_int_equal(bidi_choose(BIDI_OFF, fake_env), BIDI_OFF);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_mirror),
		cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_lead),
		cmocka_unit_test(test_marked),
		cmocka_unit_test(test_any),
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_choose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
