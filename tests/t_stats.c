/* t_stats.c -- what the statistics page and the status line say, with a worker
 * and a clock that do as they are told. */
#include "alloc.h"
#include "desk.h"

static const char *
shown(struct desk *d)
{
	static char text[60000];
	struct buf b = { 0 };

	app_draw(&d->app, &d->grid);
	grid_dump(&d->grid, &b, false);
	snprintf(text, sizeof(text), "%s", b.data ? b.data : "");
	buf_free(&b);
	return text;
}

static void
shows(struct desk *d, const char *text)
{
	const char *s = shown(d);

	if (!strstr(s, text))
		fail_msg("\"%s\" is not shown:\n%s", text, s);
}

static void
hides(struct desk *d, const char *text)
{
	const char *s = shown(d);

	if (strstr(s, text))
		fail_msg("\"%s\" is shown:\n%s", text, s);
}

static void
load(struct desk *d)
{
	hear(d, (struct msg){ .type = MSG_LOADED, .u.loaded = {
	    .name = (char *)"t", .arch = (char *)"llama",
	    .format = (char *)"chatml", .cpu = (char *)"scalar",
	    .context = 1000, .bytes = 100000000 } });
}

static void
progress(struct desk *d, enum progress_what what, int64_t done, int64_t total)
{
	hear(d, (struct msg){ .type = MSG_PROGRESS, .u.progress = {
	    .what = what, .id = what == PROGRESS_READ ? d->id : 0,
	    .done = done, .total = total } });
}

static void
tokens(struct desk *d, enum channel ch, int n)
{
	static int ids[4096];

	assert_true(n <= 4096);
	hear(d, (struct msg){ .type = MSG_DELTA, .u.delta = { .id = d->id,
	    .channel = ch, .text = (char *)"x ", .ids = ids,
	    .n_ids = (size_t)n } });
}

static void
size(struct desk *d, int w, int h)
{
	grid_resize(&d->grid, w, h);
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = w, .h = h });
}

static void
done(struct desk *d)
{
	hear(d, (struct msg){ .type = MSG_DONE, .u.done = { .id = d->id,
	    .reason = DONE_STOP, .prompt_tokens = 120, .cached_tokens = 20,
	    .thinking_tokens = 30, .answer_tokens = 10, .context_used = 160,
	    .prompt_ms = 2000, .thinking_ms = 3000, .answer_ms = 1000 } });
}

/* Would catch an estimate that is wrong, or counts what was there before, one
 * given before anything is known, and a phase that has none. */
static void
phases_have_estimates(void **state)
{
	struct desk *d = *state;

	app_start_worker(&d->app);
	progress(d, PROGRESS_LOAD, 10, 110);
	shows(d, "loading 9 %");
	hides(d, "s left");
	d->now += 2000;
	progress(d, PROGRESS_LOAD, 60, 110);
	shows(d, "loading 54 % · 2 s left");
	load(d);
	shows(d, "ready");
	ask(d, "hello");
	shows(d, "waiting");
	progress(d, PROGRESS_READ, 500, 1000);
	shows(d, "reading the prompt 50 %");
	hides(d, "s left");
	d->now += 4000;
	progress(d, PROGRESS_READ, 700, 1000);
	shows(d, "reading the prompt 70 % · 6 s left");
	tokens(d, CHANNEL_THINKING, 1);
	d->now += 12000;
	tokens(d, CHANNEL_THINKING, 430);
	shows(d, "thinking 12 s · 431 tokens");
	tokens(d, CHANNEL_ANSWER, 1);
	shows(d, "answering");
	press(d, "esc");
	shows(d, "stopping");
}

/* Would catch a countdown that does not say of how much. */
static void
budgets_are_named(void **state)
{
	struct desk *d = *state;

	app_start_worker(&d->app);
	load(d);
	d->app.budget_ms = 90000;
	d->app.budget = 512;
	ask(d, "hello");
	tokens(d, CHANNEL_THINKING, 1);
	d->now += 12000;
	tokens(d, CHANNEL_THINKING, 99);
	shows(d, "thinking 12 of 90 s · 100 of 512 tokens");
}

/* Would catch a line that drops the phase before the rest, or a part in the
 * middle of a word, at any width. */
static void
the_least_important_goes_first(void **state)
{
	struct desk *d = *state;

	app_start_worker(&d->app);
	load(d);
	ask(d, "hello");
	tokens(d, CHANNEL_THINKING, 1);
	d->now += 5000;
	tokens(d, CHANNEL_THINKING, 99);
	size(d, 200, 24);
	shows(d, "thinking 5 s · 100 tokens · Tiny-1B");
	shows(d, "20 tok/s · context 10 % · F1 help");
	size(d, 60, 24);
	shows(d, "thinking 5 s · 100 tokens");
	shows(d, "20 tok/s · context 10 %");
	hides(d, "Tiny-1B.Q4_1 ");
	size(d, 34, 24);
	shows(d, "thinking 5 s");
	shows(d, "20 tok/s");
	hides(d, "context");
	size(d, 20, 6);
	shows(d, "thinking 5 s");
	size(d, 9, 3);
	shows(d, "thinking");
}

/* Would catch a sign that never moves, moves the cursor, or moves though it was
 * asked not to. */
static void
the_sign_turns_if_it_may(void **state)
{
	struct desk *d = *state;
	int x, y;

	app_start_worker(&d->app);
	load(d);
	ask(d, "hello");
	shows(d, "| waiting");
	x = d->grid.cx;
	y = d->grid.cy;
	d->now += 250;
	event(d, (struct ui_event){ .type = UI_TICK });
	shows(d, "/ waiting");
	assert_int_equal(d->grid.cx, x);
	assert_int_equal(d->grid.cy, y);
	d->app.animations = false;
	hides(d, "/ waiting");
	shows(d, "waiting");
}

/* Would catch an answer elsewhere that looks as if it were the one shown, and
 * the second of two answers left out where there is room. */
static void
answers_elsewhere_are_named(void **state)
{
	struct desk *d = *state;

	size(d, 200, 24);
	app_start_worker(&d->app);
	load(d);
	ask(d, "First question");
	tokens(d, CHANNEL_ANSWER, 1);
	hides(d, "in “First question”");
	app_new(&d->app);
	shows(d, "answering in “First question”");
	ask(d, "Second question");
	tokens(d, CHANNEL_THINKING, 1);
	shows(d, "thinking 0 s · 1 token · answering in “First question”");
}

/* Would catch a limit asked for while an answer is computed, or again and
 * again, one of another model, and a share that leaves the cache out. */
static void
the_limit_is_asked_for_once(void **state)
{
	struct desk *d = *state;

	size(d, 100, 70);
	app_start_worker(&d->app);
	load(d);
	ask(d, "hello");
	d->kind = MSG_HELLO;
	press(d, "f9");
	assert_int_equal(d->kind, MSG_HELLO);
	shows(d, "when nothing is being computed");
	tokens(d, CHANNEL_ANSWER, 1);
	d->now += 4000;
	tokens(d, CHANNEL_ANSWER, 39);
	done(d);
	assert_int_equal(d->kind, MSG_LIMITS);
	d->kind = MSG_HELLO;
	hear(d, (struct msg){ .type = MSG_LIMITS, .u.limits = {
	    .read_bytes_s = 10e9, .decode_bytes = 340000000,
	    .kv_bytes_token = 1000000, .threads = 4 } });
	assert_int_equal(d->kind, MSG_HELLO);
	/* 10 GB/s / (340 MB + 160 tokens of 1 MB) = 20; the answer had 10 */
	shows(d, "50 % of the machine's limit, 20.0 tokens a second");
	load(d);
	shows(d, "Measuring the machine's limit");
}

/* Would catch seconds that are mixed up or lost as time goes on, and figures of
 * the page that do not add up. */
static void
the_page_adds_up(void **state)
{
	struct desk *d = *state;

	size(d, 100, 70);
	app_start_worker(&d->app);
	load(d);
	d->now += 1000;
	ask(d, "hello");
	progress(d, PROGRESS_READ, 120, 120);
	d->now += 2000;
	for (int i = 0; i < 4; i++) {
		tokens(d, i < 3 ? CHANNEL_THINKING : CHANNEL_ANSWER,
		    i < 2 ? 8 : 4);
		d->now += 1000;
	}
	press(d, "f9");
	shows(d, "██▅▅");
	shows(d, "up to 8");
	shows(d, "Best second so far: 8 tokens");
	shows(d, "First token after 2.0 s");
	done(d);
	shows(d, "Mean of this answer: 10.0 tokens a second");
	shows(d, "Reading prompts: 50 tokens a second");
	shows(d, "The last answer: read 100 tokens in 2.0 s, thought 30 in "
	    "3.0 s, answered 10 in 1.0 s");
	shows(d, "Since the start: read 100 tokens in 2.0 s, thought 30");
	shows(d, "Context: 160 of 1000 tokens, 16 %");
	d->now += 61000;
	event(d, (struct ui_event){ .type = UI_TICK });
	hides(d, "up to 8");
	shows(d, "Best second so far: 8 tokens");
	press(d, "f9");
	hides(d, "Best second");
}

/* Would catch joules of before counted for an answer, and a machine that does
 * not tell being shown as one that needs nothing. */
static void
energy_is_told(void **state)
{
	struct desk *d = *state;

	size(d, 100, 70);
	app_start_worker(&d->app);
	load(d);
	press(d, "f9");
	shows(d, "Not measured yet");
	stats_no_energy(&d->app, "Only root may read /sys/x");
	shows(d, "Only root may read /sys/x");
	press(d, "f9");
	for (int i = 0; i < 2; i++) {
		ask(d, "hello");
		stats_energy(&d->app, 8, 500);
		tokens(d, CHANNEL_ANSWER, 40);
		done(d);
	}
	press(d, "f9");
	shows(d, "This answer: 8.0 J, 0.2 J a token, 16.0 W");
	shows(d, "Since the start: 16.0 J");
}

/* Would catch prices that leave thinking or the prompt out, and a wrong file
 * that nobody is told of. */
static void
prices_count_thinking(void **state)
{
	struct desk *d = *state;
	struct price p = { xstrdup("Dear"), xstrdup("Corp"), 1e5, 1e6,
		xstrdup("USD"), xstrdup("2026-01-31"), NULL };

	size(d, 100, 70);
	app_start_worker(&d->app);
	load(d);
	ask(d, "hello");
	tokens(d, CHANNEL_THINKING, 30);
	tokens(d, CHANNEL_ANSWER, 10);
	done(d);
	press(d, "f9");
	prices_done(&d->app.stats.prices);
	d->app.stats.prices.v = xcalloc(1, sizeof(p));
	d->app.stats.prices.v[0] = p;
	d->app.stats.prices.n = 1;
	/* 120 of prompt for 0.1 each, and 40 written for 1 each */
	shows(d, "Dear (Corp)                      $52.00     $52.00     "
	    "$52.00  2026-01-31");
	d->app.stats.prices_why = xstrdup("/c/prices.yaml:3: no number");
	shows(d, "/c/prices.yaml:3: no number");
	size(d, 40, 70);
	shows(d, "Dear (Corp)             2026-01-31\n      $52.00 $52.00 "
	    "$52.00\n");
}

/* Would catch an estimate out of nothing, and one that forgets what was
 * measured. */
static void
reading_is_estimated(void **state)
{
	struct desk *d = *state;
	struct app *a = &d->app;
	struct msg_limits l = { .read_bytes_s = 10e9, .decode_bytes = 1e9 };
	struct buf b = { 0 };

	assert_true(stats_read_seconds(a, 100) < 0);
	stats_put_read(a, 100, &b);
	assert_int_equal(b.len, 0);
	stats_limits(a, &l);
	assert_true(stats_read_seconds(a, 100) == 10);
	stats_put_read(a, 100, &b);
	assert_string_equal(b.data, ", at most 10 s");
	a->read_rate = 50;
	buf_clear(&b);
	stats_put_read(a, 100, &b);
	assert_string_equal(b.data, ", about 2 s");
	buf_free(&b);
	assert_true(stats_left(1000, 0, 0, 10, 0, 0) < 0);
	assert_true(stats_left(100, 0, 0, 10, 100, 0) < 0);
	assert_true(stats_left(100, 0, 0, 10, 100, 9) == 10);
	assert_true(stats_left(1000, 0, 50, 60, 100, 0) == 4);
	assert_true(stats_left(1000, 0, 0, 100, 100, 0) == 0);
}

/* Would catch a person being told nothing of what another version or another
 * model has to read, or something wrong. */
static void
costs_are_told_before(void **state)
{
	struct desk *d = *state;

	size(d, 120, 24);
	app_start_worker(&d->app);
	load(d);
	ask(d, "hello");
	tokens(d, CHANNEL_ANSWER, 10);
	done(d);
	press(d, "alt+r");
	shows(d, "nothing has to be read again");
	tokens(d, CHANNEL_ANSWER, 10);
	done(d);
	hides(d, "nothing has to be read again");
	app_choose_model(&d->app, "/models/Other.gguf");
	shows(d, "reads this conversation again: about 130 tokens");
	load(d);
	press(d, "alt+r");
	hides(d, "nothing has to be read again");
}

/* Would catch a page that writes beyond its room, or hangs, when it is small. */
static void
any_size_will_do(void **state)
{
	struct desk *d = *state;

	app_start_worker(&d->app);
	load(d);
	ask(d, "hello");
	tokens(d, CHANNEL_ANSWER, 3);
	d->now += 3000;
	press(d, "f9");
	for (int w = 1; w < 90; w += w < 12 ? 1 : 13)
		for (int h = 1; h < 40; h += h < 8 ? 1 : 9)
			size(d, w, h);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(phases_have_estimates),
		TEST(budgets_are_named),
		TEST(the_least_important_goes_first),
		TEST(the_sign_turns_if_it_may),
		TEST(answers_elsewhere_are_named),
		TEST(the_limit_is_asked_for_once),
		TEST(the_page_adds_up),
		TEST(energy_is_told),
		TEST(prices_count_thinking),
		TEST(reading_is_estimated),
		TEST(costs_are_told_before),
		TEST(any_size_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
