/* t_paths.c -- where things are kept and found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"

static char home[64];

static int
set_up(void **state)
{
	(void)state;
	snprintf(home, sizeof(home), "/tmp/t_paths.XXXXXX");
	if (!mkdtemp(home))
		return -1;
	setenv("HOME", home, 1);
	unsetenv("XDG_DATA_HOME");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_STATE_HOME");
	unsetenv("FIKR_SHARE");
	return 0;
}

static int
tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", home);
	return system(command);
}

/* Compares a path that it frees with what follows the home folder. */
static void
assert_at_home(char *path, const char *rest)
{
	assert_non_null(path);
	assert_memory_equal(path, home, strlen(home));
	assert_string_equal(path + strlen(home), rest);
	free(path);
}

static void
make_file(const char *rest)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", home, rest);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
}

/* Catches a folder that is not where the XDG specification puts it, and a
 * relative or empty variable that is believed. */
static void
test_xdg(void **state)
{
	char *p;

	(void)state;
	assert_at_home(path_config("config.yaml"), "/.config/fikr/config.yaml");
	assert_at_home(path_data(NULL), "/.local/share/fikr");
	assert_at_home(path_state("worker.log"),
	    "/.local/state/fikr/worker.log");
	setenv("XDG_DATA_HOME", "relative", 1);
	setenv("XDG_CONFIG_HOME", "", 1);
	assert_at_home(path_data("x"), "/.local/share/fikr/x");
	assert_at_home(path_config("x"), "/.config/fikr/x");
	setenv("XDG_STATE_HOME", "/elsewhere/", 1);
	p = path_state("x");
	assert_string_equal(p, "/elsewhere/fikr/x");
	free(p);
}

/* Catches a crash, or a path without a start, when nobody knows the home. */
static void
test_no_home(void **state)
{
	char *p;

	(void)state;
	unsetenv("HOME");
	p = path_data("x");
	assert_int_equal(p[0], '/');
	free(p);
	setenv("HOME", "not/absolute", 1);
	p = path_data("x");
	assert_int_equal(p[0], '/');
	free(p);
}

/* Catches folders that others may look into, and a file in the way that is
 * not named. */
static void
test_make_dir(void **state)
{
	struct err err = { "" };
	struct stat st;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/a/b/c", home);
	umask(0);
	assert_int_equal(path_make_dir(path, &err), 0);
	assert_int_equal(path_make_dir(path, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	make_file("/file");
	snprintf(path, sizeof(path), "%s/file/x", home);
	assert_int_equal(path_make_dir(path, &err), -1);
	assert_non_null(strstr(err.text, "/file"));
	snprintf(path, sizeof(path), "%s/file", home);
	assert_int_equal(path_make_dir(path, &err), -1);
	assert_non_null(strstr(err.text, "Not a directory"));
}

/* Catches a model that is asked for by any of its names and not found, and a
 * missing one without a word on what to do. */
static void
test_models(void **state)
{
	struct err err = { "" };
	char dir[128];

	(void)state;
	assert_null(path_model(NULL, &err));
	assert_non_null(strstr(err.text, DEFAULT_MODEL_FILE));
	assert_null(path_model("tiny", &err));
	assert_non_null(strstr(err.text, "tiny"));
	snprintf(dir, sizeof(dir), "%s/.local/share/fikr/models", home);
	assert_int_equal(path_make_dir(dir, &err), 0);
	make_file("/.local/share/fikr/models/tiny.gguf");
	make_file("/.local/share/fikr/models/" DEFAULT_MODEL_FILE);
	make_file("/own.gguf");
	assert_at_home(path_model("tiny", &err),
	    "/.local/share/fikr/models/tiny.gguf");
	assert_at_home(path_model("tiny.gguf", &err),
	    "/.local/share/fikr/models/tiny.gguf");
	assert_at_home(path_model("", &err),
	    "/.local/share/fikr/models/" DEFAULT_MODEL_FILE);
	assert_at_home(path_model("~/own.gguf", &err), "/own.gguf");
	assert_null(path_model("./tiny", &err));
}

/* Catches themes that are sought in one place only. */
static void
test_share(void **state)
{
	char path[128];

	(void)state;
	assert_null(path_share("no/such/thing"));
	assert_null(path_libexec("no-such-program"));
	snprintf(path, sizeof(path), "%s/share/themes", home);
	assert_int_equal(path_make_dir(path, NULL), 0);
	make_file("/share/themes/own.yaml");
	snprintf(path, sizeof(path), "%s/share", home);
	setenv("FIKR_SHARE", path, 1);
	assert_at_home(path_share("themes/own.yaml"),
	    "/share/themes/own.yaml");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_xdg),
		T(test_no_home),
		T(test_make_dir),
		T(test_models),
		T(test_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
