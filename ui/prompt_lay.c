/* prompt_lay.c -- where the text of the prompt stands. */
#include "prompt_lay.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "bidi.h"
#include "prompt_walk.h"
#include "utf8.h"
#include "width.h"

static struct walk
begin(const struct prompt_lay *l)
{
	return walk_begin(l->s, l->n, l->cols);
}

/* ---- a row in display order ---- */

struct item {
	size_t at;		/* its bytes begin here */
	size_t text, n;		/* its safe text, in the row's */
	int x, cols;		/* cols 0: where the cursor can be, no more */
	uint8_t level;
};

/* The paragraph that a row is of; kept for the rows that follow. */
struct para {
	bool known;
	size_t from, n;		/* bytes of the text */
	int dir;		/* 0 or 1 */
	uint8_t *level;		/* [n], where clusters begin; NULL: all 0 */
};

struct line {
	struct item *v;		/* in reading order */
	size_t n, cap;
	struct buf text;
	bool left;		/* it runs to the left */
	bool last;		/* of the text: its last item is the end */
	size_t *order;		/* [n] from the left: indices of v */
	struct para para;
};

static void
line_free(struct line *r)
{
	free(r->v);
	free(r->order);
	free(r->para.level);
	buf_free(&r->text);
}

static void
line_add(struct line *r, const struct item *it)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 128;
		r->v = xreallocarray(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->n++] = *it;
}

/* Where the line of the text that has byte at begins. */
static size_t
para_start(const struct prompt_lay *l, size_t at)
{
	while (at > 0 && l->s[at - 1] != '\n')
		at--;
	return at;
}

/* The safe text of a paragraph; for each of its bytes what keeps it apart
 * (pictures of controls run to the right); where (NULL: not wanted) has, for
 * each cluster by its first byte, its place in that. */
static void
para_text(const struct prompt_lay *l, const struct para *p, struct buf *text,
    struct buf *apart, size_t *where)
{
	struct buf one = { 0 };
	const char *s = l->s + p->from;
	size_t m;
	int cols;

	text_safe(text, s, p->n);
	if (p->n > 0 && text->len == p->n && memcmp(text->data, s, p->n) == 0) {
		/* Nearly all text is safe as it is. */
		for (size_t i = 0; i < p->n; i++) {
			buf_addc(apart, 0);
			if (where != NULL)
				where[i] = i;
		}
		return;
	}
	buf_clear(text);
	for (size_t i = 0; i < p->n; i += m) {
		bool same;

		m = cluster_next(s + i, p->n - i, &cols);
		buf_clear(&one);
		text_safe(&one, s + i, m);
		same = one.len == m && memcmp(one.data, s + i, m) == 0;
		if (where != NULL)
			where[i] = text->len;
		buf_add(text, one.data, one.len);
		for (size_t k = 0; k < one.len; k++)
			buf_addc(apart, same ? 0 : BIDI_LTR);
	}
	buf_free(&one);
}

static size_t
para_bytes(const struct prompt_lay *l, size_t from)
{
	const char *nl = memchr(l->s + from, '\n', l->n - from);

	return nl != NULL ? (size_t)(nl - l->s) - from : l->n - from;
}

/* The direction of the paragraph: its own, else that of the one before. */
static int
para_dir(const struct prompt_lay *l, const struct para *p)
{
	struct para q = *p;
	struct buf text = { 0 }, apart = { 0 };
	int dir;

	for (;;) {
		para_text(l, &q, &text, &apart, NULL);
		dir = bidi_dir(text.data, text.len,
		    (const uint8_t *)apart.data);
		buf_clear(&text);
		buf_clear(&apart);
		if (dir != BIDI_NONE || q.from == 0)
			break;
		q.from = para_start(l, q.from - 1);
		q.n = para_bytes(l, q.from);
	}
	buf_free(&text);
	buf_free(&apart);
	return dir == BIDI_NONE ? l->rtl : dir == 1;
}

static void
para_levels(const struct prompt_lay *l, struct para *p)
{
	struct buf text = { 0 }, apart = { 0 };
	size_t *where = xcalloc(p->n + 1, sizeof(*where));
	uint8_t *level;

	para_text(l, p, &text, &apart, where);
	level = xcalloc(text.len + 1, 1);
	bidi_levels(text.data, text.len, (const uint8_t *)apart.data, p->dir,
	    level);
	p->level = xcalloc(p->n + 1, 1);
	for (size_t i = 0; i < p->n; i++)
		p->level[i] = level[where[i]];
	free(level);
	free(where);
	buf_free(&text);
	buf_free(&apart);
}

/* Learn about the paragraph that has byte at, unless it is known. */
static void
para_at(const struct prompt_lay *l, struct para *p, size_t at)
{
	size_t from = para_start(l, at);

	if (p->known && p->from == from)
		return;
	free(p->level);
	*p = (struct para){ .known = true, .from = from,
	    .n = para_bytes(l, from) };
	if (!l->bidi || (!l->rtl && !bidi_any(l->s, l->n)))
		return;
	p->dir = para_dir(l, p);
	if (p->dir == 1 || bidi_any(l->s + from, p->n))
		para_levels(l, p);
}

/* Give the items of a row their columns, and the row its order. */
static void
line_turn(const struct prompt_lay *l, struct line *r)
{
	struct para *p = &r->para;
	uint8_t *level = xcalloc(r->n, 1);
	int sum = 0, x;

	para_at(l, p, r->v[0].at);
	r->left = p->dir == 1;
	for (size_t i = 0; i < r->n; i++) {
		struct item *it = &r->v[i];

		sum += it->cols;
		it->level = it->cols > 0 && p->level != NULL ?
		    p->level[it->at - p->from] : r->left;
		level[i] = it->level;
	}
	r->order = xreallocarray(r->order, r->n, sizeof(*r->order));
	bidi_order(level, r->n, r->order);
	free(level);
	x = r->left && l->cols > sum ? l->cols - sum : 0;
	for (size_t i = 0; i < r->n; i++) {
		struct item *it = &r->v[r->order[i]];

		it->x = x;
		if (it->cols == 0 && r->left)
			it->x = l->cols - sum > 0 ? l->cols - sum - 1 : 0;
		else if (x >= l->cols)
			it->x = l->cols - 1;
		x += it->cols;
	}
}

/* Row y, which begins at *w; *w moves on to where the next one does.  r is
 * zeroed or another row of the same text. */
static void
line_get(const struct prompt_lay *l, struct walk *w, int y, struct line *r)
{
	struct buf one = { 0 };
	struct walk before;
	int x, at;

	r->n = 0;
	r->last = false;
	buf_clear(&r->text);
	for (;;) {
		struct item it = { .at = w->at, .text = r->text.len };

		before = *w;
		it.cols = walk_next(w, &one, &x, &at);
		if (it.cols < 0) {
			/* Behind a full row the cursor waits on the next. */
			r->last = w->x < l->cols || r->n == 0;
			it.cols = 0;
			if (r->last)
				line_add(r, &it);
			break;
		}
		if (at != y) {
			*w = before;
			break;
		}
		if (it.cols > 0) {
			it.n = one.len;
			buf_add(&r->text, one.data, one.len);
		}
		line_add(r, &it);
		if (l->s[it.at] == '\n')
			break;
	}
	buf_free(&one);
	line_turn(l, r);
}

static void
line_at(const struct prompt_lay *l, int y, struct line *r)
{
	struct walk w = walk_row(begin(l), y);

	*r = (struct line){ 0 };
	line_get(l, &w, y, r);
}

/* The item of byte point: the last that begins there or before. */
static size_t
item_at(const struct line *r, size_t point)
{
	size_t i = r->n - 1;

	while (i > 0 && r->v[i].at > point)
		i--;
	return i;
}

/* ---- what is asked of it ---- */

/* Rows of the text; the row that has byte point, and where it begins. */
static int
measure(const struct prompt_lay *l, size_t point, int *cy, struct walk *from)
{
	struct walk w = begin(l), before = w, row = w;
	struct buf b = { 0 };
	bool found = false;
	int x, y, last = 0;

	for (; walk_next(&w, &b, &x, &y) >= 0; before = w) {
		if (y != last)
			row = before;
		last = y;
		if (found || point > before.at)
			continue;
		*cy = y;
		*from = row;
		found = true;
	}
	buf_free(&b);
	y = w.y + (w.x >= l->cols);	/* behind a full row: on the next */
	if (!found) {
		*cy = y;
		*from = y == last ? row : w;
		return y + 1;
	}
	return y > last && l->s[l->n - 1] != '\n' ? y : y + 1;
}

int
prompt_lay_rows(const struct prompt_lay *l, size_t point, int *cx, int *cy)
{
	struct walk w;
	int rows = measure(l, point, cy, &w);
	struct line r = { 0 };

	line_get(l, &w, *cy, &r);
	*cx = r.v[item_at(&r, point)].x;
	line_free(&r);
	return rows > *cy ? rows : *cy + 1;
}

static void
draw_item(struct grid *g, struct rect r, int y, const struct line *row,
    const struct item *it)
{
	const char *s = row->text.data + it->text;
	char other[4];
	uint32_t cp;
	size_t n = it->n;

	if (it->level & 1 && utf8_decode(s, n, &cp, NULL) == (int)n &&
	    bidi_mirror(cp) != cp) {
		n = (size_t)utf8_encode(bidi_mirror(cp), other);
		s = other;
	}
	grid_text(g, r.x + it->x, r.y + y, r.w - it->x, s, n, STYLE_PROMPT);
}

void
prompt_lay_draw(const struct prompt_lay *l, struct grid *g, struct rect r,
    int top)
{
	struct walk w = walk_row(begin(l), top);
	struct line row = { 0 };

	for (int y = 0; y < r.h && !row.last; y++) {
		line_get(l, &w, top + y, &row);
		for (size_t i = 0; i < row.n; i++)
			if (row.v[i].cols > 0)
				draw_item(g, r, y, &row, &row.v[i]);
	}
	line_free(&row);
}

size_t
prompt_lay_at(const struct prompt_lay *l, int x, int y)
{
	int rows, cy, best = -1;
	struct walk w;
	size_t at = 0;
	struct line r;

	rows = measure(l, l->n, &cy, &w);
	y = y < rows ? y : rows - 1;
	line_at(l, y > 0 ? y : 0, &r);
	for (size_t i = 0; i < r.n; i++) {
		const struct item *it = &r.v[i];
		int end = it->x + (it->cols > 0 ? it->cols - 1 : 0);
		int off = x < it->x ? it->x - x : x > end ? x - end : 0;

		if (best >= 0 && off >= best)
			continue;
		best = off;
		at = it->at;
	}
	line_free(&r);
	return at;
}

/* Where the cursor comes into a row: from the one before (fore) at its start,
 * else at its end. */
static size_t
enter_row(const struct prompt_lay *l, int y, bool fore)
{
	struct line r;
	size_t at;

	line_at(l, y, &r);
	at = r.v[r.order[fore != r.left ? 0 : r.n - 1]].at;
	line_free(&r);
	return at;
}

size_t
prompt_lay_beside(const struct prompt_lay *l, size_t point, int by)
{
	struct line r = { 0 };
	size_t i, k = 0, at = point;
	bool fore, last;
	struct walk w;
	int y;

	measure(l, point, &y, &w);
	line_get(l, &w, y, &r);
	i = item_at(&r, point);
	while (r.order[k] != i)
		k++;
	fore = (by > 0) != r.left;
	last = r.last;
	if (by > 0 ? k + 1 < r.n : k > 0)
		at = r.v[r.order[by > 0 ? k + 1 : k - 1]].at;
	else if (fore ? !last : y > 0)
		at = enter_row(l, fore ? y + 1 : y - 1, fore);
	line_free(&r);
	return at;
}
