/* t_lanes.c -- rows in lanes: where they lie, their products with vectors and
 * the tiles made of them, for every type against the oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

/* the loops for AVX-512 and AMX, whatever this machine has */
#define LANES_PLAIN
#define avx512_lanes plain_lanes
#define avx512_in_lanes plain_in_lanes
#define amx_from_lanes plain_from_lanes
#include "kern_avx512_lanes.c"
#include "kern_amx_lanes.c"
#include "lanes_put.h"
#include "quant_blocks.h"

#define BLOCKS 3
#define VALUES (BLOCKS * 256)
#define VECTORS_IN 17
#define LDO 24			/* more than a result is wide */
#define UNTOUCHED 12345.0f

typedef void lanes_fn(enum ttype t, const void *w, const struct act_rows *x,
    int vectors, float *out, int ldo);
typedef void from_lanes_fn(enum ttype t, const void *w, int64_t first,
    int groups, int half, uint8_t *panel);

struct data {
	enum ttype t;
	int n;				/* values of a row */
	uint8_t row[LANES][VALUES * 2];
	uint8_t w[LANES * VALUES * 2];		/* the rows in lanes */
	float value[LANES][VALUES];		/* what they stand for */
	int8_t q[VECTORS_IN * VALUES];
	float d[VECTORS_IN * VALUES / 32], sum[VECTORS_IN * VALUES / 16];
	struct act_rows x;
	uint8_t panel[VALUES / 32 * 2 * TILE_BYTES];
};

static void
fill_vectors(struct data *x, bool extreme, uint32_t *seed)
{
	x->x = (struct act_rows){ .n = x->n, .q = x->q, .d = x->d,
		.sum = x->sum };
	for (int g = 0; g < VECTORS_IN * x->n / 32; g++) {
		float *sum = x->sum + g * 2;
		int v = g / (x->n / 32);

		sum[0] = sum[1] = 0.0f;
		x->d[g] = next_float(seed);
		for (int i = 0; i < 32; i++) {
			x->q[g * 32 + i] = (int8_t)(extreme ?
			    (v & 1 ? 127 : -127) :
			    next_bits(seed) % 255 - 127);
			sum[i / 16] += (float)x->q[g * 32 + i];
		}
	}
}

static void
fill_rows(struct data *x, bool extreme, uint32_t *seed)
{
	const struct ttype_info *info = ttype_info(x->t);

	for (int r = 0; r < LANES; r++) {
		for (int b = 0; b < x->n / info->block; b++) {
			uint8_t *p = x->row[r] + b * info->bytes;

			next_block(x->t, p, seed);
			if (extreme) {
				memset(p, r & 1 ? 0xff : 0x80,
				    (size_t)info->bytes);
				put_scale(x->t, p, 0x3c00, 0x3800);
			}
		}
		dequant_row(x->t, x->row[r], x->value[r], x->n);
	}
	lanes_put(x->t, x->row, sizeof x->row[0], x->n / info->block, x->w);
}

static void
fill(struct data *x, enum ttype t, int blocks, bool extreme)
{
	uint32_t seed = (uint32_t)t * 77 + 5;

	x->t = t;
	x->n = blocks * ttype_info(t)->block;
	fill_vectors(x, extreme, &seed);
	fill_rows(x, extreme, &seed);
}

/* check(x, ud) for random and for extreme rows of every type, of one block and
 * of an odd number of them. */
static void
each_kind(void (*check)(struct data *x, const void *ud), const void *ud)
{
	struct data *x = malloc(sizeof *x);

	assert_non_null(x);
	for (uint32_t t = 0; t < TT_COUNT; t++)
		for (int i = 0; i < 4 && lanes_form((enum ttype)t); i++) {
			fill(x, (enum ttype)t, i & 1 ? BLOCKS : 1, i & 2);
			check(x, ud);
		}
	free(x);
}

/* ---- where rows lie ---- */

/* Field i of block b of row r, `size` bytes, which are at `at` in lanes. */
static void
same_field(const struct data *x, int b, int r, int i, const uint8_t *at,
    size_t size)
{
	const struct lanes_form *f = lanes_form(x->t);
	int from = i * 2;		/* a half before the words, or after */

	if (size == 4)
		from = f->first * 2 + i * 4;
	else if (i >= f->first)
		from += f->words * 4;
	assert_memory_equal(at, x->row[r] + b * ttype_info(x->t)->bytes +
	    from, size);
}

static void
check_places(struct data *x, const void *ud)
{
	const struct lanes_form *f = lanes_form(x->t);
	const struct ttype_info *info = ttype_info(x->t);
	const uint8_t *w = x->w;

	(void)ud;
	assert_int_equal(f->words * 4 + f->halves * 2, info->bytes);
	assert_int_equal(lane_bytes(x->t), LANES * info->bytes);
	assert_int_equal(lane_word_count(x->t), f->words);
	for (int b = 0; b < x->n / info->block; b++) {
		for (int i = 0; i < f->words; i++)
			for (int r = 0; r < LANES; r++, w += 4)
				same_field(x, b, r, i, w, 4);
		for (int i = 0; i < f->halves; i++)
			for (int r = 0; r < LANES; r++, w += 2)
				same_field(x, b, r, i, w, 2);
	}
}

/* Would catch a field of a block that is left out or lies elsewhere than
 * kern_lanes.h says, and kernels that count a type's fields otherwise. */
static void
places(void **state)
{
	(void)state;
	each_kind(check_places, NULL);
}

/* ---- products ---- */

static void
check_product(const struct data *x, int v, int r, float got)
{
	double want = 0.0, size = 0.0;

	for (int i = 0; i < x->n; i++) {
		double p = (double)x->value[r][i] *
		    (double)x->q[v * x->n + i] *
		    (double)x->d[(v * x->n + i) / 32];

		want += p;
		size += fabs(p);
	}
	if (!(fabs((double)got - want) <= size * 1e-5 + 1e-6)) {
		print_error("%s, %d wide, row %d vector %d: %g, not %g\n",
		    ttype_name(x->t), x->n, r, v, (double)got, want);
		fail();
	}
}

static struct act_rows
from_vector(const struct data *x, int v)
{
	return (struct act_rows){ .n = x->n, .q = x->x.q + v * x->n,
		.d = x->x.d + v * x->n / 32,
		.sum = x->x.sum + v * x->n / 16 };
}

/* Every number of vectors must give what each gives alone, and no more. */
static void
check_numbers(const struct data *x, lanes_fn *lanes,
    const float alone[VECTORS_IN][LANES])
{
	static float out[VECTORS_IN][LDO];

	for (int n = 1; n <= VECTORS_IN; n++) {
		for (int i = 0; i < VECTORS_IN * LDO; i++)
			out[i / LDO][i % LDO] = UNTOUCHED;
		lanes(x->t, x->w, &x->x, n, out[0], LDO);
		for (int v = 0; v < VECTORS_IN; v++) {
			if (v < n)
				assert_memory_equal(out[v], alone[v],
				    sizeof alone[v]);
			for (int i = v < n ? LANES : 0; i < LDO; i++)
				assert_true(out[v][i] == UNTOUCHED);
		}
	}
}

struct lanes_of {
	lanes_fn *fn;
	bool (*takes)(enum ttype t);
	bool as_plain;		/* floats are added in the same order */
};

static void
check_products(struct data *x, const void *ud)
{
	const struct lanes_of *lanes = ud;
	static float alone[VECTORS_IN][LANES], plain[LANES];

	if (!lanes->takes(x->t))
		return;
	for (int v = 0; v < VECTORS_IN; v++) {
		struct act_rows one = from_vector(x, v);

		lanes->fn(x->t, x->w, &one, 1, alone[v], LANES);
		for (int r = 0; r < LANES; r++)
			check_product(x, v, r, alone[v][r]);
		plain_lanes(x->t, x->w, &one, 1, plain, LANES);
		if (lanes->as_plain)
			assert_memory_equal(alone[v], plain, sizeof plain);
	}
	check_numbers(x, lanes->fn, alone);
}

/* Would catch a field that is read as another's, sums that overflow with the
 * largest weights and values, a block that is passed over, and results that
 * depend on how many vectors are multiplied at once. */
static void
products(void **state)
{
	static const struct lanes_of plain = { plain_lanes, plain_in_lanes,
		true };

	(void)state;
	each_kind(check_products, &plain);
}

/* The same of the instructions, which must give the same bits. */
static void
products_here(void **state)
{
	const struct kern *kn = kern_avx512();

	(void)state;
	if (!kn) {
		print_message("# left out: no AVX-512 VNNI here, "
		    "products in plain C alone\n");
		return;
	}
	each_kind(check_products, &(struct lanes_of){ kn->lanes,
	    kn->in_lanes, true });
}

static void
check_turned(struct data *x, const void *ud)
{
	const struct kern *kn = ud;
	static uint8_t out[sizeof x->w];
	int block = ttype_info(x->t)->block;

	kn->to_lanes(x->t, x->row, sizeof x->row[0], x->n / block, out);
	assert_memory_equal(out, x->w, (size_t)ttype_row_bytes(x->t, x->n) *
	    LANES);
}

static void
check_panels(struct data *x, const void *ud)
{
	const struct kern *kn = ud;
	static struct panel_group a[VALUES / 32], b[VALUES / 32];
	int groups = x->n / 32, first = groups / 3;
	const uint8_t *row = x->row[0] + ttype_row_bytes(x->t, first * 32);

	if (!kn->in_lanes(x->t))
		return;
	memset(a, 0, sizeof a);
	memset(b, 0, sizeof b);
	kn->pack(x->t, row, sizeof x->row[0], LANES, groups - first, a);
	kn->pack_lanes(x->t, x->w, first, groups - first, b);
	for (int g = 0; g < groups - first; g++) {
		assert_memory_equal(a[g].q, b[g].q, sizeof a[g].q);
		assert_memory_equal(a[g].scale[0], b[g].scale[0],
		    sizeof a[g].scale[0]);
		assert_memory_equal(a[g].base[0], b[g].base[0],
		    sizeof a[g].base[0]);
	}
}

/* The same of AVX2, for the types that it reads so, and panels that differ
 * from those of rows as they lie. */
static void
with_avx2(void **state)
{
	const struct kern *kn = kern_avx2();

	(void)state;
	if (!kn) {
		print_message("# left out: no AVX2 here\n");
		return;
	}
	each_kind(check_products, &(struct lanes_of){ kn->lanes,
	    kn->in_lanes, false });
	each_kind(check_turned, kn);
	each_kind(check_panels, kn);
}

/* ---- tiles ---- */

static uint16_t
nearest_even(float f)
{
	uint32_t b;

	memcpy(&b, &f, 4);
	return (uint16_t)((b + 0x7fff + (b >> 16 & 1)) >> 16);
}

/* Value i of row r is scale * q + base, rounded once, and then to BF16. */
static void
check_value(const struct data *x, int r, int i, uint16_t got)
{
	struct qgroup o;
	float want;

	quant_group(x->t, x->row[r], i / 32, &o);
	want = fmaf(o.scale[i % 32 / 16], (float)o.q[i % 32],
	    o.base[i % 32 / 16]);
	if (got != nearest_even(want)) {
		print_error("%s row %d value %d: %g, not %g\n",
		    ttype_name(x->t), r, i, (double)bf16_to_f32(got),
		    (double)want);
		fail();
	}
}

/* Tile g of the panel is group `first` + g of the rows. */
static void
check_tile(const struct data *x, int g, int half, int first)
{
	uint16_t tile[16][LANES][2];
	const uint8_t *p = x->panel + g * 2 * TILE_BYTES;

	memcpy(tile, p + half * TILE_BYTES, sizeof tile);
	for (int i = 0; i < 32; i++)
		for (int r = 0; r < LANES; r++)
			check_value(x, r, (first + g) * 32 + i,
			    tile[i / 2][r][i % 2]);
	p += (1 - half) * TILE_BYTES;
	for (int i = 0; i < TILE_BYTES; i++)
		assert_int_equal(p[i], 0x5a);
}

struct from_lanes_of {
	from_lanes_fn *fn;
};

static void
check_tiles(struct data *x, const void *ud)
{
	const struct from_lanes_of *from = ud;
	int groups = x->n / 32, per = ttype_info(x->t)->block / 32;

	for (int half = 0; half < 2; half++)
		for (int first = 0; first < groups; first += per) {
			memset(x->panel, 0x5a, sizeof x->panel);
			from->fn(x->t, x->w, first, groups - first, half,
			    x->panel);
			for (int g = 0; g < groups - first; g++)
				check_tile(x, g, half, first);
			for (size_t i = (size_t)(groups - first) * 2 *
			    TILE_BYTES; i < sizeof x->panel; i++)
				assert_int_equal(x->panel[i], 0x5a);
		}
}

/* Would catch pairs that stand the wrong way round or in another row's place,
 * the second half of a panel laid over the first, rounding that cuts off, and
 * the scales of another group. */
static void
tiles(void **state)
{
	static const struct from_lanes_of plain = { plain_from_lanes };

	(void)state;
	each_kind(check_tiles, &plain);
}

/* The same of the instructions. */
static void
tiles_here(void **state)
{
	const struct kern *kn = kern_amx();

	(void)state;
	if (!kn) {
		print_message("# left out: no AMX here, tiles in plain C "
		    "alone\n");
		return;
	}
	each_kind(check_tiles,
	    &(struct from_lanes_of){ kn->tiles->from_lanes });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(products),
		cmocka_unit_test(products_here),
		cmocka_unit_test(with_avx2),
		cmocka_unit_test(tiles),
		cmocka_unit_test(tiles_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
