/* transcript_draw.c -- the lines of the transcript into the grid. */
#include <string.h>

#include "i18n.h"
#include "transcript_priv.h"
#include "width.h"

static void
put_seconds(struct buf *out, int64_t ms)
{
	int64_t s = ms / 1000;

	if (s < 60)
		buf_printf(out, _("%lld s"), (long long)s);
	else
		buf_printf(out, _("%lld min %02lld s"), (long long)(s / 60),
		    (long long)(s % 60));
}

static void
put_tokens(struct buf *out, int n)
{
	buf_printf(out, ngettext("%d token", "%d tokens", (unsigned long)n),
	    n);
}

void
thinking_label(struct buf *out, const struct turn *t, bool live,
    int64_t now_ms)
{
	bool going = live && t->t_think_end == 0;
	int64_t end = going ? now_ms : t->t_think_end ? t->t_think_end : t->t_end;
	int64_t ms = t->t_first && end > t->t_first ? end - t->t_first : 0;
	struct buf time = { 0 };

	put_seconds(&time, ms);
	if (going)
		buf_printf(out, t->guided ? _("Thinking (guided) %s") :
		    _("Thinking %s"), time.data);
	else if (ms < 1000)
		buf_puts(out, t->guided ? _("Thought briefly (guided)") :
		    _("Thought briefly"));
	else
		buf_printf(out, t->guided ? _("Thought (guided) for %s") :
		    _("Thought for %s"), time.data);
	if (t->thinking_tokens > 0) {
		buf_puts(out, " · ");
		put_tokens(out, t->thinking_tokens);
	}
	buf_free(&time);
}

void
transcript_put_budget(const struct transcript *t, const struct turn *turn,
    struct buf *out, int64_t now_ms)
{
	int64_t left;
	struct buf time = { 0 };

	if (turn != t->live || turn->t_think_end != 0)
		return;
	if (t->budget > 0 && turn->thinking_tokens <= t->budget)
		buf_printf(out, _(" · %d left"), t->budget -
		    turn->thinking_tokens);
	if (t->budget_ms <= 0)
		return;
	left = turn->t_first ? turn->t_first + t->budget_ms - now_ms :
	    t->budget_ms;
	put_seconds(&time, left > 0 ? left : 0);
	buf_printf(out, _(" · %s left"), time.data);
	buf_free(&time);
}

static void
draw_think_head(const struct transcript *t, const struct block *b,
    struct grid *g, int x, int y, int w, int64_t now_ms)
{
	struct buf s = { 0 };

	buf_puts(&s, b->shape == SHAPE_HEAD ? "▸ " : "▾ ");
	thinking_label(&s, b->turn, b->turn == t->live, now_ms);
	transcript_put_budget(t, b->turn, &s, now_ms);
	if (b->shape == SHAPE_LAST && block_hidden(b) > 0)
		buf_printf(&s, _(" · last %d of %zu lines"), BRIEF_ROWS,
		    b->flow.total);
	grid_text(g, x, y, w, s.data, s.len, STYLE_THINKING_HEAD);
	buf_free(&s);
}

static void
draw_name(const struct block *b, struct grid *g, int x, int y, int w)
{
	struct buf s = { 0 };
	const char *name = b->turn->model && *b->turn->model ?
	    b->turn->model : _("Answer");
	int used;

	if (b->kind == BLOCK_USER)
		name = _("You");
	text_safe(&s, name, strcspn(name, "\n"));
	used = grid_text(g, x, y, w, s.data, s.len, b->kind == BLOCK_USER ?
	    STYLE_USER_HEAD : STYLE_ANSWER_HEAD);
	buf_clear(&s);
	if (b->versions > 1)
		buf_printf(&s, " ‹%d/%d›", b->version, b->versions);
	if (b->turn->dropped)
		buf_printf(&s, " — %s —",
		    _("not in the model's context any more"));
	if (s.len > 0)
		grid_cut(g, x + used, y, w - used, s.data, s.len, STYLE_DIM);
	buf_free(&s);
}

static void
draw_head(const struct transcript *t, const struct block *b, struct grid *g,
    int x, int y, int w, int64_t now_ms)
{
	switch (b->kind) {
	case BLOCK_USER:
	case BLOCK_NAME:
		draw_name(b, g, x, y, w);
		break;
	case BLOCK_THINK:
		draw_think_head(t, b, g, x, y, w, now_ms);
		break;
	default:
		break;
	}
}

/* The row with what the search found standing out. */
static void
draw_marked(const struct transcript *t, struct grid *g, int x, int y, int w,
    const struct row *row, int line)
{
	struct row marked = { .fill = row->fill, .raw = row->raw,
		.dir = row->dir };

	row_copy(&marked, row);
	for (size_t j = 0; j < t->find.n; j++) {
		const struct hit *h = &t->find.v[j];

		if (h->y == line)
			row_style(&marked, h->from, h->to, h->current ?
			    STYLE_HIT_CURRENT : STYLE_HIT);
	}
	grid_row(g, x, y, w, &marked);
	row_free(&marked);
}

/* What the model does not see any more stands back. */
static void
draw_dropped(struct grid *g, int x, int y, int w, const struct row *row)
{
	struct row dim = { .fill = row->fill, .raw = row->raw,
		.dir = row->dir };

	row_copy(&dim, row);
	row_style(&dim, 0, (size_t)-1, STYLE_DIM);
	grid_row(g, x, y, w, &dim);
	row_free(&dim);
}

static void
draw_body(const struct transcript *t, struct grid *g, int x, int y, int w,
    const struct row *row, int line)
{
	const struct block *b = &t->v[t->lines[line].at.block];

	for (size_t j = 0; j < t->find.n; j++)
		if (t->find.v[j].y == line) {
			draw_marked(t, g, x, y, w, row, line);
			return;
		}
	if (b->turn && b->turn->dropped)
		draw_dropped(g, x, y, w, row);
	else
		grid_row(g, x, y, w, row);
}

static void
draw_more_row(const struct block *b, struct grid *g, int x, int y, int w)
{
	struct buf s = { 0 };
	size_t n = block_hidden(b);

	buf_printf(&s, ngettext("… %zu more line", "… %zu more lines",
	    (unsigned long)n), n);
	grid_text(g, x, y, w, s.data, s.len, STYLE_DIM);
	buf_free(&s);
}

static void
draw_line(const struct transcript *t, struct grid *g, struct rect r, int line,
    int64_t now_ms)
{
	const struct place *p = &t->lines[line].at;
	const struct block *b = &t->v[p->block];
	const struct row *row = unit_row(b, p->unit, p->row);
	int m = transcript_margin(t), x = r.x + m, y = r.y + line;
	int w = transcript_cols(t);
	size_t left;

	if (row) {
		if (b->kind == BLOCK_THINK && !t->solo) {
			/* On the side where the thought begins. */
			bool right = g->bidi && b->rtl != g->mirror;

			grid_puts(g, right ? x + w - 1 : x, y, 1, "│",
			    STYLE_BORDER);
			x += right ? 0 : 2;
			w -= 2;
		}
		draw_body(t, g, x, y, w, row, line);
		return;
	}
	if (p->row < unit_head(b, p->unit)) {
		draw_head(t, b, g, x, y, r.w - m, now_ms);
		return;
	}
	/* Counted from the end: what else there may be. */
	left = unit_rows(b, p->unit) - p->row - (size_t)b->gap;
	if (b->mark && left == 1)
		grid_puts(g, x, y, w, block_end_mark(b->turn), STYLE_DIM);
	if (b->more && left == 1)
		draw_more_row(b, g, x, y, w);
}

/* Text has come below, or is there, while the reader is elsewhere. */
static void
draw_more(const struct transcript *t, struct grid *g, struct rect r)
{
	struct buf s = { 0 };
	size_t below = t->total - t->top - (size_t)r.h;
	size_t fresh = t->total > t->seen ? t->total - t->seen : 0;
	size_t n = fresh ? fresh : below;
	int cols;

	buf_printf(&s, fresh ? ngettext(" ▼ %zu new line ",
	    " ▼ %zu new lines ", (unsigned long)n) :
	    ngettext(" ▼ %zu more line ", " ▼ %zu more lines ",
	    (unsigned long)n), n);
	cols = text_cols(s.data, s.len);
	if (cols > r.w)
		cols = r.w;
	grid_text(g, r.x + r.w - cols, r.y + r.h - 1, cols, s.data, s.len,
	    fresh ? STYLE_ACCENT : STYLE_DIM);
	buf_free(&s);
}

/* The bar beside the turn at hand. */
static bool
at_hand(const struct transcript *t, int line)
{
	const struct place *p = &t->lines[line].at;
	const struct block *b = &t->v[p->block];
	bool gap = p->unit + 1 == block_units(b) &&
	    p->row + (size_t)b->gap >= unit_rows(b, p->unit);

	return block_same_turn(t, p->block, t->at) && (!gap ||
	    (p->block + 1 < t->n && block_same_turn(t, p->block,
	    p->block + 1)));
}

/* A long thought keeps its header in sight. */
static void
draw_sticky(const struct transcript *t, struct grid *g, struct rect r,
    int64_t now_ms)
{
	const struct place *p = &t->lines[0].at;
	const struct block *b = &t->v[p->block];

	if (b->kind != BLOCK_THINK || t->solo || !t->lines[0].shown ||
	    !unit_row(b, p->unit, p->row))
		return;
	/* Not over its last row. */
	p = &t->lines[1].at;
	if (t->height < 2 || &t->v[p->block] != b ||
	    !unit_row(b, p->unit, p->row))
		return;
	grid_fill(g, (struct rect){ r.x, r.y, r.w, 1 }, STYLE_TEXT);
	draw_head(t, b, g, r.x + transcript_margin(t), r.y,
	    r.w - transcript_margin(t), now_ms);
}

void
transcript_draw(const struct transcript *t, struct grid *g, struct rect r,
    bool focused, int64_t now_ms)
{
	int y;

	if (t->n == 0 || r.h <= 0 || r.w <= 0)
		return;
	for (y = 0; y < r.h && y < t->height && t->lines[y].shown; y++) {
		draw_line(t, g, r, y, now_ms);
		if (focused && !t->solo && at_hand(t, y))
			grid_puts(g, r.x, r.y + y, 1, "▎", STYLE_ACCENT);
	}
	if (t->height > 0)
		draw_sticky(t, g, r, now_ms);
	if (!t->follow && y == r.h && t->top + (size_t)r.h < t->total)
		draw_more(t, g, r);
}
