/* t_ytree.c -- what is written reads back; what is hostile is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <unistd.h>

#include "utf8.h"
#include "ytree.h"
#include "ytree_priv.h"
#include "ywrite.h"

static struct ynode *
load(const char *s, struct err *err)
{
	return ytree_load(s, strlen(s), "f.yaml", err);
}

static void
assert_refused(const char *s, const char *sentence)
{
	struct err err = { { 0 } };

	assert_null(load(s, &err));
	if (!strstr(err.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", err.text, sentence);
}

/* Catches nodes that lose their order, type or line. */
static void
test_tree(void **state)
{
	struct ynode *y = load("# first\na: 1\nb:\n  - x\n  - {c: 'd e'}\n",
	    NULL), *b;

	(void)state;
	assert_non_null(y);
	assert_int_equal(y->type, YNODE_MAP);
	assert_int_equal(y->n, 2);
	assert_int_equal(y->keys[0]->line, 2);
	assert_true(ynode_get(y, "a")->plain);
	b = ynode_get(y, "b");
	assert_int_equal(b->type, YNODE_SEQ);
	assert_int_equal(b->n, 2);
	assert_int_equal(b->items[1]->line, 5);
	assert_string_equal(ynode_get(b->items[1], "c")->text, "d e");
	assert_false(ynode_get(b->items[1], "c")->plain);
	assert_null(ynode_get(y, "c"));
	assert_null(ynode_get(b, "c"));
	ynode_free(y);
}

/* Catches an empty or commented-out config that is taken for an error, and a
 * byte order mark that becomes part of the first key. */
static void
test_empty(void **state)
{
	static const char *const empty[] = { "", "\n", "# nothing\n", "---\n",
		"~\n", "\xEF\xBB\xBF" };
	struct ynode *y;

	(void)state;
	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++) {
		y = load(empty[i], NULL);
		assert_non_null(y);
		assert_int_equal(y->type, YNODE_MAP);
		assert_int_equal(y->n, 0);
		ynode_free(y);
	}
	y = load("\xEF\xBB\xBFkey: v\n", NULL);
	assert_non_null(ynode_get(y, "key"));
	ynode_free(y);
}

/* Catches files that cost more than their size, and errors without a line. */
static void
test_refused(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_refused("a: &x 1\n", "f.yaml:1: anchors");
	assert_refused("a: 1\nb: *x\n", "f.yaml:2: ");
	assert_refused("a: 1\nb: 2\na: 3\n", "f.yaml:3: the key \"a\"");
	assert_refused("a: 1\n? [b]\n: 2\n", "f.yaml:2: a key must");
	assert_refused("a: 1\n\tb: 2\n", "f.yaml:2: ");
	assert_refused("a: 1\nb: \"x\n", "f.yaml:");
	assert_refused("a: 1\nb: \xFF\n", "f.yaml:2: ");
	for (int i = 0; i < 100000; i++)
		buf_addc(&b, '[');
	assert_refused(b.data, "nested too deeply");
	buf_clear(&b);
	buf_puts(&b, "[");
	for (int i = 0; i < 200001; i++)
		buf_puts(&b, "1,");
	buf_puts(&b, "]");
	assert_refused(b.data, "too many values");
	buf_free(&b);
}

static struct ynode *
scalar(const char *s)
{
	static struct ynode y;
	static char text[100];

	snprintf(text, sizeof(text), "%s", s);
	y = (struct ynode){ .type = YNODE_SCALAR, .text = text,
		.len = strlen(text), .plain = true };
	return &y;
}

/* Catches numbers read in part, out of range, or by the locale's comma. */
static void
test_numbers(void **state)
{
	static const char *const bad[] = { "", " 1", "1 ", "1x", "0x10", "+",
		"9223372036854775808", "1.5", "nan", "--1" };
	static const char *const bad_float[] = { "", "nan", "inf", "1,5",
		"0x1p3", "1e999", ".", "1.5.2", " 1" };
	uint64_t u;
	int64_t i;
	double d;
	int b;

	(void)state;
	setlocale(LC_ALL, "de_DE.UTF-8");	/* where it is installed */
	for (size_t k = 0; k < sizeof(bad) / sizeof(*bad); k++)
		assert_int_equal(ynode_int(scalar(bad[k]), &i), -1);
	for (size_t k = 0; k < sizeof(bad_float) / sizeof(*bad_float); k++)
		assert_int_equal(ynode_float(scalar(bad_float[k]), &d), -1);
	assert_int_equal(ynode_int(scalar("-9223372036854775808"), &i), 0);
	assert_true(i == INT64_MIN);
	assert_int_equal(ynode_uint(scalar("18446744073709551615"), &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(ynode_uint(scalar("-1"), &u), -1);
	assert_int_equal(ynode_float(scalar("1.5e-3"), &d), 0);
	assert_true(d == 1.5e-3);
	assert_int_equal(ynode_bool(scalar("on"), &b), 0);
	assert_int_equal(b, 1);
	assert_int_equal(ynode_bool(scalar("no"), &b), 0);
	assert_int_equal(b, 0);
	assert_int_equal(ynode_bool(scalar("maybe"), &b), -1);
	assert_int_equal(ynode_int(NULL, &i), -1);
	setlocale(LC_ALL, "C");
}

static struct ynode *
reread(struct buf *b)
{
	struct err err = { { 0 } };
	struct ynode *y = ytree_load(b->data, b->len, "f", &err);

	if (!y)
		fail_msg("%s in:\n%s", err.text, b->data);
	return y;
}

/* Catches values whose look changes their type, floats that lose digits, and
 * a document without both of its markers. */
static void
test_write_values(void **state)
{
	static const float floats[] = { 0, 1, 0.6f, 0.1f, 1e-7f, 3.4e38f,
		1.17549435e-38f, 0.333333343f, 123456.789f };
	struct ywriter *w;
	struct buf b = { 0 };
	struct ynode *y;
	double d;

	(void)state;
	w = ywrite_new(&b);
	ywrite_word(w, "event", "title");
	ywrite_int(w, "least", INT64_MIN);
	ywrite_str(w, "s", "true");
	ywrite_str(w, "empty", "");
	ywrite_begin_map(w, "map");
	ywrite_uint(w, "most", UINT64_MAX);
	ywrite_end_map(w);
	assert_int_equal(ywrite_end(w, NULL), 0);
	assert_string_equal(b.data, "---\nevent: title\n"
	    "least: -9223372036854775808\ns: 'true'\nempty: ''\n"
	    "map: {most: 18446744073709551615}\n...\n");
	for (size_t i = 0; i < sizeof(floats) / sizeof(*floats); i++) {
		buf_clear(&b);
		w = ywrite_new(&b);
		ywrite_float(w, "f", floats[i]);
		assert_int_equal(ywrite_end(w, NULL), 0);
		y = reread(&b);
		assert_int_equal(ynode_float(ynode_get(y, "f"), &d), 0);
		assert_true((float)d == floats[i]);
		assert_non_null(strchr(b.data, '.'));
		ynode_free(y);
	}
	buf_free(&b);
}

static void
assert_round_trip(const char *s, size_t n)
{
	struct buf b = { 0 }, clean = { 0 };
	struct ywriter *w;
	struct ynode *y, *text;
	struct err err;

	utf8_scrub(&clean, s, n);
	w = ywrite_new(&b);
	ywrite_word(w, "event", "delta");
	ywrite_text(w, "text", s, n);
	ywrite_str(w, "str", clean.data ? clean.data : "");
	ywrite_int(w, "after", 1);
	if (ywrite_end(w, &err) < 0)
		fail_msg("%s", err.text);
	y = reread(&b);
	text = ynode_get(y, "text");
	if (text->len != clean.len ||
	    memcmp(text->text, clean.data ? clean.data : "", clean.len) != 0)
		fail_msg("came back otherwise:\n%s", b.data);
	if (clean.data && strlen(clean.data) == clean.len)
		assert_string_equal(ynode_get(y, "str")->text, clean.data);
	assert_non_null(ynode_get(y, "after"));
	/* No text may pass for a document marker. */
	assert_null(strstr(b.data + 4, "\n---"));
	assert_ptr_equal(strstr(b.data, "\n..."), b.data + b.len - 5);
	ynode_free(y);
	buf_free(&b);
	buf_free(&clean);
}

/* Catches texts that YAML or libyaml would change: random strings out of the
 * pieces that are known to be difficult. */
static void
test_round_trip(void **state)
{
	static const char *const pieces[] = { " ", "  ", "\n", "\n\n", "\t",
		"\r", "\r\n", "a", "b c", "---", "\n---\n", "...", "\n...\n",
		"- ", "? ", ": ", "# ", "'", "\"", "\\", "|", ">", "{", "}",
		"[", "]", "&a", "*a", "!t", "%", "@", "`", "null", "1.0",
		"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF",
		"\xC2\xA0", "\xF0\x9F\x98\x80", "\xD9\x81\xD9\x83\xD8\xB1",
		"\x01", "\x1b[31m", "\x7f", "\xC2\x9B", "\xEF\xBF\xBE", "\xFF",
		"\xE2\x80", "e\xCC\x81", "<think>" };
	unsigned seed = 1;
	struct buf s = { 0 };

	(void)state;
	assert_round_trip("", 0);
	assert_round_trip("a\0b", 3);
	for (int i = 0; i < 20000; i++) {
		buf_clear(&s);
		for (int n = 1 + i % 9; n > 0; n--) {
			seed = seed * 1664525u + 1013904223u;
			buf_puts(&s, pieces[(seed >> 8) %
			    (sizeof(pieces) / sizeof(*pieces))]);
		}
		assert_round_trip(s.data, s.len);
	}
	buf_free(&s);
}

static void
assert_same_node(const struct ynode *a, const struct ynode *b)
{
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->n, b->n);
	if (a->type == YNODE_SCALAR) {
		assert_int_equal(a->plain, b->plain);
		assert_int_equal(a->len, b->len);
		assert_memory_equal(a->text, b->text, a->len + 1);
	}
	for (size_t i = 0; i < a->n; i++) {
		assert_same_node(a->items[i], b->items[i]);
		if (a->type == YNODE_MAP)
			assert_same_node(a->keys[i], b->keys[i]);
	}
}

/* Whether the quick reader took it; then it read what libyaml reads. */
static bool
assert_same_both_ways(const char *s, size_t n)
{
	struct ynode *quick = ytree_quick(s, n), *y;
	struct err err = { { 0 } };

	if (!quick)
		return false;
	y = ytree_thorough(s, n, "f.yaml", &err);
	if (!y)
		fail_msg("%s\n%.*s", err.text, (int)n, s);
	assert_same_node(quick, y);
	ynode_free(y);
	ynode_free(quick);
	return true;
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* A document as a conversation has them, of random texts. */
static void
random_document(struct buf *out, unsigned *seed)
{
	static const char *const pieces[] = { " ", "\n", "\n\n", "a", "b c",
		"---", "...", "  x", "'", "| -", "{a: b}", ": ", "#", "é",
		"\xD9\x81", "\xF0\x9F\x98\x80", "\t", "\xC2\x85", "~", "-1" };
	struct buf s = { 0 };
	struct ywriter *w = ywrite_new(out);

	for (unsigned i = next_random(seed) % 12; i > 0; i--)
		buf_puts(&s, pieces[next_random(seed) %
		    (sizeof(pieces) / sizeof(*pieces))]);
	ywrite_word(w, "event", "begin");
	ywrite_int(w, "turn", (int)(next_random(seed) % 5) - 1);
	ywrite_word(w, "started", "2026-11-24T05:31:22.123Z");
	ywrite_str(w, "model", s.data ? s.data : "");
	ywrite_begin_map(w, "sampling");
	ywrite_float(w, "top-p", 0.95f);
	ywrite_word(w, "temperature", "auto");
	ywrite_end_map(w);
	ywrite_text(w, "text", s.data ? s.data : "", s.len);
	ywrite_text(w, "thinking", s.data ? s.data : "", s.len / 2);
	assert_int_equal(ywrite_end(w, NULL), 0);
	buf_free(&s);
}

/* Catches a conversation that is read differently by the quick reader, whole or
 * with a damaged byte, and one that it never takes. */
static void
test_quick(void **state)
{
	struct buf b = { 0 };
	unsigned seed = 7;
	int taken = 0, damaged = 0;

	(void)state;
	for (int i = 0; i < 4000; i++) {
		buf_clear(&b);
		random_document(&b, &seed);
		taken += assert_same_both_ways(b.data, b.len);
		for (int k = 0; k < 8; k++) {
			size_t at = next_random(&seed) % b.len;
			char was = b.data[at];

			b.data[at] = " \n'|{}:-#a~\t,x2+"[next_random(&seed) %
			    16];
			damaged += assert_same_both_ways(b.data, b.len);
			b.data[at] = was;
		}
	}
	assert_in_range(taken, 1000, 4000);
	assert_in_range(damaged, 1000, 32000);
	buf_free(&b);
}

/* Catches ordinary text that a person would find escaped. */
static void
test_literal(void **state)
{
	static const char text[] = "Two lines: \"q\" \xC3\xA9\n\n  indented\n";
	struct ywriter *w;
	struct buf b = { 0 };

	(void)state;
	w = ywrite_new(&b);
	ywrite_text(w, "text", text, sizeof(text) - 1);
	assert_int_equal(ywrite_end(w, NULL), 0);
	assert_string_equal(b.data, "---\ntext: |\n"
	    "  Two lines: \"q\" \xC3\xA9\n\n    indented\n...\n");
	buf_free(&b);
}

/* Catches a file that is read beyond its bound, or an error without a name. */
static void
test_file(void **state)
{
	char path[] = "/tmp/t_yaml.XXXXXX";
	int fd = mkstemp(path);
	struct err err;
	struct ynode *y;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a: b\n", 5), 5);
	close(fd);
	y = ytree_load_file(path, 5, &err);
	assert_string_equal(ynode_get(y, "a")->text, "b");
	ynode_free(y);
	assert_null(ytree_load_file(path, 4, &err));
	assert_non_null(strstr(err.text, path));
	unlink(path);
	assert_null(ytree_load_file(path, 5, &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_null(ytree_load_file("/", 5, &err));
	assert_non_null(strstr(err.text, "directory"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_write_values),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_quick),
		cmocka_unit_test(test_literal),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
