/* Tests of ui/keys.c: what bytes mean, and that it never matters how they
 * were cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "keys.h"

/* All keys of k as names, "a ctrl+t paste(x) mouse(3,4)". */
static void
drain(struct keys *k, struct buf *out)
{
	struct key key;
	char name[64];

	while (keys_next(k, &key) == 1) {
		if (key.code == KEY_BAD_ || key.code == KEY_REPLY_)
			continue;
		key_name(&key, name, sizeof(name));
		buf_printf(out, "%s%s", out->len > 0 ? " " : "", name);
		if (key.code == KEY_PASTE_)
			buf_printf(out, "(%.*s)", (int)key.n, key.text);
		if (key.code == KEY_MOUSE_ || key.code == KEY_DRAG_ ||
		    key.code == KEY_RELEASE_)
			buf_printf(out, "(%d,%d)", key.x, key.y);
	}
}

/* Feed s in pieces of step bytes; with late, say at the end that time is up. */
static char *
decode(const char *s, size_t n, size_t step, int late)
{
	struct keys *k = keys_new();
	struct buf out = { 0 };

	for (size_t i = 0; i < n; i += step) {
		keys_feed(k, s + i, n - i < step ? n - i : step);
		drain(k, &out);
	}
	if (late) {
		keys_timeout(k);
		drain(k, &out);
		assert_int_equal(keys_wait(k), -1);
	}
	keys_free(k);
	return buf_take(&out);
}

static void
expect(const char *bytes, const char *names)
{
	for (size_t step = 1; step < 9; step += 1 + step / 4) {
		char *got = decode(bytes, strlen(bytes), step, 1);

		assert_string_equal(got, names);
		free(got);
	}
}

/* Catches a wrong name for an ordinary key, control or Alt combination. */
static void
test_plain(void **state)
{
	(void)state;
	expect("aZ ", "a Z space");
	expect("\xd9\x81\xe4\xb8\xad\xf0\x9f\x99\x82", "ف 中 🙂");
	expect("\001\024\032\037", "ctrl+a ctrl+t ctrl+z ctrl+_");
	expect("\r\n\t\177\010", "enter ctrl+j tab backspace backspace");
	expect("\033b\033\r\033\177", "alt+b alt+enter alt+backspace");
	expect("\033\xc3\xa9", "alt+é");
	expect("\033", "esc");
	expect("\033\033", "esc esc");
	expect("\033\033x", "esc alt+x");
	expect("\033\033[A", "alt+up");
	expect("\033[", "alt+[");
	expect("\033O", "alt+O");
	expect("\033]", "alt+]");
}

/* Catches a dialect of arrows and function keys that is not understood. */
static void
test_sequences(void **state)
{
	(void)state;
	expect("\033[A\033OB\033[1;5C\033[1;3D", "up down ctrl+right alt+left");
	expect("\033[H\033OF\033[1~\033[4~\033[7~\033[8~",
	    "home end home end home end");
	expect("\033[2~\033[3~\033[5~\033[6~", "ins del pgup pgdn");
	expect("\033[3;5~\033[3^\033[3$\033[3@",
	    "ctrl+del ctrl+del shift+del ctrl+shift+del");
	expect("\033OP\033[[A\033[11~\033[15~\033[24~\033[1;2P",
	    "f1 f1 f1 f5 f12 shift+f1");
	expect("\033[Z\033[a\033Oa", "shift+tab shift+up ctrl+up");
	expect("\033[13;2u\033[27;5;9~\033[97;5u\033[97;2u\033[27u",
	    "shift+enter ctrl+tab ctrl+a A esc");
	expect("\033[97;5:3u\033[97;5:1u", "ctrl+a");
	/* kitty with alternate keys: Ctrl-C on Arabic and Greek keyboards,
	 * Alt with a shifted sign, undo */
	expect("\033[1572::99;5u\033[968::99;5u", "ctrl+c ctrl+c");
	expect("\033[46:62;4u\033[97:65;4u", "alt+> alt+A");
	expect("\033[47;5u\033[45:95;6u\033[50:64;6u",
	    "ctrl+_ ctrl+_ ctrl+space");
	expect("\033OM\033Oj\033Op", "enter * 0");
	expect("\033[I\033[O", "focus-in focus-out");
}

/* Pitfall 25: a reply of the terminal that is typed into the prompt. */
static void
test_replies(void **state)
{
	(void)state;
	expect("a\033]11;rgb:0000/0000/0000\033\\b", "a b");
	expect("a\033]11;rgb:0000/0000/0000\ab", "a b");
	expect("a\033P>|XTerm(370)\033\\b", "a b");
	expect("a\033[?64;1;2cb\033[>0;276;0cc", "a b c");
	expect("\033[12;40Rx\033[?2026;2$yy\033[0nz", "x y z");
	expect("\033]11;rgb", "");
	expect("\033[12;4", "");
	expect("\033[5!pq", "q");
}

/* Pitfall 25: a reply, or a key over a slow line, that comes in two packets
 * must not be given up after the time that an Esc is given. */
static void
test_cut(void **state)
{
	static const char *const cut[] = { "\033[?20", "\033]11;rgb:1a",
		"\033[1", "\033P>|X" };
	struct keys *k;
	struct key key;

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		k = keys_new();
		keys_feed(k, cut[i], strlen(cut[i]));
		assert_int_equal(keys_next(k, &key), 0);
		assert_true(keys_wait(k) > 200);
		keys_free(k);
	}
	/* An ESC alone is the key, but where a reply is due. */
	for (int due = 0; due < 2; due++) {
		k = keys_new();
		keys_expect(k, due);
		keys_feed(k, "\033", 1);
		assert_int_equal(keys_next(k, &key), 0);
		assert_true((keys_wait(k) > 200) == (due != 0));
		keys_free(k);
	}
}

/* Catches a reply that reaches nobody, or without its bytes, also with an Esc
 * typed right before it. */
static void
test_reply_bytes(void **state)
{
	static const char reply[] = "\033[?2026;2$y";
	struct keys *k = keys_new();
	struct key key;

	(void)state;
	keys_feed(k, "\033", 1);
	keys_feed(k, reply, sizeof(reply) - 1);
	assert_int_equal(keys_next(k, &key), 1);
	assert_int_equal(key.code, KEY_ESC_);
	assert_int_equal(keys_next(k, &key), 1);
	assert_int_equal(key.code, KEY_REPLY_);
	assert_int_equal(key.raw_n, sizeof(reply) - 1);
	assert_memory_equal(key.raw, reply, sizeof(reply) - 1);
	keys_free(k);
}

/* Pitfall 4: a report of the mouse typed into the draft as "64;10;10M".
 * Catches coordinates off by one, and releases or motion taken for clicks. */
static void
test_mouse(void **state)
{
	(void)state;
	expect("\033[<0;1;1M\033[<0;1;1m", "mouse(0,0) release(0,0)");
	expect("\033[<0;120;40M\033[<32;5;5M\033[<32;6;5M\033[<0;6;5m",
	    "mouse(119,39) drag(4,4) drag(5,4) release(5,4)");
	expect("\033[<35;5;5M\033[<2;5;5M\033[<34;5;5Mx", "x");
	expect("\033[<64;1;1M\033[<65;1;1M\033[<66;1;1M",
	    "wheel-up wheel-down");
	expect("\033[M !!x\033[M`!!", "mouse(0,0) x wheel-up");
	expect("\033[M !!\033[M@\"!\033[M#\"!",
	    "mouse(0,0) drag(1,0) release(1,0)");
	expect("\033[<0;0;0Mx", "x");
}

/* Catches a paste whose end is missed when cut, whose newlines stay carriage
 * returns, or whose escape sequences act as keys. */
static void
test_paste(void **state)
{
	(void)state;
	expect("\033[200~one\rtwo\r\nthree\033[201~\r",
	    "paste(one\ntwo\nthree) enter");
	expect("\033[200~a\033[Ab\033[201~", "paste(a\033[Ab)");
	expect("\033[200~\033[201~x", "paste() x");
	expect("\033[200~a\033[201~\033[200~b\033[201~", "paste(a) paste(b)");
	expect("\033[200~never ends", "paste(never ends)");
	expect("x\033[201~y", "x y");
}

/* Catches a huge paste that grows without bound, loses its end, or is cut in
 * the middle of a character. */
static void
test_paste_bound(void **state)
{
	struct keys *k = keys_new();
	struct key key;
	size_t pieces = (6u << 20) / 3000;
	char part[3000];

	(void)state;
	for (size_t i = 0; i < sizeof(part); i += 3)
		memcpy(part + i, "中", 3);
	keys_feed(k, "\033[200~", 6);
	for (size_t i = 0; i < pieces; i++) {
		assert_int_equal(keys_next(k, &key), 0);
		keys_feed(k, part, sizeof(part));
	}
	keys_feed(k, "\033[201~z", 7);
	assert_int_equal(keys_next(k, &key), 1);
	assert_int_equal(key.code, KEY_PASTE_);
	assert_true(key.cut);
	assert_true(key.n <= KEYS_PASTE_MAX && key.n > KEYS_PASTE_MAX - 3);
	assert_int_equal(key.n % 3, 0);
	assert_int_equal(keys_next(k, &key), 1);
	assert_int_equal(key.ch, 'z');
	assert_int_equal(keys_next(k, &key), 0);
	keys_free(k);
}

/* Catches bad bytes that vanish, stall the decoder or come out as they are. */
static void
test_invalid(void **state)
{
	(void)state;
	expect("a\xff" "b", "a \xef\xbf\xbd b");
	expect("\xe4\xb8" "A", "\xef\xbf\xbd \xef\xbf\xbd A");
	expect("\xc2\x9b" "A", "A");
	expect("\xe4", "\xef\xbf\xbd");
}

/* Catches an Esc that is given out before its time or never. */
static void
test_wait(void **state)
{
	struct keys *k = keys_new();
	struct key key;

	(void)state;
	assert_int_equal(keys_wait(k), -1);
	keys_feed(k, "\033", 1);
	assert_int_equal(keys_next(k, &key), 0);
	assert_true(keys_wait(k) >= 0 && keys_wait(k) <= 50);
	keys_feed(k, "[A", 2);
	assert_int_equal(keys_next(k, &key), 1);
	assert_int_equal(key.code, KEY_UP_);
	assert_int_equal(key.raw_n, 3);
	assert_int_equal(keys_next(k, &key), 0);
	assert_int_equal(keys_wait(k), -1);
	keys_feed(k, "\033[200~x", 7);
	assert_int_equal(keys_next(k, &key), 0);
	assert_true(keys_wait(k) > 100);
	keys_free(k);
}

/* Catches any state that depends on how the bytes were cut, and hangs: random
 * strings made of the bytes that matter, in every size of piece. */
static void
test_any_split(void **state)
{
	static const char *const bits[] = { "\033", "[", "O", "]", "P", "\a",
		"\\", "1", ";", "2", "~", "200~", "\033[200~", "\033[201~",
		"u", "M", "<", "$", "y", "?", "c", "A", "\r", "\n", "\177",
		"\xe4", "\xb8", "\xad", "\xf0\x9f", "\xff", "x", ":", " ",
		"\001" };
	uint32_t seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct buf b = { 0 };
		char *whole;

		for (int i = 0; i < 24; i++) {
			seed = seed * 1664525u + 1013904223u;
			buf_puts(&b, bits[(seed >> 16) %
			    (sizeof(bits) / sizeof(bits[0]))]);
		}
		whole = decode(b.data, b.len, b.len, 1);
		for (size_t step = 1; step < 12; step += 2) {
			char *got = decode(b.data, b.len, step, 1);

			assert_string_equal(got, whole);
			free(got);
		}
		free(whole);
		buf_free(&b);
	}
}

/* Catches a name that does not come back as the key that it names. */
static void
test_names(void **state)
{
	static const char *const same[] = { "ctrl+t", "alt+enter", "f1", "f12",
		"up", "a", "A", "shift+tab", "ctrl+alt+x", "space", "+",
		"ctrl++", "alt+é", "esc", "wheel-up", "alt+1", "ctrl+space" };
	static const char *const wrong[] = { "", "ctrl+", "nokey", "f13",
		"ab", "\xff", "\001" };
	struct key k;
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(key_parse(same[i], &k), 0);
		key_name(&k, name, sizeof(name));
		assert_string_equal(name, same[i]);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(key_parse(wrong[i], &k), -1);
	assert_int_equal(key_parse("Ctrl+A", &k), 0);
	assert_int_equal(k.ch, 'a');
	assert_int_equal(key_parse("shift+a", &k), 0);
	assert_int_equal(k.ch, 'A');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_sequences),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_reply_bytes),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_paste),
		cmocka_unit_test(test_paste_bound),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_any_split),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
