/* t_player.c -- playing a conversation in the chat: keys, time, and that all
 * is as it was when it is left. */
#include "desk.h"

#include <sys/stat.h>

#include "alloc.h"

#include "player.h"
#include "replay.h"

#define THOUGHT "First this.\nThen that."

/* A piece of an answer, as one token. */
static void
token(struct desk *d, enum channel ch, const char *text)
{
	int id = 7;

	hear(d, (struct msg){ .type = MSG_DELTA, .u.delta = { .id = d->id,
	    .channel = ch, .text = (char *)text, .ids = &id,
	    .n_ids = 1 } });
}

/* A conversation of two turns, ten minutes apart, answered as it would be. */
static void
talk(struct desk *d)
{
	ask(d, "What is this?");
	d->app.model.loading = false;
	d->app.model.loaded = true;
	d->app.model.context = 4096;
	d->now += 1000;
	token(d, CHANNEL_THINKING, "First this.\n");
	d->now += 3000;
	token(d, CHANNEL_THINKING, "Then that.");
	d->now += 3000;
	token(d, CHANNEL_ANSWER, "It is a test.");
	d->now += 1000;
	finish(d, DONE_STOP);
	d->now += 600000;
	ask(d, "Again?");
	d->now += 500;
	token(d, CHANNEL_ANSWER, "Yes.");
	finish(d, DONE_STOP);
}

static char *
frame(struct desk *d)
{
	struct buf b = { 0 };

	app_draw(&d->app, &d->grid);
	grid_dump(&d->grid, &b, false);
	return buf_take(&b);
}

static bool
shows(struct desk *d, const char *text)
{
	char *f = frame(d);
	bool yes = strstr(f, text) != NULL;

	free(f);
	return yes;
}

/* Time passes, a tick at a time, as it does in the loop. */
static void
play(struct desk *d, int64_t ms)
{
	int64_t end = d->now + ms, due;

	while ((due = app_deadline(&d->app)) >= 0 && due <= end) {
		d->now = due > d->now ? due : d->now + 1;
		event(d, (struct ui_event){ .type = UI_TICK });
	}
	d->now = end;
	event(d, (struct ui_event){ .type = UI_TICK });
}

static void
replay(struct desk *d, const char *arg)
{
	char *text = xasprintf("/replay %s", arg);

	ask(d, text);
	free(text);
	assert_non_null(d->app.player);
}

/* Would catch a replay that runs at another pace than the conversation did,
 * or a head whose seconds stand still. */
static void
test_as_it_was(void **state)
{
	struct desk *d = *state;

	talk(d);
	replay(d, "");
	play(d, 400);
	assert_false(shows(d, "You\n"));
	assert_non_null(strstr(editor_text(), "What"));
	play(d, 500);			/* it is sent at 800 */
	assert_true(shows(d, "What is this?"));
	assert_string_equal(editor_text(), "");
	assert_true(shows(d, "waiting"));
	play(d, 1200);
	assert_true(shows(d, "First this."));
	assert_false(shows(d, "Then that."));
	play(d, 2000);
	assert_true(shows(d, "thinking 2 s"));
	play(d, 1000);
	assert_true(shows(d, "Then that."));
	assert_false(shows(d, "a test"));
	play(d, 3000);
	assert_true(shows(d, "Thought for 6 s"));
	assert_true(shows(d, "It is a test."));
	assert_false(shows(d, "Again?"));
	play(d, 1200);
	assert_true(shows(d, "a pause of 10:00, shortened"));
	play(d, 60000);
	assert_true(shows(d, "the end"));
	assert_true(shows(d, "Yes."));
	assert_int_equal(app_deadline(&d->app), -1);
}

/* Would catch a replay that costs the draft, the place or the conversation. */
static void
test_back_where_one_was(void **state)
{
	struct desk *d = *state;
	char path[400], *before, *after;
	struct stat was, is;

	talk(d);
	snprintf(path, sizeof(path), "%s/%s.yaml", d->dir,
	    d->app.cur->convo->id);
	editor_set("a draft of mine");
	editor_move(7);
	event(d, (struct ui_event){ .type = UI_TICK });
	before = frame(d);
	assert_int_equal(stat(path, &was), 0);
	for (size_t i = 0; i < n_actions; i++)
		if (strcmp(actions[i].name, "replay") == 0)
			actions[i].fn(&d->app, "");
	assert_non_null(d->app.player);
	play(d, 3000);
	press(d, "G");
	press(d, "t");
	press(d, "ctrl+t");
	press(d, "q");
	assert_null(d->app.player);
	assert_string_equal(editor_text(), "a draft of mine");
	assert_int_equal(editor_point(), 7);
	d->app.view = VIEW_FULL;
	free(d->app.notice);
	d->app.notice = NULL;
	after = frame(d);
	assert_string_equal(before, after);
	assert_int_equal(stat(path, &is), 0);
	assert_int_equal(was.st_size, is.st_size);
	assert_int_equal(was.st_mtim.tv_nsec, is.st_mtim.tv_nsec);
	free(before);
	free(after);
}

/* Would catch an answer that stops, or is lost, because one looks at how the
 * conversation was before. */
static void
test_answer_goes_on(void **state)
{
	struct desk *d = *state;

	talk(d);
	ask(d, "And now?");
	delta(d, CHANNEL_ANSWER, "I am ");
	replay(d, "");
	press(d, "G");
	assert_true(shows(d, "(cut off)"));
	delta(d, CHANNEL_ANSWER, "still here.");
	finish(d, DONE_STOP);
	assert_false(shows(d, "still here."));
	press(d, "esc");
	assert_true(shows(d, "I am still here."));
	assert_int_equal(last_turn(d)->end, DONE_STOP);
}

/* Would catch a message that is lost when nothing comes of it meanwhile. */
static void
test_taken_back(void **state)
{
	struct desk *d = *state;

	talk(d);
	ask(d, "Will you?");
	replay(d, "");
	event(d, (struct ui_event){ .type = UI_LOST, .why = "it is gone" });
	play(d, 300);
	assert_string_not_equal(editor_text(), "Will you?");
	press(d, "q");
	assert_string_equal(editor_text(), "Will you?");
}

static void
test_keys(void **state)
{
	struct desk *d = *state;
	struct player *p;

	talk(d);
	replay(d, "");
	p = d->app.player;
	assert_true(p->line.length > 10000);
	press(d, "space");
	assert_true(p->paused);
	assert_int_equal(app_deadline(&d->app), -1);
	play(d, 5000);
	assert_true(p->at == 0);
	press(d, "right");
	assert_true(p->at == 5000);
	press(d, "left");
	assert_true(p->at == 0);
	press(d, "left");
	assert_true(p->at == 0);
	press(d, "]");
	assert_true(p->speed == 2);
	press(d, ",");
	press(d, "[");
	press(d, "[");
	press(d, "[");
	assert_true(p->speed == PLAYER_SLOWEST);
	for (int i = 0; i < 20; i++)
		press(d, ".");
	assert_true(p->speed == PLAYER_FASTEST);
	press(d, "t");
	assert_true(p->at == REPLAY_TYPE + 1000);
	press(d, "a");
	assert_true(p->at == REPLAY_TYPE + 7000);
	press(d, "tab");
	assert_true(shows(d, "Yes."));
	press(d, "p");
	press(d, "p");
	assert_true(p->at == 0);
	press(d, "n");
	assert_true(p->at == (double)replay_message(&p->line, 2));
	press(d, "n");
	assert_true(shows(d, "This is the last message"));
	press(d, "G");
	assert_true(player_over(p));
	press(d, "space");
	assert_true(p->at == 0 && !p->paused);
	/* Nothing that is typed reaches the prompt or the conversation. */
	press(d, "x");
	press(d, "enter");
	press(d, "e");
	press(d, "d");
	press(d, "alt+n");
	assert_non_null(d->app.player);
	assert_int_equal(d->app.cur->convo->n, 4);
	press(d, "ctrl+c");
	assert_null(d->app.player);
	assert_string_equal(editor_text(), "");
}

/* Would catch a replay that runs on while the machine sleeps, or stands still
 * when the clock is set back. */
static void
test_clock(void **state)
{
	struct desk *d = *state;
	struct player *p;

	talk(d);
	replay(d, "");
	p = d->app.player;
	d->now += 3600000;
	event(d, (struct ui_event){ .type = UI_TICK });
	assert_true(p->at <= 2000);
	d->now -= 7200000;
	event(d, (struct ui_event){ .type = UI_TICK });
	assert_true(app_deadline(&d->app) <= d->now + 250);
	play(d, 1000);
	assert_true(p->at >= 2500);
}

/* Would catch more frames than a screen has, at any speed. */
static void
test_frames(void **state)
{
	struct desk *d = *state;
	int64_t before;

	talk(d);
	replay(d, "");
	for (int i = 0; i < 20; i++)
		press(d, "]");
	while ((before = d->now, d->now = app_deadline(&d->app)) >= 0) {
		assert_true(d->now - before >= 33);
		assert_true(d->now - before <= 250);
		event(d, (struct ui_event){ .type = UI_TICK });
	}
	d->now = before;
}

/* Would catch seeking back that leaves a fold, a thought beside the chat or
 * seconds of what has not happened yet. */
static void
test_seek_back(void **state)
{
	struct desk *d = *state;
	char *early, *again;

	talk(d);
	d->conf.fold_answered = true;
	press(d, "f3");
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = 140, .h = 24 });
	grid_resize(&d->grid, 140, 24);
	replay(d, "");
	press(d, "space");
	press(d, "t");
	early = frame(d);
	assert_non_null(strstr(early, "First this."));
	press(d, "G");
	assert_true(shows(d, "the end"));
	press(d, "0");
	press(d, "t");
	again = frame(d);
	assert_string_equal(early, again);
	free(early);
	free(again);
}

/* Would catch a replay where there are only lines: nothing would show. */
static void
test_not_line_by_line(void **state)
{
	struct desk *d = *state;

	talk(d);
	d->app.lines = true;
	ask(d, "/replay");
	assert_null(d->app.player);
	assert_non_null(strstr(d->app.notice, d->app.cur->convo->id));
}

/* Would catch a replay that falls over on a screen without room, or with the
 * page of keys before it. */
static void
test_any_size(void **state)
{
	static const int sizes[][2] = { { 1, 1 }, { 2, 1 }, { 1, 9 },
		{ 20, 3 }, { 39, 4 }, { 300, 2 }, { 80, 24 } };
	struct desk *d = *state;

	talk(d);
	replay(d, "answer");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		grid_resize(&d->grid, sizes[i][0], sizes[i][1]);
		event(d, (struct ui_event){ .type = UI_RESIZE,
		    .w = sizes[i][0], .h = sizes[i][1] });
		play(d, 300);
		press(d, "f1");
		press(d, "f1");
		press(d, "f3");
		press(d, "f5");
		press(d, "left");
	}
	assert_true(shows(d, "Replay"));
}

/* Would catch a wheel that does not scroll, and a click on the list that
 * leaves the conversation. */
static void
test_mouse(void **state)
{
	struct key wheel = { .code = KEY_WHEEL_UP_, .x = 50, .y = 2 };
	struct key click = { .code = KEY_MOUSE_, .x = 4, .y = 2 };
	struct desk *d = *state;

	talk(d);
	grid_resize(&d->grid, 80, 8);
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = 80, .h = 8 });
	replay(d, "");
	press(d, "G");
	assert_false(shows(d, "Thought for"));
	for (int i = 0; i < 9; i++)
		event(d, (struct ui_event){ .type = UI_KEY, .key = &wheel });
	assert_true(shows(d, "Thought for"));
	event(d, (struct ui_event){ .type = UI_KEY, .key = &click });
	assert_non_null(d->app.player);
	assert_int_equal(d->app.focus, FOCUS_PROMPT);
}

int
main(void)
{
#define ON_DESK(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ON_DESK(test_as_it_was),
		ON_DESK(test_back_where_one_was),
		ON_DESK(test_answer_goes_on),
		ON_DESK(test_taken_back),
		ON_DESK(test_keys),
		ON_DESK(test_clock),
		ON_DESK(test_frames),
		ON_DESK(test_seek_back),
		ON_DESK(test_not_line_by_line),
		ON_DESK(test_any_size),
		ON_DESK(test_mouse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
