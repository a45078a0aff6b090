/* transcript_mark.c -- which pieces of the rows in sight the search found. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "transcript_priv.h"
#include "width.h"

/* Lines of the pane that show rows of one unit. */
struct group {
	struct transcript *t;
	const struct block *b;
	size_t block, unit;
	size_t row;		/* of the unit, in line y */
	int y, n;
};

static void
mark_add(struct transcript *t, int y, size_t from, size_t to, bool current)
{
	if (from >= to)
		return;
	if (t->find.n == t->find.cap) {
		t->find.cap = t->find.cap ? t->find.cap * 2 : 16;
		t->find.v = xreallocarray(t->find.v, t->find.cap,
		    sizeof(*t->find.v));
	}
	t->find.v[t->find.n++] = (struct hit){ y, (uint32_t)from,
		(uint32_t)to, current };
}

static size_t
row_bytes(const struct row *row)
{
	size_t n = 0;

	for (int k = 0; k < row->n; k++)
		n += row->spans[k].n;
	return n;
}

static bool
is_current(const struct group *g, const struct spot *first)
{
	const struct transcript *t = g->t;

	return t->find.some && t->find.block == g->block &&
	    t->find.spot.row == first->row &&
	    t->find.spot.from == first->from;
}

/* ---- in the rows ---- */

static void
mark_rows(void *ud, const struct spot *first, const struct spot *last)
{
	struct group *g = ud;
	size_t head = unit_head(g->b, g->unit);

	for (size_t i = first->row; i <= last->row; i++) {
		const struct row *row = unit_row(g->b, g->unit, i + head);

		if (!row || i + head < g->row ||
		    i + head >= g->row + (size_t)g->n)
			continue;
		mark_add(g->t, g->y + (int)(i + head - g->row),
		    i == first->row ? first->from : 0,
		    i == last->row ? last->to : row_bytes(row),
		    is_current(g, first));
	}
}

static void
group_rows(struct group *g)
{
	size_t head = unit_head(g->b, g->unit);
	/* Hits may begin above the pane and end below it. */
	size_t more = (size_t)g->t->find.needle.n / 4 + 2;
	size_t from = g->row > head + more ? g->row - more : head;
	size_t to = g->row + (size_t)g->n + more;
	int cols = transcript_cols(g->t);
	const struct row *row;
	struct finder f;

	finder_init(&f, &g->t->find.needle);
	for (size_t i = from; i < to; i++) {
		size_t base = 0;

		row = unit_row(g->b, g->unit, i);
		if (!row)
			continue;
		for (int k = 0; k < row->n; k++) {
			finder_feed(&f, i - head, base, row->spans[k].text,
			    row->spans[k].n, mark_rows, g);
			base += row->spans[k].n;
		}
		finder_row(&f, row->cols == cols);
	}
}

/* ---- in the text ---- */

static void
mark_text(void *ud, const struct spot *first, const struct spot *last)
{
	struct group *g = ud;
	const struct part *p = &g->b->flow.v[g->unit];
	size_t head = unit_head(g->b, g->unit), n;
	const char *s = block_text(g->t, g->b, &n);
	struct flow_piece v;

	if (last->to <= p->from || first->from >= p->to)
		return;
	flow_piece_init(&v, &g->b->flow, s, g->unit, first->from, last->to);
	while (flow_piece_next(&v))
		if (v.row + head >= g->row &&
		    v.row + head < g->row + (size_t)g->n)
			mark_add(g->t, g->y + (int)(v.row + head - g->row),
			    v.from, v.to, is_current(g, first));
}

static void
group_text(struct group *g)
{
	const struct part *p = &g->b->flow.v[g->unit];
	size_t more = (size_t)g->t->find.needle.n * 4 + 16, n;
	const char *s = block_text(g->t, g->b, &n);
	size_t from = p->from > more ? p->from - more : 0;
	size_t to = p->to + more < n ? p->to + more : n;
	struct finder f;

	while (from > 0 && (s[from] & 0xC0) == 0x80)
		from--;
	finder_init(&f, &g->t->find.needle);
	finder_feed(&f, 0, from, s + from, to - from, mark_text, g);
}

static void
mark_group(struct group *g)
{
	if (block_is_md(g->b) || g->b->shape == SHAPE_LAST)
		group_rows(g);
	else if (g->b->shape != SHAPE_HEAD && g->unit < g->b->flow.n)
		group_text(g);
}

void
transcript_mark(struct transcript *t)
{
	t->find.n = 0;
	if (t->find.needle.n == 0 || t->n == 0)
		return;
	for (int y = 0, n; y < t->height && t->lines[y].shown; y += n) {
		const struct place *p = &t->lines[y].at;
		struct group g = { t, &t->v[p->block], p->block, p->unit,
			p->row, y, 0 };

		for (n = 1; y + n < t->height && t->lines[y + n].shown; n++)
			if (t->lines[y + n].at.block != p->block ||
			    t->lines[y + n].at.unit != p->unit)
				break;
		g.n = n;
		mark_group(&g);
	}
}
