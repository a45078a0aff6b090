/* index_search.c -- finding and ranking.  Of what FTS5 finds, the newest few
 * hundred are looked at, first with the words as they were typed, then with
 * words that begin with them, then with words that have them inside: so a
 * word that is everywhere costs no more than one that is rare. */
#include "index_priv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "i18n.h"

#define LOOK_MIN 500		/* hits of a kind that are ranked */
#define SEEN_MAX 100		/* ... of those that have to be read */
#define READ_MAX (768u << 10)	/* bytes of text that are looked through for
				 * words that are too common */
#define TITLE_WEIGHT 30.0
#define TIER_WEIGHT 6.0

void
search_add(struct search *s, struct cand c)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 256;
		s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = c;
}

struct cand
search_cand(sqlite3_stmt *st, bool title, enum tier tier)
{
	int hits = sqlite3_column_int(st, 1);

	return (struct cand){ .row = sqlite3_column_int64(st, 0),
		.title = title, .tier = tier, .text = hits % 1000,
		.thinking = hits / 1000, .time = sqlite3_column_int64(st, 2),
		.convo = sqlite3_column_int64(st, 3),
		.turn = sqlite3_column_int(st, 4) };
}

/* ---- words that are too common to be asked for ---- */

/* The row of a candidate, to be reset; NULL: it is gone. */
static sqlite3_stmt *
row_of(struct search *s, const struct cand *c)
{
	sqlite3_stmt *st = index_stmt(s->ix, c->title ? Q_TITLE : Q_PART);

	if (!st)
		return NULL;
	sqlite3_bind_int64(st, 1, c->row);
	if (index_step(s->ix, st) > 0)
		return st;
	sqlite3_reset(st);
	return NULL;
}

static bool
has_terms(struct search *s, const struct cand *c, unsigned terms)
{
	sqlite3_stmt *st = row_of(s, c);
	unsigned there = 0;

	if (!st)
		return false;
	for (int i = c->title ? 2 : 5; i < (c->title ? 3 : 7); i++) {
		const void *p = sqlite3_column_text(st, i);
		size_t n = (size_t)sqlite3_column_bytes(st, i);

		there |= p ? query_terms(&s->q, p, n) : 0;
		s->read += n;
	}
	sqlite3_reset(st);
	return (there & terms) == terms;
}

/* ---- candidates ---- */

static void
run_tier(struct search *s, enum tier tier, bool titles, const char *match,
    unsigned left_out)
{
	sqlite3_stmt *st = index_stmt(s->ix, titles ? Q_FIND_TITLES :
	    Q_FIND_SAID);
	int seen = 0;

	if (!st)
		return;
	sqlite3_bind_text(st, 1, match, -1, SQLITE_STATIC);
	sqlite3_bind_int(st, 2, left_out ? 20 * s->look : s->look);
	while (s->read < READ_MAX && seen < SEEN_MAX &&
	    index_step(s->ix, st) > 0) {
		struct cand c = search_cand(st, titles, tier);

		if (left_out && !has_terms(s, &c, left_out))
			continue;
		search_add(s, c);
		seen += left_out != 0;
	}
	sqlite3_reset(st);
}

static void
find(struct search *s)
{
	struct buf match = { 0 }, last = { 0 };
	unsigned left_out;

	for (int tier = TIER_EXACT; tier >= TIER_PART; tier--) {
		buf_clear(&match);
		if (!query_match(&s->q, &s->ix->vocab, (enum tier)tier, &match,
		    &left_out))
			break;
		/* Nothing more to be found than before. */
		if (last.len == match.len && match.len > 0 &&
		    memcmp(last.data, match.data, match.len) == 0)
			continue;
		run_tier(s, (enum tier)tier, true, match.data, left_out);
		run_tier(s, (enum tier)tier, false, match.data, left_out);
		buf_clear(&last);
		buf_add(&last, match.data, match.len);
	}
	buf_free(&match);
	buf_free(&last);
}

/* ---- ranking ---- */

/* The same hit of several kinds: the best kind first. */
static int
by_row(const void *a, const void *b)
{
	const struct cand *x = a, *y = b;

	if (x->title != y->title)
		return x->title ? -1 : 1;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return (int)y->tier - (int)x->tier;
}

static void
unique(struct search *s)
{
	size_t n = 0;

	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), by_row);
	for (size_t i = 0; i < s->n; i++)
		if (n == 0 || s->v[i].row != s->v[n - 1].row ||
		    s->v[i].title != s->v[n - 1].title)
			s->v[n++] = s->v[i];
	s->n = n;
}

/* Titles weigh most, then how much of a word was typed, then how often it is
 * there; what was said lately breaks ties. */
static void
score(struct search *s)
{
	int64_t newest = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].time > newest)
			newest = s->v[i].time;
	for (size_t i = 0; i < s->n; i++) {
		struct cand *c = &s->v[i];
		double days = (double)(newest - c->time) / 86400000;
		double often = log2(1 + c->text + 0.3 * c->thinking);

		c->score = TITLE_WEIGHT * (c->title - c->across) +
		    TIER_WEIGHT * (int)c->tier +
		    (often > 4 ? 4 : often) + 1.5 / (1 + days / 30);
	}
}

static int
by_score(const void *a, const void *b)
{
	const struct cand *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	if (x->time != y->time)
		return x->time > y->time ? -1 : 1;
	return x->row > y->row ? -1 : x->row < y->row;
}

/* ---- what is shown of them ---- */

static char *
text_of(sqlite3_stmt *st, int i)
{
	const char *s = (const char *)sqlite3_column_text(st, i);

	return xstrdup(s ? s : "");
}

static void
set_id(struct index_hit *h, sqlite3_stmt *st)
{
	const char *id = (const char *)sqlite3_column_text(st, 0);

	if (id && strlen(id) < sizeof(h->id))
		memcpy(h->id, id, strlen(id) + 1);
}

static void
snip(struct search *s, struct index_hit *h, sqlite3_stmt *st, int column)
{
	const char *p = (const char *)sqlite3_column_text(st, column);
	size_t n = (size_t)sqlite3_column_bytes(st, column);

	index_snippet(h, &s->q, p ? p : "", p ? n : 0);
}

static void
show_title(struct search *s, sqlite3_stmt *st, struct index_hit *h)
{
	h->time = sqlite3_column_int64(st, 1);
	h->title = text_of(st, 2);
	snip(s, h, st, 2);
}

static void
show_said(struct search *s, sqlite3_stmt *st, const struct cand *c,
    struct index_hit *h)
{
	h->turn = sqlite3_column_int(st, 1);
	h->role = (enum role)sqlite3_column_int(st, 2);
	h->time = sqlite3_column_int64(st, 3);
	h->title = text_of(st, 4);
	h->where = c->text > 0 ? WHERE_TEXT : WHERE_THINKING;
	snip(s, h, st, c->text > 0 ? 5 : 6);
}

static bool
show_one(struct search *s, const struct cand *c, struct index_hit *h)
{
	sqlite3_stmt *st = row_of(s, c);

	if (!st)
		return false;
	set_id(h, st);
	if (c->title)
		show_title(s, st, h);
	else
		show_said(s, st, c, h);
	sqlite3_reset(st);
	return true;
}

/* A title is mostly the first message's beginning: one of both is enough. */
static bool
is_title_again(const struct search *s, const struct cand *c)
{
	for (size_t i = 0; i < s->n && c->turn == 1; i++)
		if (s->v[i].shown && s->v[i].convo == c->convo)
			return true;
	return false;
}

/* How many titles may stand before what was said. */
static size_t
titles_max(const struct search *s, size_t max)
{
	size_t others = 0, room;

	for (size_t i = 0; i < s->n; i++)
		others += !s->v[i].title;
	room = max > others ? max - others : 0;
	return room > (max + 2) / 3 ? room : (max + 2) / 3;
}

static size_t
show(struct search *s, size_t max, struct index_hit **out)
{
	size_t n = 0, titles = titles_max(s, max);

	*out = xcalloc(max + 1, sizeof(**out));
	for (size_t i = 0; i < s->n && n < max; i++) {
		struct cand *c = &s->v[i];
		struct index_hit *h = &(*out)[n];

		if (c->title ? titles == 0 : is_title_again(s, c))
			continue;
		h->score = c->score;
		if (!show_one(s, c, h))
			continue;
		titles -= c->title;
		c->shown = c->title;
		n++;
	}
	return n;
}

size_t
index_search(struct index *ix, const char *query, size_t max,
    struct index_hit **out)
{
	struct search s = { .ix = ix,
		.look = max > LOOK_MIN ? (int)max : LOOK_MIN };
	size_t n = 0;

	*out = NULL;
	query_parse(&s.q, query);
	if (s.q.wanted > 0 && index_vocab_load(ix) == 0) {
		find(&s);
		unique(&s);
		search_across(&s, max);
		score(&s);
		if (s.n > 1)
			qsort(s.v, s.n, sizeof(*s.v), by_score);
		n = show(&s, max, out);
	}
	free(s.v);
	query_free(&s.q);
	if (ix->broken) {
		index_db_reset(ix);
		index_scan(ix);
	}
	return n;
}

const char *
index_where(const struct index_hit *h)
{
	if (h->where == WHERE_TITLE)
		return _("title");
	if (h->where == WHERE_THINKING)
		return _("thinking");
	return h->role == ROLE_USER ? _("you") : h->role == ROLE_SYSTEM ?
	    _("system") : _("answer");
}

void
index_hits_free(struct index_hit *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].title);
		free(v[i].snippet);
		free(v[i].marks);
		free(v[i].found);
	}
	free(v);
}
