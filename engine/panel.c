/* panel.c -- see panel.h. */
#include "panel.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "kern_tiles.h"
#include "lane_store.h"
#include "num.h"

#define FILL_ROWS 8		/* rows in a chunk */
#define PIECE 1024		/* values put into 8 bits at once */

/* On tiles a panel is this long: with 32 vectors it fits an L1 cache of 48
 * KiB, so that only vectors come from the next one.  Several panels of that
 * length are multiplied before the next values, for which the vectors stay in
 * the L2 cache. */
#define PART 10			/* groups, at most */
#define STRIP 128		/* rows */

/* ---- vectors ---- */

/* A group's vectors, 64 bytes each, begin half of 4 KiB off those of the group
 * before, so that they do not meet in the same lines of the L1 cache. */
static struct bf16_rows
new_bf16(int rows, int groups)
{
	int64_t ld = round_up(rows + 15 - 31, 64) + 32;
	size_t bytes = (size_t)groups * (size_t)ld * ACT_GROUP *
	    sizeof(uint16_t);

	return (struct bf16_rows){ ld, aligned_alloc(64, bytes) };
}

int
act_rows_init(struct act_rows *a, const struct kern *kn, int rows, int width)
{
	int groups = pieces(width, ACT_GROUP);
	size_t n = (size_t)rows * (size_t)groups;

	if (kn->tiles) {
		*a = (struct act_rows){ .bf = new_bf16(rows, groups) };
		return a->bf.v ? 0 : -1;
	}
	*a = (struct act_rows){ .q = malloc(n * ACT_GROUP),
		.d = malloc(n * sizeof *a->d),
		.sum = malloc(n * 2 * sizeof *a->sum) };
	return a->q && a->d && a->sum ? 0 : -1;
}

int
act_rows_refine(struct act_rows *a, const struct kern *kn, int rows, int width)
{
	a->rest = xcalloc(1, sizeof *a->rest);
	a->twice = calloc(((size_t)width + ACT_GROUP - 1) / ACT_GROUP,
	    sizeof *a->twice);
	return act_rows_init(a->rest, kn, rows, width) == 0 && a->twice ? 0 : -1;
}

void
act_rows_done(struct act_rows *a)
{
	if (a->rest)
		act_rows_done(a->rest);
	free(a->rest);
	free(a->twice);
	free(a->q);
	free(a->d);
	free(a->sum);
	free(a->bf.v);
	*a = (struct act_rows){ 0 };
}

struct act_rows
act_rows_from(const struct act_rows *a, int row)
{
	int64_t at = a->n * row;

	if (a->bf.v)
		return (struct act_rows){ .n = a->n, .bf = { a->bf.ld,
			a->bf.v + (int64_t)row * ACT_GROUP } };
	return (struct act_rows){ .n = a->n, .q = a->q + at,
		.d = a->d + at / ACT_GROUP, .sum = a->sum + at / 16 };
}

struct fill {
	struct act_rows *a;
	const struct kern *kn;
	const float *x;
	int rows;
	void (*row)(const struct fill *j, int row);
};

/* n values f, in 8 bits, as those from `at` on of one row. */
static void
fill_piece(const struct kern *kn, const float *f, int64_t n,
    const struct act_rows *to, int64_t at)
{
	int16_t sum[PIECE / 16];
	struct act x = { .n = n, .f = f, .q = to->q + at,
		.d = to->d + at / ACT_GROUP, .sum = sum };

	kn->quantize(&x);
	for (int64_t i = 0; i < n / 16; i++)
		to->sum[at / 16 + i] = sum[i];
}

static void
fill_row(const struct fill *j, int row)
{
	struct act_rows to = act_rows_from(j->a, row);

	if (j->kn->tiles) {
		j->kn->tiles->to_bf16(to.bf.v, to.bf.ld * ACT_GROUP,
		    j->x + row * to.n, to.n / ACT_GROUP);
		return;
	}
	for (int64_t at = 0; at < to.n; at += PIECE)
		fill_piece(j->kn, j->x + row * to.n + at, to.n - at < PIECE ?
		    to.n - at : PIECE, &to, at);
}

/* What rounding took from the groups that are chosen, side by side. */
static void
fill_rest_row(const struct fill *j, int row)
{
	struct act_rows a = act_rows_from(j->a, row);
	struct act_rows rest = act_rows_from(j->a->rest, row);
	const float *f = j->x + row * a.n;
	float left[ACT_GROUP];

	for (int64_t g = 0, at = 0; g < a.n / ACT_GROUP; g++) {
		if (!j->a->twice[g])
			continue;
		for (int64_t i = 0; i < ACT_GROUP; i++)
			left[i] = f[g * ACT_GROUP + i] - a.d[g] *
			    (float)a.q[g * ACT_GROUP + i];
		fill_piece(j->kn, left, ACT_GROUP, &rest, at);
		at += ACT_GROUP;
	}
}

static void
fill_chunk(void *ud, int chunk, int worker)
{
	const struct fill *j = ud;

	(void)worker;
	for (int r = chunk * FILL_ROWS; r < j->rows &&
	    r < (chunk + 1) * FILL_ROWS; r++)
		j->row(j, r);
}

/* Rounding a value of a group is off by d / sqrt(12) on average.  Groups with
 * no more than an average share of all that noise may keep it. */
static void
choose_groups(struct act_rows *a, int rows)
{
	int groups = (int)(a->n / ACT_GROUP);
	float *noise = xcalloc((size_t)groups, sizeof *noise), all = 0.0f;
	int n = 0;

	for (int i = 0; i < rows * groups; i++)
		noise[i % groups] += a->d[i] * a->d[i];
	for (int g = 0; g < groups; g++)
		all += noise[g];
	for (int g = 0; g < groups; g++) {
		a->twice[g] = !(noise[g] * (float)groups <= all);
		n += a->twice[g];
	}
	a->rest->n = n * ACT_GROUP;
	free(noise);
}

bool
act_rows_fill(struct act_rows *a, struct pool *pool, const struct kern *kn,
    const float *x, int rows, int width)
{
	struct fill j = { a, kn, x, rows, fill_row };
	int chunks = (rows + FILL_ROWS - 1) / FILL_ROWS;

	a->n = width;
	if (!pool_each(pool, chunks, fill_chunk, &j))
		return false;
	if (!a->rest)
		return true;
	choose_groups(a, rows);
	j.row = fill_rest_row;
	return pool_each(pool, chunks, fill_chunk, &j);
}

bool
panel_takes(const struct kern *kn, enum ttype t)
{
	return kn->tile && ttype_info(t)->block > 1;
}

/* ---- in 8 bits ---- */

/* What rounding took from groups first .. first + groups - 1 times a panel,
 * whose groups that are not chosen are lost.  Of the chosen ones *done were
 * before. */
static void
add_rest(const struct kern *kn, enum ttype t, struct panel_group *p,
    int groups, const struct act_rows *x, int64_t first, int rows, float *out,
    int ld, int64_t *done)
{
	int n = 0;

	for (int g = 0; g < groups; g++) {
		if (!x->twice[first + g])
			continue;
		if (n < g)
			p[n] = p[g];
		n++;
	}
	if (n > 0)
		kn->tile(t, p, n, x->rest, *done, rows, out, ld);
	*done += n;
}

/* Up to 16 rows of the matrix, all of their length: out[rows][ld], 16 wide. */
static void
one_panel(const struct kern *kn, const struct weight *w, int r, int n,
    const struct act_rows *x, int rows, struct panel_group *p, float *out,
    int ld)
{
	const uint8_t *row = w->data + (int64_t)r * w->row_bytes;
	int groups = w->in / ACT_GROUP;
	int64_t done = 0;

	for (int i = 0; i < rows; i++)
		memset(out + (size_t)i * (size_t)ld, 0,
		    PANEL_ROWS * sizeof *out);
	for (int g = 0; g < groups; g += PANEL_GROUPS) {
		int k = min_int(groups - g, PANEL_GROUPS);

		if (w->lanes && kn->pack_lanes)
			kn->pack_lanes(w->type, lane_rows(kn, w, r), g, k, p);
		else
			kn->pack(w->type, row + ttype_row_bytes(w->type,
			    (int64_t)g * ACT_GROUP), w->row_bytes, n, k, p);
		kn->tile(w->type, p, k, x, g, rows, out, ld);
		if (x->rest)
			add_rest(kn, w->type, p, k, x, g, rows, out, ld,
			    &done);
	}
}

/* ---- on tiles ---- */

/* Some rows of a matrix: those in whole halves of panels go to out, the others
 * by way of last[rows][16]. */
struct strip {
	const struct kern *kn;
	const struct weight *w;
	int r, n;
	const struct act_rows *x;
	int rows;
	struct panel_group *p;		/* [PART] */
	uint8_t *panel;			/* of all rows, and one more */
	float *last, *out;
	int ld;
};

/* Of row i, a multiple of 16, in the strip; the last rows, where they are
 * fewer, have a panel of their own. */
static uint8_t *
panel_of(const struct strip *s, int i, int groups)
{
	if (s->n - i < PANEL_ROWS)
		i = round_up(i, TILE_ROWS);
	return s->panel + (size_t)(i / TILE_ROWS) * TILE_PANEL_BYTES(groups);
}

/* Groups g .. g + k - 1 of all rows as panels, from rows in lanes: all of
 * these are whole sixteens. */
static void
panels_of_lanes(const struct strip *s, int g, int k)
{
	for (int i = 0; i < s->n; i += LANES)
		s->kn->tiles->from_lanes(s->w->type, lane_rows(s->kn, s->w,
		    s->r + i), g, k, i / LANES % 2, panel_of(s, i, k));
}

/* The same from rows as they lie in the file. */
static void
panels_of_rows(const struct strip *s, int g, int k)
{
	enum ttype t = s->w->type;
	const uint8_t *row = s->w->data + (int64_t)s->r * s->w->row_bytes +
	    ttype_row_bytes(t, (int64_t)g * ACT_GROUP);

	for (int i = 0; i < s->n; i += PANEL_ROWS,
	    row += PANEL_ROWS * s->w->row_bytes) {
		int n = min_int(s->n - i, PANEL_ROWS);
		int half = n < PANEL_ROWS ? 0 : i / PANEL_ROWS % 2;

		s->kn->pack(t, row, s->w->row_bytes, n, k, s->p);
		s->kn->tiles->from_groups(t, s->p, k, half,
		    panel_of(s, i, k));
	}
}

static void
multiply_part(const struct strip *s, int g, int k)
{
	const struct kern_tiles *tiles = s->kn->tiles;
	int whole = s->n / PANEL_ROWS * PANEL_ROWS;

	if (s->w->lanes)
		panels_of_lanes(s, g, k);
	else
		panels_of_rows(s, g, k);
	if (whole > 0)
		tiles->multiply(s->panel, k, &s->x->bf, g, s->rows, whole,
		    s->out, s->ld, g > 0);
	if (s->n > whole)
		tiles->multiply(panel_of(s, whole, k), k, &s->x->bf, g,
		    s->rows, PANEL_ROWS, s->last, PANEL_ROWS, g > 0);
}

/* In parts of about the same length, of whole blocks. */
static void
multiply_strip(const struct strip *s)
{
	int groups = s->w->in / ACT_GROUP;
	int block = max_int(ttype_info(s->w->type)->block / ACT_GROUP, 1);
	int parts = pieces(groups, PART / block * block);
	int step = round_up(pieces(groups, parts), block);

	for (int g = 0; g < groups; g += step)
		multiply_part(s, g, min_int(step, groups - g));
}

/* ---- */

#define STRIP_BYTES TILE_PANEL_BYTES((STRIP / TILE_ROWS + 1) * PART)

size_t
panel_scratch(int rows)
{
	size_t packed = PANEL_GROUPS * sizeof(struct panel_group);
	size_t tiles = STRIP_BYTES + PART * sizeof(struct panel_group);

	return ((packed > tiles ? packed : tiles) + 63) / sizeof(float) +
	    (size_t)rows * PANEL_ROWS;
}

static void
put_last(float *out, int ld, int n, const float *last, int rows)
{
	for (int i = 0; i < rows; i++)
		memcpy(out + (size_t)i * (size_t)ld, last + i * PANEL_ROWS,
		    (size_t)n * sizeof *out);
}

static void
on_tiles(struct strip s, int n)
{
	for (; n > 0; s.r += STRIP, n -= STRIP, s.out += STRIP) {
		s.n = min_int(n, STRIP);
		multiply_strip(&s);
		put_last(s.out + s.n / PANEL_ROWS * PANEL_ROWS, s.ld,
		    s.n % PANEL_ROWS, s.last, s.rows);
	}
}

void
panel_product(const struct kern *kn, const struct weight *w, int r, int n,
    const struct act_rows *x, int rows, float *scratch, float *out, int ld)
{
	uint8_t *room = (uint8_t *)(((uintptr_t)scratch + 63) &
	    ~(uintptr_t)63);
	struct panel_group *p = (void *)room;
	float *last = (void *)(p + PANEL_GROUPS);

	if (kn->tiles) {
		p = (void *)(room + STRIP_BYTES);
		on_tiles((struct strip){ .kn = kn, .w = w, .r = r, .x = x,
			.rows = rows, .p = p, .panel = room,
			.last = (void *)(p + PART), .out = out, .ld = ld }, n);
		return;
	}
	for (; n >= PANEL_ROWS; r += PANEL_ROWS, n -= PANEL_ROWS,
	    out += PANEL_ROWS)
		one_panel(kn, w, r, PANEL_ROWS, x, rows, p, out, ld);
	if (n == 0)
		return;
	one_panel(kn, w, r, n, x, rows, p, last, PANEL_ROWS);
	put_last(out, ld, n, last, rows);
}
