/* t_panes.c -- the panes around the chat: focus, mouse, what is remembered, the
 * thought beside its answer. */
#include "desk.h"

static void
mouse(struct desk *d, enum key_code code, int x, int y)
{
	struct key k = { .code = code, .x = x, .y = y };

	event(d, (struct ui_event){ .type = UI_KEY, .key = &k });
}

static void
size(struct desk *d, int w, int h)
{
	grid_resize(&d->grid, w, h);
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = w, .h = h });
}

/* An answer whose thought has two sections. */
static void
answer(struct desk *d, const char *question, const char *thought)
{
	ask(d, question);
	delta(d, CHANNEL_THINKING, thought);
	d->now += 3000;
	delta(d, CHANNEL_ANSWER, "It is so.");
	finish(d, DONE_STOP);
}

static char *
shot(struct desk *d)
{
	struct buf b = { 0 };

	app_draw(&d->app, &d->grid);
	grid_dump(&d->grid, &b, false);
	return buf_take(&b);
}

static void
check(struct desk *d, const char *there, const char *not)
{
	char *s = shot(d);

	if (there && !strstr(s, there))
		fail_msg("“%s” is not on the screen:\n%s", there, s);
	if (not && strstr(s, not))
		fail_msg("“%s” is on the screen:\n%s", not, s);
	free(s);
}

/* Would catch a line that does not follow the mouse, that follows it without
 * having been pressed or after it was let go, and a width that is lost with
 * the program. */
static void
lines_are_dragged(void **state)
{
	struct desk *d = *state;
	char path[300];
	int x;

	snprintf(path, sizeof(path), "%s/panes.yaml", d->dir);
	size(d, 150, 30);
	panes_remember(&d->app, path);
	press(d, "f3");
	x = d->app.lay.line[LINE_THINK].x;
	assert_true(d->app.lay.think.w > 0);
	mouse(d, KEY_DRAG_, x - 20, 5);
	assert_int_equal(d->app.lay.line[LINE_THINK].x, x);
	mouse(d, KEY_MOUSE_, x, 5);
	mouse(d, KEY_DRAG_, x - 5, 6);
	mouse(d, KEY_RELEASE_, x - 5, 6);
	assert_int_equal(d->app.lay.line[LINE_THINK].x, x - 5);
	mouse(d, KEY_DRAG_, x + 4, 6);
	assert_int_equal(d->app.lay.line[LINE_THINK].x, x - 5);
	press(d, "f2");
	app_done(&d->app);
	open_app(d, NULL);
	panes_remember(&d->app, path);
	size(d, 150, 30);
	assert_int_equal(d->app.lay.line[LINE_THINK].x, x - 5);
	assert_int_equal(d->app.lay.list.w, 0);
}

/* Would catch widths that a damaged or hostile file could make absurd. */
static void
bad_files_do_nothing(void **state)
{
	struct desk *d = *state;
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/panes.yaml", d->dir);
	f = fopen(path, "w");
	fputs("list: maybe\nthinking: true\nlist-columns: -5\n"
	    "thinking-columns: 99999999999\nsplit-columns: [1]\n", f);
	fclose(f);
	panes_remember(&d->app, path);
	size(d, 150, 30);
	assert_true(d->app.lay.think.w > 0);
	for (int i = 0; i < LINE_COUNT; i++)
		assert_int_equal(d->app.panes.cols[i], 0);
}

/* Would catch a pane that shows the thought of another answer than the one at
 * hand, or of a conversation that was left. */
static void
thought_goes_with_its_answer(void **state)
{
	struct desk *d = *state;

	size(d, 150, 30);
	answer(d, "first", "The first thought.\n\nIt is short.");
	answer(d, "second", "The second thought, about something else.");
	press(d, "f3");
	check(d, "The second thought", "The first thought");
	press(d, "f6");
	press(d, "[");
	press(d, "[");
	check(d, "The first thought", "The second thought");
	press(d, "esc");
	ask(d, "third");
	delta(d, CHANNEL_THINKING, "Now a third one");
	check(d, "Now a third one", "The first thought");
	finish(d, DONE_STOP);
	press(d, "alt+n");
	check(d, "Nothing was thought here", "third one");
}

/* Would catch keys that scroll the wrong pane, a focus on a pane that is not
 * there, and a zoom that keeps others. */
static void
focus_and_zoom(void **state)
{
	struct desk *d = *state;
	struct buf b = { 0 };
	size_t top;

	size(d, 150, 20);
	for (int i = 0; i < 60; i++)
		buf_printf(&b, "Thought %d.\n", i);
	answer(d, "first", b.data);
	buf_free(&b);
	press(d, "f3");
	press(d, "f6");
	press(d, "f6");
	assert_int_equal(d->app.focus, FOCUS_THINK);
	top = d->app.cur->view.top;
	press(d, "g");
	check(d, "Thought 0.", NULL);
	press(d, "pgdn");
	check(d, "Thought 20.", "Thought 0.");
	assert_int_equal(d->app.cur->view.top, top);
	press(d, "f5");
	assert_int_equal(d->app.lay.think.w, 150);
	check(d, "Thought 20.", "It is so.");
	press(d, "f5");
	press(d, "f3");
	assert_int_not_equal(d->app.focus, FOCUS_THINK);
	for (int i = 0; i < 8; i++) {
		press(d, "f6");
		assert_int_not_equal(d->app.focus, FOCUS_THINK);
	}
}

/* Would catch sections that cannot be gone to, in the pane and in the chat. */
static void
sections(void **state)
{
	struct desk *d = *state;
	struct buf b = { 0 };

	size(d, 150, 20);
	buf_puts(&b, "It begins here.\n");
	for (int i = 0; i < 30; i++)
		buf_printf(&b, "More of it %d.\n", i);
	buf_puts(&b, "\nWait, that is wrong.\n");
	for (int i = 0; i < 30; i++)
		buf_printf(&b, "Then other things %d.\n", i);
	answer(d, "first", b.data);
	buf_free(&b);
	press(d, "f6");
	press(d, "g");
	press(d, "}");
	press(d, "}");
	check(d, "Wait, that is wrong.", "It begins here.");
	press(d, "{");
	check(d, "It begins here.", "Wait, that is wrong.");
	press(d, "f3");
	press(d, "o");
	check(d, "? Wait, that is wrong.", "More of it");
	assert_int_equal(d->app.focus, FOCUS_THINK);
	press(d, "j");
	press(d, "enter");
	check(d, "Then other things 3.", "It begins here.");
}

/* Would catch a hit in a thought that is beside the chat and stays unseen. */
static void
search_goes_beside(void **state)
{
	struct desk *d = *state;
	struct buf b = { 0 };

	size(d, 150, 20);
	for (int i = 0; i < 90; i++)
		buf_printf(&b, "Thought %d.\n", i);
	answer(d, "first", b.data);
	buf_free(&b);
	press(d, "f3");
	ask(d, "/find thought 47");
	check(d, "Thought 47.", NULL);
	assert_int_equal(last_turn(d)->fold, -1);
	assert_true(d->app.panes.thought.t.find.n > 0);
}

/* Would catch a click that does not go to the one of two conversations that it
 * is on, or a wheel that scrolls the other. */
static void
two_beside(void **state)
{
	struct desk *d = *state;
	struct session *first, *second;

	size(d, 200, 12);
	answer(d, "first", "One.\nTwo.\nThree.\nFour.\nFive.\nSix.\nSeven.");
	first = d->app.cur;
	app_split(&d->app);
	app_draw(&d->app, &d->grid);
	second = d->app.cur;
	assert_ptr_not_equal(first, second);
	assert_true(d->app.lay.view[1].w > 0);
	check(d, "first", NULL);
	assert_true(first->view.follow);
	mouse(d, KEY_WHEEL_UP_, d->app.lay.view[0].x + 3,
	    d->app.lay.view[0].y + 3);
	assert_false(first->view.follow);
	assert_ptr_equal(d->app.cur, second);
	mouse(d, KEY_MOUSE_, d->app.lay.view[0].x + 3,
	    d->app.lay.view[0].y + 3);
	assert_ptr_equal(d->app.cur, first);
}

/* Pitfall 13: would catch a place, a pane or an answer that does not survive
 * two hundred resizes while text streams, down to one cell. */
static void
storm(void **state)
{
	struct desk *d = *state;
	struct transcript *t = &d->app.cur->view;
	char *before, *after;
	size_t top;

	size(d, 100, 30);
	for (int i = 0; i < 8; i++)
		answer(d, "a question", "A thought\nof some\nlines, and one "
		    "that is long enough to be wrapped in the end.");
	press(d, "f3");
	ask(d, "go on");
	transcript_scroll(t, -12);
	before = shot(d);
	top = t->top;
	for (int i = 0; i < 200; i++) {
		size(d, i % 37 ? i * 13 % 120 + 1 : 1, i % 29 ? i * 7 % 40 + 1 :
		    1);
		delta(d, i % 2 ? CHANNEL_ANSWER : CHANNEL_THINKING,
		    i % 5 ? " word" : "\n\nmore");
		if (i % 11 == 0)
			press(d, "f5");
		if (i % 17 == 0)
			press(d, "f3");
	}
	if (d->app.panes.zoomed)
		press(d, "f5");
	if (!d->app.panes.think)
		press(d, "f3");
	size(d, 100, 30);
	after = shot(d);
	assert_int_equal(t->top, top);
	/* Rows above the one that counts what has come. */
	assert_memory_equal(before, after, 400);
	free(before);
	free(after);
	finish(d, DONE_STOP);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(lines_are_dragged),
		TEST(bad_files_do_nothing),
		TEST(thought_goes_with_its_answer),
		TEST(focus_and_zoom),
		TEST(sections),
		TEST(search_goes_beside),
		TEST(two_beside),
		TEST(storm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
