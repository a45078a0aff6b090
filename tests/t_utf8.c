/* t_utf8.c -- decoding, checking and joining UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "utf8.h"

#define FFFD "\xef\xbf\xbd"

/* Catches an encoder and a decoder that disagree on any code point. */
static void
every_code_point_round_trips(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
		char s[4];
		uint32_t back;
		bool ok;
		int n;

		if (cp == 0xd800)
			cp = 0xe000;
		n = utf8_encode(cp, s);
		if (utf8_decode(s, (size_t)n, &back, &ok) != n || !ok ||
		    back != cp)
			fail_msg("U+%04X", (unsigned)cp);
	}
}

/* Catches overlong forms, surrogates, code points past the end, lone
 * continuations and cut sequences being let through (RFC 3629). */
static void
malformed_is_one_bad_byte(void **state)
{
	static const char *const bad[] = {
		"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\x80", "\xbf", "\xfe", "\xff", "\xc3", "\xe2\x82",
		"\xf0\x9f\x98", "\xc3(", "\xe2\x82(",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		uint32_t cp;
		bool ok = true;

		assert_int_equal(utf8_decode(bad[i], strlen(bad[i]), &cp, &ok),
		    1);
		assert_false(ok);
		assert_int_equal(cp, UTF8_BAD);
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	}
}

/* Catches a surrogate or an impossible value written out as it is. */
static void
encode_refuses_impossible(void **state)
{
	char s[4];

	(void)state;
	assert_int_equal(utf8_encode(0xd800, s), 3);
	assert_memory_equal(s, FFFD, 3);
	assert_int_equal(utf8_encode(0x110000, s), 3);
	assert_memory_equal(s, FFFD, 3);
}

/* Catches good text next to bad bytes being eaten by the scrubbing. */
static void
scrub_keeps_what_is_good(void **state)
{
	struct buf b = { 0 };

	(void)state;
	utf8_scrub(&b, "a\xff\xc3\xa9\xe2\x82z\xc3", 8);
	assert_string_equal(b.data, "a" FFFD "\xc3\xa9" FFFD FFFD "z" FFFD);
	assert_true(utf8_valid(b.data, b.len));
	buf_free(&b);
}

/* Catches waiting for bytes that can never make a character. */
static void
tail_counts_only_what_may_complete(void **state)
{
	(void)state;
	assert_int_equal(utf8_tail("", 0), 0);
	assert_int_equal(utf8_tail("ab", 2), 0);
	assert_int_equal(utf8_tail("a\xc3", 2), 1);
	assert_int_equal(utf8_tail("a\xe2\x82", 3), 2);
	assert_int_equal(utf8_tail("\xf0\x9f\x98", 3), 3);
	assert_int_equal(utf8_tail("\xf0\x9f\x98\x80", 4), 0);
	assert_int_equal(utf8_tail("\xff", 1), 0);
	assert_int_equal(utf8_tail("\x80\x80", 2), 0);
	assert_int_equal(utf8_tail("\xe0\x80", 2), 0);	/* overlong */
	assert_int_equal(utf8_tail("\xed\xa0", 2), 0);	/* surrogate */
}

/* Join s cut in two at every place; all must give want. */
static void
joins_to(const char *s, const char *want)
{
	size_t n = strlen(s);

	for (size_t at = 0; at <= n; at++) {
		struct utf8_join j = { .n = 0 };
		struct buf b = { 0 };

		utf8_join_put(&j, s, at, &b);
		assert_true(!b.len || utf8_valid(b.data, b.len));
		utf8_join_put(&j, s + at, n - at, &b);
		utf8_join_flush(&j, &b);
		assert_string_equal(b.data, want);
		buf_free(&b);
	}
}

/* Catches a joiner whose output depends on where the pieces were cut. */
static void
join_does_not_depend_on_cuts(void **state)
{
	(void)state;
	joins_to("h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80!",
	    "h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80!");
	joins_to("a\xc3z\xe2\x82\xf0\x9f\x98\xe2\x82\xac",
	    "a" FFFD "z" FFFD FFFD FFFD FFFD FFFD "\xe2\x82\xac");
	joins_to("\xff\xfe\x80", FFFD FFFD FFFD);
}

/* Catches the same with one byte at a time, and garbage held back. */
static void
join_byte_by_byte(void **state)
{
	const char *s = "\xf0\x9f\x98\x80\xf0\x9f(\xc3";
	struct utf8_join j = { .n = 0 };
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; s[i]; i++) {
		utf8_join_put(&j, s + i, 1, &b);
		assert_true(j.n <= 3);
	}
	assert_string_equal(b.data, "\xf0\x9f\x98\x80" FFFD FFFD "(");
	utf8_join_flush(&j, &b);
	assert_string_equal(b.data, "\xf0\x9f\x98\x80" FFFD FFFD "(" FFFD);
	buf_free(&b);
}

/* Would catch half a character that is left behind, or an empty text that is
 * cut. */
static void
chop_takes_characters(void **state)
{
	struct buf b = { 0 };

	(void)state;
	utf8_chop(&b);
	buf_puts(&b, "a\xD9\x81\xF0\x9F\x98\x80");
	utf8_chop(&b);
	assert_string_equal(b.data, "a\xD9\x81");
	utf8_chop(&b);
	assert_string_equal(b.data, "a");
	utf8_chop(&b);
	utf8_chop(&b);
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_round_trips),
		cmocka_unit_test(malformed_is_one_bad_byte),
		cmocka_unit_test(encode_refuses_impossible),
		cmocka_unit_test(scrub_keeps_what_is_good),
		cmocka_unit_test(tail_counts_only_what_may_complete),
		cmocka_unit_test(join_does_not_depend_on_cuts),
		cmocka_unit_test(join_byte_by_byte),
		cmocka_unit_test(chop_takes_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
