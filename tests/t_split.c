/* t_split.c -- the splitting rules, each by its published expression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "buf.h"
#include "tok_split.h"

/* The words of s with '|' between them. */
static void
check(const char *pre, const char *s, const char *want)
{
	const struct split_rule *r = split_find(pre, strlen(pre));
	struct split sp = { 0 };
	struct buf b = { 0 };
	uint32_t at = 0;
	size_t i;

	assert_non_null(r);
	split_run(&sp, r, s, strlen(s));
	for (i = 0; i < sp.n; i++) {
		if (i > 0)
			buf_addc(&b, '|');
		buf_add(&b, s + at, sp.end[i] - at);
		at = sp.end[i];
	}
	assert_int_equal(at, strlen(s));
	assert_string_equal(b.data, want);
	buf_free(&b);
	split_done(&sp);
}

/* Catches a rule that is listed but cannot be found, or found by a prefix. */
static void
test_find(void **state)
{
	(void)state;
	assert_non_null(split_find("smollm", 6));
	assert_non_null(split_find("qwen2", 5));
	assert_non_null(split_find("deepseek-r1-qwen", 16));
	assert_null(split_find("qwen", 4));
	assert_null(split_find("qwen2x", 6));
	assert_null(split_find("", 0));
	assert_true(split_ignores_merges(split_find("llama-bpe", 9)));
	assert_false(split_ignores_merges(split_find("qwen2", 5)));
}

/* Catches a name for a rule that stands for another. */
static void
test_names(void **state)
{
	static const char *const same[][5] = {
		{ "12345 'S x", "llama-bpe", "llama3", "llama-v3", "falcon3" },
		{ "12345 'S x", "smaug-bpe", "dbrx", "glm4", "pixtral" },
		{ "12345 'S x", "lfm2", "midm-2.0", "chatglm-bpe",
		    "falcon-h1" },
		{ "12 'S x.\n", "qwen2", "deepseek-r1-qwen", "kormo",
		    "megrez" },
		{ "12 'S x.\n", "gpt-2", "phi-2", "olmo", "gigachat" },
		{ "12 'S x.\n", "smollm", "starcoder", "refact",
		    "command-r" },
	};
	static const char *const want[] = { "123|45| '|S| x",
		"123|45| '|S| x", "123|45| '|S| x", "1|2| '|S| x|.\n",
		"12| '|S| x|.|\n", "1|2| '|S| x|.|\n" };
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(*want); i++)
		for (k = 1; k < 5; k++)
			check(same[i][k], same[i][0], want[i]);
	/* a whole word wins in one family only */
	assert_true(split_ignores_merges(split_find("falcon3", 7)));
	assert_true(split_adds_bos(split_find("lfm2", 4)));
	assert_false(split_ignores_merges(split_find("smaug-bpe", 9)));
	assert_false(split_adds_bos(split_find("dbrx", 4)));
}

/* Catches the look-ahead of \s+(?!\S) off by one, contractions matched in the
 * wrong case, and letters, digits and signs run together. */
static void
test_gpt2(void **state)
{
	(void)state;
	check("gpt-2", "Hello  world", "Hello| | world");
	check("gpt-2", "it's IT'S we'll", "it|'s| IT|'|S| we|'ll");
	check("gpt-2", "a1b23, c!?", "a|1|b|23|,| c|!?");
	check("gpt-2", "x \n\n y  ", "x| \n\n| y|  ");
	check("gpt-2", "\xC3\xA9t\xC3\xA9 \xE4\xB8\xAD", "\xC3\xA9t\xC3\xA9"
	    "| \xE4\xB8\xAD");
}

/* Catches digits kept together, and a look-ahead that sees past the digit
 * that ended its span: the spaces before a digit stay together. */
static void
test_smollm(void **state)
{
	(void)state;
	check("smollm", "abc 123", "abc| |1|2|3");
	check("smollm", "a   1", "a|   |1");
	check("smollm", "1a's2", "1|a|'s|2");
}

/* Catches the line-end rules: signs take the line ends after them, blank
 * lines end at their last line end, one sign leads a word. */
static void
test_qwen2(void **state)
{
	(void)state;
	check("qwen2", "a.\n\nb", "a|.\n\n|b");
	check("qwen2", "a\n \n  b", "a|\n \n| | b");
	check("qwen2", "(word) 12", "(word|)| |1|2");
	check("qwen2", "IT'S \tx", "IT|'S| |\tx");
	check("deepseek-r1-qwen", "x  \n", "x|  \n");
	check("llama-bpe", "12345", "123|45");
}

/* Catches stages that cut across the cuts of earlier ones. */
static void
test_deepseek(void **state)
{
	(void)state;
	check("deepseek-v3", "a1234 \xE4\xB8\xAD\xE6\x96\x87x",
	    "a|123|4| |\xE4\xB8\xAD\xE6\x96\x87|x");
	check("deepseek-coder", "if x\n\ny12", "if| x|\n|\n|y|1|2");
	check("deepseek-llm", "ab 12\n", "ab| |12|\n");
	/* its letters are a list, which lowercase Armenian is not in */
	check("deepseek-llm", "\xD4\xB1\xD4\xB2\xD5\xA1\xD5\xA2",
	    "\xD4\xB1\xD4\xB2|\xD5\xA1\xD5\xA2");
	check("deepseek-v3", "\"abc d'e\xCC\x81" "f .x,,\r\n y",
	    "\"abc| d|'e|\xCC\x81" "f| .|x|,,\r\n| y");
	check("deepseek-coder", "a. b \xE3\x80\x82x\xCC\x81",
	    "a|.| b| |\xE3\x80\x82|x|\xCC\x81");
	check("deepseek-llm", "x \xE3\x80\x80\t ", "x| |\xE3\x80\x80|\t ");
}

/* Catches a malformed byte that stalls, is lost, or swallows what follows. */
static void
test_malformed(void **state)
{
	(void)state;
	check("qwen2", "a\xFF" "b", "a|\xFF" "b");
	check("gpt-2", "\xE4\xB8", "\xE4\xB8");
	check("smollm", "a\xED\xA0\x80 b", "a|\xED\xA0\x80| b");
}

/* Catches recursion, quadratic look-ahead and lost bytes on a megabyte of one
 * character: every rule must end at the end. */
static void
test_long_runs(void **state)
{
	static const char *const rules[] = { "gpt-2", "smollm", "qwen2",
		"llama-bpe", "deepseek-v3", "deepseek-llm", "deepseek-coder" };
	static const char *const units[] = { "A", "\n", " ", "\xE4\xB8\xAD",
		"\xCC\x81", "\xFF", "\xED\xA0\x80", "", "7",
		"'", " \n", "\xE2\x96\x81", "!", "\xE3\x80\x80" };
	size_t size = 1 << 20, r, u, i;
	char *s = malloc(size);
	struct split sp = { 0 };

	(void)state;
	assert_non_null(s);
	for (r = 0; r < sizeof(rules) / sizeof(*rules); r++)
		for (u = 0; u < sizeof(units) / sizeof(*units); u++) {
			size_t n = strlen(units[u]) ? strlen(units[u]) : 1;

			for (i = 0; i < size; i++)
				s[i] = units[u][i % n];
			split_run(&sp, split_find(rules[r], strlen(rules[r])),
			    s, size);
			assert_true(sp.n > 0);
			assert_int_equal(sp.end[sp.n - 1], size);
		}
	split_done(&sp);
	free(s);
}

/* Catches a reused struct split that keeps words of the text before. */
static void
test_reuse(void **state)
{
	const struct split_rule *r = split_find("gpt-2", 5);
	struct split sp = { 0 };

	(void)state;
	split_run(&sp, r, "one two three", 13);
	assert_int_equal(sp.n, 3);
	split_run(&sp, r, "", 0);
	assert_int_equal(sp.n, 0);
	split_run(&sp, r, "four", 4);
	assert_int_equal(sp.n, 1);
	assert_int_equal(sp.end[0], 4);
	split_done(&sp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_gpt2),
		cmocka_unit_test(test_smollm),
		cmocka_unit_test(test_qwen2),
		cmocka_unit_test(test_deepseek),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_long_runs),
		cmocka_unit_test(test_reuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
