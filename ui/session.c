/* session.c -- sending, streaming and saving.  Whatever fails on the way to
 * the disk is told once and never costs what is on the screen. */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "editor.h"
#include "hear.h"
#include "i18n.h"
#include "player.h"

#define READ_MIN 16		/* tokens that tell a speed */

static struct session *
session_alloc(struct app *a, struct convo *c)
{
	struct session *s = xcalloc(1, sizeof(*s));

	s->convo = c;
	s->temporary = a->store->temporary;
	transcript_init(&s->view, a->view);
	s->view.fold_answered = a->conf->fold_answered;
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
	struct journal *j = NULL;
	struct session *s;

	if (a->store->temporary)	/* gone on with in memory alone */
		c = journal_read(a->store, id, &notice, err);
	else
		j = journal_open(a->store, id, &c, &notice, err);
	if (!c)
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
	if (a->slot_of[s->slot] == s)
		a->slot_of[s->slot] = NULL;
	for (size_t i = 0; i < s->n_queue; i++)
		free(s->queue[i]);
	free(s->queue);
	journal_close(s->journal);
	transcript_done(&s->view);
	convo_free(s->convo);
	free(s);
}

static void
save_message(struct app *a, struct session *s, const struct turn *t)
{
	struct err err = { .text = "" };

	s->save_failed = false;
	convo_auto_title(s->convo);
	if (s->temporary)
		return;
	if (!s->journal)
		session_make_file(a, s);
	else
		session_saved(a, s, journal_begin(s->journal, t, &err), &err);
}

/* With what the answer is written. */
static void
note_run(struct app *a, struct session *s)
{
	const struct heard_model m = { a->model.engine, a->model.cpu,
		a->model.format, s->convo->system ? NULL : a->conf->system,
		a->model.context, &a->conf->load };

	hear_run(s->convo, s->live, &m);
	s->live->run.thinking = s->asked;
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
	note_run(a, s);
	if (s->journal)
		session_saved(a, s, journal_begin(s->journal, s->live, &err), &err);
	else if (s->waits)
		session_make_file(a, s);
}

bool
session_writable(struct app *a, struct session *s)
{
	if (!s->journal || !journal_readonly(s->journal))
		return true;
	app_notice(a, STYLE_NOTICE, _("Another fikr has this conversation "
	    "open: M-n starts a new one"));
	return false;
}

/* The message that text was taken back from is not to stand beside it. */
static void
retract(struct app *a, struct session *s)
{
	struct err err = { .text = "" };

	if (!s->retract)
		return;
	convo_remove(s->convo, s->retract);
	if (s->journal)
		session_saved(a, s, journal_remove(s->journal, s->retract,
		    &err), &err);
	s->retract = NULL;
}

int
session_send(struct app *a, struct session *s, const char *text)
{
	struct convo *c = s->convo;
	int head = c->head;
	bool first = c->n == 0;

	if (!session_writable(a, s) || app_start_worker(a) < 0)
		return -1;
	s->ask = convo_add(c, ROLE_USER, a->now);
	buf_puts(&s->ask->text, text);
	s->ask->t_end = a->now;
	s->ask->end = DONE_STOP;
	transcript_add(&s->view, s->ask);
	if (session_answer(a, s, NULL, head) < 0) {
		s->ask->removed = true;
		c->head = head;
		s->ask = NULL;
		transcript_load(&s->view, c);
		return -1;
	}
	save_message(a, s, s->ask);
	retract(a, s);
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
	if (!s->begun && session_empty(s))
		t->removed = true;	/* nothing came of it */
	if (t->thinking.len > 0 && t->t_think_end == 0)
		t->t_think_end = a->now;
	if (s->begun && s->journal)
		session_saved(a, s, journal_end(s->journal, t, &err), &err);
	else if (s->begun && s->waits)
		session_make_file(a, s);
	s->live = NULL;
	s->view.live = NULL;
	s->phase = PHASE_IDLE;
	s->id = 0;
	s->measuring = false;
	s->looping = 0;
	s->held = why != DONE_STOP && why != DONE_LENGTH;
	if (t->fold >= 0)
		session_save_fold(a, s, t);
	if (a->run[s->slot] == s)
		a->run[s->slot] = NULL;
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
	struct convo *c = s->convo;

	c->head = s->ask ? s->ask->parent : s->was_head;
	transcript_load(&s->view, c);
	if (s->ask && a->cur == s && a->mode == MODE_CHAT &&
	    !*player_prompt(a)) {
		player_prompt_set(a, s->ask->text.data);
		s->retract = s->ask;
	}
	s->ask = NULL;
}

void
session_unanswered(struct app *a, struct session *s)
{
	struct turn *t = convo_turn(s->convo, s->convo->head);

	/* Another fikr may be at it. */
	if (s->journal && journal_readonly(s->journal))
		return;
	if (t && t->role == ROLE_ASSISTANT && t->end == DONE_OPEN)
		app_note(a, s, STYLE_NOTICE, "%s", _("The last answer was cut "
		    "off: /continue goes on with it, Alt-R writes another"));
	if (!t || t->role != ROLE_USER || !t->text.data ||
	    *player_prompt(a))
		return;
	s->ask = t;
	session_take_back(a, s);
	app_notice(a, STYLE_NOTICE, _("The last message got no answer; it is "
	    "in the prompt again"));
}

void
session_stop(struct app *a, struct session *s)
{
	struct msg m = { .type = MSG_CANCEL };
	struct err err;
	bool empty;

	if (!s->live || s->phase == PHASE_STOPPING)
		return;
	s->phase = PHASE_STOPPING;
	m.u.cancel.id = s->id;
	/* A measure is over soon by itself; its answer is not waited for. */
	if (!s->measuring && a->port.send(a->port.ud, &m, &err) == 0)
		return;
	empty = session_empty(s);
	session_end(a, s, DONE_CANCEL);
	if (empty)
		session_take_back(a, s);
}

static void
session_delta(struct app *a, struct session *s, const struct msg_delta *d)
{
	struct err err = { .text = "" };
	struct turn *t = s->live;
	bool thinking = d->channel == CHANNEL_THINKING;
	size_t n = strlen(d->text);

	/* What was on its way when the person said stop is not wanted. */
	if (s->phase == PHASE_STOPPING || (n == 0 && d->n_ids == 0))
		return;
	save_begin(a, s);
	if (s->first_ms == 0)
		s->first_ms = a->now;	/* of an answer gone on with, too */
	hear_delta(t, d, a->now);
	s->phase = thinking ? PHASE_THINKING : PHASE_ANSWERING;
	a->context_used += (int)d->n_ids;
	s->tokens += (int)d->n_ids;
	stats_tokens(a, (int)d->n_ids);
	if (a->now - s->first_ms >= 500)
		a->rate = s->tokens * 1000.0 / (a->now - s->first_ms);
	if (s->journal)
		session_saved(a, s, journal_delta(s->journal, t, d->channel, d->text, n,
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
	hear_done(t, d);
	t->thinking_tokens = s->base_thinking + d->thinking_tokens;
	t->answer_tokens = s->base_answer + d->answer_tokens;
	a->context_used = d->context_used;
	if (ms > 0)
		a->rate = (d->thinking_tokens + d->answer_tokens) * 1000 / ms;
	if (d->prompt_tokens - d->cached_tokens >= READ_MIN &&
	    d->prompt_ms > 0)
		a->read_rate = (d->prompt_tokens - d->cached_tokens) * 1000 /
		    d->prompt_ms;
	stats_over(a, s, d);
	session_end(a, s, d->reason);
	titles_active(a);
	titles_want(a, s);
	if (s->journal)
		app_list_update(a, s->convo, true);
	session_next(a, s);
	if (!app_shown(a, s) && !s->live) {
		app_notice(a, STYLE_NOTICE, _("“%s” has its answer"),
		    s->convo->title);
		session_leave(a, s);
	}
}

static void
session_error(struct app *a, struct session *s, const char *text)
{
	bool empty = session_empty(s);

	session_end(a, s, DONE_ERROR);
	if (empty)
		session_take_back(a, s);
	app_note(a, s, STYLE_ERROR, "%s", text);
	if (!app_shown(a, s)) {
		app_notice(a, STYLE_ERROR, "%s", text);
		session_leave(a, s);
	}
}

static void
session_looping(struct app *a, struct session *s, int period)
{
	s->looping = period;
	if (app_shown(a, s))
		app_notice_busy(a, s->phase == PHASE_ANSWERING ?
		    _("It repeats itself: Esc stops it") :
		    _("It repeats itself: Alt-A makes it answer now, Esc "
		    "stops it"));
}

static void
session_read(struct app *a, struct session *s, const struct msg_progress *p)
{
	if (s->read_start == 0) {
		s->read_start = a->now;
		s->read_from = p->done;
	}
	if (s->phase != PHASE_STOPPING)
		s->phase = PHASE_READING;
	s->read_done = p->done;
	s->read_total = p->total;
	a->context_used = (int)p->done;
}

void
session_message(struct app *a, struct session *s, const struct msg *m)
{
	switch (m->type) {
	case MSG_PROGRESS:
		session_read(a, s, &m->u.progress);
		break;
	case MSG_MEASURED:
		session_measured(a, s, &m->u.measured);
		break;
	case MSG_LOOPING:
		session_looping(a, s, m->u.looping.period);
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
session_rename(struct app *a, struct session *s, const char *title)
{
	struct err err = { .text = "" };

	convo_set_title(s->convo, title);
	s->convo->title_by = TITLE_PERSON;
	s->save_failed = false;
	if (s->journal)
		session_saved(a, s, journal_labels(s->journal,
		    s->convo, &err), &err);
	app_list_refresh(a);
}

void
session_save_fold(struct app *a, struct session *s, const struct turn *t)
{
	struct err err = { .text = "" };

	(void)a;
	if (s->journal && !journal_readonly(s->journal) && t != s->live)
		session_saved(a, s, journal_fold(s->journal, t, &err), &err);
}
