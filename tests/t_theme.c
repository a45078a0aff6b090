/* t_theme.c -- themes: the files that come with fikr, and files that are
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "alloc.h"
#include "theme.h"
#include "theme_color.h"
#include "theme_file.h"

static char dir[256];

static int
make_dir(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/fikr-theme-XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		return -1;
	return setenv("XDG_CONFIG_HOME", dir, 1);
}

static int
remove_dir(void **state)
{
	static const char *const names[] = { "x.yaml", "fikr/themes/own.yaml" };
	char path[512];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/fikr/themes", dir);
	rmdir(path);
	snprintf(path, sizeof(path), "%s/fikr", dir);
	rmdir(path);
	return rmdir(dir);
}

static void
write_file(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
load(struct theme *t, const char *yaml, struct err *err)
{
	char path[512];

	write_file("x.yaml", yaml);
	snprintf(path, sizeof(path), "%s/x.yaml", dir);
	return theme_load(t, path, -1, err);
}

static int
load_shipped(struct theme *t, const char *name)
{
	const char *src = getenv("srcdir");
	struct err err = { "" };
	char *path = xasprintf("%s/themes/%s.yaml", src ? src : ".", name);
	int rc = theme_load(t, path, -1, &err);

	if (rc < 0)
		fail_msg("%s", err.text);
	free(path);
	return rc;
}

/* A problem in a theme that comes with fikr. */
static void
no_problem(const struct theme_problem *p, void *ud)
{
	(void)ud;
	fail_msg("%s:%d: %s: %s", p->file, p->line, p->role ? p->role : "",
	    p->text);
}

static bool
is_line(int role)
{
	return role == STYLE_BORDER || role == STYLE_TABLE;
}

/* What a person sees of a role: fg on bg, or on the ground of the theme. */
static double
seen(const struct theme *t, int32_t fg, int32_t bg)
{
	return colour_contrast(fg, bg < 0 ? t->background : bg);
}

static void
check_depths(const struct theme *t, int i)
{
	const struct look *l = &t->look[i];
	int bg16 = l->bg16 >= 0 ? l->bg16 :
	    colour_light(t->background) ? 15 : 0;
	double full = seen(t, l->fg, l->bg);
	double some = seen(t, colour_palette(l->fg256), l->bg < 0 ? -1 :
	    colour_palette(l->bg256));
	double few = colour_contrast(colour_palette(l->fg16),
	    colour_palette(bg16));

	if (is_line(i)) {
		assert_true(full >= 1.5);
		return;
	}
	if (full < 4.5 || some < 3 || few < 2)
		fail_msg("%s: %s has %.2f, with 256 colours %.2f, with 16 "
		    "%.2f", t->name, style_name((enum style)i), full, some,
		    few);
	assert_true(l->fg16 != bg16);
}

static void
check_shipped(const char *name)
{
	char *path = theme_path(name);
	struct theme t = { .name = "" };

	assert_non_null(path);
	assert_int_equal(theme_read(&t, path, no_problem, NULL), 0);
	assert_string_equal(t.name, name);
	free(path);
	if (t.background < 0)
		return;		/* the terminal's own colours */
	for (int i = 0; i < STYLE_COUNT; i++)
		check_depths(&t, i);
	assert_true(seen(&t, t.look[STYLE_TEXT].fg, -1) >= 7);
	/* A thought is calmer than an answer, and looks it. */
	assert_true(seen(&t, t.look[STYLE_THINKING].fg, -1) + 2 <
	    seen(&t, t.look[STYLE_TEXT].fg, -1));
	assert_true(t.look[STYLE_THINKING].attr & ATTR_ITALIC);
	/* No information by colour alone. */
	assert_true(t.look[STYLE_ERROR].attr & ATTR_BOLD);
	assert_true(t.look[STYLE_REMOVED].attr & ATTR_STRIKE);
	assert_true(t.look[STYLE_ADDED].attr & ATTR_UNDERLINE);
}

/* Catches text that cannot be read in a theme that comes with fikr, with any
 * number of colours, and a file of them that is not in the list. */
static void
test_shipped(void **state)
{
	char **names;
	size_t n = theme_list(&names);

	(void)state;
	assert_true(n >= 8);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			assert_true(strcmp(names[i - 1], names[i]) < 0);
		check_shipped(names[i]);
	}
	theme_list_free(names, n);
}

/* Catches a difference between the theme without colours that needs no file
 * and the one that has one, and roles that one cannot tell apart there. */
static void
test_mono(void **state)
{
	struct theme mono, file;

	(void)state;
	theme_mono(&mono);
	load_shipped(&file, "mono");
	for (int i = 0; i < STYLE_COUNT; i++) {
		const struct look *a = &mono.look[i], *b = &file.look[i];

		/* member by member: what lies between them may differ */
		assert_int_equal(a->fg, b->fg);
		assert_int_equal(a->bg, b->bg);
		assert_int_equal(a->fg256, b->fg256);
		assert_int_equal(a->bg256, b->bg256);
		assert_int_equal(a->fg16, b->fg16);
		assert_int_equal(a->bg16, b->bg16);
		assert_int_equal(a->attr, b->attr);
	}
	assert_int_not_equal(mono.look[STYLE_HIT].attr,
	    mono.look[STYLE_HIT_CURRENT].attr);
	assert_int_not_equal(mono.look[STYLE_ADDED].attr,
	    mono.look[STYLE_REMOVED].attr);
	assert_int_not_equal(mono.look[STYLE_SELECTED].attr,
	    mono.look[STYLE_TEXT].attr);
}

/* Catches errors that lose their red, and an accent its blue, where there are
 * 16 colours, and a yellow on white. */
static void
test_sixteen(void **state)
{
	struct theme t;
	struct err err = { "" };

	(void)state;
	load_shipped(&t, "dark");
	assert_int_equal(t.look[STYLE_ERROR].fg16 & 7, 1);
	assert_int_equal(t.look[STYLE_ACCENT].fg16 & 7, 4);
	load_shipped(&t, "light");
	assert_int_equal(t.look[STYLE_ERROR].fg16 & 7, 1);
	assert_int_equal(t.look[STYLE_ACCENT].fg16 & 7, 4);
	assert_int_equal(load(&t, "background: \"#ffffff\"\nstyles:\n"
	    "  text: {fg: \"#a0a000\"}\n  dim: {fg: yellow}\n", &err), 0);
	assert_int_equal(t.look[STYLE_TEXT].fg16, 0);
	assert_int_equal(t.look[STYLE_DIM].fg16, 3);	/* as asked for */
}

/* Catches a theme for a dark screen on a light one, and paint where nobody
 * asked for it. */
static void
test_paint(void **state)
{
	struct theme dark, paper;

	(void)state;
	load_shipped(&dark, "dark");
	theme_paint(&dark, -1);
	assert_int_equal(dark.look[STYLE_TEXT].bg, -1);
	theme_paint(&dark, 0x000000);
	assert_int_equal(dark.look[STYLE_TEXT].bg, -1);
	theme_paint(&dark, 0xffffff);
	assert_int_equal(dark.look[STYLE_TEXT].bg, dark.background);
	assert_int_equal(dark.look[STYLE_STATUS].bg, 0x262838);
	load_shipped(&paper, "paper");
	theme_paint(&paper, -1);
	assert_int_equal(paper.look[STYLE_TEXT].bg, paper.background);
	assert_int_equal(paper.look[STYLE_TEXT].bg16, paper.ground16);
}

/* Catches sources of the background taken in the wrong order. */
static void
test_auto(void **state)
{
	struct theme t;
	struct err err = { "" };

	(void)state;
	unsetenv("COLORFGBG");
	assert_string_equal(theme_auto(-1), "dark");
	assert_string_equal(theme_auto(0xfafaf0), "light");
	assert_string_equal(theme_auto(0x1a1b26), "dark");
	setenv("COLORFGBG", "0;15", 1);
	assert_string_equal(theme_auto(-1), "light");
	assert_string_equal(theme_auto(0x1a1b26), "dark");
	assert_int_equal(theme_load(&t, "auto", -1, &err), 0);
	assert_string_equal(t.name, "light");
	unsetenv("COLORFGBG");
	assert_int_equal(theme_load(&t, "auto", 0x000000, &err), 0);
	assert_string_equal(t.name, "dark");
}

struct told {
	int n, warnings;
	char text[2048];
};

static void
tell(const struct theme_problem *p, void *ud)
{
	struct told *t = ud;
	size_t len = strlen(t->text);

	t->n++;
	t->warnings += p->warning;
	snprintf(t->text + len, sizeof(t->text) - len, "%d:%s:%s\n", p->line,
	    p->role ? p->role : "", p->text);
}

/* Catches a checker that stops at the first mistake or loses its place. */
static void
test_checker(void **state)
{
	struct told told = { 0 };
	struct theme t = { .name = "" };
	char path[512];

	(void)state;
	write_file("x.yaml", "nam: x\nbackground: nowhere\nstyles:\n"
	    "  text: {fg: red, size: 3}\n  dimm: {}\n"
	    "  error: {fg: \"#12\", bold: 7}\n  accent: 3\n");
	snprintf(path, sizeof(path), "%s/x.yaml", dir);
	assert_int_equal(theme_read(&t, path, tell, &told), -1);
	assert_int_equal(told.n, 7);
	assert_non_null(strstr(told.text, "1::\"nam\""));
	assert_non_null(strstr(told.text, "2::\"nowhere\""));
	assert_non_null(strstr(told.text, "4:text:\"size\""));
	assert_non_null(strstr(told.text, "5:dimm:there is no role"));
	assert_non_null(strstr(told.text, "6:error:\"#12\""));
	assert_non_null(strstr(told.text, "6:error:\"bold\""));
	assert_non_null(strstr(told.text, "7:accent:a style"));
	memset(&told, 0, sizeof(told));
	write_file("x.yaml", "background: \"#000000\"\nstyles:\n"
	    "  text: {fg: \"#ffffff\"}\n  heading: {fg: \"#404040\"}\n"
	    "  selected: {bg: \"#dddddd\"}\n  border: {fg: \"#303030\"}\n");
	assert_int_equal(theme_read(&t, path, tell, &told), 0);
	assert_int_equal(told.n, 2);
	assert_int_equal(told.warnings, 2);
	assert_non_null(strstr(told.text, "4:heading:#404040 on #000000"));
	assert_non_null(strstr(told.text, "5:selected:#ffffff on #dddddd"));
}

/* Catches colours read wrongly, and wrong neighbours for poorer terminals. */
static void
test_colours(void **state)
{
	struct theme t;
	struct err err = { "" };

	(void)state;
	assert_int_equal(load(&t, "styles:\n  text: {fg: \"#ff0000\"}\n"
	    "  dim: {fg: bright-blue, bg: 244}\n"
	    "  accent: {fg: default, bold: true}\n"
	    "  error: {fg: \"#5f87af\", bg: 7}\n"
	    "  notice: {fg: \"#fefefe\"}\n", &err), 0);
	assert_int_equal(t.look[STYLE_TEXT].fg, 0xff0000);
	assert_int_equal(t.look[STYLE_TEXT].fg256, 196);
	assert_int_equal(t.look[STYLE_TEXT].fg16, 9);
	assert_int_equal(t.look[STYLE_TEXT].bg, -1);
	assert_int_equal(t.look[STYLE_TEXT].bg16, -1);
	assert_int_equal(t.look[STYLE_DIM].fg16, 12);
	assert_int_equal(t.look[STYLE_DIM].fg256, 12);
	assert_int_equal(t.look[STYLE_DIM].bg, 0x808080);
	assert_int_equal(t.look[STYLE_DIM].bg256, 244);
	assert_int_equal(t.look[STYLE_DIM].bg16, 8);
	assert_int_equal(t.look[STYLE_ACCENT].fg, -1);
	assert_int_equal(t.look[STYLE_ACCENT].attr, ATTR_BOLD);
	assert_int_equal(t.look[STYLE_ERROR].fg256, 67);
	assert_int_equal(t.look[STYLE_ERROR].bg16, 7);
	assert_int_equal(t.look[STYLE_NOTICE].fg16, 15);
	/* A role that is not there is like text. */
	assert_int_equal(t.look[STYLE_KEY].fg, 0xff0000);
}

static void
expect_error(const char *yaml, const char *line, const char *part)
{
	struct theme t;
	struct err err = { "" };
	char where[512];

	assert_int_equal(load(&t, yaml, &err), -1);
	snprintf(where, sizeof(where), "%s/x.yaml:%s: ", dir, line);
	assert_non_null(strstr(err.text, where));
	assert_non_null(strstr(err.text, part));
	assert_string_equal(t.name, "mono");
}

/* Catches a mistake that is passed over, or reported without its place. */
static void
test_errors(void **state)
{
	(void)state;
	expect_error("name: x\nstyles:\n  thinkin: {}\n", "3",
	    "did you mean \"thinking\"?");
	expect_error("styles:\n  text: {fg: \"#12345\"}\n", "2", "no colour");
	expect_error("styles:\n  text: {fg: \"#12345g\"}\n", "2", "no colour");
	expect_error("styles:\n  text: {fg: reddish}\n", "2", "no colour");
	expect_error("styles:\n  text: {bg: 256}\n", "2", "no colour");
	expect_error("styles:\n  text: {bg: [1]}\n", "2", "no colour");
	expect_error("styles:\n  text: {bold: maybe}\n", "2", "true or false");
	expect_error("styles:\n  text: {colour: 1}\n", "2", "not known");
	expect_error("styles:\n  text: red\n", "2", "a map");
	expect_error("styles: 1\n", "1", "map of roles");
	expect_error("\ncolours: {}\n", "2", "not known");
	expect_error("background: nowhere\n", "1", "no colour");
	expect_error("- a\n", "1", "a map");
}

/* Catches a name that finds the wrong file or none, and the sentence about
 * it. */
static void
test_find(void **state)
{
	struct theme t;
	struct err err = { "" };
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/fikr", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/fikr/themes", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	write_file("fikr/themes/own.yaml", "styles: {text: {fg: 3}}\n");
	assert_int_equal(theme_load(&t, "own", -1, &err), 0);
	assert_string_equal(t.name, "own");
	assert_int_equal(t.look[STYLE_TEXT].fg16, 3);
	assert_int_equal(theme_load(&t, "nothing-like-it", -1, &err), -1);
	assert_non_null(strstr(err.text, "\"nothing-like-it\""));
	assert_int_equal(theme_load(&t, "/no/such/file.yaml", -1, &err), -1);
	assert_int_equal(theme_load(&t, "nothing-like-it", -1, NULL), -1);
	assert_string_equal(t.name, "mono");
}

/* Catches a list of roles that lost its order or its names. */
static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(style_name(STYLE_TEXT), "text");
	assert_string_equal(style_name(STYLE_KEY), "key");
	assert_string_equal(style_name(STYLE_COUNT), "?");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shipped),
		cmocka_unit_test(test_mono),
		cmocka_unit_test(test_sixteen),
		cmocka_unit_test(test_paint),
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_checker),
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
