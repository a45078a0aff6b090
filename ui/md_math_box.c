/* md_math_box.c -- boxes of rows, put beside and below each other. */
#include "md_math.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "width.h"

void
mbox_free(struct mbox *b)
{
	for (int i = 0; i < b->h; i++)
		row_free(&b->v[i]);
	free(b->v);
	*b = (struct mbox){ 0 };
}

static struct mbox
with_rows(int h)
{
	return (struct mbox){ .h = h,
	    .v = xcalloc((size_t)h, sizeof(struct row)) };
}

struct mbox
mbox_text(const char *s, size_t n, enum style st)
{
	struct mbox b = with_rows(1);

	row_put(&b.v[0], s, n, st);
	b.w = b.v[0].cols;
	return b;
}

struct mbox
mbox_line(const char *ch, int w, enum style st)
{
	struct mbox b = with_rows(1);

	while (b.w < w) {
		row_puts(&b.v[0], ch, st);
		b.w = b.v[0].cols;
	}
	return b;
}

static void
spaces(struct row *row, int n, enum style st)
{
	for (; n > 0; n--)
		row_puts(row, " ", st);
}

/* Rows that are empty, above and below what is there. */
static void
grow(struct mbox *b, int above, int below, enum style pad)
{
	struct row *v;

	if (above + below == 0)
		return;
	v = xcalloc((size_t)(b->h + above + below), sizeof(*v));
	for (int i = 0; i < b->h; i++)
		v[above + i] = b->v[i];
	for (int i = 0; i < above; i++)
		spaces(&v[i], b->w, pad);
	for (int i = 0; i < below; i++)
		spaces(&v[above + b->h + i], b->w, pad);
	free(b->v);
	b->v = v;
	b->h += above + below;
	b->base += above;
}

void
mbox_beside_at(struct mbox *a, struct mbox *b, int at, enum style pad)
{
	int end = at + b->h;

	if (a->h == 0) {
		*a = *b;
		*b = (struct mbox){ 0 };
		return;
	}
	grow(a, at < 0 ? -at : 0, end > a->h ? end - a->h : 0, pad);
	if (at < 0)
		at = 0;
	for (int i = 0; i < a->h; i++)
		if (i >= at && i < at + b->h)
			row_copy(&a->v[i], &b->v[i - at]);
		else
			spaces(&a->v[i], b->w, pad);
	a->w += b->w;
	mbox_free(b);
}

void
mbox_beside(struct mbox *a, struct mbox *b, enum style pad)
{
	mbox_beside_at(a, b, a->base - b->base, pad);
}

void
mbox_append(struct mbox *b, const char *s, enum style st)
{
	struct mbox t = mbox_text(s, strlen(s), st);

	mbox_beside(b, &t, st);
}

void
mbox_widen(struct mbox *b, int w, int where, enum style pad)
{
	int more = w - b->w;
	int left = where < 0 ? 0 : where > 0 ? more : more / 2;

	if (more <= 0)
		return;
	for (int i = 0; i < b->h; i++) {
		struct row row = { 0 };

		spaces(&row, left, pad);
		row_copy(&row, &b->v[i]);
		spaces(&row, more - left, pad);
		row_free(&b->v[i]);
		b->v[i] = row;
	}
	b->w = w;
}

void
mbox_below(struct mbox *a, struct mbox *b, int where, enum style pad)
{
	int w = a->w > b->w ? a->w : b->w;
	int top = a->h;

	mbox_widen(a, w, where, pad);
	mbox_widen(b, w, where, pad);
	a->v = xreallocarray(a->v, (size_t)(a->h + b->h), sizeof(*a->v));
	for (int i = 0; i < b->h; i++)
		a->v[top + i] = b->v[i];
	a->h += b->h;
	a->w = w;
	free(b->v);
	*b = (struct mbox){ 0 };
}

/* ---- delimiters ---- */

struct tall {
	const char *delim, *top, *mid, *end;	/* end: the lowest */
	const char *centre;			/* of a brace, else NULL */
};

static const struct tall talls[] = {
	{ "(", "⎛", "⎜", "⎝", NULL }, { ")", "⎞", "⎟", "⎠", NULL },
	{ "[", "⎡", "⎢", "⎣", NULL }, { "]", "⎤", "⎥", "⎦", NULL },
	{ "{", "⎧", "⎪", "⎩", "⎨" }, { "}", "⎫", "⎪", "⎭", "⎬" },
	{ "⌈", "⎡", "⎢", "⎢", NULL }, { "⌉", "⎤", "⎥", "⎥", NULL },
	{ "⌊", "⎢", "⎢", "⎣", NULL }, { "⌋", "⎥", "⎥", "⎦", NULL },
	{ "|", "│", "│", "│", NULL }, { "‖", "‖", "‖", "‖", NULL },
};

static const char *
tall_part(const struct tall *t, int i, int h)
{
	if (t->centre && h == 2)
		return (i == 0) == (t->delim[0] == '{') ? "⎰" : "⎱";
	if (i == 0)
		return t->top;
	if (i == h - 1)
		return t->end;
	return t->centre && i == h / 2 ? t->centre : t->mid;
}

struct mbox
mbox_fence(const char *delim, int h, int base, enum style st)
{
	const struct tall *t = NULL;
	struct mbox b;

	if (h == 1)
		return mbox_text(delim, strlen(delim), st);
	for (size_t i = 0; i < sizeof(talls) / sizeof(talls[0]); i++)
		if (!strcmp(talls[i].delim, delim))
			t = &talls[i];
	b = with_rows(h);
	b.base = base;
	for (int i = 0; i < h; i++) {
		if (t)
			row_puts(&b.v[i], tall_part(t, i, h), st);
		else if (i == base)
			row_puts(&b.v[i], delim, st);
		else
			spaces(&b.v[i], text_cols(delim, strlen(delim)), st);
		b.w = b.v[i].cols;
	}
	return b;
}

void
mbox_frame(struct mbox *b, enum style frame, enum style pad)
{
	struct mbox top = mbox_line("─", b->w + 2, frame), end;
	struct mbox left = with_rows(b->h), in = *b;

	end = mbox_line("─", b->w + 2, frame);
	for (int i = 0; i < in.h; i++) {
		row_puts(&left.v[i], "│ ", frame);
		row_copy(&left.v[i], &in.v[i]);
		row_puts(&left.v[i], " │", frame);
	}
	left.w = in.w + 4;
	*b = mbox_text("┌", strlen("┌"), frame);
	mbox_beside(b, &top, frame);
	top = mbox_text("┐", strlen("┐"), frame);
	mbox_beside(b, &top, frame);
	mbox_below(b, &left, -1, pad);
	top = mbox_text("└", strlen("└"), frame);
	mbox_beside(&top, &end, frame);
	end = mbox_text("┘", strlen("┘"), frame);
	mbox_beside(&top, &end, frame);
	mbox_below(b, &top, -1, pad);
	b->base = 1 + in.base;
	mbox_free(&in);
}

void
mbox_string(const struct mbox *b, struct buf *out)
{
	const struct row *row = b->h ? &b->v[b->base] : NULL;

	for (int i = 0; row && i < row->n; i++)
		buf_add(out, row->spans[i].text, row->spans[i].n);
}
