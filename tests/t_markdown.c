/* t_markdown.c -- Markdown as rows: screens of a rich sample, and streaming. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc.h"
#include "buf.h"
#include "cell.h"
#include "markdown.h"
#include "width.h"

static const char english[] =
"# Boiling an egg\n"
"An egg needs **seven minutes**, *not ten*; the ~~old~~ `timer` says\n"
"so. See [the table](https://egg.example/t) or <https://egg.example>.\n"
"\n"
"1. Boil the water\n"
"2. Add the egg\n"
"   - gently, with a spoon\n"
"   - [x] lid on\n"
"\n"
"> Patience is a virtue.\n"
">\n"
"> - said the cook\n"
"```c\n"
"int minutes = 7; /* from the moment it boils again, not earlier */\n"
"\n"
"\treturn minutes;\n"
"```\n"
"| Kind | Minutes | Remark |\n"
"|:-----|--------:|:------:|\n"
"| soft | 5 | runs when it is cut |\n"
"| hard | 10 | dry |\n"
"\n"
"---\n"
"Water &amp; salt: $0.02, \\(x_1 * x_2\\), <b>no</b> markup.\n"
"\n"
"[1]: https://egg.example/ref\n";

static const char arabic[] =
"## سَلْقُ البيضة\n"
"تحتاج البيضة إلى **سبع دقائق** فقط.\n"
"\n"
"- الماء\n"
"- الملح\n"
"\n"
"| النوع | الدقائق |\n"
"|---|--:|\n"
"| طري | ٥ |\n";

static const char chinese[] =
"## 煮鸡蛋\n"
"鸡蛋需要**七分钟**，不是十分钟。\n"
"水开以后再放鸡蛋（要轻轻地放）。\n"
"\n"
"1. 烧水\n"
"2. 放鸡蛋\n"
"\n"
"| 种类 | 分钟 | 说明 |\n"
"|---|--:|---|\n"
"| 软 | 5 | 切开会流 |\n"
"| 硬 | 10 | 干 |\n";

/* ---- what they look like ---- */

#define ENGLISH20 \
"Boiling an egg\n" \
"━━━━━━━━━━━━━━\n" \
"\n" \
"An egg needs seven\n" \
"minutes, not ten;\n" \
"the old timer says\n" \
"so. See the table\n" \
"(https://egg.example\n" \
"/t) or\n" \
"https://egg.example.\n" \
"\n" \
"1. Boil the water\n" \
"2. Add the egg\n" \
"   • gently, with a\n" \
"     spoon\n" \
"   ☑ lid on\n" \
"\n" \
"│ Patience is a\n" \
"│ virtue.\n" \
"│\n" \
"│ • said the cook\n" \
"\n" \
"  c\n" \
"  int minutes = 7; /\n" \
"↪ * from the moment\n" \
"↪ it boils again, no\n" \
"↪ t earlier */\n" \
"\n" \
"          return min\n" \
"↪ utes;\n" \
"\n" \
"Kind: soft\n" \
"Minutes: 5\n" \
"Remark: runs when it\n" \
"  is cut\n" \
"\n" \
"Kind: hard\n" \
"Minutes: 10\n" \
"Remark: dry\n" \
"\n" \
"────────────────────\n" \
"\n" \
"Water & salt: $0.02,\n" \
"x₁ * x₂, <b>no</b>\n" \
"markup.\n" \
"\n" \
"[1]:\n" \
"https://egg.example/\n" \
"ref\n"

#define ENGLISH40 \
"Boiling an egg\n" \
"━━━━━━━━━━━━━━\n" \
"\n" \
"An egg needs seven minutes, not ten; the\n" \
"old timer says so. See the table\n" \
"(https://egg.example/t) or\n" \
"https://egg.example.\n" \
"\n" \
"1. Boil the water\n" \
"2. Add the egg\n" \
"   • gently, with a spoon\n" \
"   ☑ lid on\n" \
"\n" \
"│ Patience is a virtue.\n" \
"│\n" \
"│ • said the cook\n" \
"\n" \
"  c\n" \
"  int minutes = 7; /* from the moment it\n" \
"↪  boils again, not earlier */\n" \
"\n" \
"          return minutes;\n" \
"\n" \
"Kind │ Minutes │       Remark\n" \
"─────┼─────────┼────────────────────\n" \
"soft │       5 │ runs when it is cut\n" \
"hard │      10 │         dry\n" \
"\n" \
"────────────────────────────────────────\n" \
"\n" \
"Water & salt: $0.02, x₁ * x₂, <b>no</b>\n" \
"markup.\n" \
"\n" \
"[1]: https://egg.example/ref\n"

#define ENGLISH78 \
"Boiling an egg\n" \
"━━━━━━━━━━━━━━\n" \
"\n" \
"An egg needs seven minutes, not ten; the old timer says so. See the table\n" \
"(https://egg.example/t) or https://egg.example.\n" \
"\n" \
"1. Boil the water\n" \
"2. Add the egg\n" \
"   • gently, with a spoon\n" \
"   ☑ lid on\n" \
"\n" \
"│ Patience is a virtue.\n" \
"│\n" \
"│ • said the cook\n" \
"\n" \
"  c\n" \
"  int minutes = 7; /* from the moment it boils again, not earlier */\n" \
"\n" \
"          return minutes;\n" \
"\n" \
"Kind │ Minutes │       Remark\n" \
"─────┼─────────┼────────────────────\n" \
"soft │       5 │ runs when it is cut\n" \
"hard │      10 │         dry\n" \
"\n" \
"──────────────────────────────────────────────────────────────────────────────\n" \
"\n" \
"Water & salt: $0.02, x₁ * x₂, <b>no</b> markup.\n" \
"\n" \
"[1]: https://egg.example/ref\n"

#define ARABIC20 \
"سَلْقُ البيضة\n" \
"\n" \
"تحتاج البيضة إلى سبع\n" \
"دقائق فقط.\n" \
"\n" \
"• الماء\n" \
"• الملح\n" \
"\n" \
"النوع │ الدقائق\n" \
"──────┼────────\n" \
"  طري │       ٥\n"

#define ARABIC40 \
"سَلْقُ البيضة\n" \
"\n" \
"تحتاج البيضة إلى سبع دقائق فقط.\n" \
"\n" \
"• الماء\n" \
"• الملح\n" \
"\n" \
"النوع │ الدقائق\n" \
"──────┼────────\n" \
"  طري │       ٥\n"

#define ARABIC78 \
"سَلْقُ البيضة\n" \
"\n" \
"تحتاج البيضة إلى سبع دقائق فقط.\n" \
"\n" \
"• الماء\n" \
"• الملح\n" \
"\n" \
"النوع │ الدقائق\n" \
"──────┼────────\n" \
"  طري │       ٥\n"

#define CHINESE20 \
"煮鸡蛋\n" \
"\n" \
"鸡蛋需要七分钟，不是\n" \
"十分钟。水开以后再放\n" \
"鸡蛋（要轻轻地放）。\n" \
"\n" \
"1. 烧水\n" \
"2. 放鸡蛋\n" \
"\n" \
"种类 │ 分钟 │ 说明\n" \
"─────┼──────┼───────\n" \
"软   │    5 │ 切开会\n" \
"     │      │ 流\n" \
"硬   │   10 │ 干\n"

#define CHINESE40 \
"煮鸡蛋\n" \
"\n" \
"鸡蛋需要七分钟，不是十分钟。水开以后再放\n" \
"鸡蛋（要轻轻地放）。\n" \
"\n" \
"1. 烧水\n" \
"2. 放鸡蛋\n" \
"\n" \
"种类 │ 分钟 │ 说明\n" \
"─────┼──────┼─────────\n" \
"软   │    5 │ 切开会流\n" \
"硬   │   10 │ 干\n"

#define CHINESE78 \
"煮鸡蛋\n" \
"\n" \
"鸡蛋需要七分钟，不是十分钟。水开以后再放鸡蛋（要轻轻地放）。\n" \
"\n" \
"1. 烧水\n" \
"2. 放鸡蛋\n" \
"\n" \
"种类 │ 分钟 │ 说明\n" \
"─────┼──────┼─────────\n" \
"软   │    5 │ 切开会流\n" \
"硬   │   10 │ 干\n"

static void
rows_text(const struct rows *r, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		for (int k = 0; k < r->v[i].n; k++)
			buf_add(out, r->v[i].spans[k].text,
			    r->v[i].spans[k].n);
		while (out->len && out->data[out->len - 1] == ' ')
			out->data[--out->len] = '\0';
		buf_addc(out, '\n');
	}
}

/* Text, styles and the fill of every row: two that are equal look equal. */
static void
rows_all(const struct rows *r, struct buf *out)
{
	for (size_t i = 0; i < r->n; i++) {
		for (int k = 0; k < r->v[i].n; k++)
			buf_printf(out, "{%d|%s}", r->v[i].spans[k].style,
			    r->v[i].spans[k].text);
		buf_puts(out, r->v[i].fill ? "+\n" : "\n");
	}
	buf_addc(out, '.');
}

static void
expect(const char *md, int width, const char *want)
{
	struct rows r = { 0 };
	struct buf b = { 0 };

	markdown_rows(&r, md, strlen(md), width, STYLE_TEXT);
	rows_text(&r, &b);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
	rows_free(&r);
}

/* Catches any change of what a rich answer looks like, at the width of a
 * narrow pane, half a screen and a whole one. */
static void
test_english(void **state)
{
	(void)state;
	expect(english, 20, ENGLISH20);
	expect(english, 40, ENGLISH40);
	expect(english, 78, ENGLISH78);
}

/* Catches marks (harakat) counted as columns, and tables out of line. */
static void
test_arabic(void **state)
{
	(void)state;
	expect(arabic, 20, ARABIC20);
	expect(arabic, 40, ARABIC40);
	expect(arabic, 78, ARABIC78);
}

/* Catches wide characters counted as one column, rows that begin with closing
 * punctuation, a space where a line ended between two characters. */
static void
test_chinese(void **state)
{
	(void)state;
	expect(chinese, 20, CHINESE20);
	expect(chinese, 40, CHINESE40);
	expect(chinese, 78, CHINESE78);
}

static void
expect_styles(const char *md, enum style base, const char *want)
{
	struct rows r = { 0 };
	struct grid g;
	struct buf b = { 0 };

	markdown_rows(&r, md, strlen(md), 30, base);
	grid_init(&g, 30, (int)r.n);
	for (size_t i = 0; i < r.n; i++)
		grid_row(&g, 0, (int)i, 30, &r.v[i]);
	grid_dump(&g, &b, true);
	assert_string_equal(b.data, want);
	buf_free(&b);
	grid_done(&g);
	rows_free(&r);
}

/* Catches a style that is lost, nested wrongly, or not carried to the edge;
 * and a thought that is louder than its text. */
static void
test_styles(void **state)
{
	(void)state;
	expect_styles("*a **b*** **c** ~~d~~ `e`", STYLE_TEXT,
	    "{emph|a }{strong-emph|b} {strong|c} {strike|d} {code|e}\n");
	expect_styles("# h *i*", STYLE_TEXT,
	    "{heading|h }{emph|i}\n{heading|━━━}\n");
	expect_styles("[t](u) <http://x>", STYLE_USER,
	    "{link|t}{dim| (u)}{user| }{link|http://x}\n");
	expect_styles("> q", STYLE_TEXT, "{border|│ }{quote|q}\n");
	expect_styles("- x", STYLE_TEXT, "{bullet|• }x\n");
	expect_styles("```sh\nls\n```", STYLE_TEXT,
	    "{dim|  sh}\n{code-block|  ls                          }\n");
	expect_styles("**a** `b`\n> c", STYLE_THINKING,
	    "{thinking|a b}\n\n{thinking|│ c}\n");
}

/* Catches text that vanishes: definitions, an unclosed fence, HTML, the
 * backslashes of mathematics, a table without room, controls. */
static void
test_nothing_vanishes(void **state)
{
	(void)state;
	expect("[a]: b\n", 40, "[a]: b\n");
	expect("> - [a]: <b> 'c'\n", 40, "│ • [a]: <b> 'c'\n");
	expect("```\nopen", 40, "  open\n");
	expect("1. x\n   ```\n   y\n", 40, "1. x\n     y\n");
	expect("<div>\n\n&nosuch; &#65;&#x42;", 40, "<div>\n\n&nosuch; AB\n");
	expect("\\[ a\\,b \\\\ \\{c\\} \\]", 40, "    a b\n    {c}\n");
	expect("\\[ a\\,b \\( c", 40, "\\[ a,b \\( c\n");
	expect("a\033[31mb\1", 40, "a␛[31mb␁\n");
	expect("|aaaaaa|bbbbbb|\n|-|-|\n|1|2|\n|3||\n", 10,
	    "aaaaaa: 1\nbbbbbb: 2\n\naaaaaa: 3\n");
	expect("![alt](pic.png)", 40, "[image: alt] (pic.png)\n");
	expect("- \n- b", 40, "•\n• b\n");
	expect("a  \nb\\\nc", 40, "a\nb\nc\n");
	expect("", 40, "");
	expect("\n \n", 40, "");
}

/* Catches a blank row too many or too few between blocks. */
static void
test_spacing(void **state)
{
	(void)state;
	expect("a\n- b\n- c\n\nd", 40, "a\n\n• b\n• c\n\nd\n");
	expect("- a\n\n- b\n", 40, "• a\n\n• b\n");
	expect("- a\n  - b\n    - c\n- d", 40,
	    "• a\n  ◦ b\n    ▪ c\n• d\n");
	expect("1. a\n\n       code\n\n2. b", 40,
	    "1. a\n\n     code\n\n2. b\n");
	expect("text\n```\nx\n```\nmore\n# h\nend", 40,
	    "text\n\n  x\n\nmore\n\nh\n━\n\nend\n");
	expect("10. a\n   - b\n     - c\n   ```\n   x\n   ```\n11. d", 40,
	    "10. a\n    • b\n      ◦ c\n      x\n11. d\n");
	expect("1. a\n  - b\n\n  c\n2. d", 40,
	    "1. a\n\n   • b\n\n   c\n\n2. d\n");
	expect("7) a\n8) b", 40, "7. a\n8. b\n");
}

/* Catches a row wider than the pane, at every width and however deep the text
 * is nested. */
static void
test_every_width(void **state)
{
	static const char *const docs[] = { english, arabic, chinese,
	    "> > > > - - - 1. deep **words** that go on and `on`",
	    "中文中文\n```\n中文中文\n```\n|中|文|\n|-|-|\n|中|文|" };

	(void)state;
	for (size_t d = 0; d < sizeof(docs) / sizeof(docs[0]); d++)
		for (int w = 1; w < 100; w++) {
			struct rows r = { 0 };

			markdown_rows(&r, docs[d], strlen(docs[d]), w,
			    STYLE_TEXT);
			assert_true(r.n > 0);
			for (size_t i = 0; i < r.n; i++)
				assert_true(r.v[i].cols <= w);
			rows_free(&r);
		}
}

/* ---- streaming ---- */

static unsigned seed = 12345;

static unsigned
dice(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static void
stream(const char *md, size_t len, int width, unsigned step)
{
	struct mdview *v = mdview_new(STYLE_TEXT);
	struct rows whole = { 0 };
	struct buf a = { 0 }, b = { 0 };

	for (size_t n = 0; n < len; ) {
		n += 1 + dice(step);
		while (n < len && ((unsigned char)md[n] & 0xC0) == 0x80)
			n++;
		if (n > len)
			n = len;
		mdview_rows(v, md, n, width, false);
	}
	rows_all(mdview_rows(v, md, len, width, true), &a);
	markdown_rows(&whole, md, len, width, STYLE_TEXT);
	rows_all(&whole, &b);
	assert_string_equal(a.data, b.data);
	buf_free(&a);
	buf_free(&b);
	rows_free(&whole);
	mdview_free(v);
}

/* Pieces that a random document is made of: everything that could decide
 * where a block ends. */
static const char *const bits[] = {
	"\n", "\n\n", "a", "word ", "**", "*", "`", "```", "```\n", "~~~\n",
	"- ", "1. ", "# ", "> ", "    ", "  ", "\t", "|", "|-|-|\n", "---\n",
	"===\n", "[", "](u)", "[x]: y\n", "<b>", "&amp;", "\\", "中", "é",
	"```c\n", "\n- ", "\n1. ", "\n> ", "\n# ", "\n```\n", "  ```\n", "\r\n",
	"\\(", "\\)", "$", "$$", "\\[", "\\]", "x^2", "\\frac{a}{b}",
	"\\begin{cases}", "\\end{cases}", " & ", "\\\\", "\\boxed{", "}",
};

static void
random_text(struct buf *out, unsigned n)
{
	while (n-- > 0)
		buf_puts(out, bits[dice(sizeof(bits) / sizeof(bits[0]))]);
}

/* Catches a piece settled too early: whatever the text is cut into on its way,
 * the rows at the end are those of the whole text. */
static void
test_stream_is_whole(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (unsigned i = 1; i < 30; i++) {
		stream(english, strlen(english), 40, i);
		stream(chinese, strlen(chinese), 20, i);
		stream(arabic, strlen(arabic), 30, i);
	}
	for (unsigned i = 0; i < 1500; i++) {
		buf_clear(&text);
		random_text(&text, 5 + dice(60));
		stream(text.data, text.len, 10 + (int)dice(40), 1 + dice(9));
	}
	buf_free(&text);
}

/* Catches the same for texts longer than a piece may be, and for lines that
 * never end. */
static void
test_stream_long(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (int i = 0; i < 6; i++) {
		buf_clear(&text);
		if (i == 0)
			buf_puts(&text, "```\n");
		for (int k = 0; k < 7000; k++)
			buf_puts(&text, i == 0 ? "int x;\n" :
			    i == 1 ? "中文字" :
			    i == 2 ? "a line of text\n" :
			    i == 3 ? (k % 900 < 450 ? "- item\n\n" : "- i\n") :
			    i == 4 ? "\n\n\n" : "```x\ny z\n```\n");
		stream(text.data, text.len, 40, 9000);
	}
	buf_free(&text);
}

/* Catches a long tight list that shows where it was cut: blank rows, or items
 * that lost their numbers. */
static void
test_cut_is_invisible(void **state)
{
	struct buf text = { 0 };
	struct rows r = { 0 };
	char want[32];

	(void)state;
	for (int i = 1; i <= 2000; i++)
		buf_printf(&text, "%d. item\n      - sub\n", i);
	markdown_rows(&r, text.data, text.len, 40, STYLE_TEXT);
	assert_int_equal(r.n, 4000);
	for (int i = 1; i <= 2000; i++) {
		snprintf(want, sizeof(want), "%d. ", i);
		assert_string_equal(r.v[2 * i - 2].spans[0].text, want);
	}
	rows_free(&r);
	buf_free(&text);
}

static size_t
letters(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += (s[i] | 32) >= 'a' && (s[i] | 32) <= 'z';
	return count;
}

/* Catches text that vanishes, if only for one frame, while it streams. */
static void
test_stream_keeps_text(void **state)
{
	static const char md[] = "Some **bold and *both* words** `code\n"
	    "still` [link](http://u) end\n\n| ab | cd |\n|----|---:|\n"
	    "| ef | gh |\n\n```c\nint x;\n```\nText\n- li **st**\n- x\n"
	    "***\n> quo\nte\n\n[ref]: http://ref\n";
	struct mdview *v = mdview_new(STYLE_TEXT);

	(void)state;
	for (size_t n = 0; n < strlen(md); n++) {
		struct buf b = { 0 };

		rows_text(mdview_rows(v, md, n, 40, false), &b);
		assert_true(letters(b.data, b.len) >= letters(md, n));
		buf_free(&b);
	}
	mdview_free(v);
}

static void
expect_partial(const char *md, const char *want)
{
	struct mdview *v = mdview_new(STYLE_TEXT);
	struct buf b = { 0 };

	rows_text(mdview_rows(v, md, strlen(md), 40, false), &b);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
	mdview_free(v);
}

/* Catches flicker: marks shown as text until their partner arrives. */
static void
test_stream_looks_settled(void **state)
{
	(void)state;
	expect_partial("some **bold te", "some bold te\n");
	expect_partial("some **bold te**", "some bold te\n");
	expect_partial("some **", "some\n");
	expect_partial("call `f(x", "call f(x\n");
	expect_partial("2 * 3", "2 * 3\n");
	expect_partial("Title\n-", "Title\n");
	expect_partial("|a|b|\n|--", "|a|b|\n");
	expect_partial("```c\nx = **y\n``", "  c\n  x = **y\n");
	expect_partial("- a\n  ```\n  x **y", "• a\n    x **y\n");
	expect_partial("done\n\n## ", "done\n");
}

/* Catches a view that keeps rows of another width or of a text that was
 * replaced, or lays out nothing when only done has changed. */
static void
test_view_again(void **state)
{
	struct mdview *v = mdview_new(STYLE_TEXT);
	const struct rows *r;

	(void)state;
	r = mdview_rows(v, "one two three", 13, 40, false);
	assert_int_equal(r->n, 1);
	r = mdview_rows(v, "one two three", 13, 5, false);
	assert_int_equal(r->n, 3);
	r = mdview_rows(v, "a", 1, 5, false);
	assert_int_equal(r->n, 1);
	r = mdview_rows(v, "a **", 4, 5, false);
	assert_string_equal(r->v[0].spans[0].text, "a");
	r = mdview_rows(v, "a **", 4, 5, true);
	assert_string_equal(r->v[0].spans[0].text, "a **");
	mdview_free(v);
	mdview_free(NULL);
}

/* Catches quadratic or recursive work on hostile text: these would take
 * minutes or the stack. */
static void
test_hostile(void **state)
{
	static const char *const unit[] = { "[", ">", "*a **a ", "![[]()",
	    "<", "&a;", "`", "|", "- ", "e\xCC\x81\xCC\x81" };

	(void)state;
	for (size_t u = 0; u < sizeof(unit) / sizeof(unit[0]); u++) {
		struct buf b = { 0 };
		struct rows r = { 0 };

		while (b.len < 200000)
			buf_puts(&b, unit[u]);
		buf_puts(&b, "\n|-|-|\n");
		markdown_rows(&r, b.data, b.len, 33, STYLE_TEXT);
		rows_free(&r);
		buf_free(&b);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_english),
		cmocka_unit_test(test_arabic),
		cmocka_unit_test(test_chinese),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_nothing_vanishes),
		cmocka_unit_test(test_spacing),
		cmocka_unit_test(test_every_width),
		cmocka_unit_test(test_stream_is_whole),
		cmocka_unit_test(test_stream_long),
		cmocka_unit_test(test_cut_is_invisible),
		cmocka_unit_test(test_stream_keeps_text),
		cmocka_unit_test(test_stream_looks_settled),
		cmocka_unit_test(test_view_again),
		cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
