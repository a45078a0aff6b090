/* t_md_stream.c -- a large mixed answer as it streams, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "markdown.h"

#define WIDTH 60
#define PIECE 4096		/* what a frame may have to lay out again */

static const char sample[] =
"# Roots of *quadratics* in $\\mathbb{R}$\n"
"\n"
"The equation $ax^2 + bx + c = 0$ has **two `real` roots** if "
"\\(b^2 - 4ac > 0\\); it costs $5 or $6.\n"
"\n"
"\\[\n"
"x_{1,2} = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}\n"
"\\]\n"
"\n"
"1. Compute the discriminant:\n"
"   $$D = b^2 - 4ac$$\n"
"   - if *positive*, go on\n"
"   - [x] see [the proof](https://proof.example/d)\n"
"2. Then:\n"
"\n"
"   ```python\n"
"   def roots(a, b, c):\n"
"       \"\"\"Both of them,\n"
"       or none.\"\"\"\n"
"       return -b / (2 * a)\n"
"   ```\n"
"\n"
"> 引用：**七分钟** and $\\alpha$\n"
"> - an item\n"
"\n"
"| Kind | $x^2$ | النوع |\n"
"|:-----|------:|:-----:|\n"
"| soft 🙂 | $\\frac12$ | طري |\n"
"| 硬 | 10 |\n"
"\n"
"```c\n"
"/* a comment\n"
"   of two lines */\n"
"int x = $y$; // not a formula\n"
"```\n"
"\\begin{align}\n"
"a &= b + c \\\\\n"
"  &= \\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}\n"
"\\end{align}\n"
"So the answer is \\boxed{42}. See https://end.example/x_y_z now.\n"
"\n"
"---\n";

static void
row_all(const struct row *r, struct buf *out)
{
	for (int k = 0; k < r->n; k++)
		buf_printf(out, "{%d|%s|%s}", r->spans[k].style,
		    r->spans[k].text,
		    r->spans[k].href ? r->spans[k].href : "");
	buf_puts(out, r->fill ? "+\n" : "\n");
}

static void
rows_all(const struct rows *r, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		row_all(&r->v[i], out);
}

/* Catches a settled row that changes under the reader, an end that differs
 * from the whole text's, and a frame that lays out more than the open end. */
static void
test_byte_by_byte(void **state)
{
	struct mdview *v = mdview_new(STYLE_TEXT);
	struct rows whole = { 0 };
	struct buf text = { 0 }, kept = { 0 }, now = { 0 };
	const struct rows *r = NULL;
	size_t work = 0, settled = 0;

	(void)state;
	for (int i = 0; i < 6; i++)
		buf_puts(&text, sample);
	for (size_t n = 1; n <= text.len; n++) {
		r = mdview_rows(v, text.data, n, WIDTH, false);
		assert_true(mdview_work(v) - work <= 2 * PIECE);
		work = mdview_work(v);
		assert_true(mdview_settled(v) >= settled);
		for (; settled < mdview_settled(v); settled++)
			row_all(&r->v[settled], &kept);
		if (n % 97 && n != text.len)
			continue;
		buf_clear(&now);
		rows_all(r, settled, &now);
		if (settled)
			assert_string_equal(now.data, kept.data);
	}
	/* Most of it was settled long before the end. */
	assert_true(settled > r->n / 2);
	markdown_rows(&whole, text.data, text.len, WIDTH, STYLE_TEXT);
	buf_clear(&kept);
	buf_clear(&now);
	rows_all(&whole, whole.n, &kept);
	r = mdview_rows(v, text.data, text.len, WIDTH, true);
	rows_all(r, r->n, &now);
	assert_string_equal(now.data, kept.data);
	rows_free(&whole);
	buf_free(&text);
	buf_free(&kept);
	buf_free(&now);
	mdview_free(v);
}

/* Catches marks shown as text while what they belong to is being written:
 * those of the sample are never seen, but for the dollars of its prices and
 * its line of code, whatever byte it has come to. */
static void
test_no_raw_marks(void **state)
{
	static const char *const raw[] = { "**", "\\", "$$", "```", "](",
	    "\\[", "\\(", "^", "{", "|-", "|:", "&", "$a", "$\\", "$D" };
	struct mdview *v = mdview_new(STYLE_TEXT);

	(void)state;
	for (size_t n = 1; n <= strlen(sample); n++) {
		const struct rows *r = mdview_rows(v, sample, n, WIDTH, false);

		for (size_t i = 0; i < r->n; i++)
			for (int k = 0; k < r->v[i].n; k++)
				for (size_t m = 0; m < sizeof(raw) /
				    sizeof(raw[0]); m++)
					if (strstr(r->v[i].spans[k].text,
					    raw[m]))
						fail_msg("%s in '%s', byte %zu",
						    raw[m],
						    r->v[i].spans[k].text, n);
	}
	mdview_free(v);
}

/* Catches work that grows with the length of a block: one line, one list, one
 * paragraph, one comment, one formula without an end. */
static void
test_work_is_bounded(void **state)
{
	static const char *const unit[][2] = {
		{ "", "word " }, { "", "- item\n" }, { "", "a line\n" },
		{ "```c\n/*", " x\n" }, { "\\[", "x + \\frac{a}{b}" },
		{ "$$\n", "x\n" }, { "|a|b|\n|-|-|\n", "|c|d|\n" },
		{ "", "$x " }, { "", "`" },
	};

	(void)state;
	for (size_t u = 0; u < sizeof(unit) / sizeof(unit[0]); u++) {
		struct mdview *v = mdview_new(STYLE_TEXT);
		struct buf text = { 0 };
		size_t calls = 0;

		buf_puts(&text, unit[u][0]);
		while (text.len < 60000) {
			for (int i = 0; i < 150; i++)
				buf_puts(&text, unit[u][1]);
			mdview_rows(v, text.data, text.len, WIDTH, false);
			calls++;
		}
		assert_true(mdview_work(v) <= calls * 9 * PIECE);
		buf_free(&text);
		mdview_free(v);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_no_raw_marks),
		cmocka_unit_test(test_work_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
