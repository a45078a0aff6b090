/* index_marks.c -- where in a text a query's words are, and the piece of the
 * text that shows them best. */
#include "index_priv.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "utf8.h"

#define MARKS_MAX 4000
#define BEFORE 30		/* characters of a snippet before its hit */
#define LENGTH 140		/* and in all, about */

struct mark {
	size_t from, to;
	int term;
};

/* How far a term has come: its first at words were the last of the text. */
struct matcher {
	const struct query *q;
	int at[TERMS_MAX];
	size_t from[TERMS_MAX];
	uint32_t next[TERMS_MAX];	/* place of the word that goes on */
	struct mark *v;
	size_t n;
	unsigned terms;
};

static void
found(struct matcher *m, int term, size_t from, size_t to)
{
	m->terms |= 1u << term;
	if (m->n == MARKS_MAX)
		return;
	if ((m->n & (m->n - 1)) == 0)
		m->v = xreallocarray(m->v, m->n ? 2 * m->n : 1,
		    sizeof(*m->v));
	m->v[m->n++] = (struct mark){ from, to, term };
}

static bool
equal(const struct unit *u, const struct word *w)
{
	return u->n == w->n && memcmp(u->s, w->s, u->n) == 0;
}

static bool
begins(const struct unit *u, const struct word *w)
{
	return u->n <= w->n && memcmp(u->s, w->s, u->n) == 0;
}

static int
letters(const struct unit *u)
{
	int n = 0;

	for (uint32_t i = 0; i < u->n; i++)
		n += ((unsigned char)u->s[i] & 0xC0) != 0x80;
	return n;
}

/* A term of one word, which may be anywhere in w. */
static void
match_one(struct matcher *m, int term, const struct word *w)
{
	const struct term *t = &m->q->term[term];
	const struct unit *u = &t->unit[0];
	const char *p = w->s, *end = w->s + w->n;

	if (!t->open || t->excluded || u->wide) {
		if (equal(u, w))
			found(m, term, w->src[0], w->src[w->n]);
		return;
	}
	if (t->whole || letters(u) < 3) {
		if (begins(u, w))
			found(m, term, w->src[0], w->src[u->n]);
		return;
	}
	while ((p = memmem(p, (size_t)(end - p), u->s, u->n))) {
		found(m, term, w->src[p - w->s],
		    w->src[(uint32_t)(p - w->s) + u->n]);
		p += u->n;
	}
}

/* A term of several, of which a few may have come. */
static void
match_next(struct matcher *m, int term, const struct word *w)
{
	const struct term *t = &m->q->term[term];
	int at = m->at[term];
	bool last;

	if (at > 0 && (m->next[term] != w->at))
		at = 0;
	last = at + 1 == t->n;
	if (!(last && t->open && !t->excluded ? begins : equal)(&t->unit[at],
	    w)) {
		at = 0;
		last = false;
		if (!equal(&t->unit[0], w)) {
			m->at[term] = 0;
			return;
		}
	}
	if (at == 0)
		m->from[term] = w->src[0];
	if (last)
		found(m, term, m->from[term], w->src[t->unit[at].n]);
	m->at[term] = last ? 0 : at + 1;
	m->next[term] = w->at + 1;
}

static int
match(void *ud, const struct word *w)
{
	struct matcher *m = ud;

	if (w->pair)
		return 0;
	for (int i = 0; i < m->q->n; i++) {
		if (m->q->term[i].n == 1)
			match_one(m, i, w);
		else
			match_next(m, i, w);
	}
	return 0;
}

static int
by_place(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to > y->to ? -1 : x->to < y->to;
}

/* In order, each within none before it. */
static void
tidy(struct matcher *m)
{
	size_t n = 0;

	if (m->n > 1)
		qsort(m->v, m->n, sizeof(*m->v), by_place);
	for (size_t i = 0; i < m->n; i++) {
		if (m->q->term[m->v[i].term].excluded ||
		    m->v[i].from >= m->v[i].to)
			continue;
		if (n > 0 && m->v[i].from < m->v[n - 1].to) {
			if (m->v[i].to > m->v[n - 1].to)
				m->v[n - 1].to = m->v[i].to;
			continue;
		}
		m->v[n++] = m->v[i];
	}
	m->n = n;
}

unsigned
query_terms(const struct query *q, const char *s, size_t n)
{
	struct matcher m = { .q = q };

	words_each(s, n, match, &m);
	free(m.v);
	return m.terms;
}

/* ---- the snippet ---- */

static size_t
step_back(const char *s, size_t at)
{
	do
		at--;
	while (at > 0 && ((unsigned char)s[at] & 0xC0) == 0x80);
	return at;
}

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

/* How many terms are close behind a mark, and within how many bytes. */
static int
terms_behind(const struct matcher *m, size_t i, size_t *span)
{
	unsigned terms = 0;
	int count = 0;

	for (size_t k = i; k < m->n && m->v[k].to < m->v[i].from + LENGTH -
	    BEFORE; k++) {
		if (terms >> m->v[k].term & 1)
			continue;
		terms |= 1u << m->v[k].term;
		*span = m->v[k].to - m->v[i].from;
		count++;
	}
	return count;
}

/* The mark to begin with: that has most terms behind it, and closest. */
static size_t
best_mark(const struct matcher *m)
{
	size_t best = 0, least = 0;
	int most = 0;

	for (size_t i = 0; i < m->n; i++) {
		size_t span = 0;
		int count = terms_behind(m, i, &span);

		if (count > most || (count == most && span < least)) {
			most = count;
			least = span;
			best = i;
		}
	}
	return best;
}

/* Where to begin, some characters before at, at a word if one begins there. */
static size_t
begin_at(const char *s, size_t at)
{
	size_t from = at, word = at;

	for (int i = 0; i < BEFORE && from > 0; i++) {
		from = step_back(s, from);
		if (is_blank(s[from]))
			word = from + 1;
	}
	return from == 0 || word == at ? from : word;
}

/* One character or one run of blanks of s into the snippet. */
static size_t
put_char(struct buf *out, const char *s, size_t at, size_t n)
{
	size_t m = 0;
	uint32_t cp;

	while (at + m < n && is_blank(s[at + m]))
		m++;
	if (m > 0) {
		if (out->len > 0)
			buf_addc(out, ' ');
		return m;
	}
	m = (size_t)utf8_decode(s + at, n - at, &cp, NULL);
	buf_add(out, s + at, m);
	return m;
}

/* A mark that has begun is shown to its end, within reason. */
static void
cut_out(struct index_hit *h, const struct matcher *m, const char *s, size_t n,
    size_t from)
{
	struct buf b = { 0 };
	size_t i = 0, at = from;
	bool open = false;

	while (i < m->n && m->v[i].from < from)
		i++;
	h->marks = xcalloc(m->n - i + 1, sizeof(*h->marks));
	if (from > 0)
		buf_puts(&b, "…");
	for (int k = 0; at < n && k < (open ? 2 * LENGTH : LENGTH); k++) {
		if (open && at >= m->v[i].to) {
			h->marks[h->n_marks++].to = b.len;
			open = false;
			i++;
		}
		if (!open && i < m->n && at >= m->v[i].from) {
			h->marks[h->n_marks].from = b.len;
			open = true;
		}
		at += put_char(&b, s, at, n);
	}
	if (open)
		h->marks[h->n_marks++].to = b.len;
	if (at < n)
		buf_puts(&b, "…");
	h->snippet = buf_take(&b);
}

/* The end of what was found: words that follow each other are one. */
static size_t
found_to(const struct matcher *m, size_t i, const char *s)
{
	size_t to = m->v[i].to;

	while (++i < m->n) {
		while (to < m->v[i].from && is_blank(s[to]))
			to++;
		if (to < m->v[i].from)
			break;
		to = m->v[i].to;
	}
	while (is_blank(s[to - 1]))
		to--;
	return to;
}

void
index_snippet(struct index_hit *h, const struct query *q, const char *s,
    size_t n)
{
	struct matcher m = { .q = q };
	size_t best, from = 0;

	words_each(s, n, match, &m);
	tidy(&m);
	if (m.n > 0) {
		best = best_mark(&m);
		from = begin_at(s, m.v[best].from);
		h->found = xstrndup(s + m.v[best].from,
		    found_to(&m, best, s) - m.v[best].from);
	} else {
		h->found = xstrdup("");
	}
	cut_out(h, &m, s, n, from);
	free(m.v);
}
