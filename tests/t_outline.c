/* t_outline.c -- the sections of a thought. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "outline.h"

static const char thought[] =
    "Okay, the user wants to know how many apples are left.\n"
    "There were twelve of them, and five are gone. Some more talk here.\n\n"
    "Wait, two of these were pears. Hmm, does that matter for the sum? "
    "I waited for this. Let me check the numbers once more: 12 - 5.\n\n"
    "Alternatively, I could count them one after the other, which takes "
    "longer but cannot go wrong.\n"
    "So seven are left.\n"
    "Something else is said here, and it takes a while to say all of it.\n\n"
    "\xe7\xad\x89\xe7\xad\x89\xef\xbc\x8c\xe6\x88\x91\xe5\x86\x8d\xe7\x9c\x8b"
    "\xe7\x9c\x8b\xe3\x80\x82 more words about the apples\n\n"
    "\xd8\xa7\xd9\x86\xd8\xaa\xd8\xb8\xd8\xb1\xd8\x8c \xd9\x87\xd9\x86\xd8\xa7"
    "\xd9\x83 \xd8\xb4\xd9\x8a\xd8\xa1 \xd8\xa2\xd8\xae\xd8\xb1\n\n"
    "**Final answer**: there are seven apples on the table now.";

static const struct { const char *at; enum section_kind kind; } want[] = {
	{ "Okay", SECTION_PLAIN },
	{ "Wait,", SECTION_DOUBT },
	{ "Hmm", SECTION_DOUBT },
	{ "Let me check", SECTION_CHECK },
	{ "Alternatively", SECTION_OTHER },
	{ "So seven", SECTION_SO },
	{ "\xe7\xad\x89", SECTION_DOUBT },
	{ "\xd8\xa7\xd9\x86\xd8\xaa", SECTION_DOUBT },
	{ "**Final", SECTION_RESULT },
};
#define N_WANT (sizeof(want) / sizeof(want[0]))

/* Would catch a turn of the thought that is missed, one that is none ("some",
 * "waited"), and one that gets the wrong kind. */
static void
turns_are_found(void **state)
{
	struct outline o = { 0 };
	struct buf label = { 0 };

	(void)state;
	outline_update(&o, thought, strlen(thought));
	assert_int_equal(o.n, N_WANT);
	for (size_t i = 0; i < o.n; i++) {
		assert_int_equal(o.v[i].from,
		    strstr(thought, want[i].at) - thought);
		assert_int_equal(o.v[i].kind, want[i].kind);
		assert_int_equal(outline_at(&o, o.v[i].from + 2), i);
	}
	outline_label(&o.v[5], thought, strlen(thought), &label);
	assert_string_equal(label.data, "So seven are left.");
	buf_free(&label);
	outline_free(&o);
}

/* Would catch an outline that depends on how the text came, or that reads all
 * of it for each piece. */
static void
growing_equals_whole(void **state)
{
	struct outline a = { 0 }, b = { 0 };
	size_t n = strlen(thought);

	(void)state;
	for (size_t i = 1; i <= n; i++) {
		size_t read = a.read;

		outline_update(&a, thought, i);
		assert_true(a.read - read <= 1);
	}
	outline_update(&b, thought, n);
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.v, b.v, a.n * sizeof(*a.v));
	outline_free(&a);
	outline_free(&b);
}

/* Would catch a section for each of thousands of short paragraphs. */
static void
short_paragraphs_go_together(void **state)
{
	struct outline o = { 0 };
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "word\n\n");
	outline_update(&o, b.data, b.len);
	assert_true(o.n > 10 && o.n < 30);
	outline_free(&o);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turns_are_found),
		cmocka_unit_test(growing_equals_whole),
		cmocka_unit_test(short_paragraphs_go_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
