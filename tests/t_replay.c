/* t_replay.c -- the timeline of a conversation: that every moment of it shows
 * what was there, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay.h"
#include "utf8.h"

#define START INT64_C(1700000000000)

static struct turn *
say(struct convo *c, const char *text, int64_t at)
{
	struct turn *t = convo_add(c, ROLE_USER, at);

	buf_puts(&t->text, text);
	t->t_end = at;
	return t;
}

/* An answer whose tokens have n bytes each and come every ms. */
static struct turn *
answer(struct convo *c, const char *thinking, const char *text, int64_t at,
    uint32_t n, uint32_t ms)
{
	struct turn *t = convo_add(c, ROLE_ASSISTANT, at);
	uint32_t when = 1000;

	buf_puts(&t->thinking, thinking);
	buf_puts(&t->text, text);
	t->t_first = at + when;
	for (size_t i = 0; i < t->thinking.len; i += n, when += ms)
		turn_add_token(t, (struct token){ 1, when, n,
		    CHANNEL_THINKING });
	if (t->thinking.len > 0)
		t->t_think_end = at + when;
	for (size_t i = 0; i < t->text.len; i += n, when += ms)
		turn_add_token(t, (struct token){ 2, when, n, CHANNEL_ANSWER });
	t->t_end = at + when;
	t->end = DONE_STOP;
	return t;
}

/* Two questions, the second after ten minutes of silence. */
static struct convo *
two_turns(void)
{
	struct convo *c = convo_new_as("20261124-053122-7f3a", START);
	struct turn *t;

	say(c, "Grüße, wie geht’s?", START);
	t = answer(c, "Ich denke… 考える", "Gut — und selbst? 😀", START, 3,
	    100);
	say(c, "Auch.", t->t_end + 600000);
	answer(c, "", "Schön.", t->t_end + 600000, 2, 50);
	return c;
}

static size_t
chars_begin(const struct buf *b)
{
	return b->len == 0 || utf8_valid(b->data, b->len);
}

static void
assert_prefix(const struct buf *part, const struct buf *whole)
{
	assert_true(part->len <= whole->len);
	if (part->len > 0)
		assert_memory_equal(part->data, whole->data, part->len);
	assert_true(chars_begin(part));
}

static void
assert_same(const struct convo *shown, const struct replay *r)
{
	struct turn **v;
	size_t n = convo_branch(shown, &v);

	assert_int_equal(n, r->n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(v[i]->text.len, r->turns[i]->text.len);
		assert_int_equal(v[i]->thinking.len,
		    r->turns[i]->thinking.len);
		assert_prefix(&v[i]->text, &r->turns[i]->text);
		assert_prefix(&v[i]->thinking, &r->turns[i]->thinking);
		assert_int_equal(v[i]->t_end, r->turns[i]->t_end);
		assert_int_equal(v[i]->end, r->turns[i]->end);
	}
	free(v);
}

/* What is shown at a step are prefixes: all but the last turn whole. */
static void
assert_moment(const struct replay_shown *s, const struct replay *r)
{
	struct turn **v;
	size_t n = convo_branch(s->c, &v);

	assert_true(n <= r->n);
	for (size_t i = 0; i < n; i++) {
		assert_prefix(&v[i]->text, &r->turns[i]->text);
		assert_prefix(&v[i]->thinking, &r->turns[i]->thinking);
		if (i + 1 < n)
			assert_int_equal(v[i]->text.len,
			    r->turns[i]->text.len);
	}
	if (s->typed.len > 0)
		assert_prefix(&s->typed, &r->turns[n]->text);
	free(v);
}

/* Would catch text that is lost, doubled, cut within a character or shown too
 * early, whichever way a moment is come to. */
static void
test_every_moment(void **state)
{
	struct convo *c = two_turns();
	struct replay_shown s, jump;
	struct replay r;
	uint32_t seed = 7;

	(void)state;
	replay_init(&r, c, false);
	replay_show_init(&s, c);
	replay_show_init(&jump, c);
	for (size_t i = 0; i < r.n_steps; i++) {
		if (i > 0)
			assert_true(r.v[i].at >= r.v[i - 1].at);
		replay_show(&s, &r, i);
		assert_moment(&s, &r);
	}
	assert_same(s.c, &r);
	for (int i = 0; i < 2000; i++) {
		seed = seed * 1103515245 + 12345;
		replay_show(&jump, &r, (seed >> 8) % r.n_steps);
		assert_moment(&jump, &r);
	}
	for (size_t i = r.n_steps; i > 0; i--) {
		replay_show(&s, &r, i - 1);
		assert_moment(&s, &r);
	}
	replay_show(&s, &r, r.n_steps - 1);
	assert_same(s.c, &r);
	replay_show_done(&s);
	replay_show_done(&jump);
	replay_done(&r);
	convo_free(c);
}

/* Would catch a jump that shows something else than playing up to there. */
static void
test_same_by_jump(void **state)
{
	struct convo *c = two_turns();
	struct replay_shown s, jump;
	struct replay r;

	(void)state;
	replay_init(&r, c, false);
	replay_show_init(&s, c);
	for (size_t i = 0; i < r.n_steps; i++) {
		replay_show(&s, &r, i);
		replay_show_init(&jump, c);
		replay_show(&jump, &r, r.n_steps - 1);
		replay_show(&jump, &r, i);
		assert_int_equal(s.c->head, jump.c->head);
		for (size_t k = 0; k < s.c->n && s.c->turns[k]->id <=
		    s.c->head; k++) {
			const struct turn *a = s.c->turns[k];
			const struct turn *b = jump.c->turns[k];

			assert_int_equal(a->text.len, b->text.len);
			assert_int_equal(a->thinking.len, b->thinking.len);
			assert_int_equal(a->t_first, b->t_first);
			assert_int_equal(a->t_think_end, b->t_think_end);
			assert_int_equal(a->t_end, b->t_end);
			assert_int_equal(a->end, b->end);
			assert_int_equal(a->answer_tokens, b->answer_tokens);
		}
		assert_int_equal(s.typed.len, jump.typed.len);
		replay_show_done(&jump);
	}
	replay_show_done(&s);
	replay_done(&r);
	convo_free(c);
}

/* Would catch ten minutes of waiting for somebody who reads, and a shortened
 * pause that is not said. */
static void
test_pauses(void **state)
{
	struct convo *c = two_turns();
	struct replay r, whole;
	size_t said = 0;

	(void)state;
	replay_init(&r, c, false);
	replay_init(&whole, c, true);
	assert_int_equal(r.shortened, 1);
	assert_int_equal(whole.shortened, 0);
	assert_int_equal(whole.length - r.length, 600000 - REPLAY_GAP);
	for (size_t i = 0; i < r.n_steps; i++)
		if (r.v[i].pause > 0) {
			assert_int_equal(r.v[i].pause, 600000);
			said++;
		}
	assert_int_equal(said, 1);
	replay_done(&r);
	replay_done(&whole);
	convo_free(c);
}

/* Would catch tokens that come at another speed than they did. */
static void
test_token_times(void **state)
{
	struct convo *c = two_turns();
	const struct turn *t = c->turns[1];
	struct replay r;
	size_t k = 0;

	(void)state;
	replay_init(&r, c, false);
	for (size_t i = 0; i < r.n_steps; i++) {
		const struct replay_step *s = &r.v[i];

		if (s->turn != 1 || s->phase == REPLAY_WAITING || s->over)
			continue;
		assert_int_equal(s->at, REPLAY_TYPE + t->tok[k].ms);
		assert_int_equal(s->when, START + t->tok[k].ms);
		k++;
	}
	assert_int_equal(k, t->n_tok);
	assert_int_equal(replay_when(&r, REPLAY_TYPE + 1050), START + 1050);
	replay_done(&r);
	convo_free(c);
}

/* Would catch a conversation of before tokens had times that does not play, or
 * plays another length than it had. */
static void
test_no_tokens(void **state)
{
	struct convo *c = two_turns();
	struct replay_shown s;
	struct replay r;
	size_t i;

	(void)state;
	for (size_t k = 0; k < c->n; k++) {
		free(c->turns[k]->tok);
		c->turns[k]->tok = NULL;
		c->turns[k]->n_tok = 0;
	}
	replay_init(&r, c, false);
	replay_show_init(&s, c);
	i = replay_find(&r, REPLAY_TYPE + 1000 +
	    (c->turns[1]->t_think_end - c->turns[1]->t_first) / 2);
	replay_show(&s, &r, i);
	assert_int_equal(r.v[i].phase, REPLAY_THINKING);
	assert_in_range(s.c->turns[1]->thinking.len,
	    c->turns[1]->thinking.len / 3, c->turns[1]->thinking.len * 2 / 3);
	assert_int_equal(s.c->turns[1]->text.len, 0);
	for (i = 0; i < r.n_steps; i++) {
		replay_show(&s, &r, i);
		assert_moment(&s, &r);
	}
	assert_same(s.c, &r);
	replay_show_done(&s);
	replay_done(&r);
	convo_free(c);
}

/* Would catch a loop or an empty screen where nothing is known of times, where
 * a clock was set back, or where records say nonsense. */
static void
test_odd_times(void **state)
{
	struct convo *c = two_turns();
	struct replay_shown s;
	struct replay r;

	(void)state;
	c->turns[1]->t_end = START - 5000;	/* set back */
	c->turns[2]->t_start = START - 100000;
	c->turns[3]->t_start = START - 90000;
	c->turns[3]->tok[0].bytes = UINT32_MAX;
	c->turns[3]->tok[1].ms = 0;
	c->turns[3]->tok[2].ms = UINT32_MAX;
	replay_init(&r, c, false);
	replay_show_init(&s, c);
	for (size_t i = 0; i < r.n_steps; i++) {
		if (i > 0)
			assert_true(r.v[i].at >= r.v[i - 1].at);
		replay_show(&s, &r, i);
		assert_moment(&s, &r);
	}
	assert_same(s.c, &r);
	replay_show_done(&s);
	replay_done(&r);
	for (size_t i = 0; i < c->n; i++) {
		struct turn *t = c->turns[i];

		t->t_start = i % 2 ? INT64_MAX : INT64_MIN;
		t->t_first = i % 2 ? 1 : INT64_MAX - 1;
		t->t_end = INT64_MAX;
		if (i > 1)
			t->n_tok = 0;
	}
	replay_init(&r, c, true);
	replay_show_init(&s, c);
	for (size_t i = 0; i < r.n_steps; i++) {
		replay_show(&s, &r, i);
		assert_moment(&s, &r);
	}
	replay_show_done(&s);
	replay_done(&r);
	for (size_t i = 0; i < c->n; i++) {
		struct turn *t = c->turns[i];

		t->t_start = t->t_first = t->t_think_end = t->t_end = 0;
	}
	replay_init(&r, c, false);
	replay_show_init(&s, c);
	assert_int_equal(r.length, 0);
	replay_show(&s, &r, replay_find(&r, 0));
	assert_same(s.c, &r);
	replay_show_done(&s);
	replay_done(&r);
	convo_free(c);
}

static void
test_empty(void **state)
{
	struct convo *c = convo_new_as("20261124-053122-7f3a", START);
	struct replay r;

	(void)state;
	replay_init(&r, c, false);
	assert_int_equal(r.length, 0);
	assert_int_equal(replay_find(&r, 0), r.n_steps);
	assert_int_equal(replay_when(&r, 0), 0);
	assert_int_equal(replay_mark(&r, 0, REPLAY_TURN, 1), -1);
	assert_int_equal(replay_from(&r, 0, NULL, NULL), 0);
	replay_done(&r);
	convo_free(c);
}

/* Would catch keys that go to the wrong thought, answer or message, or that
 * stay where they are. */
static void
test_marks(void **state)
{
	struct convo *c = two_turns();
	int64_t thought, answers, second;
	struct replay r;

	(void)state;
	replay_init(&r, c, false);
	thought = replay_mark(&r, 0, REPLAY_THOUGHT, 1);
	assert_int_equal(thought, REPLAY_TYPE + 1000);
	answers = replay_mark(&r, 0, REPLAY_ANSWER, 1);
	assert_int_equal(answers, REPLAY_TYPE + c->turns[1]->t_think_end -
	    START);
	assert_int_equal(replay_mark(&r, 0, REPLAY_EITHER, 1), thought);
	assert_int_equal(replay_mark(&r, thought, REPLAY_EITHER, 1), answers);
	assert_int_equal(replay_mark(&r, thought, REPLAY_THOUGHT, 1), -1);
	second = replay_mark(&r, 0, REPLAY_TURN, 1);
	assert_int_equal(second, replay_message(&r, 2));
	assert_int_equal(replay_mark(&r, second + 100, REPLAY_TURN, -1), 0);
	assert_int_equal(replay_mark(&r, second + 1000, REPLAY_TURN, -1),
	    second);
	assert_int_equal(replay_message(&r, 3), -1);
	replay_done(&r);
	convo_free(c);
}

static void
test_from(void **state)
{
	static const char *const bad[] = { "", "x", "1:", ":1", "1:2:3:4",
		"-1", "1.5", "99999999999999" };
	struct convo *c = two_turns();
	struct err err = { "" };
	struct buf b = { 0 };
	struct replay r;

	(void)state;
	replay_init(&r, c, false);
	assert_int_equal(replay_from(&r, 0, "2", &err), 2000);
	assert_int_equal(replay_from(&r, 0, "0:01", &err), 1000);
	assert_int_equal(replay_from(&r, 0, "1:00:00", &err), r.length);
	assert_int_equal(replay_from(&r, 2, NULL, &err),
	    replay_message(&r, 2));
	assert_int_equal(replay_from(&r, 1, "thinking", &err),
	    REPLAY_TYPE + 1000);
	assert_int_equal(replay_from(&r, 2, "thinking", &err), -1);
	assert_true(replay_from(&r, 2, "answer", &err) >
	    replay_message(&r, 2));
	assert_int_equal(replay_from(&r, 9, NULL, &err), -1);
	assert_non_null(strstr(err.text, "no message 9"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(replay_from(&r, 0, bad[i], &err), -1);
	replay_put_time(&b, 3723000);
	assert_string_equal(b.data, "1:02:03");
	buf_clear(&b);
	replay_put_time(&b, 72999);
	assert_string_equal(b.data, "1:12");
	buf_free(&b);
	replay_done(&r);
	convo_free(c);
}

/* Would catch a branch that is not shown among what is played, and an answer
 * that was gone on with whose older half has no records. */
static void
test_branch_and_older_half(void **state)
{
	struct convo *c = two_turns(), *copy;
	struct turn *t = c->turns[3];
	struct replay_shown s;
	struct replay r;

	(void)state;
	c->head = 2;
	say(c, "Something else", t->t_end);
	convo_select(c, t);
	buf_free(&t->text);
	buf_puts(&t->text, "older half, Schön.");
	t->run.touched = true;
	t->tok[3].bytes = 1;
	copy = replay_copy(c);
	assert_int_equal(copy->n, 4);
	replay_init(&r, copy, false);
	replay_show_init(&s, copy);
	replay_show(&s, &r, replay_find(&r, replay_mark(&r,
	    replay_message(&r, 2), REPLAY_ANSWER, 1)));
	assert_string_equal(s.c->turns[3]->text.data, "older half, Sc");
	replay_show(&s, &r, r.n_steps - 1);
	assert_same(s.c, &r);
	replay_show_done(&s);
	replay_done(&r);
	convo_free(copy);
	convo_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_moment),
		cmocka_unit_test(test_same_by_jump),
		cmocka_unit_test(test_pauses),
		cmocka_unit_test(test_token_times),
		cmocka_unit_test(test_no_tokens),
		cmocka_unit_test(test_odd_times),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_from),
		cmocka_unit_test(test_branch_and_older_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
