/* pane_view.c -- the transcript on the screen, and what a newcomer sees where
 * there is none yet. */
#include "pane.h"

#include <string.h>

#include "i18n.h"
#include "width.h"

struct lesson { const char *key, *what; };

static const struct lesson lessons[] = {
	{ "fikr", N_("a chat with a model on this computer;") },
	{ "", N_("nothing that you write leaves it") },
	{ "", "" },
	{ "Enter", N_("sends; Alt-Enter starts a new line") },
	{ "Esc", N_("stops an answer, keeping what came") },
	{ "Ctrl-T", N_("shows thinking in full, brief or folded") },
	{ "F1", N_("lists every key and command") },
};
#define N_LESSONS ((int)(sizeof(lessons) / sizeof(lessons[0])))
#define WELCOME_COLS 47
/* On a narrow screen. */
static const struct lesson brief[] = {
	{ "Enter", N_("sends") }, { "Esc", N_("stops") },
	{ "Ctrl-T", N_("thinking") }, { "F1", N_("help") },
};
#define N_BRIEF ((int)(sizeof(brief) / sizeof(brief[0])))
#define BRIEF_COLS 16
#define KEY_COLS 8

static void
draw_lessons(const struct rect *r, struct grid *g, const struct lesson *v,
    int n, int w)
{
	int x, y = r->y + (r->h > n ? (r->h - n) / 3 : 0);

	w = w < r->w ? w : r->w;
	x = r->x + (r->w - w) / 2;
	for (int i = 0; i < n && y + i < r->y + r->h; i++) {
		const char *shown = *v[i].what ? _(v[i].what) : "";

		grid_puts(g, x, y + i, w, v[i].key, STYLE_KEY);
		grid_puts(g, x + KEY_COLS, y + i, w - KEY_COLS, shown,
		    v == lessons && i < 2 ? STYLE_TEXT : STYLE_DIM);
	}
}

static void
draw_welcome(const struct app *a, struct grid *g)
{
	const struct rect *r = panes_view((struct app *)a);

	if (r->w >= WELCOME_COLS && r->h >= N_LESSONS)
		draw_lessons(r, g, lessons, N_LESSONS, WELCOME_COLS);
	else
		draw_lessons(r, g, brief, N_BRIEF, BRIEF_COLS);
}

void
pane_view_draw(struct app *a, struct grid *g)
{
	if (transcript_empty(&a->cur->view))
		draw_welcome(a, g);
	else
		transcript_draw(&a->cur->view, g, *panes_view(a),
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

	a->focus = FOCUS_VIEW;
	y -= panes_view(a)->y;
	if (transcript_hit(t, y) && transcript_is_head(t, y))
		pane_view_fold(a, -1);
}

unsigned
pane_view_key(struct app *a, const struct key *k)
{
	struct transcript *t = &a->cur->view;

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
	default:
		return 0;
	}
	return REACT_DRAW;
}
