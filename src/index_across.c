/* index_across.c -- words that are all in one conversation, but not in one turn:
 * one in the question, the other in its answer. */
#include "index_priv.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define LOOK 600		/* newest hits of each word */

struct part {
	struct cand c;
	int term;
};

struct parts { struct part *v; size_t n, cap; };

static void
add(struct parts *p, struct cand c, int term)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? 2 * p->cap : 512;
		p->v = xreallocarray(p->v, p->cap, sizeof(*p->v));
	}
	p->v[p->n++] = (struct part){ c, term };
}

/* Where one term is, and none of those excluded. */
static void
find_term(struct search *s, int term, bool titles, struct parts *out)
{
	sqlite3_stmt *st = index_stmt(s->ix, titles ? Q_FIND_TITLES :
	    Q_FIND_SAID);
	struct query one = { .n = 1, .wanted = 1 };
	struct buf match = { 0 };
	unsigned left_out;

	one.term[0] = s->q.term[term];
	for (int i = 0; i < s->q.n; i++)
		if (s->q.term[i].excluded)
			one.term[one.n++] = s->q.term[i];
	if (st && query_match(&one, &s->ix->vocab, TIER_PART, &match,
	    &left_out)) {
		sqlite3_bind_text(st, 1, match.data, -1, SQLITE_STATIC);
		sqlite3_bind_int(st, 2, LOOK);
		while (index_step(s->ix, st) > 0)
			add(out, search_cand(st, titles, TIER_PART), term);
		sqlite3_reset(st);
	}
	buf_free(&match);
}

/* The best of each conversation first. */
static int
by_convo(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->c.convo != y->c.convo)
		return x->c.convo < y->c.convo ? -1 : 1;
	if (x->c.title != y->c.title)
		return x->c.title ? 1 : -1;
	if (x->c.text + x->c.thinking != y->c.text + y->c.thinking)
		return x->c.text + x->c.thinking > y->c.text +
		    y->c.thinking ? -1 : 1;
	return x->c.row > y->c.row ? -1 : x->c.row < y->c.row;
}

static bool
is_found(const struct search *s, size_t n, int64_t convo)
{
	for (size_t i = 0; i < n; i++)
		if (s->v[i].convo == convo)
			return true;
	return false;
}

void
search_across(struct search *s, size_t max)
{
	struct parts p = { 0 };
	unsigned wanted = 0, there = 0;
	size_t n = s->n, first = 0;

	if (s->q.wanted < 2 || n >= max)
		return;
	for (int i = 0; i < s->q.n; i++) {
		if (s->q.term[i].excluded)
			continue;
		wanted |= 1u << i;
		find_term(s, i, true, &p);
		find_term(s, i, false, &p);
	}
	if (p.n > 1)
		qsort(p.v, p.n, sizeof(*p.v), by_convo);
	for (size_t i = 0; i < p.n; i++) {
		if (p.v[i].c.convo != p.v[first].c.convo) {
			first = i;
			there = 0;
		}
		there |= 1u << p.v[i].term;
		if (there != wanted || p.v[first].c.across ||
		    p.v[first].c.title ||
		    is_found(s, n, p.v[first].c.convo))
			continue;
		p.v[first].c.across = true;
		search_add(s, p.v[first].c);
	}
	free(p.v);
}
