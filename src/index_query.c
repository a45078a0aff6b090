/* index_query.c -- what a person typed, understood: words that must be there,
 * "words that follow each other", -words that must not be there. */
#include "index_priv.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define QUERY_MAX 1000		/* bytes of it that count */
#define WORDS_MAX 56		/* that one typed word may stand for */
#define PART_MIN 3		/* characters that are looked for inside
				 * words */

/* ---- parsing ---- */

/* The tokens of a term as FTS5 has them: at each place the pair, else the
 * word. */
struct tokens {
	struct unit v[UNITS_MAX];
	bool pair[UNITS_MAX];
	int n;
	struct term *term;
};

static void
unit_set(struct unit *u, const struct word *w)
{
	memcpy(u->s, w->s, w->n);
	u->n = w->n;
	u->wide = w->wide;
}

static int
take_word(void *ud, const struct word *w)
{
	struct tokens *k = ud;

	if (w->at >= UNITS_MAX)
		return 1;
	unit_set(&k->v[w->at], w);
	k->pair[w->at] = w->pair;
	if ((int)w->at >= k->n)
		k->n = (int)w->at + 1;
	if (!w->pair) {
		unit_set(&k->term->unit[w->at], w);
		k->term->n = k->n;
	}
	return 0;
}

static void
put_phrase(struct buf *out, const struct tokens *k)
{
	int n = k->n;

	/* The last character of a run is in the pair before it. */
	if (n > 1 && k->v[n - 1].wide && !k->pair[n - 1] && k->pair[n - 2])
		n--;
	for (int i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(out, ' ');
		buf_add(out, k->v[i].s, k->v[i].n);
	}
}

static void
add_term(struct query *q, const char *s, size_t n, struct term t)
{
	struct tokens k = { .n = 0 };
	struct term *to = &q->term[q->n];

	if (q->n == TERMS_MAX)
		return;
	*to = t;
	k.term = to;
	words_each(s, n, take_word, &k);
	if (k.n == 0)
		return;
	if (to->unit[to->n - 1].wide)
		to->open = false;
	put_phrase(&to->phrase, &k);
	q->n++;
	q->wanted += !to->excluded;
}

/* The length of a quotation mark at s, or 0. */
static size_t
quote(const char *s)
{
	if (*s == '"')
		return 1;
	if (strncmp(s, "“", 3) == 0 || strncmp(s, "”", 3) == 0 ||
	    strncmp(s, "„", 3) == 0)
		return 3;
	return strncmp(s, "«", 2) == 0 || strncmp(s, "»", 2) == 0 ? 2 : 0;
}

static const char *
take_term(struct query *q, const char *s, const char *end)
{
	struct term t = { .open = true };
	const char *from;
	size_t mark;

	if (*s == '-' && s + 1 < end && s[1] != ' ' && s[1] != '-') {
		t.excluded = true;
		s++;
	}
	mark = quote(s);
	from = s += mark;
	while (s < end && (mark ? !quote(s) : (unsigned char)*s > ' '))
		s++;
	if (mark) {
		t.whole = true;
		t.open = s == end;	/* still being typed */
	}
	add_term(q, from, (size_t)(s - from), t);
	return s < end ? s + (mark ? quote(s) : 1) : s;
}

void
query_parse(struct query *q, const char *text)
{
	const char *end = text + strnlen(text, QUERY_MAX);

	memset(q, 0, sizeof(*q));
	for (const char *s = text; s < end; ) {
		if ((unsigned char)*s <= ' ')
			s++;
		else
			s = take_term(q, s, end);
	}
}

void
query_free(struct query *q)
{
	for (int i = 0; i < q->n; i++)
		buf_free(&q->term[i].phrase);
}

/* ---- for FTS5 ---- */

static int
characters(const struct unit *u)
{
	int n = 0;

	for (uint32_t i = 0; i < u->n; i++)
		n += ((unsigned char)u->s[i] & 0xC0) != 0x80;
	return n;
}

/* May what is looked for be inside of a word? */
static bool
inside(const struct term *t)
{
	return t->n == 1 && !t->whole && !t->unit[0].wide &&
	    characters(&t->unit[0]) >= PART_MIN;
}

static void
put_word(struct buf *out, const char *s, size_t n, bool first)
{
	buf_puts(out, first ? "\"" : " OR \"");
	buf_add(out, s, n);
	buf_addc(out, '"');
}

/* The words that one typed word stands for; true: these are all. */
static bool
put_words(const struct term *t, const struct vocab *v, bool begins,
    struct buf *out)
{
	struct vocab_word w[WORDS_MAX];
	bool all;
	size_t n = vocab_find(v, t->unit[0].s, t->unit[0].n, begins, w,
	    WORDS_MAX, &all);

	/* It is among them, or there is none. */
	put_word(out, t->phrase.data, t->phrase.len, true);
	for (size_t i = 0; i < n; i++)
		put_word(out, w[i].s, w[i].n, false);
	return all;
}

static bool
put_term(const struct term *t, const struct vocab *v, enum tier tier,
    struct buf *out)
{
	const struct unit *last = &t->unit[t->n - 1];
	bool all = true;

	buf_addc(out, '(');
	if (tier != TIER_EXACT && t->open && t->n == 1 && !t->excluded) {
		all = put_words(t, v, tier == TIER_BEGIN || !inside(t), out);
	} else {
		put_word(out, t->phrase.data, t->phrase.len, true);
		if (tier != TIER_EXACT && t->open && t->n > 1 &&
		    !t->excluded && characters(last) > 1)
			buf_addc(out, '*');
	}
	buf_addc(out, ')');
	return all;
}

bool
query_match(const struct query *q, const struct vocab *v, enum tier tier,
    struct buf *out, unsigned *left_out)
{
	struct buf part[TERMS_MAX] = { 0 };
	unsigned common = 0, wanted = 0;
	bool any = false;

	*left_out = 0;
	for (int i = 0; i < q->n; i++) {
		if (!put_term(&q->term[i], v, tier, &part[i]))
			common |= 1u << i;
		if (!q->term[i].excluded)
			wanted |= 1u << i;
	}
	/* Those with too many words are looked for in what the others find. */
	if (common != wanted)
		*left_out = common;
	for (int pass = 0; pass < 2; pass++)
		for (int i = 0; i < q->n; i++) {
			if (q->term[i].excluded != pass ||
			    (*left_out >> i & 1))
				continue;
			if (any)
				buf_puts(out, pass ? " NOT " : " AND ");
			buf_add(out, part[i].data, part[i].len);
			any = true;
		}
	for (int i = 0; i < q->n; i++)
		buf_free(&part[i]);
	return q->wanted > 0;
}
