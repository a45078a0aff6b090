/* t_titles.c -- titles written by the model while nobody needs it. */
#include "desk.h"

#define SOON 1000
#define LATER 5000		/* longer than titles wait for quiet */

static void
tick(struct desk *d, int64_t ms)
{
	d->now += ms;
	event(d, (struct ui_event){ .type = UI_TICK });
}

static void
loaded(struct desk *d)
{
	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)"Tiny", .arch = (char *)"llama",
	    .format = (char *)"chatml", .cpu = (char *)"avx2",
	    .context = 2048 } });
}

static bool
asked_for_title(const struct desk *d)
{
	return strstr(d->last, "Title?") != NULL;
}

/* A question and its answer, with the model there. */
static void
talk(struct desk *d, const char *question)
{
	d->alive = true;
	loaded(d);
	ask(d, question);
	delta(d, CHANNEL_ANSWER, "Four minutes.");
	finish(d, DONE_STOP);
}

static void
answer_title(struct desk *d, const char *title)
{
	delta(d, CHANNEL_ANSWER, title);
	finish(d, DONE_STOP);
}

static struct convo *
on_disk(struct desk *d, const char *id)
{
	struct err notice, err = { .text = "" };
	struct convo *c = journal_read(&d->store, id, &notice, &err);

	if (!c)
		fail_msg("%s", err.text);
	return c;
}

/* Would catch a title that is not asked for, not shown, or not saved. */
static void
written(void **state)
{
	struct desk *d = *state;
	struct convo *c;

	talk(d, "how long should i boil eggs");
	tick(d, SOON);
	assert_int_equal(d->sent, 1);
	assert_true(app_deadline(&d->app) > d->now);
	tick(d, LATER);
	assert_int_equal(d->sent, 2);
	assert_true(asked_for_title(d));
	assert_int_equal(d->slot, 2);
	assert_int_equal(d->thinking, THINKING_OFF);
	answer_title(d, "Boiling Eggs");
	assert_string_equal(d->app.cur->convo->title, "Boiling Eggs");
	assert_string_equal(d->app.list[0].title, "Boiling Eggs");
	c = on_disk(d, d->app.cur->convo->id);
	assert_string_equal(c->title, "Boiling Eggs");
	assert_int_equal(c->title_by, TITLE_MODEL);
	convo_free(c);
	assert_int_equal(app_deadline(&d->app), -1);
	/* Nor once more after the next answer. */
	talk(d, "and potatoes");
	tick(d, LATER);
	assert_int_equal(d->sent, 3);
}

/* Would catch a title that gets in the way of who types, and a computer that is
 * kept awake by one that is not due. */
static void
not_while_typing(void **state)
{
	struct desk *d = *state;

	talk(d, "how long should i boil eggs");
	for (int i = 0; i < 10; i++) {
		tick(d, 3000);
		press(d, "x");
	}
	assert_int_equal(d->sent, 1);
	tick(d, LATER);
	assert_int_equal(d->sent, 2);
}

/* Would catch a chat that waits for a title to be finished: the cancel has to
 * come before the question; and a title that is lost by that. */
static void
gives_way(void **state)
{
	struct desk *d = *state;
	int64_t title;

	talk(d, "how long should i boil eggs");
	tick(d, LATER);
	assert_true(asked_for_title(d));
	title = d->id;
	ask(d, "and potatoes");
	assert_int_equal(d->cancelled, 1);
	assert_int_equal(d->cancelled_before, 1);
	assert_false(asked_for_title(d));
	/* Its last words are nobody's. */
	hear(d, (struct msg){ .type = MSG_DELTA, .u.delta = { .id = title,
	    .channel = CHANNEL_ANSWER, .text = (char *)"Boiling Eggs" } });
	hear(d, (struct msg){ .type = MSG_DONE, .u.done = { .id = title,
	    .reason = DONE_CANCEL } });
	delta(d, CHANNEL_ANSWER, "Twenty.");
	finish(d, DONE_STOP);
	assert_string_equal(last_turn(d)->text.data, "Twenty.");
	assert_string_equal(d->app.cur->convo->title,
	    "how long should i boil eggs");
	tick(d, LATER);
	assert_true(asked_for_title(d));
	answer_title(d, "Boiling Eggs");
	assert_string_equal(d->app.cur->convo->title, "Boiling Eggs");
}

/* Would catch a bad title that is taken, and one that is asked for again and
 * again. */
static void
bad_title(void **state)
{
	struct desk *d = *state;

	talk(d, "how long should i boil eggs");
	tick(d, LATER);
	answer_title(d, "I'm sorry, I cannot boil eggs");
	assert_string_equal(d->app.cur->convo->title,
	    "how long should i boil eggs");
	talk(d, "and potatoes");
	tick(d, LATER);
	tick(d, LATER);
	assert_int_equal(d->sent, 3);
}

/* Would catch a person's title that is overwritten, also while it is asked
 * for. */
static void
by_hand(void **state)
{
	struct desk *d = *state;

	talk(d, "how long should i boil eggs");
	tick(d, LATER);
	app_rename(&d->app, d->app.cur->convo->id, "Mine");
	answer_title(d, "Boiling Eggs");
	assert_string_equal(d->app.cur->convo->title, "Mine");
	app_new(&d->app);
	talk(d, "how do i bake bread");
	app_rename(&d->app, d->app.cur->convo->id, "Mine, too");
	d->sent = 0;
	tick(d, LATER);
	assert_int_equal(d->sent, 0);
}

/* Would catch a word of a temporary conversation that goes anywhere, and a
 * setting that does nothing. */
static void
never(void **state)
{
	struct desk *d = *state;

	press(d, "alt+p");
	talk(d, "how long should i boil eggs");
	tick(d, LATER);
	assert_int_equal(d->sent, 1);
	d->conf.titles = TITLES_FIRST;
	app_new(&d->app);
	talk(d, "how long should i boil eggs");
	tick(d, LATER);
	assert_int_equal(d->sent, 2);
}

/* Would catch a title that goes to the conversation that is shown by then, or
 * to none. */
static void
of_one_that_was_left(void **state)
{
	struct desk *d = *state;
	struct convo *c;
	char id[32];

	talk(d, "how long should i boil eggs");
	memcpy(id, d->app.cur->convo->id, sizeof(id));
	app_new(&d->app);
	tick(d, LATER);
	assert_true(asked_for_title(d));
	answer_title(d, "Boiling Eggs");
	assert_string_equal(d->app.cur->convo->title, "");
	c = on_disk(d, id);
	assert_string_equal(c->title, "Boiling Eggs");
	convo_free(c);
}

/* Would catch a worker that is killed by each title and started again for
 * the next. */
static void
worker_dies(void **state)
{
	struct desk *d = *state;

	talk(d, "how long should i boil eggs");
	tick(d, LATER);
	event(d, (struct ui_event){ .type = UI_LOST, .why = "gone" });
	d->alive = false;
	tick(d, LATER);
	loaded(d);
	tick(d, LATER);
	assert_int_equal(d->sent, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(not_while_typing, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(gives_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_title, set_up, tear_down),
		cmocka_unit_test_setup_teardown(by_hand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(never, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_one_that_was_left, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(worker_dies, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
