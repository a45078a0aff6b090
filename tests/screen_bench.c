/* screen_bench.c -- a program that measures the chat without a terminal: how
 * long it takes to open and scroll a conversation of 200 000 lines, what share
 * of a core a fast answer takes, and how soon a key is in the frame.  Prints
 * one figure a line: name, value, unit. */
#include "desk.h"

#include <sys/resource.h>

#include "clock.h"
#include "event.h"
#include "measure.h"

#define LINES 200000
#define TOKENS_A_SECOND 200
#define SECONDS 60
#define FRAMES_A_SECOND 30

static void
say(struct convo *c, struct buf *file, enum role role, int lines)
{
	struct turn *t = convo_add(c, role, 1700000000000);
	struct err err;

	t->end = DONE_STOP;
	t->t_end = t->t_start + 1000;
	for (int i = 0; i < lines; i++)
		buf_printf(i % 3 ? &t->text : role == ROLE_USER ? &t->text :
		    &t->thinking, "This is line %d of what is said here, "
		    "and it is about as long as lines are.%s", i,
		    i % 4 == 3 ? "\n\n" : "\n");
	if (event_put_begin(file, t, &err) < 0 ||
	    (role == ROLE_ASSISTANT && (event_put_delta(file, t->id,
	    CHANNEL_THINKING, t->thinking.data, t->thinking.len,
	    NULL, 0, &err) < 0 ||
	    event_put_delta(file, t->id, CHANNEL_ANSWER, t->text.data,
	    t->text.len, NULL, 0, &err) < 0)) ||
	    event_put_end(file, t, false, false, &err) < 0)
		exit(1);
}

/* A conversation on the disk; its id. */
static char *
make_long(struct desk *d, int lines, int a_turn)
{
	struct convo *c = convo_new(1700000000000);
	struct buf file = { 0 };
	char *id = strdup(c->id), path[300];
	struct err err;
	FILE *f;

	if (event_put_header(&file, c, &err) < 0)
		exit(1);
	for (int i = 0, turn = 0; i < lines; i += a_turn, turn++)
		say(c, &file, turn % 2 ? ROLE_ASSISTANT : ROLE_USER, a_turn);
	snprintf(path, sizeof(path), "%s/%s.yaml", d->dir, id);
	f = fopen(path, "w");
	if (!f || fwrite(file.data, 1, file.len, f) != file.len ||
	    fclose(f) != 0)
		exit(1);
	buf_free(&file);
	convo_free(c);
	return id;
}

/* Frames while something is done to the transcript, in ms. */
static double
frames(struct desk *d, void (*move)(struct transcript *, long), long by,
    double *worst)
{
	enum { N = 300 };
	double v[N], start, all = 0;

	for (int i = 0; i < N; i++) {
		start = clock_now_ms();
		move(&d->app.cur->view, by);
		app_draw(&d->app, &d->grid);
		v[i] = clock_now_ms() - start;
		all += v[i];
	}
	*worst = percentile(v, N, 99);
	return all / N;
}

static void
bench_long(struct desk *d, const char *name, int a_turn)
{
	char *id = make_long(d, LINES, a_turn), label[80];
	double cpu = cpu_ms(), start = clock_now_ms(), read, mean, worst;
	struct transcript *t;
	size_t seen;

	app_open(&d->app, id);
	read = clock_now_ms() - start;
	app_draw(&d->app, &d->grid);
	snprintf(label, sizeof(label), "open %s", name);
	show(label, clock_now_ms() - start, "ms");
	show("  time of a processor for it", cpu_ms() - cpu, "ms");
	show("  reading the file", read, "ms");
	t = &d->app.cur->view;
	seen = t->total;
	mean = frames(d, transcript_scroll, -22, &worst);
	show("  page up, mean", mean, "ms");
	show("  page up, 99th percentile", worst, "ms");
	start = clock_now_ms();
	transcript_top(t);
	app_draw(&d->app, &d->grid);
	show("  to the top", clock_now_ms() - start, "ms");
	start = clock_now_ms();
	transcript_find(t, "line 77 of what");
	app_draw(&d->app, &d->grid);
	show("  search", clock_now_ms() - start, "ms");
	start = clock_now_ms();
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = 120, .h = 40 });
	show("  resize", clock_now_ms() - start, "ms");
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = 80, .h = 24 });
	show("  rows, about", (double)seen, "rows");
	app_new(&d->app);
	free(id);
}

/* One thought of all the lines, which is still being written. */
static void
bench_thought(struct desk *d)
{
	struct buf text = { 0 };
	double start;

	for (int i = 0; i < LINES; i++)
		buf_printf(&text, "Step %d: this is a thought without an end, "
		    "line for line.\n", i);
	ask(d, "hello");
	delta(d, CHANNEL_THINKING, "Hm.\n");
	buf_add(&d->app.cur->live->thinking, text.data, text.len);
	start = clock_now_ms();
	app_draw(&d->app, &d->grid);
	show("thought of 200 000 lines", clock_now_ms() - start, "ms");
	start = clock_now_ms();
	delta(d, CHANNEL_THINKING, "and on");
	show("  one more token", clock_now_ms() - start, "ms");
	start = clock_now_ms();
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = 61, .h = 30 });
	show("  resize", clock_now_ms() - start, "ms");
	finish(d, DONE_STOP);
	app_new(&d->app);
	buf_free(&text);
}

static void
stream(struct desk *d, const char *name, int w, int h, enum channel ch)
{
	static const char *const words[] = { " the", " answer", " goes", " on",
		",", " and", " **it**", " says", " `x`", ".\n", "\n- " };
	double start;
	int tokens = 0;
	char label[80];

	grid_resize(&d->grid, w, h);
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = w, .h = h });
	ask(d, "hello");
	start = cpu_ms();
	for (int f = 0; f < SECONDS * FRAMES_A_SECOND; f++) {
		int one = 1;
		struct ui_event ev = { .type = UI_MSG };

		d->now += 1000 / FRAMES_A_SECOND;
		for (; tokens * FRAMES_A_SECOND < (f + 1) * TOKENS_A_SECOND;
		    tokens++) {
			struct msg m = { .type = MSG_DELTA, .u.delta = {
			    .id = d->id, .channel = ch, .ids = &one, .n_ids = 1,
			    .text = (char *)words[tokens % 7 == 6 &&
			    tokens % 5 == 0 ? 9 + tokens % 2 : tokens % 9] } };

			ev.msg = &m;
			ev.now = d->now;
			app_event(&d->app, &ev);
		}
		ev = (struct ui_event){ .type = UI_TICK, .now = d->now };
		app_event(&d->app, &ev);
		app_draw(&d->app, &d->grid);
	}
	snprintf(label, sizeof(label), "stream %s %dx%d", name, w, h);
	show(label, (cpu_ms() - start) / SECONDS / 10, "% of a core");
	finish(d, DONE_STOP);
	app_new(&d->app);
}

/* A key typed while the answer streams: from the event to the frame. */
static void
bench_keys(struct desk *d)
{
	enum { N = 3000 };
	static double v[N];

	ask(d, "hello");
	for (int i = 0; i < N; i++) {
		double start;

		delta(d, CHANNEL_ANSWER, i % 9 ? " some more words" : ".\n\n");
		start = clock_now_ms();
		press(d, i % 60 == 59 ? "ctrl+u" : "a");
		v[i] = clock_now_ms() - start;
	}
	show("key to frame, median", percentile(v, N, 50), "ms");
	show("key to frame, 99th percentile", percentile(v, N, 99), "ms");
	finish(d, DONE_STOP);
}

int
main(void)
{
	void *state;
	struct desk *d;

	if (set_up(&state) != 0)
		return 1;
	d = state;
	bench_long(d, "200 000 lines, 40 a turn", 40);
	bench_long(d, "200 000 lines, 400 a turn", 400);
	bench_thought(d);
	stream(d, "answer", 80, 24, CHANNEL_ANSWER);
	stream(d, "answer", 200, 60, CHANNEL_ANSWER);
	stream(d, "thought", 200, 60, CHANNEL_THINKING);
	bench_keys(d);
	return tear_down(&state);
}
