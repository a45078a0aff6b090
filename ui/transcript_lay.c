/* transcript_lay.c -- which rows are in sight.  Heights are guessed until
 * somebody comes near; since the reader's place is a unit and a row of it, a
 * guess that turns out wrong moves nothing that is seen. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "transcript_priv.h"

#define KEEP_BYTES (4u << 20)	/* of laid out text, before some is let go */
#define KEEP_BLOCKS 50		/* around what is in sight */
#define KEEP_PARTS 16		/* of a long one */

bool
block_same_turn(const struct transcript *t, size_t a, size_t b)
{
	return a == b || (t->v[a].turn && t->v[a].turn == t->v[b].turn);
}

void
transcript_refresh(struct transcript *t, size_t block)
{
	if (block < t->placed)
		block_update(t, block, false);
	t->total = t->sums.total;
	t->seen = t->total;
}

static void
place_all(struct transcript *t, bool resized)
{
	sums_free(&t->sums);
	t->placed = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct block *b = &t->v[i];

		if (resized) {
			if (b->md)
				mdview_free(b->md);
			b->md = NULL;
			b->md_rows = NULL;
			b->md_len = (size_t)-1;
		}
		block_update(t, i, false);
		sums_push(&t->sums, b->rows);
		t->placed++;
	}
	if (resized)
		t->kept = 0;
}

/* Only under a reader who follows the end, and has not said otherwise. */
static void
fold_answered(struct transcript *t, struct turn *turn)
{
	if (t->fold_answered && t->follow && !t->solo && turn->fold < 0 &&
	    turn->thinking.len > 0 && turn->text.len > 0)
		turn->fold = VIEW_HIDDEN;
}

/* The blocks of a turn that is growing, or has just ended: near the end. */
static void
grow_turn(struct transcript *t, const struct turn *turn)
{
	for (size_t i = t->placed; turn && i > 0; i--) {
		struct block *b = &t->v[i - 1];

		if (b->turn && b->turn != turn)
			break;
		if (b->turn != turn)
			continue;
		if (b->kind == BLOCK_THINK && turn == t->live)
			fold_answered(t, b->turn);
		block_update(t, i - 1, true);
		/* The last one may have just begun. */
		if (block_units(b) > 1)
			block_lay(t, i - 1, block_units(b) - 2, true);
		block_lay(t, i - 1, block_units(b) - 1, true);
	}
}

static void
place_new(struct transcript *t)
{
	while (t->placed < t->n) {
		size_t i = t->placed;

		block_update(t, i, true);
		sums_push(&t->sums, t->v[i].rows);
		t->placed++;
	}
	if (t->was_live != t->live)
		grow_turn(t, t->was_live);
	grow_turn(t, t->live);
	t->was_live = t->live;
}

/* After a change of width: the same place of the same block, from where the
 * reader put it, so that going back and forth does not drift. */
static void
reanchor(struct transcript *t)
{
	struct place *p = &t->anchor;

	*p = t->home.at;
	if (p->block >= t->n || p->unit >= block_units(&t->v[p->block]))
		return;
	unit_lay(t, p->block, p->unit);
	t->home.now = unit_rows(&t->v[p->block], p->unit);
	if (t->home.width != t->width && t->home.rows > 0)
		p->row = (size_t)((double)(p->row * t->home.now) /
		    t->home.rows);
}

/* What the reader is in has become longer, as it does while it streams: so it
 * would be at the width where the reader chose the place. */
static void
home_grows(struct transcript *t)
{
	const struct place *p = &t->home.at;
	size_t rows;

	if (p->block >= t->n || p->unit >= block_units(&t->v[p->block]))
		return;
	rows = unit_rows(&t->v[p->block], p->unit);
	if (rows == t->home.now || rows == 0)
		return;
	if (t->home.now > 0)
		t->home.rows *= (double)rows / (double)t->home.now;
	t->home.now = rows;
}

/* Let go of what is far from sight; its height stays known. */
static void
release(struct transcript *t, const struct place *a, const struct place *z)
{
	for (size_t i = 0; i < t->n; i++) {
		struct block *b = &t->v[i];
		bool far = (i + KEEP_BLOCKS < a->block ||
		    i > z->block + KEEP_BLOCKS) && i + KEEP_BLOCKS < t->n;

		if (far && b->md) {
			mdview_free(b->md);
			b->md = NULL;
			b->md_rows = NULL;
		}
		for (size_t k = 0; k < b->flow.n; k++)
			if (far || ((k + KEEP_PARTS < a->unit ||
			    k > z->unit + KEEP_PARTS) &&
			    k + KEEP_PARTS < b->flow.n))
				flow_drop(&b->flow, k);
	}
	t->kept = 0;
}

/* The anchor may point where there is nothing any more. */
static struct place
anchored(struct transcript *t)
{
	struct place p = t->anchor, bottom = place_bottom(t);
	size_t rows;

	if (p.block >= t->n)
		p = (struct place){ t->n - 1, 0, 0 };
	if (p.unit >= block_units(&t->v[p.block]))
		p.unit = p.row = 0;
	unit_lay(t, p.block, p.unit);
	if (p.unit >= block_units(&t->v[p.block]))
		p.unit = p.row = 0;
	rows = unit_rows(&t->v[p.block], p.unit);
	if (p.row >= rows)
		p.row = rows > 0 ? rows - 1 : 0;
	return place_before(&bottom, &p) ? bottom : p;
}

/* What each row of the pane shows. */
static struct place
fill_lines(struct transcript *t, struct place p)
{
	struct place next;

	place_move(t, &p, 0);
	for (int y = 0; y < t->height; y++) {
		struct line *l = &t->lines[y];
		const struct block *b = &t->v[p.block];
		bool end = p.block + 1 == t->n && p.unit + 1 ==
		    block_units(b) && p.row + (size_t)b->gap >=
		    unit_rows(b, p.unit);

		*l = (struct line){ p, !end };
		if (end)
			continue;
		next = p;
		place_move(t, &next, 1);
		/* The last gap is nobody's. */
		if (!place_before(&p, &next))
			next.row++;
		p = next;
	}
	return p;
}

void
transcript_settle(struct transcript *t)
{
	struct place p, z;

	if (t->n == 0)
		return;
	if (t->height > t->lines_cap) {
		t->lines_cap = t->height;
		t->lines = xreallocarray(t->lines, (size_t)t->height,
		    sizeof(*t->lines));
	}
	p = t->follow ? place_bottom(t) : anchored(t);
	z = fill_lines(t, p);
	if (t->follow)
		t->anchor = p;
	t->total = t->sums.total - (size_t)t->v[t->n - 1].gap;
	t->top = place_row(t, &p);
	if (t->kept > KEEP_BYTES)
		release(t, &p, &z);
	transcript_mark(t);
}

void
transcript_layout(struct transcript *t, int w, int h)
{
	bool resized = w != t->width, all = resized || t->recount;

	t->width = w;
	t->height = h > 0 ? h : 0;
	if (all)
		place_all(t, resized);
	place_new(t);
	if (!t->follow && t->n > 0) {
		if (resized)
			reanchor(t);
		else
			home_grows(t);
	}
	if (all)
		transcript_find_again(t);
	transcript_settle(t);
	if (all)
		t->seen = t->total;
	t->recount = false;
}
