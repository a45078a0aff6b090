/* t_width.c -- columns, clusters and text made safe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <gnu/libc-version.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "buf.h"
#include "utf8.h"
#include "width.h"

static int
cols(const char *s)
{
	return text_cols(s, strlen(s));
}

/* Catches widths that differ from what ncurses draws: wide, zero-width and
 * spacing marks, jamo, flags, characters utf8proc and wcwidth disagree on. */
static void
test_cols(void **state)
{
	(void)state;
	assert_int_equal(cols(""), 0);
	assert_int_equal(cols("abc"), 3);
	assert_int_equal(cols("中文"), 4);
	assert_int_equal(cols("e\u0301"), 1);
	assert_int_equal(cols("سَلْقُ"), 3);		/* harakat */
	assert_int_equal(cols("क\u093E"), 2);		/* spacing vowel */
	assert_int_equal(cols("क\u094D"), 1);		/* virama */
	assert_int_equal(cols("\u1112\u1161\u11AB"), 2);	/* jamo */
	assert_int_equal(cols("한"), 2);
	assert_int_equal(cols("\U0001F1E9\U0001F1EA"), 2);	/* a flag */
	assert_int_equal(cols("😀"), 2);
	assert_int_equal(cols("\u0600"), 1);
	assert_int_equal(cols("\u4DC0"), 2);
	assert_int_equal(cols("│•…"), 3);
	assert_int_equal(cols("\u00A0"), 1);
}

/* Catches clusters of no columns, or that swallow what is not theirs. */
static void
test_cluster(void **state)
{
	int c;

	(void)state;
	assert_int_equal(cluster_next("e\u0301x", 4, &c), 3);
	assert_int_equal(c, 1);
	assert_int_equal(cluster_next("\u0301x", 3, &c), 2);
	assert_int_equal(c, 1);
	assert_int_equal(cluster_next("\nx", 2, &c), 1);
	assert_int_equal(c, 1);
	assert_int_equal(cluster_next("\n\u0301", 3, &c), 1);
	assert_int_equal(cluster_next("\xFF\xCC\x81", 3, &c), 1);
	assert_int_equal(c, 1);
	assert_int_equal(cluster_next("\xE4\xB8", 2, &c), 1);
	assert_int_equal(cluster_next("中", 3, &c), 3);
	assert_int_equal(c, 2);
}

/* Catches characters torn apart where text is wrapped. */
static void
test_grapheme(void **state)
{
	int c;

	(void)state;
	assert_int_equal(grapheme_next("ab", 2, &c), 1);
	assert_int_equal(c, 1);
	assert_int_equal(grapheme_next("क\u093Eक", 9, &c), 6);
	assert_int_equal(c, 2);
	assert_int_equal(grapheme_next("\U0001F1E9\U0001F1EA\U0001F1E9", 12,
	    &c), 8);
	assert_int_equal(c, 2);
	assert_int_equal(grapheme_next("e\u0301\n", 4, &c), 3);
	assert_int_equal(grapheme_next("\n\u0301", 3, &c), 1);
	assert_int_equal(grapheme_next("x\u0301", 3, &c), 3);
}

/* Catches half a wide character, or a mark cut off its base, at the edge. */
static void
test_fit(void **state)
{
	int used;

	(void)state;
	assert_int_equal(text_fit("a中b", 5, 2, &used), 1);
	assert_int_equal(used, 1);
	assert_int_equal(text_fit("a中b", 5, 3, &used), 4);
	assert_int_equal(used, 3);
	assert_int_equal(text_fit("ae\u0301b", 5, 2, NULL), 4);
	assert_int_equal(text_fit("中", 3, 0, &used), 0);
	assert_int_equal(used, 0);
}

static void
expect_n(const char *in, size_t n, const char *want)
{
	struct buf b = { 0 };

	text_safe(&b, in, n);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

static void
expect(const char *in, const char *want)
{
	expect_n(in, strlen(in), want);
}

/* Pitfall 10.  Catches control characters that would reach the terminal. */
static void
test_safe_controls(void **state)
{
	(void)state;
	expect("plain", "plain");
	expect("a\033[2Jb", "a␛[2Jb");
	expect("a\r\nb\rc", "a\nb␍c");
	expect("\a\x7F", "␇␡");
	expect("\xC2\x9B" "31m", "<U+009B>31m");
	expect("\xFF" "a\xC3", "\uFFFDa\uFFFD");
	expect_n("a\0b", 3, "a␀b");
}

/* Catches tabs that do not align, after wide text and on later lines. */
static void
test_safe_tabs(void **state)
{
	(void)state;
	expect("\tx", "        x");
	expect("ab\tx\n\ty", "ab      x\n        y");
	expect("中\tx", "中      x");
	expect("12345678\tx", "12345678        x");
}

/* Pitfall 10.  Catches text that hides or reorders other text, and joiners that
 * were taken from where letters need them. */
static void
test_safe_invisible(void **state)
{
	(void)state;
	expect("a\u202Eb", "a<U+202E>b");
	expect("a\u200Bb", "a<U+200B>b");
	expect("a\u00ADb", "a<U+00AD>b");
	expect("\uFEFFa", "<U+FEFF>a");
	expect("a\u2028b", "a<U+2028>b");
	expect("\U000E0041", "<U+E0041>");
	expect("\u3164", "<U+3164>");
	expect("می\u200Cخواهم", "می\u200Cخواهم");
	expect("क\u094D\u200Dष", "क\u094D\u200Dष");
	expect("1\u200C2", "1<U+200C>2");
}

/* Pitfalls 7 and 8.  Catches sequences that terminals measure differently, and
 * characters that ncurses would draw as nothing. */
static void
test_safe_emoji(void **state)
{
	(void)state;
	expect("❤\uFE0F!", "❤!");
	expect("👨\u200D👩", "👨👩");
	expect("👍\U0001F3FD", "👍");
	expect("\U0001F3FD", "\U0001F3FD");
	expect("\U0001FAE8", "<U+1FAE8>");
	expect("\U0001FADF", "<U+1FADF>");
	expect("\u0378", "<U+0378>");
	expect("\U0001F1E9\U0001F1EA", "\U0001F1E9\U0001F1EA");
}

/* Pitfall 9.  Catches marks that a cell cannot hold, or that have nothing to stand on. */
static void
test_safe_marks(void **state)
{
	(void)state;
	expect("\u0301a", "\u25CC\u0301a");
	expect("a\n\u0301", "a\n\u25CC\u0301");
	expect("a\u0301\u0302\u0303\u0304\u0305\u0306b",
	    "a\u0301\u0302\u0303\u0304b");
}

/* Catches output that is not safe itself: whatever the bytes, a second pass
 * changes nothing, no control is left, and the columns are counted. */
static void
test_safe_again(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct buf a = { 0 }, b = { 0 };
		char in[64];
		size_t n = 1 + (size_t)round % 63;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			in[i] = (char)(seed >> 16);
		}
		text_safe(&a, in, n);
		text_safe(&b, a.data, a.len);
		assert_string_equal(a.data, b.data);
		for (size_t i = 0; i < a.len; i++)
			assert_true((unsigned char)a.data[i] >= 0x20 ||
			    a.data[i] == '\n');
		assert_true(text_cols(a.data, a.len) >= 0);
		buf_free(&a);
		buf_free(&b);
	}
}

static int
old_library(wchar_t c)
{
	return c >= 0x1FA70 ? -1 : 1;
}

static int
new_library(wchar_t c)
{
	(void)c;
	return 2;
}

static int
no_unicode(wchar_t c)
{
	return c < 0x80 ? 1 : -1;
}

/* Pitfall 7.  Catches text newer than the C library that vanishes, text that it
 * has learned since and is still taken out, and a locale without Unicode that
 * takes out all. */
static void
test_unknown(void **state)
{
	(void)state;
	assert_true(width_unknown(0x1FA70, old_library));
	assert_false(width_unknown(0x1F600, old_library));
	assert_false(width_unknown(0x1FAE8, new_library));
	assert_true(width_unknown(0x1FAE8, no_unicode));
	assert_false(width_unknown(0x627, no_unicode));
}

/* Pitfall 8.  Catches a character that ncurses would give other columns than
 * layout does, or none: all of Unicode, against the C library that the tables are for. */
static void
test_agrees_with_wcwidth(void **state)
{
	(void)state;
	if (strcmp(gnu_get_libc_version(), "2.36") != 0 ||
	    setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
		print_message("# left out: the tables are for glibc 2.36\n");
		return;
	}
	for (uint32_t cp = 1; cp < 0x110000; cp++) {
		struct buf b = { 0 };
		char in[4];
		uint32_t got;
		int sum = 0, w;

		text_safe(&b, in, (size_t)utf8_encode(cp, in));
		for (size_t i = 0; cp != '\n' && i < b.len; ) {
			i += (size_t)utf8_decode(b.data + i, b.len - i, &got,
			    NULL);
			w = wcwidth((wchar_t)got);
			if (w < 0)
				fail_msg("U+%04X: -1", (unsigned)cp);
			sum += w;
		}
		if (cp != '\n' && sum != text_cols(b.data, b.len))
			fail_msg("U+%04X: %d columns", (unsigned)cp, sum);
		buf_free(&b);
	}
	setlocale(LC_CTYPE, "C");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cols),
		cmocka_unit_test(test_cluster),
		cmocka_unit_test(test_grapheme),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_safe_controls),
		cmocka_unit_test(test_safe_tabs),
		cmocka_unit_test(test_safe_invisible),
		cmocka_unit_test(test_safe_emoji),
		cmocka_unit_test(test_safe_marks),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_safe_again),
		cmocka_unit_test(test_agrees_with_wcwidth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
