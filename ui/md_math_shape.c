/* md_math_shape.c -- what has a shape of its own: fractions, roots, accents;
 * stacked where there are rows for it, else on one row. */
#include "md_math.h"

#include <stdlib.h>
#include <string.h>

#include "width.h"

/* ---- fractions ---- */

/* One number, or one letter with its scripts ("dx" too)? */
static bool
is_one_thing(const char *s, size_t n)
{
	size_t i = 0, len;
	int c, letters = 0;

	while (i < n && ((s[i] >= '0' && s[i] <= '9') || s[i] == '.'))
		i++;
	if (i == n)
		return true;
	if (i > 0)
		return false;
	if (s[0] == 'd' || !strncmp(s, "∂", strlen("∂")))
		i += s[0] == 'd' ? 1 : strlen("∂");
	for (; i < n; i += len) {
		len = grapheme_next(s + i, n - i, &c);
		if (strchr(" +/=<>,;:-*^_()[]|", s[i]))
			return false;
		letters += (s[i] | 32) >= 'a' && (s[i] | 32) <= 'z';
		letters += (unsigned char)s[i] == 0xCE ||
		    (unsigned char)s[i] == 0xCF;	/* Greek */
	}
	return letters < 2;
}

/* A product may stand before the bar of a fraction, not behind it. */
static bool
is_product(const char *s, size_t n)
{
	if (memmem(s, n, "−", strlen("−")))
		return false;
	for (size_t i = 0; i < n; i++)
		if (strchr(" +/=<>,;", s[i]))
			return false;
	return true;
}

static bool
in_brackets(const char *s, size_t n)
{
	return n > 2 && s[0] == '(' && s[n - 1] == ')' &&
	    !memchr(s + 1, '(', n - 2);
}

/* How much may stand without parentheses. */
enum bare { BARE_CHAR, BARE_THING, BARE_PRODUCT };

static bool
is_bare(const char *s, size_t n, enum bare bare)
{
	size_t digits = 0;

	while (digits < n && ((s[digits] >= '0' && s[digits] <= '9') ||
	    s[digits] == '.'))
		digits++;
	if (digits == n || md_math_count(s, n) == 1 || in_brackets(s, n))
		return true;
	return bare != BARE_CHAR && (is_one_thing(s, n) ||
	    (bare == BARE_PRODUCT && is_product(s, n)));
}

static struct mbox
parens(struct mctx *c, struct mbox b, enum bare bare)
{
	struct buf s = { 0 };
	struct mbox out = b;

	mbox_string(&b, &s);
	if (s.len == 0 || !is_bare(s.data, s.len, bare)) {
		out = mbox_text("(", 1, c->st);
		mbox_beside(&out, &b, c->look->math);
		mbox_append(&out, ")", c->st);
	}
	buf_free(&s);
	return out;
}

static struct mbox
flat_frac(struct mctx *c, struct mbox num, struct mbox den)
{
	struct buf a = { 0 }, b = { 0 };
	const char *one;
	struct mbox out;

	mbox_string(&num, &a);
	mbox_string(&den, &b);
	one = md_math_vulgar(a.data ? a.data : "", b.data ? b.data : "");
	if (one) {
		out = mbox_text(one, strlen(one), c->st);
		mbox_free(&num);
	} else {
		out = parens(c, num, BARE_PRODUCT);
		mbox_append(&out, "/", c->st);
		den = parens(c, den, BARE_THING);
		mbox_beside(&out, &den, c->look->math);
	}
	mbox_free(&den);
	buf_free(&a);
	buf_free(&b);
	return out;
}

struct mbox
md_math_frac(struct mctx *c, struct mbox num, struct mbox den)
{
	int w = num.w > den.w ? num.w : den.w, base = num.h;
	struct mbox bar;

	if (c->flat)
		return flat_frac(c, num, den);
	bar = mbox_line("─", w + 2 * (num.h > 1 || den.h > 1), c->st);
	mbox_below(&num, &bar, 0, c->look->math);
	mbox_below(&num, &den, 0, c->look->math);
	num.base = base;
	return num;
}

/* ---- roots ---- */

static void
root_sign(struct buf *out, const struct mbox *index)
{
	struct buf s = { 0 };

	mbox_string(index, &s);
	if (s.len == 1 && (*s.data == '3' || *s.data == '4'))
		buf_puts(out, *s.data == '3' ? "∛" : "∜");
	else {
		if (s.len && !md_math_script(out, s.data, s.len, true))
			buf_printf(out, "[%s]", s.data);
		buf_puts(out, "√");
	}
	buf_free(&s);
}

struct mbox
md_math_root(struct mctx *c, struct mbox index, struct mbox b)
{
	struct buf sign = { 0 };
	struct mbox out, bar, left;
	int base = b.base + 1;

	root_sign(&sign, &index);
	mbox_free(&index);
	if (b.h == 1) {
		out = mbox_text(sign.data, sign.len, c->st);
		b = parens(c, b, BARE_CHAR);
		mbox_beside(&out, &b, c->look->math);
		buf_free(&sign);
		return out;
	}
	left = mbox_text("┌", strlen("┌"), c->st);
	for (int i = 0; i < b.h; i++) {
		bar = mbox_text("│", strlen("│"), c->st);
		mbox_below(&left, &bar, 1, c->st);
	}
	left.base = base;
	out = mbox_line("─", b.w, c->st);
	out.base = base;
	mbox_below(&out, &b, 0, c->st);
	mbox_beside(&left, &out, c->st);
	out = mbox_text(sign.data, sign.len, c->st);
	mbox_beside_at(&out, &left, 1 - left.h, c->st);
	/* The formula's line is that of what is under the root. */
	out.base = base;
	buf_free(&sign);
	return out;
}

/* ---- accents ---- */

static struct mbox
over(struct mctx *c, const char *name, size_t n, struct mbox b)
{
	bool under = n == 9 && !memcmp(name, "underline", 9);
	struct mbox line = mbox_line("─", b.w > 0 ? b.w : 1, c->st), head;
	int base = b.base;

	if (n > 3 && memmem(name, n, "arrow", 5) && b.w > 1) {
		mbox_free(&line);
		line = mbox_line("─", b.w - 1, c->st);
		head = mbox_text("→", strlen("→"), c->st);
		mbox_beside(&line, &head, c->st);
	}
	if (under) {
		mbox_below(&b, &line, 0, c->st);
		return b;
	}
	mbox_below(&line, &b, 0, c->st);
	line.base = base + 1;
	return line;
}

struct mbox
md_math_accented(struct mctx *c, const char *name, size_t n, struct mbox b)
{
	bool wide;
	const char *mark = md_math_accent(name, n, &wide);
	struct buf s = { 0 }, out = { 0 };
	struct mbox r;
	int count;

	mbox_string(&b, &s);
	count = md_math_count(s.data ? s.data : "", s.len);
	if (b.h == 1 && (count == 1 || (wide && c->flat))) {
		md_math_mark(&out, s.data, s.len, mark);
		r = mbox_text(out.data, out.len, c->st);
		mbox_free(&b);
	} else if (!c->flat && (wide || memmem(name, n, "arrow", 5))) {
		r = over(c, name, n, b);
	} else {
		r = mbox_text(name, n, c->st);
		mbox_append(&r, "(", c->st);
		mbox_beside(&r, &b, c->look->math);
		mbox_append(&r, ")", c->st);
	}
	buf_free(&s);
	buf_free(&out);
	return r;
}
