/* t_theme.c -- themes: the files that come with fikr, and files that are
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "alloc.h"
#include "theme.h"

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
	return theme_load(t, path, err);
}

static int
load_shipped(struct theme *t, const char *name)
{
	const char *src = getenv("srcdir");
	struct err err = { "" };
	char *path = xasprintf("%s/themes/%s.yaml", src ? src : ".", name);
	int rc = theme_load(t, path, &err);

	if (rc < 0)
		fail_msg("%s", err.text);
	free(path);
	return rc;
}

/* WCAG 2.1, relative luminance and contrast ratio. */
static double
luminance(int32_t rgb)
{
	static const double weight[3] = { 0.2126, 0.7152, 0.0722 };
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		double c = (rgb >> (16 - 8 * i) & 255) / 255.0;

		sum += weight[i] * (c <= 0.03928 ? c / 12.92 :
		    pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double
contrast(int32_t a, int32_t b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

static void
check_contrast(const char *name, int32_t background)
{
	struct theme t;

	load_shipped(&t, name);
	assert_string_equal(t.name, name);
	for (int i = 0; i < STYLE_COUNT; i++) {
		int32_t bg = t.look[i].bg < 0 ? background : t.look[i].bg;

		if (i == STYLE_BORDER || i == STYLE_TABLE)
			continue;	/* lines, not text */
		if (contrast(t.look[i].fg, bg) < 4.5)
			fail_msg("%s: %s has %.2f", name,
			    style_name((enum style)i),
			    contrast(t.look[i].fg, bg));
	}
	/* A thought is calmer than an answer, and looks it. */
	assert_true(contrast(t.look[STYLE_THINKING].fg, background) + 2 <
	    contrast(t.look[STYLE_TEXT].fg, background));
	assert_true(t.look[STYLE_THINKING].attr & ATTR_ITALIC);
	assert_true(contrast(t.look[STYLE_TEXT].fg, background) > 10);
	/* With 16 colours an error is still red, and the accent blue. */
	assert_int_equal(t.look[STYLE_ERROR].fg16 & 7, 1);
	assert_int_equal(t.look[STYLE_ACCENT].fg16 & 7, 4);
	assert_int_not_equal(t.look[STYLE_THINKING].fg16,
	    t.look[STYLE_TEXT].fg16);
}

/* Catches text that cannot be read in a theme that comes with fikr. */
static void
test_shipped(void **state)
{
	struct theme mono, file;

	(void)state;
	check_contrast("dark", 0x1a1b26);
	check_contrast("light", 0xfbfbf8);
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
	assert_int_equal(theme_load(&t, "own", &err), 0);
	assert_string_equal(t.name, "own");
	assert_int_equal(t.look[STYLE_TEXT].fg16, 3);
	assert_int_equal(theme_load(&t, "nothing-like-it", &err), -1);
	assert_non_null(strstr(err.text, "\"nothing-like-it\""));
	assert_int_equal(theme_load(&t, "/no/such/file.yaml", &err), -1);
	assert_int_equal(theme_load(&t, "nothing-like-it", NULL), -1);
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
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
