/* desk.h -- for tests: the chat on a desk of its own, with a worker that only
 * listens and says what the test makes it say. */
#ifndef FIKR_TESTS_DESK_H
#define FIKR_TESTS_DESK_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "action.h"
#include "app.h"
#include "editor.h"

struct desk {
	struct app app;
	struct conf conf;
	struct grid grid;
	char dir[200];
	struct store store;
	int64_t now;
	bool alive, refuse;
	int sent;		/* generations asked for */
	int loads;		/* asked for again */
	int cancelled, cancelled_before;	/* ... the last question */
	int slot;		/* of that */
	int64_t id;		/* of the last one */
	size_t n_messages;
	enum thinking thinking;
	char last[400];		/* text of the last message sent */
	enum role last_role;
	bool thought_open;
	char keep[32];		/* its name for what is kept; "": none */
	enum msg_type kind;	/* of the last message to the worker */
	char chosen[64];	/* model */
};

static __attribute__((unused)) bool
desk_alive(void *ud)
{
	return ((struct desk *)ud)->alive;
}

static __attribute__((unused)) int
desk_start(void *ud, struct err *err)
{
	struct desk *d = ud;

	if (d->refuse)
		return err_set(err, "no worker here");
	d->alive = true;
	return 0;
}

static __attribute__((unused)) int
desk_load(void *ud, struct err *err)
{
	(void)err;
	((struct desk *)ud)->loads++;
	return 0;
}

static __attribute__((unused)) int
desk_send(void *ud, const struct msg *m, struct err *err)
{
	struct desk *d = ud;

	(void)err;
	d->kind = m->type;
	if (m->type == MSG_GENERATE) {
		d->sent++;
		d->cancelled_before = d->cancelled;
		d->slot = m->u.generate.slot;
		d->id = m->u.generate.id;
		d->n_messages = m->u.generate.n_messages;
		d->thinking = m->u.generate.thinking;
		d->thought_open = m->u.generate.thought_open;
		snprintf(d->keep, sizeof(d->keep), "%s", m->u.generate.keep ?
		    m->u.generate.keep : "");
		d->last_role =
		    m->u.generate.messages[d->n_messages - 1].role;
		snprintf(d->last, sizeof(d->last), "%s",
		    m->u.generate.messages[d->n_messages - 1].text);
	} else if (m->type == MSG_CANCEL) {
		d->cancelled++;
	}
	return 0;
}

static __attribute__((unused)) void
desk_choose(void *ud, const char *model)
{
	snprintf(((struct desk *)ud)->chosen, 64, "%s", model);
}

static __attribute__((unused)) unsigned
event(struct desk *d, struct ui_event ev)
{
	unsigned r;

	ev.now = d->now;
	r = app_event(&d->app, &ev);
	app_draw(&d->app, &d->grid);
	return r;
}

static __attribute__((unused)) void
open_app(struct desk *d, const char *id)
{
	struct app_port port = { d, desk_alive, desk_start, desk_load,
		desk_send, desk_choose };

	app_init(&d->app, &d->conf, "/models/Tiny-1B.Q4_1.gguf", &d->store, id,
	    port, d->now);
	event(d, (struct ui_event){ .type = UI_RESIZE, .w = 80, .h = 24 });
}

static __attribute__((unused)) int
set_up(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	const char *tmp = getenv("TMPDIR");

	snprintf(d->dir, sizeof(d->dir), "%s/fikr-app-XXXXXX",
	    tmp ? tmp : "/tmp");
	if (!mkdtemp(d->dir) || editor_init(NULL, NULL) < 0)
		return -1;
	d->store.dir = d->dir;
	d->now = 1700000000000;
	conf_init(&d->conf);
	grid_init(&d->grid, 80, 24);
	open_app(d, NULL);
	*state = d;
	return 0;
}

static __attribute__((unused)) int
tear_down(void **state)
{
	struct desk *d = *state;
	char command[300];

	app_done(&d->app);
	editor_clear();
	editor_done();
	snprintf(command, sizeof(command), "rm -rf '%s'", d->dir);
	if (system(command) != 0)
		fail();
	grid_done(&d->grid);
	conf_done(&d->conf);
	free(d);
	return 0;
}

static __attribute__((unused)) unsigned
press(struct desk *d, const char *name)
{
	struct key k;

	assert_int_equal(key_parse(name, &k), 0);
	return event(d, (struct ui_event){ .type = UI_KEY, .key = &k });
}

static __attribute__((unused)) void
hear(struct desk *d, struct msg m)
{
	event(d, (struct ui_event){ .type = UI_MSG, .msg = &m });
}

static __attribute__((unused)) void
delta(struct desk *d, enum channel ch, const char *text)
{
	hear(d, (struct msg){ .type = MSG_DELTA, .u.delta = {
	    .id = d->id, .channel = ch, .text = (char *)text } });
}

static __attribute__((unused)) void
finish(struct desk *d, enum done_reason why)
{
	hear(d, (struct msg){ .type = MSG_DONE, .u.done = {
	    .id = d->id, .reason = why, .answer_tokens = 1 } });
}

static __attribute__((unused)) void
ask(struct desk *d, const char *text)
{
	editor_set(text);
	press(d, "enter");
}

static __attribute__((unused)) struct turn *
last_turn(struct desk *d)
{
	struct convo *c = d->app.cur->convo;

	return convo_turn(c, c->head);
}

#endif
