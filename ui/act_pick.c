/* act_pick.c -- what is chosen from lists: commands, models, personas,
 * conversations, themes. */
#include "act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "editor.h"
#include "i18n.h"
#include "models.h"
#include "paths.h"
#include "personas.h"
#include "pick.h"
#include "search.h"

/* ---- commands ---- */

static unsigned
run_action(struct app *a, const char *name)
{
	const struct action *act = NULL;
	struct buf b = { 0 };

	for (size_t i = 0; i < n_actions; i++)
		if (strcmp(actions[i].name, name) == 0)
			act = &actions[i];
	if (!act)
		return 0;
	/* What needs words gets them in the prompt. */
	if (!act->where && *act->args && *act->args != '[') {
		buf_printf(&b, "%s ", act->slash);
		editor_set(b.data);
		buf_free(&b);
		a->focus = FOCUS_PROMPT;
		return REACT_DRAW;
	}
	return act->fn(a, "");
}

unsigned
act_palette(struct app *a, const char *arg)
{
	static const unsigned where[] = { IN_PROMPT, IN_VIEW, IN_THINK,
		IN_LIST };
	struct pick *p = pick_open(a, _("Commands"), run_action);
	struct buf b = { 0 };

	(void)arg;
	for (size_t i = 0; i < n_actions; i++) {
		const struct action *act = &actions[i];

		if (act->fn == act_palette || (!act->slash &&
		    !(act->where & where[a->focus])))
			continue;
		buf_clear(&b);
		keymap_short(&a->keys, act, &b);
		if (act->slash)
			buf_printf(&b, "%s%s", b.len ? "  " : "",
			    act->slash);
		pick_add(p, _(act->help), b.data, act->name);
	}
	pick_ready(p, NULL);
	buf_free(&b);
	return 0;
}

/* ---- models ---- */

static unsigned
choose_model(struct app *a, const char *path)
{
	app_choose_model(a, path);
	return REACT_DRAW;
}

unsigned
act_model(struct app *a, const char *arg)
{
	struct model_file *v;
	struct err err;
	struct pick *p;
	char *path, size[32];
	size_t n;

	if (*arg) {
		path = path_model(arg, &err);
		if (path)
			app_choose_model(a, path);
		else
			app_notice(a, STYLE_ERROR, "%s", err.text);
		free(path);
		return 0;
	}
	n = models_list(&v);
	p = pick_open(a, _("Models"), choose_model);
	for (size_t i = 0; i < n; i++) {
		if (v[i].bytes >= 1000000000)
			snprintf(size, sizeof(size), "%.1f GB",
			    (double)v[i].bytes / 1e9);
		else
			snprintf(size, sizeof(size), "%.0f MB",
			    (double)v[i].bytes / 1e6);
		pick_add(p, v[i].name, size, v[i].path);
	}
	pick_ready(p, a->model.path);
	models_free(v, n);
	return 0;
}

/* ---- personas ---- */

static unsigned
choose_persona(struct app *a, const char *name)
{
	struct personas all;
	const struct persona *p;
	struct err err;

	if (personas_load(&all, &err) < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return 0;
	}
	p = personas_find(&all, name);
	if (!p && strcmp(name, "none") != 0) {
		app_notice(a, STYLE_ERROR, _("There is no persona “%s”; "
		    "/persona lists them"), name);
	} else if (session_writable(a, a->cur)) {
		session_persona(a, a->cur, p ? p->name : NULL,
		    p ? p->system : NULL);
		if (p && p->thinks)
			a->thinking = p->thinking;
		a->budget = p && p->budget ? p->budget : a->conf->budget;
		if (p)
			app_notice(a, STYLE_DIM, _("It is %s from the next "
			    "message on"), p->name);
		else
			app_notice(a, STYLE_DIM, _("No persona any more"));
	}
	personas_done(&all);
	return REACT_DRAW;
}

unsigned
act_persona(struct app *a, const char *arg)
{
	struct personas all;
	struct pick *p;
	struct err err;

	if (*arg)
		return choose_persona(a, arg);
	if (personas_load(&all, &err) < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return 0;
	}
	p = pick_open(a, _("Personas"), choose_persona);
	pick_add(p, "none", _("the usual system prompt"), "none");
	for (size_t i = 0; i < all.n; i++)
		pick_add(p, all.v[i].name, all.v[i].system, all.v[i].name);
	pick_ready(p, a->cur->convo->persona);
	personas_done(&all);
	return 0;
}

/* ---- conversations ---- */

unsigned
act_find_convo(struct app *a, const char *arg)
{
	search_open(a, arg);
	return 0;
}

/* ---- themes ---- */

static unsigned
use_theme(struct app *a, const char *name)
{
	struct theme t;
	struct err err;

	if (theme_load(&t, name, a->background, &err) < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return REACT_DRAW;
	}
	a->theme = t;
	return REACT_THEME | REACT_REDRAW;
}

static unsigned
choose_theme(struct app *a, const char *name)
{
	unsigned r = use_theme(a, name);

	app_notice(a, STYLE_DIM, _("To keep it, write theme: %s into "
	    "config.yaml"), name);
	return r;
}

/* Nothing was chosen: what was there before comes back. */
static unsigned
leave_themes(struct app *a)
{
	a->theme = a->theme_before;
	return REACT_THEME | REACT_REDRAW;
}

unsigned
act_theme(struct app *a, const char *arg)
{
	struct pick *p;
	char **names;
	size_t n;

	if (*arg)
		return use_theme(a, arg);
	a->theme_before = a->theme;
	n = theme_list(&names);
	p = pick_open(a, _("Themes"), choose_theme);
	p->moved = use_theme;
	p->left = leave_themes;
	pick_add(p, "auto", _("by the terminal's background"), "auto");
	for (size_t i = 0; i < n; i++)
		pick_add(p, names[i], NULL, names[i]);
	pick_ready(p, a->theme.name);
	theme_list_free(names, n);
	return 0;
}
