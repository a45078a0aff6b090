/* app.c -- events in, state changed, frame out. */
#include "app.h"

#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app_priv.h"
#include "editor.h"
#include "i18n.h"
#include "message.h"
#include "pane.h"
#include "pick.h"
#include "search.h"
#include "player.h"

#define TICK_MS 250		/* while something streams */

static unsigned
open_nth(struct app *a, int n)
{
	if (n <= a->n_list)
		app_open(a, a->list[n - 1].id);
	else
		app_notice(a, STYLE_DIM, _("There is no conversation %d"), n);
	return REACT_DRAW;
}

/* The mouse where it would be if nothing was mirrored. */
static struct key
unmirrored(const struct app *a, const struct key *k)
{
	struct key in = *k;

	if (a->mirror && (k->code == KEY_MOUSE_ || k->code == KEY_DRAG_ ||
	    k->code == KEY_RELEASE_ || k->code == KEY_WHEEL_UP_ ||
	    k->code == KEY_WHEEL_DOWN_))
		in.x = a->w - 1 - k->x;
	return in;
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
	if (a->player) {
		app_notice_clear(a);
		return player_key(a, k);
	}
	if (a->mode == MODE_DELETE)
		return app_delete_key(a, k);
	a->was_armed = a->armed;
	a->armed = false;
	app_notice_clear(a);
	if (a->pick)
		return pick_key(a, k);
	if (a->mode == MODE_RENAME || a->mode == MODE_TAG)
		return app_rename_key(a, k);
	if (a->mode == MODE_EDIT && app_edit_key(a, k))
		return REACT_DRAW;
	if (a->focus == FOCUS_LIST && a->lists.typing &&
	    pane_list_type(a, k))
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
	stats_forget(a);
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
		model_progress(&a->model, &m->u.progress, a->now);
		return REACT_DRAW;
	}
	if (m->type == MSG_LIMITS) {
		stats_limits(a, &m->u.limits);
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
	if (id == a->titles.id) {
		titles_message(a, m);
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
	session_leave(a, s);
}

static unsigned
on_lost(struct app *a, const char *why)
{
	bool kept = false;
	char *first;

	a->model.loading = a->model.loaded = false;
	a->context_used = 0;
	a->cost.id = a->map.id = 0;
	titles_lost(a);
	for (int i = 0; i < RUNS_MAX; i++) {
		a->slot_of[i] = NULL;
		if (a->run[i] && !session_empty(a->run[i]))
			kept = true;
	}
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i])
			session_lost(a, a->run[i]);
	first = xstrdup(*why ? why : _("the worker is gone"));
	if (*first >= 'a' && *first <= 'z')
		*first -= 'a' - 'A';
	app_note(a, a->cur, STYLE_ERROR, kept ? _("%s. The text so far is "
	    "kept. Your next message starts a new worker.") : _("%s. Your next "
	    "message starts a new worker."), first);
	free(first);
	return REACT_DRAW;
}

static unsigned
on_tick(struct app *a)
{
	a->last_tick = a->now;
	sessions_tick(a);
	a->quit_unsaved = a->quit_unsaved && sessions_wait(a);
	if (a->notice && a->now >= a->notice_until) {
		app_notice_clear(a);
		a->armed = false;
	}
	titles_tick(a);
	if (a->player)
		player_tick(a);
	search_tick(a);
	return REACT_DRAW;
}

void
app_guard_history(const struct app *a)
{
	editor_private(a->cur->temporary || a->store->temporary ||
	    a->store->vault);
}

/* Not before all is saved, or the person knows that it cannot be. */
static bool
may_quit(struct app *a)
{
	struct err err;

	if (a->quit_unsaved || sessions_flush(a, false, &err) == 0)
		return true;
	a->quit_unsaved = a->armed = true;
	app_notice(a, STYLE_ERROR, _("%s. Quit again to lose what is not "
	    "saved"), err.text);
	return false;
}

unsigned
app_event(struct app *a, const struct ui_event *ev)
{
	struct key in;
	unsigned r;

	a->now = ev->now;
	/* A clock that was set back must not keep ticks from coming. */
	if (a->last_tick > a->now)
		a->last_tick = a->now;
	switch (ev->type) {
	case UI_KEY:
		titles_active(a);
		app_guard_history(a);
		in = unmirrored(a, ev->key);
		r = on_key(a, &in);
		if ((r & REACT_QUIT) && !may_quit(a))
			r = REACT_DRAW;
		if (!a->player)
			message_watch(a);
		return r;
	case UI_MSG:
		r = on_message(a, ev->msg);
		stats_ask(a);
		return r;
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

/* Of two deadlines, where -1 is none. */
static int64_t
sooner(int64_t x, int64_t y)
{
	if (x < 0 || y < 0)
		return x > y ? x : y;
	return x < y ? x : y;
}

int64_t
app_deadline(const struct app *a)
{
	int64_t busy = app_busy(a) || a->model.loading ?
	    a->last_tick + TICK_MS : sessions_wait(a) ?
	    a->last_tick + RETRY_MS : -1;
	int64_t notice = a->notice && a->notice_until != INT64_MAX ?
	    a->notice_until : -1;

	int64_t reading = search_due(a) < 0 ? -1 :
	    a->last_tick + search_due(a);

	return sooner(sooner(sooner(busy, notice), reading), a->player ?
	    player_deadline(a) : titles_deadline(a));
}

/* ---- frame ---- */

void
app_draw(struct app *a, struct grid *g)
{
	if (a->player) {
		player_draw(a, g);
		return;
	}
	a->mirror = g->mirror && g->bidi;
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
	if (a->player)
		return app_title(a->player->app);
	return a->cur->convo->title[0] ? a->cur->convo->title : "fikr";
}

/* NO_ANIMATIONS asks every program to keep still, whatever its value is. */
static bool
quiet_wanted(void)
{
	const char *s = getenv("NO_ANIMATIONS");

	return s && *s;
}

void
app_init(struct app *a, const struct conf *conf, const char *model,
    const struct store *store, const char *open, struct app_port port,
    int64_t now)
{
	memset(a, 0, sizeof(*a));
	a->conf = conf;
	a->store = store;
	model_init(&a->model, model);
	keymap_init(&a->keys);
	a->port = port;
	a->now = now;
	a->background = -1;
	a->thinking = conf->thinking;
	a->budget = conf->budget;
	a->budget_ms = conf->budget_time * 1000;
	a->view = conf->view;
	a->list_pane = conf->list_pane;
	a->animations = conf->animations && !quiet_wanted();
	panes_init(a);
	app_list_refresh(a);
	if (open)
		app_open(a, open);
	if (!a->cur)
		a->cur = session_new(a);
	app_list_follow(a);
}

int
app_finish(struct app *a, struct err *err)
{
	return sessions_flush(a, true, err);
}

void
app_done(struct app *a)
{
	player_close(a);
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i] && !app_shown(a, a->run[i]))
			session_free(a, a->run[i]);
	session_free(a, a->other);
	session_free(a, a->cur);
	for (size_t i = 0; i < a->n_unsaved; i++)
		session_free(a, a->unsaved[i]);
	free(a->unsaved);
	panes_done(a);
	list_view_done(a);
	model_done(&a->model);
	free(a->draft);
	free(a->clip);
	for (size_t i = 0; i < a->n_pastes; i++)
		free(a->pastes[i]);
	free(a->pastes);
	free(a->attached);
	page_close(a);
	stats_done(&a->stats);
	titles_done(&a->titles);
	free(a->cost.ends);
	free(a->map.ends);
	pick_close(a);
	search_free(a->search);
	keymap_done(&a->keys);
	free(a->notice);
	memset(a, 0, sizeof(*a));
}
