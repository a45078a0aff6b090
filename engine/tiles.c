/* tiles.c -- see tiles.h. */
#include "tiles.h"

#include "num.h"

/* Groups of BF16 that k values make: three of each group. */
static int
split_groups(int k)
{
	return pieces(k, 32) * 3;
}

/* Rows from group to group, see struct bf16_rows: an odd number of 16, so that
 * groups do not meet in the same lines of the cache. */
static int
rows_ld(int m)
{
	return round_up(m, 32) + 16;
}

size_t
tiles_matrix_bytes(int n, int k)
{
	return (size_t)pieces(n, TILE_ROWS) *
	    TILE_PANEL_BYTES(split_groups(k));
}

size_t
tiles_rows_bytes(int m, int k)
{
	return (size_t)split_groups(k) * (size_t)rows_ld(m) * 64;
}

void
tiles_put(const struct kern_tiles *t, int n, int k, const float *b, int ldb,
    uint8_t *to)
{
	for (int i = 0; i < n; i += PANEL_ROWS)
		t->split_columns(b + i, ldb, k, min_int(n - i, PANEL_ROWS),
		    i / PANEL_ROWS % 2, to + (size_t)(i / TILE_ROWS) *
		    TILE_PANEL_BYTES(split_groups(k)));
}

void
tiles_gemm(const struct kern_tiles *t, int m, int n, int k,
    const float *a, int lda, const uint8_t *b, uint8_t *room, float *c,
    int ldc, bool add)
{
	struct bf16_rows x = { rows_ld(m), (void *)room };

	for (int i = 0; i < m; i++)
		t->split_vector(x.v + i * 32, x.ld * 32, a + (size_t)i *
		    (size_t)lda, k);
	t->multiply(b, split_groups(k), &x, 0, m, round_up(n, PANEL_ROWS), c,
	    ldc, add);
}
