/* t_panel.c -- products of panels: every quantised type against the oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "kern.h"
#include "kern_panel.h"
#include "quant_blocks.h"

#define VALUES 1024
#define GROUPS (VALUES / 32)
#define VECTORS 9

struct data {
	uint8_t w[PANEL_ROWS][VALUES * 4];
	float f[VECTORS][VALUES];
	int8_t q[VECTORS * VALUES];
	float d[VECTORS * GROUPS], sum[VECTORS * GROUPS * 2];
	struct panel_group panel[GROUPS];
	float out[VECTORS][PANEL_ROWS];
};

static void
fill_vectors(struct data *x, bool extreme, uint32_t *seed)
{
	for (int v = 0; v < VECTORS; v++)
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

static void
one_type(const struct kern *kn, struct data *x, enum ttype t, bool extreme)
{
	uint32_t seed = (uint32_t)t * 77 + 5;
	int bytes = (int)ttype_row_bytes(t, VALUES);
	struct act_rows a = { VALUES, x->q, x->d, x->sum };

	fill_vectors(x, extreme, &seed);
	fill_rows(x, t, extreme, &seed);
	for (int rows = 1; rows <= PANEL_ROWS; rows += 5)
		for (int v = 1; v <= VECTORS; v++) {
			/* in two parts, the second from the middle on */
			int half = GROUPS / 2;
			const uint8_t *mid = x->w[0] + bytes / 2;

			memset(x->out, 0, sizeof x->out);
			kn->pack(t, x->w, sizeof x->w[0], rows, half,
			    x->panel);
			kn->tile(t, x->panel, half, &a, 0, v, x->out[0],
			    PANEL_ROWS);
			kn->pack(t, mid, sizeof x->w[0], rows, half, x->panel);
			kn->tile(t, x->panel, half, &a, half, v, x->out[0],
			    PANEL_ROWS);
			for (int r = 0; r < rows; r++)
				for (int i = 0; i < v; i++)
					compare(x, t, r, i, 0, GROUPS);
			for (int r = rows; r < PANEL_ROWS; r++)
				assert_true(x->out[0][r] == 0.0f);
			assert_true(v == VECTORS || x->out[v][0] == 0.0f);
		}
}

/* Would catch a layout or scale that differs from the type's, sums of 16 bits
 * that overflow with the largest weights and values, and parts of a row that
 * are joined wrongly. */
static void
every_type(void **state)
{
	const struct kern *kn = kern_avx2();
	struct data *x = malloc(sizeof *x);

	(void)state;
	if (!kn || !kn->tile) {
		print_message("no panels on this processor\n");
		free(x);
		skip();
	}
	for (uint32_t t = 0; t < TT_COUNT; t++) {
		if (!ttype_info(t) || ttype_info(t)->block == 1)
			continue;
		one_type(kn, x, (enum ttype)t, false);
		/* all bits set in scales that are not f16 means no number */
		if (t != TT_MXFP4 && t != TT_NVFP4)
			one_type(kn, x, (enum ttype)t, true);
	}
	free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
