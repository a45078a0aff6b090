/* pane_list.c -- the conversations: pinned ones, then by day. */
#include "pane.h"

#include <string.h>

#include "i18n.h"
#include "trash.h"
#include "utf8.h"
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

/* Rows from the top to the cursor, with the groups that begin there; the first
 * row is the top's own group, which does not scroll away. */
static void
scroll_to_cursor(struct app *a, int rows)
{
	int last = a->n_list - 1;

	if (a->list_at < a->list_top)
		a->list_top = a->list_at;
	if (rows > 0 && a->list_at - a->list_top >= rows)
		a->list_top = a->list_at - rows + 1;
	while (a->list_top < a->list_at && a->list_at - a->list_top +
	    list_view_heads(a, a->list_top, a->list_at) >= rows)
		a->list_top++;
	/* No room is left below while there are more above. */
	if (a->list_top > 0 && a->n_list - a->list_top < rows)
		a->list_top = a->n_list > rows ? a->n_list - rows : 0;
	while (a->list_top < a->list_at && last - a->list_top +
	    list_view_heads(a, a->list_top, last) >= rows)
		a->list_top++;
}

/* What is beside the title: how many messages, or days. */
static void
side_text(const struct app *a, const struct convo_info *c, struct buf *out)
{
	int days = trash_days_left(c, a->now);

	if (a->lists.what == LIST_TRASH)
		buf_printf(out, ngettext("%d day", "%d days",
		    (unsigned long)days), days);
	else if (c->turns > 0)
		buf_printf(out, "%d", c->turns);
}

static enum style
item_style(const struct app *a, int i, bool current)
{
	if (a->focus == FOCUS_LIST && i == a->list_at)
		return STYLE_LIST_SELECTED;
	return current ? STYLE_LIST_CURRENT : STYLE_LIST_ITEM;
}

static void
draw_item(struct app *a, struct grid *g, int i, int y)
{
	const struct rect *r = &a->lay.list;
	const struct convo_info *c = &a->list[i];
	bool current = strcmp(c->id, a->cur->convo->id) == 0;
	const struct session *s = app_session(a, c->id);
	enum style st = item_style(a, i, current);
	struct buf side = { 0 };
	const char *title;
	int w = r->w - 4;

	grid_fill(g, (struct rect){ r->x, y, r->w, 1 }, st);
	/* Not by colour alone. */
	grid_puts(g, r->x + 1, y, 1, s && s->live ? "•" : current ? "▸" : " ",
	    st);
	if (c->pinned)
		grid_puts(g, r->x + 2, y, 1, "◆", st);
	side_text(a, c, &side);
	if (side.len > 0 && w > 12 + (int)side.len) {
		w -= (int)side.len + 1;
		grid_puts(g, r->x + 3 + w + 1, y, (int)side.len, side.data,
		    st);
	}
	buf_free(&side);
	/* What is open knows its title even if the disk was full. */
	title = current ? a->cur->convo->title : c->title;
	draw_title(g, r->x + 3, y, w, *title ? title : _("(untitled)"), st);
}

/* "Conversations", or what is shown instead. */
static void
draw_head(const struct app *a, struct grid *g)
{
	const struct rect *r = &a->lay.list;
	const struct list_view *l = &a->lists;
	struct buf b = { 0 };

	buf_puts(&b, l->what == LIST_TRASH ? _("Trash") :
	    l->what == LIST_ARCHIVE ? _("Archive") : _("Conversations"));
	if (l->typing || l->typed.len > 0) {
		buf_clear(&b);
		buf_printf(&b, "/%s%s", l->typed.len ? l->typed.data : "",
		    l->typing ? "_" : "");
	}
	if (l->tag)
		buf_printf(&b, " · %s", l->tag);
	draw_title(g, r->x + 1, r->y, r->w - 1, b.data, STYLE_TITLE);
	buf_free(&b);
}

static void
draw_group(const struct app *a, struct grid *g, const struct list_group *p,
    int y)
{
	if (p)
		draw_title(g, a->lay.list.x + 1, y, a->lay.list.w - 1,
		    p->name, STYLE_DIM);
}

/* Which item is in a row below the first group: its index; -1 for a group's
 * name and what is below all. */
static int
item_at(const struct app *a, int row)
{
	int i = a->list_top;

	while (i < a->n_list && row > 0) {
		i++;
		row -= 1 + list_view_heads(a, i - 1, i);
	}
	return row == 0 && i < a->n_list ? i : -1;
}

static void
draw_items(struct app *a, struct grid *g, int rows)
{
	int y = a->lay.list.y + 2, end = y + rows;

	draw_group(a, g, list_view_group(a, a->list_top), y - 1);
	for (int i = a->list_top; i < a->n_list && y < end; i++) {
		if (i > a->list_top && list_view_heads(a, i - 1, i) > 0)
			draw_group(a, g, list_view_group(a, i), y++);
		if (y < end)
			draw_item(a, g, i, y++);
	}
}

void
pane_list_draw(struct app *a, struct grid *g)
{
	const struct rect *r = &a->lay.list;
	int rows = r->h - 2;

	if (r->w == 0 || r->h == 0)
		return;
	if (!a->played && a->now >= a->lists.until)
		list_view_make(a);	/* another day */
	draw_head(a, g);
	scroll_to_cursor(a, rows);
	if (a->n_list == 0)
		grid_puts(g, r->x + 3, r->y + 2, r->w - 4,
		    list_view_sifted(a) ? _("none of these") : _("none yet"),
		    STYLE_DIM);
	if (rows > 0)
		draw_items(a, g, rows);
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
	int i = y < a->lay.list.y + 2 ? -1 :
	    item_at(a, y - a->lay.list.y - 2);

	if (i < 0)
		return;
	a->list_at = i;
	if (a->lists.what != LIST_TRASH)
		app_open(a, a->list[i].id);
}

/* The letters of a title; arrows and Enter go through what is left. */
bool
pane_list_type(struct app *a, const struct key *k)
{
	struct list_view *l = &a->lists;
	char utf8[4];

	if (k->code == KEY_CHAR && k->mod == 0) {
		list_view_type(a, utf8, (size_t)utf8_encode(k->ch, utf8));
		a->list_at = a->list_top = 0;
		return true;
	}
	switch (k->code) {
	case KEY_BACKSPACE_:
		utf8_chop(&l->typed);
		list_view_make(a);
		return true;
	case KEY_ESC_:
		list_view_clear(a);
		return true;
	case KEY_ENTER_:
		l->typing = false;
		return false;
	default:
		return false;
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
