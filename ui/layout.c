/* layout.c -- rectangles for the panes; what matters most to somebody who is
 * typing survives longest as the screen shrinks: the prompt, then the
 * transcript, the status, the rule, the second transcript, the thinking, the
 * list. */
#include "layout.h"

#include <string.h>

#define PROMPT_MARK_COLS 2
#define RULE_MIN_ROWS 6
#define NAME_MIN_ROWS 4
#define THINK_COLS_MIN 30
#define THINK_COLS_MAX 80

static int
clamp(int v, int lo, int hi)
{
	if (v > hi)
		v = hi;
	return v < lo ? lo : v;
}

bool
rect_has(const struct rect *r, int x, int y)
{
	return x >= r->x && x < r->x + r->w && y >= r->y && y < r->y + r->h;
}

int
layout_prompt_cols(int w)
{
	int cols = w - PROMPT_MARK_COLS;

	if (w >= 40)
		cols -= 2;	/* the margins of the transcript */
	return cols < 1 ? 1 : cols;
}

static int
side_cols(const struct layout_want *want, enum layout_line line)
{
	int w = want->w;

	if (want->cols[line] > 0)
		return clamp(want->cols[line], LAYOUT_SIDE_MIN, w);
	return line == LINE_LIST ?
	    clamp(w / 4, LAYOUT_LIST_COLS, LAYOUT_LIST_MORE) :
	    clamp(w * 2 / 5, THINK_COLS_MIN, THINK_COLS_MAX);
}

/* Columns of the list and of the thinking, with their lines; what the chats
 * need is theirs, and panes that would be too narrow go. */
static void
sides(const struct layout_want *want, int *list, int *think, bool *split)
{
	int need, room;

	*split = want->split;
	*list = want->list ? side_cols(want, LINE_LIST) + 1 : 0;
	*think = want->think ? side_cols(want, LINE_THINK) + 1 : 0;
	need = *split ? LAYOUT_SPLIT_MIN : LAYOUT_VIEW_MIN;
	/* First narrower, then away. */
	room = want->w - need - *list;
	if (*think > room)
		*think = room > THINK_COLS_MIN ? room : *think ?
		    THINK_COLS_MIN + 1 : 0;
	room = want->w - need - *think;
	if (*list > room)
		*list = room > LAYOUT_LIST_COLS ? room : 0;
	room = want->w - need - *list;
	if (*think > room)
		*think = room > LAYOUT_SIDE_MIN ? room : 0;
	if (*split && want->w - *list - *think < LAYOUT_SPLIT_MIN)
		*split = false;
}

static void
put_views(struct layout *l, const struct layout_want *want, struct rect r,
    bool split)
{
	int cols = want->cols[LINE_SPLIT];

	l->view[0] = r;
	if (!split)
		return;
	cols = clamp(cols > 0 ? cols : (r.w - 1) / 2, LAYOUT_SIDE_MIN,
	    r.w - 1 - LAYOUT_SIDE_MIN);
	l->view[0].w = cols;
	l->line[LINE_SPLIT] = (struct rect){ r.x + cols, r.y, 1, r.h };
	l->view[1] = (struct rect){ r.x + cols + 1, r.y, r.w - cols - 1, r.h };
}

/* The first row of a pane becomes its name's. */
static void
cut_name(struct rect *pane, struct rect *name)
{
	if (pane->w == 0 || pane->h < NAME_MIN_ROWS)
		return;
	*name = *pane;
	name->h = 1;
	pane->y++;
	pane->h--;
}

static void
put_panes(struct layout *l, const struct layout_want *want, int w, int h)
{
	int list, think;
	bool split;

	sides(want, &list, &think, &split);
	if (list > 0) {
		l->list = (struct rect){ 0, 0, list - 1, h };
		l->line[LINE_LIST] = (struct rect){ list - 1, 0, 1, h };
	}
	if (think > 0) {
		l->line[LINE_THINK] = (struct rect){ w - think, 0, 1, h };
		l->think = (struct rect){ w - think + 1, 0, think - 1, h };
	}
	put_views(l, want, (struct rect){ list, 0, w - list - think, h },
	    split);
	for (int i = 0; split && i < 2; i++)
		cut_name(&l->view[i], &l->name[i]);
	cut_name(&l->think, &l->think_name);
}

static void
put_zoomed(struct layout *l, const struct layout_want *want, struct rect all)
{
	switch (want->zoom) {
	case ZOOM_LIST:
		l->list = all;
		break;
	case ZOOM_SECOND:
		l->view[1] = all;
		cut_name(&l->view[1], &l->name[1]);
		break;
	case ZOOM_THINK:
		l->think = all;
		cut_name(&l->think, &l->think_name);
		break;
	default:
		l->view[0] = all;
		if (want->split)
			cut_name(&l->view[0], &l->name[0]);
		break;
	}
}

void
layout_compute(struct layout *l, const struct layout_want *want)
{
	int w = want->w < 0 ? 0 : want->w, h = want->h < 0 ? 0 : want->h;
	int y, status, rule, prompt;

	memset(l, 0, sizeof(*l));
	status = h >= 2;
	rule = h >= RULE_MIN_ROWS;
	prompt = clamp(want->prompt_rows, 1, h / 3 > 1 ? h / 3 : 1);
	prompt = clamp(prompt, 0, h - status - rule);
	y = h - status - prompt - rule;
	if (y <= 0)
		l->view[0] = (struct rect){ 0, 0, w, y };
	else if (want->zoom != ZOOM_NONE)
		put_zoomed(l, want, (struct rect){ 0, 0, w, y });
	else
		put_panes(l, want, w, y);
	l->rule = (struct rect){ 0, y, w, rule };
	l->prompt = (struct rect){ 0, y + rule, w, prompt };
	l->status = (struct rect){ 0, h - status, w, status };
}

enum layout_line
layout_line_at(const struct layout *l, int x, int y)
{
	for (int i = 0; i < LINE_COUNT; i++)
		if (rect_has(&l->line[i], x, y))
			return (enum layout_line)i;
	return LINE_COUNT;
}

int
layout_cols(const struct layout *l, enum layout_line line)
{
	switch (line) {
	case LINE_LIST:
		return l->list.w;
	case LINE_SPLIT:
		return l->view[0].w;
	case LINE_THINK:
		return l->think.w;
	case LINE_COUNT:
		break;
	}
	return 0;
}

int
layout_cols_at(const struct layout *l, const struct layout_want *want,
    enum layout_line line, int x)
{
	int from, w = want->w;

	if (line == LINE_THINK)
		return clamp(w - 1 - x, LAYOUT_SIDE_MIN, w);
	from = line == LINE_LIST ? 0 : l->list.w > 0 ? l->list.w + 1 : 0;
	return clamp(x - from, LAYOUT_SIDE_MIN, w > 0 ? w : 1);
}
