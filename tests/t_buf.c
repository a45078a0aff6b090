/* t_buf.c -- growing byte strings, and the sentences of err.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "buf.h"
#include "err.h"

/* Catches a buffer that is not a C string after each kind of append. */
static void
appends_stay_terminated(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add(&b, "", 0);
	assert_string_equal(b.data, "");
	buf_puts(&b, "one");
	buf_addc(&b, ' ');
	buf_printf(&b, "%d%s", 2, "!");
	assert_string_equal(b.data, "one 2!");
	assert_int_equal(b.len, 6);
	buf_free(&b);
	assert_null(b.data);
}

/* Catches growth that loses or overruns bytes around each power of two. */
static void
grows_byte_by_byte(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, (char)(i % 251));
	assert_int_equal(b.len, 5000);
	assert_true(b.cap > b.len);
	for (int i = 0; i < 5000; i++)
		assert_int_equal((unsigned char)b.data[i], i % 251);
	buf_free(&b);
}

/* Catches a printf that is cut at the room that happened to be left. */
static void
printf_longer_than_room(void **state)
{
	struct buf b = { 0 };
	char *want;

	(void)state;
	buf_puts(&b, "x");
	buf_printf(&b, "%*d", 300, 7);
	want = xasprintf("x%*d", 300, 7);
	assert_string_equal(b.data, want);
	free(want);
	buf_free(&b);
}

/* Catches drops past the end and drops on an empty buffer. */
static void
drop_and_clear(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_drop(&b, 3);
	buf_puts(&b, "abcdef");
	buf_drop(&b, 2);
	assert_string_equal(b.data, "cdef");
	buf_drop(&b, 100);
	assert_string_equal(b.data, "");
	buf_puts(&b, "again");
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(b.data, "");
	buf_free(&b);
}

/* Catches take giving NULL for an empty buffer, or keeping a pointer. */
static void
take_gives_a_string(void **state)
{
	struct buf b = { 0 };
	char *s = buf_take(&b);

	(void)state;
	assert_string_equal(s, "");
	free(s);
	buf_puts(&b, "mine");
	s = buf_take(&b);
	assert_string_equal(s, "mine");
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	free(s);
}

/* Catches strndup reading past n or past the NUL. */
static void
string_copies(void **state)
{
	char *s = xstrndup("abc", 10), *t = xstrndup("abcdef", 2);

	(void)state;
	assert_string_equal(s, "abc");
	assert_string_equal(t, "ab");
	assert_null(xstrdup(NULL));
	free(s);
	free(t);
}

/* Catches control characters of a quoted text (C0, DEL, C1) or malformed
 * bytes getting through to a terminal. */
static void
err_is_tame(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(err_set(&e, "a\033[31mb\nc\x7f" "d\xc2\x9b" "e\xff"
	    "f\xc3\xa9"), -1);
	assert_string_equal(e.text, "a?[31mb?c?d??e?f\xc3\xa9");
	assert_int_equal(err_set(NULL, "nobody reads this"), -1);
}

/* Catches a long sentence cut in the middle of a character, and an error that
 * quotes itself. */
static void
err_is_cut_whole(void **state)
{
	struct err e;
	struct buf b = { 0 };

	(void)state;
	buf_puts(&b, "x");
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "\xc3\xa9");
	err_set(&e, "%s", b.data);
	assert_int_equal(strlen(e.text), ERR_MAX - 1);
	buf_clear(&b);
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "\xc3\xa9");
	err_set(&e, "%s", b.data);
	assert_int_equal(strlen(e.text), ERR_MAX - 2);
	err_set(&e, "short");
	err_set(&e, "said: %s", e.text);
	assert_string_equal(e.text, "said: short");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_stay_terminated),
		cmocka_unit_test(grows_byte_by_byte),
		cmocka_unit_test(printf_longer_than_room),
		cmocka_unit_test(drop_and_clear),
		cmocka_unit_test(take_gives_a_string),
		cmocka_unit_test(string_copies),
		cmocka_unit_test(err_is_tame),
		cmocka_unit_test(err_is_cut_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
