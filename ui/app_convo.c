/* app_convo.c -- which conversations are open and shown, and the model they
 * talk with. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "app_priv.h"
#include "editor.h"
#include "i18n.h"
#include "index.h"
#include "session.h"
#include "trash.h"

bool
app_shown(const struct app *a, const struct session *s)
{
	return s == a->cur || s == a->other;
}

struct session *
app_busy(const struct app *a)
{
	if (a->cur && a->cur->live)
		return a->cur;
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i])
			return a->run[i];
	return NULL;
}

struct session *
app_session(const struct app *a, const char *id)
{
	struct session *all[2 + RUNS_MAX] = { a->cur, a->other };

	for (size_t i = 0; i < a->n_unsaved; i++)
		if (strcmp(a->unsaved[i]->convo->id, id) == 0)
			return a->unsaved[i];

	memcpy(&all[2], a->run, sizeof(a->run));
	for (int i = 0; i < 2 + RUNS_MAX; i++)
		if (all[i] && strcmp(all[i]->convo->id, id) == 0)
			return all[i];
	return NULL;
}

void
app_list_point(struct app *a, const char *id)
{
	for (int i = 0; i < a->n_list; i++)
		if (strcmp(a->list[i].id, id) == 0)
			a->list_at = i;
}

/* Point the list's cursor at what is shown. */
void
app_list_follow(struct app *a)
{
	if (a->cur)
		app_list_point(a, a->cur->convo->id);
}

void
app_list_refresh(struct app *a)
{
	struct list_view *l = &a->lists;
	struct convo_info *v = NULL;
	struct err err;
	int n;

	/* Twenty thousand of them must not hold up anything. */
	if (l->what == LIST_TRASH)
		n = trash_list(a->store, &v, &err);
	else if (l->all)
		n = journal_list_known(a->store, l->all, l->n_all, &v, &err);
	else
		n = index_list(a->store, &v, &err);
	if (n < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return;
	}
	list_view_set(a, v, n);
	/* Nobody is choosing there: keep what is shown in sight. */
	if (a->focus != FOCUS_LIST)
		app_list_follow(a);
}

/* What a conversation that is open says of itself. */
static void
convo_info_set(struct convo_info *v, const struct convo *c)
{
	convo_info_done(v);
	v->title = xstrdup(c->title);
	v->title_by = c->title_by;
	v->turns = (int)c->n;
	v->pinned = c->pinned;
	v->archived = c->archived;
	v->trashed = c->trashed;
	v->tags = convo_tags_copy(c->tags, c->n_tags);
	v->n_tags = c->n_tags;
}

/* What changed last stands first. */
static void
move_up(struct list_view *l, int i)
{
	struct convo_info c = l->all[i];

	memmove(l->all + 1, l->all, (size_t)i * sizeof(*l->all));
	l->all[0] = c;
}

/* With thousands of conversations, the folder is not looked through for one
 * that is known. */
void
app_list_update(struct app *a, const struct convo *c, bool said)
{
	struct list_view *l = &a->lists;
	struct convo_info *v;
	int i = 0;

	while (i < l->n_all && strcmp(l->all[i].id, c->id) != 0)
		i++;
	if (i == l->n_all || l->what == LIST_TRASH) {
		app_list_refresh(a);
		return;
	}
	convo_info_set(&l->all[i], c);
	if (said) {
		v = &l->all[i];
		v->changed = a->now;
		move_up(l, i);
	}
	list_view_make(a);
	if (a->focus != FOCUS_LIST)
		app_list_follow(a);
}

void
app_list_drop(struct app *a, const char *id)
{
	struct list_view *l = &a->lists;
	int i = 0;

	while (i < l->n_all && strcmp(l->all[i].id, id) != 0)
		i++;
	if (i == l->n_all)
		return;
	/* It is shown nowhere from now on, and freed with the others. */
	l->all[i].trashed = a->now;
	list_view_make(a);
}

void
app_show(struct app *a, struct session *s)
{
	struct session *old = a->cur;

	session_return(a, s);
	a->cur = s;
	transcript_set_view(&s->view, a->view);
	if (old && !app_shown(a, old))
		session_leave(a, old);
	app_list_follow(a);
}

/* The other of two that are shown gets the keys. */
void
app_switch(struct app *a)
{
	struct session *s = a->other;

	if (!s)
		return;
	a->other = a->cur;
	a->cur = s;
	a->at_second = !a->at_second;
	app_list_follow(a);
}

void
app_split(struct app *a)
{
	if (a->other)
		return;
	a->other = a->cur;
	a->cur = session_new(a);
	a->at_second = true;
}

void
app_unsplit(struct app *a)
{
	struct session *s = a->other;

	a->other = NULL;
	a->at_second = false;
	session_leave(a, s);
}

void
app_new(struct app *a)
{
	if (a->cur && a->cur->convo->n == 0)
		return;
	app_show(a, session_new(a));
}

int
app_open(struct app *a, const char *id)
{
	struct session *s;
	struct err err;

	if (a->cur && strcmp(a->cur->convo->id, id) == 0)
		return 0;
	s = app_session(a, id);
	if (s && s == a->other) {
		app_switch(a);
		return 0;
	}
	if (s) {
		app_show(a, s);
		return 0;
	}
	s = session_open(a, id, &err);
	if (!s) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return -1;
	}
	app_show(a, s);
	session_unanswered(a, s);
	return 0;
}

void
app_stop(struct app *a)
{
	if (app_busy(a))
		session_stop(a, app_busy(a));
}

int
app_start_worker(struct app *a)
{
	bool alive = a->port.alive(a->port.ud);
	struct err err;

	if (alive && (a->model.loaded || a->model.loading))
		return 0;
	a->model.loaded = false;
	a->model.loading = true;
	a->model.load_total = 0;
	a->context_used = 0;
	if ((alive ? a->port.load : a->port.start)(a->port.ud, &err) == 0)
		return 0;
	a->model.loading = false;
	app_note(a, a->cur, STYLE_ERROR, "%s", err.text);
	return -1;
}

/* Another model has read nothing of the conversation yet. */
static void
notice_model(struct app *a)
{
	const struct turn *t = session_last(a->cur, ROLE_ASSISTANT);
	int n = t ? t->prompt_tokens + t->answer_tokens : 0;

	if (n > 0)
		app_notice(a, STYLE_DIM, ngettext("The next answer is %s's, "
		    "which first reads this conversation again: about %d "
		    "token", "The next answer is %s's, which first reads this "
		    "conversation again: about %d tokens", (unsigned long)n),
		    a->model.name, n);
	else
		app_notice(a, STYLE_DIM, _("The next answer is %s's"),
		    a->model.name);
}

void
app_choose_model(struct app *a, const char *path)
{
	for (int i = 0; i < RUNS_MAX; i++) {
		if (a->run[i]) {
			app_notice_busy(a, _("Still answering: stop it "
			    "before changing the model"));
			return;
		}
		a->slot_of[i] = NULL;
	}
	a->port.choose(a->port.ud, path);
	model_done(&a->model);
	model_init(&a->model, path);
	a->rate = a->read_rate = 0;
	a->stats.limits_known = false;
	if (app_start_worker(a) == 0)
		notice_model(a);
}
