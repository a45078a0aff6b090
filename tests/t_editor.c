/* Tests of ui/editor.c and src/histfile.c: readline fed with keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "editor.h"
#include "histfile.h"

static char dir[256], inputrc[300], history[300];

/* Bytes as a terminal sends them, through the real decoder. */
static void
type(const char *s)
{
	struct keys *k = keys_new();
	struct key key;

	keys_feed(k, s, strlen(s));
	keys_timeout(k);
	while (keys_next(k, &key) == 1)
		editor_key(&key);
	keys_free(k);
}

/* The text with a | at the cursor. */
static const char *
shown(void)
{
	static char out[512];
	const char *s = editor_text();
	size_t p = editor_point();

	snprintf(out, sizeof(out), "%.*s|%s", (int)p, s, s + p);
	return out;
}

#define check(s) assert_string_equal(shown(), s)

static void
send_line(const char *s)
{
	char *got;

	type(s);
	got = editor_take();
	assert_string_equal(got, s);
	free(got);
}

static void
write_file(const char *path, const char *s)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(s, f);
	fclose(f);
}

static int
fresh(void **state)
{
	(void)state;
	unlink(history);
	return editor_init(NULL, NULL);
}

static int
gone(void **state)
{
	(void)state;
	editor_done();
	return 0;
}

/* Catches a broken path to readline: motion, killing, yanking, undo. */
static void
test_emacs(void **state)
{
	(void)state;
	type("hello world");
	check("hello world|");
	type("\001\006");
	check("h|ello world");
	type("\005\027");
	check("hello |");
	type("\031\031");
	check("hello worldworld|");
	type("\033b\033u\037");
	check("hello worldworld|");
	type("\033b\025");
	check("|worldworld");
	type("\013\031\031\033y");
	assert_non_null(strstr(editor_text(), "world"));
	editor_set("gone");
	editor_clear();
	check("|");
	type("\031");
	check("gone|");
}

/* Catches a CSI key that is not translated, or loses to the wrong binding. */
static void
test_named_keys(void **state)
{
	(void)state;
	type("one two");
	type("\033[1;5D\033[D\033[D");
	check("on|e two");
	type("\033[3~\033[H\033[C");
	check("o|n two");
	type("\033OF\177");
	check("on tw|");
	type("\033[1;3D\033[3;5~");
	check("on |");
	type("\033\177");
	check("|");
}

/* Catches multibyte text that is split, miscounted or half deleted. */
static void
test_utf8(void **state)
{
	(void)state;
	type("مرحبا 中文🙂");
	type("\177\177");
	check("مرحبا 中|");
	type("\001\006\004");
	check("م|حبا 中");
	editor_clear();
	type("a\xff" "b");
	check("a\xef\xbf\xbd" "b|");
	editor_clear();
	editor_insert("x\0y\xe4z", 5);
	check("xy\xef\xbf\xbdz|");
}

/* Catches Enter, Tab, ^J or ^D that do readline's thing instead of the
 * app's, and what M-# or ^O would send behind its back. */
static void
test_never_submits(void **state)
{
	(void)state;
	type("\004ab\t\r");
	check("ab|");
	type("\ncd\033\ref");
	check("ab\ncd\nef|");
	type("\017\033\r");
	check("ab\ncd\nef\n|");
	editor_set("note");
	type("\033#");
	assert_string_equal(editor_text(), "#note");
	type("\033\033\033\014");
	assert_string_equal(editor_text(), "#note");
}

/* Catches a paste that is not one undo away, or sends at its newlines. */
static void
test_paste(void **state)
{
	(void)state;
	type("x");
	type("\033[200~one\rtwo\033[201~");
	check("xone\ntwo|");
	type("\037");
	check("x|");
}

/* Catches a ^R that breaks on multibyte keys, that Enter sends from, or that
 * does not say what it is doing. */
static void
test_search(void **state)
{
	(void)state;
	send_line("alpha 中文 one");
	send_line("beta two");
	assert_false(editor_busy());
	type("\022");
	assert_true(editor_busy());
	type("中");
	assert_non_null(strstr(editor_message(), "中"));
	assert_string_equal(editor_text(), "alpha 中文 one");
	type("\r");
	assert_false(editor_busy());
	assert_string_equal(editor_text(), "alpha 中文 one");
	assert_string_equal(editor_message(), "");
	editor_clear();
	type("\022bet");
	assert_string_equal(editor_text(), "beta two");
	type("\033");
	assert_false(editor_busy());
	assert_string_equal(editor_text(), "beta two");
	editor_clear();
	type("\022zzz\007");
	assert_false(editor_busy());
	check("|");
	type("\022alp\033[H!");
	check("!|alpha 中文 one");
	editor_clear();
	type("\022bet");
	editor_insert("+", 1);
	assert_false(editor_busy());
	assert_non_null(strchr(editor_text(), '+'));
	editor_clear();
	type("\022bet");
	free(editor_take());
	assert_false(editor_busy());
	check("|");
	type("q");
	check("q|");
}

/* Catches a prefix key or a count that swallows Esc, Enter or the next key. */
static void
test_prefix(void **state)
{
	(void)state;
	type("\030");
	assert_true(editor_busy());
	type("\r");
	assert_false(editor_busy());
	type("\030\033");
	assert_false(editor_busy());
	type("\0333");
	assert_true(editor_busy());
	assert_non_null(strstr(editor_message(), "3"));
	type("x");
	assert_false(editor_busy());
	check("xxx|");
}

/* Catches up and down that forget the column or leave a multi-line text too
 * early, and history that loses what was being typed. */
static void
test_up_down(void **state)
{
	(void)state;
	send_line("first");
	editor_set("long line\nab\nanother 中文");
	type("\033[D");
	check("long line\nab\nanother 中|文");
	editor_up();
	check("long line\nab|\nanother 中文");
	editor_up();
	check("long line|\nab\nanother 中文");
	editor_down();
	editor_down();
	check("long line\nab\nanother 中|文");
	type("\033[D");
	editor_up();
	editor_up();
	check("long lin|e\nab\nanother 中文");
	editor_up();
	check("first|");
	editor_down();
	assert_string_equal(editor_text(), "long line\nab\nanother 中文");
	editor_down();
	assert_string_equal(editor_text(), "long line\nab\nanother 中文");
}

/* Catches an edit of an old entry that changes it, and a place in the history
 * that stays where it was after sending. */
static void
test_history_place(void **state)
{
	char *s;

	(void)state;
	send_line("one");
	send_line("two");
	send_line("two");
	editor_up();
	check("two|");
	editor_up();
	check("one|");
	type("!");
	s = editor_take();
	assert_string_equal(s, "one!");
	free(s);
	check("|");
	editor_up();
	check("one!|");
	editor_up();
	check("two|");
	editor_up();
	check("one|");
}

/* Catches an edit of an entry that is lost by moving on before sending, M-p
 * that does not look for what was typed, and vi-less searches that crash. */
static void
test_history_moves(void **state)
{
	(void)state;
	send_line("apple");
	send_line("banana");
	send_line("avocado");
	type("draft");
	editor_up();
	type("!");
	editor_up();
	check("banana|");
	editor_down();
	check("avocado!|");
	editor_down();
	check("draft|");
	editor_clear();
	type("a\033p");
	check("a|vocado");
	type("\033p");
	check("a|pple");
	type("\033n");
	check("a|vocado");
	editor_clear();
	type("new\022ban\030\025");
	assert_false(editor_busy());
	editor_down();
	editor_down();
	check("new|");
	type("\033<\033>");
	check("new|");
}

/* Catches crashes of readline itself: its commands in any order, between
 * searches, history, pastes and sending.  Many an order did crash it before
 * the history was taken out of its hands. */
static void
test_any_order(void **state)
{
	static const char *const bits[] = { "\033[A", "\033[B", "\033[C",
		"\033", "\022", "\023", "\030", "\001", "\005", "\007", "\n",
		"\r", "中", "é", "a", " ", "\031", "\033y", "\033b", "\033d",
		"\027", "\037", "\004", "\177", "\026", "\021", "\0335",
		"\035", "\033[200~p\rq\033[201~", "\t", "\033*", "\033?",
		"\030(", "\030)", "\030e", "\024", "\033t", "\033\025",
		"\033#", "\016", "\020", "\033n", "\033p", "\033r", "\033&",
		"\033~", "\033\\", "\030\030", "\xff", "\033." };
	uint32_t seed = 7;

	(void)state;
	for (int i = 0; i < 8000; i++) {
		const char *s;

		seed = seed * 1664525u + 1013904223u;
		if ((seed >> 16) % 61 == 0)
			free(editor_take());
		else if ((seed >> 16) % 211 == 0 ||
		    strlen(editor_text()) > 2000)
			editor_clear();
		else
			type(bits[(seed >> 16) %
			    (sizeof(bits) / sizeof(bits[0]))]);
		s = editor_text();
		assert_true(editor_point() <= strlen(s));
	}
}

/* Catches entries that do not come back from the file as they were: several
 * lines, backslashes, '#1'; a file open to others; doubles. */
static void
test_history_file(void **state)
{
	struct err err;
	struct stat st;

	(void)state;
	editor_done();
	assert_int_equal(editor_init(history, &err), 0);
	editor_set("line 1\n#1 line 2\\n\n\\");
	free(editor_take());
	send_line("last");
	send_line("last");
	editor_set("  \n ");
	free(editor_take());
	assert_int_equal(stat(history, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	editor_done();
	assert_int_equal(editor_init(history, &err), 0);
	editor_up();
	check("last|");
	editor_up();
	check("line 1\n#1 line 2\\n\n\\|");
	editor_done();
	/* A torn last line and bad bytes do no harm to the rest. */
	write_file(history, "good\nb\xff" "d\nto");
	assert_int_equal(editor_init(history, &err), 0);
	send_line("new");
	editor_done();
	assert_int_equal(editor_init(history, &err), 0);
	editor_up();
	check("new|");
	editor_up();
	check("to|");
	editor_up();
	check("b\xef\xbf\xbd" "d|");
}

static int counted;

static void
count(const char *s)
{
	(void)s;
	counted++;
}

/* Catches a file that grows without bound or is trimmed at the wrong end. */
static void
test_history_bound(void **state)
{
	struct err err;
	FILE *f = fopen(history, "w");

	(void)state;
	for (int i = 0; i < HISTFILE_MAX + 7; i++)
		fprintf(f, "entry %d\n", i);
	fclose(f);
	counted = 0;
	assert_int_equal(histfile_load(history, count, &err), 0);
	assert_int_equal(counted, HISTFILE_MAX);
	histfile_trim(history);
	f = fopen(history, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "entry %d", &counted), 1);
	assert_int_equal(counted, 7);
	fclose(f);
}

/* Catches a text of a conversation that leaves nothing which goes into the
 * file all the same, and one that is not remembered until the end. */
static void
test_history_private(void **state)
{
	struct buf b = { 0 };
	struct err err;
	char block[256];
	FILE *f;
	size_t n;

	(void)state;
	editor_done();
	assert_int_equal(editor_init(history, &err), 0);
	send_line("before");
	editor_private(true);
	send_line("between us");
	editor_private(false);
	send_line("after");
	editor_up();
	editor_up();
	assert_string_equal(editor_text(), "between us");
	editor_done();
	assert_int_equal(editor_init(history, &err), 0);
	f = fopen(history, "r");
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(&b, block, n);
	fclose(f);
	assert_non_null(strstr(b.data, "before\nafter\n"));
	assert_null(strstr(b.data, "between"));
	buf_free(&b);
}

/* Catches a history that cannot be used and ends the editor with it. */
static void
test_history_unusable(void **state)
{
	struct err err = { "" };

	(void)state;
	editor_done();
	assert_int_equal(editor_init(dir, &err), -1);
	assert_non_null(strstr(err.text, dir));
	send_line("works");
	editor_up();
	check("works|");
}

/* Catches an inputrc that is not read, a vi mode without its Esc, and settings
 * of the person's that would break us. */
static void
test_vi(void **state)
{
	(void)state;
	editor_done();
	write_file(inputrc, "set editing-mode vi\n"
	    "set enable-bracketed-paste on\nset bell-style audible\n"
	    "set convert-meta on\nset show-mode-in-prompt on\n"
	    "\"\\C-g\": accept-line\n");
	setenv("INPUTRC", inputrc, 1);
	assert_int_equal(editor_init(NULL, NULL), 0);
	type("hello wörld");
	check("hello wörld|");
	assert_true(editor_wants_esc());
	assert_false(editor_busy());
	type("\033");
	assert_false(editor_wants_esc());
	type("0dw");
	check("|wörld");
	type("d\033");
	assert_false(editor_busy());
	type("\033[C");
	check("w|örld");
	type("A!\007\r");
	check("wörld!|");
	type("\033[D?");
	check("wörld?|!");
	free(editor_take());
	type("x");
	check("x|");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_emacs, fresh, gone),
		cmocka_unit_test_setup_teardown(test_named_keys, fresh, gone),
		cmocka_unit_test_setup_teardown(test_utf8, fresh, gone),
		cmocka_unit_test_setup_teardown(test_never_submits, fresh,
		    gone),
		cmocka_unit_test_setup_teardown(test_paste, fresh, gone),
		cmocka_unit_test_setup_teardown(test_search, fresh, gone),
		cmocka_unit_test_setup_teardown(test_prefix, fresh, gone),
		cmocka_unit_test_setup_teardown(test_up_down, fresh, gone),
		cmocka_unit_test_setup_teardown(test_history_place, fresh,
		    gone),
		cmocka_unit_test_setup_teardown(test_history_moves, fresh,
		    gone),
		cmocka_unit_test_setup_teardown(test_any_order, fresh, gone),
		cmocka_unit_test_setup_teardown(test_history_file, fresh,
		    gone),
		cmocka_unit_test_setup_teardown(test_history_bound, fresh,
		    gone),
		cmocka_unit_test_setup_teardown(test_history_private, fresh,
		    gone),
		cmocka_unit_test_setup_teardown(test_history_unusable, fresh,
		    gone),
		/* the last: readline cannot be told to forget an inputrc */
		cmocka_unit_test_setup_teardown(test_vi, fresh, gone),
	};
	const char *tmp = getenv("TMPDIR");
	int r;

	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return 77;
	snprintf(dir, sizeof(dir), "%s/fikr-editor-XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 99;
	snprintf(inputrc, sizeof(inputrc), "%s/inputrc", dir);
	snprintf(history, sizeof(history), "%s/history", dir);
	write_file(inputrc, "");
	setenv("INPUTRC", inputrc, 1);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(inputrc);
	unlink(history);
	rmdir(dir);
	return r;
}
