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
	app_notice(a, STYLE_DIM, "%s", v == VIEW_FULL ?
	    _("Thinking is shown in full") : v == VIEW_BRIEF ?
	    _("Thinking is shown in brief: its last lines") :
	    _("Thinking is shown as one line"));
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

/* Rows of what has the focus, or of its outline. */
static void
scroll(struct app *a, int rows)
{
	if (a->focus == FOCUS_THINK && a->panes.thought.list)
		pane_think_move(a, rows);
	else
		transcript_scroll(panes_transcript(a), rows);
}

unsigned
act_page_up(struct app *a, const char *arg)
{
	(void)arg;
	scroll(a, -(panes_height(a) > 2 ? panes_height(a) - 2 : 1));
	return 0;
}

unsigned
act_page_down(struct app *a, const char *arg)
{
	(void)arg;
	scroll(a, panes_height(a) > 2 ? panes_height(a) - 2 : 1);
	return 0;
}

unsigned
act_top(struct app *a, const char *arg)
{
	(void)arg;
	transcript_top(panes_transcript(a));
	return 0;
}

unsigned
act_bottom(struct app *a, const char *arg)
{
	(void)arg;
	transcript_bottom(panes_transcript(a));
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
act_unfold(struct app *a, const char *arg)
{
	(void)arg;
	return pane_view_fold(a, VIEW_FULL);
}

unsigned
act_fold_close(struct app *a, const char *arg)
{
	(void)arg;
	return pane_view_fold(a, VIEW_HIDDEN);
}

unsigned
act_fold_all(struct app *a, const char *arg)
{
	(void)arg;
	return act_view(a, think_view_name(VIEW_HIDDEN));
}

unsigned
act_unfold_all(struct app *a, const char *arg)
{
	(void)arg;
	return act_view(a, think_view_name(VIEW_FULL));
}

unsigned
act_line_up(struct app *a, const char *arg)
{
	(void)arg;
	if (a->focus == FOCUS_THINK)
		scroll(a, -1);
	else
		pane_view_line(a, -1);
	return 0;
}

unsigned
act_line_down(struct app *a, const char *arg)
{
	(void)arg;
	if (a->focus == FOCUS_THINK)
		scroll(a, 1);
	else
		pane_view_line(a, 1);
	return 0;
}

unsigned
act_half_up(struct app *a, const char *arg)
{
	(void)arg;
	scroll(a, -(panes_height(a) / 2 + 1));
	return 0;
}

unsigned
act_half_down(struct app *a, const char *arg)
{
	(void)arg;
	scroll(a, panes_height(a) / 2 + 1);
	return 0;
}

/* ---- panes ---- */

unsigned
act_think_pane(struct app *a, const char *arg)
{
	struct panes *p = &a->panes;

	(void)arg;
	p->think = !p->think;
	if (p->think && a->w < LAYOUT_SIDE_MIN + 1 + LAYOUT_VIEW_MIN)
		app_notice(a, STYLE_NOTICE, _("Thinking beside the chat needs "
		    "%d columns; F5 gives it all there are"),
		    LAYOUT_SIDE_MIN + 1 + LAYOUT_VIEW_MIN);
	if (!p->think && a->focus == FOCUS_THINK)
		a->focus = FOCUS_VIEW;
	panes_save(a);
	return 0;
}

unsigned
act_zoom(struct app *a, const char *arg)
{
	struct panes *p = &a->panes;

	(void)arg;
	p->zoomed = !p->zoomed;
	p->zoom = ZOOM_VIEW;
	if (p->zoomed)
		app_notice(a, STYLE_DIM, "%s",
		    _("One pane has all the room: F6 goes to the next"));
	return 0;
}

unsigned
act_wider(struct app *a, const char *arg)
{
	(void)arg;
	panes_widen(a, 2);
	return 0;
}

unsigned
act_narrower(struct app *a, const char *arg)
{
	(void)arg;
	panes_widen(a, -2);
	return 0;
}

unsigned
act_outline(struct app *a, const char *arg)
{
	(void)arg;
	pane_think_outline(a);
	return 0;
}

unsigned
act_section_before(struct app *a, const char *arg)
{
	(void)arg;
	pane_think_section(a, -1);
	return 0;
}

unsigned
act_section_after(struct app *a, const char *arg)
{
	(void)arg;
	pane_think_section(a, 1);
	return 0;
}

/* ---- search ---- */

/* What a hit was unfolded for is remembered; one in a thought that is shown
 * beside is gone to there. */
static void
found(struct app *a)
{
	struct transcript *t = &a->cur->view;
	struct buf b = { 0 };

	if (t->find.unfolded)
		session_save_fold(a, a->cur, t->find.turn);
	panes_find(a);
	transcript_find_label(t, &b);
	if (t->find.some)
		app_notice(a, STYLE_DIM, "%s", b.data);
	else
		app_notice(a, STYLE_NOTICE, "%s", _("Not found"));
	buf_free(&b);
}

unsigned
act_find(struct app *a, const char *arg)
{
	if (!*arg && a->cur->view.find.needle.n == 0) {
		app_notice(a, STYLE_NOTICE, "%s", _("/find WORDS looks for "
		    "them here, in thoughts too; n and N go on"));
		return 0;
	}
	transcript_find(&a->cur->view, arg);
	if (*arg) {
		a->focus = FOCUS_VIEW;
		found(a);
	} else {
		panes_find(a);
	}
	return 0;
}

unsigned
act_find_begin(struct app *a, const char *arg)
{
	(void)arg;
	if (*editor_text()) {
		app_notice(a, STYLE_NOTICE, "%s", _("The prompt has a text: "
		    "/find WORDS looks for them"));
		return 0;
	}
	editor_set("/find ");
	a->focus = FOCUS_PROMPT;
	return 0;
}

unsigned
act_find_next(struct app *a, const char *arg)
{
	(void)arg;
	transcript_find_next(&a->cur->view, 1);
	found(a);
	return 0;
}

unsigned
act_find_before(struct app *a, const char *arg)
{
	(void)arg;
	transcript_find_next(&a->cur->view, -1);
	found(a);
	return 0;
}
