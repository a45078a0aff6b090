/* t_spm.c -- SentencePiece vocabularies: joining by score, bytes, the space
 * in front, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <cmocka.h>

#include "tiny_vocab.h"

#define SP "\xE2\x96\x81"

/* Token b is byte b, as in tiny_vocab.h, then come these. */
enum { UNK = 256, BOS, EOS, SPACE, A, B, C, AB, BC, SP_A, SP2, SP4, C_SP_A,
	BREAKS, BOLD, THINK, HAN, A_TWIN, EMPTY, N };

static const struct { struct tiny_tok tok; float score; } words[] = {
	{ { "<unk>", T_UNKNOWN }, 0 }, { { "<s>", T_CONTROL }, 0 },
	{ { "</s>", T_CONTROL }, 0 }, { { SP, T_NORMAL }, -100 },
	{ { "a", T_NORMAL }, -101 }, { { "b", T_NORMAL }, -102 },
	{ { "c", T_NORMAL }, -103 }, { { "ab", T_NORMAL }, -2 },
	{ { "bc", T_NORMAL }, -1 }, { { SP "a", T_NORMAL }, -3 },
	{ { SP SP, T_NORMAL }, -1e9f }, { { SP SP SP SP, T_NORMAL }, -1e9f },
	{ { "c" SP "a", T_NORMAL }, -4 }, { { "\n\n", T_USER }, 0 },
	{ { "<b>", T_USER }, 0 }, { { "<think>", T_USER }, 0 },
	{ { "\xE4\xB8\xAD", T_NORMAL }, -5 }, { { "a", T_NORMAL }, 0 },
	{ { "", T_NORMAL }, 0 },
};

struct lists {
	char text[256][8];
	struct tiny_tok tok[N + 1];
	float score[N + 4];
};

/* Those tokens and what else t says; bytes false leaves out their tokens, so
 * that ids count from UNK on. */
static struct vocab *
make(struct tiny t, bool bytes, struct err *err)
{
	struct lists *l = calloc(1, sizeof(*l));
	struct vocab *v;
	int i, n = 0;

	assert_non_null(l);
	for (i = 0; i < 256 && bytes; i++) {
		snprintf(l->text[i], sizeof(l->text[i]), "<0x%02X>", i);
		l->tok[n++] = (struct tiny_tok){ l->text[i], T_BYTE };
	}
	for (i = 0; i < N - UNK; i++, n++) {
		l->tok[n] = words[i].tok;
		l->score[n] = words[i].score;
	}
	t.model = "llama";
	t.no_bytes = t.no_merges = true;
	t.tok = l->tok;
	if (t.score == NULL)
		t.score = l->score;
	v = tiny_vocab(&t, err);
	free(l);
	return v;
}

static struct vocab *
make_ok(struct tiny t)
{
	struct err err = { "" };
	struct vocab *v = make(t, true, &err);

	if (v == NULL)
		fail_msg("%s", err.text);
	return v;
}

/* No space in front: what most tests look at. */
static const struct tiny bare = { .space_prefix = 1 };

/* Catches the wrong one of two overlapping pairs, ties not taken from the
 * left, and a token across a space that is never found. */
static void
test_join(void **state)
{
	struct vocab *v = make_ok(bare);

	(void)state;
	CHECK(v, "ab", PLAIN, AB);
	CHECK(v, "abc", PLAIN, A, BC);
	CHECK(v, "abab", PLAIN, AB, AB);
	CHECK(v, "b a", PLAIN, B, SP_A);
	CHECK(v, "c a", PLAIN, C_SP_A);
	CHECK(v, "bc a", PLAIN, BC, SP_A);
	CHECK(v, "   ", PLAIN, SP2, SPACE);
	CHECK(v, "      ", PLAIN, SP4, SP2);
	CHECK(v, "     a", PLAIN, SP4, SP_A);
	check_n(v, "", 0, PLAIN, NULL, 0);
	vocab_free(v);
}

/* Catches characters lost that have no token, a malformed byte that swallows
 * its neighbours, byte tokens found in text, and U+2581 told from a space. */
static void
test_bytes(void **state)
{
	struct vocab *v = make_ok(bare);

	(void)state;
	CHECK(v, "\xE4\xB8\xAD", PLAIN, HAN);
	CHECK(v, "a\xE4\xB8\xAE", PLAIN, A, 0xE4, 0xB8, 0xAE);
	CHECK(v, "a\xE4\xB8" "b", PLAIN, A, 0xE4, 0xB8, B);
	CHECK(v, "\xED\xA0\x80", PLAIN, 0xED, 0xA0, 0x80);
	CHECK(v, "a\0b", PLAIN, A, 0, B);
	CHECK(v, "<0x0A>", SPECIAL, '<', '0', 'x', '0', 'A', '>');
	CHECK(v, SP "a" SP SP "b", PLAIN, SP_A, SP2, B);
	CHECK(v, "\xE2\x96" "b", PLAIN, 0xE2, 0x96, B);
	vocab_free(v);
}

/* Catches one unknown token for each byte, where the models learned one for
 * all that is unknown, and an id that does not exist. */
static void
test_unknown(void **state)
{
	struct vocab *v = make(bare, false, NULL);

	(void)state;
	assert_non_null(v);
	CHECK(v, "a\xE4\xB8\xAE?b!", PLAIN, A - UNK, 0, B - UNK, 0);
	CHECK(v, "?\n\n?", PLAIN, 0, BREAKS - UNK, 0);
	vocab_free(v);
	v = make((struct tiny){ .space_prefix = 1, .unk = 1001 }, false, NULL);
	assert_non_null(v);
	CHECK(v, "a??b", PLAIN, A - UNK, B - UNK);
	vocab_free(v);
}

/* Catches a space in front where the model learned none, or none where it
 * did: at the beginning and after special tokens, but not in between. */
static void
test_prefix(void **state)
{
	struct vocab *v = make_ok((struct tiny){ .arch = "llama" });
	struct ids l = { 0 };

	(void)state;
	assert_true(vocab_space_prefix(v));
	CHECK(v, "a", PLAIN, SP_A);
	CHECK(v, " a", PLAIN, SPACE, SP_A);
	CHECK(v, "a</s>b<s>", SPECIAL, SP_A, EOS, SPACE, B, BOS);
	check_n(v, "", 0, PLAIN, NULL, 0);
	/* what is there already counts */
	ids_add(&l, BOS);
	assert_int_equal(vocab_encode(v, "a", 1, false, &l, NULL), 0);
	assert_int_equal(vocab_encode(v, "a", 1, false, &l, NULL), 0);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.v[1], SP_A);
	assert_int_equal(l.v[2], A);
	ids_free(&l);
	vocab_free(v);
	v = make_ok((struct tiny){ .arch = "gemma3" });
	assert_false(vocab_space_prefix(v));
	CHECK(v, "a", PLAIN, A);
	vocab_free(v);
	v = make_ok((struct tiny){ .arch = "gemma3", .space_prefix = 2 });
	CHECK(v, "a", PLAIN, SP_A);
	vocab_free(v);
}

/* Catches markers that take effect in a message, language that does not, and
 * the end of a turn seen in HTML. */
static void
test_special(void **state)
{
	struct vocab *v = make_ok(bare);

	(void)state;
	CHECK(v, "a<s>b", SPECIAL, A, BOS, B);
	CHECK(v, "<s>", PLAIN, '<', 's', '>');
	CHECK(v, "a\n\n\nb", PLAIN, A, BREAKS, '\n', B);
	CHECK(v, "<b>a<think>", PLAIN, BOLD, A, THINK);
	CHECK(v, "<b>\n\n<s>", BODY, BOLD, BREAKS, '<', 's', '>');
	CHECK(v, "<think>", BODY, '<', 't', 'h', 'i', 'n', 'k', '>');
	CHECK(v, "<unk>", SPECIAL, UNK);
	CHECK(v, "<unk>", PLAIN, '<', 'u', 'n', 'k', '>');
	assert_true(vocab_is_eog(v, EOS));
	assert_false(vocab_is_special(v, UNK));
	vocab_free(v);
}

/* Catches a prompt whose parts are read apart, and a marker that takes effect
 * because it begins or ends in a message. */
static void
test_parts(void **state)
{
	struct vocab *v = make_ok((struct tiny){ .arch = "llama" });
	const struct vocab_part part[] = {
		{ "<s>a\n", 5, false }, { "\na", 2, true },
		{ "b<", 2, false }, { "s>", 2, true }, { "", 0, true },
		{ "<thi", 4, true }, { "nk></s>", 7, false },
	};
	const int32_t want[] = { BOS, SP_A, BREAKS, SPACE, AB, '<', 's', '>',
		'<', 't', 'h', 'i', 'n', 'k', '>', EOS };
	struct ids l = { 0 };

	(void)state;
	assert_int_equal(vocab_encode_parts(v, part, 7, &l, NULL), 0);
	assert_int_equal(l.n, sizeof(want) / sizeof(*want));
	for (size_t i = 0; i < l.n; i++)
		assert_int_equal(l.v[i], want[i]);
	l.n = 0;
	assert_int_equal(vocab_encode_parts(v, NULL, 0, &l, NULL), 0);
	assert_int_equal(l.n, 0);
	ids_free(&l);
	vocab_free(v);
}

/* Catches pieces in the file's alphabet. */
static void
test_pieces(void **state)
{
	struct vocab *v = make_ok(bare);
	size_t n;

	(void)state;
	assert_memory_equal(vocab_piece(v, SP_A, false, &n), " a", 2);
	assert_int_equal(n, 2);
	assert_memory_equal(vocab_piece(v, 0xE4, false, &n), "\xE4", 1);
	assert_int_equal(n, 1);
	vocab_piece(v, UNK, false, &n);
	assert_int_equal(n, 0);
	vocab_piece(v, BOS, false, &n);
	assert_int_equal(n, 0);
	vocab_piece(v, EMPTY, false, &n);
	assert_int_equal(n, 0);
	assert_int_equal(vocab_find(v, SP "a"), SP_A);
	assert_int_equal(vocab_find(v, " a"), SP_A);
	/* of two tokens with the same text the first counts */
	assert_int_equal(vocab_find(v, "a"), A);
	vocab_free(v);
}

/* Catches defaults forgotten that old files rely on, and ids outside the
 * vocabulary believed. */
static void
test_ids(void **state)
{
	struct vocab *v = make(bare, false, NULL);

	(void)state;
	assert_int_equal(vocab_bos(v), BOS - UNK);
	assert_true(vocab_add_bos(v));
	assert_true(vocab_is_eog(v, EOS - UNK));
	vocab_free(v);
	v = make((struct tiny){ .bos = 1001, .eos = 1001, .unk = 1001,
	    .add_bos = 2 }, true, NULL);
	assert_non_null(v);
	assert_int_equal(vocab_bos(v), -1);
	assert_false(vocab_add_bos(v));
	vocab_free(v);
	/* without types, bytes are known by their looks */
	v = make((struct tiny){ .space_prefix = 1, .no_types = true }, true,
	    NULL);
	assert_non_null(v);
	CHECK(v, "a?", PLAIN, A, '?');
	vocab_free(v);
}

static void
refused(struct tiny t, const char *why)
{
	struct err err = { "" };

	assert_null(make(t, true, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("\"%s\" does not mention \"%s\"", err.text, why);
}

/* Catches scores that would be read outside their list, or compared although
 * they cannot be; infinite ones can. */
static void
test_scores(void **state)
{
	float score[N] = { 0 };
	struct vocab *v;

	(void)state;
	refused((struct tiny){ .extra_scores = 3 }, "278 scores for 275");
	refused((struct tiny){ .extra_scores = -1 }, "274 scores for 275");
	refused((struct tiny){ .extra_types = 1 }, "276 token types for 275");
	score[AB] = NAN;
	refused((struct tiny){ .score = score }, "score of token 263");
	score[AB] = INFINITY;
	score[BC] = -INFINITY;
	v = make_ok((struct tiny){ .score = score, .space_prefix = 1 });
	CHECK(v, "abc", PLAIN, AB, C);
	vocab_free(v);
}

/* Catches a quadratic loop and recursion: a megabyte of one thing. */
static void
test_long(void **state)
{
	static const char *const units[] = { "a", "b", "\n", " ", SP, "7",
		"\xE4\xB8\xAD", "\xCC\x81", "\xFF", "\xED\xA0\x80", "", "!",
		"<", "a ", "c a", "<thin", "ab" };
	struct vocab *v = make_ok(bare);
	struct ids l = { 0 };
	size_t size = 1 << 20, u, i;
	char *s = malloc(size);

	(void)state;
	assert_non_null(s);
	for (u = 0; u < sizeof(units) / sizeof(*units); u++) {
		size_t n = strlen(units[u]) ? strlen(units[u]) : 1, back = 0;

		for (i = 0; i < size; i++)
			s[i] = units[u][i % n];
		l.n = 0;
		assert_int_equal(vocab_encode(v, s, size, u % 2, &l, NULL), 0);
		for (i = 0; i < l.n; i++) {
			size_t k;

			vocab_piece(v, l.v[i], true, &k);
			back += k;
		}
		/* U+2581 comes back as a space */
		assert_int_equal(back, strcmp(units[u], SP) ? size :
		    size / 3 + 1);
	}
	ids_free(&l);
	free(s);
	vocab_free(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_special),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_scores),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
