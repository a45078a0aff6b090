/* panel.c -- see panel.h. */
#include "panel.h"

#include <stdlib.h>
#include <string.h>

#define FILL_ROWS 8		/* rows in a chunk */
#define PIECE 1024		/* values put into 8 bits at once */

int
act_rows_init(struct act_rows *a, int rows, int width)
{
	size_t n = (size_t)rows * (((size_t)width + ACT_GROUP - 1) /
	    ACT_GROUP);		/* groups */

	*a = (struct act_rows){ .q = malloc(n * ACT_GROUP),
		.d = malloc(n * sizeof *a->d),
		.sum = malloc(n * 2 * sizeof *a->sum) };
	return a->q && a->d && a->sum ? 0 : -1;
}

void
act_rows_done(struct act_rows *a)
{
	free(a->q);
	free(a->d);
	free(a->sum);
	*a = (struct act_rows){ 0 };
}

struct act_rows
act_rows_from(const struct act_rows *a, int row)
{
	int64_t at = a->n * row;

	return (struct act_rows){ a->n, a->q + at, a->d + at / ACT_GROUP,
	    a->sum + at / 16 };
}

struct fill {
	struct act_rows *a;
	const struct kern *kn;
	const float *x;
	int rows;
};

static void
fill_row(const struct fill *j, int row)
{
	struct act_rows to = act_rows_from(j->a, row);
	int16_t sum[PIECE / 16];

	for (int64_t at = 0; at < to.n; at += PIECE) {
		int64_t n = to.n - at < PIECE ? to.n - at : PIECE;
		struct act x = { .n = n, .f = j->x + row * to.n + at,
			.q = to.q + at, .d = to.d + at / ACT_GROUP,
			.sum = sum };

		j->kn->quantize(&x);
		for (int64_t i = 0; i < n / 16; i++)
			to.sum[at / 16 + i] = sum[i];
	}
}

static void
fill_chunk(void *ud, int chunk, int worker)
{
	const struct fill *j = ud;

	(void)worker;
	for (int r = chunk * FILL_ROWS; r < j->rows &&
	    r < (chunk + 1) * FILL_ROWS; r++)
		fill_row(j, r);
}

bool
act_rows_fill(struct act_rows *a, struct pool *pool, const struct kern *kn,
    const float *x, int rows, int width)
{
	struct fill j = { a, kn, x, rows };

	a->n = width;
	return pool_each(pool, (rows + FILL_ROWS - 1) / FILL_ROWS, fill_chunk,
	    &j);
}

bool
panel_takes(const struct kern *kn, enum ttype t)
{
	return kn->tile && ttype_info(t)->block > 1;
}

size_t
panel_scratch(int rows)
{
	return (PANEL_GROUPS * sizeof(struct panel_group) + 63) /
	    sizeof(float) + (size_t)rows * PANEL_ROWS;
}

/* Up to 16 rows of the matrix, all of their length: out[rows][ld], 16 wide. */
static void
one_panel(const struct kern *kn, const struct weight *w, int r, int n,
    const struct act_rows *x, int rows, struct panel_group *p, float *out,
    int ld)
{
	const uint8_t *row = w->data + (int64_t)r * w->row_bytes;
	int groups = w->in / ACT_GROUP;

	for (int i = 0; i < rows; i++)
		memset(out + (size_t)i * (size_t)ld, 0,
		    PANEL_ROWS * sizeof *out);
	for (int g = 0; g < groups; g += PANEL_GROUPS) {
		int k = groups - g < PANEL_GROUPS ? groups - g : PANEL_GROUPS;

		kn->pack(w->type, row + ttype_row_bytes(w->type,
		    (int64_t)g * ACT_GROUP), w->row_bytes, n, k, p);
		kn->tile(w->type, p, k, x, g, rows, out, ld);
	}
}

void
panel_product(const struct kern *kn, const struct weight *w, int r, int n,
    const struct act_rows *x, int rows, float *scratch, float *out, int ld)
{
	struct panel_group *p = (void *)(((uintptr_t)scratch + 63) &
	    ~(uintptr_t)63);
	float *last = (float *)(void *)(p + PANEL_GROUPS);

	for (; n >= PANEL_ROWS; r += PANEL_ROWS, n -= PANEL_ROWS,
	    out += PANEL_ROWS)
		one_panel(kn, w, r, PANEL_ROWS, x, rows, p, out, ld);
	if (n == 0)
		return;
	one_panel(kn, w, r, n, x, rows, p, last, PANEL_ROWS);
	for (int i = 0; i < rows; i++)
		memcpy(out + (size_t)i * (size_t)ld, last + i * PANEL_ROWS,
		    (size_t)n * sizeof *out);
}
