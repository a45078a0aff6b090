/* t_options.c -- the command line, and text made safe for output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "options.h"
#include "out.h"

#define MAX_ARGS 12

/* Parse a command line given as words; argv must outlive o. */
static int
parse(struct options *o, char **argv, struct err *err)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return options_parse(o, argc, argv, err);
}

#define ARGS(...) (char *[MAX_ARGS]){ (char *)"fikr", __VA_ARGS__, NULL }
#define A(s) ((char *)(s))

/* Catches a command that is not recognised, or its words lost. */
static void
commands(void **state)
{
	char *none[] = { A("fikr"), NULL };
	struct options o;
	struct err err;

	(void)state;
	assert_int_equal(parse(&o, none, &err), 0);
	assert_int_equal(o.command, CMD_CHAT);
	options_done(&o);
	assert_int_equal(parse(&o, ARGS(A("ask"), A("what"), A("now?")),
	    &err), 0);
	assert_int_equal(o.command, CMD_ASK);
	assert_string_equal(o.text, "what now?");
	options_done(&o);
	assert_int_equal(parse(&o, ARGS(A("ask")), &err), 0);
	assert_null(o.text);
	options_done(&o);
	assert_int_equal(parse(&o, ARGS(A("show"), A("x")), &err), 0);
	assert_string_equal(o.text, "x");
	options_done(&o);
	assert_int_equal(parse(&o, ARGS(A("ask"), A("x"), A("--help")), &err),
	    0);
	assert_int_equal(o.command, CMD_HELP);
	options_done(&o);
}

/* Catches a setting that does not arrive in the configuration, or one that
 * overwrites what was not given. */
static void
settings_go_over_the_configuration(void **state)
{
	struct conf c = { .sampling = sampling_default(), .load.threads = 3 };
	struct options o;
	struct err err;

	(void)state;
	assert_int_equal(parse(&o, ARGS(A("-m"), A("a.gguf"),
	    A("--model=b.gguf"), A("--temp"), A("0.25"), A("--seed"),
	    A("18446744073709551615"), A("-n5"), A("--think=off")), &err), 0);
	assert_true(o.think_given);
	assert_int_equal(options_apply(&o, &c, &err), 0);
	assert_string_equal(c.load.model, "b.gguf");
	assert_true(c.sampling.temperature == 0.25f);
	assert_true(c.sampling.seed == UINT64_MAX);
	assert_int_equal(c.sampling.max_tokens, 5);
	assert_int_equal(c.sampling.top_k, 40);
	assert_int_equal(c.thinking, THINKING_OFF);
	assert_int_equal(c.load.threads, 3);
	free(c.load.model);
	options_done(&o);
}

/* Catches an adapter that is lost, one of the configuration's that stays beside
 * those asked for, and a scale taken for a part of a name or the reverse. */
static void
how_to_load(void **state)
{
	struct conf c = { .sampling = sampling_default() };
	struct options o;
	struct err err;

	(void)state;
	assert_int_equal(load_add_adapter(&c.load, "old", 1, "", &err), 0);
	assert_int_equal(parse(&o, ARGS(A("--kv"), A("q8_0"), A("--lora"),
	    A("a=b.gguf"), A("--lora=x=y.gguf=-0.5"), A("--chat-format"),
	    A("llama3"), A("--temp=auto")), &err), 0);
	assert_int_equal(options_apply(&o, &c, &err), 0);
	assert_int_equal(c.load.kv, KV_Q8_0);
	assert_int_equal(c.load.n_lora, 2);
	assert_string_equal(c.load.lora[0].path, "a=b.gguf");
	assert_true(c.load.lora[0].scale == 1);
	assert_string_equal(c.load.lora[1].path, "x=y.gguf");
	assert_true(c.load.lora[1].scale == -0.5f);
	assert_string_equal(c.load.chat_format, "llama3");
	assert_true(c.sampling.temperature == TEMPERATURE_AUTO);
	conf_done(&c);
	options_done(&o);
}

/* Catches --continue swallowing the word after it, or losing its id. */
static void
resume(void **state)
{
	struct options o;
	struct err err;

	(void)state;
	assert_int_equal(parse(&o, ARGS(A("--continue=20261124-1")), &err), 0);
	assert_true(o.resume);
	assert_string_equal(o.resume_id, "20261124-1");
	options_done(&o);
	assert_int_equal(parse(&o, ARGS(A("-c")), &err), 0);
	assert_true(o.resume);
	assert_null(o.resume_id);
	options_done(&o);
}

/* Catches a wrong command line that is let through or not explained. */
static void
wrong_usage(void **state)
{
	char **const bad[] = {
		ARGS(A("--nonsense")), ARGS(A("-q")), ARGS(A("-m")),
		ARGS(A("frobnicate")), ARGS(A("--temp"), A("hot")),
		ARGS(A("--temp"), A("nan")), ARGS(A("--temp"), A("99")),
		ARGS(A("--threads"), A("-1")), ARGS(A("-t"), A("2x")),
		ARGS(A("-t"), A("")), ARGS(A("--top-p"), A("0")),
		ARGS(A("--context"), A("99999999999999999999")),
		ARGS(A("--seed"), A("-1")), ARGS(A("--think"), A("maybe")),
		ARGS(A("--thinking=loud")), ARGS(A("show")),
		ARGS(A("show"), A("a"), A("b")), ARGS(A("list"), A("a")),
		ARGS(A("--temp"), A("-1")), ARGS(A("--kv"), A("q4_0")),
		ARGS(A("--kv"), A("")), ARGS(A("--lora"), A("")),
		ARGS(A("--lora"), A("=2")), ARGS(A("--lora"), A("a=big")),
		ARGS(A("--lora"), A("a=nan")), ARGS(A("--lora"), A("a=1e9")),
		ARGS(A("--lora"), A("a=")), ARGS(A("--chat-format")),
		ARGS(A("--help=x")), ARGS(A("--to"), A("1")),
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct options o;
		struct err err = { "" };

		if (parse(&o, bad[i], &err) == 0)
			fail_msg("accepted: %s %s", bad[i][1],
			    bad[i][2] ? bad[i][2] : "");
		assert_true(strlen(err.text) > 0);
	}
}

/* Catches escape sequences, C1 and bidi controls reaching a terminal, and
 * ordinary text being changed. */
static void
controls_are_made_visible(void **state)
{
	struct buf b = { 0 };
	const char *s = "a\033[2J\tb\n\r\x7f\xc2\x9b\xe2\x80\xae\xc3\xa9"
	    "\xf0\x9f\x98\x80";

	(void)state;
	out_visible(&b, s, strlen(s));
	assert_string_equal(b.data, "a\xe2\x90\x9b[2J\tb\n\xe2\x90\x8d"
	    "\xe2\x90\xa1<U+009B><U+202E>\xc3\xa9\xf0\x9f\x98\x80");
	buf_free(&b);
}

/* Catches blank lines around an answer, lines lost inside it, and more or less
 * than one newline at its end. */
static void
one_newline_at_the_end(void **state)
{
	static const char *const parts[] = { "\n\n", "one", "\n", "\n",
		"two\n", "\n\n" };
	struct out o = { .newlines = 0 };
	struct err err;
	char got[64];
	int p[2];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(p), 0);
	o.fd = p[1];
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		assert_int_equal(out_text(&o, parts[i], strlen(parts[i]),
		    &err), 0);
	assert_int_equal(out_end(&o, &err), 0);
	assert_int_equal(out_end(&o, &err), 0);
	n = read(p[0], got, sizeof got - 1);
	assert_true(n > 0);
	got[n] = '\0';
	assert_string_equal(got, "one\n\ntwo\n");
	close(p[0]);
	close(p[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands),
		cmocka_unit_test(settings_go_over_the_configuration),
		cmocka_unit_test(how_to_load),
		cmocka_unit_test(resume),
		cmocka_unit_test(wrong_usage),
		cmocka_unit_test(controls_are_made_visible),
		cmocka_unit_test(one_newline_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
