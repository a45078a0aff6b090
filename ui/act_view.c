/* act_view.c -- what keys and commands do to what is shown of one. */
#include "act.h"

#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "editor.h"
#include "i18n.h"
#include "pane.h"

static void
view_set(struct app *a, enum think_view v)
{
	a->view = v;
	transcript_set_view(&a->cur->view, v);
	if (a->other)
		transcript_set_view(&a->other->view, v);
	app_notice(a, STYLE_DIM, "Thinking is shown %s",
	    v == VIEW_FULL ? "in full" : v == VIEW_BRIEF ?
	    "in brief: its last lines" : "as one line");
}

/* Everything follows the new view: folds of single blocks are undone. */
unsigned
act_view(struct app *a, const char *arg)
{
	static const enum think_view next[] = {
		[VIEW_FULL] = VIEW_BRIEF, [VIEW_BRIEF] = VIEW_HIDDEN,
		[VIEW_HIDDEN] = VIEW_FULL };
	struct convo *c = a->cur->convo;
	enum think_view v = next[a->view];

	if (*arg && think_view_parse(arg, &v) < 0) {
		app_notice(a, STYLE_ERROR,
		    "/view takes full, brief or hidden, not “%s”", arg);
		return 0;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->turns[i]->fold >= 0) {
			c->turns[i]->fold = -1;
			session_save_fold(a, a->cur, c->turns[i]);
		}
	view_set(a, v);
	return 0;
}

unsigned
act_page_up(struct app *a, const char *arg)
{
	(void)arg;
	transcript_scroll(&a->cur->view, -(long)(a->lay.view.h > 2 ?
	    a->lay.view.h - 2 : 1));
	return 0;
}

unsigned
act_page_down(struct app *a, const char *arg)
{
	(void)arg;
	transcript_scroll(&a->cur->view, a->lay.view.h > 2 ?
	    a->lay.view.h - 2 : 1);
	return 0;
}

unsigned
act_top(struct app *a, const char *arg)
{
	(void)arg;
	transcript_top(&a->cur->view);
	return 0;
}

unsigned
act_bottom(struct app *a, const char *arg)
{
	(void)arg;
	transcript_bottom(&a->cur->view);
	return 0;
}

unsigned
act_previous(struct app *a, const char *arg)
{
	(void)arg;
	transcript_jump(&a->cur->view, -1);
	return 0;
}

unsigned
act_next(struct app *a, const char *arg)
{
	(void)arg;
	transcript_jump(&a->cur->view, 1);
	return 0;
}

unsigned
act_fold(struct app *a, const char *arg)
{
	(void)arg;
	return pane_view_fold(a, -1);
}

unsigned
act_line_up(struct app *a, const char *arg)
{
	(void)arg;
	pane_view_line(a, -1);
	return 0;
}

unsigned
act_line_down(struct app *a, const char *arg)
{
	(void)arg;
	pane_view_line(a, 1);
	return 0;
}

unsigned
act_half_up(struct app *a, const char *arg)
{
	(void)arg;
	transcript_scroll(&a->cur->view, -(long)(a->lay.view.h / 2 + 1));
	return 0;
}

unsigned
act_half_down(struct app *a, const char *arg)
{
	(void)arg;
	transcript_scroll(&a->cur->view, a->lay.view.h / 2 + 1);
	return 0;
}
