/* md_math_script.c -- what is raised and lowered: in characters that are so
 * themselves, on rows of its own, or behind ^ and _. */
#include "md_math.h"

#include <string.h>

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

	mbox_append(b, mark, c->st);
	if (!one)
		mbox_append(b, "(", c->st);
	mbox_beside(b, box, c->look->math);
	if (!one)
		mbox_append(b, ")", c->st);
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
