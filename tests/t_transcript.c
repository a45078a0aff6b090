/* t_transcript.c -- layout that is kept, and the place of the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transcript.h"

#define W 60
#define H 10

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
talk_init(struct talk *k, int pairs)
{
	char text[400];

	k->c = convo_new(1000);
	transcript_init(&k->t, VIEW_FULL);
	for (int i = 0; i < pairs; i++) {
		snprintf(text, sizeof(text), "question %d", i);
		say(k, ROLE_USER, "", text);
		snprintf(text, sizeof(text), "thought %d, first line\n"
		    "second line, long enough that sixty columns do not hold "
		    "it in one row\nthird line\n\n", i);
		say(k, ROLE_ASSISTANT, text, "The answer.\n\nTwo paragraphs.");
	}
	transcript_layout(&k->t, W, H);
}

static void
talk_done(struct talk *k)
{
	transcript_done(&k->t);
	convo_free(k->c);
}

/* The screen of the transcript as text. */
static char *
shot(struct talk *k, int w, int h)
{
	struct grid g;
	struct buf b = { 0 };

	grid_init(&g, w, h);
	transcript_draw(&k->t, &g, (struct rect){ 0, 0, w, h }, false, 5000);
	grid_dump(&g, &b, false);
	grid_done(&g);
	return buf_take(&b);
}

/* Would catch layout kept wrongly while text grows: the rows after growing
 * byte by byte must be those of the whole text laid out at once. */
static void
growing_equals_whole(void **state)
{
	static const char text[] = "\none line\n\n\ntwo words that wrap at "
	    "this width because they are many\nlast \n\nline\n";
	struct talk a, b;
	struct turn *t;
	char *sa, *sb;

	(void)state;
	talk_init(&a, 0);
	t = say(&a, ROLE_ASSISTANT, "", "");
	a.t.live = t;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		buf_addc(&t->thinking, text[i]);
		transcript_layout(&a.t, 30, H * 3);
	}
	talk_init(&b, 0);
	t = say(&b, ROLE_ASSISTANT, text, "");
	b.t.live = t;
	transcript_layout(&b.t, 30, H * 3);
	sa = shot(&a, 30, H * 3);
	sb = shot(&b, 30, H * 3);
	assert_int_equal(a.t.total, b.t.total);
	assert_string_equal(sa, sb);
	free(sa);
	free(sb);
	talk_done(&a);
	talk_done(&b);
}

/* Would catch a view that jumps to the end while somebody reads above it. */
static void
follows_only_at_the_end(void **state)
{
	struct talk k;
	size_t top;

	(void)state;
	talk_init(&k, 5);
	assert_true(k.t.follow);
	say(&k, ROLE_USER, "", "more");
	transcript_layout(&k.t, W, H);
	assert_int_equal(k.t.top + H, k.t.total);
	transcript_scroll(&k.t, -4);
	top = k.t.top;
	say(&k, ROLE_USER, "", "and more\nlines\nagain");
	transcript_layout(&k.t, W, H);
	assert_int_equal(k.t.top, top);
	assert_false(k.t.follow);
	transcript_bottom(&k.t);
	assert_true(k.t.follow);
	assert_int_equal(k.t.top + H, k.t.total);
	talk_done(&k);
}

/* Would catch drift: the place must be the same after any resizes and back. */
static void
resize_comes_back(void **state)
{
	struct talk k;
	char *before, *after;

	(void)state;
	talk_init(&k, 20);
	transcript_scroll(&k.t, -37);
	before = shot(&k, W, H);
	for (int i = 1; i < 150; i++)
		transcript_layout(&k.t, i % 97 + 1, i % 13 + 1);
	transcript_layout(&k.t, W, H);
	after = shot(&k, W, H);
	assert_string_equal(before, after);
	free(before);
	free(after);
	talk_done(&k);
}

static void
grow(struct talk *k, struct turn *t, int from, int to, int w)
{
	for (int i = from; i < to; i++) {
		buf_printf(&t->text, "%d. Item number %d, as long as two rows "
		    "at some widths\n", i, i);
		transcript_layout(&k->t, w, H);
	}
}

/* The first item that can be seen begins so. */
static int
first_item(struct talk *k, int w)
{
	char *s = shot(k, w, H), *at = strstr(s, "number ");
	int n = at ? atoi(at + 7) : -1;

	free(s);
	return n;
}

/* Pitfall 13.  Would catch a place in an answer that moves at another width
 * because the answer has become longer meanwhile. */
static void
resize_while_it_grows(void **state)
{
	struct talk k;
	struct turn *t;
	int at;

	(void)state;
	talk_init(&k, 0);
	t = say(&k, ROLE_ASSISTANT, "", "");
	k.t.live = t;
	grow(&k, t, 1, 60, 30);
	transcript_scroll(&k.t, -60);
	at = first_item(&k, 30);
	grow(&k, t, 60, 300, 30);
	assert_int_equal(first_item(&k, 30), at);
	transcript_layout(&k.t, 100, H);
	assert_in_range(first_item(&k, 100), at - 5,
	    at + 5);
	grow(&k, t, 300, 600, 100);
	assert_in_range(first_item(&k, 100), at - 5,
	    at + 5);
	transcript_layout(&k.t, 40, H);
	assert_in_range(first_item(&k, 40), at - 5,
	    at + 5);
	transcript_layout(&k.t, 30, H);
	assert_int_equal(first_item(&k, 30), at);
	talk_done(&k);
}

/* Would catch an anchor that loses its block when the width changes. */
static void
resize_keeps_the_block(void **state)
{
	struct talk k;
	size_t block;

	(void)state;
	talk_init(&k, 20);
	transcript_scroll(&k.t, -30);
	block = k.t.anchor.block;
	transcript_layout(&k.t, 25, H);
	assert_int_equal(k.t.anchor.block, block);
	assert_true(k.t.top >= transcript_offset(&k.t, block));
	assert_true(k.t.top < transcript_offset(&k.t, block + 1));
	talk_done(&k);
}

/* Would catch a fold of one thought that changes others, or that is undone by
 * the next layout. */
static void
folds_one_thought(void **state)
{
	struct talk k;
	struct turn *t;
	size_t full;

	(void)state;
	talk_init(&k, 2);
	full = k.t.total;
	t = transcript_fold(&k.t, -1);
	assert_non_null(t);
	assert_int_equal(t->id, 4);
	assert_int_equal(t->fold, VIEW_HIDDEN);
	transcript_layout(&k.t, W, H);
	assert_int_equal(k.t.total, full - 4);
	assert_int_equal(k.c->turns[1]->fold, -1);
	assert_ptr_equal(transcript_fold(&k.t, -1), t);
	transcript_layout(&k.t, W, H);
	assert_int_equal(k.t.total, full);
	talk_done(&k);
}

/* Would catch a brief view that shows anything but the last three rows. */
static void
brief_shows_the_end(void **state)
{
	struct talk k;
	char *s;

	(void)state;
	talk_init(&k, 1);
	transcript_set_view(&k.t, VIEW_BRIEF);
	transcript_layout(&k.t, W, 20);
	s = shot(&k, W, 20);
	assert_null(strstr(s, "first line"));
	assert_non_null(strstr(s, "third line"));
	assert_non_null(strstr(s, "last 3 of 4 lines"));
	free(s);
	talk_done(&k);
}

/* Would catch moving between turns that skips one or gets stuck. */
static void
jumps_over_turns(void **state)
{
	struct talk k;
	int n = 0;

	(void)state;
	talk_init(&k, 4);
	transcript_top(&k.t);
	for (size_t at = (size_t)-1; at != k.t.at && n < 100; n++) {
		at = k.t.at;
		transcript_jump(&k.t, 1);
	}
	assert_int_equal(n, 8);
	for (n = 0; k.t.at > 0 && n < 100; n++)
		transcript_jump(&k.t, -1);
	assert_int_equal(n, 7);
	talk_done(&k);
}

static void
check_label(struct turn *t, bool live, int64_t now, const char *want)
{
	struct buf b = { 0 };

	thinking_label(&b, t, live, now);
	assert_string_equal(b.data, want);
	buf_free(&b);
}

/* Would catch wrong times and counts in a thought's header. */
static void
labels(void **state)
{
	struct turn t = { .t_first = 10000, .thinking_tokens = 431 };

	(void)state;
	check_label(&t, true, 22900, "Thinking 12 s · 431 tokens");
	check_label(&t, true, 9000, "Thinking 0 s · 431 tokens");
	t.t_think_end = 48000;
	check_label(&t, true, 99000, "Thought for 38 s · 431 tokens");
	t.guided = true;
	t.t_think_end = 75000;
	check_label(&t, false, 0, "Thought (guided) for 1 min 05 s · 431 tokens");
	t.t_think_end = 10400;
	t.thinking_tokens = 1;
	check_label(&t, false, 0, "Thought briefly (guided) · 1 token");
}

/* Would catch blocks that point into the array that held them before more were
 * added: rows already laid out must be shown as ever. */
static void
a_long_talk_keeps_its_rows(void **state)
{
	struct talk a, b;
	char *sa, *sb;

	(void)state;
	talk_init(&a, 0);
	talk_init(&b, 0);
	for (int i = 0; i < 40; i++) {
		say(&a, ROLE_USER, "", "a question\nof two lines");
		transcript_layout(&a.t, W, 120);
		say(&b, ROLE_USER, "", "a question\nof two lines");
	}
	transcript_layout(&b.t, W, 120);
	assert_int_equal(a.t.total, b.t.total);
	sa = shot(&a, W, 120);
	sb = shot(&b, W, 120);
	assert_string_equal(sa, sb);
	free(sa);
	free(sb);
	talk_done(&a);
	talk_done(&b);
}

/* Would catch anything that is read or written outside at absurd sizes. */
static void
any_size_is_harmless(void **state)
{
	struct talk k;
	char *s;

	(void)state;
	talk_init(&k, 3);
	for (int w = 1; w < 12; w++)
		for (int h = 1; h < 5; h++) {
			transcript_layout(&k.t, w, h);
			transcript_scroll(&k.t, -3);
			s = shot(&k, w, h);
			free(s);
		}
	transcript_layout(&k.t, 0, 0);
	talk_done(&k);
}

/* Would catch a long conversation that is laid out as a whole, or again and
 * again: opening, reading from the top, the end, and a streaming answer must
 * each cost about what is seen (pitfall 21). */
static void
long_talk_costs_a_screen(void **state)
{
	struct talk k;
	struct turn *t;
	size_t work;

	(void)state;
	talk_init(&k, 0);
	for (int i = 0; i < 5000; i++) {
		t = say(&k, i % 2 ? ROLE_ASSISTANT : ROLE_USER, "", "");
		for (int j = 0; j < 10; j++)
			buf_printf(&t->text, "line %d of turn %d\n\n", j, i);
	}
	transcript_layout(&k.t, W, H);
	assert_true(k.t.work < 10000);
	assert_true(k.t.total > 50000);
	transcript_top(&k.t);
	transcript_layout(&k.t, W, H);
	assert_int_equal(k.t.top, 0);
	for (int i = 0; i < 1000; i++)
		transcript_scroll(&k.t, 3);
	transcript_layout(&k.t, W, H);
	/* Twice 3000 rows of about 12 bytes, no more. */
	assert_true(k.t.work < 100000);
	work = k.t.work;
	t = say(&k, ROLE_ASSISTANT, "", "");
	k.t.live = t;
	for (int i = 0; i < 2000; i++) {
		buf_puts(&t->thinking, i % 12 ? " token" : "\n");
		transcript_layout(&k.t, W, H);
	}
	assert_true(k.t.work - work < 2000 * 80);
	talk_done(&k);
}

/* Would catch rows that are never let go of, or that are gone when somebody
 * comes back to them. */
static void
far_rows_are_let_go(void **state)
{
	struct talk k;
	char *before, *after;
	size_t held;

	(void)state;
	talk_init(&k, 0);
	for (int i = 0; i < 400; i++) {
		struct turn *t = say(&k, i % 2 ? ROLE_ASSISTANT : ROLE_USER,
		    "", "");

		t->fold = VIEW_FULL;
		for (int j = 0; j < 400; j++)
			buf_printf(i % 4 == 3 ? &t->thinking : &t->text,
			    "row %d of turn %d, which has many\n", j, i);
	}
	transcript_layout(&k.t, W, H);
	transcript_top(&k.t);
	before = shot(&k, W, H);
	while (!k.t.follow) {
		transcript_scroll(&k.t, 50);
		held = 0;
		for (size_t i = 0; k.t.top % 1000 < 50 && i < k.t.n; i++)
			for (size_t p = 0; p < k.t.v[i].flow.n; p++)
				held += k.t.v[i].flow.v[p].rows.n;
		assert_true(held < 130000);
	}
	assert_true(k.t.work > 5000000);
	held = 0;
	for (size_t i = 0; i < k.t.n; i++)
		for (size_t p = 0; p < k.t.v[i].flow.n; p++)
			held += k.t.v[i].flow.v[p].rows.n;
	assert_true(held < k.t.total - 10000);
	transcript_top(&k.t);
	after = shot(&k, W, H);
	/* But for how many rows are said to be below: that was a guess. */
	*strstr(before, "\xe2\x96\xbc") = *strstr(after, "\xe2\x96\xbc") = '\0';
	assert_string_equal(before, after);
	free(before);
	free(after);
	talk_done(&k);
}

/* Would catch guessed heights that move what is read: scrolled up row by row
 * over text never seen before, each row must come in at the top, in order and
 * none twice, and the rest move down by one. */
static void
scrolling_over_guesses(void **state)
{
	struct talk k;
	struct turn *t;
	char *now, *before;
	int moves = 0;

	(void)state;
	talk_init(&k, 0);
	for (int i = 0; i < 60; i++) {
		t = say(&k, i % 2 ? ROLE_ASSISTANT : ROLE_USER, "", "");
		for (int j = 0; j < 7; j++)
			buf_printf(&t->text, "| %d | %d |\nwords that **go** "
			    "over the edge of a row because they are many, "
			    "and more\n\n", i, j);
	}
	transcript_layout(&k.t, W, H);
	transcript_scroll(&k.t, -1);
	before = shot(&k, W, H);
	while (k.t.top > 0 && moves++ < 5000) {
		char *a, *b;
		size_t n;

		transcript_scroll(&k.t, -1);
		transcript_layout(&k.t, W, H);
		now = shot(&k, W, H);
		/* Lines 1 to 8 now are lines 0 to 7 before; the last one
		 * says what is below. */
		a = strchr(now, '\n') + 1;
		b = before;
		n = 0;
		for (int y = 0; y < H - 2; y++)
			n += strcspn(b + n, "\n") + 1;
		assert_memory_equal(a, b, n);
		free(before);
		before = now;
	}
	free(before);
	assert_true(moves > 500 && moves < 5000);
	talk_done(&k);
}

/* Would catch a long message that fills the screen, or one that cannot be
 * opened, and a short one that is folded. */
static void
long_messages_fold(void **state)
{
	struct talk k;
	struct turn *t;
	char *s;

	(void)state;
	talk_init(&k, 0);
	t = say(&k, ROLE_USER, "", "");
	for (int i = 0; i < 40; i++)
		buf_printf(&t->text, "row %d\n", i);
	say(&k, ROLE_USER, "", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
	transcript_layout(&k.t, W, 60);
	s = shot(&k, W, 60);
	assert_non_null(strstr(s, "row 7\n"));
	assert_null(strstr(s, "row 8\n"));
	assert_non_null(strstr(s, "32 more lines"));
	assert_non_null(strstr(s, "12\n"));
	free(s);
	k.t.at = 0;
	assert_ptr_equal(transcript_fold(&k.t, -1), t);
	assert_int_equal(t->fold, VIEW_FULL);
	transcript_layout(&k.t, W, 60);
	s = shot(&k, W, 60);
	assert_non_null(strstr(s, "row 39\n"));
	assert_null(strstr(s, "more lines"));
	free(s);
	assert_ptr_equal(transcript_fold(&k.t, -1), t);
	assert_int_equal(t->fold, VIEW_HIDDEN);
	talk_done(&k);
}

/* Would catch folding inside a thought that loses the reader's place: its
 * header must be what is at the top then. */
static void
folding_inside_stays(void **state)
{
	struct talk k;
	struct turn *t;
	char *s;

	(void)state;
	talk_init(&k, 1);
	t = say(&k, ROLE_ASSISTANT, "", "An answer.");
	for (int i = 0; i < 3000; i++)
		buf_printf(&t->thinking, "thought %d\n", i);
	for (int i = 0; i < 30; i++)
		say(&k, ROLE_USER, "", "below");
	transcript_layout(&k.t, W, H);
	transcript_show(&k.t, 5, 20000);
	transcript_layout(&k.t, W, H);
	s = shot(&k, W, H);
	/* The header stays in sight, and is one that folds. */
	assert_non_null(strstr(s, "Thought briefly"));
	assert_true(transcript_is_head(&k.t, 0));
	free(s);
	assert_non_null(transcript_hit(&k.t, 0));
	assert_ptr_equal(transcript_fold(&k.t, -1), t);
	transcript_layout(&k.t, W, H);
	assert_int_equal(k.t.anchor.block, 5);
	assert_int_equal(k.t.anchor.row, 0);
	s = shot(&k, W, H);
	assert_memory_equal(s, "  \xe2\x96\xb8 Thought", 12);
	free(s);
	talk_done(&k);
}

/* Would catch a thought that folds under a reader who is in it, or one that
 * was opened and folds again. */
static void
answered_thoughts_fold(void **state)
{
	struct talk k;
	struct turn *t;

	(void)state;
	talk_init(&k, 3);
	k.t.fold_answered = true;
	t = say(&k, ROLE_ASSISTANT, "one\ntwo\nthree\nfour\n", "");
	k.t.live = t;
	transcript_layout(&k.t, W, H);
	assert_int_equal(t->fold, -1);
	transcript_scroll(&k.t, -3);
	buf_puts(&t->text, "So it is.");
	transcript_layout(&k.t, W, H);
	assert_int_equal(t->fold, -1);
	transcript_bottom(&k.t);
	buf_puts(&t->text, " Yes.");
	transcript_layout(&k.t, W, H);
	assert_int_equal(t->fold, VIEW_HIDDEN);
	assert_ptr_equal(transcript_fold(&k.t, VIEW_FULL), t);
	transcript_bottom(&k.t);
	buf_puts(&t->text, " Yes.");
	transcript_layout(&k.t, W, H);
	assert_int_equal(t->fold, VIEW_FULL);
	talk_done(&k);
}

/* Would catch a countdown that is wrong, or goes on after the thought, and
 * turns outside of the context that look like all others. */
static void
what_heads_say(void **state)
{
	struct talk k;
	struct turn *t;
	char *s;

	(void)state;
	talk_init(&k, 0);
	say(&k, ROLE_USER, "", "Old")->dropped = true;
	t = say(&k, ROLE_ASSISTANT, "Hm.", "");
	t->t_first = 2000;
	t->thinking_tokens = 40;
	k.t.live = t;
	k.t.budget = 100;
	k.t.budget_ms = 60000;
	transcript_layout(&k.t, W, H);
	s = shot(&k, W, H);
	assert_non_null(strstr(s, "You \xe2\x80\x94 not in the model's context "
	    "any more"));
	assert_non_null(strstr(s, "40 tokens \xc2\xb7 60 left"));
	assert_non_null(strstr(s, "57 s left"));
	free(s);
	t->t_think_end = 4000;
	s = shot(&k, W, H);
	assert_null(strstr(s, "left"));
	free(s);
	talk_done(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growing_equals_whole),
		cmocka_unit_test(follows_only_at_the_end),
		cmocka_unit_test(resize_comes_back),
		cmocka_unit_test(resize_while_it_grows),
		cmocka_unit_test(resize_keeps_the_block),
		cmocka_unit_test(folds_one_thought),
		cmocka_unit_test(brief_shows_the_end),
		cmocka_unit_test(jumps_over_turns),
		cmocka_unit_test(labels),
		cmocka_unit_test(a_long_talk_keeps_its_rows),
		cmocka_unit_test(any_size_is_harmless),
		cmocka_unit_test(long_talk_costs_a_screen),
		cmocka_unit_test(far_rows_are_let_go),
		cmocka_unit_test(scrolling_over_guesses),
		cmocka_unit_test(long_messages_fold),
		cmocka_unit_test(folding_inside_stays),
		cmocka_unit_test(answered_thoughts_fold),
		cmocka_unit_test(what_heads_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
