/* md_math.c -- a formula as rows: drawn with all its heights where it fits,
 * else cut at its relations, else on one row that is wrapped like text. */
#include "md_math.h"

#include <string.h>

#include "width.h"

#define INDENT 2		/* of what goes on in the next row */

static void
start(struct mctx *c, const struct buf *tex, const struct md_math *look)
{
	*c = (struct mctx){ .s = tex->data ? tex->data : "", .n = tex->len,
	    .look = look, .st = look->math };
}

/* ---- what no list takes: an end without a beginning, a new line ---- */

/* At the end of a list: is this the end of a line?  What else is there stays
 * visible, unless it has nothing to say. */
static bool
ends_line(struct mctx *c, struct mlist *l)
{
	const char *s;
	size_t n = 1, len, from = c->i;

	if (c->i >= c->n)
		return true;
	if (md_math_is(c, c->i, "\\") || md_math_is(c, c->i, "cr")) {
		c->i += c->s[c->i + 1] == '\\' ? 2 : 3;
		md_math_option(c, &s, &len);
		return true;
	}
	if (c->s[c->i] == '&') {
		c->i++;
		return false;
	}
	if (md_math_is(c, c->i, "end")) {
		c->i += strlen("\\end");
		md_math_raw(c, &s, &len);
		if (c->loose)
			return false;
		n = c->i - from;
		c->i = from;
	} else if (c->s[c->i] == '\\')
		n = md_math_is(c, c->i, "right") ? 6 : 7;
	mlist_add(l, mbox_text(c->s + c->i, n, c->st), M_ORD);
	c->i += n;
	return false;
}

static void
read_line(struct mctx *c, struct mlist *l)
{
	do
		md_math_list(c, l, 0);
	while (!c->big && !ends_line(c, l));
}

/* ---- one row ---- */

static void
put_box(struct row *to, const struct mbox *b)
{
	if (b->h)
		row_copy(to, &b->v[b->base]);
}

static void
flat_lines(struct row *line, struct mctx *c, const char *between)
{
	for (bool first = true; c->i < c->n && !c->big; first = false) {
		struct mlist l = { 0 };
		struct mbox b;

		read_line(c, &l);
		b = mlist_join(c, &l, 0, l.n);
		if (!first && b.w)
			row_puts(line, between, c->st);
		put_box(line, &b);
		mbox_free(&b);
		mlist_free(&l);
	}
}

void
md_math_inline(struct row *line, const char *tex, size_t n,
    const struct md_math *look)
{
	struct buf safe = { 0 };
	struct row got = { 0 };
	struct mctx c;

	text_safe(&safe, tex, n);
	start(&c, &safe, look);
	c.flat = true;
	flat_lines(&got, &c, "; ");
	if (c.big)
		row_put(line, safe.data, safe.len, look->math);
	else
		row_copy(line, &got);
	row_free(&got);
	buf_free(&safe);
}

/* ---- rows ---- */

static void
put_rows(struct rows *out, struct mbox *b, int indent, enum style pad)
{
	struct row *row;

	for (int i = 0; i < b->h; i++) {
		row = rows_add(out);
		for (int k = 0; k < indent; k++)
			row_puts(row, " ", pad);
		row_copy(row, &b->v[i]);
	}
	mbox_free(b);
}

/* Atoms [from, *to) fit in width columns; *to moves back to the best place to
 * cut: before a relation, or before an operator.  False: there is none. */
static bool
cut(const struct mctx *c, const struct mlist *l, int from, int *to, int width)
{
	int w = 0, rel = 0, bin = 0, depth = 0;

	for (int i = from; i < l->n; i++) {
		const struct matom *a = &l->v[i];

		if (i > from && depth <= 0 && a->class == M_REL)
			rel = i;
		if (i > from && depth <= 0 && a->class == M_BIN)
			bin = i;
		depth += (a->class == M_OPEN) - (a->class == M_CLOSE);
		w += mlist_space(c, l, from, i) + a->box.w;
		if (w > width) {
			*to = rel ? rel : bin;
			return *to > from;
		}
	}
	*to = l->n;
	return true;
}

/* The formula's lines, each in one or more parts; false: one is too wide. */
static bool
tall_lines(struct rows *out, struct mctx *c, int width)
{
	bool fits = true;

	while (c->i < c->n && fits && !c->big) {
		struct mlist l = { 0 };
		int from = 0, to, indent = 0;

		read_line(c, &l);
		for (; fits && from < l.n && !c->big; from = to) {
			struct mbox b;

			fits = cut(c, &l, from, &to, width - indent);
			if (!fits)
				break;
			b = mlist_join(c, &l, from, to);
			put_rows(out, &b, indent, c->look->math);
			indent = width > 4 * INDENT ? INDENT : 0;
		}
		mlist_free(&l);
	}
	return fits && !c->big;
}

static void
wrapped_lines(struct rows *out, struct mctx *c, int width)
{
	struct row rest = { 0 };

	if (width > 4 * INDENT)
		row_puts(&rest, "  ", c->look->math);
	while (c->i < c->n && !c->big) {
		struct row line = { 0 };
		struct mlist l = { 0 };
		struct mbox b;

		read_line(c, &l);
		b = mlist_join(c, &l, 0, l.n);
		put_box(&line, &b);
		if (line.n)
			wrap_row(out, &line, width, &(struct row){ 0 }, &rest);
		row_free(&line);
		mbox_free(&b);
		mlist_free(&l);
	}
	row_free(&rest);
}

static bool
too_wide(const struct rows *out, size_t from, int width)
{
	for (size_t i = from; i < out->n; i++)
		if (out->v[i].cols > width)
			return true;
	return false;
}

void
md_math_display(struct rows *out, const char *tex, size_t n, int width,
    const struct md_math *look)
{
	struct buf safe = { 0 };
	size_t from = out->n;
	bool ok = false;
	struct mctx c;

	text_safe(&safe, tex, n);
	for (int loose = 0; loose < 2 && !ok; loose++) {
		start(&c, &safe, look);
		c.loose = loose;
		ok = tall_lines(out, &c, width) && !too_wide(out, from, width);
		if (!ok)
			rows_cut(out, from);
	}
	if (!ok) {
		start(&c, &safe, look);
		c.flat = c.loose = true;
		wrapped_lines(out, &c, width);
		if (c.big) {
			rows_cut(out, from);
			wrap_plain(out, safe.data, safe.len, width, NULL, NULL,
			    look->math);
		}
	}
	buf_free(&safe);
}
