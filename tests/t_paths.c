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
	unsetenv("XDG_CACHE_HOME");
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
	assert_at_home(path_cache("kv"), "/.cache/fikr/kv");
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
	assert_non_null(strstr(err.text, "fikr/models"));
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

/* Catches a model in parts that is found by its parts' names only, and another
 * part than the first, or a longer name, taken for it. */
static void
test_parts(void **state)
{
#define MODELS "/.local/share/fikr/models/"
	char dir[128];
	char *name;

	(void)state;
	snprintf(dir, sizeof(dir), "%s" MODELS, home);
	assert_int_equal(path_make_dir(dir, NULL), 0);
	make_file(MODELS "big-00002-of-00003.gguf");
	make_file(MODELS "big-tuned-00001-of-00002.gguf");
	make_file(MODELS "big-00001-of-0003.gguf");
	make_file(MODELS "big-00001-of-00003.txt");
	assert_null(path_model("big", NULL));
	make_file(MODELS "big-00001-of-00003.gguf");
	assert_at_home(path_model("big", NULL),
	    MODELS "big-00001-of-00003.gguf");
	assert_at_home(path_model("big.gguf", NULL),
	    MODELS "big-00001-of-00003.gguf");
	assert_at_home(path_model("big-00001-of-00003", NULL),
	    MODELS "big-00001-of-00003.gguf");
	snprintf(dir, sizeof(dir), "%s" MODELS "big-tuned", home);
	assert_at_home(path_model(dir, NULL),
	    MODELS "big-tuned-00001-of-00002.gguf");
	name = path_model_name("/x/big-00001-of-00003.GGUF");
	assert_string_equal(name, "big");
	free(name);
	name = path_model_name("-00001-of-00003");
	assert_string_equal(name, "-00001-of-00003");
	free(name);
#undef MODELS
}

/* Catches adapters and chat formats that are sought in one place only, and a
 * format's name taken for a file. */
static void
test_adapters_and_formats(void **state)
{
	struct err err = { "" };
	char dir[128], *name;

	(void)state;
	assert_null(path_adapter("style", &err));
	assert_non_null(strstr(err.text, "--lora"));
	snprintf(dir, sizeof(dir), "%s/.local/share/fikr/adapters", home);
	assert_int_equal(path_make_dir(dir, NULL), 0);
	make_file("/.local/share/fikr/adapters/style.gguf");
	make_file("/own.gguf");
	assert_at_home(path_adapter("style", &err),
	    "/.local/share/fikr/adapters/style.gguf");
	assert_at_home(path_adapter("~/own.gguf", &err), "/own.gguf");
	assert_null(path_adapter("./style", &err));
	snprintf(dir, sizeof(dir), "%s/.config/fikr/chat-formats", home);
	assert_int_equal(path_make_dir(dir, NULL), 0);
	make_file("/.config/fikr/chat-formats/mine.yaml");
	assert_at_home(path_chat_format("mine", &err),
	    "/.config/fikr/chat-formats/mine.yaml");
	name = path_chat_format("chatml", &err);
	assert_string_equal(name, "chatml");
	free(name);
	assert_null(path_chat_format("/no/such.yaml", &err));
	assert_non_null(strstr(err.text, "/no/such.yaml"));
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
		T(test_parts),
		T(test_adapters_and_formats),
		T(test_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
