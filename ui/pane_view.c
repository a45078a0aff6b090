/* pane_view.c -- the transcript on the screen, and what a newcomer sees where
 * there is none yet. */
#include "pane.h"

#include <string.h>

#include "width.h"

struct lesson { const char *key, *what; };

static const struct lesson lessons[] = {
	{ "fikr", "a chat with a model on this computer;" },
	{ "", "nothing that you write leaves it" },
	{ "", "" },
	{ "Enter", "sends; Alt-Enter starts a new line" },
	{ "Esc", "stops an answer, keeping what came" },
	{ "Ctrl-T", "shows thinking in full, brief or folded" },
	{ "F1", "lists every key and command" },
};
#define N_LESSONS ((int)(sizeof(lessons) / sizeof(lessons[0])))
#define WELCOME_COLS 49
#define KEY_COLS 8

static void
draw_welcome(struct app *a, struct grid *g)
{
	const struct rect *r = &a->lay.view;
	int x, y, w = r->w - 2 < WELCOME_COLS ? r->w - 2 : WELCOME_COLS;

	if (w < 1)
		return;
	x = r->x + (r->w - w) / 2;
	y = r->y + (r->h > N_LESSONS ? (r->h - N_LESSONS) / 3 : 0);
	for (int i = 0; i < N_LESSONS && y + i < r->y + r->h; i++) {
		grid_puts(g, x, y + i, w, lessons[i].key, i == 0 ?
		    STYLE_ACCENT : STYLE_KEY);
		grid_puts(g, x + KEY_COLS, y + i, w - KEY_COLS,
		    lessons[i].what, i < 2 ? STYLE_TEXT : STYLE_DIM);
	}
}

void
pane_view_draw(struct app *a, struct grid *g)
{
	if (transcript_empty(&a->cur->view))
		draw_welcome(a, g);
	else
		transcript_draw(&a->cur->view, g, a->lay.view,
		    a->focus == FOCUS_VIEW, a->now);
}

unsigned
pane_view_fold(struct app *a, int view)
{
	struct turn *t = transcript_fold(&a->cur->view, view);

	if (t)
		session_save_fold(a, a->cur, t);
	return REACT_DRAW;
}

static unsigned
fold_command(struct app *a, uint32_t ch)
{
	switch (ch) {
	case 'a':
		return pane_view_fold(a, -1);
	case 'o':
		return pane_view_fold(a, VIEW_FULL);
	case 'c':
		return pane_view_fold(a, VIEW_HIDDEN);
	default:
		return REACT_DRAW;
	}
}

void
pane_view_line(struct app *a, int dir)
{
	struct transcript *t = &a->cur->view;

	/* Where all is in sight, lines have nothing to do: turns do. */
	if (t->total <= (size_t)t->height)
		transcript_jump(t, dir);
	else
		transcript_scroll(t, dir);
}

/* A click on a thought's header folds it; another gives the pane the focus. */
static void
click(struct app *a, int y)
{
	struct transcript *t = &a->cur->view;
	struct block *b = transcript_hit(t, y - a->lay.view.y);

	a->focus = FOCUS_VIEW;
	if (b && b->kind == BLOCK_THINK &&
	    t->top + (size_t)(y - a->lay.view.y) == b->offset)
		pane_view_fold(a, -1);
}

unsigned
pane_view_key(struct app *a, const struct key *k)
{
	struct transcript *t = &a->cur->view;

	if (a->fold_prefix) {
		a->fold_prefix = false;
		return k->code == KEY_CHAR ? fold_command(a, k->ch) :
		    REACT_DRAW;
	}
	switch (k->code) {
	case KEY_WHEEL_UP_:
		transcript_scroll(t, -3);
		break;
	case KEY_WHEEL_DOWN_:
		transcript_scroll(t, 3);
		break;
	case KEY_MOUSE_:
		click(a, k->y);
		break;
	case KEY_CHAR:
		a->fold_prefix = k->ch == 'z' && k->mod == 0;
		break;
	default:
		return 0;
	}
	return REACT_DRAW;
}
