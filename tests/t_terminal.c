/* t_terminal.c -- what a terminal is asked, and what its replies mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "terminal.h"

static struct terminal
named(const char *name)
{
	struct terminal t;

	terminal_init(&t, name, false);
	return t;
}

static bool
reply(struct terminal *t, const char *s)
{
	return terminal_reply(t, s, strlen(s));
}

/* Pitfall 25: questions to a terminal that would show them. */
static void
test_asked(void **state)
{
	static const char *const plain[] = { "linux", "vt100", "vt220",
		"dumb", "cons25", "" };
	static const char *const asked[] = { "xterm", "xterm-256color",
		"xterm-kitty", "foot", "alacritty", "tmux-256color",
		"vte-256color", "konsole-256color" };
	struct buf b = { 0 };
	struct terminal t;

	(void)state;
	unsetenv("TMUX");
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		t = named(plain[i]);
		terminal_ask(&t, &b);
		assert_int_equal(b.len, 0);
	}
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		t = named(asked[i]);
		terminal_ask(&t, &b);
		assert_non_null(strstr(b.data, "\033[?2026$p"));
		assert_non_null(strstr(b.data, "\033]11;?"));
		/* the one that everybody answers comes last */
		assert_string_equal(b.data + b.len - 3, "\033[c");
		buf_clear(&b);
	}
	t = named("screen-256color");
	assert_int_equal(t.kind, TERMINAL_SCREEN);
	terminal_ask(&t, &b);
	assert_string_equal(b.data, "\033[c");
	setenv("TMUX", "/tmp/x,1,0", 1);
	assert_int_equal(named("screen").kind, TERMINAL_TMUX);
	unsetenv("TMUX");
	buf_free(&b);
}

/* Catches an answer taken for another, or for yes where it says no. */
static void
test_replies(void **state)
{
	struct terminal t = named("xterm");

	(void)state;
	assert_int_equal(t.sync, ANSWER_NONE);
	assert_true(reply(&t, "\033[?2026;2$y"));
	assert_int_equal(t.sync, ANSWER_YES);
	assert_true(reply(&t, "\033[?2026;0$y"));
	assert_int_equal(t.sync, ANSWER_NO);
	assert_true(reply(&t, "\033[?2026;4$y"));
	assert_int_equal(t.sync, ANSWER_NO);
	assert_true(reply(&t, "\033[?2004;1$y"));
	assert_int_equal(t.paste, ANSWER_YES);
	assert_int_equal(t.kitty, ANSWER_NONE);
	assert_true(reply(&t, "\033[?0u"));
	assert_int_equal(t.kitty, ANSWER_YES);
	assert_false(t.complete);
	assert_true(reply(&t, "\033[?64;1;2c"));
	assert_true(t.complete);
	assert_string_equal(t.attributes, "64;1;2");
	assert_true(reply(&t, "\033[12;40R"));
	assert_int_equal(t.cx, 39);
	assert_int_equal(t.cy, 11);
	/* nobody's business here, or no replies at all */
	assert_false(reply(&t, "\033[?25;1$y"));
	assert_false(reply(&t, "\033[>0;276;0c"));
	assert_false(reply(&t, "\033[0n"));
	assert_false(reply(&t, "\033P>|XTerm(370)\033\\"));
	assert_false(reply(&t, "\033[c"));
	assert_false(reply(&t, "\033[R"));
	assert_false(reply(&t, "\033["));
	assert_false(reply(&t, "x"));
}

/* Catches a question that a terminal passed over and that stays open. */
static void
test_fence(void **state)
{
	struct terminal t = named("xterm");

	(void)state;
	assert_true(reply(&t, "\033[?1;2c"));
	assert_int_equal(t.kitty, ANSWER_NO);
	assert_int_equal(t.sync, ANSWER_NO);
}

static int32_t
background(const char *s)
{
	struct terminal t = named("xterm");

	reply(&t, s);
	return t.background;
}

/* Catches colours of the wrong scale, and broken ones that count. */
static void
test_background(void **state)
{
	char attributes[200];

	(void)state;
	assert_int_equal(background("\033]11;rgb:1a1a/1b1b/2626\033\\"),
	    0x1a1b26);
	assert_int_equal(background("\033]11;rgb:ffff/ffff/ffff\a"), 0xffffff);
	assert_int_equal(background("\033]11;rgb:f/8/0\a"), 0xff8800);
	assert_int_equal(background("\033]11;rgb:00/80/ff\a"), 0x0080ff);
	assert_int_equal(background("\033]11;rgba:ffff/0000/0000/8000\a"),
	    0xff0000);
	assert_int_equal(background("\033]11;rgb:1a1a/1b1b\a"), -1);
	assert_int_equal(background("\033]11;rgb://\a"), -1);
	assert_int_equal(background("\033]11;rgb\a"), -1);
	assert_int_equal(background("\033]10;rgb:ff/ff/ff\a"), -1);
	assert_int_equal(terminal_colorfgbg("15;0"), 0x000000);
	assert_int_equal(terminal_colorfgbg("0;15"), 0xffffff);
	assert_int_equal(terminal_colorfgbg("0;default;7"), 0xffffff);
	assert_int_equal(terminal_colorfgbg("12;8"), 0x000000);
	assert_int_equal(terminal_colorfgbg("15;default"), -1);
	assert_int_equal(terminal_colorfgbg("x"), -1);
	assert_int_equal(terminal_colorfgbg(NULL), -1);
	/* a reply longer than there is room for */
	memset(attributes, '1', sizeof(attributes));
	memcpy(attributes, "\033[?", 3);
	attributes[sizeof(attributes) - 2] = 'c';
	attributes[sizeof(attributes) - 1] = '\0';
	background(attributes);
}

/* Catches variables taken in the wrong order. */
static void
test_colors(void **state)
{
	(void)state;
	assert_int_equal(terminal_colors(256, NULL, NULL, NULL), 256);
	assert_int_equal(terminal_colors(256, NULL, NULL, "truecolor"),
	    1 << 24);
	assert_int_equal(terminal_colors(8, NULL, NULL, "truecolor"), 8);
	assert_int_equal(terminal_colors(256, NULL, "1", "24bit"), 0);
	assert_int_equal(terminal_colors(256, NULL, "", NULL), 256);
	assert_int_equal(terminal_colors(256, "1", "1", NULL), 16);
	assert_int_equal(terminal_colors(256, "yes", "1", NULL), 256);
	assert_int_equal(terminal_colors(256, "0", NULL, NULL), 0);
	assert_int_equal(terminal_colors(256, "false", NULL, NULL), 0);
	assert_int_equal(terminal_colors(8, "3", NULL, NULL), 8);
	assert_int_equal(terminal_colors(-1, "3", NULL, NULL), 0);
	assert_int_equal(terminal_colors(2, NULL, NULL, NULL), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_fence),
		cmocka_unit_test(test_background),
		cmocka_unit_test(test_colors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
