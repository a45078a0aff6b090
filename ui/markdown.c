/* markdown.c -- a message of Markdown as rows, whole or still growing. */
#include "markdown.h"

#include <stdlib.h>

#include "alloc.h"
#include "buf.h"
#include "md.h"

/* Lay out a piece behind what is in out from row top on. */
static void
add_piece(struct rows *out, size_t top, const struct md_piece *p,
    const char *s, int width, enum style base, struct md_carry *carry)
{
	size_t mark = out->n, from;

	if (mark > top && !p->joined)
		rows_add(out);
	from = out->n;
	md_lay(out, p, s, width, base, carry);
	if (out->n == from)
		rows_cut(out, mark);
}

void
markdown_rows(struct rows *out, const char *text, size_t n, int width,
    enum style base)
{
	struct md_split st = { 0 };
	struct md_carry carry = { 0 };
	struct md_piece p;
	size_t top = out->n;

	for (size_t i = 0; i < n; i += p.n) {
		p = md_next(&st, text + i, n - i);
		add_piece(out, top, &p, text + i, width, base, &carry);
	}
}

struct mdview {
	enum style base;
	int width;
	struct rows rows;
	size_t settled;		/* bytes whose rows will not change */
	size_t settled_rows;
	struct md_split split;	/* after them */
	struct md_carry carry;
	size_t n;		/* bytes of the last call */
	size_t work;		/* bytes laid out, over and over */
	bool done;
};

struct mdview *
mdview_new(enum style base)
{
	struct mdview *v = xcalloc(1, sizeof(*v));

	v->base = base;
	return v;
}

void
mdview_free(struct mdview *v)
{
	if (v == NULL)
		return;
	rows_free(&v->rows);
	free(v);
}

/* The piece that the text so far ends in, as it will probably be: what is open
 * is closed, a few bytes that may become anything wait. */
static void
add_unfinished(struct mdview *v, struct md_piece p, const char *s,
    struct md_carry *carry)
{
	struct buf text = { 0 };
	size_t n = md_hold(&p, s, p.n);

	if (p.code) {
		if (n < p.to)
			p.to = n > p.from ? n : p.from;
		add_piece(&v->rows, 0, &p, s, v->width, v->base, carry);
		return;
	}
	buf_add(&text, s, n);
	while (text.len && (s[text.len - 1] == ' ' || s[text.len - 1] == '*'))
		text.data[--text.len] = '\0';
	md_close(&text);
	p.n = text.len;
	if (p.n)
		add_piece(&v->rows, 0, &p, text.data, v->width, v->base,
		    carry);
	buf_free(&text);
}

const struct rows *
mdview_rows(struct mdview *v, const char *text, size_t n, int width, bool done)
{
	struct md_split st;
	struct md_carry carry;
	struct md_piece p;

	if (width == v->width && n == v->n && done == v->done)
		return &v->rows;
	if (width != v->width || n < v->n || v->done) {
		rows_cut(&v->rows, 0);
		v->split = (struct md_split){ 0 };
		v->carry = (struct md_carry){ 0 };
		v->settled = v->settled_rows = 0;
	}
	v->width = width;
	v->n = n;
	v->done = done;
	rows_cut(&v->rows, v->settled_rows);
	st = v->split;
	carry = v->carry;
	for (size_t i = v->settled; i < n; i += p.n) {
		p = md_next(&st, text + i, n - i);
		v->work += p.n;
		if (!done && !p.settled && i + p.n == n)
			add_unfinished(v, p, text + i, &carry);
		else
			add_piece(&v->rows, 0, &p, text + i, width, v->base,
			    &carry);
		if (p.settled && v->settled == i) {
			v->settled = i + p.n;
			v->settled_rows = v->rows.n;
			v->split = st;
			v->carry = carry;
		}
	}
	return &v->rows;
}

size_t
mdview_settled(const struct mdview *v)
{
	return v->settled_rows;
}

size_t
mdview_work(const struct mdview *v)
{
	return v->work;
}
