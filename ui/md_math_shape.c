/* md_math_shape.c -- what has a shape of its own: scripts, fractions, roots,
 * accents; stacked where there are rows for it, else on one row. */
#include "md_math.h"

#include <stdlib.h>
#include <string.h>

#include "width.h"

static void
add_text(struct mctx *c, struct mbox *b, const char *s)
{
	struct mbox t = mbox_text(s, strlen(s), c->st);

	mbox_beside(b, &t, c->look->math);
}

/* ---- scripts ---- */

struct scripts {
	struct buf up, down;	/* what was typed, as text */
	struct buf high, low;	/* the same in raised characters, or empty */
	struct mbox up_box, down_box;
};

static void
read_script(struct mctx *c, struct mbox *box, struct buf *text)
{
	bool flat = c->flat;

	c->flat = true;
	c->script++;
	*box = md_math_arg(c);
	c->script--;
	c->flat = flat;
	mbox_string(box, text);
}

static void
read_primes(struct mctx *c, struct buf *out)
{
	static const char *const primes[] = { "", "′", "″", "‴" };
	size_t n = 0;

	while (c->i < c->n && c->s[c->i] == '\'') {
		c->i++;
		n++;
	}
	for (; n > 3; n -= 3)
		buf_puts(out, primes[3]);
	buf_puts(out, primes[n]);
}

static void
scripts_free(struct scripts *s)
{
	buf_free(&s->up);
	buf_free(&s->down);
	buf_free(&s->high);
	buf_free(&s->low);
	mbox_free(&s->up_box);
	mbox_free(&s->down_box);
}

/* "^(a+b)" behind what is raised. */
static void
flat_script(struct mctx *c, struct mbox *b, const char *mark,
    const struct buf *text, struct mbox *box)
{
	bool one = md_math_count(text->data ? text->data : "", text->len) < 2;

	add_text(c, b, mark);
	if (!one)
		add_text(c, b, "(");
	mbox_beside(b, box, c->look->math);
	if (!one)
		add_text(c, b, ")");
}

static void
put_row_at(struct mctx *c, struct mbox *b, const struct buf *text, int row)
{
	struct mbox t = mbox_text(text->data, text->len, c->st);

	mbox_beside_at(b, &t, row, c->look->math);
}

/* Above and below, as the limits of a sum. */
static void
set_limits(struct mctx *c, struct mbox *b, struct scripts *s)
{
	struct mbox top = s->up_box;
	int base;

	s->up_box = (struct mbox){ 0 };
	if (top.h) {
		base = top.h + b->base;
		mbox_below(&top, b, 0, c->look->math);
		top.base = base;
		*b = top;
	}
	if (s->down_box.h) {
		base = b->base;
		mbox_below(b, &s->down_box, 0, c->look->math);
		b->base = base;
	}
}

/* At the upper and the lower right. */
static void
set_corners(struct mctx *c, struct mbox *b, struct scripts *s)
{
	struct mbox col = { 0 };
	int base = b->base, last = b->h - 1, at;

	if (b->h > 1) {
		/* Beside something tall, at its first and last row. */
		mbox_widen(&s->up_box, s->down_box.w, -1, c->look->math);
		mbox_widen(&s->down_box, s->up_box.w, -1, c->look->math);
		col = mbox_line(" ", s->up_box.h ? s->up_box.w :
		    s->down_box.w, c->look->math);
		for (int i = 1; i < b->h; i++) {
			struct mbox more = mbox_line(" ", col.w,
			    c->look->math);

			mbox_below(&col, &more, -1, c->look->math);
		}
		if (s->up_box.h) {
			row_free(&col.v[0]);
			row_copy(&col.v[0], &s->up_box.v[0]);
		}
		if (s->down_box.h) {
			row_free(&col.v[last]);
			row_copy(&col.v[last], &s->down_box.v[0]);
		}
		mbox_beside_at(b, &col, 0, c->look->math);
		return;
	}
	at = 0;
	if (s->up_box.h) {
		col = s->up_box;
		s->up_box = (struct mbox){ 0 };
		at = -1;
	}
	if (s->down_box.h || at) {
		struct mbox mid = s->low.len ?
		    mbox_text(s->low.data, s->low.len, c->st) :
		    mbox_line(" ", 1, c->look->math);

		if (col.h)
			mbox_below(&col, &mid, -1, c->look->math);
		else
			col = mid;
		if (s->down_box.h && !s->low.len)
			mbox_below(&col, &s->down_box, -1, c->look->math);
		mbox_beside_at(b, &col, base + at, c->look->math);
	}
}

static void
attach(struct mctx *c, struct matom *a, struct scripts *s)
{
	struct mbox *b = &a->box;

	if (a->limits && !c->flat) {
		set_limits(c, b, s);
		return;
	}
	if (s->up.len)
		md_math_script(&s->high, s->up.data, s->up.len, true);
	if (s->down.len)
		md_math_script(&s->low, s->down.data, s->down.len, false);
	if ((s->high.len || !s->up.len) && (s->low.len || !s->down.len)) {
		if (b->h > 1 && s->up.len && s->down.len) {
			mbox_free(&s->up_box);
			mbox_free(&s->down_box);
			s->up_box = mbox_text(s->high.data, s->high.len,
			    c->st);
			s->down_box = mbox_text(s->low.data, s->low.len,
			    c->st);
			set_corners(c, b, s);
			return;
		}
		if (s->low.len)
			put_row_at(c, b, &s->low, b->h - 1);
		if (s->high.len)
			put_row_at(c, b, &s->high, b->h > 1 ? 0 : b->base);
		return;
	}
	if (!c->flat) {
		set_corners(c, b, s);
		return;
	}
	if (s->low.len)
		put_row_at(c, b, &s->low, b->base);
	else if (s->down.len)
		flat_script(c, b, "_", &s->down, &s->down_box);
	if (s->high.len)
		put_row_at(c, b, &s->high, b->base);
	else if (s->up.len)
		flat_script(c, b, "^", &s->up, &s->up_box);
}

static bool
scripts_follow(const struct mctx *c)
{
	return c->i < c->n && memchr("^_'", c->s[c->i], 3) != NULL;
}

void
md_math_scripts(struct mctx *c, struct mlist *l)
{
	struct scripts s = { 0 };
	struct buf primes = { 0 };

	if (l->n == 0 || l->v[l->n - 1].class == M_SPACE)
		mlist_add(l, mbox_text("", 0, c->st), M_ORD);
	while (scripts_follow(c)) {
		char mark = c->s[c->i];

		if (mark == '\'') {
			read_primes(c, &primes);
			continue;
		}
		if (mark == '^' ? s.up_box.h : s.down_box.h)
			break;
		c->i++;
		if (c->i >= c->n) {
			if (mark == '^')
				s.up_box = mbox_text("", 0, c->st);
			break;
		}
		if (mark == '^')
			read_script(c, &s.up_box, &s.up);
		else
			read_script(c, &s.down_box, &s.down);
	}
	if (primes.len)
		put_row_at(c, &l->v[l->n - 1].box, &primes,
		    l->v[l->n - 1].box.h > 1 ? 0 : l->v[l->n - 1].box.base);
	if (!s.up.len)
		mbox_free(&s.up_box);
	if (!s.down.len)
		mbox_free(&s.down_box);
	attach(c, &l->v[l->n - 1], &s);
	md_math_room(c, &l->v[l->n - 1].box);
	buf_free(&primes);
	scripts_free(&s);
}

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
		add_text(c, &out, ")");
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
		add_text(c, &out, "/");
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
		add_text(c, &r, "(");
		mbox_beside(&r, &b, c->look->math);
		add_text(c, &r, ")");
	}
	buf_free(&s);
	buf_free(&out);
	return r;
}
