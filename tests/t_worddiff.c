/* t_worddiff.c -- two texts compared word by word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "worddiff.h"

static void
put(enum diff_kind kind, const char *s, size_t n, void *ud)
{
	struct buf *b = ud;

	buf_puts(b, kind == DIFF_REMOVED ? "[-" : kind == DIFF_ADDED ? "{+" :
	    "");
	buf_add(b, s, n);
	buf_puts(b, kind == DIFF_REMOVED ? "-]" : kind == DIFF_ADDED ? "+}" :
	    "");
}

static void
expect(const char *a, const char *b, const char *want)
{
	struct buf out = { 0 };

	worddiff(a, strlen(a), b, strlen(b), put, &out);
	assert_string_equal(out.data ? out.data : "", want);
	buf_free(&out);
}

/* Would catch words cut in two, lost pieces, and a comparison by letters. */
static void
words(void **state)
{
	(void)state;
	expect("", "", "");
	expect("same", "same", "same");
	expect("It is Paris.", "It is Rome.", "It is [-Paris-]{+Rome+}.");
	expect("one two three", "one three", "one [-two -]three");
	expect("a", "a b", "a{+ b+}");
	expect("42", "43", "[-42-]{+43+}");
	expect("عاصمة فرنسا باريس", "عاصمة إيطاليا روما",
	    "عاصمة [-فرنسا-]{+إيطاليا+} [-باريس-]{+روما+}");
}

static void
keep(enum diff_kind kind, const char *s, size_t n, void *ud)
{
	struct buf *b = ud;

	if (kind != DIFF_REMOVED)
		buf_add(b, s, n);
}

/* Would catch a table of every pair of two long texts, which takes all
 * memory, and text that is not all there. */
static void
long_texts(void **state)
{
	struct buf a = { 0 }, b = { 0 }, out = { 0 };

	(void)state;
	for (int i = 0; i < 100000; i++) {
		buf_printf(&a, "x%d ", i);
		buf_printf(&b, "y%d ", i);
	}
	worddiff(a.data, a.len, b.data, b.len, keep, &out);
	assert_int_equal(out.len, b.len);
	assert_memory_equal(out.data, b.data, b.len);
	buf_free(&a);
	buf_free(&b);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(long_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
