/* t_clip.c -- what is sent for the clipboard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "clip.h"

static void
expect(const char *text, enum clip_through through, const char *want)
{
	struct buf b = { 0 };

	clip_sequence(&b, text, strlen(text), through);
	assert_string_equal(b.data, want);
	buf_free(&b);
}

/* Catches base64 with a wrong end (RFC 4648, section 10). */
static void
test_base64(void **state)
{
	(void)state;
	expect("", CLIP_DIRECT, "\033]52;c;\a");
	expect("f", CLIP_DIRECT, "\033]52;c;Zg==\a");
	expect("fo", CLIP_DIRECT, "\033]52;c;Zm8=\a");
	expect("foo", CLIP_DIRECT, "\033]52;c;Zm9v\a");
	expect("foobar", CLIP_DIRECT, "\033]52;c;Zm9vYmFy\a");
	expect("\xff\xfe\xfb", CLIP_DIRECT, "\033]52;c;//77\a");
}

/* Catches an ESC that ends tmux's passthrough early. */
static void
test_tmux(void **state)
{
	(void)state;
	expect("f", CLIP_TMUX, "\033]52;c;Zg==\a"
	    "\033Ptmux;\033\033]52;c;Zg==\a\033\\");
}

/* Catches a string longer than GNU screen takes, and lost bytes between two
 * pieces. */
static void
test_screen(void **state)
{
	struct buf b = { 0 }, whole = { 0 }, joined = { 0 };
	char *text = xmalloc(5000);
	const char *s, *end;

	(void)state;
	memset(text, 'x', 5000);
	clip_sequence(&b, text, 5000, CLIP_SCREEN);
	clip_sequence(&whole, text, 5000, CLIP_DIRECT);
	for (s = b.data; *s; s = end + 2) {
		assert_memory_equal(s, "\033P", 2);
		/* the second ESC: the first piece begins with the OSC's */
		end = memmem(s + 2, strlen(s + 2), "\033\\", 2);
		assert_non_null(end);
		assert_true(end - s < 300);
		buf_add(&joined, s + 2, (size_t)(end - s - 2));
	}
	assert_string_equal(joined.data, whole.data);
	buf_free(&b);
	buf_free(&whole);
	buf_free(&joined);
	free(text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_tmux),
		cmocka_unit_test(test_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
