/* action.c -- what a person can do, and the one table of it. */
#include "action.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "editor.h"
#include "pane.h"

#define ELEMENTS(a) (sizeof(a) / sizeof((a)[0]))

/* ---- what they do ---- */

static unsigned
do_send(struct app *a, const char *arg)
{
	const char *text = editor_text();
	unsigned r;
	bool ok;
	char *sent;

	(void)arg;
	if (text[strspn(text, " \t\n")] == '\0')
		return 0;
	if (action_is_slash(text)) {
		sent = xstrdup(text);
		r = action_slash(a, sent, &ok);
		/* A command that set up a text of its own keeps it. */
		if (ok && a->mode == MODE_CHAT)
			free(editor_take());
		else if (ok) {
			free(a->draft);
			a->draft = NULL;
		}
		free(sent);
		return r;
	}
	if (a->busy) {
		app_notice_busy(a, "Still answering: Esc stops it. "
		    "What you typed stays here.");
		return 0;
	}
	sent = xstrdup(text);
	if (session_send(a, a->cur, sent) == 0)
		free(editor_take());
	free(sent);
	return 0;
}

static unsigned
do_newline(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	editor_insert("\n", 1);
	return 0;
}

static unsigned
do_escape(struct app *a, const char *arg)
{
	(void)arg;
	a->fold_prefix = false;
	if (a->focus != FOCUS_PROMPT)
		a->focus = FOCUS_PROMPT;
	else
		app_stop(a);
	return 0;
}

static unsigned
do_interrupt(struct app *a, const char *arg)
{
	(void)arg;
	if (*editor_text()) {
		editor_clear();
		a->focus = FOCUS_PROMPT;
		return 0;
	}
	if (a->busy && a->busy->phase != PHASE_STOPPING) {
		app_stop(a);
		return 0;
	}
	if (a->was_armed)
		return REACT_QUIT;
	a->armed = true;
	app_notice(a, STYLE_NOTICE, "Press Ctrl-C again to quit");
	return 0;
}

static unsigned
do_end_of_file(struct app *a, const char *arg)
{
	struct key k = { .code = KEY_CHAR, .ch = 'd', .mod = MOD_CTRL,
		.raw = "\004", .raw_n = 1 };

	(void)arg;
	if (*editor_text()) {
		editor_key(&k);		/* delete the character */
		return 0;
	}
	if (!a->busy || a->was_armed)
		return REACT_QUIT;
	a->armed = true;
	app_notice_busy(a, "Still answering: Ctrl-D again quits and keeps "
	    "the text so far");
	return 0;
}

static unsigned
do_quit(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	return REACT_QUIT;
}

static unsigned
do_help(struct app *a, const char *arg)
{
	(void)arg;
	a->help = !a->help;
	a->help_top = 0;
	return 0;
}

static unsigned
do_redraw(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	return REACT_REDRAW;
}

static unsigned
do_suspend(struct app *a, const char *arg)
{
	(void)a;
	(void)arg;
	return REACT_SUSPEND;
}

static void
view_set(struct app *a, enum think_view v)
{
	a->view = v;
	transcript_set_view(&a->cur->view, v);
	if (a->busy)
		transcript_set_view(&a->busy->view, v);
	app_notice(a, STYLE_DIM, "Thinking is shown %s",
	    v == VIEW_FULL ? "in full" : v == VIEW_BRIEF ?
	    "in brief: its last lines" : "as one line");
}

/* Everything follows the new view: folds of single blocks are undone. */
static unsigned
do_view(struct app *a, const char *arg)
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

static unsigned
do_think(struct app *a, const char *arg)
{
	enum thinking t = a->thinking == THINKING_OFF ? THINKING_ON :
	    THINKING_OFF;
	static const char *const what[] = {
		[THINKING_AUTO] = "Models that were trained to think will",
		[THINKING_ON] = "Every model is asked to think first",
		[THINKING_OFF] = "Answers come at once, without thinking" };

	if (*arg && thinking_parse(arg, &t) < 0) {
		app_notice(a, STYLE_ERROR,
		    "/think takes on, off or auto, not “%s”", arg);
		return 0;
	}
	a->thinking = t;
	app_notice(a, STYLE_DIM, "%s", what[t]);
	return 0;
}

static unsigned
do_model(struct app *a, const char *arg)
{
	struct buf b = { 0 };

	(void)arg;
	model_describe(&a->model, &a->conf->load, &b);
	app_note(a, a->cur, STYLE_NOTICE, "%s", b.data);
	for (size_t i = 0; i < a->model.n_notes; i++)
		app_note(a, a->cur, STYLE_NOTICE, "%s", a->model.notes[i]);
	transcript_bottom(&a->cur->view);
	buf_free(&b);
	return 0;
}

static unsigned
do_theme(struct app *a, const char *arg)
{
	struct theme t;
	struct err err;

	if (!*arg) {
		app_notice(a, STYLE_NOTICE,
		    "/theme NAME, for example /theme light");
		return 0;
	}
	if (theme_load(&t, arg, &err) < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return 0;
	}
	a->theme = t;
	return REACT_THEME | REACT_REDRAW;
}

static unsigned
do_mouse(struct app *a, const char *arg)
{
	(void)arg;
	a->mouse = !a->mouse;
	app_notice(a, STYLE_DIM, a->mouse ?
	    "Mouse on: Shift selects text" : "Mouse off");
	return REACT_MOUSE;
}

static unsigned
do_list(struct app *a, const char *arg)
{
	(void)arg;
	a->list_pane = !a->list_pane;
	if (a->list_pane && a->w < LAYOUT_LIST_MIN)
		app_notice(a, STYLE_NOTICE, "The conversations need %d "
		    "columns; /open finds one by its title", LAYOUT_LIST_MIN);
	return 0;
}

static void
focus_move(struct app *a, int dir)
{
	do
		a->focus = (a->focus + FOCUS_COUNT + dir) % FOCUS_COUNT;
	while (a->focus == FOCUS_LIST && a->lay.list.w == 0);
	a->fold_prefix = false;
}

static unsigned
do_focus(struct app *a, const char *arg)
{
	(void)arg;
	focus_move(a, 1);
	return 0;
}

static unsigned
do_focus_back(struct app *a, const char *arg)
{
	(void)arg;
	focus_move(a, -1);
	return 0;
}

/* Tab: the rest of a command, else the next pane. */
static unsigned
do_tab(struct app *a, const char *arg)
{
	char *whole = action_complete(editor_text());

	if (whole)
		editor_set(whole);
	else if (*editor_text() != '/')
		return do_focus(a, arg);
	free(whole);
	return 0;
}

static unsigned
do_new(struct app *a, const char *arg)
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

static unsigned
do_open(struct app *a, const char *arg)
{
	const struct convo_info *c = find_convo(a, arg);

	if (!*arg) {
		app_notice(a, STYLE_NOTICE, "/open NUMBER, or a part of the "
		    "title; F2 shows the conversations");
	} else if (!c) {
		app_notice(a, STYLE_ERROR,
		    "No conversation has “%s” in its title", arg);
	} else {
		app_open(a, c->id);
	}
	return 0;
}

static unsigned
do_rename(struct app *a, const char *arg)
{
	const struct convo *c = a->cur->convo;

	if (c->n == 0)
		app_notice(a, STYLE_NOTICE,
		    "A conversation gets its title with its first message");
	else if (*arg)
		app_rename(a, c->id, arg);
	else
		app_rename_begin(a, c->id, c->title);
	return 0;
}

static unsigned
do_delete(struct app *a, const char *arg)
{
	const struct convo *c = a->cur->convo;

	(void)arg;
	if (!a->cur->journal)
		app_notice(a, STYLE_NOTICE, "Nothing is saved here yet");
	else
		app_delete_begin(a, c->id, c->title);
	return 0;
}

static unsigned
do_page_up(struct app *a, const char *arg)
{
	(void)arg;
	transcript_scroll(&a->cur->view, -(long)(a->lay.view.h > 2 ?
	    a->lay.view.h - 2 : 1));
	return 0;
}

static unsigned
do_page_down(struct app *a, const char *arg)
{
	(void)arg;
	transcript_scroll(&a->cur->view, a->lay.view.h > 2 ?
	    a->lay.view.h - 2 : 1);
	return 0;
}

static unsigned
do_top(struct app *a, const char *arg)
{
	(void)arg;
	transcript_top(&a->cur->view);
	return 0;
}

static unsigned
do_bottom(struct app *a, const char *arg)
{
	(void)arg;
	transcript_bottom(&a->cur->view);
	return 0;
}

static unsigned
do_previous(struct app *a, const char *arg)
{
	(void)arg;
	transcript_jump(&a->cur->view, -1);
	return 0;
}

static unsigned
do_next(struct app *a, const char *arg)
{
	(void)arg;
	transcript_jump(&a->cur->view, 1);
	return 0;
}

static unsigned
do_fold(struct app *a, const char *arg)
{
	(void)arg;
	return pane_view_fold(a, -1);
}

static unsigned
do_line_up(struct app *a, const char *arg)
{
	(void)arg;
	pane_view_line(a, -1);
	return 0;
}

static unsigned
do_line_down(struct app *a, const char *arg)
{
	(void)arg;
	pane_view_line(a, 1);
	return 0;
}

static unsigned
do_half_up(struct app *a, const char *arg)
{
	(void)arg;
	transcript_scroll(&a->cur->view, -(long)(a->lay.view.h / 2 + 1));
	return 0;
}

static unsigned
do_half_down(struct app *a, const char *arg)
{
	(void)arg;
	transcript_scroll(&a->cur->view, a->lay.view.h / 2 + 1);
	return 0;
}

static unsigned
do_list_up(struct app *a, const char *arg)
{
	(void)arg;
	pane_list_move(a, -1);
	return 0;
}

static unsigned
do_list_down(struct app *a, const char *arg)
{
	(void)arg;
	pane_list_move(a, 1);
	return 0;
}

static unsigned
do_list_first(struct app *a, const char *arg)
{
	(void)arg;
	pane_list_move(a, -a->n_list);
	return 0;
}

static unsigned
do_list_last(struct app *a, const char *arg)
{
	(void)arg;
	pane_list_move(a, a->n_list);
	return 0;
}

static unsigned
do_list_open(struct app *a, const char *arg)
{
	const struct convo_info *c = pane_list_at(a);

	(void)arg;
	if (c && app_open(a, c->id) == 0)
		a->focus = FOCUS_PROMPT;
	return 0;
}

static unsigned
do_list_rename(struct app *a, const char *arg)
{
	const struct convo_info *c = pane_list_at(a);

	(void)arg;
	if (c)
		app_rename_begin(a, c->id, c->title);
	return 0;
}

static unsigned
do_list_delete(struct app *a, const char *arg)
{
	const struct convo_info *c = pane_list_at(a);

	(void)arg;
	if (c)
		app_delete_begin(a, c->id, c->title);
	return 0;
}

/* ---- the table ---- */

const struct action actions[] = {
	{ "send", IN_PROMPT, "enter", NULL, "",
	    "Send the message", do_send },
	{ "newline", IN_PROMPT, "alt+enter ctrl+j shift+enter", NULL, "",
	    "Start a new line", do_newline },
	{ "escape", IN_ALL, "esc", NULL, "",
	    "Stop the answer; leave a pane", do_escape },
	{ "think-view", IN_ALL, "ctrl+t", "/view", "full|brief|hidden",
	    "Show thinking full, brief or folded", do_view },
	{ "think", 0, "", "/think", "on|off|auto",
	    "Whether the model thinks first", do_think },
	{ "help", IN_ALL, "f1", "/help", "",
	    "This help", do_help },
	{ "new", IN_ALL, "alt+n", "/new", "",
	    "Start a new conversation", do_new },
	{ "open", 0, "", "/open", "NUMBER|TITLE",
	    "Open a conversation; Alt-1 to Alt-9 too", do_open },
	{ "rename", 0, "", "/rename", "TITLE",
	    "Rename this conversation", do_rename },
	{ "delete", 0, "", "/delete", "",
	    "Delete this conversation", do_delete },
	{ "list", IN_ALL, "f2", "/list", "",
	    "Show or hide the conversations", do_list },
	{ "model", 0, "", "/model", "",
	    "Tell what the model is and how it runs", do_model },
	{ "theme", 0, "", "/theme", "NAME",
	    "Change the colours", do_theme },
	{ "page-up", IN_ALL, "pgup", NULL, "",
	    "Scroll up", do_page_up },
	{ "page-down", IN_ALL, "pgdn", NULL, "",
	    "Scroll down", do_page_down },
	{ "top", IN_ALL, "alt+home", NULL, "",
	    "Go to the beginning", do_top },
	{ "bottom", IN_ALL, "alt+end", NULL, "",
	    "Go to the end, and follow it", do_bottom },
	{ "complete", IN_PROMPT, "tab", NULL, "",
	    "Complete a command, or go to the next pane", do_tab },
	{ "focus", IN_ALL, "f6", NULL, "",
	    "Go to the next pane", do_focus },
	{ "focus-next", IN_VIEW | IN_LIST, "tab", NULL, "",
	    "Go to the next pane", do_focus },
	{ "focus-back", IN_ALL, "shift+tab", NULL, "",
	    "Go to the previous pane", do_focus_back },
	{ "interrupt", IN_ALL, "ctrl+c", NULL, "",
	    "Clear the prompt, else stop, else quit", do_interrupt },
	{ "end-of-file", IN_PROMPT, "ctrl+d", NULL, "",
	    "Quit, when the prompt is empty", do_end_of_file },
	{ "quit", 0, "", "/quit", "",
	    "Quit; everything is saved", do_quit },
	{ "suspend", IN_ALL, "ctrl+z", NULL, "",
	    "Suspend; fg comes back", do_suspend },
	{ "redraw", IN_ALL, "ctrl+l", NULL, "",
	    "Draw the screen again", do_redraw },
	{ "mouse", IN_ALL, "alt+m", "/mouse", "",
	    "Turn the mouse on or off", do_mouse },
	{ "line-up", IN_VIEW, "k up", NULL, "",
	    "Scroll up a line", do_line_up },
	{ "line-down", IN_VIEW, "j down", NULL, "",
	    "Scroll down a line", do_line_down },
	{ "half-up", IN_VIEW, "ctrl+u", NULL, "",
	    "Scroll up half a page", do_half_up },
	{ "half-down", IN_VIEW, "ctrl+d", NULL, "",
	    "Scroll down half a page", do_half_down },
	{ "fold", IN_VIEW, "space enter", NULL, "",
	    "Fold or unfold this thought (za, zo, zc too)", do_fold },
	{ "previous", IN_VIEW, "[", NULL, "",
	    "Go to the previous turn", do_previous },
	{ "next", IN_VIEW, "]", NULL, "",
	    "Go to the next turn", do_next },
	{ "first", IN_VIEW, "g home", NULL, "",
	    "Go to the beginning", do_top },
	{ "last", IN_VIEW, "G end", NULL, "",
	    "Go to the end", do_bottom },
	{ "list-up", IN_LIST, "k up", NULL, "",
	    "Go up", do_list_up },
	{ "list-down", IN_LIST, "j down", NULL, "",
	    "Go down", do_list_down },
	{ "list-first", IN_LIST, "g home", NULL, "",
	    "Go to the newest", do_list_first },
	{ "list-last", IN_LIST, "G end", NULL, "",
	    "Go to the oldest", do_list_last },
	{ "list-open", IN_LIST, "enter", NULL, "",
	    "Open this conversation", do_list_open },
	{ "back", IN_VIEW | IN_LIST, "i q", NULL, "",
	    "Go back to the prompt", do_escape },
	{ "list-new", IN_LIST, "n", NULL, "",
	    "Start a new conversation", do_new },
	{ "list-rename", IN_LIST, "r", NULL, "",
	    "Rename this conversation", do_list_rename },
	{ "list-delete", IN_LIST, "d del", NULL, "",
	    "Delete this conversation", do_list_delete },
};
const size_t n_actions = ELEMENTS(actions);
