/* rows.c -- rows of spans: put together, copied, given another look. */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "bidi.h"
#include "links.h"
#include "width.h"

/* Room for a power of two: growing one by one then costs linear time without
 * a capacity in every span. */
static size_t
room(size_t n)
{
	size_t r = 8;

	while (r < n)
		r *= 2;
	return r;
}

struct row *
rows_add(struct rows *r)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 16;
		r->v = xreallocarray(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->n] = (struct row){ 0 };
	return &r->v[r->n++];
}

static struct span *
add_span(struct row *row, enum style st)
{
	size_t n = (size_t)row->n;

	if (n == 0 || room(n + 1) != room(n))
		row->spans = xreallocarray(row->spans, room(n + 1),
		    sizeof(*row->spans));
	row->spans[row->n] = (struct span){ .style = (uint8_t)st };
	return &row->spans[row->n++];
}

static bool
same_link(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* like->href is clean, or NULL. */
void
row_put_like(struct row *row, const char *s, size_t n,
    const struct span *like)
{
	struct span *sp = row->n ? &row->spans[row->n - 1] : NULL;
	size_t want;

	if (n == 0)
		return;
	if (sp == NULL || sp->style != like->style ||
	    sp->level != like->level || !same_link(sp->href, like->href)) {
		sp = add_span(row, like->style);
		sp->level = like->level;
		sp->href = xstrdup(like->href);
	}
	want = sp->n + n + 1;
	if (sp->text == NULL || room(want) != room((size_t)sp->n + 1))
		sp->text = xrealloc(sp->text, room(want));
	memcpy(sp->text + sp->n, s, n);
	sp->n += (uint32_t)n;
	sp->text[sp->n] = '\0';
	row->cols += text_cols(s, n);
}

void
row_put(struct row *row, const char *s, size_t n, enum style st)
{
	row_put_like(row, s, n, &(struct span){ .style = (uint8_t)st });
	row->raw = row->raw || bidi_any(s, n);
}

void
row_put_link(struct row *row, const char *s, size_t n, enum style st,
    const char *href)
{
	struct span like = { .style = (uint8_t)st, .href = link_clean(href) };

	row_put_like(row, s, n, &like);
	row->raw = row->raw || bidi_any(s, n);
	free(like.href);
}

void
row_puts(struct row *row, const char *s, enum style st)
{
	row_put(row, s, strlen(s), st);
}

void
row_put_safe_like(struct row *row, const char *s, size_t n,
    const struct span *like)
{
	struct span odd = *like;
	size_t done = 0, len, m;

	odd.style = STYLE_ODD;
	for (size_t i = 0; i < n; i += len ? len : 1) {
		len = s[i] == '<' || s[i] == '\xE2' ?
		    picture_next(s + i, n - i) : 0;
		if (len == 0)
			continue;
		while ((m = mark_next(s + i + len, n - i - len)) > 0)
			len += m;
		row_put_like(row, s + done, i - done, like);
		row_put_like(row, s + i, len, &odd);
		done = i + len;
	}
	row_put_like(row, s + done, n - done, like);
}

void
row_put_safe(struct row *row, const char *s, size_t n, enum style st)
{
	row_put_safe_like(row, s, n, &(struct span){ .style = (uint8_t)st });
	row->raw = row->raw || bidi_any(s, n);
}

void
row_free(struct row *row)
{
	for (int i = 0; i < row->n; i++) {
		free(row->spans[i].text);
		free(row->spans[i].href);
	}
	free(row->spans);
	*row = (struct row){ 0 };
}

void
row_copy(struct row *to, const struct row *from)
{
	for (int i = 0; i < from->n; i++)
		row_put_like(to, from->spans[i].text, from->spans[i].n,
		    &from->spans[i]);
	to->raw = to->raw || from->raw;
}

void
row_style(struct row *row, size_t from, size_t to, enum style st)
{
	struct row out = { 0 };
	size_t at = 0;

	for (int i = 0; i < row->n; i++) {
		const struct span *sp = &row->spans[i];
		struct span other = *sp;
		size_t a = from > at ? from - at : 0, b = to > at ? to - at : 0;

		a = a < sp->n ? a : sp->n;
		b = b < sp->n ? b : sp->n;
		b = b > a ? b : a;
		other.style = (uint8_t)st;
		row_put_like(&out, sp->text, a, sp);
		row_put_like(&out, sp->text + a, b - a, &other);
		row_put_like(&out, sp->text + b, sp->n - b, sp);
		at += sp->n;
	}
	out.fill = row->fill;
	out.raw = row->raw;
	out.dir = row->dir;
	row_free(row);
	*row = out;
}

static void
put_turned(struct row *row, const struct span *sp)
{
	uint8_t *level = xmalloc((size_t)sp->n + 1);
	struct span like = *sp;

	bidi_levels(sp->text, sp->n, NULL, 1, level);
	for (size_t a = 0, b; a < sp->n; a = b) {
		for (b = a; b < sp->n && level[b] == level[a]; b++)
			continue;
		like.level = level[a];
		row_put_like(row, sp->text + a, b - a, &like);
	}
	free(level);
}

void
row_lead(struct row *row, const struct row *lead, enum row_dir dir)
{
	if (dir != ROW_RTL)
		row_copy(row, lead);
	for (int i = 0; dir == ROW_RTL && i < lead->n; i++)
		put_turned(row, &lead->spans[i]);
	row->dir = (uint8_t)dir;
}

void
row_follow(struct row *row, const struct row *other)
{
	if (other->dir != ROW_RTL)
		return;
	row->dir = ROW_RTL;
	row->raw = true;
}

void
rows_cut(struct rows *r, size_t n)
{
	while (r->n > n)
		row_free(&r->v[--r->n]);
}

void
rows_free(struct rows *r)
{
	rows_cut(r, 0);
	free(r->v);
	*r = (struct rows){ 0 };
}
