/* t_vocab.c -- the vocabulary: loading, special tokens, merging, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tiny_vocab.h"

enum { HE = 256, LL, HELL, HELLO, SP_H, START, END, THINK, OSLASH, PAD, HOLE,
	START_LONG, DUP, N };

static const struct tiny_tok toks[] = {
	{ "he", T_NORMAL }, { "ll", T_NORMAL }, { "hell", T_NORMAL },
	{ "hello", T_NORMAL }, { "\xC4\xA0h", T_NORMAL },
	{ "<|im_start|>", T_CONTROL }, { "<|im_end|>", T_CONTROL },
	{ "<think>", T_USER }, { "\xC3\xB8", T_USER },
	{ "[PAD265]", T_USER }, { "hole", T_UNUSED },
	{ "<|im_start|>>", T_CONTROL }, { "he", T_NORMAL }, { NULL, 0 }
};
static const char *const merges[] = { "h e", "l l", "he ll", "hell o",
	"\xC4\xA0 h", "no space", "x nothere", "", NULL };

static struct vocab *
make(void)
{
	const struct tiny t = { .tok = toks, .merges = merges,
		.bos = START + 1, .eos = END + 1 };
	struct err err = { "" };
	struct vocab *v = tiny_vocab(&t, &err);

	if (v == NULL)
		fail_msg("%s", err.text);
	return v;
}

/* Catches merges out of order, lost letters, bytes with wrong ids. */
static void
test_merge(void **state)
{
	struct vocab *v = make();

	(void)state;
	CHECK(v, "hello", PLAIN, HELLO);
	CHECK(v, "hel", PLAIN, HE, 'l');
	CHECK(v, "hellhe", PLAIN, HELL, HE);
	CHECK(v, "lll", PLAIN, LL, 'l');
	/* " h" is learned last: "h e" comes first */
	CHECK(v, " he h", PLAIN, ' ', HE, SP_H);
	CHECK(v, "\xFF" "a", PLAIN, 0xFF, 'a');
	CHECK(v, "a\0b", PLAIN, 'a', 0, 'b');
	check_n(v, "", 0, PLAIN, NULL, 0);
	vocab_free(v);
}

/* Catches markers in what a person types becoming special, and the longest
 * one not being preferred where they count. */
static void
test_special(void **state)
{
	struct vocab *v = make();

	(void)state;
	CHECK(v, "a<|im_start|>b", SPECIAL, 'a', START, 'b');
	CHECK(v, "<|im_start|>>", SPECIAL, START_LONG);
	CHECK(v, "<|im_start|", SPECIAL, '<', '|', 'i', 'm', '_', 's', 't',
	    'a', 'r', 't', '|');
	CHECK(v, "<|im_end|>", PLAIN, '<', '|', 'i', 'm', '_', 'e', 'n', 'd',
	    '|', '>');
	CHECK(v, "<think>", PLAIN, THINK);
	CHECK(v, "<think>", BODY, '<', 't', 'h', 'i', 'n', 'k', '>');
	CHECK(v, "<|im_end|>", BODY, '<', '|', 'i', 'm', '_', 'e', 'n', 'd',
	    '|', '>');
	/* an added letter is language, even in a body */
	CHECK(v, "\xC3\xB8", BODY, OSLASH);
	/* padding and unused rows are never found */
	CHECK(v, "[PAD265]", SPECIAL, '[', 'P', 'A', 'D', '2', '6', '5', ']');
	CHECK(v, "ole", SPECIAL, 'o', 'l', 'e');
	vocab_free(v);
}

/* Catches pieces in the file's alphabet, control text leaking into answers,
 * and ids out of range read. */
static void
test_pieces(void **state)
{
	struct vocab *v = make();
	size_t n;

	(void)state;
	assert_memory_equal(vocab_piece(v, SP_H, false, &n), " h", 2);
	assert_int_equal(n, 2);
	vocab_piece(v, 0, false, &n);
	assert_int_equal(n, 1);
	vocab_piece(v, END, false, &n);
	assert_int_equal(n, 0);
	assert_memory_equal(vocab_piece(v, END, true, &n), "<|im_end|>", 10);
	vocab_piece(v, THINK, false, &n);
	assert_int_equal(n, 7);
	vocab_piece(v, -1, true, &n);
	assert_int_equal(n, 0);
	vocab_piece(v, N, true, &n);
	assert_int_equal(n, 0);
	vocab_free(v);
}

/* Catches a wrong idea of which tokens end a turn, are special, or must never
 * be sampled, and of the duplicate that counts. */
static void
test_kinds(void **state)
{
	struct vocab *v = make();

	(void)state;
	assert_int_equal(vocab_size(v), N);
	assert_int_equal(vocab_bos(v), START);
	assert_false(vocab_add_bos(v));
	assert_true(vocab_is_eog(v, END));
	assert_false(vocab_is_eog(v, START));
	assert_false(vocab_is_eog(v, -1));
	assert_true(vocab_is_control(v, START));
	assert_false(vocab_is_control(v, THINK));
	assert_true(vocab_is_special(v, THINK));
	assert_false(vocab_is_special(v, HE));
	assert_true(vocab_is_unused(v, PAD));
	assert_true(vocab_is_unused(v, HOLE));
	assert_true(vocab_is_unused(v, N));
	assert_false(vocab_is_unused(v, THINK));
	assert_int_equal(vocab_find(v, "he"), HE);
	assert_int_equal(vocab_find(v, "<think>"), THINK);
	assert_int_equal(vocab_find(v, "<thin"), -1);
	assert_int_equal(vocab_find(v, ""), -1);
	vocab_free(v);
}

/* Catches "<|im_end|>" not ending a turn when the file only names another
 * end, and special ids outside the vocabulary believed. */
static void
test_ends(void **state)
{
	const struct tiny t = { .tok = toks, .merges = merges,
		.bos = 100000, .eos = 100000, .add_bos = 2 };
	struct vocab *v = tiny_vocab(&t, NULL);

	(void)state;
	assert_non_null(v);
	assert_int_equal(vocab_bos(v), -1);
	assert_false(vocab_add_bos(v));
	assert_true(vocab_is_eog(v, END));
	vocab_free(v);
}

/* Catches a whole word not taken where the rule says that it wins. */
static void
test_ignore_merges(void **state)
{
	static const struct tiny_tok words[] = { { "zebra", T_NORMAL },
		{ NULL, 0 } };
	const struct tiny t = { .pre = "llama-bpe", .tok = words, .bos = 1 };
	struct vocab *v = tiny_vocab(&t, NULL);

	(void)state;
	assert_non_null(v);
	CHECK(v, "zebra", PLAIN, 256);
	CHECK(v, "zebr", PLAIN, 'z', 'e', 'b', 'r');
	assert_true(vocab_add_bos(v));
	vocab_free(v);
}

/* Catches a vocabulary without some bytes crashing or giving ids that do not
 * exist: such bytes come out as nothing. */
static void
test_missing_bytes(void **state)
{
	static const struct tiny_tok few[] = { { "a", T_NORMAL },
		{ "b", T_NORMAL }, { "ab", T_NORMAL }, { NULL, 0 } };
	static const char *const m[] = { "a b", "b c", NULL };
	const struct tiny t = { .no_bytes = true, .tok = few, .merges = m };
	struct vocab *v = tiny_vocab(&t, NULL);

	(void)state;
	assert_non_null(v);
	CHECK(v, "abcb", PLAIN, 2, 1);
	check_n(v, "zzz", 3, PLAIN, NULL, 0);
	vocab_free(v);
}

/* Catches a prompt whose parts are encoded apart, and a marker that takes
 * effect although a piece of it is somebody's message. */
static void
test_parts(void **state)
{
	struct vocab *v = make();
	const struct vocab_part part[] = {
		{ "<|im_start|>h", 13, false }, { "ell", 3, true },
		{ "o<|im_", 6, false }, { "end|>", 5, true },
		{ "<|im_end|>", 10, false },
	};
	const int32_t want[] = { START, HELLO, '<', '|', 'i', 'm', '_', 'e',
		'n', 'd', '|', '>', END };
	struct ids l = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(vocab_encode_parts(v, part, 5, &l, NULL), 0);
	assert_int_equal(l.n, sizeof(want) / sizeof(*want));
	for (i = 0; i < l.n; i++)
		assert_int_equal(l.v[i], want[i]);
	ids_free(&l);
	vocab_free(v);
}

/* Catches added markers in a message that take effect because they look
 * unusual, and added language that does not. */
static void
test_added(void **state)
{
	static const struct { const char *s; bool marker; } list[] = {
		{ "[INST]", true }, { "<|User|>", true },
		{ "<\xEF\xBD\x9CUser\xEF\xBD\x9C>", true },
		{ "\xEF\xBD\x9C" "DSML\xEF\xBD\x9C", true },
		{ "<dsml:", true }, { "</think>", true }, { "<s>", true },
		{ "<table>", false }, { "</h1>", false }, { "\n\n", false },
		{ "\t", false }, { "    ", false }, { "\xC3\xB7", false },
		{ "\xE4\xB8\xAD\xE6\x96\x87", false }, { "word", false },
	};
	enum { K = sizeof(list) / sizeof(*list) };
	struct tiny_tok added[K + 1] = { { NULL, 0 } };
	const struct tiny t = { .tok = added };
	struct ids l = { 0 };
	struct vocab *v;
	int i;

	(void)state;
	for (i = 0; i < K; i++)
		added[i] = (struct tiny_tok){ list[i].s, T_USER };
	v = tiny_vocab(&t, NULL);
	assert_non_null(v);
	for (i = 0; i < K; i++) {
		size_t n = strlen(list[i].s);

		l.n = 0;
		assert_int_equal(vocab_encode(v, list[i].s, n, false, &l,
		    NULL), 0);
		assert_int_equal(l.n, 1);
		assert_int_equal(l.v[0], 256 + i);
		l.n = 0;
		assert_int_equal(vocab_encode_body(v, list[i].s, n, &l,
		    NULL), 0);
		assert_int_equal(l.n, list[i].marker ? n : 1);
	}
	ids_free(&l);
	vocab_free(v);
}

/* Catches an empty token that matches everywhere, types that do not exist,
 * a merge that can never apply taken for one that can, and of two merges of
 * the same pair the later counting. */
static void
test_tolerance(void **state)
{
	static const struct tiny_tok odd[] = { { "", T_NORMAL },
		{ "", T_CONTROL }, { "ab", 99 }, { "abc", T_NORMAL },
		{ "bc", T_UNUSED }, { NULL, 0 } };
	static const char *const m[] = { "b c", "a b", "a b", "ab c", "ab ",
		" ", "ab  c", NULL };
	const struct tiny t = { .tok = odd, .merges = m };
	struct vocab *v = tiny_vocab(&t, NULL);

	(void)state;
	assert_non_null(v);
	CHECK(v, "abc", SPECIAL, 259);
	CHECK(v, "bcab", SPECIAL, 'b', 'c', 258);
	assert_int_equal(vocab_find(v, "bc"), -1);
	vocab_free(v);
}

static void
refused(struct tiny t, const char *why)
{
	struct err err = { "" };

	assert_null(tiny_vocab(&t, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not mention \"%s\"", err.text, why);
}

/* Catches inconsistent files that are not refused, or not in a sentence. */
static void
test_refusals(void **state)
{
	(void)state;
	refused((struct tiny){ .model = "-" }, "no tokenizer");
	refused((struct tiny){ .model = "bert" }, "\"bert\"");
	refused((struct tiny){ .model = "llama" }, "no scores");
	refused((struct tiny){ .pre = "-" }, "tokenizer.ggml.pre");
	refused((struct tiny){ .pre = "default" }, "tokenizer.ggml.pre");
	refused((struct tiny){ .pre = "martian" }, "\"martian\"");
	refused((struct tiny){ .no_tokens = true }, "no list of tokens");
	refused((struct tiny){ .no_bytes = true }, "no list of tokens");
	refused((struct tiny){ .no_merges = true }, "no list of merges");
	refused((struct tiny){ .extra_types = 3 }, "259 token types for 256");
	refused((struct tiny){ .tok = toks, .extra_types = -1 },
	    "268 token types for 269");
}

/* Catches a quadratic merge loop and overflow: one word of a megabyte, a
 * megabyte of beginnings of special tokens, and of anything else; with the
 * rules that look at words whole and in stages. */
static void
test_long(void **state)
{
	static const char *const units[] = { "l", "<", "\n", " ",
		"\xE4\xB8\xAD", "\xCC\x81", "\xFF", "\xED\xA0\x80", "", "7",
		"!", "\xE2\x96\x81", "<|im_start|", "hello", "\xC3\xB8" };
	static const char *const rules[] = { "gpt-2", "llama-bpe",
		"deepseek-v3", "deepseek-llm", "deepseek-coder" };
	struct ids l = { 0 };
	size_t size = 1 << 20, r, u, i, k, back;
	char *s = malloc(size);

	(void)state;
	assert_non_null(s);
	for (r = 0; r < sizeof(rules) / sizeof(*rules); r++) {
		const struct tiny t = { .pre = rules[r], .tok = toks,
			.merges = merges };
		struct vocab *v = tiny_vocab(&t, NULL);

		assert_non_null(v);
		for (u = 0; u < sizeof(units) / sizeof(*units); u++) {
			size_t n = strlen(units[u]) ? strlen(units[u]) : 1;

			for (i = 0; i < size; i++)
				s[i] = units[u][i % n];
			l.n = 0;
			assert_int_equal(vocab_encode(v, s, size, true, &l,
			    NULL), 0);
			for (i = back = 0; i < l.n; i++, back += k)
				vocab_piece(v, l.v[i], true, &k);
			assert_int_equal(back, size);
		}
		vocab_free(v);
	}
	ids_free(&l);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_special),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_ignore_merges),
		cmocka_unit_test(test_missing_bytes),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_added),
		cmocka_unit_test(test_tolerance),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
