/* transcript.c -- blocks, their cached layout, and the place in them. */
#include "transcript.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "width.h"

#define TEXT_COLS_MAX 100	/* longer lines are tiring to read */
#define BRIEF_ROWS 3
#define WIDE 40			/* from here on there are margins */

static int
margin(int w)
{
	return w >= WIDE ? 2 : w >= 3 ? 1 : 0;
}

static int
text_width(int w)
{
	int cols = w - margin(w) - (w >= WIDE ? 2 : 0);

	if (cols > TEXT_COLS_MAX)
		cols = TEXT_COLS_MAX;
	return cols < 1 ? 1 : cols;
}

static size_t
block_height(const struct block *b)
{
	return b->head + b->count + b->mark + b->gap;
}

void
transcript_init(struct transcript *t, enum think_view view)
{
	memset(t, 0, sizeof(*t));
	t->view = view;
	t->follow = true;
}

static void
block_reset(struct block *b)
{
	rows_free(&b->rows);
	memset(&b->rows, 0, sizeof(b->rows));
	b->body = NULL;
	b->len = b->settled = b->settled_rows = 0;
}

void
transcript_done(struct transcript *t)
{
	for (size_t i = 0; i < t->n; i++) {
		block_reset(&t->v[i]);
		mdview_free(t->v[i].md);
		free(t->v[i].note);
	}
	free(t->v);
	t->v = NULL;
	t->n = t->cap = 0;
}

static struct block *
block_add(struct transcript *t, enum block_kind kind, struct turn *turn)
{
	struct block *b;

	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->v = xreallocarray(t->v, t->cap, sizeof(*t->v));
	}
	b = &t->v[t->n++];
	memset(b, 0, sizeof(*b));
	b->kind = kind;
	b->turn = turn;
	if (kind == BLOCK_ANSWER)
		b->md = mdview_new(STYLE_TEXT);
	return b;
}

void
transcript_add(struct transcript *t, struct turn *turn)
{
	if (turn->role == ROLE_USER) {
		block_add(t, BLOCK_USER, turn);
	} else if (turn->role == ROLE_ASSISTANT) {
		block_add(t, BLOCK_NAME, turn);
		block_add(t, BLOCK_THINK, turn);
		block_add(t, BLOCK_ANSWER, turn);
	}
	t->at = t->n ? t->n - 1 : 0;
}

void
transcript_note(struct transcript *t, enum style st, const char *text)
{
	struct block *b = block_add(t, BLOCK_NOTE, NULL);

	b->note = xstrdup(text);
	b->style = st;
}

void
transcript_load(struct transcript *t, const struct convo *c)
{
	struct transcript old = *t;
	struct turn **turns;
	size_t n = convo_branch(c, &turns);

	t->v = NULL;
	t->n = t->cap = t->at = 0;
	t->follow = true;
	for (size_t i = 0; i < n; i++)
		transcript_add(t, turns[i]);
	for (size_t i = 0; i < old.n; i++)
		if (old.v[i].kind == BLOCK_NOTE)
			transcript_note(t, old.v[i].style, old.v[i].note);
	transcript_done(&old);
	free(turns);
}

void
transcript_set_view(struct transcript *t, enum think_view v)
{
	t->view = v;
	t->recount = true;
}

bool
transcript_empty(const struct transcript *t)
{
	return t->n == 0;
}

/* ---- layout ---- */

/* Wrap text that only grows: rows up to the last newline are settled, only the
 * line behind it is wrapped again. */
static void
wrap_growing(struct block *b, const char *s, size_t n, int width,
    enum style st)
{
	bool known = b->body != NULL;
	size_t end;

	b->body = &b->rows;	/* which moved, if more blocks were added */
	if (known && n == b->len)
		return;
	b->len = n;
	rows_cut(&b->rows, b->settled_rows);
	for (end = n; end > b->settled && s[end - 1] != '\n'; end--)
		;
	if (end > b->settled) {
		/* Without its last newline, or an empty row would follow. */
		wrap_plain(&b->rows, s + b->settled, end - 1 - b->settled,
		    width, NULL, NULL, st);
		b->settled = end;
		b->settled_rows = b->rows.n;
	}
	if (end < n)
		wrap_plain(&b->rows, s + end, n - end, width, NULL, NULL, st);
}

/* Leading and trailing empty rows only push the text apart. */
static void
trim_rows(struct block *b)
{
	b->first = 0;
	b->count = b->body->n;
	while (b->count > 0 && b->body->v[b->count - 1].cols == 0)
		b->count--;
	while (b->first < b->count && b->body->v[b->first].cols == 0)
		b->first++;
	b->count -= b->first;
}

static enum think_view
think_view_of(const struct transcript *t, const struct turn *turn)
{
	return turn->fold < 0 ? t->view : (enum think_view)turn->fold;
}

static void
layout_think(struct transcript *t, struct block *b)
{
	const struct buf *text = &b->turn->thinking;
	enum think_view view = think_view_of(t, b->turn);
	int cols = text_width(t->width) - 2;

	b->head = b->gap = text->len > 0;
	b->count = 0;
	if (view == VIEW_HIDDEN || text->len == 0)
		return;
	wrap_growing(b, text->data, text->len, cols < 1 ? 1 : cols,
	    STYLE_THINKING);
	trim_rows(b);
	if (view == VIEW_BRIEF && b->count > BRIEF_ROWS) {
		b->first += b->count - BRIEF_ROWS;
		b->count = BRIEF_ROWS;
	}
}

static const char *
end_mark(const struct turn *turn)
{
	switch (turn->end) {
	case DONE_CANCEL:
		return "(stopped)";
	case DONE_OPEN:
	case DONE_LOST:
		return "(cut off)";
	case DONE_LENGTH:
		return "(stopped at the length limit)";
	case DONE_CONTEXT:
		return "(stopped: the context is full)";
	case DONE_ERROR:
		return "(failed)";
	case DONE_STOP:
		break;
	}
	return NULL;
}

static void
layout_answer(struct transcript *t, struct block *b)
{
	const struct turn *turn = b->turn;
	bool done = turn != t->live;

	b->count = 0;
	if (turn->text.len > 0) {
		b->body = mdview_rows(b->md, turn->text.data, turn->text.len,
		    text_width(t->width), done);
		trim_rows(b);
	}
	b->mark = done && end_mark(turn);
	b->gap = b->count > 0 || b->mark;
}

static void
layout_plain(struct transcript *t, struct block *b, const char *s, size_t n,
    enum style st)
{
	wrap_growing(b, s ? s : "", n, text_width(t->width), st);
	trim_rows(b);
	b->gap = 1;
}

static void
layout_block(struct transcript *t, struct block *b)
{
	switch (b->kind) {
	case BLOCK_USER:
		b->head = 1;
		layout_plain(t, b, b->turn->text.data, b->turn->text.len,
		    STYLE_USER);
		break;
	case BLOCK_NAME:
		b->head = 1;
		break;
	case BLOCK_THINK:
		layout_think(t, b);
		break;
	case BLOCK_ANSWER:
		/* Settled answers keep the layout they have. */
		layout_answer(t, b);
		break;
	case BLOCK_NOTE:
		layout_plain(t, b, b->note, strlen(b->note), b->style);
		break;
	}
}

static size_t
block_at(const struct transcript *t, size_t row)
{
	size_t lo = 0, hi = t->n;

	while (lo + 1 < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->v[mid].offset <= row)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static size_t
top_max(const struct transcript *t)
{
	size_t h = t->height > 0 ? (size_t)t->height : 0;

	return t->total > h ? t->total - h : 0;
}

static void
anchor_set(struct transcript *t)
{
	size_t b = block_at(t, t->top);

	t->seen = t->follow ? t->total : t->seen;
	t->anchor.block = b;
	t->anchor.row = t->top - t->v[b].offset;
	t->home.at = t->anchor;
	t->home.rows = block_height(&t->v[b]);
	t->home.width = t->width;
}

/* The reader chose this place: it is what resizing returns to. */
static void
place(struct transcript *t, size_t top)
{
	size_t max = top_max(t);

	if (top >= max) {
		t->follow = true;
		t->top = max;
		return;
	}
	t->top = top;
	anchor_set(t);
	t->follow = false;
}

/* After a change of width: the same place of the same block, from where the
 * reader put it, so that going back and forth does not drift. */
static void
reanchor(struct transcript *t)
{
	size_t h;

	t->anchor = t->home.at;
	if (t->home.width == t->width || t->home.rows == 0)
		return;
	h = block_height(&t->v[t->anchor.block]);
	t->anchor.row = t->home.at.row * h / t->home.rows;
}

void
transcript_layout(struct transcript *t, int w, int h)
{
	bool resized = w != t->width;
	size_t offset = 0, rows, row;

	t->width = w;
	t->height = h;
	for (size_t i = 0; i < t->n; i++) {
		struct block *b = &t->v[i];

		if (resized)
			block_reset(b);
		layout_block(t, b);
		b->offset = offset;
		offset += block_height(b);
	}
	/* The last blank row is nobody's. */
	t->total = offset > 0 && t->v[t->n - 1].gap ? offset - 1 : offset;
	if (t->recount || resized)
		t->seen = t->total;
	t->recount = false;
	if (t->follow || t->n == 0) {
		t->top = top_max(t);
		return;
	}
	if (resized)
		reanchor(t);
	rows = block_height(&t->v[t->anchor.block]);
	row = t->anchor.row;
	if (row >= rows)
		row = rows > 0 ? rows - 1 : 0;
	t->top = t->v[t->anchor.block].offset + row;
	if (t->top > top_max(t))
		t->top = top_max(t);
}

/* ---- drawing ---- */

static void
put_seconds(struct buf *out, int64_t ms)
{
	int64_t s = ms / 1000;

	if (s < 60)
		buf_printf(out, "%lld s", (long long)s);
	else
		buf_printf(out, "%lld min %02lld s", (long long)(s / 60),
		    (long long)(s % 60));
}

void
thinking_label(struct buf *out, const struct turn *t, bool live,
    int64_t now_ms)
{
	bool going = live && t->t_think_end == 0;
	int64_t end = going ? now_ms : t->t_think_end ? t->t_think_end : t->t_end;
	int64_t ms = t->t_first && end > t->t_first ? end - t->t_first : 0;
	const char *guided = t->guided ? " (guided)" : "";

	if (going) {
		buf_printf(out, "Thinking%s ", guided);
		put_seconds(out, ms);
	} else if (ms < 1000) {
		buf_printf(out, "Thought briefly%s", guided);
	} else {
		buf_printf(out, "Thought%s for ", guided);
		put_seconds(out, ms);
	}
	if (t->thinking_tokens > 0)
		buf_printf(out, " · %d token%s", t->thinking_tokens,
		    t->thinking_tokens == 1 ? "" : "s");
}

static void
draw_think_head(const struct transcript *t, const struct block *b,
    struct grid *g, int x, int y, int w, int64_t now_ms)
{
	enum think_view view = think_view_of(t, b->turn);
	struct buf s = { 0 };

	buf_puts(&s, view == VIEW_HIDDEN ? "▸ " : "▾ ");
	thinking_label(&s, b->turn, b->turn == t->live, now_ms);
	if (view == VIEW_BRIEF && b->first > 0 && b->body)
		buf_printf(&s, " · last %d of %zu lines", BRIEF_ROWS,
		    b->first + b->count);
	grid_text(g, x, y, w, s.data, s.len, STYLE_THINKING_HEAD);
	buf_free(&s);
}

static void
draw_head(const struct transcript *t, const struct block *b, struct grid *g,
    int x, int y, int w, int64_t now_ms)
{
	struct buf s = { 0 };
	const char *name;

	switch (b->kind) {
	case BLOCK_USER:
		grid_puts(g, x, y, w, "You", STYLE_USER_HEAD);
		break;
	case BLOCK_NAME:
		name = b->turn->model && *b->turn->model ? b->turn->model :
		    "Answer";
		text_safe(&s, name, strcspn(name, "\n"));
		grid_text(g, x, y, w, s.data, s.len, STYLE_ANSWER_HEAD);
		break;
	case BLOCK_THINK:
		draw_think_head(t, b, g, x, y, w, now_ms);
		break;
	default:
		break;
	}
	buf_free(&s);
}

static void
draw_row(const struct transcript *t, const struct block *b, size_t i,
    struct grid *g, struct rect r, int y, int64_t now_ms)
{
	int m = margin(r.w), x = r.x + m, w = text_width(r.w);

	if (i < (size_t)b->head) {
		draw_head(t, b, g, x, y, r.w - m, now_ms);
		return;
	}
	i -= b->head;
	if (i < b->count) {
		if (b->kind == BLOCK_THINK) {
			/* on the side where the thought begins */
			bool left = g->bidi && b->body->v[0].dir == ROW_RTL;

			grid_puts(g, left ? x + w - 1 : x, y, 1, "│",
			    STYLE_BORDER);
			x += left ? 0 : 2;
			w -= 2;
		}
		grid_row(g, x, y, w, &b->body->v[b->first + i]);
		return;
	}
	i -= b->count;
	if (i < (size_t)b->mark)
		grid_puts(g, x, y, w, end_mark(b->turn), STYLE_DIM);
}

static bool
same_turn(const struct transcript *t, size_t a, size_t b)
{
	return a == b || (t->v[a].turn && t->v[a].turn == t->v[b].turn);
}

/* Text has come below, or is there, while the reader is elsewhere. */
static void
draw_more(const struct transcript *t, struct grid *g, struct rect r)
{
	struct buf s = { 0 };
	size_t below = t->total - t->top - r.h;
	size_t fresh = t->total > t->seen ? t->total - t->seen : 0;
	size_t n = fresh ? fresh : below;
	int cols;

	buf_printf(&s, " ▼ %zu %s line%s ", n, fresh ? "new" : "more",
	    n == 1 ? "" : "s");
	cols = text_cols(s.data, s.len);
	if (cols > r.w)
		cols = r.w;
	grid_text(g, r.x + r.w - cols, r.y + r.h - 1, cols, s.data, s.len,
	    fresh ? STYLE_ACCENT : STYLE_DIM);
	buf_free(&s);
}

void
transcript_draw(const struct transcript *t, struct grid *g, struct rect r,
    bool focused, int64_t now_ms)
{
	size_t i, row, b;

	if (t->n == 0 || r.h <= 0 || r.w <= 0)
		return;
	b = block_at(t, t->top);
	for (int y = 0; y < r.h; y++) {
		row = t->top + y;
		if (row >= t->total)
			break;
		while (b + 1 < t->n && t->v[b + 1].offset <= row)
			b++;
		i = row - t->v[b].offset;
		draw_row(t, &t->v[b], i, g, r, r.y + y, now_ms);
		if (focused && same_turn(t, b, t->at) &&
		    (i < block_height(&t->v[b]) - t->v[b].gap ||
		    (b + 1 < t->n && same_turn(t, b, b + 1))))
			grid_puts(g, r.x, r.y + y, 1, "▎", STYLE_ACCENT);
	}
	/* A long thought keeps its header in sight. */
	b = block_at(t, t->top);
	i = t->top - t->v[b].offset;
	if (t->v[b].kind == BLOCK_THINK && i > 0 && i < t->v[b].count) {
		grid_fill(g, (struct rect){ r.x, r.y, r.w, 1 }, STYLE_TEXT);
		draw_row(t, &t->v[b], 0, g, r, r.y, now_ms);
	}
	if (!t->follow && t->top + r.h < t->total)
		draw_more(t, g, r);
}

/* ---- moving ---- */

/* The block at hand is one that can be seen. */
static void
keep_at_visible(struct transcript *t)
{
	size_t end = t->top + (t->height > 0 ? t->height : 1);
	const struct block *b;

	if (t->n == 0)
		return;
	if (t->at >= t->n)
		t->at = t->n - 1;
	b = &t->v[t->at];
	if (b->offset + block_height(b) <= t->top)
		t->at = block_at(t, t->top);
	else if (b->offset >= end)
		t->at = block_at(t, end - 1);
}

void
transcript_scroll(struct transcript *t, long rows)
{
	size_t top = t->top;

	if (t->n == 0)
		return;
	if (rows < 0)
		top = (size_t)-rows > top ? 0 : top + rows;
	else
		top += rows;
	place(t, top);
	keep_at_visible(t);
}

void
transcript_top(struct transcript *t)
{
	if (t->n == 0)
		return;
	place(t, 0);
	t->at = 0;
}

void
transcript_bottom(struct transcript *t)
{
	if (t->n == 0)
		return;
	place(t, t->total);
	t->at = t->n - 1;
}

static bool
starts_turn(const struct block *b)
{
	return b->kind == BLOCK_USER || b->kind == BLOCK_NAME;
}

void
transcript_jump(struct transcript *t, int dir)
{
	size_t i = t->at;

	if (t->n == 0)
		return;
	for (;;) {
		if (dir < 0 ? i == 0 : i + 1 >= t->n)
			return;
		i += dir;
		if (starts_turn(&t->v[i]) && !same_turn(t, i, t->at))
			break;
	}
	t->at = i;
	if (t->v[i].offset < t->top ||
	    t->v[i].offset + 1 >= t->top + (size_t)t->height)
		place(t, t->v[i].offset);
}

static struct block *
think_at_hand(struct transcript *t)
{
	if (t->n == 0)
		return NULL;
	for (size_t i = t->at; i < t->n; i++) {
		if (t->v[i].kind == BLOCK_THINK)
			return &t->v[i];
		if (i > t->at && t->v[i].kind == BLOCK_USER)
			break;
		if (t->v[i].kind == BLOCK_ANSWER && i > 0)
			return &t->v[i - 1];
	}
	return NULL;
}

struct turn *
transcript_fold(struct transcript *t, int v)
{
	struct block *b = think_at_hand(t);
	struct turn *turn;

	if (!b || b->turn->thinking.len == 0)
		return NULL;
	turn = b->turn;
	if (v < 0)
		v = think_view_of(t, turn) == VIEW_HIDDEN ? VIEW_FULL :
		    VIEW_HIDDEN;
	turn->fold = v;
	/* The viewport stays put, unless there is nothing below it. */
	if (t->follow)
		anchor_set(t);
	t->follow = false;
	t->recount = true;
	transcript_layout(t, t->width, t->height);
	place(t, t->top);
	return turn;
}

struct block *
transcript_hit(struct transcript *t, int y)
{
	size_t row = t->top + y;

	if (y < 0 || row >= t->total)
		return NULL;
	t->at = block_at(t, row);
	return &t->v[t->at];
}

struct turn *
transcript_at(const struct transcript *t)
{
	return t->at < t->n ? t->v[t->at].turn : NULL;
}
