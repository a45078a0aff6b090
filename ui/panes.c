/* panes.c -- the panes' places, the lines between them, and the mouse. */
#include "panes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "app.h"
#include "i18n.h"
#include "pane.h"
#include "width.h"
#include "ytree.h"
#include "ywrite.h"

#define FILE_MAX_BYTES 4096

static const char *const line_names[LINE_COUNT] = {
	[LINE_LIST] = "list-columns", [LINE_SPLIT] = "split-columns",
	[LINE_THINK] = "thinking-columns" };

void
panes_init(struct app *a)
{
	struct panes *p = &a->panes;

	p->drag = LINE_COUNT;
	p->think = a->conf->think_pane;
	transcript_init(&p->thought.t, VIEW_FULL);
	transcript_solo(&p->thought.t, NULL);
}

void
panes_done(struct app *a)
{
	pane_think_free(&a->panes.thought);
	free(a->panes.file);
}

/* ---- what is remembered ---- */

static void
take_bool(const struct ynode *y, const char *key, bool *to)
{
	int v;

	if (ynode_bool(ynode_get(y, key), &v) == 0)
		*to = v != 0;
}

void
panes_remember(struct app *a, const char *file)
{
	struct err err;
	struct ynode *y = ytree_load_file(file, FILE_MAX_BYTES, &err);
	int64_t v;

	free(a->panes.file);
	a->panes.file = xstrdup(file);
	if (!y)
		return;		/* there is none yet, or nothing to use */
	take_bool(y, "list", &a->list_pane);
	take_bool(y, "thinking", &a->panes.think);
	for (int i = 0; i < LINE_COUNT; i++)
		if (ynode_int(ynode_get(y, line_names[i]), &v) == 0 &&
		    v > 0 && v < 1000)
			a->panes.cols[i] = (int)v;
	ynode_free(y);
}

void
panes_save(struct app *a)
{
	struct buf b = { 0 };
	struct err err;
	struct ywriter *w;
	char *temp;
	int fd;
	bool ok = false;

	if (!a->panes.file)
		return;
	w = ywrite_new(&b);
	ywrite_word(w, "list", a->list_pane ? "true" : "false");
	ywrite_word(w, "thinking", a->panes.think ? "true" : "false");
	for (int i = 0; i < LINE_COUNT; i++)
		ywrite_int(w, line_names[i], a->panes.cols[i]);
	temp = xasprintf("%s.new", a->panes.file);
	if (ywrite_end(w, &err) == 0 && (fd = open(temp, O_WRONLY | O_CREAT |
	    O_TRUNC | O_CLOEXEC, 0600)) >= 0) {
		ok = write(fd, b.data, b.len) == (ssize_t)b.len;
		ok = close(fd) == 0 && ok;
	}
	/* Widths are no text of anybody's: a full disk costs nothing. */
	if (!ok || rename(temp, a->panes.file) != 0)
		unlink(temp);
	free(temp);
	buf_free(&b);
}

/* ---- places ---- */

static struct layout_want
wanted(const struct app *a)
{
	const struct panes *p = &a->panes;
	struct layout_want want = { .w = a->w, .h = a->h, .list = a->list_pane,
		.think = p->think, .split = a->other != NULL,
		.zoom = p->zoomed ? p->zoom : ZOOM_NONE };

	memcpy(want.cols, p->cols, sizeof(want.cols));
	want.prompt_rows = pane_prompt_rows(layout_prompt_cols(a->w));
	return want;
}

struct rect *
panes_view(struct app *a)
{
	return &a->lay.view[a->at_second && a->other &&
	    a->lay.view[1].w > 0];
}

/* Where the session beside is shown, or NULL. */
static struct rect *
other_view(struct app *a)
{
	struct rect *r = &a->lay.view[panes_view(a) == &a->lay.view[0]];

	return a->other && r->w > 0 ? r : NULL;
}

bool
panes_can_focus(const struct app *a, int focus)
{
	if (focus == FOCUS_LIST)
		return a->panes.zoomed ? a->list_pane : a->lay.list.w > 0;
	if (focus == FOCUS_THINK)
		return a->panes.zoomed ? a->panes.think : a->lay.think.w > 0;
	return true;
}

/* The zoom goes with the focus; the prompt keeps what there is. */
static void
zoom_follow(struct app *a)
{
	struct panes *p = &a->panes;

	if (!p->zoomed)
		return;
	if (a->focus == FOCUS_LIST)
		p->zoom = ZOOM_LIST;
	else if (a->focus == FOCUS_THINK)
		p->zoom = ZOOM_THINK;
	else if (a->focus == FOCUS_VIEW || (p->zoom != ZOOM_LIST &&
	    p->zoom != ZOOM_THINK))
		p->zoom = a->at_second && a->other ? ZOOM_SECOND : ZOOM_VIEW;
}

static void
place_transcript(struct app *a, struct session *s, const struct rect *r)
{
	transcript_set_away(&s->view, a->lay.think.w > 0);
	transcript_layout(&s->view, r->w, r->h);
}

void
panes_place(struct app *a)
{
	struct layout_want want;
	const struct rect *r;

	zoom_follow(a);
	want = wanted(a);
	layout_compute(&a->lay, &want);
	if (!panes_can_focus(a, a->focus))
		a->focus = FOCUS_PROMPT;
	pane_queue_place(a);
	r = panes_view(a);
	if (r->w > 0 || a->panes.zoomed == false)
		place_transcript(a, a->cur, r);
	r = other_view(a);
	if (r)
		place_transcript(a, a->other, r);
	pane_think_sync(a);
}

/* ---- drawing ---- */

static const char *
phase_word(const struct session *s)
{
	if (s->phase == PHASE_IDLE)
		return NULL;
	return s->phase == PHASE_READING ? _("reading") :
	    pane_phase_name(s->phase);
}

/* The name above one of two transcripts. */
static void
draw_name(struct app *a, struct grid *g, int i)
{
	struct rect r = a->lay.name[i];
	bool cur = panes_view(a) == &a->lay.view[i];
	const struct session *s = cur ? a->cur : a->other;
	const char *phase = s ? phase_word(s) : NULL;
	const char *title = s && s->convo->title[0] ? s->convo->title :
	    _("(untitled)");
	struct buf b = { 0 };

	if (!s || r.h == 0)
		return;
	/* Not by colour alone. */
	buf_puts(&b, cur ? "▸ " : "  ");
	text_safe(&b, title, strcspn(title, "\n"));
	if (phase)
		buf_printf(&b, " · %s", phase);
	grid_cut(g, r.x, r.y, r.w, b.data, b.len,
	    cur ? STYLE_FOCUS : STYLE_TITLE);
	buf_free(&b);
}

static void
draw_lines(const struct app *a, struct grid *g)
{
	for (int i = 0; i < LINE_COUNT; i++) {
		const struct rect *r = &a->lay.line[i];

		for (int y = 0; y < r->h; y++)
			grid_puts(g, r->x, r->y + y, 1, "│",
			    a->panes.drag == (enum layout_line)i ?
			    STYLE_FOCUS : STYLE_BORDER);
	}
}

void
panes_draw(struct app *a, struct grid *g)
{
	const struct rect *r = other_view(a);

	if (panes_view(a)->w > 0)
		pane_view_draw(a, g);
	if (r)
		transcript_draw(&a->other->view, g, *r, false, a->now);
	draw_name(a, g, 0);
	draw_name(a, g, 1);
	pane_list_draw(a, g);
	pane_think_draw(a, g);
	draw_lines(a, g);
}

/* ---- keys and the mouse ---- */

struct transcript *
panes_transcript(struct app *a)
{
	if (a->focus != FOCUS_THINK)
		return &a->cur->view;
	pane_think_sync(a);
	return &a->panes.thought.t;
}

int
panes_height(struct app *a)
{
	return a->focus == FOCUS_THINK ? a->lay.think.h : panes_view(a)->h;
}

/* As wide as that, or as there is room for. */
static void
move_line(struct app *a, enum layout_line line, int cols)
{
	struct layout_want want = wanted(a);

	want.cols[line] = cols;
	layout_compute(&a->lay, &want);
	a->panes.cols[line] = layout_cols(&a->lay, line);
}

void
panes_widen(struct app *a, int by)
{
	enum layout_line line = LINE_COUNT;

	if (a->focus == FOCUS_LIST)
		line = LINE_LIST;
	else if (a->focus == FOCUS_THINK)
		line = LINE_THINK;
	/* Of the chat: the first line there is. */
	for (int i = LINE_COUNT - 1; line == LINE_COUNT && i >= 0; i--)
		if (a->lay.line[i].w > 0)
			line = (enum layout_line)i;
	if (line == LINE_COUNT || a->lay.line[line].w == 0) {
		app_notice(a, STYLE_DIM, "%s",
		    _("There is no pane beside this one"));
		return;
	}
	/* The chat grows where what is beside it shrinks. */
	if ((a->focus == FOCUS_PROMPT || a->focus == FOCUS_VIEW) &&
	    line != LINE_SPLIT)
		by = -by;
	move_line(a, line, layout_cols(&a->lay, line) + by);
	panes_save(a);
}

static unsigned
drag(struct app *a, const struct key *k)
{
	struct layout_want want = wanted(a);

	if (a->panes.drag == LINE_COUNT)
		return 0;
	if (k->code == KEY_DRAG_)
		move_line(a, a->panes.drag, layout_cols_at(&a->lay, &want,
		    a->panes.drag, k->x));
	if (k->code == KEY_RELEASE_) {
		a->panes.drag = LINE_COUNT;
		panes_save(a);
	}
	return REACT_DRAW;
}

unsigned
panes_mouse(struct app *a, const struct key *k)
{
	const struct rect *other = other_view(a);

	if (k->code == KEY_DRAG_ || k->code == KEY_RELEASE_)
		return drag(a, k);
	a->panes.drag = LINE_COUNT;
	if (k->code == KEY_MOUSE_)
		a->panes.drag = layout_line_at(&a->lay, k->x, k->y);
	if (a->panes.drag != LINE_COUNT)
		return REACT_DRAW;
	if (rect_has(&a->lay.list, k->x, k->y))
		return pane_list_key(a, k);
	if (rect_has(&a->lay.think, k->x, k->y) ||
	    rect_has(&a->lay.think_name, k->x, k->y))
		return pane_think_key(a, k);
	if (other && rect_has(other, k->x, k->y)) {
		if (k->code == KEY_MOUSE_)
			app_switch(a);
		else
			transcript_scroll(&a->other->view,
			    k->code == KEY_WHEEL_UP_ ? -3 : 3);
		return REACT_DRAW;
	}
	if (k->code == KEY_MOUSE_ && !rect_has(panes_view(a), k->x, k->y)) {
		a->focus = FOCUS_PROMPT;
		return pane_prompt_key(a, k);
	}
	return pane_view_key(a, k);
}
