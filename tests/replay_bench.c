/* replay_bench.c -- a program that measures replaying without a terminal: how
 * long a conversation of 100 turns with 2000 tokens each takes to open and to
 * seek in, and what share of a core playing takes.  Prints one figure a line:
 * name, value, unit. */
#include "desk.h"

#include <sys/resource.h>

#include "clock.h"
#include "event.h"
#include "player.h"
#include "replay.h"
#include "measure.h"

#define START INT64_C(1700000000000)
#define TURNS 100
#define TOKENS 2000
#define TOKEN_MS 50		/* 20 a second */
#define SEEKS 300

/* Half thought, half answer, about as models write. */
static void
write_tokens(struct turn *t)
{
	static const char *const words[] = { " the", " water", " of", " is",
		" **cold**", ",", " and", " so", " `x`", ".", "\n\n", " then" };
	const char *word;

	for (uint32_t i = 0; i < TOKENS; i++) {
		bool thinks = i < TOKENS / 2;

		word = words[(i * 7 + i / 12) % 12];
		buf_puts(thinks ? &t->thinking : &t->text, word);
		turn_add_token(t, (struct token){ .id = (int32_t)i,
		    .ms = 1000 + i * TOKEN_MS, .bytes = (uint32_t)strlen(word),
		    .channel = thinks ? CHANNEL_THINKING : CHANNEL_ANSWER });
	}
	t->t_first = t->t_start + 1000;
	t->t_think_end = t->t_first + TOKENS / 2 * TOKEN_MS;
	t->t_end = t->t_first + TOKENS * TOKEN_MS;
	t->thinking_tokens = t->answer_tokens = TOKENS / 2;
	t->end = DONE_STOP;
}

static char *
make_long(struct desk *d)
{
	struct convo *c = convo_new(START);
	struct err err;
	struct journal *j = journal_create(&d->store, c, &err);
	char *id = strdup(c->id);
	int64_t at = START;

	if (!j)
		exit(1);
	for (int i = 0; i < TURNS; i++) {
		struct turn *t = convo_add(c, ROLE_USER, at);

		buf_printf(&t->text, "Question %d, of some length?", i + 1);
		t->t_end = at;
		journal_begin(j, t, &err);
		t = convo_add(c, ROLE_ASSISTANT, at);
		t->model = strdup("Tiny-1B");
		write_tokens(t);
		if (journal_begin(j, t, &err) < 0 ||
		    journal_end(j, t, &err) < 0)
			exit(1);
		at = t->t_end + 60000;
	}
	journal_close(j);
	convo_free(c);
	return id;
}

static void
bench_seek(struct desk *d)
{
	struct player *p = d->app.player;
	double v[SEEKS], start, sum = 0;
	uint32_t seed = 5;

	player_pause(&d->app);
	for (int i = 0; i < SEEKS; i++) {
		seed = seed * 1103515245 + 12345;
		start = clock_now_ms();
		player_seek(&d->app, (double)(seed >> 8) / (1 << 24) *
		    (double)p->line.length);
		app_draw(&d->app, &d->grid);
		v[i] = clock_now_ms() - start;
		sum += v[i];
	}
	show("seek anywhere, mean", sum / SEEKS, "ms");
	show("  99th percentile", percentile(v, SEEKS, 99), "ms");
	show("  worst", v[SEEKS - 1], "ms");
	player_pause(&d->app);
}

/* A minute of playing from the middle. */
static void
bench_speed(struct desk *d, double speed)
{
	struct player *p = d->app.player;
	int64_t end = d->now + 60000, due;
	double cpu;
	int frames = 0;

	player_seek(&d->app, (double)p->line.length / 4);
	p->speed = speed;
	cpu = cpu_ms();
	while ((due = app_deadline(&d->app)) >= 0 && due < end) {
		d->now = due > d->now ? due : d->now + 1;
		event(d, (struct ui_event){ .type = UI_TICK });
		frames++;
	}
	printf("at %gx\n", speed);
	show("  frames a second", frames / 60.0, "");
	show("  of a core", (cpu_ms() - cpu) / 600, "%");
	d->now = end;
}

int
main(void)
{
	struct replay_how how = { .speed = 1 };
	void *state;
	struct desk *d;
	struct convo *c;
	struct err notice, err;
	double start;
	char *id;

	if (set_up(&state) < 0)
		return 1;
	d = state;
	id = make_long(d);
	start = clock_now_ms();
	c = journal_read(&d->store, id, &notice, &err);
	if (!c)
		return 1;
	show("replay of 100 turns: read the file", clock_now_ms() - start,
	    "ms");
	start = clock_now_ms();
	player_begin(&d->app, c, &how);
	app_draw(&d->app, &d->grid);
	show("  open", clock_now_ms() - start, "ms");
	show("  its length", (double)d->app.player->line.length / 60000,
	    "minutes");
	bench_seek(d);
	bench_speed(d, 1);
	bench_speed(d, PLAYER_FASTEST);
	convo_free(c);
	free(id);
	return tear_down(&state);
}
