/* transcript_find.c -- the search.  Hits are counted in the text, without any
 * layout; where text and rows differ (Markdown) the rows are right as soon as
 * there are some. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "i18n.h"
#include "transcript_priv.h"

/* A growing list of hits: bytes of a text, or spots of rows. */
struct hits {
	struct spot *first, *last;
	size_t n, cap;
};

static void
hits_add(void *ud, const struct spot *first, const struct spot *last)
{
	struct hits *h = ud;

	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 16;
		h->first = xreallocarray(h->first, h->cap, sizeof(*h->first));
		h->last = xreallocarray(h->last, h->cap, sizeof(*h->last));
	}
	h->first[h->n] = *first;
	h->last[h->n++] = *last;
}

static void
hits_free(struct hits *h)
{
	free(h->first);
	free(h->last);
}

static void
feed_row(struct finder *f, size_t i, const struct row *row, finder_fn *fn,
    void *ud)
{
	size_t base = 0;

	for (int k = 0; k < row->n; k++) {
		finder_feed(f, i, base, row->spans[k].text, row->spans[k].n,
		    fn, ud);
		base += row->spans[k].n;
	}
}

/* The hits in the rows of Markdown, from its from-th to before its to-th. */
static void
md_hits(const struct transcript *t, const struct block *b, size_t from,
    size_t to, struct hits *h)
{
	int cols = transcript_cols(t);
	struct finder f;

	finder_init(&f, &t->find.needle);
	for (size_t i = from; i < to && i < b->md_n; i++) {
		const struct row *row = &b->md_rows->v[b->md_first + i];

		feed_row(&f, i, row, hits_add, h);
		/* A full row ends in the middle of a word, most likely. */
		finder_row(&f, row->cols == cols);
	}
}

static void
text_hits(const struct transcript *t, const char *s, size_t from, size_t to,
    struct hits *h)
{
	struct finder f;

	finder_init(&f, &t->find.needle);
	finder_feed(&f, 0, from, s + from, to - from, hits_add, h);
}

static size_t
count(const struct transcript *t, const struct block *b)
{
	size_t n;
	const char *s = block_text(t, b, &n);

	return find_count(&t->find.needle, s, n);
}

/* Where the nth hit of a block is; false: nowhere in what is shown.  Makes
 * b->hits what it should be. */
static bool
locate(struct transcript *t, size_t block, size_t nth, struct place *p)
{
	struct block *b = &t->v[block];
	struct hits h = { 0 };
	size_t n;
	const char *s = block_text(t, b, &n);

	*p = (struct place){ block, 0, 0 };
	if (block_is_md(b)) {
		unit_lay(t, block, 0);
		md_hits(t, b, 0, b->md_n, &h);
		p->row = nth < h.n ? h.first[nth].row : 0;
	} else {
		text_hits(t, s, 0, n, &h);
		if (nth < h.n && b->shape == SHAPE_WHOLE) {
			p->unit = flow_find(&b->flow, s, h.first[nth].from,
			    &p->row);
			unit_lay(t, block, p->unit);
		}
		p->row += unit_head(b, p->unit);
	}
	if (nth < h.n)
		t->find.spot = h.first[nth];
	t->find.total += h.n - b->hits;
	b->hits = h.n;
	hits_free(&h);
	return nth < b->hits;
}

/* Unfold what the current hit is in. */
static void
unfold(struct transcript *t, struct block *b)
{
	t->find.turn = b->turn;
	t->find.unfolded = false;
	if (!b->turn || b->shape == SHAPE_WHOLE ||
	    (b->kind == BLOCK_THINK && t->away))
		return;
	b->turn->fold = VIEW_FULL;
	t->find.unfolded = true;
	transcript_refresh(t, (size_t)(b - t->v));
}

static bool
go(struct transcript *t, size_t block, size_t nth)
{
	struct place p;

	unfold(t, &t->v[block]);
	if (!locate(t, block, nth, &p))
		return false;
	t->find.block = block;
	t->find.nth = nth;
	t->find.some = true;
	t->at = block;
	transcript_reveal(t, p);
	transcript_mark(t);
	return true;
}

/* Find, from the first of a block on (or its last one, backwards), one that
 * can be gone to. */
static bool
go_near(struct transcript *t, size_t block, int dir)
{
	for (size_t k = 0; k <= t->n; k++) {
		struct block *b = &t->v[block];

		if (b->turn && b->turn == t->live)
			b->hits = count(t, b);
		if (b->hits > 0 && go(t, block, dir > 0 ? 0 : b->hits - 1))
			return true;
		/* Fewer in the rows than in the text. */
		if (b->hits > 0 && dir < 0 && go(t, block, b->hits - 1))
			return true;
		block = dir > 0 ? block + 1 : block + t->n - 1;
		block %= t->n;
	}
	t->find.some = false;
	return false;
}

static void
recount(struct transcript *t)
{
	t->find.total = 0;
	for (size_t i = 0; i < t->n; i++) {
		t->v[i].hits = count(t, &t->v[i]);
		t->find.total += t->v[i].hits;
	}
}

void
transcript_find_again(struct transcript *t)
{
	struct place p;

	if (t->find.some && t->find.block < t->n)
		locate(t, t->find.block, t->find.nth, &p);
}

/* Know what is looked for, and where it is; false: nothing to go to. */
static bool
look_for(struct transcript *t, const char *text)
{
	t->find.some = t->find.unfolded = false;
	t->find.turn = NULL;
	t->find.n = t->find.total = 0;
	if (!text || !needle_init(&t->find.needle, text)) {
		t->find.needle.n = 0;
		return false;
	}
	if (t->placed != t->n)
		transcript_layout(t, t->width, t->height);
	if (t->n == 0)
		return false;
	recount(t);
	return true;
}

bool
transcript_find_in(struct transcript *t, const char *text, int turn,
    bool thought)
{
	if (!look_for(t, text))
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].turn && t->v[i].turn->id == turn &&
		    (t->v[i].kind == BLOCK_THINK) == thought &&
		    t->v[i].hits > 0 && go(t, i, 0))
			return true;
	return false;
}

size_t
transcript_find(struct transcript *t, const char *text)
{
	size_t block, nth = 0, from;
	struct hits h = { 0 };
	const char *s;

	if (!look_for(t, text))
		return 0;
	from = transcript_byte(t, &block);
	if (block >= t->n)
		block = 0;
	/* In the first block in sight, not what is above. */
	if (from > 0 && t->v[block].hits > 0) {
		size_t n;

		s = block_text(t, &t->v[block], &n);
		text_hits(t, s, 0, n, &h);
		while (nth < h.n && h.first[nth].from < from)
			nth++;
		hits_free(&h);
		if (nth < t->v[block].hits && go(t, block, nth))
			return t->find.total;
		block = (block + 1) % t->n;
	}
	go_near(t, block, 1);
	return t->find.total;
}

bool
transcript_find_next(struct transcript *t, int dir)
{
	size_t block = t->find.block, nth = t->find.nth;

	t->find.unfolded = false;
	if (t->placed != t->n)
		transcript_layout(t, t->width, t->height);
	if (t->find.needle.n == 0 || t->n == 0)
		return false;
	if (!t->find.some || block >= t->n)
		return go_near(t, t->at < t->n ? t->at : 0, dir);
	if (dir > 0 && nth + 1 < t->v[block].hits && go(t, block, nth + 1))
		return true;
	if (dir < 0 && nth > 0 && go(t, block, nth - 1))
		return true;
	block = dir > 0 ? block + 1 : block + t->n - 1;
	return go_near(t, block % t->n, dir);
}

void
transcript_find_label(const struct transcript *t, struct buf *out)
{
	size_t before = 0;

	if (t->find.needle.n == 0)
		return;
	if (!t->find.some) {
		buf_puts(out, "0");
		return;
	}
	for (size_t i = 0; i < t->find.block; i++)
		before += t->v[i].hits;
	buf_printf(out, _("%zu of %zu"), before + t->find.nth + 1,
	    t->find.total);
}

void
transcript_find_like(struct transcript *t, const struct transcript *from,
    bool with)
{
	t->find.needle = from->find.needle;
	t->find.some = t->find.unfolded = false;
	if (t->find.needle.n > 0 && t->n > 0) {
		recount(t);
		if (with && from->find.some)
			go(t, 0, from->find.nth);
	}
	transcript_mark(t);
}
