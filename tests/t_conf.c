/* t_conf.c -- the config file: what is set, and what is said when it is
 * wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "conf.h"

static char dir[64], path[96];

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/t_conf.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/config.yaml", dir);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

static int
load(struct conf *c, const char *text, struct err *err)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	conf_init(c);
	return conf_load(c, path, err);
}

/* text is refused; the sentence names the file, this line and these words. */
static void
assert_refused(const char *text, int line, const char *words)
{
	char where[128];
	struct err err = { { 0 } };
	struct conf c;

	assert_int_equal(load(&c, text, &err), -1);
	snprintf(where, sizeof(where), "%s:%d: ", path, line);
	if (strncmp(err.text, where, strlen(where)) != 0 ||
	    !strstr(err.text, words))
		fail_msg("\"%s\" is not \"%s...%s\"", err.text, where, words);
	conf_done(&c);
}

/* Catches defaults that drift, and a missing file taken for an error. */
static void
test_defaults(void **state)
{
	struct conf c;

	(void)state;
	conf_init(&c);
	unlink(path);
	assert_int_equal(conf_load(&c, path, NULL), 0);
	assert_int_equal(conf_load(&c, "/dev/null/config.yaml", NULL), 0);
	assert_null(c.load.model);
	assert_string_equal(c.theme, "auto");
	assert_null(c.system);
	assert_int_equal(c.thinking, THINKING_ON);
	assert_int_equal(c.view, VIEW_FULL);
	assert_true(c.list_pane);
	assert_int_equal(c.bidi, BIDI_AUTO);
	assert_true(c.arabic_forms && c.visual_arrows);
	assert_null(sampling_check(&c.sampling));
	assert_int_equal(c.load.snapshot_mib, 1024);
	conf_done(&c);
}

/* Catches a key that is accepted but sets nothing, or the wrong field. */
static void
test_all_keys(void **state)
{
	struct conf c;
	struct err err = { { 0 } };

	(void)state;
	if (load(&c, "model: m.gguf\ntheme: light\nsystem: |\n  Be brief.\n"
	    "context: 4096\nthreads: 2\nkv: q8_0\nlora:\n  - a.gguf\n"
	    "  - path: b.gguf\n    scale: 0.5\n  - {scale: -1, path: c}\n"
	    "chat-format: chatml\nsnapshots: 7\nthinking: off\nbudget: 100\n"
	    "budget-time: 90\n"
	    "view: brief\nlist-pane: off\nthinking-pane: on\n"
	    "fold-when-answered: yes\ntitles: first\n"
	    "bidi: terminal\narabic-forms: no\nsampling:\n  temperature: 0\n"
	    "  top-k: 1\n  top-p: 0.5\n  min-p: 0.25\n"
	    "  repeat-penalty: 1.5\n  repeat-last: 7\n"
	    "  seed: 18446744073709551615\n  max-tokens: 9\n", &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(c.load.model, "m.gguf");
	assert_string_equal(c.theme, "light");
	assert_int_equal(c.titles, TITLES_FIRST);
	assert_string_equal(c.system, "Be brief.\n");
	assert_int_equal(c.load.context, 4096);
	assert_int_equal(c.load.threads, 2);
	assert_int_equal(c.load.kv, KV_Q8_0);
	assert_int_equal(c.load.n_lora, 3);
	assert_string_equal(c.load.lora[0].path, "a.gguf");
	assert_true(c.load.lora[0].scale == 1);
	assert_string_equal(c.load.lora[1].path, "b.gguf");
	assert_true(c.load.lora[1].scale == 0.5f);
	assert_true(c.load.lora[2].scale == -1);
	assert_string_equal(c.load.chat_format, "chatml");
	assert_int_equal(c.load.snapshot_mib, 7);
	assert_int_equal(c.thinking, THINKING_OFF);
	assert_int_equal(c.budget, 100);
	assert_int_equal(c.budget_time, 90);
	assert_int_equal(c.view, VIEW_BRIEF);
	assert_int_equal(c.bidi, BIDI_TERMINAL);
	assert_false(c.arabic_forms);
	assert_false(c.list_pane);
	assert_true(c.think_pane);
	assert_true(c.fold_answered);
	assert_true(c.sampling.temperature == 0);
	assert_int_equal(c.sampling.top_k, 1);
	assert_true(c.sampling.top_p == 0.5f);
	assert_true(c.sampling.min_p == 0.25f);
	assert_true(c.sampling.repeat_penalty == 1.5f);
	assert_int_equal(c.sampling.repeat_last, 7);
	assert_true(c.sampling.seed == UINT64_MAX);
	assert_int_equal(c.sampling.max_tokens, 9);
	conf_done(&c);
}

/* Catches a key without a value that clears the default. */
static void
test_null_values(void **state)
{
	struct conf c;

	(void)state;
	assert_int_equal(load(&c, "model:\ntheme: ~\ncontext: null\n", NULL),
	    0);
	assert_null(c.load.model);
	assert_string_equal(c.theme, "auto");
	conf_done(&c);
}

/* Catches an error that does not say where and what is possible. */
static void
test_unknown_keys(void **state)
{
	(void)state;
	assert_refused("model: m\nthem: dark\n", 2,
	    "unknown key \"them\"; did you mean \"theme\"? Known keys are "
	    "model, theme, language, system, context, threads, kv, lora, "
	    "chat-format, snapshots, thinking, budget, budget-time, view, ");
	assert_refused("\n\nxyzzy: 1\n", 3,
	    "unknown key \"xyzzy\"; known keys are model, ");
	assert_refused("sampling:\n  top_k: 1\n", 2, "did you mean \"top-k\"");
	assert_refused("sampling: {heat: 1}\n", 1,
	    "known keys are temperature");
	assert_refused("? abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvw\n"
	    ": 1\n", 1, "unknown key");
}

/* Catches values of a wrong kind or out of range that slip through. */
static void
test_wrong_values(void **state)
{
	(void)state;
	assert_refused("context: many\n", 1,
	    "context must be a whole number from 0 to 1048576, not \"many\"");
	assert_refused("a\n", 1, "key: value");
	assert_refused("threads: -1\n", 1, "from 0 to 1024");
	assert_refused("threads: 1.5\n", 1, "threads");
	assert_refused("model: [a]\n", 1, "model must be text, not a list");
	assert_refused("model: \"a\\0b\"\n", 1, "model must be text");
	assert_refused("thinking: maybe\n", 1, "auto, on or off");
	assert_refused("thinking: [on]\n", 1, "auto, on or off");
	assert_refused("view: none\n", 1, "full, brief or hidden");
	assert_refused("list-pane: 2\n", 1, "true or false");
	assert_refused("bidi: on\n", 1, "explicit, words");
	assert_refused("sampling: 0.5\n", 1, "sampling must be a map");
	assert_refused("sampling:\n  top-k: 1\n  temperature: 99\n", 3,
	    "temperature must be between");
	assert_refused("sampling:\n  temperature: warm\n", 2, "a number");
	assert_refused("sampling:\n  temperature: 1e39\n", 2, "a number");
	assert_refused("sampling:\n  top-p: x\n", 2, "a number");
	assert_refused("sampling:\n  top-k: 3000000000\n", 2, "whole number");
	assert_refused("sampling:\n  seed: -1\n", 2, "whole number");
	assert_refused("sampling:\n  temperature: -1\n", 2,
	    "auto, or a number");
	assert_refused("kv: q4_0\n", 1, "f16, f32 or q8_0");
	assert_refused("lora: a.gguf\n", 1, "lora must be a list");
	assert_refused("lora: [[a]]\n", 1, "an item of lora must be");
	assert_refused("lora:\n  - scale: 1\n", 2, "an item of lora must be");
	assert_refused("lora:\n  - {path: a, scal: 1}\n", 2, "\"scale\"");
	assert_refused("lora:\n  - path: a\n    scale: big\n", 3,
	    "scale must be a number");
	assert_refused("lora:\n  - {path: a, scale: 1e9}\n", 2,
	    "the scale of a");
	assert_refused("lora: ['']\n", 1, "name of an adapter");
	assert_refused("chat-format: [a]\n", 1, "must be text");
	assert_refused("model: a\nmodel: b\n", 2, "given twice");
	assert_refused("model: a\n b: [\n", 2, "");
}

/* Catches an example that the program would refuse. */
static void
test_example(void **state)
{
	const char *src = getenv("srcdir");
	struct err err = { { 0 } };
	char example[512];
	struct conf c;

	(void)state;
	snprintf(example, sizeof(example), "%s/docs/config.example.yaml",
	    src ? src : ".");
	assert_int_equal(access(example, R_OK), 0);
	conf_init(&c);
	if (conf_load(&c, example, &err) < 0)
		fail_msg("%s", err.text);
	conf_done(&c);
}

/* Catches a name table and an enum that have parted. */
static void
test_views(void **state)
{
	enum think_view v;

	(void)state;
	for (int i = VIEW_FULL; i <= VIEW_HIDDEN; i++) {
		assert_int_equal(think_view_parse(
		    think_view_name((enum think_view)i), &v), 0);
		assert_int_equal(v, i);
	}
	assert_int_equal(think_view_parse("", &v), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all_keys),
		cmocka_unit_test(test_null_values),
		cmocka_unit_test(test_unknown_keys),
		cmocka_unit_test(test_wrong_values),
		cmocka_unit_test(test_example),
		cmocka_unit_test(test_views),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
