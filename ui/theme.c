/* theme.c -- themes by their names: found, listed, chosen by the terminal's
 * background; and the one that needs no file. */
#include "theme.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "i18n.h"
#include "paths.h"
#include "terminal.h"
#include "theme_color.h"
#include "theme_file.h"

#define THEMES_MAX 1000		/* that are listed */

static const char *const role_names[STYLE_COUNT] = {
#define X(id, name) [STYLE_##id] = name,
	STYLE_LIST(X)
#undef X
};


const char *
style_name(enum style s)
{
	return (unsigned)s < STYLE_COUNT ? role_names[s] : "?";
}

/* ---- names ---- */

const char *
theme_auto(int32_t background)
{
	if (background < 0)
		background = terminal_colorfgbg(getenv("COLORFGBG"));
	return background >= 0 && colour_light(background) ? "light" : "dark";
}

char *
theme_path(const char *name)
{
	char *file, *path;

	if (strchr(name, '/'))
		return access(name, F_OK) == 0 ? xstrdup(name) : NULL;
	file = xasprintf("themes/%s.yaml", name);
	path = path_config(file);
	if (path && access(path, F_OK) < 0) {
		free(path);
		path = path_share(file);
	}
	free(file);
	return path;
}

static bool
listed(char **names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
list_folder(char *dir, char ***names, size_t *n)
{
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *e;

	while (d && *n < THEMES_MAX && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		char *name;

		if (len < 6 || e->d_name[0] == '.' ||
		    strcmp(e->d_name + len - 5, ".yaml") != 0)
			continue;
		name = xstrndup(e->d_name, len - 5);
		if (listed(*names, *n, name)) {
			free(name);
			continue;
		}
		*names = xreallocarray(*names, *n + 1, sizeof(**names));
		(*names)[(*n)++] = name;
	}
	if (d)
		closedir(d);
	free(dir);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

size_t
theme_list(char ***names)
{
	size_t n = 0;

	*names = NULL;
	list_folder(path_config("themes"), names, &n);
	list_folder(path_share("themes"), names, &n);
	if (n > 0)
		qsort(*names, n, sizeof(**names), by_name);
	return n;
}

void
theme_list_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/* ---- loading ---- */

void
theme_first_problem(const struct theme_problem *p, void *ud)
{
	struct err *err = ud;

	if (p->warning || err->text[0] != '\0')
		return;
	/* A file that is no YAML says itself where. */
	if (p->line > 0)
		err_set(err, "%s:%d: %s", p->file, p->line, p->text);
	else
		err_set(err, "%s", p->text);
}

int
theme_load(struct theme *t, const char *name, int32_t background,
    struct err *err)
{
	struct err why = { "" };
	struct theme fresh;
	char *path;
	int rc;

	if (strcmp(name, "auto") == 0)
		name = theme_auto(background);
	theme_mono(t);
	path = theme_path(name);
	if (path == NULL) {
		if (strcmp(name, "mono") == 0)
			return 0;
		return err_set(err, _("there is no theme \"%s\"; fikr theme "
		    "list names those that are there, and a path works too"),
		    name);
	}
	snprintf(fresh.name, sizeof(fresh.name), "%s", name);
	rc = theme_read(&fresh, path, theme_first_problem, &why);
	if (rc == 0)
		*t = fresh;
	else if (err)
		*err = why;
	free(path);
	return rc;
}

void
theme_paint(struct theme *t, int32_t terminal)
{
	bool other = t->background >= 0 && terminal >= 0 &&
	    colour_light(t->background) != colour_light(terminal);

	if (t->background < 0 || !(t->paint || other))
		return;
	for (int i = 0; i < STYLE_COUNT; i++) {
		struct look *l = &t->look[i];

		if (l->bg >= 0)
			continue;
		l->bg = t->background;
		l->bg256 = t->ground256;
		l->bg16 = t->ground16;
	}
}

void
theme_mono(struct theme *t)
{
	static const uint8_t mono[STYLE_COUNT] = {
		[STYLE_DIM] = ATTR_DIM,
		[STYLE_ACCENT] = ATTR_BOLD,
		[STYLE_ERROR] = ATTR_BOLD | ATTR_REVERSE,
		[STYLE_NOTICE] = ATTR_BOLD,
		[STYLE_BORDER] = ATTR_DIM,
		[STYLE_TITLE] = ATTR_BOLD,
		[STYLE_STATUS] = ATTR_REVERSE,
		[STYLE_STATUS_BUSY] = ATTR_REVERSE | ATTR_BOLD,
		[STYLE_PROMPT_MARK] = ATTR_BOLD,
		[STYLE_LIST_CURRENT] = ATTR_BOLD,
		[STYLE_LIST_SELECTED] = ATTR_REVERSE,
		[STYLE_USER_HEAD] = ATTR_BOLD | ATTR_UNDERLINE,
		[STYLE_ANSWER_HEAD] = ATTR_BOLD,
		[STYLE_THINKING] = ATTR_DIM | ATTR_ITALIC,
		[STYLE_THINKING_HEAD] = ATTR_DIM | ATTR_BOLD,
		[STYLE_HEADING] = ATTR_BOLD | ATTR_UNDERLINE,
		[STYLE_STRONG] = ATTR_BOLD,
		[STYLE_EMPH] = ATTR_ITALIC,
		[STYLE_STRONG_EMPH] = ATTR_BOLD | ATTR_ITALIC,
		[STYLE_STRIKE] = ATTR_STRIKE,
		[STYLE_CODE] = ATTR_BOLD,
		[STYLE_LINK] = ATTR_UNDERLINE,
		[STYLE_QUOTE] = ATTR_ITALIC,
		[STYLE_BULLET] = ATTR_BOLD,
		[STYLE_TABLE] = ATTR_DIM,
		[STYLE_ODD] = ATTR_REVERSE,
		[STYLE_KEY] = ATTR_BOLD,
		[STYLE_CODE_KEYWORD] = ATTR_BOLD,
		[STYLE_CODE_COMMENT] = ATTR_DIM | ATTR_ITALIC,
		[STYLE_MATH_BOX] = ATTR_BOLD,
		[STYLE_HIT] = ATTR_UNDERLINE | ATTR_BOLD,
		[STYLE_HIT_CURRENT] = ATTR_REVERSE | ATTR_BOLD,
		[STYLE_SELECTED] = ATTR_REVERSE,
		[STYLE_FOCUS] = ATTR_BOLD | ATTR_UNDERLINE,
		[STYLE_QUEUED] = ATTR_DIM,
		[STYLE_ADDED] = ATTR_BOLD | ATTR_UNDERLINE,
		[STYLE_REMOVED] = ATTR_DIM | ATTR_STRIKE,
	};

	*t = (struct theme){ .name = "mono", .background = -1 };
	for (int i = 0; i < STYLE_COUNT; i++)
		t->look[i] = (struct look){ .fg = -1, .bg = -1, .fg16 = -1,
		    .bg16 = -1, .attr = mono[i] };
}
