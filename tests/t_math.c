/* t_math.c -- LaTeX's mathematics as rows. */
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

static void
expect(const char *md, int width, const char *want)
{
	struct rows r = { 0 };
	struct buf b = { 0 };

	markdown_rows(&r, md, strlen(md), width, STYLE_TEXT);
	for (size_t i = 0; i < r.n; i++)
		assert_true(r.v[i].cols <= width);
	rows_text(&r, &b);
	assert_string_equal(b.data ? b.data : "", want);
	buf_free(&b);
	rows_free(&r);
}

/* Catches a formula of a line that is not what a reader would write on one:
 * parentheses that are missing change its value. */
static void
test_inline(void **state)
{
	static const char *const pairs[][2] = {
		{ "x^2+y_1", "x² + y₁" }, { "\\frac12", "½" },
		{ "\\frac{a+b}{2a}", "(a + b)/(2a)" }, { "\\frac{dy}{dx}",
		"dy/dx" }, { "2^{-n}", "2⁻ⁿ" }, { "e^{i\\pi}", "e^(iπ)" },
		{ "x^{\\frac{1}{2}}", "x^½" }, { "\\sqrt{2}", "√2" },
		{ "\\sqrt[3]{x+1}", "∛(x + 1)" }, { "a\\leq b", "a ≤ b" },
		{ "-x", "−x" }, { "f(-x) = -1", "f(−x) = −1" },
		{ "f'(x)", "f′(x)" }, { "\\sin x + \\cos(y)",
		"sin x + cos(y)" }, { "\\log_2 n", "log₂ n" },
		{ "\\sum_{i=1}^n i", "∑ᵢ₌₁ⁿ i" }, { "\\lim_{x\\to 0} x",
		"lim_(x→0) x" }, { "\\vec{v}\\cdot\\hat{n}", "v⃗ · n̂" },
		{ "\\mathbb{R}^n", "ℝⁿ" }, { "\\mathcal{L}", "ℒ" },
		{ "90^\\circ", "90°" }, { "\\{a \\mid b\\}", "{a | b}" },
		{ "\\boxed{42}", "▏42▕" }, { "a \\bmod n", "a mod n" },
		{ "x \\equiv 1 \\pmod{7}", "x ≡ 1 (mod 7)" },
		{ "\\left(\\frac{a}{b}\\right)^2", "(a/b)²" },
		{ "\\text{if it is}\\ 5\\%", "if it is 5%" },
		{ "\\begin{pmatrix}a&b\\\\c&d\\end{pmatrix}", "(a, b; c, d)" },
		{ "\\not=", "≠" }, { "\\binom{n}{k}", "C(n, k)" },
		{ "\\overline{AB}", "A̅B̅" }, { "a,b;c", "a, b; c" },
		{ "3.14 \\times 10^{-5}", "3.14 × 10⁻⁵" },
		{ "\\alpha\\beta\\Gamma\\infty", "αβΓ∞" },
		{ "A^T A", "AᵀA" }, { "\\operatorname{rank} A", "rank A" },
	};
	struct buf md = { 0 }, want = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		buf_clear(&md);
		buf_clear(&want);
		buf_printf(&md, "x $%s$ y", pairs[i][0]);
		buf_printf(&want, "x %s y\n", pairs[i][1]);
		expect(md.data, 78, want.data);
		buf_clear(&md);
		buf_printf(&md, "x \\(%s\\) y", pairs[i][0]);
		expect(md.data, 78, want.data);
	}
	expect("\\(\\text{if $x^2$ is}\\)", 40, "if x² is\n");
	buf_free(&md);
	buf_free(&want);
}

/* Catches a display formula whose parts do not stand on one line, or whose
 * brackets are not as tall as what they hold. */
static void
test_display(void **state)
{
	(void)state;
	expect("\\[ x = \\frac{-b \\pm \\sqrt{b^2}}{2a} \\]", 60,
	    "        −b ± √(b²)\n"
	    "    x = ──────────\n"
	    "            2a\n");
	expect("$$\\sum_{i=1}^{n} i$$", 60,
	    "     n\n     ∑  i\n    i=1\n");
	expect("$$f = \\begin{cases} 1 & x > 0 \\\\ 0 & x = 0 \\\\"
	    "-1 & x < 0 \\end{cases}$$", 60,
	    "        ⎧ 1   x > 0\n"
	    "    f = ⎨ 0   x = 0\n"
	    "        ⎩ −1  x < 0\n");
	expect("\\begin{align*}\na &= b \\\\\n  &= c + d\n\\end{align*}", 60,
	    "    a = b\n      = c + d\n");
	expect("$$\\begin{bmatrix} 1 & 0 \\\\ 0 & 10 \\end{bmatrix}$$", 60,
	    "    ⎡ 1  0  ⎤\n    ⎣ 0  10 ⎦\n");
	expect("$$\\boxed{x = \\frac{3}{4}}$$", 60,
	    "    ┌───────┐\n"
	    "    │     3 │\n"
	    "    │ x = ─ │\n"
	    "    │     4 │\n"
	    "    └───────┘\n");
	expect("$$\\left(1 + \\frac{1}{n}\\right)^n$$", 60,
	    "    ⎛    1⎞ⁿ\n    ⎜1 + ─⎟\n    ⎝    n⎠\n");
	expect("$$e^{-x^2}$$", 60, "     −x²\n    e\n");
	expect("$$\\sqrt{\\frac{a}{b}}$$", 60,
	    "     ┌─\n     │a\n     │─\n    √│b\n");
}

/* Catches a display formula that does not part the text around it, in lists
 * and quotes and without its own Markdown. */
static void
test_among_text(void **state)
{
	(void)state;
	expect("a \\[x\\] b", 40, "a\n\n    x\n\nb\n");
	expect("- a\n  \\[\n  x\n  - y\n  \\]\n- b", 40,
	    "• a\n    x − y\n• b\n");
	expect("> \\[\n> x\n> = y\n> \\]", 40, "│   x = y\n");
	expect("$$\na\n= b\n$$\ntext", 40, "    a = b\n\ntext\n");
	expect("| a | $|x|$ |\n|-|-|\n| b | $\\frac12$ |", 40,
	    "a │ |x|\n──┼────\nb │ ½\n");
	expect("# T $x^2$", 40, "T x²\n━━━━\n");
	expect("**b $x*y*z$ b**", 40, "b x * y * z b\n");
	expect("so \\boxed{7}.", 40, "so ▏7▕.\n");
}

/* Catches sums of money, code and brackets taken for mathematics. */
static void
test_is_not_math(void **state)
{
	static const char *const same[] = {
		"$0.02 and $5", "from $5-$10", "US$5 (A$7)", "$5/$6", "$ x $",
		"a $x", "a \\(x", "cost: $5, $6 and $7.",
		"$HOME/$USER", "$$", "$$$",
	};
	struct buf want = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		buf_clear(&want);
		buf_printf(&want, "%s\n", same[i]);
		expect(same[i], 40, want.data);
	}
	buf_free(&want);
	expect("`$x^2$` and ``a ` $y^2$``", 40, "$x^2$ and a ` $y^2$\n");
	expect("```\n$x^2$ \\(y\\)\n```", 40, "  $x^2$ \\(y\\)\n");
	expect("- a\n  ```\n  $x^2$\n  ```", 40, "• a\n    $x^2$\n");
	expect("    $x^2$", 40, "  $x^2$\n");
	expect("\\$5 and \\$x^2\\$", 40, "$5 and $x^2$\n");
	expect("see \\[1\\]", 40, "see \\[1\\]\n");
	expect("a $x\n\ny$ b", 40, "a $x\n\ny$ b\n");
	expect("[l](http://a/$b$)", 40, "l (http://a/$b$)\n");
}

/* Catches text that vanishes: commands nobody knows, ends without a
 * beginning, nesting without end. */
static void
test_nothing_vanishes(void **state)
{
	struct buf deep = { 0 };
	struct rows r = { 0 };
	struct buf b = { 0 };

	(void)state;
	expect("$\\foo{a}[b]x$", 40, "\\foo{a}[b] x\n");
	expect("$a } b \\right) c$", 40, "a}b\\right)c\n");
	expect("$\\begin{foo} x \\end{foo}$", 40,
	    "\\begin{foo} x\\end{foo}\n");
	expect("$\\frac{a$", 40, "a/()\n");
	expect("$a\033b$", 40, "a␛b\n");
	for (int i = 0; i < 200; i++)
		buf_puts(&deep, "\\frac{1}{");
	for (int i = 0; i < 3; i++) {
		buf_clear(&b);
		buf_printf(&b, i == 0 ? "$%s z$" : i == 1 ? "$$%s z$$" :
		    "\\[ %s \\boxed{z} \\]", deep.data);
		markdown_rows(&r, b.data, b.len, 30, STYLE_TEXT);
		buf_clear(&b);
		rows_text(&r, &b);
		assert_non_null(strchr(b.data, 'z'));
		rows_free(&r);
	}
	buf_free(&b);
	buf_free(&deep);
}

/* Catches a display formula that is wider than its pane: it is cut at its
 * relations first, whatever is left is wrapped. */
static void
test_too_wide(void **state)
{
	static const char md[] = "$$a_1 + a_2 + a_3 = \\frac{b + c}{d} = "
	    "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix} \\Rightarrow "
	    "\\boxed{\\sum_{k=0}^{\\infty} x^k}$$";

	(void)state;
	expect("$$abc + def = ghi + jkl = mno$$", 24,
	    "  abc + def = ghi + jkl\n    = mno\n");
	expect("\\begin{align}a &= b + c \\\\ &= d + e + f + g + h\\end{align}",
	    20, "  a = b + c\n  = d + e + f + g\n    + h\n");
	for (int w = 1; w < 80; w++) {
		struct rows r = { 0 };

		markdown_rows(&r, md, strlen(md), w, STYLE_TEXT);
		assert_true(r.n > 0);
		for (size_t i = 0; i < r.n; i++)
			assert_true(r.v[i].cols <= w);
		rows_free(&r);
	}
}

/* Catches formulas louder than the thought they stand in, and a frame that
 * is not marked as one. */
static void
test_styles(void **state)
{
	struct rows r = { 0 };
	static const char md[] = "a $x$ \\boxed{1}";

	(void)state;
	markdown_rows(&r, md, strlen(md), 40, STYLE_TEXT);
	assert_int_equal(r.v[0].spans[1].style, STYLE_MATH);
	assert_int_equal(r.v[0].spans[3].style, STYLE_MATH_BOX);
	rows_free(&r);
	markdown_rows(&r, md, strlen(md), 40, STYLE_THINKING);
	assert_int_equal(r.v[0].n, 1);
	rows_free(&r);
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

/* Catches marks that show while a formula is being written. */
static void
test_streaming(void **state)
{
	(void)state;
	expect_partial("so \\", "so\n");
	expect_partial("so \\(", "so\n");
	expect_partial("so \\(x", "so x\n");
	expect_partial("so \\(x^", "so x\n");
	expect_partial("so \\(x^{2", "so x²\n");
	expect_partial("so \\(\\fra", "so\n");
	expect_partial("so **\\(\\frac{a}{b", "so a/b\n");
	expect_partial("so $$x + \\alp", "so\n\n    x +\n");
	expect_partial("so $$x$", "so\n\n    x\n");
	expect_partial("so $x_1 + ", "so x₁ +\n");
	expect_partial("it costs $5 and", "it costs $5 and\n");
	expect_partial("\\begin{ali", "");
	expect_partial("\\begin{aligned}\na &= b \\\\\n- c", "     a = b\n    −c\n");
	expect_partial("\\[\nx\n\\]\n", "    x\n");
	expect_partial("is \\boxed{4", "is ▏4▕\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inline),
		cmocka_unit_test(test_display),
		cmocka_unit_test(test_among_text),
		cmocka_unit_test(test_is_not_math),
		cmocka_unit_test(test_nothing_vanishes),
		cmocka_unit_test(test_too_wide),
		cmocka_unit_test(test_styles),
		cmocka_unit_test(test_streaming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
