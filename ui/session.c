/* session.c -- sending, streaming and saving.  Whatever fails on the way to
 * the disk is told once and never costs what is on the screen. */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "editor.h"

static struct session *
session_alloc(struct app *a, struct convo *c)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->convo = c;
	transcript_init(&s->view, a->view);
	return s;
}

struct session *
session_new(struct app *a)
{
	return session_alloc(a, convo_new(a->now));
}

struct session *
session_open(struct app *a, const char *id, struct err *err)
{
	struct err notice = { .text = "" };
	struct convo *c = NULL;
	struct journal *j = journal_open(a->dir, id, &c, &notice, err);
	struct session *s;

	if (!j)
		return NULL;
	s = session_alloc(a, c);
	s->journal = j;
	transcript_load(&s->view, c);
	if (notice.text[0])
		app_note(a, s, STYLE_NOTICE, "%s", notice.text);
	return s;
}

void
session_free(struct app *a, struct session *s)
{
	if (!s)
		return;
	if (s->live)
		session_end(a, s, DONE_CANCEL);
	journal_close(s->journal);
	transcript_done(&s->view);
	convo_free(s->convo);
	free(s);
}

/* Report a failed save, once until the next turn begins. */
static void
saved(struct app *a, struct session *s, int rc, const struct err *err)
{
	if (rc == 0 || s->save_failed)
		return;
	s->save_failed = true;
	app_note(a, s, STYLE_ERROR, "Not saved: %s", err->text);
}

static void
save_message(struct app *a, struct session *s, const struct turn *t)
{
	struct err err = { .text = "" };

	s->save_failed = false;
	if (!s->journal) {
		convo_auto_title(s->convo);
		s->journal = journal_create(a->dir, s->convo, &err);
		if (!s->journal) {
			saved(a, s, -1, &err);
			return;
		}
	}
	saved(a, s, journal_begin(s->journal, t, &err), &err);
}

/* The answer's turn enters the file once its model is known. */
static void
save_begin(struct app *a, struct session *s)
{
	struct err err = { .text = "" };

	if (s->begun)
		return;
	s->begun = true;
	free(s->live->model);
	free(s->live->digest);
	s->live->model = xstrdup(a->model.name);
	s->live->digest = xstrdup(a->model.digest);
	s->live->guided = a->model.thinker == THINKER_GUIDED &&
	    s->asked == THINKING_ON;
	sampling_settle(&s->live->sampling, a->model.thinker);
	if (s->journal)
		saved(a, s, journal_begin(s->journal, s->live, &err), &err);
}

static int
generate(struct app *a, struct session *s)
{
	struct err err = { .text = "" };
	struct msg m = { .type = MSG_GENERATE };
	int rc;

	m.u.generate.id = ++a->last_id;
	m.u.generate.sampling = a->conf->sampling;
	m.u.generate.thinking = a->thinking;
	m.u.generate.budget = a->conf->budget;
	m.u.generate.n_messages = convo_messages(s->convo, a->conf->system,
	    &m.u.generate.messages);
	rc = a->port.send(a->port.ud, &m, &err);
	chat_msgs_free(m.u.generate.messages, m.u.generate.n_messages);
	if (rc < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	s->id = a->last_id;
	return rc;
}

int
session_send(struct app *a, struct session *s, const char *text)
{
	int head = s->convo->head;
	bool first = s->convo->n == 0;

	if (s->journal && journal_readonly(s->journal)) {
		app_notice(a, STYLE_NOTICE, "Another fikr has this "
		    "conversation open: M-n starts a new one");
		return -1;
	}
	if (app_start_worker(a) < 0)
		return -1;
	s->ask = convo_add(s->convo, ROLE_USER, a->now);
	buf_puts(&s->ask->text, text);
	s->ask->t_end = a->now;
	s->ask->end = DONE_STOP;
	if (generate(a, s) < 0) {
		s->convo->head = head;
		s->ask = NULL;
		return -1;
	}
	transcript_add(&s->view, s->ask);
	save_message(a, s, s->ask);
	s->live = convo_add(s->convo, ROLE_ASSISTANT, a->now);
	s->live->end = DONE_OPEN;
	s->live->sampling = a->conf->sampling;
	s->live->model = xstrdup(a->model.name);
	s->view.live = s->live;
	s->begun = false;
	s->asked = a->thinking;
	s->tokens = 0;
	s->read_done = s->read_total = s->first_ms = 0;
	s->phase = PHASE_WAITING;
	transcript_add(&s->view, s->live);
	s->view.follow = true;
	a->busy = s;
	a->rate = 0;
	if (first)
		app_list_refresh(a);
	return 0;
}

void
session_end(struct app *a, struct session *s, enum done_reason why)
{
	struct err err = { .text = "" };
	struct turn *t = s->live;

	if (!t)
		return;
	t->end = why;
	t->t_end = a->now;
	if (t->thinking.len > 0 && t->t_think_end == 0)
		t->t_think_end = a->now;
	if (s->begun && s->journal)
		saved(a, s, journal_end(s->journal, t, &err), &err);
	s->live = NULL;
	s->view.live = NULL;
	s->phase = PHASE_IDLE;
	s->id = 0;
	if (t->fold >= 0)
		session_save_fold(a, s, t);
	if (a->busy == s)
		app_busy_over(a);
}

bool
session_empty(const struct session *s)
{
	return s->live && s->live->text.len == 0 &&
	    s->live->thinking.len == 0;
}

void
session_take_back(struct app *a, struct session *s)
{
	struct transcript *t = &s->view;

	if (!s->ask)
		return;
	s->convo->head = s->ask->parent;
	transcript_load(t, s->convo);
	if (a->cur == s && a->mode == MODE_CHAT && !*editor_text())
		editor_set(s->ask->text.data);
	s->ask = NULL;
}

void
session_unanswered(struct app *a, struct session *s)
{
	struct turn *t = convo_turn(s->convo, s->convo->head);

	if (!t || t->role != ROLE_USER || !t->text.data || *editor_text())
		return;
	s->ask = t;
	session_take_back(a, s);
	app_notice(a, STYLE_NOTICE, "The last message got no answer; it is "
	    "in the prompt again");
}

void
session_stop(struct app *a, struct session *s)
{
	struct msg m = { .type = MSG_CANCEL };
	struct err err;

	if (!s->live || s->phase == PHASE_STOPPING)
		return;
	s->phase = PHASE_STOPPING;
	m.u.cancel.id = s->id;
	if (a->port.send(a->port.ud, &m, &err) < 0)
		session_end(a, s, DONE_CANCEL);
}

static void
session_delta(struct app *a, struct session *s, const struct msg_delta *d)
{
	struct err err = { .text = "" };
	struct turn *t = s->live;
	bool thinking = d->channel == CHANNEL_THINKING;
	size_t n = strlen(d->text);

	/* What was on its way when the person said stop is not wanted. */
	if (s->phase == PHASE_STOPPING || n == 0)
		return;
	save_begin(a, s);
	if (t->t_first == 0)
		t->t_first = s->first_ms = a->now;
	if (!thinking && t->t_think_end == 0 && t->thinking.len > 0)
		t->t_think_end = a->now;
	s->phase = thinking ? PHASE_THINKING : PHASE_ANSWERING;
	buf_add(thinking ? &t->thinking : &t->text, d->text, n);
	if (thinking)
		t->thinking_tokens++;
	else
		t->answer_tokens++;
	a->context_used++;
	s->tokens++;
	if (a->now - s->first_ms >= 500)
		a->rate = s->tokens * 1000.0 / (a->now - s->first_ms);
	if (s->journal)
		saved(a, s, journal_delta(s->journal, t, d->channel, d->text, n,
		    &err), &err);
}

static void
session_finish(struct app *a, struct session *s, const struct msg_done *d)
{
	double ms = d->thinking_ms + d->answer_ms;
	struct turn *t = s->live;

	if (d->digest)
		model_digest(&a->model, d->digest);
	if (d->reason != DONE_ERROR)
		save_begin(a, s);
	free(t->digest);
	t->digest = xstrdup(a->model.digest);
	t->prompt_tokens = d->prompt_tokens;
	t->thinking_tokens = d->thinking_tokens;
	t->answer_tokens = d->answer_tokens;
	t->sampling.seed = d->seed;
	a->context_used = d->context_used;
	if (ms > 0)
		a->rate = (d->thinking_tokens + d->answer_tokens) * 1000 / ms;
	session_end(a, s, d->reason);
	if (s != a->cur) {
		app_notice(a, STYLE_NOTICE, "“%s” has its answer",
		    s->convo->title);
		session_free(a, s);
	}
	app_list_refresh(a);
}

static void
session_error(struct app *a, struct session *s, const char *text)
{
	bool empty = session_empty(s);

	session_end(a, s, DONE_ERROR);
	if (empty)
		session_take_back(a, s);
	app_note(a, s, STYLE_ERROR, "%s", text);
	if (s != a->cur) {
		app_notice(a, STYLE_ERROR, "%s", text);
		session_free(a, s);
	}
}

void
session_message(struct app *a, struct session *s, const struct msg *m)
{
	switch (m->type) {
	case MSG_PROGRESS:
		if (s->phase != PHASE_STOPPING)
			s->phase = PHASE_READING;
		s->read_done = m->u.progress.done;
		s->read_total = m->u.progress.total;
		a->context_used = (int)s->read_done;
		break;
	case MSG_DELTA:
		session_delta(a, s, &m->u.delta);
		break;
	case MSG_DONE:
		session_finish(a, s, &m->u.done);
		break;
	case MSG_ERROR:
		session_error(a, s, m->u.error.text);
		break;
	default:
		break;
	}
}

void
session_tick(struct app *a, struct session *s)
{
	struct err err = { .text = "" };

	if (s->journal && s->live)
		saved(a, s, journal_tick(s->journal, a->now, &err), &err);
}

void
session_rename(struct app *a, struct session *s, const char *title)
{
	struct err err = { .text = "" };

	convo_set_title(s->convo, title);
	s->save_failed = false;
	if (s->journal)
		saved(a, s, journal_title(s->journal, title, &err), &err);
	app_list_refresh(a);
}

void
session_save_fold(struct app *a, struct session *s, const struct turn *t)
{
	struct err err = { .text = "" };

	(void)a;
	if (s->journal && !journal_readonly(s->journal) && t != s->live)
		saved(a, s, journal_fold(s->journal, t, &err), &err);
}
