/* kern_amx_tiles.c -- products in BF16 on tiles, and what they are made of.
 *
 * The inner loop multiplies two tiles of vectors with two of weights, so that
 * each load is used twice.  TDPBF16PS takes 16 cycles, a tile load from the L1
 * cache 8: what has to be avoided is waiting for memory.  So the weights'
 * panel should fit the L1 cache together with 32 vectors, and the vectors that
 * come next are asked for ahead.
 *
 * The instructions for tiles stand apart, so that the tests can run this on any
 * machine (LANES_PLAIN, see kern_lanes_ops.h). */
#include "kern_amx.h"

#include <stddef.h>
#include <string.h>

#if defined(HAVE_AMX_KERNELS) || defined(LANES_PLAIN)

#define AHEAD 2			/* groups that are asked for ahead */
#define BLOCK 32		/* vectors of the inner loop */

/* ---- the instructions ---- */

#ifdef HAVE_AMX_KERNELS

/* The compiler does not see what the instructions read. */
#define MEMORY_READY() __asm__ volatile("" : : : "memory")
#define BEGIN() amx_begin()
#define END() _tile_release()
#define ZERO(c) _tile_zero(c)
#define LOAD(t, from, stride) _tile_loadd(t, from, stride)
#define STORE(c, to, stride) _tile_stored(c, to, stride)
#define MULTIPLY_ADD(c, a, b) _tile_dpbf16ps(c, a, b)

#else

static uint8_t tmm[8][16][64];

static void
plain_load(int t, const void *from, ptrdiff_t stride)
{
	for (int i = 0; i < 16; i++)
		memcpy(tmm[t][i], (const uint8_t *)from + i * stride, 64);
}

static void
plain_store(int t, void *to, ptrdiff_t stride)
{
	for (int i = 0; i < 16; i++)
		memcpy((uint8_t *)to + i * stride, tmm[t][i], 64);
}

static float
plain_bf16(const uint8_t *at)
{
	uint32_t bits = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 24;
	float f;

	memcpy(&f, &bits, 4);
	return f;
}

static void
plain_multiply_add(int c, int a, int b)
{
	float s;

	for (int m = 0; m < 16; m++)
		for (int n = 0; n < 16; n++) {
			memcpy(&s, tmm[c][m] + n * 4, 4);
			for (int k = 0; k < 32; k++)
				s += plain_bf16(tmm[a][m] + k * 2) *
				    plain_bf16(tmm[b][k / 2] + n * 4 +
				    k % 2 * 2);
			memcpy(tmm[c][m] + n * 4, &s, 4);
		}
}

#define MEMORY_READY() ((void)0)
#define BEGIN() memset(tmm, 0xa5, sizeof tmm)	/* nothing to rely on */
#define END() ((void)0)
#define ZERO(c) memset(tmm[c], 0, sizeof tmm[c])
#define LOAD(t, from, stride) plain_load(t, from, stride)
#define STORE(c, to, stride) plain_store(c, to, stride)
#define MULTIPLY_ADD(c, a, b) plain_multiply_add(c, a, b)

#endif

/* The pairs of BF16 that a's and b's values make. */
LANE_FN void
put_pairs(uint8_t *to, lane_floats a, lane_floats b)
{
	lane_words w = lane_pairs(a, b);

	memcpy(to, &w, sizeof w);
}

/* 32 values that follow each other. */
LANE_FN void
put_values(void *to, const lane_floats v[2])
{
#ifdef HAVE_AMX_KERNELS
	__m512bh both = _mm512_cvtne2ps_pbh((__m512)v[1], (__m512)v[0]);

	memcpy(to, &both, sizeof both);
#else
	lane_words half[2];
	uint16_t y[32];

	half[0] = lane_bf16(v[0]);
	half[1] = lane_bf16(v[1]);
	for (int i = 0; i < 32; i++)
		y[i] = (uint16_t)(half[i / 16][i % 16] >> 16);
	memcpy(to, y, sizeof y);
#endif
}

/* ---- to BF16 ---- */

static void
to_bf16(uint16_t *y, int64_t step, const float *x, int64_t groups)
{
	lane_floats v[2];

	for (; groups > 0; groups--, y += step, x += 32) {
		memcpy(v, x, sizeof v);
		put_values(y, v);
	}
}

/* The next 32 of n values, zeros behind them. */
LANE_FN void
load_values(lane_floats v[2], const float *x, int n)
{
	if (n >= 32) {
		memcpy(v, x, 2 * sizeof *v);
		return;
	}
	memset(v, 0, 2 * sizeof *v);
	memcpy(v, x, (size_t)n * sizeof *x);
}

/* What rounding to BF16 leaves. */
LANE_FN void
take_upper_off(lane_floats v[2])
{
	for (int i = 0; i < 2; i++)
		v[i] -= (lane_floats)(lane_bf16(v[i]) & 0xffff0000);
}

static void
split_vector(uint16_t *y, int64_t step, const float *x, int n)
{
	lane_floats v[2];

	for (; n > 0; n -= 32, x += 32, y += 3 * step) {
		load_values(v, x, n);
		put_values(y, v);
		put_values(y + 2 * step, v);
		take_upper_off(v);
		put_values(y + step, v);
	}
}

/* The next row of a matrix: 16 of `cols` values, zeros behind them. */
LANE_FN void
load_row(lane_floats *v, const float *x, int cols)
{
	memset(v, 0, sizeof *v);
	if (cols >= 16)
		memcpy(v, x, sizeof *v);
	else
		memcpy(v, x, (size_t)cols * sizeof *x);
}

static void
split_columns(const float *x, int64_t ld, int rows, int cols, int half,
    uint8_t *panel)
{
	panel += half * TILE_BYTES;
	for (; rows > 0; rows -= 32, panel += 6 * TILE_BYTES)
		for (int i = 0; i < 16; i++, x += 2 * ld) {
			uint8_t *to = panel + i * 64;
			lane_floats v[2];

			memset(v, 0, sizeof v);
			if (i * 2 < rows)
				load_row(&v[0], x, cols);
			if (i * 2 + 1 < rows)
				load_row(&v[1], x + ld, cols);
			put_pairs(to, v[0], v[1]);
			put_pairs(to + 2 * TILE_BYTES, v[0], v[1]);
			take_upper_off(v);
			put_pairs(to + 4 * TILE_BYTES, v[0], v[1]);
		}
}

/* Four values of each of 16 rows: two pairs, that is two rows of a tile. */
LANE_FN void
four_values(const uint8_t *q, lane_floats scale, lane_floats base, uint8_t *to)
{
	lane_floats v[4];
	lane_words w;

	memcpy(&w, q, sizeof w);
	LANE_UNROLL
	for (int i = 0; i < 4; i++)
		v[i] = lane_fma(lane_to_float(w >> i * 8 & 255), scale, base);
	for (int i = 0; i < 2; i++)
		put_pairs(to + i * 64, v[i * 2], v[i * 2 + 1]);
}

static void
from_groups(enum ttype t, const struct panel_group *p, int groups, int half,
    uint8_t *panel)
{
	int halves = panel_halves(t);

	panel += half * TILE_BYTES;
	for (; groups > 0; groups--, p++, panel += 2 * TILE_BYTES)
		for (int h = 0; h < halves; h++) {
			int from = h * 4, to = halves == 1 ? 8 : from + 4;
			lane_floats scale, base;

			memcpy(&scale, p->scale[h], sizeof scale);
			memcpy(&base, p->base[h], sizeof base);
			for (int k = from; k < to; k++)
				four_values(p->q[k][0], scale, base,
				    panel + k * 128);
		}
}

/* ---- products ---- */

/* What the products of a panel with up to 32 vectors are made of. */
struct block {
	const uint8_t *w;
	int groups;
	const uint16_t *x;
	ptrdiff_t step;		/* values from group to group of x */
	/* the first 16 vectors' results and the others', bytes apart */
	float *out[2];
	ptrdiff_t stride[2];
};

/* Ask for the vectors that come AHEAD of group g: after the last group of
 * these ones the first of those behind them. */
LANE_FN void
ask_ahead(const struct block *b, int g)
{
	const uint16_t *x = b->x + (g + AHEAD) * b->step;

	if (g + AHEAD >= b->groups)
		x += BLOCK * 32 - b->groups * b->step;
#pragma GCC unroll 32
	for (int i = 0; i < BLOCK; i++)
		__builtin_prefetch(x + i * 32);
}

/* high * 16 vectors times wide * 16 rows, both 1 or 2 and constant. */
LANE_FN void
block(const struct block *b, int high, int wide, bool add)
{
	const uint8_t *w = b->w;
	const uint16_t *x = b->x;

	MEMORY_READY();
	if (add) {
		LOAD(0, b->out[0], b->stride[0]);
		if (wide == 2)
			LOAD(1, b->out[0] + 16, b->stride[0]);
		if (high == 2)
			LOAD(2, b->out[1], b->stride[1]);
		if (high == 2 && wide == 2)
			LOAD(3, b->out[1] + 16, b->stride[1]);
	} else {
		ZERO(0);
		ZERO(1);
		ZERO(2);
		ZERO(3);
	}
	for (int g = 0; g < b->groups; g++, w += 2 * TILE_BYTES,
	    x += b->step) {
		ask_ahead(b, g);
		LOAD(4, x, 64);
		LOAD(6, w, 64);
		MULTIPLY_ADD(0, 4, 6);
		if (wide == 2) {
			LOAD(7, w + TILE_BYTES, 64);
			MULTIPLY_ADD(1, 4, 7);
		}
		if (high == 2) {
			LOAD(5, x + 16 * 32, 64);
			MULTIPLY_ADD(2, 5, 6);
		}
		if (high == 2 && wide == 2)
			MULTIPLY_ADD(3, 5, 7);
	}
	STORE(0, b->out[0], b->stride[0]);
	if (wide == 2)
		STORE(1, b->out[0] + 16, b->stride[0]);
	if (high == 2)
		STORE(2, b->out[1], b->stride[1]);
	if (high == 2 && wide == 2)
		STORE(3, b->out[1] + 16, b->stride[1]);
}

static void
any_block(const struct block *b, int high, int wide, bool add)
{
	if (high == 2 && wide == 2)
		block(b, 2, 2, add);
	else if (high == 2)
		block(b, 2, 1, add);
	else if (wide == 2)
		block(b, 1, 2, add);
	else
		block(b, 1, 1, add);
}

/* The last vectors, fewer than 32.  A tile is stored whole: results of fewer
 * than 16 vectors go by way of a buffer. */
static void
last_block(struct block *b, int rows, int wide, float *out, int ld, bool add)
{
	float buffer[16][32] __attribute__((aligned(64)));
	int high = rows > 16 ? 2 : 1, n = rows - (high - 1) * 16;
	float *last = out + (ptrdiff_t)(high - 1) * 16 * ld;
	size_t width = (size_t)wide * 16 * sizeof *out;

	if (n < 16) {
		b->out[high - 1] = buffer[0];
		b->stride[high - 1] = sizeof buffer[0];
		memset(buffer, 0, sizeof buffer);
		for (int i = 0; add && i < n; i++)
			memcpy(buffer[i], last + (ptrdiff_t)i * ld, width);
	}
	any_block(b, high, wide, add);
	for (int i = 0; n < 16 && i < n; i++)
		memcpy(last + (ptrdiff_t)i * ld, buffer[i], width);
}

/* One panel, `wide` halves of it, times all vectors. */
static void
one_panel(struct block b, int rows, int wide, float *out, int ld, bool add)
{
	b.stride[0] = b.stride[1] = (ptrdiff_t)ld * (ptrdiff_t)sizeof *out;
	for (; rows > 0; rows -= BLOCK, b.x += BLOCK * 32,
	    out += (ptrdiff_t)BLOCK * ld) {
		b.out[0] = out;
		b.out[1] = out + (ptrdiff_t)16 * ld;
		if (rows < BLOCK)
			last_block(&b, rows, wide, out, ld, add);
		else if (wide == 2)
			block(&b, 2, 2, add);
		else
			block(&b, 2, 1, add);
	}
}

static void
multiply(const uint8_t *panel, int groups, const struct bf16_rows *x,
    int64_t first, int rows, int cols, float *out, int ld, bool add)
{
	struct block b = { .w = panel, .groups = groups,
		.step = (ptrdiff_t)x->ld * 32,
		.x = x->v + first * x->ld * 32 };

	BEGIN();
	for (; cols > 0; cols -= TILE_ROWS, out += TILE_ROWS,
	    b.w += TILE_PANEL_BYTES(groups))
		one_panel(b, rows, cols > 16 ? 2 : 1, out, ld, add);
	END();
}

#endif

#ifdef HAVE_AMX_KERNELS
const struct kern_tiles amx_tiles = {
	.to_bf16 = to_bf16,
	.split_vector = split_vector,
	.split_columns = split_columns,
	.from_lanes = amx_from_lanes,
	.from_groups = from_groups,
	.multiply = multiply,
};
#endif
