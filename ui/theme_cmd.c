/* theme_cmd.c -- `fikr theme`: lists, shows and checks themes. */
#include "ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "i18n.h"
#include "terminal.h"
#include "theme_file.h"

enum { CHECK_OK, CHECK_FAILED, CHECK_USAGE };

/* ---- check ---- */

struct tally {
	int errors, warnings;
};

static void
print_problem(const struct theme_problem *p, void *ud)
{
	struct tally *t = ud;

	if (p->line > 0)
		printf("%s:%d: ", p->file, p->line);
	if (p->role)
		printf("%s: ", p->role);
	printf("%s%s\n", p->warning ? _("warning: ") : "", p->text);
	t->errors += !p->warning;
	t->warnings += p->warning;
}

static int
check(const char *name)
{
	struct tally n = { 0, 0 };
	struct theme t = { .name = "" };
	char *path = theme_path(name);

	if (path == NULL) {
		printf(_("there is no theme \"%s\"\n"), name);
		return CHECK_FAILED;
	}
	theme_read(&t, path, print_problem, &n);
	if (n.errors == 0 && n.warnings == 0)
		printf(_("%s: nothing wrong\n"), path);
	free(path);
	return n.errors > 0 ? CHECK_FAILED : CHECK_OK;
}

/* ---- show ---- */

/* How many colours standard output shows: by what TERM and COLORTERM are
 * called, since nothing here asks terminfo. */
static int
colors(void)
{
	const char *term = getenv("TERM"), *truth = getenv("COLORTERM");
	int have = 16;

	if (!isatty(STDOUT_FILENO) || term == NULL || *term == '\0' ||
	    strcmp(term, "dumb") == 0 || strncmp(term, "vt", 2) == 0)
		return 0;
	if (strstr(term, "256color") || truth)
		have = 256;
	return terminal_colors(have, getenv("FORCE_COLOR"),
	    getenv("NO_COLOR"), truth);
}

static void
put_color(int have, int base, int32_t rgb, int c256, int c16)
{
	if (rgb < 0)
		return;
	if (have > 256)
		printf(";%d;2;%d;%d;%d", base + 8, rgb >> 16, rgb >> 8 & 255,
		    rgb & 255);
	else if (have == 256)
		printf(";%d;5;%d", base + 8, c256);
	else if (c16 >= 0)
		printf(";%d", c16 < 8 ? base + c16 : base + 52 + c16);
}

static const struct { uint8_t bit; int sgr; const char *name; } attrs[] = {
	{ ATTR_BOLD, 1, "bold" }, { ATTR_DIM, 2, "dim" },
	{ ATTR_ITALIC, 3, "italic" }, { ATTR_UNDERLINE, 4, "underline" },
	{ ATTR_REVERSE, 7, "reverse" }, { ATTR_STRIKE, 9, "strike" },
};
#define N_ATTRS (sizeof(attrs) / sizeof(attrs[0]))

static void
put_sample(const struct look *l, int have, const char *name)
{
	if (have == 0) {
		printf("%-14s", name);
		return;
	}
	printf("\033[0");
	for (size_t i = 0; i < N_ATTRS; i++)
		if (l->attr & attrs[i].bit)
			printf(";%d", attrs[i].sgr);
	put_color(have, 30, l->fg, l->fg256, l->fg16);
	put_color(have, 40, l->bg, l->bg256, l->bg16);
	printf("m %-14s \033[0m", name);
}

static void
put_value(const char *what, int32_t rgb)
{
	if (rgb >= 0)
		printf(" %s #%06x", what, (unsigned)rgb);
}

static int
show(const char *name)
{
	struct err err = { "" };
	struct theme t;
	int have = colors();

	if (theme_load(&t, name, -1, &err) < 0) {
		fprintf(stderr, "fikr: %s\n", err.text);
		return CHECK_FAILED;
	}
	theme_paint(&t, -1);
	for (int i = 0; i < STYLE_COUNT; i++) {
		const struct look *l = &t.look[i];

		put_sample(l, have, style_name((enum style)i));
		put_value("fg", l->fg);
		put_value("bg", l->bg);
		for (size_t k = 0; k < N_ATTRS; k++)
			if (l->attr & attrs[k].bit)
				printf(" %s", attrs[k].name);
		putchar('\n');
	}
	return CHECK_OK;
}

/* ---- the command ---- */

static int
list(void)
{
	char **names;
	size_t n = theme_list(&names);

	puts("auto");
	for (size_t i = 0; i < n; i++)
		puts(names[i]);
	theme_list_free(names, n);
	return CHECK_OK;
}

int
ui_theme_main(int n, char **words)
{
	int (*fn)(const char *name) = NULL;
	int ret = CHECK_OK;

	if (n == 1 && strcmp(words[0], "list") == 0)
		return list();
	if (n > 1 && strcmp(words[0], "check") == 0)
		fn = check;
	else if (n > 1 && strcmp(words[0], "show") == 0)
		fn = show;
	if (fn == NULL) {
		fprintf(stderr, "fikr: %s\n", _("theme takes list, show NAME "
		    "or check NAME, where a file with a / in it is a name "
		    "too"));
		return CHECK_USAGE;
	}
	for (int i = 1; i < n; i++)
		if (fn(words[i]) != CHECK_OK)
			ret = CHECK_FAILED;
	return ret;
}
