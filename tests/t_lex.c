/* t_lex.c -- the words of code, and blocks of code given out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "cell.h"
#include "markdown.h"
#include "md_lex.h"

static const char *
short_name(enum style st)
{
	switch (st) {
	case STYLE_CODE_KEYWORD: return "k";
	case STYLE_CODE_NAME: return "n";
	case STYLE_CODE_STRING: return "s";
	case STYLE_CODE_NUMBER: return "d";
	case STYLE_CODE_COMMENT: return "c";
	default: return "";
	}
}

/* Each word that has a style as "k<word>", the others as they are. */
static void
mark(struct md_lex *x, const char *line, struct buf *out)
{
	size_t n = strlen(line), len;
	enum style st;

	for (size_t i = 0; i < n; i += len) {
		len = md_lex_next(x, line, n, i, &st);
		assert_true(len > 0 && i + len <= n);
		if (*short_name(st))
			buf_printf(out, "%s<%.*s>", short_name(st), (int)len,
			    line + i);
		else
			buf_add(out, line + i, len);
	}
	md_lex_end_line(x);
}

static void
expect(const char *lang, const char *line, const char *want)
{
	struct md_lex x;
	struct buf b = { 0 };

	md_lex_start(&x, lang, strlen(lang));
	mark(&x, line, &b);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
}

/* Catches a language whose table does not do what its words need. */
static void
test_languages(void **state)
{
	(void)state;
	expect("c", "int f(char *s) { return 0x1F; } // x",
	    "k<int> n<f>(k<char> *s) { k<return> d<0x1F>; } c<// x>");
	expect("c", "#include \"a.h\"", "k<#include> s<\"a.h\">");
	expect("cpp", "class Foo : Bar {};", "k<class> n<Foo> : n<Bar> {};");
	expect("python", "@dec # 'x'", "n<@dec> c<# 'x'>");
	expect("Python", "x = 'it\\'s' + f(1.5e-3)",
	    "x = s<'it\\'s'> + n<f>(d<1.5e-3>)");
	expect("js", "const a = `x ${y}`;", "k<const> a = s<`x ${y}`>;");
	expect("ts", "let x: number = 1", "k<let> x: k<number> = d<1>");
	expect("java", "public String x() {", "k<public> n<String> n<x>() {");
	expect("go", "func f() error {", "k<func> n<f>() k<error> {");
	expect("rust", "fn f<'a>(c: char) { 'x' }",
	    "k<fn> f<'a>(c: k<char>) { s<'x'> }");
	expect("bash", "echo \"$a\" # b#c", "k<echo> s<\"$a\"> c<# b#c>");
	expect("sh", "ls a#b $X", "ls a#b n<$X>");
	expect("sql", "SELECT 'it''s' FROM t -- c",
	    "k<SELECT> s<'it'>s<'s'> k<FROM> t c<-- c>");
	expect("json", "{\"a\": \"b\", \"c\" : 1.5, \"d\": null}",
	    "{n<\"a\">: s<\"b\">, n<\"c\"> : d<1.5>, n<\"d\">: k<null>}");
	expect("yaml", "my-key: true # c", "n<my-key>: k<true> c<# c>");
	expect("html", "<a href=\"x\">b &amp; c</a>",
	    "k<<a> n<href>=s<\"x\">k<>>b d<&amp;> ck<</a>k<>>");
	expect("css", "a { color: red; } /* c */",
	    "a { n<color>: red; } c</* c */>");
	expect("lua", "local x = [[a]] -- c",
	    "k<local> x = s<[[a]]> c<-- c>");
	expect("ruby", "def f(x) @y end", "k<def> n<f>(x) n<@y> k<end>");
	expect("php", "$x = f('a');", "n<$x> = n<f>(s<'a'>);");
	expect("haskell", "let x' = f 'a' -- c",
	    "k<let> x' = f s<'a'> c<-- c>");
	expect("diff", "+added", "s<+added>");
	expect("diff", "-removed", "d<-removed>");
	expect("nosuchlang", "a \"b\" 1 // c", "a s<\"b\"> d<1> c<// c>");
	expect("text", "int \"b\" 1", "int \"b\" 1");
	expect("", "int \"b\" 1", "int \"b\" 1");
	expect("{.python}", "def f(): pass", "k<def> n<f>(): k<pass>");
}

/* Catches comments and strings that forget at a line's end that they are
 * open, or that remember it when they end there. */
static void
test_lines(void **state)
{
	static const char *const lines[][2] = {
		{ "a /* b", "a c</* b>" }, { "int c", "c<int c>" },
		{ "d */ int", "c<d */> k<int>" }, { "\"open", "s<\"open>" },
		{ "int", "k<int>" },
	};
	struct md_lex x;
	struct buf b = { 0 };

	(void)state;
	md_lex_start(&x, "c", 1);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		buf_clear(&b);
		mark(&x, lines[i][0], &b);
		assert_string_equal(b.data, lines[i][1]);
	}
	md_lex_start(&x, "rust", 4);
	buf_clear(&b);
	mark(&x, "/* a /* b */ c", &b);
	mark(&x, "d */ e", &b);
	assert_string_equal(b.data, "c</* a /* b */ c>c<d */> e");
	buf_free(&b);
}

/* Catches a long comment that is forgotten where a block is cut into pieces,
 * whole or while it streams. */
static void
test_pieces(void **state)
{
	struct buf md = { 0 };
	struct rows r = { 0 };
	struct mdview *v = mdview_new(STYLE_TEXT);
	const struct rows *s;

	(void)state;
	buf_puts(&md, "```c\n/* begins\n");
	for (int i = 0; i < 2000; i++)
		buf_puts(&md, "int i;\n");
	buf_puts(&md, "*/ int z;\n```\n");
	markdown_rows(&r, md.data, md.len, 40, STYLE_TEXT);
	for (size_t n = 0; n < md.len; n += 3000)
		mdview_rows(v, md.data, n, 40, false);
	s = mdview_rows(v, md.data, md.len, 40, true);
	assert_int_equal(s->n, r.n);
	for (size_t i = 2; i < r.n - 1; i++) {
		assert_int_equal(r.v[i].spans[1].style, STYLE_CODE_COMMENT);
		assert_int_equal(s->v[i].spans[1].style, STYLE_CODE_COMMENT);
	}
	assert_int_equal(r.v[r.n - 1].spans[3].style, STYLE_CODE_KEYWORD);
	assert_int_equal(s->v[r.n - 1].spans[3].style, STYLE_CODE_KEYWORD);
	rows_free(&r);
	mdview_free(v);
	buf_free(&md);
}

/* Catches the background of a block that ends with its last word. */
static void
test_fill(void **state)
{
	static const char md[] = "```c\nint\n```";
	struct rows r = { 0 };
	struct grid g;
	struct buf b = { 0 };

	(void)state;
	markdown_rows(&r, md, strlen(md), 12, STYLE_TEXT);
	grid_init(&g, 12, 1);
	grid_row(&g, 0, 0, 12, &r.v[1]);
	grid_dump(&g, &b, true);
	assert_string_equal(b.data,
	    "{code-block|  }{code-keyword|int}{code-block|       }\n");
	grid_done(&g);
	buf_free(&b);
	rows_free(&r);
}

static void
expect_block(const char *md, int k, size_t count, const char *want)
{
	struct buf b = { 0 };

	assert_int_equal(markdown_code_block(md, strlen(md), k, &b), count);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
	assert_int_equal(markdown_code_block(md, strlen(md), k, NULL), count);
}

/* Catches a block that is counted otherwise than its label says, or is not
 * what was typed: tabs, formulas, an indent of the fence. */
static void
test_copy(void **state)
{
	static const char md[] = "a\n```c\nint\tx = $y$;\n\n```\n"
	    "- b\n  ```py\n  $x^2$\n    z\n  ```\n\ntext\n\n    indented\n\n"
	    "  ~~~\n  in\n    more\n  ~~~\n```\nopen";
	struct rows r = { 0 };
	char want[16] = "";

	(void)state;
	expect_block(md, 1, 5, "int\tx = $y$;\n\n");
	expect_block(md, 2, 5, "$x^2$\n  z\n");
	expect_block(md, 3, 5, "indented\n");
	expect_block(md, 4, 5, "in\n  more\n");
	expect_block(md, 5, 5, "open");
	expect_block(md, 6, 5, "");
	expect_block(md, 0, 5, "");
	expect_block("", 1, 0, "");
	markdown_rows(&r, md, strlen(md), 40, STYLE_TEXT);
	for (size_t i = 0; i < r.n; i++)
		for (int k = 0; k < r.v[i].n; k++) {
			const char *dot = strstr(r.v[i].spans[k].text, " · ");

			if (dot)
				strcat(want, dot + strlen(" · "));
		}
	assert_string_equal(want, "2345");
	rows_free(&r);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_languages),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_fill),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
