/* layout.c -- rectangles for the panes; what matters most to somebody who is
 * typing survives longest as the screen shrinks: the prompt, then the
 * transcript, the status, the rule, the list. */
#include "layout.h"

#include <string.h>

#define PROMPT_MARK_COLS 2
#define RULE_MIN_ROWS 6

static int
clamp(int v, int lo, int hi)
{
	if (v > hi)
		v = hi;
	return v < lo ? lo : v;
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
list_cols(int w)
{
	return clamp(w / 4, LAYOUT_LIST_COLS, LAYOUT_LIST_MORE);
}

void
layout_compute(struct layout *l, int w, int h, int prompt_rows, bool list)
{
	int left = 0, y, status, rule, prompt;

	memset(l, 0, sizeof(*l));
	w = w < 0 ? 0 : w;
	h = h < 0 ? 0 : h;
	status = h >= 2;
	rule = h >= RULE_MIN_ROWS;
	prompt = clamp(prompt_rows, 1, h / 3 > 1 ? h / 3 : 1);
	prompt = clamp(prompt, 0, h - status - rule);
	y = h - status - prompt - rule;
	if (list && w >= LAYOUT_LIST_MIN && y > 0) {
		left = list_cols(w) + 1;
		l->list = (struct rect){ 0, 0, left - 1, y };
		l->divider = (struct rect){ left - 1, 0, 1, y };
	}
	l->view = (struct rect){ left, 0, w - left, y };
	l->rule = (struct rect){ 0, y, w, rule };
	l->prompt = (struct rect){ 0, y + rule, w, prompt };
	l->status = (struct rect){ 0, h - status, w, status };
}
