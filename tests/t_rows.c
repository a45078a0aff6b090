/* t_rows.c -- rows of spans, and wrapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "buf.h"
#include "rows.h"
#include "width.h"

/* Rows joined by '|'. */
static void
expect_with(const char *in, int width, const char *first, const char *indent,
    const char *want)
{
	struct rows r = { 0 };
	struct buf b = { 0 };

	wrap_plain(&r, in, strlen(in), width, first, indent, STYLE_TEXT);
	for (size_t i = 0; i < r.n; i++) {
		int cols = 0;

		if (i)
			buf_addc(&b, '|');
		for (int k = 0; k < r.v[i].n; k++) {
			buf_add(&b, r.v[i].spans[k].text, r.v[i].spans[k].n);
			cols += text_cols(r.v[i].spans[k].text,
			    r.v[i].spans[k].n);
		}
		assert_int_equal(cols, r.v[i].cols);
		assert_true(cols <= width);
	}
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
	rows_free(&r);
}

static void
expect(const char *in, int width, const char *want)
{
	expect_with(in, width, NULL, NULL, want);
}

/* Catches breaks inside words, lost or doubled spaces, lost empty lines. */
static void
test_words(void **state)
{
	(void)state;
	expect("one two three", 7, "one two|three");
	expect("one two three", 13, "one two three");
	expect("aaaaa bbb", 5, "aaaaa|bbb");
	expect("a  b", 9, "a  b");
	expect("aaa    bbb", 4, "aaa|bbb");
	expect("  in", 9, "  in");
	expect("tail   ", 9, "tail");
	expect("a\n\nb\n", 9, "a||b");
	expect("", 9, "");
	expect("          x", 4, "x");
	expect("abcdefghij", 4, "abcd|efgh|ij");
	expect("ab abcdefghij k", 4, "ab|abcd|efgh|ij k");
	expect("well-known fact", 6, "well-|known|fact");
	expect("x --flag", 5, "x|--fla|g");
}

/* Pitfall 11.  Catches a wide character in half a place, and rows that begin
 * with closing or end with opening punctuation. */
static void
test_wide(void **state)
{
	(void)state;
	expect("中文字", 4, "中文|字");
	expect("中文字", 5, "中文|字");
	expect("中文，字", 4, "中|文，|字");
	expect("中（文）", 4, "中|（文|）");
	expect("ab中文", 4, "ab中|文");
	expect("中文", 1, "?|?");
	expect("a中", 1, "a|?");
	expect("日本 語", 4, "日本|語");
}

/* Catches marks parted from their letters, flags torn in two. */
static void
test_graphemes(void **state)
{
	(void)state;
	expect("e\u0301e\u0301e\u0301", 2, "e\u0301e\u0301|e\u0301");
	expect("a\U0001F1E9\U0001F1EA", 2, "a|\U0001F1E9\U0001F1EA");
	expect("\U0001F1E9\U0001F1EA", 1, "\U0001F1E9|\U0001F1EA");
	expect("سَلْقُ البَيْضَة", 6, "سَلْقُ|البَيْضَة");
}

/* Catches controls that come through wrapping, or are shown like text. */
static void
test_safe(void **state)
{
	struct rows r = { 0 };

	(void)state;
	expect("a\033[1mb", 20, "a␛[1mb");
	wrap_plain(&r, "a\033b\u202E", 6, 20, NULL, NULL, STYLE_TEXT);
	assert_int_equal(r.v[0].n, 4);
	assert_int_equal(r.v[0].spans[0].style, STYLE_TEXT);
	assert_int_equal(r.v[0].spans[1].style, STYLE_ODD);
	assert_string_equal(r.v[0].spans[3].text, "<U+202E>");
	assert_int_equal(r.v[0].spans[3].style, STYLE_ODD);
	rows_free(&r);
	expect("\a\u0301\a\u0301", 2, "␇\u0301␇\u0301");
	expect("\tx", 20, "        x");
}

/* Catches hanging indents that are lost, or push text off the edge. */
static void
test_indent(void **state)
{
	(void)state;
	expect_with("one two three", 8, "- ", "  ", "- one|  two|  three");
	expect_with("one two", 6, NULL, "> ", "> one|> two");
	expect_with("abcdefgh", 3, ">>>>", "....", "abc|def|gh");
	expect_with("abcdefgh", 4, "", "  ", "abcd|  ef|  gh");
	expect_with("a bcdefgh", 6, "", "    ", "a|    bc|    de|    fg|    h");
	expect_with("", 6, "* ", "  ", "* ");
	expect_with("中文", 3, "- ", "  ", "- ?|  ?");
}

/* Catches styles that slip at a break. */
static void
test_styles(void **state)
{
	struct row in = { 0 };
	struct rows r = { 0 };

	(void)state;
	row_puts(&in, "one ", STYLE_TEXT);
	row_puts(&in, "two th", STYLE_STRONG);
	row_puts(&in, "ree", STYLE_EMPH);
	row_puts(&in, " x", STYLE_EMPH);
	assert_int_equal(in.n, 3);
	wrap_row(&r, &in, 7, NULL, NULL);
	assert_int_equal(r.n, 2);
	assert_int_equal(r.v[0].n, 2);
	assert_string_equal(r.v[0].spans[0].text, "one ");
	assert_int_equal(r.v[0].spans[1].style, STYLE_STRONG);
	assert_string_equal(r.v[0].spans[1].text, "two");
	assert_string_equal(r.v[1].spans[0].text, "th");
	assert_int_equal(r.v[1].spans[0].style, STYLE_STRONG);
	assert_string_equal(r.v[1].spans[1].text, "ree x");
	row_free(&in);
	rows_cut(&r, 1);
	assert_int_equal(r.n, 1);
	rows_free(&r);
	assert_int_equal(r.n, 0);
}

/* Catches a link that only the first of its wrapped rows leads to, one that
 * swallows the text beside it, and addresses that could carry an escape
 * sequence to the terminal. */
static void
test_links(void **state)
{
	static const char *const bad[] = { "javascript:alert(1)", "x", "",
		"http://a\033]52;c;x\a", "http://a\nb", "http://a\x7f" };
	const char *s = "the page";
	struct row in = { 0 };
	struct rows r = { 0 };

	(void)state;
	row_puts(&in, "see ", STYLE_TEXT);
	row_put_link(&in, s, 8, STYLE_TEXT, "https://example.org/a b\xC3\xA9");
	row_put_link(&in, " on", 3, STYLE_TEXT, "http://b");
	assert_int_equal(in.n, 3);
	wrap_row(&r, &in, 8, NULL, NULL);
	assert_int_equal(r.n, 2);
	assert_null(r.v[0].spans[0].href);
	assert_string_equal(r.v[0].spans[1].text, "the");
	for (int i = 0; i < 2; i++)
		assert_string_equal(r.v[i].spans[i == 0].href,
		    "https://example.org/a%20b%C3%A9");
	assert_string_equal(r.v[1].spans[1].href, "http://b");
	row_free(&in);
	row_copy(&in, &r.v[1]);
	assert_string_equal(in.spans[1].href, "http://b");
	row_free(&in);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		row_put_link(&in, s, 8, STYLE_LINK, bad[i]);
		assert_string_equal(in.spans[0].text, s);
		assert_null(in.spans[0].href);
		row_free(&in);
	}
	rows_free(&r);
}

/* Catches quadratic work: a line of 1 MB without a space, the same in Arabic,
 * and one of a single letter with a million marks; also text that is lost from them. */
static void
test_long(void **state)
{
	size_t n = 1 << 20, total = 0;
	char *s = xmalloc(n);
	struct rows r = { 0 };

	(void)state;
	memset(s, 'x', n);
	wrap_plain(&r, s, n, 78, NULL, NULL, STYLE_TEXT);
	for (size_t i = 0; i < r.n; i++)
		total += (size_t)r.v[i].cols;
	assert_int_equal(total, n);
	rows_free(&r);
	for (size_t i = 0; i + 1 < n; i += 2)
		memcpy(s + i, "\u0628", 2);
	total = 0;
	wrap_plain(&r, s, n, 78, NULL, NULL, STYLE_TEXT);
	for (size_t i = 0; i < r.n; i++)
		total += (size_t)r.v[i].cols;
	assert_int_equal(total, n / 2);
	rows_free(&r);
	for (size_t i = 0; i + 1 < n; i += 2)
		memcpy(s + i, "\u0301", 2);
	wrap_plain(&r, s, n, 78, NULL, NULL, STYLE_TEXT);
	assert_int_equal(r.n, 1);
	rows_free(&r);
	memset(s, ' ', n);
	wrap_plain(&r, s, n, 78, NULL, NULL, STYLE_TEXT);
	assert_int_equal(r.n, 1);
	rows_free(&r);
	free(s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_graphemes),
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_indent),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
