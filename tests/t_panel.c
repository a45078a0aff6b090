/* t_panel.c -- products of panels: every quantised type against the oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

/* the loops for AVX-512, whatever this machine has */
#define LANES_PLAIN
#include "kern_avx512.c"
#include "panel.h"
#include "quant_blocks.h"

#define VALUES 1024
#define GROUPS (VALUES / 32)
#define ROWS_IN 9

struct data {
	uint8_t w[PANEL_ROWS][VALUES * 4];
	float f[ROWS_IN][VALUES];
	int8_t q[ROWS_IN * VALUES];
	float d[ROWS_IN * GROUPS], sum[ROWS_IN * GROUPS * 2];
	struct panel_group panel[GROUPS];
	float out[ROWS_IN][PANEL_ROWS];
};

static void
fill_vectors(struct data *x, bool extreme, uint32_t *seed)
{
	for (int v = 0; v < ROWS_IN; v++)
		for (int g = 0; g < GROUPS; g++) {
			int8_t *q = x->q + v * VALUES + g * 32;
			float *sum = x->sum + (v * GROUPS + g) * 2;

			sum[0] = sum[1] = 0.0f;
			x->d[v * GROUPS + g] = next_float(seed);
			for (int i = 0; i < 32; i++) {
				q[i] = (int8_t)(extreme ? (v & 1 ? 127 : -127) :
				    next_bits(seed) % 255 - 127);
				sum[i / 16] += (float)q[i];
			}
		}
}

static void
fill_rows(struct data *x, enum ttype t, bool extreme, uint32_t *seed)
{
	const struct ttype_info *info = ttype_info(t);

	for (int r = 0; r < PANEL_ROWS; r++)
		for (int b = 0; b < VALUES / info->block; b++) {
			uint8_t *p = x->w[r] + b * info->bytes;

			next_block(t, p, seed);
			if (extreme) {
				memset(p, r & 1 ? 0xff : 0x80,
				    (size_t)info->bytes);
				put_scale(t, p, 0x3c00, 0x3800);
			}
		}
}

static void
compare(const struct data *x, enum ttype t, int r, int v, int first,
    int groups)
{
	static float w[VALUES];
	double want = 0.0, size = 0.0, got = (double)x->out[v][r];

	dequant_row(t, x->w[r], w, VALUES);
	for (int i = first * 32; i < (first + groups) * 32; i++) {
		double p = (double)w[i] * (double)x->q[v * VALUES + i] *
		    (double)x->d[v * GROUPS + i / 32];

		want += p;
		size += fabs(p);
	}
	if (!(fabs(got - want) <= size * 1e-5 + 1e-6)) {
		print_error("%s row %d vector %d: %g, not %g\n",
		    ttype_name(t), r, v, got, want);
		fail();
	}
}

typedef void pack_fn(enum ttype t, const void *w, int64_t row_bytes, int rows,
    int groups, struct panel_group *p);
typedef void tile_fn(enum ttype t, const struct panel_group *p, int groups,
    const struct act_rows *x, int64_t first, int rows, float *out, int ld);

#if defined(__x86_64__)
pack_fn avx2_pack_high;		/* of kern_avx2_pack.c */
#endif

static void
one_type(pack_fn *pack, tile_fn *tile_with, struct data *x, enum ttype t, bool extreme)
{
	uint32_t seed = (uint32_t)t * 77 + 5;
	int bytes = (int)ttype_row_bytes(t, VALUES);
	struct act_rows a = { .n = VALUES, .q = x->q, .d = x->d,
		.sum = x->sum };

	fill_vectors(x, extreme, &seed);
	fill_rows(x, t, extreme, &seed);
	for (int rows = 1; rows <= PANEL_ROWS; rows += 5)
		for (int v = 1; v <= ROWS_IN; v++) {
			/* in two parts, the second from the middle on */
			int half = GROUPS / 2;
			const uint8_t *mid = x->w[0] + bytes / 2;

			memset(x->out, 0, sizeof x->out);
			pack(t, x->w, sizeof x->w[0], rows, half,
			    x->panel);
			tile_with(t, x->panel, half, &a, 0, v, x->out[0],
			    PANEL_ROWS);
			pack(t, mid, sizeof x->w[0], rows, half, x->panel);
			tile_with(t, x->panel, half, &a, half, v, x->out[0],
			    PANEL_ROWS);
			for (int r = 0; r < rows; r++)
				for (int i = 0; i < v; i++)
					compare(x, t, r, i, 0, GROUPS);
			for (int r = rows; r < PANEL_ROWS; r++)
				assert_true(x->out[0][r] == 0.0f);
			assert_true(v == ROWS_IN || x->out[v][0] == 0.0f);
		}
}

static void
all_types(pack_fn *pack, tile_fn *tile_with)
{
	struct data *x = malloc(sizeof *x);

	assert_non_null(x);
	for (uint32_t t = 0; t < TT_COUNT; t++) {
		if (!ttype_info(t) || ttype_info(t)->block == 1)
			continue;
		one_type(pack, tile_with, x, (enum ttype)t, false);
		/* all bits set in scales that are not f16 means no number */
		if (t != TT_MXFP4 && t != TT_NVFP4)
			one_type(pack, tile_with, x, (enum ttype)t, true);
	}
	free(x);
}

/* Would catch a layout or scale that differs from the type's, sums of 16 bits
 * that overflow with the largest weights and values, and parts of a row that
 * are joined wrongly. */
static void
every_type(void **state)
{
	const struct kern *kn = kern_avx2();

	(void)state;
	if (!kn) {
		print_message("# left out: no AVX2 on this processor\n");
		return;
	}
	all_types(kn->pack, kn->tile);
}

/* The same of the loops for AVX-512 VNNI: as they are where the processor has
 * it, and with that one instruction in plain C on all. */
static void
every_type_wide(void **state)
{
	const struct kern *kn = kern_avx512();

	(void)state;
	if (!kern_avx2()) {
		print_message("# left out: no AVX2 on this processor\n");
		return;
	}
#if defined(__x86_64__)
	all_types(avx2_pack_high, avx512_tile);
#endif
	if (kn)
		all_types(kn->pack, kn->tile);
}

#define WIDE_GROUPS (PANEL_GROUPS + 6)
#define WIDE_VALUES (WIDE_GROUPS * 32)

/* Values of which some groups are much larger than others. */
static void
uneven(float *x, int rows, uint32_t *seed)
{
	for (int i = 0; i < rows * WIDE_VALUES; i++)
		x[i] = next_float(seed) * (i / 32 % WIDE_GROUPS % 3 == 1 ?
		    8.0f : 0.5f);
}

/* What the product should be: of the chosen groups the values themselves, of
 * the others what rounding made of them. */
static double
wanted(const struct act_rows *a, const float *x, int row, const float *w,
    double *size)
{
	double sum = 0.0;

	*size = 0.0;
	for (int i = 0; i < WIDE_VALUES; i++) {
		int at = row * WIDE_VALUES + i;
		double v = a->twice[i / 32] ? (double)x[at] :
		    (double)a->d[at / 32] * (double)a->q[at];

		sum += (double)w[i] * v;
		*size += fabs((double)w[i] * v);
	}
	return sum;
}

/* Would catch groups chosen that lose little, a rest that is added to other
 * groups or beyond the first panel's, and one that is left out. */
static void
rest(void **state)
{
	const struct kern *kn = kern_avx2();
	struct pool *pool = pool_new(2, NULL);
	static uint8_t data[PANEL_ROWS + 3][WIDE_GROUPS * 20];
	static float x[ROWS_IN * WIDE_VALUES], w[WIDE_VALUES];
	float out[ROWS_IN][PANEL_ROWS + 3], *scratch;
	struct weight m = { .type = TT_Q4_1, .data = data[0],
		.in = WIDE_VALUES, .out = PANEL_ROWS + 3,
		.row_bytes = sizeof data[0] };
	struct act_rows a;
	uint32_t seed = 3;

	(void)state;
	if (!kn) {
		print_message("# left out: no AVX2 on this processor\n");
		pool_free(pool);
		return;
	}
	for (int r = 0; r < m.out; r++)
		for (int g = 0; g < WIDE_GROUPS; g++)
			next_block(TT_Q4_1, data[r] + g * 20, &seed);
	uneven(x, ROWS_IN, &seed);
	assert_int_equal(act_rows_init(&a, kn, ROWS_IN, WIDE_VALUES), 0);
	assert_int_equal(act_rows_refine(&a, kn, ROWS_IN, WIDE_VALUES), 0);
	assert_true(act_rows_fill(&a, pool, kn, x, ROWS_IN, WIDE_VALUES));
	for (int g = 0; g < WIDE_GROUPS; g++)
		assert_int_equal(a.twice[g], g % 3 == 1);
	scratch = malloc(panel_scratch(ROWS_IN) * sizeof *scratch);
	panel_product(kn, &m, 0, m.out, &a, ROWS_IN, scratch, out[0], m.out);
	for (int r = 0; r < m.out; r++) {
		dequant_row(TT_Q4_1, data[r], w, WIDE_VALUES);
		for (int i = 0; i < ROWS_IN; i++) {
			double size, want = wanted(&a, x, i, w, &size);

			assert_true(fabs((double)out[i][r] - want) <=
			    size * 2e-5);
		}
	}
	free(scratch);
	act_rows_done(&a);
	pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type),
		cmocka_unit_test(every_type_wide),
		cmocka_unit_test(rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
