/* rows.c -- rows of spans, and the one wrapping that all text goes through. */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "links.h"
#include "utf8.h"
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

/* href is clean, or NULL. */
static void
put(struct row *row, const char *s, size_t n, enum style st, const char *href)
{
	struct span *sp = row->n ? &row->spans[row->n - 1] : NULL;
	size_t want;

	if (n == 0)
		return;
	if (sp == NULL || sp->style != st || !same_link(sp->href, href)) {
		sp = add_span(row, st);
		sp->href = xstrdup(href);
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
	put(row, s, n, st, NULL);
}

void
row_put_link(struct row *row, const char *s, size_t n, enum style st,
    const char *href)
{
	char *clean = link_clean(href);

	put(row, s, n, st, clean);
	free(clean);
}

void
row_puts(struct row *row, const char *s, enum style st)
{
	row_put(row, s, strlen(s), st);
}

static void
put_safe(struct row *row, const char *s, size_t n, enum style st,
    const char *href)
{
	size_t done = 0, len, m;

	for (size_t i = 0; i < n; i += len ? len : 1) {
		len = s[i] == '<' || s[i] == '\xE2' ?
		    picture_next(s + i, n - i) : 0;
		if (len == 0)
			continue;
		while ((m = mark_next(s + i + len, n - i - len)) > 0)
			len += m;
		put(row, s + done, i - done, st, href);
		put(row, s + i, len, STYLE_ODD, href);
		done = i + len;
	}
	put(row, s + done, n - done, st, href);
}

void
row_put_safe(struct row *row, const char *s, size_t n, enum style st)
{
	put_safe(row, s, n, st, NULL);
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
		put(to, from->spans[i].text, from->spans[i].n,
		    from->spans[i].style, from->spans[i].href);
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

/* ---- wrapping ---- */

struct wrap {
	struct rows *out;
	const char *text;	/* all spans joined */
	size_t *ends;		/* where each span of in ends in text */
	const struct row *in;
	int span;		/* the one that the next row starts in */
	int width;
	const struct row *first, *rest;
};

/* Columns that the next row leaves for text. */
static int
available(const struct wrap *w)
{
	int used = w->first ? w->first->cols : 0;

	return used < w->width ? w->width - used : w->width;
}

/* A row of text[a..b), its trailing spaces left out. */
static void
emit(struct wrap *w, size_t a, size_t b)
{
	struct row *row = rows_add(w->out);

	while (b > a && w->text[b - 1] == ' ')
		b--;
	if (w->first && w->first->cols < w->width)
		row_copy(row, w->first);
	w->first = w->rest;
	while (a < b) {
		size_t end;

		while (w->ends[w->span] <= a)
			w->span++;
		end = w->ends[w->span] < b ? w->ends[w->span] : b;
		put_safe(row, w->text + a, end - a,
		    w->in->spans[w->span].style,
		    w->in->spans[w->span].href);
		a = end;
	}
}

/* A full row of the one long word text[*a..b); *a moves behind it.  Returns
 * the columns it took. */
static int
emit_fit(struct wrap *w, size_t *a, size_t b, int avail)
{
	int used, c;
	size_t n = text_fit(w->text + *a, b - *a, avail, &used);

	if (n == 0) {
		n = cluster_next(w->text + *a, b - *a, &c);
		used = c;
	}
	emit(w, *a, *a + n);
	*a += n;
	return used;
}

static bool
in_list(uint32_t cp, const char *list)
{
	uint32_t c;

	for (size_t n = strlen(list); n > 0; ) {
		int m = utf8_decode(list, n, &c, NULL);

		if (c == cp)
			return true;
		list += m;
		n -= (size_t)m;
	}
	return false;
}

/* May a row end between a and b, neither of them a space?  A small part of
 * UAX #14: between wide characters, though not before what closes or after
 * what opens, and after the hyphen of a compound. */
static bool
may_break(uint32_t before, uint32_t a, int a_cols, uint32_t b, int b_cols)
{
	if (a == '-' || a == 0x2013 || a == 0x2014)
		return before != ' ' && before != '-' && before != 0 &&
		    (b >= 0x80 || (b | 32) - 'a' < 26);
	if (a_cols < 2 && b_cols < 2)
		return false;
	return !in_list(b, ",.!?:;)]}%'\"、。，．：；？！）」』】〕》〉”’…‥・ー"
	    "々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ～％") &&
	    !in_list(a, "([{'\"（「『【〔《〈“‘￥＄");
}

/* One line, text[a..b), in one pass: each character is looked at once, and a
 * row ends at the last place where it may. */
static void
wrap_line(struct wrap *w, size_t a, size_t b)
{
	size_t start = a, brk = a, next = a, len;
	int cols = 0, next_cols = 0, g, prev_g = 0, avail = available(w);
	uint32_t cp, prev = 0, before = 0;

	for (size_t i = a; i < b; i += len) {
		len = grapheme_next(w->text + i, b - i, &g);
		if (g > avail)
			len = cluster_next(w->text + i, b - i, &g);
		utf8_decode(w->text + i, b - i, &cp, NULL);
		if (cp == ' ' && len == 1) {
			if (prev != ' ')
				brk = i;
			next = i + 1;
			next_cols = cols + 1;
			if (brk == start && cols + 1 > avail) {
				/* an indent wider than the row is none */
				start = brk = next;
				cols = next_cols = 0;
				before = prev = 0;
				continue;
			}
		} else {
			if (i > start && prev != ' ' && cols <= avail &&
			    may_break(before, prev, prev_g, cp, g)) {
				brk = next = i;
				next_cols = cols;
			}
			if (cols + g > avail && brk > start) {
				emit(w, start, brk);
				start = brk = next;
				cols -= next_cols;
				avail = available(w);
			}
			while (cols + g > avail && i > start) {
				cols -= emit_fit(w, &start, i, avail);
				brk = next = start;
				avail = available(w);
			}
		}
		cols += g;
		before = prev;
		prev = cp;
		prev_g = g;
	}
	emit(w, start, b);
}

/* The spans made safe and joined; a wide character that no row could hold
 * becomes '?'. */
static void
join(struct wrap *w, struct buf *text)
{
	int min = available(w);
	struct buf safe = { 0 };

	if (w->rest && w->rest->cols < w->width &&
	    w->width - w->rest->cols < min)
		min = w->width - w->rest->cols;
	for (int i = 0; i < w->in->n; i++) {
		const struct span *sp = &w->in->spans[i];
		size_t m;
		int c;

		buf_clear(&safe);
		text_safe(&safe, sp->text, sp->n);
		if (min > 1)
			buf_add(text, safe.data, safe.len);
		for (size_t k = 0; min < 2 && k < safe.len; k += m) {
			m = cluster_next(safe.data + k, safe.len - k, &c);
			if (c > min)
				buf_addc(text, '?');
			else
				buf_add(text, safe.data + k, m);
		}
		w->ends[i] = text->len;
	}
	buf_free(&safe);
}

void
wrap_row(struct rows *out, const struct row *in, int width,
    const struct row *first, const struct row *rest)
{
	struct wrap w = { .out = out, .in = in, .width = width,
	    .first = first ? first : rest, .rest = rest };
	struct buf text = { 0 };
	size_t a = 0;

	w.ends = xcalloc((size_t)in->n + 1, sizeof(*w.ends));
	join(&w, &text);
	w.text = text.data;
	while (a < text.len) {
		const char *nl = memchr(text.data + a, '\n', text.len - a);
		size_t b = nl ? (size_t)(nl - text.data) : text.len;

		wrap_line(&w, a, b);
		a = b + 1;
	}
	if (text.len == 0)
		emit(&w, 0, 0);
	free(w.ends);
	buf_free(&text);
}

void
wrap_plain(struct rows *out, const char *s, size_t n, int width,
    const char *first, const char *indent, enum style st)
{
	struct row in = { 0 }, r1 = { 0 }, r2 = { 0 };

	row_put(&in, s, n, st);
	if (indent)
		row_puts(&r2, indent, st);
	if (first)
		row_puts(&r1, first, st);
	wrap_row(out, &in, width, first ? &r1 : &r2, &r2);
	row_free(&in);
	row_free(&r1);
	row_free(&r2);
}
