/* wrap.c -- the one wrapping that all text goes through: rows that fit a width,
 * in logical order, each piece of text with its level of direction. */
#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "bidi.h"
#include "buf.h"
#include "utf8.h"
#include "width.h"

struct wrap {
	struct rows *out;
	const char *text;	/* all spans joined */
	size_t *ends;		/* where each span of in ends in text */
	/* Where some of it runs to the left, else NULL: */
	uint8_t *level;		/* [bytes of text] */
	uint8_t *apart;		/* [bytes of text] */
	int dir;		/* of the line at hand, 0 or 1 */
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

/* Where the piece of one span and one level that starts at a ends, at most
 * at b. */
static size_t
piece_end(struct wrap *w, size_t a, size_t b)
{
	size_t end;

	while (w->ends[w->span] <= a)
		w->span++;
	end = w->ends[w->span] < b ? w->ends[w->span] : b;
	if (w->level == NULL)
		return end;
	for (b = a + 1; b < end && w->level[b] == w->level[a]; b++)
		continue;
	return b;
}

/* A row of text[a..b), its trailing spaces left out. */
static void
emit(struct wrap *w, size_t a, size_t b)
{
	static const struct row none;
	struct row *row = rows_add(w->out);
	bool led = w->first && w->first->cols < w->width;

	while (b > a && w->text[b - 1] == ' ')
		b--;
	row_lead(row, led ? w->first : &none, w->dir ? ROW_RTL : ROW_AUTO);
	w->first = w->rest;
	while (a < b) {
		size_t end = piece_end(w, a, b);
		struct span like = w->in->spans[w->span];

		like.level = w->level ? w->level[a] : 0;
		row_put_safe_like(row, w->text + a, end - a, &like);
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

static bool
runs_right(const struct span *sp)
{
	if (sp->href != NULL && memmem(sp->text, sp->n, "://", 3) != NULL)
		return true;
	return sp->style == STYLE_CODE || sp->style == STYLE_MATH ||
	    sp->style == STYLE_MATH_BOX;
}

/* Code and addresses among text, and what stands for characters that were
 * taken out, run to the right whatever is around them. */
static void
mark_apart(struct wrap *w, size_t n)
{
	size_t from = 0, m;

	for (int i = 0; i < w->in->n; from = w->ends[i++])
		if (runs_right(&w->in->spans[i]))
			memset(w->apart + from, BIDI_LTR, w->ends[i] - from);
	for (size_t i = 0; i < n; i += m ? m : 1) {
		m = w->text[i] == '<' ? picture_next(w->text + i, n - i) : 0;
		memset(w->apart + i, BIDI_LTR, m);
	}
}

/* A line without a direction of its own runs like the row before it, so that
 * text comes out the same in one piece and in several. */
static void
begin_levels(struct wrap *w, size_t n)
{
	const struct rows *r = w->out;

	w->dir = r->n > 0 && r->v[r->n - 1].dir == ROW_RTL;
	if (w->dir == 0 && !bidi_any(w->text, n))
		return;
	w->level = xcalloc(n + 1, 1);
	w->apart = xcalloc(n + 1, 1);
	mark_apart(w, n);
}

static void
line_levels(struct wrap *w, size_t a, size_t b)
{
	int dir;

	if (w->level == NULL)
		return;
	dir = bidi_dir(w->text + a, b - a, w->apart + a);
	if (dir != BIDI_NONE)
		w->dir = dir;
	bidi_levels(w->text + a, b - a, w->apart + a, w->dir, w->level + a);
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
	begin_levels(&w, text.len);
	while (a < text.len) {
		const char *nl = memchr(text.data + a, '\n', text.len - a);
		size_t b = nl ? (size_t)(nl - text.data) : text.len;

		line_levels(&w, a, b);
		wrap_line(&w, a, b);
		a = b + 1;
	}
	if (text.len == 0)
		emit(&w, 0, 0);
	free(w.ends);
	free(w.level);
	free(w.apart);
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
