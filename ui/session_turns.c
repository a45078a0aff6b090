/* session_turns.c -- what can be done to the turns of a conversation beyond
 * sending the next one: again, further, otherwise, away; and the prompts that
 * wait for their turn. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "i18n.h"
#include "session.h"

struct turn *
session_last(const struct session *s, enum role role)
{
	struct turn *t = convo_turn(s->convo, s->convo->head);

	while (t && t->role != role)
		t = convo_turn(s->convo, t->parent);
	return t;
}

static bool
is_idle(struct app *a, struct session *s)
{
	if (!session_writable(a, s))
		return false;
	if (!s->live)
		return true;
	app_notice_busy(a, _("Still answering: Esc stops it"));
	return false;
}

void
session_regenerate(struct app *a, struct session *s, struct turn *t)
{
	int was = s->convo->head;
	/* What stands before the last answer is in its slot's cache. */
	bool cached = t && t->id == was && t->prompt_tokens > 0 &&
	    a->model.loaded && a->slot_of[s->slot] == s;

	if (!is_idle(a, s) || app_start_worker(a) < 0)
		return;
	if (t && t->role == ROLE_USER)		/* its answer, once more */
		s->convo->head = t->id;
	else if (t && t->parent)
		s->convo->head = t->parent;
	else
		return;
	s->ask = NULL;
	transcript_load(&s->view, s->convo);
	if (session_answer(a, s, NULL, was) == 0) {
		if (cached)
			app_notice_busy(a, _("Another version: nothing has to "
			    "be read again"));
		return;
	}
	s->convo->head = was;
	transcript_load(&s->view, s->convo);
}

void
session_continue(struct app *a, struct session *s, struct turn *t)
{
	if (!is_idle(a, s) || !t || app_start_worker(a) < 0)
		return;
	if (t->id != s->convo->head) {
		app_notice(a, STYLE_NOTICE, _("Only the last answer can be "
		    "gone on with"));
		return;
	}
	s->ask = NULL;
	session_answer(a, s, t, t->id);
	s->close_thought = false;
}

int
session_edit(struct app *a, struct session *s, struct turn *t,
    const char *text)
{
	int was = s->convo->head;

	if (!is_idle(a, s))
		return -1;
	s->convo->head = t->parent;
	transcript_load(&s->view, s->convo);
	if (session_send(a, s, text) == 0)
		return 0;
	s->convo->head = was;
	transcript_load(&s->view, s->convo);
	return -1;
}

static void
show_branch(struct app *a, struct session *s, const struct turn *t)
{
	struct err err = { .text = "" };

	convo_select(s->convo, t);
	transcript_load(&s->view, s->convo);
	if (s->journal)
		session_saved(a, s, journal_head(s->journal,
		    convo_turn(s->convo, s->convo->head), &err), &err);
}

void
session_show_turn(struct app *a, struct session *s, int turn)
{
	struct turn *t = convo_turn(s->convo, turn), **v;
	size_t n;
	bool there = !t || t->removed;

	n = convo_branch(s->convo, &v);
	for (size_t i = 0; i < n; i++)
		there |= v[i] == t;
	free(v);
	if (!there && is_idle(a, s))
		show_branch(a, s, t);
}

void
session_version(struct app *a, struct session *s, struct turn *t, int dir)
{
	struct turn **v;
	size_t n, at = 0;

	if (!t || !is_idle(a, s))
		return;
	n = convo_siblings(s->convo, t, &v);
	while (at < n && v[at] != t)
		at++;
	if (n < 2)
		app_notice(a, STYLE_DIM, _("There is one version only"));
	else if (dir < 0 ? at > 0 : at + 1 < n)
		show_branch(a, s, v[dir < 0 ? at - 1 : at + 1]);
	else
		app_notice(a, STYLE_DIM, dir < 0 ?
		    _("This is the first version") :
		    _("This is the last version"));
	free(v);
}

void
session_remove(struct app *a, struct session *s, struct turn *t)
{
	struct err err = { .text = "" };

	if (!is_idle(a, s))
		return;
	convo_remove(s->convo, t);
	transcript_load(&s->view, s->convo);
	s->save_failed = false;
	if (s->journal)
		session_saved(a, s, journal_remove(s->journal, t, &err), &err);
}

/* ---- while it thinks ---- */

void
session_answer_now(struct app *a, struct session *s)
{
	struct msg m = { .type = MSG_ANSWER_NOW };
	struct turn *t = session_last(s, ROLE_ASSISTANT);
	struct err err;

	m.u.answer_now.id = s->id;
	if (s->live && (s->phase == PHASE_THINKING || !s->live->text.len)) {
		if (a->port.send(a->port.ud, &m, &err) < 0)
			app_notice(a, STYLE_ERROR, "%s", err.text);
		else
			app_notice_busy(a, _("It will answer now"));
		s->live->run.touched = true;
	} else if (!s->live && t && t->text.len == 0 && t->thinking.len > 0) {
		s->close_thought = true;
		session_continue(a, s, t);
	} else {
		app_notice(a, STYLE_DIM, _("It is not thinking"));
	}
}

int
session_steer(struct app *a, struct session *s, const char *text)
{
	struct msg m = { .type = MSG_STEER };
	struct buf b = { 0 };
	struct err err;
	int rc;

	if (!s->live || s->phase != PHASE_THINKING) {
		app_notice(a, STYLE_NOTICE, _("Only while it thinks can words "
		    "be put into its thought"));
		return -1;
	}
	buf_printf(&b, "\n\n%s ", text);
	m.u.steer.id = s->id;
	m.u.steer.text = b.data;
	rc = a->port.send(a->port.ud, &m, &err);
	buf_free(&b);
	if (rc < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	s->live->run.touched = true;
	return rc;
}

void
session_persona(struct app *a, struct session *s, const char *name,
    const char *text)
{
	struct err err = { .text = "" };

	convo_set_system(s->convo, name, text);
	s->save_failed = false;
	if (s->journal)
		session_saved(a, s, journal_system(s->journal, s->convo, &err),
		    &err);
}

/* ---- prompts that wait ---- */

void
session_queue(struct session *s, const char *text)
{
	s->queue = xreallocarray(s->queue, s->n_queue + 1, sizeof(*s->queue));
	s->queue[s->n_queue++] = xstrdup(text);
}

char *
session_unqueue(struct session *s, size_t i)
{
	char *text;

	if (i >= s->n_queue)
		return NULL;
	text = s->queue[i];
	s->n_queue--;
	memmove(&s->queue[i], &s->queue[i + 1],
	    (s->n_queue - i) * sizeof(*s->queue));
	return text;
}

void
session_next(struct app *a, struct session *s)
{
	char *text;

	if (s->live || s->held || s->n_queue == 0)
		return;
	text = session_unqueue(s, 0);
	if (session_send(a, s, text) < 0) {
		/* back to where it was, until the person says so */
		s->held = true;
		s->queue = xreallocarray(s->queue, s->n_queue + 1,
		    sizeof(*s->queue));
		memmove(&s->queue[1], &s->queue[0],
		    s->n_queue * sizeof(*s->queue));
		s->queue[0] = text;
		s->n_queue++;
		return;
	}
	free(text);
}
