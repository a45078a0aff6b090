/* t_think.c -- splitting a reply into thinking and answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "think.h"
#include "tiny_vocab.h"

enum { OPEN = 256, CLOSE };

struct fixture {
	struct vocab *tags, *bytes;	/* with and without tag tokens */
	struct chatfmt native, guided;
};

struct out { struct buf thinking, answer; };

static int
set_up(void **state)
{
	static const struct tiny_tok toks[] = { { "<think>", T_USER },
		{ "</think>", T_USER }, { NULL, 0 } };
	const struct tiny with = { .tok = toks }, without = { 0 };
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->tags = tiny_vocab(&with, NULL);
	f->bytes = tiny_vocab(&without, NULL);
	f->native = (struct chatfmt){ .think_open = "<think>",
		.think_close = "</think>", .thinker = THINKER_NATIVE };
	f->guided = (struct chatfmt){ .thinker = THINKER_GUIDED };
	*state = f;
	return f->tags && f->bytes ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	vocab_free(f->tags);
	vocab_free(f->bytes);
	free(f);
	return 0;
}

static void
emit(enum channel c, const char *text, size_t n, void *ud)
{
	struct out *o = ud;

	assert_true(n > 0);
	assert_true(utf8_valid(text, n));
	buf_add(c == CHANNEL_THINKING ? &o->thinking : &o->answer, text, n);
}

/* Put text a byte a token; with ids, "{" and "}" stand for the tag tokens. */
static void
put(struct think *t, const char *s, bool ids)
{
	for (; *s; s++)
		think_put(t, ids && *s == '{' ? OPEN : ids && *s == '}' ?
		    CLOSE : (unsigned char)*s);
}

static void
expect(struct out *o, const char *thinking, const char *answer)
{
	assert_string_equal(o->thinking.data ? o->thinking.data : "",
	    thinking);
	assert_string_equal(o->answer.data ? o->answer.data : "", answer);
	buf_free(&o->thinking);
	buf_free(&o->answer);
}

static void
check(const struct fixture *f, bool ids, bool open, const char *s,
    const char *thinking, const char *answer)
{
	struct out o = { 0 };
	struct think *t = think_new(ids ? f->tags : f->bytes, &f->native,
	    open, emit, &o);

	put(t, s, ids);
	think_flush(t);
	think_free(t);
	expect(&o, thinking, answer);
}

/* Catches blank lines around the tags being shown, or more than them lost. */
static void
test_edges(void **state)
{
	struct fixture *f = *state;

	check(f, true, false, "{\nab c\n\n d \n}\n\nyes \n no", "ab c\n\n d",
	    "yes \n no");
	check(f, false, false, "<think>\nab c\n\n d \n</think>\n\nyes \n no",
	    "ab c\n\n d", "yes \n no");
	/* an indented first line keeps its indentation */
	check(f, true, false, "{\n\n  a}\n \n   b", "  a", "   b");
	check(f, true, false, "\n {x}y", "x", "y");
	check(f, true, false, "{\n\n}\n\nok", "", "ok");
	check(f, false, false, "<think>\n\n</think>\n\nok", "", "ok");
}

/* Catches the state that the prompt dictates being ignored, and a model that
 * repeats the tag of its prompt. */
static void
test_open(void **state)
{
	struct fixture *f = *state;

	check(f, true, true, "so}\n\nyes", "so", "yes");
	check(f, false, true, "so</think>yes", "so", "yes");
	check(f, true, true, "{\nso}yes", "so", "yes");
	check(f, false, true, "<think>\nso</think>yes", "so", "yes");
	check(f, false, true, "<thin air", "<thin air", "");
}

/* Catches text lost when a thought is never closed or a tag never finished. */
static void
test_never_closed(void **state)
{
	struct fixture *f = *state;

	check(f, true, true, "so on", "so on", "");
	check(f, false, true, "so on</thi", "so on</thi", "");
	check(f, false, false, "<thi", "", "<thi");
	check(f, false, false, "a <think> b", "", "a <think> b");
	check(f, true, true, "\n\n", "", "");
	check(f, true, false, "", "", "");
}

/* Catches tags counting where they are text: quoted ones spelled out, a
 * second thought, a close without an open. */
static void
test_tags_as_text(void **state)
{
	struct fixture *f = *state;

	check(f, true, false, "{say </think> now}a", "say </think> now", "a");
	check(f, true, false, "{x}a{b}c", "x", "a<think>b</think>c");
	check(f, false, false, "<think>x</think>a<think>b</think>", "x",
	    "a<think>b</think>");
	check(f, true, false, "hm}ok", "", "hm</think>ok");
	check(f, true, false, "<think>x", "", "<think>x");
	check(f, true, false, "{a{b}c", "a<think>b", "c");
}

/* Catches beginnings of tags that turn out not to be, and blanks held back
 * before them, being lost or put in the wrong order. */
static void
test_false_starts(void **state)
{
	struct fixture *f = *state;

	check(f, false, true, "a < b </ c <</think>d", "a < b </ c <", "d");
	check(f, false, true, "a \n </thin\n </think>d", "a \n </thin", "d");
	check(f, false, false, " <thinker> ok", "", " <thinker> ok");
	check(f, false, false, "  plain\n", "", "  plain\n");
}

/* Catches tags that were learned as words taken for the markers: the model may
 * as well spell them, so the text decides, whichever tokens it comes in. */
static void
test_learned_tags(void **state)
{
	static const struct tiny_tok toks[] = { { "<think>", T_NORMAL },
		{ "</think>", T_NORMAL }, { NULL, 0 } };
	const struct tiny t = { .tok = toks };
	struct fixture f = *(struct fixture *)*state;

	f.tags = tiny_vocab(&t, NULL);
	assert_non_null(f.tags);
	check(&f, true, false, "{a}b", "a", "b");
	check(&f, true, false, "<think>a</think>b", "a", "b");
	vocab_free(f.tags);
}

/* Catches characters cut at token edges shown broken, and a broken one at the
 * switch swallowing the tag. */
static void
test_utf8(void **state)
{
	struct fixture *f = *state;

	check(f, true, true, "\xE4\xB8\xAD}\xC3\xA9", "\xE4\xB8\xAD",
	    "\xC3\xA9");
	check(f, true, true, "a\xE4\xB8}b", "a\xEF\xBF\xBD\xEF\xBF\xBD", "b");
	check(f, false, true, "a\xF0\x9F</think>b\xFF", "a\xEF\xBF\xBD"
	    "\xEF\xBF\xBD", "b\xEF\xBF\xBD");
}

/* Catches a guided thought that is not closed from outside or by the tag in
 * its text, or tags acted on where no thought was opened. */
static void
test_guided(void **state)
{
	struct fixture *f = *state;
	struct out o = { 0 };
	struct think *t = think_new(f->bytes, &f->guided, true, emit, &o);

	put(t, "first, \n", false);
	assert_true(think_open(t));
	think_close(t);
	assert_false(think_open(t));
	think_close(t);
	put(t, "\n\nso </think>", false);
	think_flush(t);
	think_free(t);
	expect(&o, "first,", "so </think>");

	t = think_new(f->tags, &f->guided, true, emit, &o);
	put(t, "a</think>b", false);
	assert_false(think_open(t));
	think_flush(t);
	think_free(t);
	expect(&o, "a", "b");

	t = think_new(f->tags, &f->guided, false, emit, &o);
	assert_false(think_open(t));
	put(t, "{a}", true);
	think_flush(t);
	think_free(t);
	expect(&o, "", "<think>a</think>");
}

/* Catches a thought cut off by the budget losing what was held back. */
static void
test_budget(void **state)
{
	struct fixture *f = *state;
	struct out o = { 0 };
	struct think *t = think_new(f->bytes, &f->native, true, emit, &o);

	put(t, "a b </th", false);
	think_close(t);
	put(t, "\n\nc", false);
	think_flush(t);
	think_free(t);
	expect(&o, "a b </th", "c");
}

/* Catches the words that end a turn shown, or seen too late; text lost that
 * only begins like them; and a thought that they end not followed by an
 * answer. */
static void
test_stop(void **state)
{
	static const char *const stop[] = { "\n\nUser:", "\nUser:", NULL };
	static const struct { const char *said, *answer; bool stops; } t[] = {
		{ "yes\n\nUser: more", "yes", true },
		{ "yes\nUser: more", "yes", true },
		{ "yes\n\n\nUser:", "yes\n", true },
		{ "a\nUse b\n\nUsers", "a\nUse b\n\nUsers", false },
		{ "the User: a", "the User: a", false },
		{ "a\n\nUser", "a\n\nUser", false },
		{ "\nUser:", "", true },
	};
	struct fixture *f = *state;
	struct chatfmt plain = f->guided;
	struct out o = { 0 };
	struct think *k;

	plain.stop = stop;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		k = think_new(f->bytes, &plain, false, emit, &o);
		put(k, t[i].said, false);
		assert_int_equal(think_stopped(k), t[i].stops);
		think_flush(k);
		think_free(k);
		expect(&o, "", t[i].answer);
	}
	k = think_new(f->bytes, &plain, true, emit, &o);
	put(k, "so \n\nUser: x", false);
	assert_true(think_stopped(k));
	think_close(k);
	assert_false(think_stopped(k));
	put(k, "yes\nUser:", false);
	assert_true(think_stopped(k));
	think_flush(k);
	think_free(k);
	expect(&o, "so", "yes");
}

/* Catches the space of "Assistant: " taken for the answer's, or more of them
 * dropped. */
static void
test_lead_space(void **state)
{
	struct fixture f = *(struct fixture *)*state;

	f.native = (struct chatfmt){ .lead_space = true };
	check(&f, false, false, " a b", "", "a b");
	check(&f, false, false, "  a", "", " a");
	check(&f, false, false, "a b", "", "a b");
	check(&f, false, false, "", "", "");
}

/* Catches the space that SentencePiece puts before a text shown as part of a
 * reply, or more of them dropped. */
static void
test_prefix(void **state)
{
	static const struct tiny_tok toks[] = { { "\xE2\x96\x81" "a",
		T_NORMAL }, { "\xE2\x96\x81", T_NORMAL }, { NULL, 0 } };
	static const float score[] = { -1, -2 };
	const struct tiny with = { .model = "llama", .no_bytes = true,
		.tok = toks, .score = score };
	struct fixture *f = *state;
	struct vocab *v = tiny_vocab(&with, NULL);
	struct out o = { 0 };
	struct think *t;

	assert_non_null(v);
	t = think_new(v, &f->guided, false, emit, &o);
	think_put(t, 0);
	think_put(t, 0);
	think_flush(t);
	think_free(t);
	expect(&o, "", "a a");
	t = think_new(v, &f->guided, false, emit, &o);
	think_put(t, 1);
	think_put(t, 0);
	think_flush(t);
	think_free(t);
	expect(&o, "", " a");
	vocab_free(v);
}

/* Catches tags built in: a format of the user's own may have others, as tokens
 * or as text. */
static void
test_other_tags(void **state)
{
	static const struct tiny_tok toks[] = { { "[THINK]", T_CONTROL },
		{ "[/THINK]", T_CONTROL }, { NULL, 0 } };
	const struct tiny with = { .tok = toks };
	struct fixture f = *(struct fixture *)*state;
	struct vocab *v = tiny_vocab(&with, NULL);

	assert_non_null(v);
	f.tags = v;
	f.native.think_open = "[THINK]";
	f.native.think_close = "[/THINK]";
	check(&f, true, false, "{\nso\n}\nyes", "so", "yes");
	check(&f, true, true, "so}yes <think>", "so", "yes <think>");
	check(&f, false, false, "[THINK]so[/TH]ink[/THINK]yes", "so[/TH]ink",
	    "yes");
	check(&f, false, false, "<think>a</think>b", "", "<think>a</think>b");
	vocab_free(v);
}

/* Catches text that waits for no reason: what cannot become a tag or an edge
 * must be out before the next token. */
static void
test_streams(void **state)
{
	struct fixture *f = *state;
	struct out o = { 0 };
	struct think *t = think_new(f->bytes, &f->native, true, emit, &o);

	put(t, "abc d", false);
	assert_string_equal(o.thinking.data, "abc d");
	put(t, " <", false);
	assert_string_equal(o.thinking.data, "abc d");
	put(t, "e", false);
	assert_string_equal(o.thinking.data, "abc d <e");
	put(t, "</think>x", false);
	assert_string_equal(o.answer.data, "x");
	think_free(t);
	expect(&o, "abc d <e", "x");
}

/* Catches a reply that is gone on with losing its first blanks or its
 * indentation, opening a thought once more, or waiting for a tag. */
static void
test_going_on(void **state)
{
	struct fixture *f = *state;
	struct out o = { 0 };
	struct think *t = think_new(f->tags, &f->native, true, emit, &o);

	think_go_on(t, true);
	put(t, "  so}\n yes", true);
	think_free(t);
	expect(&o, "  so", " yes");
	t = think_new(f->tags, &f->native, false, emit, &o);
	think_go_on(t, false);
	put(t, "\n\n  yes", true);
	think_free(t);
	expect(&o, "", "\n\n  yes");
}

/* Catches words of somebody else's that are parsed for tags, that jump over
 * what waits, or that come into the middle of a character. */
static void
test_say(void **state)
{
	struct fixture *f = *state;
	struct out o = { 0 };
	struct think *t = think_new(f->bytes, &f->native, true, emit, &o);

	put(t, "so \xe2\x82", false);
	assert_false(think_whole(t));
	put(t, "\xac \n", false);
	assert_true(think_whole(t));
	think_say(t, "no</think>", 10);
	assert_true(think_open(t));
	put(t, " then</think>yes", false);
	think_free(t);
	expect(&o, "so \xe2\x82\xac \nno</think> then", "yes");
}

/* Pitfall 16.  Catches the first bytes of a character that is cut in two by a
 * cancel shown as a wrong one, which the rest of the answer then goes on
 * from; and text that waits lost with them. */
static void
test_break(void **state)
{
	struct fixture *f = *state;
	struct out o = { 0 };
	struct think *t = think_new(f->bytes, &f->native, true, emit, &o);

	put(t, "so </th\xe2\x82", false);
	think_break(t);
	think_free(t);
	expect(&o, "so </th", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_never_closed),
		cmocka_unit_test(test_tags_as_text),
		cmocka_unit_test(test_false_starts),
		cmocka_unit_test(test_learned_tags),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_guided),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_lead_space),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_other_tags),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_going_on),
		cmocka_unit_test(test_say),
		cmocka_unit_test(test_break),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
