/* cell.c -- drawing into the frame in memory. */
#include "cell.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "bidi.h"
#include "bidi_label.h"
#include "links.h"
#include "utf8.h"
#include "width.h"

#define LINKS_MAX 1000		/* of a frame; further ones lead nowhere */

static const struct cell blank = { .text = " ", .cols = 1,
	.style = STYLE_TEXT };

void
grid_init(struct grid *g, int w, int h)
{
	*g = (struct grid){ .bidi = true };
	grid_resize(g, w, h);
}

static void
forget_links(struct grid *g)
{
	for (int i = 0; i < g->n_links; i++)
		free(g->links[i].href);
	g->n_links = 0;
}

void
grid_done(struct grid *g)
{
	forget_links(g);
	free(g->links);
	free(g->cells);
	*g = (struct grid){ .cx = -1 };
}

void
grid_resize(struct grid *g, int w, int h)
{
	size_t n;

	forget_links(g);
	g->w = w > 0 ? w : 0;
	g->h = h > 0 ? h : 0;
	n = (size_t)g->w * (size_t)g->h;
	g->cells = xreallocarray(g->cells, n ? n : 1, sizeof(*g->cells));
	for (size_t i = 0; i < n; i++)
		g->cells[i] = blank;
	g->cx = g->cy = -1;
}

/* What is left of a wide character whose other half is gone. */
static void
orphan(struct cell *c)
{
	memcpy(c->text, " ", 2);
	c->cols = 1;
}

/* Write one cell; what it leaves of a wide character beside it is blanked. */
static void
set(struct cell *line, int w, int x, const struct cell *c)
{
	if (line[x].cols == 0 && x > 0 && line[x - 1].cols == 2)
		orphan(&line[x - 1]);
	if (line[x].cols == 2 && x + 1 < w && line[x + 1].cols == 0)
		orphan(&line[x + 1]);
	line[x] = *c;
}

int
grid_left(const struct grid *g, int x, int w)
{
	int64_t left = (int64_t)g->w - x - w;

	if (!g->mirror || !g->bidi)
		return x;
	return left < INT32_MIN ? INT32_MIN : (int)left;
}

void
grid_cursor(struct grid *g, int x, int y)
{
	g->cx = grid_left(g, x, 1);
	g->cy = y;
}

/* At columns of the screen. */
static void
fill(struct grid *g, struct rect r, enum style st)
{
	struct cell c = blank;
	int x0 = r.x > 0 ? r.x : 0, y0 = r.y > 0 ? r.y : 0;
	/* 64 bits: x + w may be more than an int */
	int64_t x1 = (int64_t)r.x + r.w, y1 = (int64_t)r.y + r.h;

	c.style = (uint8_t)st;
	if (x1 > g->w)
		x1 = g->w;
	if (y1 > g->h)
		y1 = g->h;
	if (x0 == 0 && y0 == 0 && x1 == g->w && y1 == g->h)
		forget_links(g);
	for (int y = y0; y < y1; y++)
		for (int x = x0; x < x1; x++)
			set(g->cells + (size_t)y * (size_t)g->w, g->w, x, &c);
}

void
grid_fill(struct grid *g, struct rect r, enum style st)
{
	r.x = grid_left(g, r.x, r.w);
	fill(g, r, st);
}

/* The picture of one cluster: a base and at most MARKS_MAX marks.  Text comes
 * here safe already; that a control ends up as U+FFFD is a second lock. */
static void
picture(struct cell *c, const char *s, size_t n, int cols, enum style st)
{
	size_t used = 0, len;
	uint32_t cp;
	int chars = 0;

	*c = (struct cell){ .cols = (uint8_t)cols, .style = (uint8_t)st };
	if (mark_next(s, n)) {
		used = (size_t)utf8_encode(0x25CC, c->text);
		chars = 1;
	}
	for (size_t i = 0; i < n && chars <= MARKS_MAX; i += len, chars++) {
		len = (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0))
			cp = UTF8_BAD;
		used += (size_t)utf8_encode(cp, c->text + used);
	}
}

/* Text as it comes. */
static int
put_text(struct grid *g, int x, int y, int w, const char *s, size_t n,
    enum style st)
{
	struct cell *line, c;
	size_t len;
	int cols, used = 0;

	if (y < 0 || y >= g->h || w <= 0)
		return 0;
	line = g->cells + (size_t)y * (size_t)g->w;
	for (size_t i = 0; i < n; i += len, used += cols) {
		int64_t at = (int64_t)x + used;

		len = cluster_next(s + i, n - i, &cols);
		if (used + cols > w || at >= g->w)
			break;
		if (at + cols <= 0)
			continue;
		picture(&c, s + i, len, cols, st);
		if (at < 0 || at + cols > g->w) {
			/* half of it is off the screen */
			c = blank;
			c.style = (uint8_t)st;
			set(line, g->w, at < 0 ? 0 : (int)at, &c);
			continue;
		}
		set(line, g->w, (int)at, &c);
		if (cols == 2) {
			/* not set(): its left half is the one just written */
			if (line[at + 1].cols == 2 && at + 2 < g->w &&
			    line[at + 2].cols == 0)
				orphan(&line[at + 2]);
			line[at + 1] = (struct cell){ .style = (uint8_t)st };
		}
	}
	return used;
}

/* ---- links ---- */

const char *
grid_href(const struct grid *g, uint32_t link)
{
	for (int i = 0; link != 0 && i < g->n_links; i++)
		if (g->links[i].key == link)
			return g->links[i].href;
	return NULL;
}

/* The number for an address in this frame; 0 where another has it. */
static uint32_t
add_link(struct grid *g, const char *href)
{
	uint32_t key = link_key(href);
	const char *have = grid_href(g, key);
	size_t n = (size_t)g->n_links;

	if (have != NULL)
		return strcmp(have, href) == 0 ? key : 0;
	if (n == LINKS_MAX)
		return 0;
	g->links = xreallocarray(g->links, n + 1, sizeof(*g->links));
	g->links[g->n_links++] = (struct grid_link){ key, xstrdup(href) };
	return key;
}

/* The cells x0..x1 of a row lead somewhere. */
static void
link_cells(struct grid *g, int x0, int x1, int y, const char *href)
{
	uint32_t key;

	if (y < 0 || y >= g->h)
		return;
	key = add_link(g, href);
	for (int x = x0 > 0 ? x0 : 0; x < x1 && x < g->w; x++)
		g->cells[(size_t)y * (size_t)g->w + (size_t)x].link = key;
}

/* ---- text in display order ---- */

/* One cluster of a row. */
struct glyph {
	const char *s;
	uint32_t n;
	int cols;
	uint8_t level;
	const struct span *span;
};

/* What keeps the bytes of a span apart: in a label names of keys are read as
 * they are typed; in code comments and strings are read as a whole. */
static void
span_kind(const struct span *sp, bool label, uint8_t *kind)
{
	if (!label)
		memset(kind, sp->style == STYLE_CODE_STRING ||
		    sp->style == STYLE_CODE_COMMENT, sp->n);
	else if (sp->style == STYLE_KEY && !bidi_any(sp->text, sp->n))
		memset(kind, BIDI_LTR, sp->n);
	else
		bidi_label(sp->text, sp->n, kind);
}

/* The levels of a row that nobody has given any; true if it runs to the
 * left. */
static bool
raw_levels(const struct row *row, uint8_t **level)
{
	struct buf text = { 0 };
	uint8_t *kind;
	size_t at = 0;
	int dir = row->dir == ROW_RTL || row->dir == ROW_LABEL;

	for (int i = 0; i < row->n; i++)
		buf_add(&text, row->spans[i].text, row->spans[i].n);
	*level = xmalloc(text.len + 1);
	kind = xcalloc(text.len + 1, 1);
	for (int i = 0; i < row->n; at += row->spans[i++].n)
		span_kind(&row->spans[i], row->dir == ROW_LABEL, kind + at);
	if (row->dir == ROW_AUTO)
		dir = bidi_dir(text.data, text.len, NULL) == 1;
	if (row->dir == ROW_CODE)
		bidi_code(text.data, text.len, kind, *level);
	else
		bidi_levels(text.data, text.len, row->dir == ROW_LABEL ? kind :
		    NULL, dir, *level);
	free(kind);
	buf_free(&text);
	return dir == 1;
}

/* The clusters of a row that fit in w columns, which are returned in *cols:
 * how many.  level: of each byte, or NULL for those of the spans. */
static size_t
glyphs(const struct row *row, int w, const uint8_t *level,
    struct glyph *v, int *cols)
{
	size_t n = 0, at = 0;

	*cols = 0;
	for (int i = 0; i < row->n; at += row->spans[i++].n) {
		const struct span *sp = &row->spans[i];

		for (size_t k = 0; k < sp->n; k += v[n++].n) {
			v[n].s = sp->text + k;
			v[n].n = (uint32_t)cluster_next(sp->text + k,
			    sp->n - k, &v[n].cols);
			if (*cols + v[n].cols > w)
				return n;
			*cols += v[n].cols;
			v[n].level = level ? level[at + k] : sp->level;
			v[n].span = sp;
		}
	}
	return n;
}

/* Room for the clusters of a row, and one more. */
static size_t
most_glyphs(const struct row *row, int w)
{
	size_t n = 1;

	for (int i = 0; i < row->n; i++)
		n += row->spans[i].n;
	return n < (size_t)w + 1 ? n : (size_t)w + 1;
}

static void
put_glyph(struct grid *g, int x, int y, const struct glyph *c, bool label)
{
	enum style st = (enum style)c->span->style;
	char turned[4];
	uint32_t cp = 0, other;

	if (c->level & 1 && utf8_decode(c->s, c->n, &cp, NULL) != (int)c->n)
		cp = 0;
	other = label && cp ? bidi_turned(bidi_mirror(cp)) : bidi_mirror(cp);
	if (cp != 0 && other != cp)
		put_text(g, x, y, c->cols, turned,
		    (size_t)utf8_encode(other, turned), st);
	else
		put_text(g, x, y, c->cols, c->s, c->n, st);
	if (c->span->href != NULL)
		link_cells(g, x, x + c->cols, y, c->span->href);
}

/* A row in display order, at the left or (if it runs so and edge is true) the
 * right edge of x..x+w; *at is where it begins.  Returns its columns. */
static int
put_turned(struct grid *g, int x, int y, int w, const struct row *row,
    bool edge, int *at)
{
	size_t max = most_glyphs(row, w), n;
	struct glyph *v = xcalloc(max, sizeof(*v));
	uint8_t *raw = NULL, *level = xmalloc(max);
	size_t *order = xcalloc(max, sizeof(*order));
	bool left = row->raw ? raw_levels(row, &raw) : row->dir == ROW_RTL;
	int cols;

	n = glyphs(row, w, raw, v, &cols);
	for (size_t i = 0; i < n; i++)
		level[i] = v[i].level;
	bidi_order(level, n, order);
	*at = x = left && edge ? x + w - cols : x;
	for (size_t i = 0; i < n; x += v[order[i++]].cols)
		put_glyph(g, x, y, &v[order[i]], row->dir == ROW_LABEL);
	free(v);
	free(raw);
	free(level);
	free(order);
	return cols;
}

int
grid_text(struct grid *g, int x, int y, int w, const char *s, size_t n,
    enum style st)
{
	struct row row = { 0 };
	int used;

	if (w <= 0 || !g->bidi || (!g->mirror && !bidi_any(s, n)))
		return put_text(g, x, y, w, s, n, st);
	row_put(&row, s, n, st);
	if (g->mirror) {
		row.dir = ROW_LABEL;
		row.raw = true;
		x = grid_left(g, x, w);
	}
	used = put_turned(g, x, y, w, &row, g->mirror, &x);
	row_free(&row);
	return used;
}

int
grid_puts(struct grid *g, int x, int y, int w, const char *s, enum style st)
{
	return grid_text(g, x, y, w, s, strlen(s), st);
}

int
grid_cut(struct grid *g, int x, int y, int w, const char *s, size_t n,
    enum style st)
{
	struct buf cut = { 0 };
	int used;

	if (w <= 0 || text_cols(s, n) <= w)
		return grid_text(g, x, y, w, s, n, st);
	buf_add(&cut, s, text_fit(s, n, w - 1, NULL));
	buf_puts(&cut, "…");
	used = grid_text(g, x, y, w, cut.data, cut.len, st);
	buf_free(&cut);
	return used;
}

static bool
turned(const struct row *row)
{
	if (row->raw || row->dir == ROW_RTL)
		return true;
	for (int i = 0; i < row->n; i++)
		if (row->spans[i].level != 0)
			return true;
	return false;
}

void
grid_row(struct grid *g, int x, int y, int w, const struct row *row)
{
	int used = 0, at;

	x = at = grid_left(g, x, w);
	if (w > 0 && g->bidi && turned(row))
		used = put_turned(g, x, y, w, row, true, &at);
	else for (int i = 0; i < row->n && used < w; i++) {
		const struct span *sp = &row->spans[i];
		int from = x + used;

		used += put_text(g, from, y, w - used, sp->text, sp->n,
		    (enum style)sp->style);
		if (sp->href != NULL)
			link_cells(g, from, x + used, y, sp->href);
	}
	if (row->fill && used < w)
		fill(g, (struct rect){ at > x ? x : x + used, y, w - used,
		    1 }, STYLE_CODE_BLOCK);
}

void
grid_label(struct grid *g, int x, int y, int w, const struct row *row)
{
	struct row label = { .fill = row->fill, .raw = true,
		.dir = ROW_LABEL };

	if (!g->mirror || !g->bidi) {
		grid_row(g, x, y, w, row);
		return;
	}
	row_copy(&label, row);
	grid_row(g, x, y, w, &label);
	row_free(&label);
}
