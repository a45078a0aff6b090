/* pane_list.c -- the conversations, newest change first. */
#include "pane.h"

#include <string.h>

#include "i18n.h"
#include "width.h"

const struct convo_info *
pane_list_at(const struct app *a)
{
	return a->list_at < a->n_list ? &a->list[a->list_at] : NULL;
}

static void
draw_title(struct grid *g, int x, int y, int w, const char *title,
    enum style st)
{
	struct buf b = { 0 };

	text_safe(&b, title, strcspn(title, "\n"));
	if (b.len > 0)
		grid_cut(g, x, y, w, b.data, b.len, st);
	buf_free(&b);
}

static void
scroll_to_cursor(struct app *a, int rows)
{
	if (a->list_at < a->list_top)
		a->list_top = a->list_at;
	if (rows > 0 && a->list_at >= a->list_top + rows)
		a->list_top = a->list_at - rows + 1;
	if (a->list_top > 0 && a->list_top + rows > a->n_list)
		a->list_top = a->n_list > rows ? a->n_list - rows : 0;
}

static void
draw_item(struct app *a, struct grid *g, int i, int y)
{
	const struct rect *r = &a->lay.list;
	const struct convo_info *c = &a->list[i];
	bool current = strcmp(c->id, a->cur->convo->id) == 0;
	const struct session *s = app_session(a, c->id);
	bool busy = s && s->live;
	bool selected = a->focus == FOCUS_LIST && i == a->list_at;
	enum style st = selected ? STYLE_LIST_SELECTED :
	    current ? STYLE_LIST_CURRENT : STYLE_LIST_ITEM;
	const char *title;

	grid_fill(g, (struct rect){ r->x, y, r->w, 1 }, st);
	/* Not by colour alone. */
	grid_puts(g, r->x + 1, y, 1, busy ? "•" : current ? "▸" : " ", st);
	/* What is open knows its title even if the disk was full. */
	title = current ? a->cur->convo->title : c->title;
	draw_title(g, r->x + 3, y, r->w - 4, *title ? title : _("(untitled)"),
	    st);
}

void
pane_list_draw(struct app *a, struct grid *g)
{
	const struct rect *r = &a->lay.list;
	int rows = r->h - 2;

	if (r->w == 0 || r->h == 0)
		return;
	grid_puts(g, r->x + 1, r->y, r->w - 1, _("Conversations"), STYLE_TITLE);
	scroll_to_cursor(a, rows);
	if (a->n_list == 0)
		grid_puts(g, r->x + 3, r->y + 2, r->w - 4, _("none yet"),
		    STYLE_DIM);
	for (int y = 0; y < rows && a->list_top + y < a->n_list; y++)
		draw_item(a, g, a->list_top + y, r->y + 2 + y);
}

void
pane_list_move(struct app *a, int by)
{
	a->list_at += by;
	if (a->list_at >= a->n_list)
		a->list_at = a->n_list - 1;
	if (a->list_at < 0)
		a->list_at = 0;
}

static void
click(struct app *a, int y)
{
	int i = a->list_top + y - a->lay.list.y - 2;

	if (y >= a->lay.list.y + 2 && i < a->n_list) {
		a->list_at = i;
		app_open(a, a->list[i].id);
	}
}

unsigned
pane_list_key(struct app *a, const struct key *k)
{
	switch (k->code) {
	case KEY_WHEEL_UP_:
		pane_list_move(a, -3);
		break;
	case KEY_WHEEL_DOWN_:
		pane_list_move(a, 3);
		break;
	case KEY_MOUSE_:
		click(a, k->y);
		break;
	default:
		return 0;
	}
	return REACT_DRAW;
}
