/* titles.c -- see titles.h. */
#include "titles.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "labels.h"
#include "session.h"
#include "title.h"

#define QUIET_MS 4000		/* after the last key or answer */
#define SLOT (PROTO_SLOTS - 2)	/* none that answers are written in */
#define DUE_MAX 16
#define LARGE_BYTES (600 << 20)	/* of a model that makes up few words */

_Static_assert(SLOT >= RUNS_MAX, "answers have slots of their own");

void
titles_done(struct titles *t)
{
	buf_free(&t->said);
	free(t->due);
	free(t->tried);
}

/* ---- what is to be done ---- */

static size_t
find(char (*v)[32], size_t n, const char *id)
{
	size_t i = 0;

	while (i < n && strcmp(v[i], id) != 0)
		i++;
	return i;
}

static void
add(char (**v)[32], size_t *n, const char *id)
{
	*v = xreallocarray(*v, *n + 1, sizeof(**v));
	memset((*v)[*n], 0, sizeof(**v));
	memcpy((*v)[(*n)++], id, strnlen(id, sizeof(**v) - 1));
}

static void
drop_first(struct titles *t)
{
	t->n_due--;
	memmove(t->due, t->due + 1, t->n_due * sizeof(*t->due));
}

/* Whoever gave it a title, or will not have it saved, is not to be overruled. */
static bool
needs_title(const struct convo *c, const struct journal *j)
{
	return c->title_by == TITLE_FIRST && j && !journal_readonly(j) &&
	    !c->trashed;
}

void
titles_want(struct app *a, const struct session *s)
{
	struct titles *t = &a->titles;
	const char *id = s->convo->id;

	if (a->conf->titles != TITLES_MODEL || s->temporary ||
	    !needs_title(s->convo, s->journal) || t->n_due == DUE_MAX ||
	    find(t->due, t->n_due, id) < t->n_due ||
	    find(t->tried, t->n_tried, id) < t->n_tried)
		return;
	add(&t->due, &t->n_due, id);
}

void
titles_active(struct app *a)
{
	a->titles.quiet = a->now;
}

int64_t
titles_deadline(const struct app *a)
{
	const struct titles *t = &a->titles;

	if (t->n_due == 0 || t->id || !a->model.loaded || app_busy(a) ||
	    a->player)
		return -1;
	return t->quiet + QUIET_MS;
}

/* ---- asking ---- */

/* It is not tried again, whatever comes of it. */
static void
settle(struct titles *t)
{
	add(&t->tried, &t->n_tried, t->due[0]);
	drop_first(t);
	t->id = 0;
	buf_clear(&t->said);
}

static void
ask(struct app *a, const struct convo *c)
{
	struct msg m = { .type = MSG_GENERATE };
	struct msg_generate *g = &m.u.generate;

	g->id = ++a->last_id;
	g->slot = SLOT;
	g->sampling = sampling_default();
	g->sampling.temperature = 0;
	g->sampling.repeat_penalty = 1;
	g->sampling.seed = 1;
	g->sampling.max_tokens = TITLE_TOKENS;
	g->thinking = THINKING_OFF;
	g->n_messages = title_messages(c, &g->messages);
	if (g->n_messages == 0 || a->port.send(a->port.ud, &m, NULL) < 0)
		settle(&a->titles);
	else
		a->titles.id = g->id;
	chat_msgs_free(g->messages, g->n_messages);
}

/* Do something with the conversation that is first; it need not be open. */
static void
with_first(struct app *a, void (*fn)(struct app *a, struct convo *c,
    struct journal *j))
{
	const char *id = a->titles.due[0];
	struct session *s = app_session(a, id);
	struct journal *j;
	struct convo *c;

	if (s) {
		fn(a, s->convo, s->journal);
		return;
	}
	j = labels_open(a->store, id, &c, NULL);
	if (j) {
		fn(a, c, j);
		journal_close(j);
		convo_free(c);
	}
}

static void
ask_if_needed(struct app *a, struct convo *c, struct journal *j)
{
	if (needs_title(c, j))
		ask(a, c);
}

void
titles_tick(struct app *a)
{
	int64_t due = titles_deadline(a);

	/* A clock that was set back must not keep it waiting. */
	if (a->titles.quiet > a->now)
		a->titles.quiet = a->now;
	if (due < 0 || a->now < due)
		return;
	with_first(a, ask_if_needed);
	if (!a->titles.id && a->titles.n_due > 0 &&
	    find(a->titles.tried, a->titles.n_tried, a->titles.due[0]) ==
	    a->titles.n_tried)
		settle(&a->titles);
}

void
titles_cancel(struct app *a)
{
	struct titles *t = &a->titles;
	struct msg m = { .type = MSG_CANCEL };

	if (!t->id)
		return;
	m.u.cancel.id = t->id;
	a->port.send(a->port.ud, &m, NULL);
	/* What still comes of it is of no generation that is known. */
	t->id = 0;
	buf_clear(&t->said);
}

void
titles_lost(struct app *a)
{
	if (a->titles.id)
		settle(&a->titles);
}

/* ---- what came ---- */

static void
take(struct app *a, struct convo *c, struct journal *j)
{
	char *title;

	if (!needs_title(c, j))
		return;
	title = title_from_reply(a->titles.said.data ? a->titles.said.data :
	    "", c, a->model.bytes < LARGE_BYTES);
	if (!title)
		return;
	convo_set_title(c, title);
	c->title_by = TITLE_MODEL;
	/* Not worth a word if it is not saved. */
	journal_labels(j, c, NULL);
	app_list_update(a, c, false);
	free(title);
}

void
titles_message(struct app *a, const struct msg *m)
{
	struct titles *t = &a->titles;

	if (m->type == MSG_DELTA && m->u.delta.channel == CHANNEL_ANSWER)
		buf_puts(&t->said, m->u.delta.text);
	if (m->type == MSG_ERROR)
		settle(t);
	if (m->type != MSG_DONE)
		return;
	/* Another model is loaded: that may be asked. */
	if (m->u.done.reason == DONE_CANCEL) {
		t->id = 0;
		buf_clear(&t->said);
		return;
	}
	/* What was cut off is none. */
	if (m->u.done.reason == DONE_STOP)
		with_first(a, take);
	settle(t);
}
