/* session_ask.c -- asking the worker for an answer: which of its timelines, what
 * still fits into the context, and what has to be left out. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "i18n.h"
#include "session.h"

#define CONTEXT_UNKNOWN 2048	/* tokens, as long as nothing is loaded */

/* The timeline that has most of this conversation in its cache: the one it had
 * before, else one that no other conversation on the screen had; -1 when all
 * are busy. */
static int
pick_slot(const struct app *a, const struct session *s)
{
	int found = -1;

	if (a->slot_of[s->slot] == s && !a->run[s->slot])
		return s->slot;
	for (int i = 0; i < RUNS_MAX; i++) {
		if (a->run[i])
			continue;
		if (!a->slot_of[i] || !app_shown(a, a->slot_of[i]))
			return i;
		if (found < 0)
			found = i;
	}
	return found;
}

static void
add_message(struct msg_generate *g, enum role role, const char *text)
{
	g->messages = xreallocarray(g->messages, g->n_messages + 1,
	    sizeof(*g->messages));
	g->messages[g->n_messages++] = (struct chat_msg){ role,
		xstrdup(text) };
}

/* The name under which the worker may keep on disk what it has read: of what
 * is saved for all to read, and of nothing else. */
static char *
kept_as(const struct app *a, const struct session *s)
{
	return s->temporary || !a->store || a->store->vault ? NULL :
	    xstrdup(s->convo->id);
}

static void
done_asking(struct msg_generate *g)
{
	chat_msgs_free(g->messages, g->n_messages);
	free(g->thought);
	free(g->keep);
}

/* What is asked, from the branch that is shown; t: an answer to go on with, or
 * NULL.  Free with done_asking. */
static void
fill(struct app *a, struct session *s, const struct turn *t,
    struct msg_generate *g)
{
	const char *system = s->convo->system ? s->convo->system :
	    a->conf->system;

	g->slot = s->slot;
	g->keep = kept_as(a, s);
	g->sampling = a->conf->sampling;
	g->thinking = a->thinking;
	g->budget = a->budget;
	g->budget_ms = a->budget_ms;
	s->view.budget = a->budget;
	s->view.budget_ms = a->budget_ms;
	g->n_messages = convo_messages(s->convo, system, &g->messages);
	if (!t)
		return;
	if (t->text.len == 0)
		add_message(g, ROLE_ASSISTANT, "");
	if (t->thinking.len > 0) {
		g->thought = xstrndup(t->thinking.data, t->thinking.len);
		g->thought_open = t->text.len == 0 && !s->close_thought;
	}
}

/* A token is at least a byte: what is short enough fits without counting. */
static bool
may_not_fit(const struct app *a, const struct msg_generate *g)
{
	size_t room = (size_t)(a->model.loaded ? a->model.context :
	    CONTEXT_UNKNOWN), bytes = 0;

	for (size_t i = 0; i < g->n_messages; i++)
		bytes += strlen(g->messages[i].text) + 16;
	return bytes + (g->thought ? strlen(g->thought) : 0) > room * 3 / 4;
}

static int
ask_worker(struct app *a, struct session *s, const struct turn *t,
    bool measured)
{
	struct err err = { .text = "" };
	struct msg m = { .type = MSG_GENERATE };
	int rc;

	m.u.generate.id = ++a->last_id;
	fill(a, s, t, &m.u.generate);
	s->measuring = !measured && may_not_fit(a, &m.u.generate);
	if (s->measuring)
		m.type = MSG_MEASURE;
	titles_cancel(a);
	rc = a->port.send(a->port.ud, &m, &err);
	done_asking(&m.u.generate);
	if (rc < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	s->id = a->last_id;
	return rc;
}

static struct turn *
new_answer(struct app *a, struct session *s)
{
	struct turn *t = convo_add(s->convo, ROLE_ASSISTANT, a->now);

	t->end = DONE_OPEN;
	t->sampling = a->conf->sampling;
	t->model = xstrdup(a->model.name);
	transcript_add(&s->view, t);
	return t;
}

int
session_answer(struct app *a, struct session *s, struct turn *t, int was_head)
{
	int slot = pick_slot(a, s);

	if (slot < 0) {
		app_notice(a, STYLE_NOTICE, _("Two answers are being written "
		    "already: stop one, or wait"));
		return -1;
	}
	s->slot = slot;
	if (ask_worker(a, s, t, false) < 0)
		return -1;
	s->again = t != NULL;
	s->begun = s->again && s->journal;
	s->base_thinking = t ? t->thinking_tokens : 0;
	s->base_answer = t ? t->answer_tokens : 0;
	s->was_head = was_head;
	s->live = t ? t : new_answer(a, s);
	s->live->run.budget = a->budget;
	s->live->run.budget_ms = a->budget_ms;
	s->live->run.touched |= s->again;
	s->live->end = DONE_OPEN;
	if (t && t->text.len == 0 && !s->close_thought)
		t->t_think_end = 0;	/* the thought goes on */
	s->view.live = s->live;
	s->asked = a->thinking;
	s->tokens = 0;
	s->read_start = s->read_done = s->read_total = s->first_ms = 0;
	s->phase = PHASE_WAITING;
	s->view.follow = true;
	a->run[slot] = s;
	a->slot_of[slot] = s;
	a->rate = 0;
	stats_asked(a, s);
	return 0;
}

int
session_measure(struct app *a, struct session *s, int parent,
    const char *text, int64_t *id)
{
	struct msg m = { .type = MSG_MEASURE };
	int head = s->convo->head, rc;
	struct err err;

	if (!a->model.loaded)
		return -1;
	s->convo->head = parent;
	m.u.generate.id = *id = ++a->last_id;
	fill(a, s, NULL, &m.u.generate);
	s->convo->head = head;
	if (text)
		add_message(&m.u.generate, ROLE_USER, text);
	rc = m.u.generate.n_messages > 0 ? a->port.send(a->port.ud, &m, &err) :
	    -1;
	done_asking(&m.u.generate);
	return rc;
}

int
session_forget(struct app *a, const char *id)
{
	struct msg m = { .type = MSG_FORGET,
		.u.forget.keep = (char *)(uintptr_t)id };

	return a->port.alive(a->port.ud) ?
	    a->port.send(a->port.ud, &m, NULL) : 0;
}

/* ---- what does not fit any more ---- */

/* Leave out the oldest turns until the rest takes at most `most` tokens: more
 * than need be, so that the next turns find what they follow in the cache.
 * The messages of m are, in order, the system's and the turns that were not
 * dropped or empty; the last one stays.  Returns how many turns. */
static int
drop_oldest(struct session *s, const struct msg_measured *m, int most)
{
	struct turn **v;
	size_t n = convo_branch(s->convo, &v), at, sent = 0;
	int dropped = 0, first = 0;

	for (size_t i = 0; i < n; i++)
		sent += !v[i]->dropped && (v[i]->role == ROLE_USER ||
		    v[i]->text.len > 0);
	at = m->n_ends > sent ? m->n_ends - sent : 0;	/* the system's */
	if (at > 0)
		first = m->ends[at - 1];
	for (size_t i = 0; i < n && at + 1 < m->n_ends; i++) {
		if (v[i]->dropped || (v[i]->role != ROLE_USER &&
		    v[i]->text.len == 0))
			continue;
		/* Never an answer without its question before it. */
		if (v[i]->role == ROLE_USER && m->tokens - (at > 0 ?
		    m->ends[at - 1] - first : 0) <= most)
			break;
		v[i]->dropped = true;
		dropped++;
		at++;
	}
	free(v);
	return dropped;
}

void
session_measured(struct app *a, struct session *s,
    const struct msg_measured *m)
{
	const struct turn *t = s->again ? s->live : NULL;
	int room = m->context, n = 0;

	if (!s->measuring || s->phase == PHASE_STOPPING)
		return;
	if (m->tokens + room / 8 > room)
		n = drop_oldest(s, m, room * 5 / 8);
	if (n > 0)
		app_note(a, s, STYLE_NOTICE, ngettext("%d earlier message "
		    "does not fit into the model's context any more and is "
		    "left out from here on", "%d earlier messages do not fit "
		    "into the model's context any more and are left out from "
		    "here on", (unsigned long)n), n);
	if (ask_worker(a, s, t, true) < 0)
		session_end(a, s, DONE_ERROR);
}
