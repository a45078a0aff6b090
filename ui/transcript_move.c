/* transcript_move.c -- places in the transcript, and going to them. */
#include <string.h>

#include "transcript_priv.h"

size_t
place_row(const struct transcript *t, const struct place *p)
{
	const struct block *b = &t->v[p->block];
	size_t row = sums_before(&t->sums, p->block) + p->row;

	if (p->unit > 0)
		row += (size_t)b->head + flow_before(&b->flow, p->unit);
	return row;
}

size_t
transcript_offset(const struct transcript *t, size_t block)
{
	return sums_before(&t->sums, block);
}

bool
place_before(const struct place *a, const struct place *b)
{
	if (a->block != b->block)
		return a->block < b->block;
	if (a->unit != b->unit)
		return a->unit < b->unit;
	return a->row < b->row;
}

/* Into the next unit that has rows, or the one before; false: none. */
static bool
next_unit(struct transcript *t, struct place *p)
{
	struct place q = *p;

	do {
		q.unit++;
		if (q.unit >= block_units(&t->v[q.block])) {
			q.unit = 0;
			if (++q.block >= t->n)
				return false;
		}
		unit_lay(t, q.block, q.unit);
	} while (unit_rows(&t->v[q.block], q.unit) == 0);
	q.row = 0;
	*p = q;
	return true;
}

static bool
previous_unit(struct transcript *t, struct place *p)
{
	struct place q = *p;

	do {
		if (q.unit == 0) {
			if (q.block == 0)
				return false;
			q.unit = block_units(&t->v[--q.block]);
		}
		q.unit--;
		unit_lay(t, q.block, q.unit);
	} while (unit_rows(&t->v[q.block], q.unit) == 0);
	q.row = unit_rows(&t->v[q.block], q.unit);
	*p = q;
	return true;
}

static void
move_up(struct transcript *t, struct place *p, size_t n)
{
	while (n > p->row) {
		n -= p->row;
		p->row = 0;
		if (!previous_unit(t, p))
			return;
	}
	p->row -= n;
}

static void
move_down(struct transcript *t, struct place *p, size_t n)
{
	size_t rows;

	unit_lay(t, p->block, p->unit);
	while (p->row + n >= (rows = unit_rows(&t->v[p->block], p->unit))) {
		size_t left = rows > p->row ? rows - p->row : 0;

		if (!next_unit(t, p)) {
			p->row = rows > 0 ? rows - 1 : 0;
			return;
		}
		n -= n < left ? n : left;
	}
	p->row += n;
}

void
place_move(struct transcript *t, struct place *p, long rows)
{
	if (rows < 0)
		move_up(t, p, 0 - (size_t)rows);
	else
		move_down(t, p, (size_t)rows);
}

struct place
place_bottom(struct transcript *t)
{
	struct block *b = &t->v[t->n - 1];
	struct place p = { t->n - 1, 0, 0 };

	p.unit = block_units(b) - 1;
	unit_lay(t, p.block, p.unit);
	if (p.unit >= block_units(b))
		p.unit = block_units(b) - 1;
	p.row = unit_rows(b, p.unit) - (size_t)b->gap;
	if (t->height > 0)
		move_up(t, &p, (size_t)t->height);
	return p;
}

void
transcript_go(struct transcript *t, struct place p)
{
	struct place bottom = place_bottom(t);

	if (t->follow)
		t->seen = t->total;
	t->follow = !place_before(&p, &bottom);
	if (!t->follow) {
		t->anchor = t->home.at = p;
		t->home.now = unit_rows(&t->v[p.block], p.unit);
		t->home.rows = (double)t->home.now;
		t->home.width = t->width;
	}
	transcript_settle(t);
}

static int
find_line(const struct transcript *t, const struct place *p)
{
	for (int y = 0; y < t->height && t->lines[y].shown; y++)
		if (!place_before(&t->lines[y].at, p))
			return place_before(p, &t->lines[y].at) ? -1 : y;
	return -1;
}

void
transcript_reveal(struct transcript *t, struct place p)
{
	int y = find_line(t, &p);

	/* The first row may be a header that stays, the last one says how
	 * much there is below. */
	if (y > 0 && y + 1 < t->height)
		return;
	place_move(t, &p, -(long)(t->height / 3));
	transcript_go(t, p);
}

/* The block at hand is one that can be seen. */
static void
keep_at_visible(struct transcript *t)
{
	size_t last = 0;

	if (t->at >= t->n)
		t->at = t->n - 1;
	for (int y = 0; y < t->height && t->lines[y].shown; y++) {
		last = t->lines[y].at.block;
		if (last == t->at)
			return;
	}
	if (t->height > 0 && t->lines[0].shown)
		t->at = t->at < t->lines[0].at.block ?
		    t->lines[0].at.block : last;
}

static struct place
first_place(const struct transcript *t)
{
	return t->height > 0 && t->lines[0].shown ? t->lines[0].at :
	    t->anchor;
}

/* Blocks may have been added since the last frame; false: there are none. */
static bool
ready(struct transcript *t)
{
	if (t->placed != t->n)
		transcript_layout(t, t->width, t->height);
	return t->n > 0;
}

void
transcript_scroll(struct transcript *t, long rows)
{
	struct place p;

	if (!ready(t))
		return;
	p = first_place(t);
	place_move(t, &p, rows);
	transcript_go(t, p);
	keep_at_visible(t);
}

void
transcript_top(struct transcript *t)
{
	if (!ready(t))
		return;
	unit_lay(t, 0, 0);
	transcript_go(t, (struct place){ 0 });
	t->at = 0;
}

void
transcript_bottom(struct transcript *t)
{
	if (!ready(t))
		return;
	t->follow = true;
	transcript_settle(t);
	t->at = t->n - 1;
}

void
transcript_go_turn(struct transcript *t, int turn, bool thought)
{
	size_t i = 0;

	if (!ready(t))
		return;
	while (i < t->n && (!t->v[i].turn || t->v[i].turn->id != turn ||
	    (t->v[i].kind == BLOCK_THINK) != thought ||
	    t->v[i].kind == BLOCK_NAME))
		i++;
	if (i == t->n)
		return;
	t->at = i;
	unit_lay(t, i, 0);
	transcript_go(t, (struct place){ i, 0, 0 });
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
	struct place p;
	int y;

	if (!ready(t))
		return;
	for (;;) {
		if (dir < 0 ? i == 0 : i + 1 >= t->n)
			return;
		i = dir < 0 ? i - 1 : i + 1;
		if (starts_turn(&t->v[i]) && !block_same_turn(t, i, t->at))
			break;
	}
	t->at = i;
	p = (struct place){ i, 0, 0 };
	y = find_line(t, &p);
	if (y >= 0 && y + 1 < t->height)
		return;
	unit_lay(t, i, 0);
	transcript_go(t, p);
}

/* What can be folded at hand: a long message, else the thought that belongs
 * to it or to its answer. */
static size_t
foldable(struct transcript *t)
{
	for (size_t i = t->at; i < t->n; i++) {
		struct block *b = &t->v[i];

		if (i == t->at && b->kind == BLOCK_USER) {
			unit_lay(t, i, 0);
			if (block_long(t, b))
				return i;
		}
		if (b->kind == BLOCK_THINK)
			return i;
		if (i > t->at && b->kind == BLOCK_USER)
			break;
		if (b->kind == BLOCK_ANSWER && i > 0)
			return i - 1;
	}
	return t->n;
}

struct turn *
transcript_fold(struct transcript *t, int v)
{
	struct block *b;
	struct place p;
	size_t i;

	if (!ready(t) || (i = foldable(t)) >= t->n)
		return NULL;
	b = &t->v[i];
	if (b->kind == BLOCK_THINK && b->turn->thinking.len == 0)
		return NULL;
	if (v < 0)
		v = b->kind == BLOCK_USER ? (b->shape == SHAPE_FIRST ?
		    VIEW_FULL : VIEW_HIDDEN) :
		    think_view_of(t, b->turn) == VIEW_HIDDEN ? VIEW_FULL :
		    VIEW_HIDDEN;
	b->turn->fold = v;
	/* The viewport stays put, unless what it began in is gone. */
	p = first_place(t);
	if (p.block == i)
		p.unit = p.row = 0;
	transcript_refresh(t, i);
	unit_lay(t, p.block, p.unit);
	transcript_go(t, p);
	return b->turn;
}

struct block *
transcript_hit(struct transcript *t, int y)
{
	if (y < 0 || y >= t->height || t->n == 0 || !t->lines[y].shown)
		return NULL;
	t->at = t->lines[y].at.block;
	return &t->v[t->at];
}

bool
transcript_is_head(const struct transcript *t, int y)
{
	const struct place *p;
	const struct block *b;

	if (y < 0 || y >= t->height || t->n == 0 || !t->lines[y].shown)
		return false;
	p = &t->lines[y].at;
	b = &t->v[p->block];
	if (b->kind == BLOCK_THINK)
		return y == 0 || (p->unit == 0 && p->row == 0);
	return b->kind == BLOCK_USER && (b->shape == SHAPE_FIRST ||
	    (p->unit == 0 && p->row == 0));
}

void
transcript_show(struct transcript *t, size_t block, size_t at)
{
	struct block *b;
	struct place p = { block, 0, 0 };
	const char *s;
	size_t n;

	if (!ready(t) || block >= t->n || block_is_md(&t->v[block]))
		return;
	b = &t->v[block];
	s = block_text(t, b, &n);
	if (b->shape == SHAPE_WHOLE && b->flow.n > 0) {
		p.unit = flow_find(&b->flow, s, at < n ? at : n, &p.row);
		unit_lay(t, block, p.unit);
		p.row += unit_head(b, p.unit);
		/* Below the header that stays. */
		if (!t->solo)
			place_move(t, &p, -1);
	}
	t->at = block;
	transcript_go(t, p);
}

size_t
transcript_byte(const struct transcript *t, size_t *block)
{
	int y = t->height > 1 && !t->solo;
	const struct place *p;
	const struct block *b;
	size_t n;
	const char *s;

	*block = t->n;
	if (t->n == 0 || t->height == 0 || !t->lines[y].shown)
		return 0;
	p = &t->lines[y].at;
	b = &t->v[p->block];
	*block = p->block;
	if (b->shape != SHAPE_WHOLE || p->unit >= b->flow.n)
		return 0;
	s = block_text(t, b, &n);
	return flow_byte(&b->flow, s, p->unit, p->row < unit_head(b, p->unit) ?
	    0 : p->row - unit_head(b, p->unit));
}

static bool
in_sight(const struct transcript *t, size_t block)
{
	for (int y = 0; y < t->height && t->lines[y].shown; y++)
		if (t->lines[y].at.block == block)
			return true;
	return false;
}

/* The answer that a block belongs to, or that follows its message. */
static struct turn *
answer_of(const struct transcript *t, size_t block)
{
	for (size_t i = block; i < t->n; i++) {
		const struct block *b = &t->v[i];

		if (b->turn && b->turn->role == ROLE_ASSISTANT)
			return b->turn;
		if (i > block && b->kind == BLOCK_USER)
			break;
	}
	return NULL;
}

struct turn *
transcript_turn(const struct transcript *t)
{
	struct turn *found = NULL;

	if (t->n == 0)
		return NULL;
	if (in_sight(t, t->at))
		found = answer_of(t, t->at);
	/* What streams may have nothing to see yet. */
	for (size_t i = t->n; !found && t->follow && t->live && i > 0; i--)
		if (t->v[i - 1].turn == t->live)
			found = t->v[i - 1].turn;
	for (int y = 0; !found && y < t->height && t->lines[y].shown; y++)
		found = answer_of(t, t->lines[y].at.block);
	for (size_t i = t->at; !found && i > 0; i--)
		if (t->v[i - 1].kind == BLOCK_ANSWER)
			found = t->v[i - 1].turn;
	return found;
}

struct turn *
transcript_at(const struct transcript *t)
{
	return t->at < t->n ? t->v[t->at].turn : NULL;
}
