/* app.c -- events in, state changed, frame out. */
#include "app.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "editor.h"
#include "message.h"
#include "i18n.h"
#include "pane.h"
#include "pick.h"
#include "width.h"

#define NOTICE_MS 8000
#define TICK_MS 250		/* while something streams */

/* What is a part of a sentence elsewhere is one of its own here; names such as
 * token_embd.weight stay what they are. */
static void
capitalise(char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	if (n > 0 && (s[n] == ' ' || s[n] == '\0'))
		s[0] += 'A' - 'a';
}

void
app_notice(struct app *a, enum style st, const char *fmt, ...)
{
	char text[ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	capitalise(text);
	/* What went wrong must be readable to its end. */
	if (st == STYLE_ERROR && a->cur && a->w > 0 &&
	    text_cols(text, strlen(text)) > a->w - 4) {
		app_note(a, a->cur, st, "%s", text);
		return;
	}
	free(a->notice);
	a->notice = xstrdup(text);
	a->notice_style = st;
	a->notice_until = a->now + NOTICE_MS;
	a->notice_busy = false;
}

static void
notice_clear(struct app *a)
{
	a->notice_busy = false;
	free(a->notice);
	a->notice = NULL;
}

/* The home directory as people write it. */
static void
put_tilde(struct buf *out, const char *s)
{
	const char *home = getenv("HOME"), *at;
	size_t n = home ? strlen(home) : 0;

	while (n > 1 && (at = strstr(s, home)) != NULL) {
		buf_add(out, s, (size_t)(at - s));
		buf_puts(out, at[n] == '/' || at[n] == '\0' ? "~" : home);
		s = at + n;
	}
	buf_puts(out, s);
}

void
app_note(struct app *a, struct session *s, enum style st, const char *fmt,
    ...)
{
	char text[2 * ERR_MAX];
	struct buf b = { 0 };
	va_list ap;

	(void)a;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_tilde(&b, text);
	if (b.len > 0)
		capitalise(b.data);
	transcript_note(&s->view, st, b.data ? b.data : "");
	buf_free(&b);
}

void
app_notice_busy(struct app *a, const char *text)
{
	app_notice(a, STYLE_NOTICE, "%s", text);
	a->notice_busy = true;
}

void
app_busy_over(struct app *a)
{
	if (a->notice_busy) {
		notice_clear(a);
		a->armed = false;
	}
}

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

	memcpy(&all[2], a->run, sizeof(a->run));
	for (int i = 0; i < 2 + RUNS_MAX; i++)
		if (all[i] && strcmp(all[i]->convo->id, id) == 0)
			return all[i];
	return NULL;
}

/* The list's cursor, to a conversation if it is there. */
static void
list_point(struct app *a, const char *id)
{
	for (int i = 0; i < a->n_list; i++)
		if (strcmp(a->list[i].id, id) == 0)
			a->list_at = i;
}

/* Point the list's cursor at what is shown. */
static void
list_follow(struct app *a)
{
	if (a->cur)
		list_point(a, a->cur->convo->id);
}

void
app_list_refresh(struct app *a)
{
	char id[32] = "";
	struct err err;
	int n;
	struct convo_info *v = NULL;

	if (a->list_at < a->n_list)
		memcpy(id, a->list[a->list_at].id, sizeof(id));
	n = journal_list(a->dir, &v, &err);
	if (n < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return;
	}
	convo_infos_free(a->list, a->n_list);
	a->list = v;
	a->n_list = n;
	if (a->list_at >= n)
		a->list_at = n > 0 ? n - 1 : 0;
	list_point(a, id);
	/* Nobody is choosing there: keep what is shown in sight. */
	if (a->focus != FOCUS_LIST)
		list_follow(a);
}

void
app_show(struct app *a, struct session *s)
{
	struct session *old = a->cur;

	a->cur = s;
	transcript_set_view(&s->view, a->view);
	if (old && !app_shown(a, old) && !old->live)
		session_free(a, old);
	list_follow(a);
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
	list_follow(a);
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
	if (s && !s->live)
		session_free(a, s);
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
	a->model.percent = 0;
	a->context_used = 0;
	if ((alive ? a->port.load : a->port.start)(a->port.ud, &err) == 0)
		return 0;
	a->model.loading = false;
	app_note(a, a->cur, STYLE_ERROR, "%s", err.text);
	return -1;
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
	if (app_start_worker(a) == 0)
		app_notice(a, STYLE_DIM, _("The next answer is %s's"),
		    a->model.name);
}

/* ---- titles ---- */

static void
draft_restore(struct app *a)
{
	a->mode = MODE_CHAT;
	editor_set(a->draft ? a->draft : "");
	free(a->draft);
	a->draft = NULL;
}

static void
target_set(struct app *a, const char *id)
{
	size_t n = strlen(id);

	if (n >= sizeof(a->target))
		n = sizeof(a->target) - 1;
	memcpy(a->target, id, n);
	a->target[n] = '\0';
}

void
app_rename_begin(struct app *a, const char *id, const char *title)
{
	target_set(a, id);
	a->draft = xstrdup(editor_text());
	editor_set(title);
	a->mode = MODE_RENAME;
	a->focus = FOCUS_PROMPT;
}

void
app_rename(struct app *a, const char *id, const char *title)
{
	struct session *s = app_session(a, id);
	struct err err;
	bool mine = false;

	if (!s) {
		s = session_open(a, id, &err);
		mine = true;
	}
	if (!s) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return;
	}
	session_rename(a, s, title);
	if (s->save_failed)
		app_notice(a, STYLE_ERROR, "The new title is not saved");
	if (mine)
		session_free(a, s);
}

void
app_delete_begin(struct app *a, const char *id, const char *title)
{
	struct session *s = app_session(a, id);

	if (s && s->live) {
		app_notice(a, STYLE_NOTICE, "Still answering there: "
		    "stop it before deleting");
		return;
	}
	target_set(a, id);
	a->edited = 0;
	a->mode = MODE_DELETE;
	app_notice(a, STYLE_NOTICE, "Press y to delete “%s” for good, n to "
	    "keep it", *title ? title : "this conversation");
	a->notice_until = INT64_MAX;
}

void
app_remove_begin(struct app *a, const struct turn *t)
{
	a->edited = t->id;
	a->mode = MODE_DELETE;
	app_notice(a, STYLE_NOTICE, _("Press y to remove this turn and all "
	    "that follows it, n to keep it"));
	a->notice_until = INT64_MAX;
}

void
app_edit_begin(struct app *a, const struct turn *t)
{
	a->edited = t->id;
	a->draft = xstrdup(editor_text());
	editor_set(t->text.data ? t->text.data : "");
	a->mode = MODE_EDIT;
	a->focus = FOCUS_PROMPT;
	a->cost.known = false;
	if (session_measure(a, a->cur, t->parent, editor_text(),
	    &a->cost.id) < 0)
		a->cost.id = 0;
}

/* Remove a turn, or delete a conversation, as it was asked for. */
static void
delete_it(struct app *a)
{
	struct turn *t = convo_turn(a->cur->convo, a->edited);
	struct err err;

	if (a->edited) {
		if (t)
			session_remove(a, a->cur, t);
		return;
	}
	if (a->other && strcmp(a->other->convo->id, a->target) == 0)
		app_unsplit(a);
	if (strcmp(a->cur->convo->id, a->target) == 0)
		app_show(a, session_new(a));
	if (journal_delete(a->dir, a->target, &err) < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	else
		app_notice(a, STYLE_DIM, _("Deleted"));
	app_list_refresh(a);
}

static unsigned
delete_key(struct app *a, const struct key *k)
{
	a->mode = MODE_CHAT;
	notice_clear(a);
	if (k->code != KEY_CHAR || (k->ch != 'y' && k->ch != 'Y') || k->mod) {
		app_notice(a, STYLE_DIM, _("Kept"));
		return REACT_DRAW;
	}
	delete_it(a);
	return REACT_DRAW;
}

/* Esc gives the prompt's text back, Enter sends; all else edits. */
static bool
edit_key(struct app *a, const struct key *k)
{
	struct turn *t = convo_turn(a->cur->convo, a->edited);
	struct buf b = { 0 };
	struct err err;

	if (k->code == KEY_ESC_ || (k->code == KEY_CHAR && k->ch == 'c' &&
	    k->mod == MOD_CTRL)) {
		draft_restore(a);
		return true;
	}
	if (k->code != KEY_ENTER_ || k->mod || editor_busy() || !t)
		return false;
	if (message_build(a, editor_text(), &b, &err) < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	else if (session_edit(a, a->cur, t, b.data ? b.data : "") == 0)
		draft_restore(a);
	buf_free(&b);
	return true;
}

static unsigned
rename_key(struct app *a, const struct key *k)
{
	char *title;

	if (k->code == KEY_ESC_ || (k->code == KEY_CHAR && k->ch == 'c' &&
	    k->mod == MOD_CTRL)) {
		draft_restore(a);
		return REACT_DRAW;
	}
	if (k->code == KEY_ENTER_ || (k->code == KEY_CHAR && k->ch == 'j' &&
	    k->mod == MOD_CTRL)) {
		title = xstrdup(editor_text());
		draft_restore(a);
		if (*title)
			app_rename(a, a->target, title);
		free(title);
		return REACT_DRAW;
	}
	if (k->code == KEY_PASTE_)
		editor_insert(k->text, strcspn(k->text, "\r\n") < k->n ?
		    strcspn(k->text, "\r\n") : k->n);
	else if (k->code != KEY_UP_ && k->code != KEY_DOWN_ &&
	    k->code != KEY_F_ && k->code != KEY_TAB_)
		editor_key(k);
	return REACT_DRAW;
}

/* ---- events ---- */

static unsigned
open_nth(struct app *a, int n)
{
	if (n <= a->n_list)
		app_open(a, a->list[n - 1].id);
	else
		app_notice(a, STYLE_DIM, "There is no conversation %d", n);
	return REACT_DRAW;
}

static unsigned
on_key(struct app *a, const struct key *k)
{
	static const unsigned where[] = { IN_PROMPT, IN_VIEW, IN_THINK,
		IN_LIST };
	const struct action *act;
	enum keymap_found found;
	struct key held;
	bool again;

	if (k->code == KEY_BAD_ || k->code == KEY_FOCUS_IN_ ||
	    k->code == KEY_FOCUS_OUT_)
		return 0;
	if (a->mode == MODE_DELETE)
		return delete_key(a, k);
	a->was_armed = a->armed;
	a->armed = false;
	notice_clear(a);
	if (a->pick)
		return pick_key(a, k);
	if (a->mode == MODE_RENAME)
		return rename_key(a, k);
	if (a->mode == MODE_EDIT && edit_key(a, k))
		return REACT_DRAW;
	/* Readline owns the keys in the middle of a search, and vi's Esc. */
	if (a->focus == FOCUS_PROMPT && (editor_busy() ||
	    (k->code == KEY_ESC_ && editor_wants_esc())))
		return pane_prompt_key(a, k);
	/* A key with a name does here what it does elsewhere. */
	if (a->page.fill && k->code != KEY_F_ && !(k->mod & MOD_ALT))
		return page_key(a, k);
	held = a->keys.held;
	again = a->keys.holding;
	found = keymap_key(&a->keys, k, where[a->focus], &act);
	/* The first of two that was none: it is readline's after all. */
	if (again && found == KEYMAP_NONE && a->focus == FOCUS_PROMPT)
		pane_prompt_key(a, &held);
	if (found == KEYMAP_MORE)
		return REACT_DRAW;
	if (found == KEYMAP_ACTION)
		return act->fn(a, "") | REACT_DRAW;
	if (k->code == KEY_CHAR && k->mod == MOD_ALT && k->ch >= '1' &&
	    k->ch <= '9')
		return open_nth(a, (int)(k->ch - '0'));
	if (k->code == KEY_PASTE_) {
		a->focus = FOCUS_PROMPT;
		message_paste(a, k->text, k->n);
		return REACT_DRAW;
	}
	if (k->code == KEY_MOUSE_ || k->code == KEY_WHEEL_UP_ ||
	    k->code == KEY_WHEEL_DOWN_ || k->code == KEY_DRAG_ ||
	    k->code == KEY_RELEASE_)
		return panes_mouse(a, k);
	if (a->focus == FOCUS_VIEW)
		return pane_view_key(a, k);
	if (a->focus == FOCUS_THINK)
		return pane_think_key(a, k);
	if (a->focus == FOCUS_LIST)
		return pane_list_key(a, k);
	return pane_prompt_key(a, k);
}

/* What there is to know of the model is said once, where it stays. */
static void
on_loaded(struct app *a, const struct msg_loaded *l)
{
	model_loaded(&a->model, l);
	for (size_t i = 0; i < l->n_notes && !a->model.told; i++)
		app_note(a, a->cur, STYLE_NOTICE, "%s", l->notes[i]);
	a->model.told = true;
}

/* The generation or measuring that a message is about, or 0. */
static int64_t
about(const struct msg *m)
{
	switch (m->type) {
	case MSG_PROGRESS:
		return m->u.progress.id;
	case MSG_DELTA:
		return m->u.delta.id;
	case MSG_MEASURED:
		return m->u.measured.id;
	case MSG_LOOPING:
		return m->u.looping.id;
	case MSG_DONE:
		return m->u.done.id;
	case MSG_ERROR:
		return m->u.error.id;
	default:
		return 0;
	}
}

static void
on_cost(struct cost *c, const struct msg *m)
{
	c->id = 0;
	if (m->type != MSG_MEASURED)
		return;
	c->known = true;
	c->tokens = m->u.measured.tokens;
	c->cached = m->u.measured.cached;
	c->context = m->u.measured.context;
	free(c->ends);
	c->n_ends = m->u.measured.n_ends;
	c->ends = xcalloc(c->n_ends + 1, sizeof(*c->ends));
	for (size_t i = 0; i < c->n_ends; i++)
		c->ends[i] = m->u.measured.ends[i];
}

/* The model could not be loaded: nobody gets an answer. */
static void
on_no_model(struct app *a, const struct msg *m)
{
	bool told = false;

	a->model.loading = false;
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i]) {
			session_message(a, a->run[i], m);
			told = true;
		}
	if (!told)
		app_note(a, a->cur, STYLE_ERROR, "%s", m->u.error.text);
}

static unsigned
on_message(struct app *a, const struct msg *m)
{
	int64_t id = about(m);

	if (m->type == MSG_LOADED) {
		on_loaded(a, &m->u.loaded);
		return REACT_DRAW;
	}
	if (m->type == MSG_PROGRESS && m->u.progress.what == PROGRESS_LOAD) {
		if (m->u.progress.total > 0)
			a->model.percent = (int)(100 * m->u.progress.done /
			    m->u.progress.total);
		return REACT_DRAW;
	}
	if (m->type == MSG_ERROR && id == 0) {
		on_no_model(a, m);
		return REACT_DRAW;
	}
	if (id == 0)
		return 0;
	if (id == a->cost.id || id == a->map.id) {
		on_cost(id == a->cost.id ? &a->cost : &a->map, m);
		return REACT_DRAW;
	}
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i] && a->run[i]->id == id) {
			session_message(a, a->run[i], m);
			return REACT_DRAW;
		}
	return 0;	/* late words of an answer that was stopped */
}

static void
session_lost(struct app *a, struct session *s)
{
	bool empty = session_empty(s);

	session_end(a, s, DONE_LOST);
	if (empty)
		session_take_back(a, s);
	if (app_shown(a, s))
		return;
	app_notice(a, STYLE_ERROR, _("The worker died while answering “%s”"),
	    s->convo->title);
	session_free(a, s);
}

static unsigned
on_lost(struct app *a, const char *why)
{
	const char *kept = "";

	a->model.loading = a->model.loaded = false;
	a->context_used = 0;
	a->cost.id = a->map.id = 0;
	for (int i = 0; i < RUNS_MAX; i++) {
		a->slot_of[i] = NULL;
		if (a->run[i] && !session_empty(a->run[i]))
			kept = _(" The text so far is kept.");
	}
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i])
			session_lost(a, a->run[i]);
	app_note(a, a->cur, STYLE_ERROR, _("T%s.%s Your next message starts a "
	    "new worker."), *why == 't' ? why + 1 : "he worker is gone",
	    kept);
	return REACT_DRAW;
}

static unsigned
on_tick(struct app *a)
{
	a->last_tick = a->now;
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i])
			session_tick(a, a->run[i]);
	if (a->notice && a->now >= a->notice_until) {
		notice_clear(a);
		a->armed = false;
	}
	return REACT_DRAW;
}

unsigned
app_event(struct app *a, const struct ui_event *ev)
{
	unsigned r;

	a->now = ev->now;
	switch (ev->type) {
	case UI_KEY:
		r = on_key(a, ev->key);
		message_watch(a);
		return r;
	case UI_MSG:
		return on_message(a, ev->msg);
	case UI_LOST:
		return on_lost(a, ev->why);
	case UI_RESIZE:
		a->w = ev->w;
		a->h = ev->h;
		return REACT_DRAW | REACT_REDRAW;
	case UI_TICK:
		return on_tick(a);
	}
	return 0;
}

int64_t
app_deadline(const struct app *a)
{
	int64_t busy = app_busy(a) ? a->last_tick + TICK_MS : -1;
	int64_t notice = a->notice && a->notice_until != INT64_MAX ?
	    a->notice_until : -1;

	if (busy < 0 || notice < 0)
		return busy > notice ? busy : notice;
	return busy < notice ? busy : notice;
}

/* ---- frame ---- */

void
app_draw(struct app *a, struct grid *g)
{
	panes_place(a);
	grid_fill(g, (struct rect){ 0, 0, g->w, g->h }, STYLE_TEXT);
	g->cx = -1;
	if (a->page.fill)
		page_draw(a, g);
	else
		panes_draw(a, g);
	pane_queue_draw(a, g);
	pane_status_draw(a, g);
	pane_rule_draw(a, g);
	pane_prompt_draw(a, g);
	if (a->pick)
		pick_draw(a, g);
}

const char *
app_title(const struct app *a)
{
	return a->cur->convo->title[0] ? a->cur->convo->title : "fikr";
}

void
app_init(struct app *a, const struct conf *conf, const char *model,
    const char *dir, const char *open, struct app_port port, int64_t now)
{
	memset(a, 0, sizeof(*a));
	a->conf = conf;
	a->dir = dir;
	model_init(&a->model, model);
	keymap_init(&a->keys);
	a->port = port;
	a->now = now;
	a->background = -1;
	a->thinking = conf->thinking;
	a->budget = conf->budget;
	a->view = conf->view;
	a->list_pane = conf->list_pane;
	panes_init(a);
	app_list_refresh(a);
	if (open)
		app_open(a, open);
	if (!a->cur)
		a->cur = session_new(a);
	list_follow(a);
}

void
app_done(struct app *a)
{
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i] && !app_shown(a, a->run[i]))
			session_free(a, a->run[i]);
	session_free(a, a->other);
	session_free(a, a->cur);
	panes_done(a);
	convo_infos_free(a->list, a->n_list);
	model_done(&a->model);
	free(a->draft);
	free(a->clip);
	for (size_t i = 0; i < a->n_pastes; i++)
		free(a->pastes[i]);
	free(a->pastes);
	free(a->attached);
	page_close(a);
	free(a->cost.ends);
	free(a->map.ends);
	pick_close(a);
	keymap_done(&a->keys);
	free(a->notice);
	memset(a, 0, sizeof(*a));
}
