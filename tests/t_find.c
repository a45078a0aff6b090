/* t_find.c -- the search in a transcript: what is found, gone to, unfolded and
 * marked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transcript.h"

#define W 46
#define H 12

struct talk {
	struct convo *c;
	struct transcript t;
};

static struct turn *
say(struct talk *k, enum role role, const char *thinking, const char *text)
{
	struct turn *t = convo_add(k->c, role, 1000);

	buf_puts(&t->thinking, thinking);
	buf_puts(&t->text, text);
	t->end = DONE_STOP;
	transcript_add(&k->t, t);
	return t;
}

static void
talk_init(struct talk *k)
{
	k->c = convo_new(1000);
	transcript_init(&k->t, VIEW_FULL);
}

static void
talk_done(struct talk *k)
{
	transcript_done(&k->t);
	convo_free(k->c);
}

/* The screen, with the styles of hits named. */
static char *
shot(struct talk *k)
{
	struct grid g;
	struct buf b = { 0 };

	transcript_layout(&k->t, W, H);
	grid_init(&g, W, H);
	transcript_draw(&k->t, &g, (struct rect){ 0, 0, W, H }, false, 5000);
	grid_dump(&g, &b, true);
	grid_done(&g);
	return buf_take(&b);
}

static void
check_label(struct talk *k, const char *want)
{
	struct buf b = { 0 };

	transcript_find_label(&k->t, &b);
	assert_string_equal(b.data, want);
	buf_free(&b);
}

/* Would catch hits that are missed in a message, a thought or an answer, ones
 * that are counted twice, and going on that skips one or stops at the end. */
static void
all_are_found(void **state)
{
	struct talk k;
	char *s;

	(void)state;
	talk_init(&k);
	say(&k, ROLE_USER, "", "Where is the Golden key?");
	say(&k, ROLE_ASSISTANT, "The golden\nkey, I think. A golden key.",
	    "Your **golden** key is here: `golden key`.");
	for (int i = 0; i < 30; i++)
		say(&k, ROLE_USER, "", "Nothing");
	transcript_layout(&k.t, W, H);
	transcript_top(&k.t);
	assert_int_equal(transcript_find(&k.t, "GOLDEN KEY"), 5);
	check_label(&k, "1 of 5");
	for (int i = 2; i <= 5; i++) {
		char want[16];

		assert_true(transcript_find_next(&k.t, 1));
		snprintf(want, sizeof(want), "%d of 5", i);
		check_label(&k, want);
	}
	s = shot(&k);
	assert_non_null(strstr(s, "{hit-current|golden key}"));
	assert_non_null(strstr(s, "Your {hit|golden key} is"));
	free(s);
	assert_true(transcript_find_next(&k.t, 1));
	check_label(&k, "1 of 5");
	assert_true(transcript_find_next(&k.t, -1));
	check_label(&k, "5 of 5");
	assert_int_equal(transcript_find(&k.t, "silver"), 0);
	assert_false(transcript_find_next(&k.t, 1));
	transcript_find(&k.t, NULL);
	s = shot(&k);
	assert_null(strstr(s, "{hit"));
	free(s);
	talk_done(&k);
}

/* Would catch a hit that is only marked as far as the row goes it begins in,
 * in plain text and in Markdown, and in the middle of a word. */
static void
marks_go_over_rows(void **state)
{
	struct talk k;
	char *s;

	(void)state;
	talk_init(&k);
	say(&k, ROLE_USER, "", "one two three four five six seven eight nine "
	    "ten eleven twelve and "
	    "averyveryveryverylongwordthatgoesovertheedgeofarowofthispane");
	say(&k, ROLE_ASSISTANT, "", "one two three four five six seven eight "
	    "nine ten *eleven* twelve and so on and so on");
	transcript_layout(&k.t, W, H);
	transcript_find(&k.t, "eight nine ten");
	s = shot(&k);
	assert_non_null(strstr(s, "{hit-current|eight}"));
	assert_non_null(strstr(s, "{hit-current|nine ten}"));
	assert_non_null(strstr(s, "{hit|eight}"));
	assert_non_null(strstr(s, "{hit|nine ten}"));
	free(s);
	transcript_find(&k.t, "edgeofarow");
	s = shot(&k);
	assert_null(strstr(s, "edgeofarow"));
	assert_non_null(strstr(s, "{hit-current|ed}"));
	assert_non_null(strstr(s, "{hit-current|geofarow}"));
	free(s);
	/* At another width the same words, elsewhere. */
	transcript_find(&k.t, "eight nine ten");
	transcript_layout(&k.t, 20, H);
	transcript_layout(&k.t, W, H);
	s = shot(&k);
	assert_non_null(strstr(s, "{hit-current|nine ten}"));
	free(s);
	talk_done(&k);
}

/* Would catch a hit that is gone to but not seen: in a folded thought, in the
 * part of a long message that is left out, thousands of rows away. */
static void
what_is_folded_opens(void **state)
{
	struct talk k;
	struct turn *user, *answer;
	size_t work;
	char *s;

	(void)state;
	talk_init(&k);
	user = say(&k, ROLE_USER, "", "");
	for (int i = 0; i < 50; i++)
		buf_printf(&user->text, "row %d\n", i);
	answer = say(&k, ROLE_ASSISTANT, "", "Done.");
	answer->fold = VIEW_HIDDEN;
	for (int i = 0; i < 50000; i++)
		buf_printf(&answer->thinking, "step %d of many\n", i);
	for (int i = 0; i < 100; i++)
		say(&k, ROLE_USER, "", "Nothing");
	transcript_layout(&k.t, W, H);
	transcript_find(&k.t, "row 42");
	assert_ptr_equal(k.t.find.turn, user);
	assert_true(k.t.find.unfolded);
	assert_int_equal(user->fold, VIEW_FULL);
	s = shot(&k);
	assert_non_null(strstr(s, "{hit-current|row 42}"));
	free(s);
	work = k.t.work;
	transcript_find(&k.t, "step 43210 of");
	assert_ptr_equal(k.t.find.turn, answer);
	assert_true(k.t.find.unfolded);
	s = shot(&k);
	assert_non_null(strstr(s, "{hit-current|step 43210 of}"));
	assert_non_null(strstr(s, "step 43212 of many"));
	free(s);
	/* Without laying out what lies between. */
	assert_true(k.t.work - work < 5 * FLOW_PART_MAX);
	talk_done(&k);
}

/* Would catch a search that always begins at the top. */
static void
begins_where_one_reads(void **state)
{
	struct talk k;

	(void)state;
	talk_init(&k);
	for (int i = 0; i < 40; i++)
		say(&k, ROLE_USER, "", "the same word");
	transcript_layout(&k.t, W, H);
	transcript_scroll(&k.t, -30);
	transcript_find(&k.t, "word");
	assert_true(k.t.find.block > 20 && k.t.find.block < 30);
	check_label(&k, k.t.find.block == 26 ? "27 of 40" :
	    k.t.find.block == 25 ? "26 of 40" : "28 of 40");
	talk_done(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_found),
		cmocka_unit_test(marks_go_over_rows),
		cmocka_unit_test(what_is_folded_opens),
		cmocka_unit_test(begins_where_one_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
