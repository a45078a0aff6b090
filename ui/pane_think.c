/* pane_think.c -- the thought of the answer at hand in a pane of its own, or
 * the outline of it. */
#include <string.h>

#include "app.h"
#include "i18n.h"
#include "pane.h"
#include "transcript_priv.h"
#include "width.h"

void
pane_think_free(struct think_pane *p)
{
	transcript_done(&p->t);
	outline_free(&p->outline);
}

static bool
shows(const struct think_pane *p, const struct app *a, const struct turn *turn)
{
	return p->turn == turn && (!turn || (p->id == turn->id &&
	    strcmp(p->convo, a->cur->convo->id) == 0));
}

/* Another turn: what streams is followed, what is there is read from its
 * beginning. */
static void
show(struct app *a, struct turn *turn)
{
	struct think_pane *p = &a->panes.thought;

	p->turn = turn;
	p->id = turn ? turn->id : 0;
	memcpy(p->convo, a->cur->convo->id, sizeof(p->convo));
	outline_free(&p->outline);
	p->at = p->top = 0;
	transcript_solo(&p->t, turn);
	transcript_layout(&p->t, a->lay.think.w, a->lay.think.h);
	if (turn && turn != a->cur->live)
		transcript_top(&p->t);
}

void
pane_think_sync(struct app *a)
{
	struct think_pane *p = &a->panes.thought;
	struct turn *turn = a->lay.think.w > 0 ?
	    transcript_turn(&a->cur->view) : NULL;
	size_t n = 0;
	const char *s;

	if (!shows(p, a, turn))
		show(a, turn);
	if (a->lay.think.w == 0)
		return;
	p->t.live = a->cur->live;
	transcript_layout(&p->t, a->lay.think.w, a->lay.think.h);
	if (p->t.n == 0)
		return;
	s = block_text(&p->t, &p->t.v[0], &n);
	outline_update(&p->outline, s, n);
}

static void
draw_title(struct app *a, struct grid *g)
{
	const struct think_pane *p = &a->panes.thought;
	struct rect r = a->lay.think_name;
	bool focus = a->focus == FOCUS_THINK;
	struct buf b = { 0 };

	if (r.h == 0)
		return;
	buf_puts(&b, focus ? "▸ " : "  ");
	if (p->turn && p->turn->thinking.len > 0) {
		thinking_label(&b, p->turn, p->turn == a->cur->live, a->now);
		transcript_put_budget(&a->cur->view, p->turn, &b, a->now);
	} else {
		buf_puts(&b, _("Thinking"));
	}
	grid_cut(g, r.x, r.y, r.w, b.data, b.len,
	    focus ? STYLE_FOCUS : STYLE_THINKING_HEAD);
	buf_free(&b);
}

static void
keep_cursor(struct think_pane *p, size_t h)
{
	if (p->at >= p->outline.n)
		p->at = p->outline.n ? p->outline.n - 1 : 0;
	if (p->at < p->top)
		p->top = p->at;
	if (h > 0 && p->at >= p->top + h)
		p->top = p->at - h + 1;
}

static void
draw_outline(struct app *a, struct grid *g)
{
	struct think_pane *p = &a->panes.thought;
	struct rect r = a->lay.think;
	struct buf b = { 0 };
	size_t n;
	const char *s = block_text(&p->t, &p->t.v[0], &n);

	keep_cursor(p, (size_t)r.h);
	for (int y = 0; y < r.h; y++) {
		size_t i = p->top + (size_t)y;
		enum style st = i == p->at ? STYLE_SELECTED : STYLE_THINKING;

		if (i >= p->outline.n)
			break;
		buf_clear(&b);
		buf_printf(&b, "%s%s ", i == p->at ? "▸" : " ",
		    section_mark(p->outline.v[i].kind));
		outline_label(&p->outline.v[i], s, n, &b);
		if (i == p->at)
			grid_fill(g, (struct rect){ r.x, r.y + y, r.w, 1 },
			    st);
		grid_cut(g, r.x, r.y + y, r.w, b.data, b.len, st);
	}
	buf_free(&b);
}

void
pane_think_draw(struct app *a, struct grid *g)
{
	struct think_pane *p = &a->panes.thought;
	struct rect r = a->lay.think;

	if (r.w <= 0)
		return;
	draw_title(a, g);
	if (!p->turn || p->turn->thinking.len == 0 || p->t.n == 0) {
		if (r.h > 0)
			grid_puts(g, r.x + 1, r.y, r.w - 1,
			    p->turn && p->turn == a->cur->live ?
			    _("No thought yet") : _("Nothing was thought here"),
			    STYLE_DIM);
		return;
	}
	if (p->list)
		draw_outline(a, g);
	else
		transcript_draw(&p->t, g, r, a->focus == FOCUS_THINK, a->now);
}

void
panes_find(struct app *a)
{
	const struct transcript *t = &a->cur->view;

	pane_think_sync(a);
	transcript_find_like(&a->panes.thought.t, t, t->find.some &&
	    t->v[t->find.block].kind == BLOCK_THINK);
	a->panes.thought.list &= !a->panes.thought.t.find.some;
}

/* ---- the outline ---- */

/* To a section of the thought, which begins the pane then. */
static void
go(struct think_pane *p, size_t i)
{
	if (i >= p->outline.n || p->t.n == 0)
		return;
	p->at = i;
	transcript_show(&p->t, 0, p->outline.v[i].from);
}

void
pane_think_outline(struct app *a)
{
	struct think_pane *p = &a->panes.thought;
	size_t block;

	if (a->lay.think.w == 0) {
		/* Where it would be shown is the pane. */
		a->panes.think = true;
		if (a->w < LAYOUT_SIDE_MIN + 1 + LAYOUT_VIEW_MIN)
			a->panes.zoomed = true;
		a->focus = FOCUS_THINK;
		a->panes.zoom = ZOOM_THINK;
		panes_place(a);
		p->list = false;
	}
	a->focus = FOCUS_THINK;
	pane_think_sync(a);
	if (p->outline.n == 0) {
		app_notice(a, STYLE_DIM, "%s",
		    _("This thought has no sections yet"));
		p->list = false;
		return;
	}
	p->list = !p->list;
	if (p->list)
		p->at = outline_at(&p->outline,
		    transcript_byte(&p->t, &block));
}

void
pane_think_move(struct app *a, int by)
{
	struct think_pane *p = &a->panes.thought;

	if (by < 0)
		p->at = p->at > (size_t)-by ? p->at - (size_t)-by : 0;
	else
		p->at += (size_t)by;
	keep_cursor(p, 0);
}

/* Where the sections of t's thought in block begin, from what is in sight. */
static void
step(struct transcript *t, size_t block, const struct outline *o, size_t at,
    int dir)
{
	size_t i = outline_at(o, at);

	if (dir > 0)
		i++;
	else if (i > 0 && o->v[i].from >= at)
		i--;
	if (i < o->n)
		transcript_show(t, block, o->v[i].from);
}

/* The thought that is read in the transcript: outlined for this one jump. */
static void
step_in_chat(struct app *a, int dir)
{
	struct transcript *t = &a->cur->view;
	struct outline o = { 0 };
	size_t block, at = transcript_byte(t, &block), n;
	const char *s;

	while (block < t->n && t->v[block].kind != BLOCK_THINK && dir > 0 &&
	    t->v[block].kind != BLOCK_ANSWER)
		block++;
	if (block >= t->n || t->v[block].kind != BLOCK_THINK) {
		app_notice(a, STYLE_DIM, "%s",
		    _("There is no thought in sight"));
		return;
	}
	s = block_text(t, &t->v[block], &n);
	outline_update(&o, s, n);
	if (o.n > 0)
		step(t, block, &o, at, dir);
	outline_free(&o);
}

void
pane_think_section(struct app *a, int dir)
{
	struct think_pane *p = &a->panes.thought;
	size_t block, at;

	if (a->lay.think.w == 0) {
		step_in_chat(a, dir);
		return;
	}
	pane_think_sync(a);
	if (p->outline.n == 0 || p->t.n == 0)
		return;
	at = transcript_byte(&p->t, &block);
	step(&p->t, 0, &p->outline, at, dir);
	p->at = outline_at(&p->outline, transcript_byte(&p->t, &block));
}

unsigned
pane_think_key(struct app *a, const struct key *k)
{
	struct think_pane *p = &a->panes.thought;
	int by = k->code == KEY_WHEEL_UP_ ? -3 : k->code == KEY_WHEEL_DOWN_ ?
	    3 : 0;

	pane_think_sync(a);
	if (by != 0 && p->list) {
		pane_think_move(a, by);
	} else if (by != 0) {
		transcript_scroll(&p->t, by);
	} else if (k->code == KEY_MOUSE_) {
		a->focus = FOCUS_THINK;
		if (p->list && k->y >= a->lay.think.y) {
			go(p, p->top + (size_t)(k->y - a->lay.think.y));
			p->list = false;
		}
	} else if (k->code == KEY_ENTER_ && p->list) {
		p->list = false;
		go(p, p->at);
	} else {
		return 0;
	}
	return REACT_DRAW;
}
