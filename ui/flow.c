/* flow.c -- long text in parts. */
#include "flow.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "math_text.h"
#include "utf8.h"
#include "width.h"

size_t
rows_guess(const char *s, size_t n, int width)
{
	size_t rows = 0, w = width > 0 ? (size_t)width : 1;

	for (size_t i = 0, len; i < n; i += len + 1) {
		const char *nl = memchr(s + i, '\n', n - i);

		len = nl ? (size_t)(nl - (s + i)) : n - i;
		rows += len > w ? (len + w - 1) / w : 1;
	}
	return rows;
}

/* Where a part that begins at from has to end, or 0: not yet.  What is known
 * of the text must not matter, only what it is. */
static size_t
part_end(const char *s, size_t n, size_t from)
{
	size_t soft = from + FLOW_PART, hard = from + FLOW_PART_MAX;
	const char *nl;
	size_t i;

	if (n <= soft)
		return 0;
	nl = memchr(s + soft, '\n', (n < hard ? n : hard) - soft);
	if (nl)
		return (size_t)(nl - s) + 1;
	if (n <= hard)
		return 0;
	for (i = hard; i > soft; i--)
		if (s[i - 1] == ' ')
			return i;
	/* One word: between two characters, marks with the one before. */
	for (i = hard; i > soft; i--)
		if ((s[i] & 0xC0) != 0x80 && mark_next(s + i, n - i) == 0)
			return i;
	return hard;
}

static void
part_forget(struct part *p)
{
	rows_free(&p->rows);
	p->laid = p->settled = p->settled_rows = 0;
}

static void
part_rows(struct flow *f, struct part *p, size_t n)
{
	f->total += n - p->n;
	p->n = n;
}

static struct part *
part_add(struct flow *f, size_t from)
{
	if (f->n == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 4;
		f->v = xreallocarray(f->v, f->cap, sizeof(*f->v));
	}
	f->v[f->n] = (struct part){ .from = from, .to = from };
	return &f->v[f->n++];
}

static bool
part_whole(const struct part *p)
{
	return p->laid == p->to - p->from;
}

/* What is laid out is known, the rest is a guess. */
static void
part_guess(struct flow *f, struct part *p, const char *s)
{
	size_t from = p->from + p->settled;

	part_rows(f, p, p->settled_rows + rows_guess(s + from, p->to - from,
	    f->width));
}

/* The last part, and as many new ones as the text behind it needs. */
static void
grow(struct flow *f, const char *s, size_t n)
{
	struct part *p = f->n ? &f->v[f->n - 1] : part_add(f, 0);
	size_t end;

	f->len = n;
	while ((end = part_end(s, n, p->from)) != 0 && end < n) {
		p->to = end;
		part_guess(f, p, s);
		p = part_add(f, end);
	}
	p->to = n;
	part_guess(f, p, s);
}

void
flow_set(struct flow *f, const char *s, size_t n, int width, enum style st)
{
	f->style = st;
	if (n < f->len) {
		size_t work = f->work;

		flow_free(f);
		*f = (struct flow){ .style = st, .work = work };
	}
	if (width != f->width) {
		f->width = width;
		for (size_t i = 0; i < f->n; i++) {
			struct part *p = &f->v[i];

			part_forget(p);
			part_guess(f, p, s);
		}
	}
	if (n > f->len)
		grow(f, s, n);
}

/* In a thought formulas are shown as such. */
static bool
has_math(const struct flow *f, const char *s, size_t n)
{
	return f->style == STYLE_THINKING && math_in(s, n);
}

static void
wrap(struct flow *f, struct rows *out, const char *s, size_t n)
{
	struct buf b = { 0 };

	if (has_math(f, s, n)) {
		math_text(&b, s, n);
		s = b.data ? b.data : "";
		n = b.len;
	}
	wrap_plain(out, s, n, f->width, NULL, NULL, f->style);
	buf_free(&b);
}

/* Rows up to the last newline are settled, only the line behind it is wrapped
 * again when more comes. */
static void
wrap_growing(struct flow *f, struct part *p, const char *s)
{
	size_t n = p->to - p->from, end;

	rows_cut(&p->rows, p->settled_rows);
	for (end = n; end > p->settled && s[end - 1] != '\n'; end--)
		;
	if (has_math(f, s + p->settled, end - p->settled))
		end = p->settled + math_whole(s + p->settled,
		    end - p->settled);
	f->work += n - p->settled;
	if (end > p->settled) {
		wrap(f, &p->rows, s + p->settled, end - p->settled);
		p->settled = end;
		p->settled_rows = p->rows.n;
	}
	if (end < n)
		wrap(f, &p->rows, s + end, n - end);
	p->laid = n;
}

size_t
flow_lay(struct flow *f, const char *s, size_t part)
{
	struct part *p = &f->v[part];

	if (!part_whole(p)) {
		wrap_growing(f, p, s + p->from);
		part_rows(f, p, p->rows.n);
	}
	return p->n;
}

void
flow_drop(struct flow *f, size_t part)
{
	part_forget(&f->v[part]);
}

void
flow_free(struct flow *f)
{
	for (size_t i = 0; i < f->n; i++)
		rows_free(&f->v[i].rows);
	free(f->v);
	*f = (struct flow){ 0 };
}

size_t
flow_before(const struct flow *f, size_t part)
{
	size_t rows = 0;

	for (size_t i = 0; i < part && i < f->n; i++)
		rows += f->v[i].n;
	return rows;
}

/* Characters that are neither blank nor cut off by wrapping: what text and its
 * rows have in common. */
static bool
is_solid(char c)
{
	return c != ' ' && c != '\n' && c != '\t' && (c & 0xC0) != 0x80;
}

static size_t
count_solid(const char *s, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (is_solid(s[i]))
			count++;
	return count;
}

static size_t
row_solid(const struct row *r)
{
	size_t count = 0;

	for (int k = 0; k < r->n; k++)
		count += count_solid(r->spans[k].text, r->spans[k].n);
	return count;
}

static size_t
solid_before(const struct flow *f, const char *s, size_t n)
{
	struct buf safe = { 0 }, b = { 0 };
	size_t count;

	if (has_math(f, s, n)) {
		math_text(&b, s, n);
		text_safe(&safe, b.data ? b.data : "", b.len);
	} else {
		text_safe(&safe, s, n);
	}
	buf_free(&b);
	count = count_solid(safe.data, safe.len);
	buf_free(&safe);
	return count;
}

size_t
flow_find(struct flow *f, const char *s, size_t at, size_t *row)
{
	size_t lo = 0, hi = f->n, want, have = 0;
	const struct part *p;

	*row = 0;
	if (f->n == 0)
		return 0;
	while (lo + 1 < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->v[mid].from <= at)
			lo = mid;
		else
			hi = mid;
	}
	flow_lay(f, s, lo);
	p = &f->v[lo];
	want = solid_before(f, s + p->from, at - p->from);
	for (size_t i = 0; i < p->rows.n; i++) {
		have += row_solid(&p->rows.v[i]);
		if (have > want) {
			*row = i;
			return lo;
		}
	}
	*row = p->rows.n ? p->rows.n - 1 : 0;
	return lo;
}

size_t
flow_byte(const struct flow *f, const char *s, size_t part, size_t row)
{
	const struct part *p = &f->v[part];
	size_t want = 0, have = 0, at;

	for (size_t i = 0; i < row && i < p->rows.n; i++)
		want += row_solid(&p->rows.v[i]);
	for (at = p->from; at < p->to; at++)
		if (is_solid(s[at]) && have++ == want)
			break;
	return at;
}

void
flow_piece_init(struct flow_piece *v, const struct flow *f, const char *s,
    size_t part, size_t from, size_t to)
{
	const struct part *p = &f->v[part];

	*v = (struct flow_piece){ .part = p };
	from = from > p->from ? from : p->from;
	to = to < p->to ? to : p->to;
	/* A mark that follows would get something to stand on. */
	for (size_t m; to < p->to && (m = mark_next(s + to, p->to - to)) > 0; )
		to += m;
	v->first = solid_before(f, s + p->from, from - p->from);
	v->end = v->first + solid_before(f, s + from, to - from);
}

/* Which bytes of the row hold its solid characters [a, b). */
static void
piece_bytes(const struct row *r, size_t a, size_t b, size_t *from, size_t *to)
{
	size_t have = 0, at = 0;

	*from = *to = 0;
	for (int k = 0; k < r->n; k++)
		for (uint32_t i = 0; i < r->spans[k].n; i++, at++) {
			char c = r->spans[k].text[i];

			if (is_solid(c) && have++ == a)
				*from = at;
			/* With the bytes behind the first of each. */
			if (have > a && have <= b && c != ' ')
				*to = at + 1;
		}
}

bool
flow_piece_next(struct flow_piece *v)
{
	while (v->next < v->part->rows.n && v->have < v->end) {
		const struct row *r = &v->part->rows.v[v->next];
		size_t n = row_solid(r), have = v->have;

		v->row = v->next++;
		v->have += n;
		if (v->have <= v->first || n == 0)
			continue;
		piece_bytes(r, v->first > have ? v->first - have : 0,
		    v->end - have < n ? v->end - have : n, &v->from, &v->to);
		return true;
	}
	return false;
}
