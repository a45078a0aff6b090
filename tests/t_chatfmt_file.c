/* t_chatfmt_file.c -- chat formats of the user's own, and choosing one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "buf.h"
#include "chatfmt.h"
#include "paths.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define GOOD "user: {open: U}\nassistant: {open: A}\n"

static char folder[64];		/* the configuration, removed at the end */
static char file[128];		/* in its folder of chat formats */

static int
set_up(void **state)
{
	char *dir;

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/fikr-formats-XXXXXX");
	if (!mkdtemp(folder) || setenv("XDG_CONFIG_HOME", folder, 1))
		return -1;
	dir = path_config("chat-formats");
	snprintf(file, sizeof(file), "%s/own.yaml", dir);
	if (path_make_dir(dir, NULL) < 0)
		return -1;
	free(dir);
	return 0;
}

static int
tear_down(void **state)
{
	char *dir = path_config("chat-formats"), *up = path_config(NULL);

	(void)state;
	unlink(file);
	rmdir(dir);
	rmdir(up);
	free(dir);
	free(up);
	return rmdir(folder);
}

static void
write_file(const char *text, size_t n)
{
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static struct chatfmt
choose(const char *name)
{
	struct chatfmt f;
	struct err err;

	if (chatfmt_choose(&f, name, NULL, 0, NULL, &err) < 0)
		fail_msg("%s", err.text);
	return f;
}

static void
expect(const struct chatfmt *f, const struct chat_msg *m, size_t n,
    enum thinking thinking, const char *want)
{
	struct buf b = { 0 };
	struct prompt p;

	chatfmt_render(f, m, n, thinking, &p);
	prompt_text(&p, &b);
	assert_string_equal(b.data, want);
	buf_free(&b);
	prompt_free(&p);
}

/* The YAML between the fences of the document. */
static char *
documented(size_t *n)
{
	static char text[32768];
	char path[1024], *from, *to;
	FILE *f;

	snprintf(path, sizeof(path), "%s/docs/chat-formats.md",
	    getenv("srcdir") ? getenv("srcdir") : ".");
	f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	from = strstr(text, "```yaml\n");
	assert_non_null(from);
	from += 8;
	to = strstr(from, "```");
	assert_non_null(to);
	*n = (size_t)(to - from);
	return from;
}

/* Catches a document whose example fikr refuses or reads in another way. */
static void
test_documented(void **state)
{
	static const struct chat_msg m[] = {
		{ ROLE_USER, (char *)" Hi " },
		{ ROLE_ASSISTANT, (char *)"[THINK]\nso\n[/THINK]\n Yo " },
		{ ROLE_USER, (char *)"<|end|>" } };
	size_t n;
	char *text = documented(&n);
	struct chatfmt f;

	(void)state;
	write_file(text, n);
	f = choose("own");
	assert_string_equal(f.name, "own");
	assert_string_equal(f.think_open, "[THINK]");
	assert_string_equal(f.think_close, "[/THINK]");
	assert_int_equal(f.thinker, THINKER_NATIVE);
	assert_string_equal(f.stop[0], "<|end|>");
	assert_string_equal(f.stop[1], "<|user|>");
	assert_null(f.stop[2]);
	assert_null(f.note);
#define HEAD "<s><|system|>\nYou are helpful.<|end|>\n<|user|>\nHi<|end|>\n" \
	"<|assistant|>\n Yo <|end|>\n<|user|>\n<|end|><|end|>\n<|assistant|>\n"
	expect(&f, m, 3, THINKING_AUTO, HEAD "[THINK]\n");
	expect(&f, m, 3, THINKING_OFF, HEAD "[THINK]\n\n[/THINK]\n");
	chatfmt_done(&f);
}

/* Catches defaults that are not what the document says, and a place of the
 * system text that is not heeded. */
static void
test_minimal(void **state)
{
	static const struct chat_msg m[] = {
		{ ROLE_SYSTEM, (char *)"s" }, { ROLE_USER, (char *)" a " },
		{ ROLE_ASSISTANT, (char *)"b" }, { ROLE_USER, (char *)"c" } };
	static const struct { const char *more, *want; } t[] = {
		{ "", "sU a AbUcA" },
		{ "go-on: G\n", "sU a AbUcG" },
		{ "trim: true\n", "sUaAbUcA" },
		{ "system: {open: <, close: '>', place: user}\n",
		    "U<s> a AbUcA" },
		{ "system: {open: <, close: '>', place: last-user}\n",
		    "U a AbU<s>cA" },
		{ "system: {open: <, close: '>', place: start}\n",
		    "<s>U a AbUcA" },
		{ "bos:\nstop: []\n", "sU a AbUcA" },
	};

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		struct buf b = { 0 };
		struct chatfmt f;

		buf_puts(&b, GOOD);
		buf_puts(&b, t[i].more);
		write_file(b.data, b.len);
		f = choose(file);
		assert_int_equal(f.thinker, THINKER_GUIDED);
		assert_null(f.stop);
		expect(&f, m, 4, THINKING_ON, t[i].want);
		chatfmt_done(&f);
		buf_free(&b);
	}
}

/* Catches files that are taken though something in them is wrong, and
 * complaints that do not say where. */
static void
test_bad_files(void **state)
{
	static const struct { const char *text, *line, *why; } t[] = {
		{ "", ":1:", "user: {open" },
		{ "user: {open: U}\n", ":1:", "user: {open" },
		{ "user: {open: ''}\nassistant: {open: A}\n", ":1:", "user" },
		{ "- a\n", ":1:", "a map" },
		{ "x\n", ":1:", "a map" },
		{ GOOD "usr: x\n", ":3:", "known keys are bos, trim" },
		{ GOOD "system:\n  opn: x\n", ":4:", "of system" },
		{ GOOD "system: x\n", ":3:", "system must be a map" },
		{ "user: {open: U, place: turn}\nassistant: {open: A}\n",
		    ":1:", "\"place\" of user" },
		{ GOOD "bos: [a]\n", ":3:", "bos must be text" },
		{ GOOD "bos: \"a\\0b\"\n", ":3:", "bos must be text" },
		{ GOOD "trim: maybe\n", ":3:", "true or false" },
		{ GOOD "system: {place: end}\n", ":3:", "last-user" },
		{ GOOD "system: {place: [turn]}\n", ":3:", "last-user" },
		{ GOOD "stop: x\n", ":3:", "a list" },
		{ GOOD "stop: ['']\n", ":3:", "1 to 64" },
		{ GOOD "stop: [a, b, c, d, e, f, g, h, i]\n", ":3:", "8" },
		{ GOOD "stop: [[a]]\n", ":3:", "1 to 64" },
		{ GOOD "thinking: {open: a}\n", ":3:", "both open and close" },
		{ GOOD "thinking: {open: a, close: a}\n", ":3:", "different" },
		{ GOOD "thinking: {open: '', close: a}\n", ":3:", "1 to 64" },
		{ GOOD "bos: a\nbos: b\n", ":4:", "" },
		{ GOOD "bos: \"\n", "", "" },
		{ GOOD "bos: &a x\nstop: [*a]\n", "", "" },
		{ "\xff\xfe", "", "" },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < N(t); i++) {
		struct chatfmt f;

		write_file(t[i].text, strlen(t[i].text));
		assert_int_equal(chatfmt_choose(&f, "own", NULL, 0, NULL,
		    &err), -1);
		assert_non_null(strstr(err.text, "own.yaml"));
		assert_non_null(strstr(err.text, t[i].line));
		if (!strstr(err.text, t[i].why))
			fail_msg("no \"%s\" in: %s", t[i].why, err.text);
	}
}

/* Catches texts and files without a bound. */
static void
test_too_long(void **state)
{
	struct chatfmt f;
	struct buf b = { 0 };
	struct err err;

	(void)state;
	buf_puts(&b, GOOD "bos: ");
	for (int i = 0; i < 8193; i++)
		buf_addc(&b, 'x');
	write_file(b.data, b.len);
	assert_int_equal(chatfmt_choose(&f, "own", NULL, 0, NULL, &err), -1);
	assert_non_null(strstr(err.text, "8192"));
	buf_puts(&b, "\n#");
	for (int i = 0; i < 65536; i++)
		buf_addc(&b, '-');
	write_file(b.data, b.len);
	assert_int_equal(chatfmt_choose(&f, "own", NULL, 0, NULL, &err), -1);
	buf_free(&b);
}

/* Catches names that are not looked up, paths taken for names, and a mistyped
 * name that ends in the plain format. */
static void
test_choose(void **state)
{
	static const char qwen[] = "{{ '<|im_start|>' }}<|im_end|>";
	struct chatfmt f;
	struct err err;
	const char *name;

	(void)state;
	for (size_t i = 0; (name = chatfmt_name(i)); i++) {
		f = choose(name);
		assert_string_equal(f.name, name);
		assert_false(f.unknown);
		chatfmt_done(&f);
	}
	assert_int_equal(chatfmt_choose(&f, "gemma", qwen, sizeof(qwen) - 1,
	    NULL, &err), 0);
	assert_string_equal(f.name, "gemma");
	chatfmt_done(&f);
	assert_int_equal(chatfmt_choose(&f, "", qwen, sizeof(qwen) - 1, NULL,
	    &err), 0);
	assert_string_equal(f.name, "chatml");
	chatfmt_done(&f);
	assert_int_equal(chatfmt_choose(&f, "gema", NULL, 0, NULL, &err), -1);
	assert_non_null(strstr(err.text, "gemma"));
	assert_non_null(strstr(err.text, folder));
	assert_int_equal(chatfmt_choose(&f, "./gemma", NULL, 0, NULL, &err),
	    -1);
	assert_int_equal(chatfmt_choose(&f, "/", NULL, 0, NULL, &err), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documented),
		cmocka_unit_test(test_minimal),
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_choose),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
