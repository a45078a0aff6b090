/* transcript_block.c -- one block of the transcript: its text, what is shown of
 * it, how high that is, and its rows once somebody is near. */
#include <string.h>

#include "i18n.h"
#include "transcript_priv.h"

#define TEXT_COLS_MAX 100	/* longer lines are tiring to read */
#define WIDE 40			/* from here on there are margins */

int
transcript_margin(const struct transcript *t)
{
	return t->solo ? t->width >= 3 : t->width >= WIDE ? 2 : t->width >= 3;
}

int
transcript_cols(const struct transcript *t)
{
	int w = t->width;
	int cols = w - transcript_margin(t) - (w >= WIDE && !t->solo ? 2 : 0);

	if (cols > TEXT_COLS_MAX)
		cols = TEXT_COLS_MAX;
	return cols < 1 ? 1 : cols;
}

enum think_view
think_view_of(const struct transcript *t, const struct turn *turn)
{
	return turn->fold < 0 ? t->view : (enum think_view)turn->fold;
}

const char *
block_end_mark(const struct turn *turn)
{
	switch (turn->end) {
	case DONE_CANCEL:
		return _("(stopped)");
	case DONE_OPEN:
	case DONE_LOST:
		return _("(cut off)");
	case DONE_LENGTH:
		return _("(stopped at the length limit)");
	case DONE_CONTEXT:
		return _("(stopped: the context is full)");
	case DONE_ERROR:
		return _("(failed)");
	case DONE_STOP:
		break;
	}
	return NULL;
}

bool
block_is_md(const struct block *b)
{
	return b->kind == BLOCK_ANSWER;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

const char *
block_text(const struct transcript *t, const struct block *b, size_t *n)
{
	const struct buf *text = !b->turn ? NULL :
	    b->kind == BLOCK_THINK ? &b->turn->thinking : &b->turn->text;
	const char *s = b->kind == BLOCK_NAME ? "" : text ? text->data :
	    b->note;
	size_t len = !s || b->kind == BLOCK_NAME ? 0 : text ? text->len :
	    strlen(s);
	size_t skip = 0, i;

	(void)t;
	while (len > 0 && is_blank(s[len - 1]))
		len--;
	for (i = 0; i < len && is_blank(s[i]); i++)
		if (s[i] == '\n')
			skip = i + 1;
	*n = len - skip;
	return s ? s + skip : "";
}

/* ---- units ---- */

size_t
block_units(const struct block *b)
{
	return b->shape == SHAPE_WHOLE && b->flow.n > 1 ? b->flow.n : 1;
}

static size_t
body_rows(const struct block *b)
{
	size_t n = block_is_md(b) ? b->md_n : b->flow.total;

	switch (b->shape) {
	case SHAPE_HEAD:
		return 0;
	case SHAPE_LAST:
		return n < BRIEF_ROWS ? n : BRIEF_ROWS;
	case SHAPE_FIRST:
		return n < FOLDED_ROWS ? n : FOLDED_ROWS;
	case SHAPE_WHOLE:
		break;
	}
	return n;
}

size_t
block_hidden(const struct block *b)
{
	size_t n = block_is_md(b) ? b->md_n : b->flow.total;

	return n - body_rows(b);
}

size_t
unit_head(const struct block *b, size_t unit)
{
	return unit == 0 ? (size_t)b->head : 0;
}

size_t
unit_rows(const struct block *b, size_t unit)
{
	size_t units = block_units(b), n;

	if (units == 1)
		return b->rows;
	n = unit_head(b, unit) + b->flow.v[unit].n;
	if (unit + 1 == units)
		n += (size_t)(b->more + b->mark + b->gap);
	return n;
}

/* The i-th of the last rows. */
static const struct row *
last_row(const struct block *b, size_t i)
{
	size_t back = body_rows(b) - i;

	for (size_t k = b->flow.n; k > 0; k--) {
		const struct rows *r = &b->flow.v[k - 1].rows;

		if (back <= r->n)
			return &r->v[r->n - back];
		back -= r->n;
	}
	return NULL;
}

const struct row *
unit_row(const struct block *b, size_t unit, size_t row)
{
	size_t head = unit_head(b, unit), i = row - head;
	const struct rows *r;

	if (row < head || (block_units(b) == 1 && i >= body_rows(b)))
		return NULL;
	if (block_is_md(b))
		return b->md_rows ? &b->md_rows->v[b->md_first + i] : NULL;
	if (b->shape == SHAPE_LAST)
		return last_row(b, i);
	if (unit >= b->flow.n)
		return NULL;
	r = &b->flow.v[unit].rows;
	return i < r->n ? &r->v[i] : NULL;
}

/* ---- a block ---- */

bool
block_long(struct transcript *t, struct block *b)
{
	(void)t;
	return b->kind == BLOCK_USER && (b->flow.n > 1 ||
	    b->flow.total > FOLD_ROWS);
}

static enum block_shape
shape_of(struct transcript *t, struct block *b)
{
	if (b->kind == BLOCK_USER)
		return b->turn->fold != VIEW_FULL && block_long(t, b) ?
		    SHAPE_FIRST : SHAPE_WHOLE;
	if (b->kind != BLOCK_THINK || t->solo)
		return SHAPE_WHOLE;
	if (t->away)
		return SHAPE_HEAD;
	switch (think_view_of(t, b->turn)) {
	case VIEW_HIDDEN:
		return SHAPE_HEAD;
	case VIEW_BRIEF:
		return SHAPE_LAST;
	case VIEW_FULL:
		break;
	}
	return SHAPE_WHOLE;
}

static void
shape_rows(struct transcript *t, struct block *b)
{
	bool some = b->kind == BLOCK_THINK ? b->turn->thinking.len > 0 : true;

	b->shape = shape_of(t, b);
	b->head = b->kind != BLOCK_NOTE && b->kind != BLOCK_ANSWER && some &&
	    !t->solo;
	b->more = b->shape == SHAPE_FIRST;
	b->mark = b->kind == BLOCK_ANSWER && b->turn != t->live &&
	    block_end_mark(b->turn);
	if (b->kind == BLOCK_ANSWER)
		b->gap = b->md_n > 0 || b->mark;
	else
		b->gap = b->kind != BLOCK_NAME && some && !t->solo;
	b->rows = some ? body_rows(b) + (size_t)(b->head + b->more + b->mark +
	    b->gap) : 0;
}

/* The number of rows may have changed: for good reasons (grown), or because
 * a guess was wrong, which is no new text. */
static void
resize(struct transcript *t, size_t i, bool grown)
{
	struct block *b = &t->v[i];
	size_t old = b->rows;

	shape_rows(t, b);
	if (i >= t->placed || b->rows == old)
		return;
	if (!grown && sums_before(&t->sums, i) < t->seen)
		t->seen += b->rows - old;
	sums_change(&t->sums, i, old, b->rows);
}

static int
text_cols_of(const struct transcript *t, const struct block *b)
{
	int cols = transcript_cols(t);

	/* The bar beside it. */
	if (b->kind == BLOCK_THINK && !t->solo)
		cols -= 2;
	return cols < 1 ? 1 : cols;
}

static enum style
text_style(const struct block *b)
{
	return b->kind == BLOCK_USER ? STYLE_USER :
	    b->kind == BLOCK_THINK ? STYLE_THINKING : b->style;
}

static bool
md_current(const struct transcript *t, const struct block *b, size_t n)
{
	return b->md_rows && b->md_len == n &&
	    b->md_done == (b->turn != t->live);
}

void
block_update(struct transcript *t, size_t i, bool grown)
{
	struct block *b = &t->v[i];
	size_t n;
	const char *s = block_text(t, b, &n);

	if (!block_is_md(b)) {
		flow_set(&b->flow, s, n, text_cols_of(t, b), text_style(b));
	} else if (!b->md_rows && b->md_len != n) {
		b->md_n = rows_guess(s, n, text_cols_of(t, b));
		b->md_len = n;
	}
	resize(t, i, grown);
}

static void
md_lay(struct transcript *t, struct block *b)
{
	size_t n;
	const char *s = block_text(t, b, &n);

	if (md_current(t, b, n))
		return;
	if (!b->md)
		b->md = mdview_new(STYLE_TEXT);
	b->md_done = b->turn != t->live;
	b->md_rows = mdview_rows(b->md, s, n, text_cols_of(t, b),
	    b->md_done);
	b->md_len = n;
	b->md_n = n ? b->md_rows->n : 0;
	b->md_first = 0;
	while (b->md_n > 0 && b->md_rows->v[b->md_n - 1].cols == 0)
		b->md_n--;
	while (b->md_n > 0 && b->md_rows->v[b->md_first].cols == 0) {
		b->md_first++;
		b->md_n--;
	}
}

/* Enough parts from the end for the last rows. */
static void
lay_last(struct block *b, const char *s)
{
	size_t rows = 0;

	for (size_t k = b->flow.n; k > 0 && rows < BRIEF_ROWS; k--)
		rows += flow_lay(&b->flow, s, k - 1);
}

/* Which side a thought begins at; known for good once it has two parts. */
static void
lay_side(struct block *b, const char *s)
{
	if (b->kind != BLOCK_THINK || b->flow.n == 0 ||
	    (b->flow.n > 1 && b->sided))
		return;
	flow_lay(&b->flow, s, 0);
	b->rtl = b->flow.v[0].rows.v[0].dir == ROW_RTL;
	b->sided = b->flow.n > 1;
}

void
block_lay(struct transcript *t, size_t i, size_t unit, bool grown)
{
	struct block *b = &t->v[i];
	size_t work = b->flow.work, md = b->md_rows ? b->md_len : 0, n;
	const char *s = block_text(t, b, &n);

	if (block_is_md(b)) {
		md_lay(t, b);
		work = b->md_len - (md < b->md_len ? md : b->md_len);
	} else {
		if (b->shape == SHAPE_LAST)
			lay_last(b, s);
		else if (b->shape != SHAPE_HEAD && unit < b->flow.n)
			flow_lay(&b->flow, s, unit);
		lay_side(b, s);
		work = b->flow.work - work;
	}
	t->work += work;
	t->kept += work;
	resize(t, i, grown);
}

void
unit_lay(struct transcript *t, size_t block, size_t unit)
{
	block_lay(t, block, unit, false);
}
