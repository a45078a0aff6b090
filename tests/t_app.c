/* t_app.c -- the chat driven by events, with a worker that only listens. */
#include "desk.h"

/* Would catch a message that is sent wrongly, or an answer that goes astray. */
static void
a_turn(void **state)
{
	struct desk *d = *state;

	ask(d, "hello");
	assert_int_equal(d->sent, 1);
	assert_int_equal(d->n_messages, 1);
	assert_string_equal(editor_text(), "");
	delta(d, CHANNEL_THINKING, "hm");
	assert_int_equal(d->app.cur->phase, PHASE_THINKING);
	d->now += 3000;
	delta(d, CHANNEL_ANSWER, "hi");
	delta(d, CHANNEL_ANSWER, " there");
	finish(d, DONE_STOP);
	assert_null(app_busy(&d->app));
	assert_string_equal(last_turn(d)->text.data, "hi there");
	assert_string_equal(last_turn(d)->thinking.data, "hm");
	assert_int_equal(last_turn(d)->t_think_end - last_turn(d)->t_first,
	    3000);
	ask(d, "more");
	assert_int_equal(d->n_messages, 3);
}

/* Would catch an answer under the name that a file gives itself, instead of
 * the one by which the person asked for it. */
static void
named_as_the_file(void **state)
{
	struct desk *d = *state;

	assert_string_equal(d->app.model.name, "Tiny-1B.Q4_1");
	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)"mix1 ep2", .context = 64 } });
	ask(d, "hello");
	delta(d, CHANNEL_ANSWER, "hi");
	finish(d, DONE_STOP);
	assert_string_equal(last_turn(d)->model, "Tiny-1B.Q4_1");
}

/* Would catch a chat that stays without a model after it could not be loaded,
 * though the file may be mended by now; and the reason not told. */
static void
loading_is_tried_again(void **state)
{
	struct desk *d = *state;
	struct msg no = { .type = MSG_ERROR, .u.error = {
		.text = (char *)"the file is cut short" } };

	app_start_worker(&d->app);
	hear(d, no);
	assert_false(d->app.model.loading);
	assert_string_equal(d->app.cur->view.v[0].note,
	    "The file is cut short");
	assert_int_equal(d->loads, 0);
	ask(d, "hello");
	assert_int_equal(d->loads, 1);
	assert_true(d->app.model.loading);
	hear(d, no);
	assert_null(app_busy(&d->app));
	assert_string_equal(editor_text(), "hello");
	press(d, "enter");
	assert_int_equal(d->loads, 2);
	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)"m", .context = 64 } });
	assert_true(d->app.model.loaded);
	finish(d, DONE_STOP);
	ask(d, "more");
	assert_int_equal(d->loads, 2);
}

/* Would catch an answer that is saved without the fingerprint of its model,
 * which comes with the end of the first. */
static void
digest_is_saved(void **state)
{
	struct desk *d = *state;
	const struct convo *c;

	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)"m", .context = 64 } });
	ask(d, "hello");
	delta(d, CHANNEL_ANSWER, "hi");
	assert_null(last_turn(d)->digest);
	hear(d, (struct msg){ .type = MSG_DONE, .u.done = {
	    .id = d->id, .reason = DONE_STOP, .answer_tokens = 1,
	    .digest = (char *)"sha256:12" } });
	assert_string_equal(last_turn(d)->digest, "sha256:12");
	ask(d, "again");
	delta(d, CHANNEL_ANSWER, "hi");
	c = d->app.cur->convo;
	assert_string_equal(last_turn(d)->digest, "sha256:12");
	assert_int_equal(c->n, 4);
	finish(d, DONE_STOP);
	assert_string_equal(last_turn(d)->digest, "sha256:12");
}

/* Would catch notes on the model that are lost, that come again with each
 * worker, or that become a part of the conversation. */
static void
notes_come_once(void **state)
{
	struct desk *d = *state;
	char *notes[] = { (char *)"a plain format is used.",
		(char *)"It is large." };
	struct msg m = { .type = MSG_LOADED, .u.loaded = {
		.name = (char *)"m", .arch = (char *)"llama",
		.format = (char *)"plain",
		.cpu = (char *)"avx2", .context = 64, .notes = notes,
		.n_notes = 2 } };

	app_start_worker(&d->app);
	hear(d, m);
	assert_int_equal(d->app.cur->view.n, 2);
	assert_string_equal(d->app.cur->view.v[0].note,
	    "A plain format is used.");
	hear(d, m);
	assert_int_equal(d->app.cur->view.n, 2);
	ask(d, "hello");
	assert_int_equal(d->n_messages, 1);
	assert_int_equal(d->app.cur->convo->n, 2);
}

/* Would catch a list that shows the old conversations while a new one is
 * written, because there are more than fit. */
static void
list_shows_the_current(void **state)
{
	struct desk *d = *state;

	for (int i = 0; i < 30; i++) {
		d->now += 1000;
		press(d, "alt+n");
		ask(d, "hello");
		finish(d, DONE_STOP);
	}
	assert_int_equal(d->app.n_list, 30);
	assert_string_equal(d->app.list[d->app.list_at].id,
	    d->app.cur->convo->id);
	assert_in_range(d->app.list_at - d->app.list_top, 0,
	    d->app.lay.list.h - 3);
}

/* Would catch text that is lost because the model is busy, and a queue that
 * goes on although the person said stop. */
static void
typing_while_busy(void **state)
{
	struct desk *d = *state;

	ask(d, "hello");
	ask(d, "and another");
	ask(d, "a third");
	assert_int_equal(d->sent, 1);
	assert_string_equal(editor_text(), "");
	assert_int_equal(d->app.cur->n_queue, 2);
	finish(d, DONE_STOP);
	assert_int_equal(d->sent, 2);
	finish(d, DONE_CANCEL);
	assert_int_equal(d->sent, 2);
	press(d, "alt+up");
	assert_string_equal(editor_text(), "a third");
	editor_insert(" time", 5);
	press(d, "enter");
	assert_int_equal(d->sent, 3);
	assert_string_equal(d->app.cur->ask->text.data, "a third time");
}

/* Would catch a stop that drops what came, or words that come after it. */
static void
stop_keeps_the_text(void **state)
{
	struct desk *d = *state;

	ask(d, "hello");
	delta(d, CHANNEL_ANSWER, "half");
	press(d, "esc");
	assert_int_equal(d->cancelled, 1);
	press(d, "esc");
	assert_int_equal(d->cancelled, 1);
	delta(d, CHANNEL_ANSWER, " too late");
	finish(d, DONE_CANCEL);
	delta(d, CHANNEL_ANSWER, " much too late");
	assert_string_equal(last_turn(d)->text.data, "half");
	assert_int_equal(last_turn(d)->end, DONE_CANCEL);
}

/* Would catch a conversation that does not come back, with its end. */
static void
saved_and_reopened(void **state)
{
	struct desk *d = *state;
	char id[32];

	ask(d, "hello");
	delta(d, CHANNEL_THINKING, "hm");
	delta(d, CHANNEL_ANSWER, "half");
	event(d, (struct ui_event){ .type = UI_LOST, .why = "the worker "
	    "was killed by signal 9" });
	assert_int_equal(last_turn(d)->end, DONE_LOST);
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	app_done(&d->app);
	open_app(d, id);
	assert_int_equal(d->app.cur->convo->n, 2);
	assert_string_equal(last_turn(d)->text.data, "half");
	assert_string_equal(last_turn(d)->thinking.data, "hm");
	assert_int_equal(last_turn(d)->end, DONE_LOST);
	assert_string_equal(d->app.cur->convo->title, "hello");
}

/* Would catch a message that vanishes, or that stays in the conversation and
 * spoils it, when the worker refuses it. */
static void
refused_message_comes_back(void **state)
{
	struct desk *d = *state;

	ask(d, "hello");
	delta(d, CHANNEL_ANSWER, "hi");
	finish(d, DONE_STOP);
	ask(d, "far too long");
	hear(d, (struct msg){ .type = MSG_ERROR, .u.error = {
	    .id = d->id, .text = (char *)"too long" } });
	assert_null(app_busy(&d->app));
	assert_string_equal(editor_text(), "far too long");
	ask(d, "shorter");
	assert_int_equal(d->n_messages, 3);
}

/* Would catch a message that spoils the conversation, or is lost, when the
 * program ends before its answer begins. */
static void
unanswered_message_comes_back(void **state)
{
	struct desk *d = *state;
	char id[32];

	ask(d, "hello");
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	app_done(&d->app);
	open_app(d, id);
	assert_string_equal(editor_text(), "hello");
	assert_int_equal(d->app.cur->convo->head, 0);
	press(d, "enter");
	assert_int_equal(d->n_messages, 1);
}

/* Would catch a worker that cannot start taking the message with it. */
static void
no_worker_keeps_the_prompt(void **state)
{
	struct desk *d = *state;

	d->refuse = true;
	ask(d, "hello");
	assert_int_equal(d->sent, 0);
	assert_string_equal(editor_text(), "hello");
	assert_int_equal(d->app.cur->convo->n, 0);
}

/* Would catch quitting by accident: each key asks when it should. */
static void
quitting(void **state)
{
	struct desk *d = *state;

	editor_set("text");
	assert_false(press(d, "ctrl+d") & REACT_QUIT);
	assert_false(press(d, "ctrl+c") & REACT_QUIT);
	assert_string_equal(editor_text(), "");
	assert_false(press(d, "ctrl+c") & REACT_QUIT);
	press(d, "f2");			/* another key: it must ask again */
	assert_false(press(d, "ctrl+c") & REACT_QUIT);
	assert_true(press(d, "ctrl+c") & REACT_QUIT);
	ask(d, "hello");
	assert_false(press(d, "ctrl+d") & REACT_QUIT);
	assert_true(press(d, "ctrl+d") & REACT_QUIT);
	finish(d, DONE_STOP);
	assert_true(press(d, "ctrl+d") & REACT_QUIT);
}

/* Would catch an answer that ends in the wrong conversation. */
static void
answers_in_the_background(void **state)
{
	struct desk *d = *state;
	int64_t first, second;
	char id[32];

	ask(d, "first");
	first = d->id;
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	press(d, "alt+n");
	assert_int_equal(d->app.cur->convo->n, 0);
	delta(d, CHANNEL_ANSWER, "hi");
	ask(d, "second");		/* both at the same time */
	assert_int_equal(d->sent, 2);
	delta(d, CHANNEL_ANSWER, "there");
	second = d->id;
	d->id = first;
	delta(d, CHANNEL_ANSWER, " you");
	finish(d, DONE_STOP);
	assert_string_equal(last_turn(d)->text.data, "there");
	assert_int_equal(app_open(&d->app, id), 0);
	assert_string_equal(last_turn(d)->text.data, "hi you");
	d->id = second;
	finish(d, DONE_STOP);
	assert_string_equal(last_turn(d)->text.data, "hi you");
}

/* Would catch commands that eat paths, and typing errors without an answer. */
static void
slash_commands(void **state)
{
	struct desk *d = *state;

	assert_true(action_is_slash("/help"));
	assert_true(action_is_slash("/think on"));
	assert_false(action_is_slash("//help"));
	assert_false(action_is_slash("/tmp/x is a path"));
	assert_false(action_is_slash("/"));
	assert_false(action_is_slash("/help\nmore"));
	ask(d, "/think low");
	assert_int_equal(d->app.budget, 250);
	ask(d, "/think 90s");
	assert_int_equal(d->app.budget_ms, 90000);
	assert_int_equal(d->app.budget, 0);
	ask(d, "/think off");
	assert_int_equal(d->app.thinking, THINKING_OFF);
	ask(d, "/hlep");
	assert_non_null(strstr(d->app.notice, "/help"));
	assert_string_equal(editor_text(), "/hlep");
	ask(d, "/tmp/x");
	assert_int_equal(d->sent, 1);
	assert_int_equal(d->thinking, THINKING_OFF);
}

/* Would catch completion that guesses. */
static void
completion(void **state)
{
	char *s;

	(void)state;
	s = action_complete("/hel");
	assert_string_equal(s, "/help ");
	free(s);
	s = action_complete("/th");
	assert_null(s);
	s = action_complete("/contin");
	assert_string_equal(s, "/continue ");
	free(s);
	assert_null(action_complete("/th"));
	assert_null(action_complete("help"));
	assert_null(action_complete("/nothing"));
}

/* Would catch a conversation that is deleted for good at once, or does not come
 * back. */
static void
deleting(void **state)
{
	struct desk *d = *state;
	char id[32];

	ask(d, "hello");
	delta(d, CHANNEL_ANSWER, "Hello!");
	finish(d, DONE_STOP);
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	assert_int_equal(d->app.n_list, 1);
	ask(d, "/delete");
	assert_int_equal(d->app.n_list, 0);
	assert_int_equal(d->app.cur->convo->n, 0);
	assert_non_null(strstr(d->app.notice, "/restore"));
	ask(d, "/restore");
	assert_int_equal(d->app.n_list, 1);
	assert_int_equal(app_open(&d->app, id), 0);
	assert_string_equal(last_turn(d)->text.data, "Hello!");
}

/* Would catch a rename that loses what was being typed. */
static void
renaming_keeps_the_draft(void **state)
{
	struct desk *d = *state;
	struct key k = { .code = KEY_PASTE_, .text = "X", .n = 1 };

	ask(d, "hello");
	finish(d, DONE_STOP);
	editor_set("draft");
	app_rename_begin(&d->app, d->app.cur->convo->id, "old");
	event(d, (struct ui_event){ .type = UI_KEY, .key = &k });
	press(d, "enter");
	assert_string_equal(d->app.cur->convo->title, "oldX");
	assert_string_equal(editor_text(), "draft");
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(named_as_the_file),
		T(loading_is_tried_again),
		T(digest_is_saved),
		T(notes_come_once),
		T(list_shows_the_current),
		T(a_turn), T(typing_while_busy), T(stop_keeps_the_text),
		T(saved_and_reopened), T(refused_message_comes_back),
		T(unanswered_message_comes_back),
		T(no_worker_keeps_the_prompt), T(quitting),
		T(answers_in_the_background), T(slash_commands),
		T(completion), T(deleting),
		T(renaming_keeps_the_draft),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
