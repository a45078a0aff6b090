/* player.c -- playing: time that passes, seeking, and keys. */
#include "player.h"

#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "app_priv.h"
#include "editor.h"
#include "i18n.h"
#include "page.h"
#include "pane.h"

#define TICK_LEAST 33		/* ms: no more frames than are drawn */
#define TICK_MOST 250		/* for what turns and counts */
#define JUMP_MOST 2000		/* a longer tick is a machine that slept */
#define RATE_MS 500		/* after which a rate says something */

static const double speeds[] = { 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64 };
#define N_SPEEDS (sizeof(speeds) / sizeof(*speeds))

/* ---- what is shown ---- */

static enum phase
phase_of(const struct replay_step *s)
{
	switch (s->over ? REPLAY_PAUSE : s->phase) {
	case REPLAY_WAITING:
		return PHASE_WAITING;
	case REPLAY_THINKING:
		return PHASE_THINKING;
	case REPLAY_ANSWERING:
		return PHASE_ANSWERING;
	default:
		return PHASE_IDLE;
	}
}

/* The answer that a step is of, or leads to; else the last one before. */
static const struct turn *
answer_at(const struct replay *r, const struct replay_step *s)
{
	size_t i = s->turn;

	if (r->turns[i]->role != ROLE_ASSISTANT && i + 1 < r->n)
		i++;
	while (i > 0 && r->turns[i]->role != ROLE_ASSISTANT)
		i--;
	return r->turns[i];
}

/* What the status line says of the model. */
static void
show_model(struct player *p, const struct replay_step *s)
{
	struct app *a = p->app;
	const struct turn *t = answer_at(&p->line, s);
	const char *name = t->model ? t->model : "";
	int64_t ms = t->t_first > 0 && s->when > t->t_first ?
	    s->when - t->t_first : 0;
	uint32_t n = s->n_thinking + s->n_text;

	if (!a->model.name || strcmp(a->model.name, name) != 0) {
		free(a->model.name);
		a->model.name = xstrdup(name);
	}
	a->model.context = t->run.context;
	a->context_used = t->prompt_tokens + (int)n;
	a->rate = ms >= RATE_MS ? n * 1000.0 / (double)ms : 0;
}

/* The thought beside the chat is put out anew. */
static void
forget_thought(struct app *a)
{
	transcript_solo(&a->panes.thought.t, NULL);
	a->panes.thought.turn = NULL;
}

static void
show(struct player *p)
{
	size_t i = replay_find(&p->line, (int64_t)p->at);
	const struct replay_step *s = &p->line.v[i];
	struct session *cur = p->app->cur;
	const char *typed;

	p->app->now = replay_when(&p->line, (int64_t)p->at);
	if (i == p->shown.step)
		return;
	if (replay_show(&p->shown, &p->line, i)) {
		transcript_load(&cur->view, cur->convo);
		forget_thought(p->app);
	}
	cur->live = (struct turn *)p->shown.live;
	cur->view.live = p->shown.live;
	cur->phase = phase_of(s);
	show_model(p, s);
	typed = p->shown.typed.data ? p->shown.typed.data : "";
	if (strcmp(editor_text(), typed) != 0)
		editor_set(typed);
}

/* ---- the screen it is played on ---- */

static bool
no_worker(void *ud)
{
	(void)ud;
	return false;
}

/* The same screen, with another conversation on it, and nothing of its own to
 * save or to answer. */
static struct app *
screen_new(const struct app *a)
{
	struct app *s = xmalloc(sizeof(*s));

	*s = *a;
	s->player = NULL;
	s->played = true;
	s->port = (struct app_port){ .alive = no_worker };
	s->model = (struct model_state){ .loaded = true };
	s->other = NULL;
	s->at_second = false;
	memset(s->run, 0, sizeof(s->run));
	memset(s->slot_of, 0, sizeof(s->slot_of));
	s->unsaved = NULL;
	s->n_unsaved = 0;
	memset(&s->stats, 0, sizeof(s->stats));
	memset(&s->cost, 0, sizeof(s->cost));
	memset(&s->map, 0, sizeof(s->map));
	s->panes.file = NULL;
	memset(&s->panes.thought, 0, sizeof(s->panes.thought));
	transcript_init(&s->panes.thought.t, VIEW_FULL);
	transcript_solo(&s->panes.thought.t, NULL);
	s->pick = NULL;
	s->search = NULL;
	s->mode = MODE_CHAT;
	s->focus = FOCUS_PROMPT;
	s->draft = s->clip = s->attached = s->notice = NULL;
	s->pastes = NULL;
	s->n_pastes = 0;
	memset(&s->page, 0, sizeof(s->page));
	s->cur = session_new(s);
	return s;
}

static void
screen_free(struct app *s)
{
	s->cur->live = NULL;
	session_free(s, s->cur);
	pane_think_free(&s->panes.thought);
	page_close(s);
	model_done(&s->model);
	free(s);
}

int
player_open(struct app *a, const struct convo *c,
    const struct replay_how *how, struct err *err)
{
	struct player *p = xcalloc(1, sizeof(*p));
	int64_t from;

	p->convo = replay_copy(c);
	replay_init(&p->line, p->convo, how->gaps);
	from = replay_from(&p->line, how->message, how->from, err);
	if (p->line.n_steps == 0)
		from = err_set(err, "there is nothing in this conversation "
		    "that could be played");
	if (from < 0) {
		replay_done(&p->line);
		convo_free(p->convo);
		free(p);
		return -1;
	}
	replay_show_init(&p->shown, p->convo);
	p->speed = how->speed > 0 ? how->speed : 1;
	p->draft = xstrdup(editor_text());
	p->point = editor_point();
	p->ticked = a->now;
	p->app = screen_new(a);
	convo_free(p->app->cur->convo);
	p->app->cur->convo = p->shown.c;
	p->at = (double)from;
	editor_set("");
	show(p);
	a->player = p;
	return 0;
}

void
player_begin(struct app *a, const struct convo *c,
    const struct replay_how *how)
{
	struct err err;

	if (player_open(a, c, how, &err) < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return;
	}
	a->player->alone = true;
	/* What was to be told at the start would be behind it. */
	for (size_t i = 0; i < a->cur->view.n; i++)
		if (a->cur->view.v[i].kind == BLOCK_NOTE)
			app_notice(a, STYLE_NOTICE, "%s",
			    a->cur->view.v[i].note);
}

void
player_close(struct app *a)
{
	struct player *p = a->player;

	if (!p)
		return;
	a->player = NULL;
	editor_set(p->draft);
	editor_move(p->point);
	screen_free(p->app);
	p->shown.c = NULL;	/* it was the session's */
	replay_show_done(&p->shown);
	replay_done(&p->line);
	convo_free(p->convo);
	free(p->draft);
	free(p);
}

/* ---- time ---- */

bool
player_over(const struct player *p)
{
	return p->at >= (double)p->line.length;
}

void
player_seek(struct app *a, double at)
{
	struct player *p = a->player;
	double most = (double)p->line.length;

	p->at = at < 0 ? 0 : at > most ? most : at;
	p->ticked = a->now;
	show(p);
}

void
player_pause(struct app *a)
{
	struct player *p = a->player;

	if (player_over(p)) {
		p->paused = false;
		player_seek(a, 0);
		return;
	}
	p->paused = !p->paused;
	p->ticked = a->now;
}

void
player_speed(struct app *a, int dir)
{
	struct player *p = a->player;
	size_t i;

	if (dir > 0) {
		for (i = 0; i + 1 < N_SPEEDS && speeds[i] <= p->speed; i++)
			;
	} else {
		for (i = N_SPEEDS - 1; i > 0 && speeds[i] >= p->speed; i--)
			;
	}
	p->speed = speeds[i];
}

void
player_tick(struct app *a)
{
	struct player *p = a->player;
	int64_t ms = a->now - p->ticked;

	p->ticked = a->now;
	if (p->paused || ms <= 0 || player_over(p))
		return;
	if (ms > JUMP_MOST)
		ms = JUMP_MOST;
	p->at += (double)ms * p->speed;
	if (player_over(p))
		p->at = (double)p->line.length;
	show(p);
}

int64_t
player_deadline(const struct app *a)
{
	const struct player *p = a->player;
	size_t next = p->shown.step + 1;
	double ms = TICK_MOST;

	if (p->paused || player_over(p))
		return -1;
	if (next < p->line.n_steps)
		ms = ((double)p->line.v[next].at - p->at) / p->speed + 1;
	ms = ms < TICK_LEAST ? TICK_LEAST : ms > TICK_MOST ? TICK_MOST : ms;
	return p->ticked + (int64_t)ms;
}

/* ---- keys ---- */

/* Scrolling and folding; what is beside the conversation is not played on. */
static unsigned
mouse(struct app *s, const struct key *k)
{
	unsigned r = 0;

	if (rect_has(panes_view(s), k->x, k->y) ||
	    rect_has(&s->lay.think, k->x, k->y))
		r = panes_mouse(s, k);
	s->focus = FOCUS_PROMPT;
	return r;
}

static bool
is_mouse(const struct key *k)
{
	return k->code == KEY_MOUSE_ || k->code == KEY_DRAG_ ||
	    k->code == KEY_RELEASE_ || k->code == KEY_WHEEL_UP_ ||
	    k->code == KEY_WHEEL_DOWN_;
}

unsigned
player_key(struct app *a, const struct key *k)
{
	struct app *s = a->player->app;
	const struct action *act;
	enum keymap_found found;
	unsigned r;

	if (s->page.fill && k->code != KEY_F_ && !(k->mod & MOD_ALT))
		return page_key(s, k);
	if (is_mouse(k))
		return mouse(s, k);
	found = keymap_key(&a->keys, k, IN_REPLAY, &act);
	if (found != KEYMAP_ACTION)
		return found == KEYMAP_MORE ? REACT_DRAW : 0;
	if (act->where == IN_REPLAY)
		return act->fn(a, "") | REACT_DRAW;
	r = act->fn(s, "");
	s->focus = FOCUS_PROMPT;
	a->mouse = s->mouse;
	if (s->notice)
		app_notice(a, s->notice_style, "%s", s->notice);
	app_notice_clear(s);
	return r | REACT_DRAW;
}

/* ---- the prompt behind it ---- */

const char *
player_prompt(const struct app *a)
{
	return a->player ? a->player->draft : editor_text();
}

void
player_prompt_set(struct app *a, const char *text)
{
	if (!a->player) {
		editor_set(text);
		return;
	}
	free(a->player->draft);
	a->player->draft = xstrdup(text);
	a->player->point = strlen(text);
}
