/* act_app.c -- what keys and commands do to the program as a whole. */
#include "act.h"

#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "attach.h"
#include "editor.h"
#include "i18n.h"
#include "page.h"
#include "pane.h"

unsigned
act_newline(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	editor_insert("\n", 1);
	return 0;
}

unsigned
act_escape(struct app *a, const char *arg)
{
	(void)arg;
	if (a->focus == FOCUS_LIST && list_view_sifted(a))
		list_view_what(a, LIST_USUAL);
	else if (a->focus != FOCUS_PROMPT)
		a->focus = FOCUS_PROMPT;
	else
		app_stop(a);
	return 0;
}

unsigned
act_interrupt(struct app *a, const char *arg)
{
	(void)arg;
	if (*editor_text()) {
		editor_clear();
		a->focus = FOCUS_PROMPT;
		return 0;
	}
	if (app_busy(a) && app_busy(a)->phase != PHASE_STOPPING) {
		app_stop(a);
		return 0;
	}
	if (a->was_armed)
		return REACT_QUIT;
	a->armed = true;
	app_notice(a, STYLE_NOTICE, _("Press Ctrl-C again to quit"));
	return 0;
}

unsigned
act_end_of_file(struct app *a, const char *arg)
{
	struct key k = { .code = KEY_CHAR, .ch = 'd', .mod = MOD_CTRL,
		.raw = "\004", .raw_n = 1 };

	(void)arg;
	if (*editor_text()) {
		editor_key(&k);		/* delete the character */
		return 0;
	}
	if (!app_busy(a) || a->was_armed)
		return REACT_QUIT;
	a->armed = true;
	app_notice_busy(a, _("Still answering: Ctrl-D again quits and keeps "
	    "the text so far"));
	return 0;
}

unsigned
act_quit(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	return REACT_QUIT;
}

unsigned
act_help(struct app *a, const char *arg)
{
	(void)arg;
	page_toggle(a, _("Keys and commands"), help_fill, true);
	return 0;
}

unsigned
act_redraw(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	return REACT_REDRAW;
}

unsigned
act_suspend(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	return REACT_SUSPEND;
}

unsigned
act_edit_prompt(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	return REACT_EDITOR;
}

unsigned
act_mouse(struct app *a, const char *arg)
{
	(void)arg;
	a->mouse = !a->mouse;
	app_notice(a, STYLE_DIM, a->mouse ?
	    _("Mouse on: Shift selects text") : _("Mouse off"));
	return REACT_MOUSE;
}

static void
focus_move(struct app *a, int dir)
{
	do
		a->focus = (a->focus + FOCUS_COUNT + dir) % FOCUS_COUNT;
	while (!panes_can_focus(a, (int)a->focus));
}

unsigned
act_focus(struct app *a, const char *arg)
{
	(void)arg;
	focus_move(a, 1);
	return 0;
}

unsigned
act_focus_back(struct app *a, const char *arg)
{
	(void)arg;
	focus_move(a, -1);
	return 0;
}

/* The file behind an '@', completed; what there is to choose from is told. */
static bool
complete_file(struct app *a)
{
	struct buf names = { 0 };
	size_t cursor;
	char *whole = attach_complete(editor_text(), editor_point(), &names,
	    &cursor);
	bool found = names.len > 0;

	if (whole) {
		editor_set(whole);
		editor_move(cursor);
	} else if (found) {
		app_notice(a, STYLE_DIM, "%s", names.data);
	}
	free(whole);
	buf_free(&names);
	return found;
}

/* Tab: the rest of a command or of a file's name, else the next pane. */
unsigned
act_tab(struct app *a, const char *arg)
{
	char *whole = action_complete(editor_text());

	if (whole)
		editor_set(whole);
	else if (*editor_text() != '/' && !complete_file(a))
		return act_focus(a, arg);
	free(whole);
	return 0;
}
