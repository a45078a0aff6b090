/* act_list.c -- what keys and commands do among conversations. */
#include "act.h"

#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "editor.h"
#include "i18n.h"
#include "pane.h"

/* Nothing is arranged there. */
static bool
in_trash(struct app *a)
{
	if (a->lists.what != LIST_TRASH)
		return false;
	app_notice(a, STYLE_NOTICE, _("It is in the trash; u brings it back"));
	return true;
}

unsigned
act_list(struct app *a, const char *arg)
{
	(void)arg;
	a->list_pane = !a->list_pane;
	panes_save(a);
	if (a->list_pane && a->w < LAYOUT_LIST_MIN)
		app_notice(a, STYLE_NOTICE, _("The conversations need %d "
		    "columns; /open finds one by its title"), LAYOUT_LIST_MIN);
	return 0;
}

unsigned
act_new(struct app *a, const char *arg)
{
	(void)arg;
	app_new(a);
	a->focus = FOCUS_PROMPT;
	return 0;
}

/* By number in the list, by id, or by a part of the title. */
static const struct convo_info *
find_convo(const struct app *a, const char *arg)
{
	int n = atoi(arg);

	if (strlen(arg) <= 2 && n >= 1 && n <= a->n_list)
		return &a->list[n - 1];
	for (int i = 0; i < a->n_list; i++)
		if (strcmp(a->list[i].id, arg) == 0)
			return &a->list[i];
	for (int i = 0; i < a->n_list; i++)
		if (strcasestr(a->list[i].title, arg))
			return &a->list[i];
	return NULL;
}

unsigned
act_open(struct app *a, const char *arg)
{
	const struct convo_info *c = find_convo(a, arg);

	if (!*arg) {
		app_notice(a, STYLE_NOTICE, "%s", _("/open NUMBER, or a part "
		    "of the title; F2 shows the conversations"));
	} else if (!c) {
		app_notice(a, STYLE_ERROR,
		    _("No conversation has “%s” in its title"), arg);
	} else {
		app_open(a, c->id);
	}
	return 0;
}

unsigned
act_rename(struct app *a, const char *arg)
{
	const struct convo *c = a->cur->convo;

	if (c->n == 0)
		app_notice(a, STYLE_NOTICE,
		    _("A conversation gets its title with its first message"));
	else if (*arg)
		app_rename(a, c->id, arg);
	else
		app_rename_begin(a, c->id, c->title);
	return 0;
}

unsigned
act_delete(struct app *a, const char *arg)
{
	const struct convo *c = a->cur->convo;

	(void)arg;
	if (!a->cur->journal)
		app_notice(a, STYLE_NOTICE, _("Nothing is saved here yet"));
	else
		app_delete_begin(a, c->id, c->title);
	return 0;
}

unsigned
act_forget(struct app *a, const char *arg)
{
	const struct convo *c = a->cur->convo;

	(void)arg;
	if (!a->cur->journal)
		app_notice(a, STYLE_NOTICE, _("Nothing is saved here yet"));
	else
		app_forget_begin(a, c->id, c->title);
	return 0;
}

unsigned
act_list_forget(struct app *a, const char *arg)
{
	const struct convo_info *c = pane_list_at(a);

	(void)arg;
	if (c)
		app_forget_begin(a, c->id, c->title);
	return 0;
}

unsigned
act_list_up(struct app *a, const char *arg)
{
	(void)arg;
	pane_list_move(a, -1);
	return 0;
}

unsigned
act_list_down(struct app *a, const char *arg)
{
	(void)arg;
	pane_list_move(a, 1);
	return 0;
}

unsigned
act_list_first(struct app *a, const char *arg)
{
	(void)arg;
	pane_list_move(a, -a->n_list);
	return 0;
}

unsigned
act_list_last(struct app *a, const char *arg)
{
	(void)arg;
	pane_list_move(a, a->n_list);
	return 0;
}

unsigned
act_list_open(struct app *a, const char *arg)
{
	const struct convo_info *c = pane_list_at(a);

	(void)arg;
	if (!c || in_trash(a) || app_open(a, c->id) < 0)
		return 0;
	a->focus = FOCUS_PROMPT;
	list_view_found(a);
	return 0;
}

unsigned
act_list_rename(struct app *a, const char *arg)
{
	const struct convo_info *c = pane_list_at(a);

	(void)arg;
	if (c && !in_trash(a))
		app_rename_begin(a, c->id, c->title);
	return 0;
}

unsigned
act_list_delete(struct app *a, const char *arg)
{
	const struct convo_info *c = pane_list_at(a);

	(void)arg;
	if (c)
		app_delete_begin(a, c->id, c->title);
	return 0;
}
