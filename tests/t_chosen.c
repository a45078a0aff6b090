/* t_chosen.c -- what a person chooses from: personas, models, and the words
 * that are meant when they are mistyped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "models.h"
#include "personas.h"
#include "words.h"

static char home[64];

static int
set_up(void **state)
{
	char path[128];

	(void)state;
	snprintf(home, sizeof(home), "/tmp/t_chosen.XXXXXX");
	if (!mkdtemp(home))
		return -1;
	setenv("XDG_CONFIG_HOME", home, 1);
	setenv("XDG_DATA_HOME", home, 1);
	snprintf(path, sizeof(path), "%s/fikr", home);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/fikr/models", home);
	return mkdir(path, 0700);
}

static int
tear_down(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", home);
	return system(command);
}

static void
write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/fikr/%s", home, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* Would catch personas that lose what they say, and fikr's own standing before
 * the person's. */
static void
own_personas(void **state)
{
	struct personas p;
	struct err err = { .text = "" };
	const struct persona *x;

	(void)state;
	write_file("personas.yaml", "pirate: Talk like a pirate.\n"
	    "tutor: {system: Mine., thinking: off, budget: 7}\n");
	assert_int_equal(personas_load(&p, &err), 0);
	assert_string_equal(personas_find(&p, "pirate")->system,
	    "Talk like a pirate.");
	x = personas_find(&p, "tutor");
	assert_string_equal(x->system, "Mine.");
	assert_true(x->thinks);
	assert_int_equal(x->thinking, THINKING_OFF);
	assert_int_equal(x->budget, 7);
	assert_null(personas_find(&p, "nobody"));
	assert_non_null(personas_find(&p, "brief"));	/* fikr's own */
	personas_done(&p);
}

/* Would catch mistakes that are passed over, or told without their place. */
static void
wrong_personas(void **state)
{
	static const struct { const char *yaml, *says; } bad[] = {
		{ "a: b\nc: {thinking: maybe, system: x}\n", ":2: " },
		{ "c: {budget: -1, system: x}\n", "\"budget\" is a number" },
		{ "c: {system: [x]}\n", "\"system\" is a text" },
		{ "c: {thinking: on}\n", "needs a system prompt" },
		{ "c: {sytem: x}\n", "\"sytem\" is not known" },
		{ "c: [x]\n", "a persona is a text" },
		{ "- c\n", "expected lines of the form" },
	};
	struct personas p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = { .text = "" };

		write_file("personas.yaml", bad[i].yaml);
		assert_int_equal(personas_load(&p, &err), -1);
		if (!strstr(err.text, bad[i].says) ||
		    !strstr(err.text, "personas.yaml:"))
			fail_msg("%s", err.text);
		assert_int_equal(p.n, 0);
	}
}

/* Would catch a model in parts that is listed once a part, and files that are
 * no models. */
static void
models(void **state)
{
	struct model_file *v;
	size_t n;

	(void)state;
	write_file("models/b.gguf", "1234");
	write_file("models/a-00002-of-00002.gguf", "12");
	write_file("models/a-00001-of-00002.gguf", "123");
	write_file("models/notes.txt", "x");
	write_file("models/.part.gguf", "x");
	n = models_list(&v);
	assert_int_equal(n, 2);
	assert_string_equal(v[0].name, "a");
	assert_int_equal(v[0].bytes, 5);
	assert_non_null(strstr(v[0].path, "a-00001-of-00002.gguf"));
	assert_string_equal(v[1].name, "b");
	models_free(v, n);
}

/* Would catch a nearest word that is not. */
static void
words(void **state)
{
	static const struct { const char *name; int x; } table[] = {
		{ "help", 1 }, { NULL, 2 }, { "theme", 3 }, { "think", 4 },
	};

	(void)state;
	assert_int_equal(words_distance("", "abc"), 3);
	assert_int_equal(words_distance("help", "hlep"), 2);
	assert_int_equal(words_distance("same", "same"), 0);
	assert_string_equal(words_nearest("thnk", table, 4,
	    sizeof(table[0])), "think");
	assert_string_equal(words_nearest("a word that is much longer than "
	    "any", table, 4, sizeof(table[0])), "help");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(own_personas), T(wrong_personas), T(models), T(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
