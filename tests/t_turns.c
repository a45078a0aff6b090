/* t_turns.c -- what a person does to the turns of a conversation: again,
 * further, otherwise, away. */
#include "desk.h"

static void
answer(struct desk *d, const char *text)
{
	delta(d, CHANNEL_ANSWER, text);
	finish(d, DONE_STOP);
}

static size_t
versions(struct desk *d)
{
	struct turn **v;
	size_t n = convo_siblings(d->app.cur->convo, last_turn(d), &v);

	free(v);
	return n;
}

/* Would catch an answer that is overwritten by the next version, or versions
 * that cannot be gone back to. */
static void
regenerating(void **state)
{
	struct desk *d = *state;

	ask(d, "question");
	answer(d, "one");
	press(d, "alt+r");
	assert_int_equal(d->sent, 2);
	assert_int_equal(d->n_messages, 1);
	assert_string_equal(d->last, "question");
	answer(d, "two");
	assert_string_equal(last_turn(d)->text.data, "two");
	assert_int_equal(versions(d), 2);
	d->app.focus = FOCUS_VIEW;
	press(d, "left");
	assert_string_equal(last_turn(d)->text.data, "one");
	press(d, "right");
	assert_string_equal(last_turn(d)->text.data, "two");
}

/* Would catch a failed attempt that hides the answer there was. */
static void
regenerating_fails(void **state)
{
	struct desk *d = *state;

	ask(d, "question");
	answer(d, "one");
	press(d, "alt+r");
	hear(d, (struct msg){ .type = MSG_ERROR, .u.error = { d->id,
	    (char *)"no memory" } });
	assert_string_equal(last_turn(d)->text.data, "one");
	assert_int_equal(versions(d), 1);
	assert_string_equal(editor_text(), "");
}

/* Would catch a way out of a loop that there is not: an answer cannot be told
 * to answer now. */
static void
looping(void **state)
{
	struct desk *d = *state;
	struct msg m = { .type = MSG_LOOPING };

	ask(d, "question");
	m.u.looping = (struct msg_looping){ d->id, 4 };
	delta(d, CHANNEL_THINKING, "Hm.");
	hear(d, m);
	assert_non_null(strstr(d->app.notice, "Alt-A"));
	delta(d, CHANNEL_ANSWER, "Yes");
	hear(d, m);
	assert_non_null(strstr(d->app.notice, "Esc"));
	assert_null(strstr(d->app.notice, "Alt-A"));
}

/* Would catch a copy that drags the thought along, loses Markdown's marks, or
 * takes another block of code than the one that was asked for. */
static void
copying(void **state)
{
	struct desk *d = *state;

	ask(d, "question");
	delta(d, CHANNEL_THINKING, "Hm.");
	answer(d, "**Yes**\n\n```c\nint a;\n```\n\n```c\nint b;\n```\n");
	press(d, "alt+y");
	assert_string_equal(d->app.clip, "**Yes**\n\n```c\nint a;\n```\n\n"
	    "```c\nint b;\n```\n");
	ask(d, "/copy code 2");
	assert_string_equal(d->app.clip, "int b;\n");
	ask(d, "/copy all");
	assert_non_null(strstr(d->app.clip, "Hm."));
	assert_non_null(strstr(d->app.clip, "**Yes**"));
}

/* Would catch an edited message that loses the old branch, or the draft. */
static void
editing(void **state)
{
	struct desk *d = *state;

	ask(d, "first");
	answer(d, "one");
	ask(d, "second");
	answer(d, "two");
	editor_set("draft");
	press(d, "alt+e");
	assert_string_equal(editor_text(), "second");
	press(d, "esc");
	assert_string_equal(editor_text(), "draft");
	assert_int_equal(d->sent, 2);
	press(d, "alt+e");
	editor_insert("!", 1);
	press(d, "enter");
	assert_string_equal(editor_text(), "draft");
	assert_int_equal(d->sent, 3);
	assert_int_equal(d->n_messages, 3);
	assert_string_equal(d->last, "second!");
	answer(d, "three");
	assert_int_equal(d->app.cur->convo->n, 6);
}

/* Would catch a stopped answer that begins anew instead of going on. */
static void
continuing(void **state)
{
	struct desk *d = *state;
	struct turn *t;

	ask(d, "question");
	delta(d, CHANNEL_THINKING, "hm");
	delta(d, CHANNEL_ANSWER, "half ");
	finish(d, DONE_CANCEL);
	t = last_turn(d);
	ask(d, "/continue");
	assert_int_equal(d->last_role, ROLE_ASSISTANT);
	assert_string_equal(d->last, "half ");
	assert_false(d->thought_open);
	answer(d, "an answer");
	assert_ptr_equal(last_turn(d), t);
	assert_string_equal(t->text.data, "half an answer");
	assert_int_equal(t->end, DONE_STOP);
}

/* Would catch a thought that cannot be gone on with, or ended. */
static void
a_stopped_thought(void **state)
{
	struct desk *d = *state;

	ask(d, "question");
	delta(d, CHANNEL_THINKING, "hm");
	press(d, "alt+a");
	assert_int_equal(d->kind, MSG_ANSWER_NOW);
	finish(d, DONE_CANCEL);
	ask(d, "/continue");
	assert_true(d->thought_open);
	assert_string_equal(d->last, "");
	finish(d, DONE_CANCEL);
	press(d, "alt+a");
	assert_int_equal(d->sent, 3);
	assert_false(d->thought_open);
	delta(d, CHANNEL_THINKING, "");
	answer(d, "so");
	assert_string_equal(last_turn(d)->text.data, "so");
}

/* Would catch words for a thought that are sent as a message. */
static void
steering(void **state)
{
	struct desk *d = *state;

	ask(d, "question");
	editor_set("think of primes");
	press(d, "alt+s");		/* it has not begun to think */
	assert_string_equal(editor_text(), "think of primes");
	delta(d, CHANNEL_THINKING, "hm");
	press(d, "alt+s");
	assert_int_equal(d->kind, MSG_STEER);
	assert_string_equal(editor_text(), "");
}

/* Would catch a turn that is removed without the answer yes, or only on the
 * screen. */
static void
removing(void **state)
{
	struct desk *d = *state;
	char id[32];

	ask(d, "first");
	answer(d, "one");
	ask(d, "second");
	answer(d, "two");
	ask(d, "/undo");
	press(d, "n");
	assert_string_equal(last_turn(d)->text.data, "two");
	ask(d, "/undo");
	press(d, "y");
	assert_string_equal(last_turn(d)->text.data, "one");
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	press(d, "alt+n");
	assert_int_equal(app_open(&d->app, id), 0);
	assert_string_equal(last_turn(d)->text.data, "one");
}

/* Would catch a temporary conversation that is saved. */
static void
temporary(void **state)
{
	struct desk *d = *state;

	press(d, "alt+p");
	ask(d, "secret");
	assert_string_equal(d->keep, "");
	answer(d, "yes");
	assert_null(d->app.cur->journal);
	assert_int_equal(d->app.n_list, 0);
}

/* Would catch a state that is kept under another conversation's name, or kept
 * on when its conversation is deleted. */
static void
kept_by_its_name(void **state)
{
	struct desk *d = *state;
	char id[32];

	ask(d, "one");
	answer(d, "two");
	assert_string_equal(d->keep, d->app.cur->convo->id);
	memcpy(id, d->keep, sizeof(id));
	assert_int_equal(session_forget(&d->app, id), 0);
	assert_int_equal(d->kind, MSG_FORGET);
	press(d, "alt+n");
	ask(d, "three");
	assert_string_equal(d->keep, d->app.cur->convo->id);
	assert_string_not_equal(d->keep, id);
}

/* Would catch old turns that are cut off silently, or a question that goes
 * without its answer. */
static void
too_long_for_the_context(void **state)
{
	struct desk *d = *state;
	int ends[] = { 700, 1000, 1900 };
	char text[3000];

	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)"m", .arch = (char *)"a", .format = (char *)"f",
	    .cpu = (char *)"c", .context = 2048 } });
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	editor_set(text);
	press(d, "enter");
	assert_int_equal(d->kind, MSG_MEASURE);	/* it may not fit */
	hear(d, (struct msg){ .type = MSG_MEASURED, .u.measured = {
	    .id = d->app.cur->id, .tokens = 700, .ends = ends, .n_ends = 1,
	    .context = 2048 } });
	assert_int_equal(d->kind, MSG_GENERATE);
	answer(d, "one");
	ask(d, "second");
	hear(d, (struct msg){ .type = MSG_MEASURED, .u.measured = {
	    .id = d->app.cur->id, .tokens = 1900, .ends = ends, .n_ends = 3,
	    .context = 2048 } });
	assert_int_equal(d->kind, MSG_GENERATE);
	assert_int_equal(d->n_messages, 1);
	assert_string_equal(d->last, "second");
	assert_true(d->app.cur->convo->turns[0]->dropped);
	assert_true(d->app.cur->convo->turns[1]->dropped);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(regenerating, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(regenerating_fails, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(looping, set_up, tear_down),
		cmocka_unit_test_setup_teardown(copying, set_up, tear_down),
		cmocka_unit_test_setup_teardown(editing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(continuing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_stopped_thought, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(steering, set_up, tear_down),
		cmocka_unit_test_setup_teardown(removing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(temporary, set_up, tear_down),
		cmocka_unit_test_setup_teardown(kept_by_its_name, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(too_long_for_the_context,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
