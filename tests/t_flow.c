/* t_flow.c -- long text in parts, sums of sizes, words that are looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "find.h"
#include "flow.h"
#include "sums.h"

/* Would catch a tree of sums that a change or an appended size spoils. */
static void
sums_are_sums(void **state)
{
	struct sums s = { 0 };
	size_t v[300], before;

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		v[i] = i * 7 % 11;
		sums_push(&s, v[i]);
		if (i % 3 == 2) {
			size_t k = i * 5 % i, to = i % 4;

			sums_change(&s, k, v[k], to);
			v[k] = to;
		}
	}
	before = 0;
	for (size_t i = 0; i < 300; i++) {
		assert_int_equal(sums_before(&s, i), before);
		for (size_t k = 0; k < v[i]; k++)
			assert_int_equal(sums_find(&s, before + k), i);
		before += v[i];
	}
	assert_int_equal(s.total, before);
	sums_free(&s);
}

static void
put_text(struct buf *b, int lines)
{
	for (int i = 0; i < lines; i++) {
		buf_printf(b, "line %d", i);
		for (int k = 0; k < i % 23; k++)
			buf_puts(b, k % 5 ? " word" : " \xe6\x96\x87\xe5\xad\x97");
		buf_puts(b, i % 7 ? "\n" : "\n\n");
	}
	buf_puts(b, "the end");
}

static void
put_rows(struct flow *f, const char *s, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++) {
		flow_lay(f, s, i);
		for (size_t k = 0; k < f->v[i].rows.n; k++) {
			const struct row *r = &f->v[i].rows.v[k];

			for (int j = 0; j < r->n; j++)
				buf_add(out, r->spans[j].text, r->spans[j].n);
			buf_addc(out, '\n');
		}
	}
}

/* Would catch parts that lose or repeat a row where they meet, or that depend
 * on how the text arrived: grown bit by bit and laid out on the way, it must
 * be what it is at once. */
static void
parts_make_the_whole(void **state)
{
	struct flow a = { 0 }, b = { 0 };
	struct buf text = { 0 }, ra = { 0 }, rb = { 0 };

	(void)state;
	put_text(&text, 700);
	for (size_t n = 1; n <= text.len; n += n % 97 + 1) {
		flow_set(&a, text.data, n, 37, STYLE_TEXT);
		flow_lay(&a, text.data, a.n - 1);
	}
	flow_set(&a, text.data, text.len, 37, STYLE_TEXT);
	flow_set(&b, text.data, text.len, 37, STYLE_TEXT);
	assert_true(b.n > 5);
	put_rows(&a, text.data, &ra);
	put_rows(&b, text.data, &rb);
	assert_string_equal(ra.data, rb.data);
	assert_int_equal(a.total, b.total);
	flow_free(&a);
	flow_free(&b);
	buf_free(&text);
	buf_free(&ra);
	buf_free(&rb);
}

/* Pitfall 21: would catch work that is not proportional to what is new: a
 * thought of 200 000 lines laid out again for each of its tokens, or as a
 * whole when only its end is looked at. */
static void
work_is_bounded(void **state)
{
	struct flow f = { 0 };
	struct buf text = { 0 };
	size_t work;

	(void)state;
	for (int i = 0; i < 200000; i++)
		buf_printf(&text, "step %d: and so on, and so forth, on\n", i);
	flow_set(&f, text.data, text.len, 80, STYLE_TEXT);
	assert_int_equal(f.work, 0);
	flow_lay(&f, text.data, f.n - 1);
	assert_true(f.work <= FLOW_PART_MAX);
	work = f.work;
	for (int i = 0; i < 1000; i++) {
		buf_puts(&text, i % 10 ? " token" : "\n");
		flow_set(&f, text.data, text.len, 80, STYLE_TEXT);
		flow_lay(&f, text.data, f.n - 1);
	}
	/* A token is laid out with its line, at most 10 times that. */
	assert_true(f.work - work < 1000 * 80 * 2);
	assert_true(f.total >= 200000 && f.total < 201000);
	flow_free(&f);
	buf_free(&text);
}

/* Pitfall 22: would catch a long line without a blank, or of wide characters,
 * that is never cut, or cut inside a character. */
static void
one_long_line(void **state)
{
	struct flow f = { 0 };
	struct buf text = { 0 }, rows = { 0 };
	size_t solid = 0;

	(void)state;
	for (int i = 0; i < 20000; i++)
		buf_puts(&text, i % 3 ? "\xe6\x96\x87" : "e\xcc\x81");
	flow_set(&f, text.data, text.len, 40, STYLE_TEXT);
	assert_true(f.n > 4);
	put_rows(&f, text.data, &rows);
	for (size_t i = 0; i < rows.len; i++)
		solid += rows.data[i] != '\n';
	assert_int_equal(solid, text.len);
	assert_null(strstr(rows.data, "\n\xcc\x81"));
	flow_free(&f);
	buf_free(&text);
	buf_free(&rows);
}

/* Would catch a byte that is shown in another row than the search goes to. */
static void
bytes_and_rows(void **state)
{
	struct flow f = { 0 };
	struct buf text = { 0 };
	char word[32];

	(void)state;
	put_text(&text, 700);
	flow_set(&f, text.data, text.len, 37, STYLE_TEXT);
	for (int i = 0; i < 700; i += 13) {
		struct flow_piece v;
		const char *at;
		size_t part, row;

		snprintf(word, sizeof(word), "line %d ", i);
		at = strstr(text.data, word);
		if (!at)
			continue;
		part = flow_find(&f, text.data, (size_t)(at - text.data),
		    &row);
		assert_memory_equal(f.v[part].rows.v[row].spans[0].text, word,
		    strlen(word) - 1);
		assert_int_equal(flow_byte(&f, text.data, part, row),
		    at - text.data);
		flow_piece_init(&v, &f, text.data, part,
		    (size_t)(at - text.data) + 5,
		    (size_t)(at - text.data) + strlen(word) - 1);
		assert_true(flow_piece_next(&v));
		assert_int_equal(v.row, row);
		assert_int_equal(v.from, 5);
		assert_int_equal(v.to, strlen(word) - 1);
		assert_false(flow_piece_next(&v));
	}
	flow_free(&f);
	buf_free(&text);
}

static void
check_count(const char *needle, const char *text, size_t want)
{
	struct needle nd;

	assert_true(needle_init(&nd, needle));
	assert_int_equal(find_count(&nd, text, strlen(text)), want);
}

/* Would catch a search that minds case, accents, line ends or marks, or that
 * finds what is not there. */
static void
words_are_found(void **state)
{
	struct needle nd;

	(void)state;
	check_count("the cat", "The Cat, the\ncat, THE  CAT, thecat", 3);
	check_count("is a b", "thisab is ab is a b isa b", 1);
	check_count("bold move", "a **bold** move", 1);
	check_count("STRASSE", "Stra\xc3\x9f" "e", 1);
	check_count("cafe", "un caf\xc3\xa9, deux CAFE\xcc\x81S", 2);
	check_count("aaa", "aaaaaaa", 2);
	check_count("abab", "aababab abab", 2);
	/* Two wide characters at the end of a line have no blank. */
	check_count("\xe6\x96\x87\xe5\xad\x97", "\xe6\x96\x87\n\xe5\xad\x97", 1);
	check_count("**", "a ** b", 1);
	assert_false(needle_init(&nd, "  \n"));
}

/* Would catch formulas in a thought that stay as they were typed, differ once
 * they have streamed, or put a place beside itself. */
static void
formulas(void **state)
{
	static const char text[] = "So \\(x^2\\) is it.\n\\[\n\\frac{1}{2}\n"
	    "\\]\nIt costs $5 and $6.\nThe end";
	struct flow f = { 0 }, g = { 0 };
	size_t n = sizeof(text) - 1, row;

	(void)state;
	flow_set(&f, text, n, 40, STYLE_THINKING);
	flow_lay(&f, text, 0);
	assert_string_equal(f.v[0].rows.v[0].spans[0].text, "So x² is it.");
	assert_string_equal(f.v[0].rows.v[1].spans[0].text, "½");
	assert_string_equal(f.v[0].rows.v[2].spans[0].text,
	    "It costs $5 and $6.");
	for (size_t i = 1; i <= n; i++) {
		flow_set(&g, text, i, 40, STYLE_THINKING);
		flow_lay(&g, text, 0);
	}
	assert_int_equal(g.v[0].rows.n, f.v[0].rows.n);
	for (size_t i = 0; i < f.v[0].rows.n; i++)
		assert_string_equal(g.v[0].rows.v[i].spans[0].text,
		    f.v[0].rows.v[i].spans[0].text);
	flow_find(&f, text, (size_t)(strstr(text, "The") - text), &row);
	assert_int_equal(row, 3);
	flow_free(&f);
	flow_free(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_sums),
		cmocka_unit_test(parts_make_the_whole),
		cmocka_unit_test(work_is_bounded),
		cmocka_unit_test(one_long_line),
		cmocka_unit_test(bytes_and_rows),
		cmocka_unit_test(words_are_found),
		cmocka_unit_test(formulas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
