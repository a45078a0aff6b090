/* kern_avx512_lanes.c -- products with rows in lanes, for AVX-512 VNNI:
 * VPDPBUSD multiplies and adds four bytes of 16 rows at once, in 32 bits.
 *
 * A vector's floats go through the same operations in the same order however
 * many vectors there are.  What the compiler could round in two ways is written
 * as lane_fma(), and no other product is ever added to anything. */
#include "kern_avx512.h"
#include "kern_lanes_unpack.h"

#if defined(HAVE_AVX512_LANES) || defined(LANES_PLAIN)

#include "kern_lanes.h"
#include "kern_panel.h"

#define VECTORS 8
/* Bytes of weights asked for before they are needed: what comes from memory
 * in the time that one line takes to arrive. */
#define AHEAD 2048

/* Have the cache lines on their way that are AHEAD of line k of group g. */
LANE_FN void
fetch(enum ttype t, const uint8_t *w, int g, int k)
{
	int slots = lane_groups(t) * 8, lines = (lane_bytes(t) + 63) / 64;
	int i = (g * 8 + k) * lines / slots;
	int to = (g * 8 + k + 1) * lines / slots;
	uintptr_t p = (uintptr_t)w + AHEAD + (uintptr_t)i * 64;

	if (i < to)
		__builtin_prefetch((const void *)p);
	if (i + 1 < to)
		__builtin_prefetch((const void *)(p + 64));
}

/* Group g of the block at w with n vectors, of which x has this block's
 * values. */
LANE_FN void
group(enum ttype t, int n, const uint8_t *w, const struct lane_block *o,
    int g, const struct act_rows *x, lane_floats *acc)
{
	int halves = lane_halves(t), lines = 8 / halves;
	lane_floats total[VECTORS] = { 0 };
	struct lane_scales s;

	lane_scales_of(t, w, o, g, &s);
	LANE_UNROLL
	for (int h = 0; h < halves; h++) {
		lane_ints sum[VECTORS] = { 0 };

		LANE_UNROLL
		for (int k = h * lines; k < (h + 1) * lines; k++) {
			lane_words line = lane_line(t, w, g, k);

			fetch(t, w, g, k);
			LANE_UNROLL
			for (int i = 0; i < n; i++)
				sum[i] = lane_dot4(sum[i], line, x->q + i * x->n +
				    g * 32 + k * 4);
		}
		LANE_UNROLL
		for (int i = 0; i < n; i++) {
			const float *m = x->sum + i * (x->n / 16) + g * 2 + h;
			lane_floats f = lane_to_float((lane_words)sum[i]);

			total[i] = lane_fma(f, s.scale[h], total[i]);
			total[i] = lane_fma(s.base[h], lane_float(m[0]),
			    total[i]);
			if (halves == 1)
				total[i] = lane_fma(s.base[0],
				    lane_float(m[1]), total[i]);
		}
	}
	LANE_UNROLL
	for (int i = 0; i < n; i++)
		acc[i] = lane_fma(total[i],
		    lane_float(x->d[i * (x->n / 32) + g]), acc[i]);
}

/* n (a constant) vectors, from the first of x on. */
LANE_FN void
tile(enum ttype t, int n, const uint8_t *w, struct act_rows x, float *out,
    int ldo)
{
	int per = lane_groups(t), bytes = lane_bytes(t);
	lane_floats acc[VECTORS] = { 0 };

	for (int64_t at = 0; at < x.n; at += per * 32, w += bytes,
	    x.q += per * 32, x.d += per, x.sum += per * 2) {
		struct lane_block o;

		lane_open(t, w, &o);
#define GROUP(G) if (G < per) \
			group(t, n, w, &o, G, &x, acc);
		EACH_LANE_GROUP(GROUP)
#undef GROUP
	}
	LANE_UNROLL
	for (int i = 0; i < n; i++)
		memcpy(out + (size_t)i * (size_t)ldo, &acc[i], sizeof acc[i]);
}

/* tile() for every type and four numbers of vectors. */
typedef void tile_fn(const uint8_t *w, struct act_rows x, float *out, int ldo);

#define TILE(T, N) \
static void \
tile_##T##_##N(const uint8_t *w, struct act_rows x, float *out, int ldo) \
{ \
	tile(T, N, w, x, out, ldo); \
}
#define TILES(T) TILE(T, 8) TILE(T, 4) TILE(T, 2) TILE(T, 1)
EACH_LANE_TYPE(TILES)

#define TILES_OF(T) \
	[T] = { tile_##T##_8, tile_##T##_4, tile_##T##_2, tile_##T##_1 },
static tile_fn *const tile_of[TT_COUNT][4] = { EACH_LANE_TYPE(TILES_OF) };

bool
avx512_in_lanes(enum ttype t)
{
	return lanes_form(t) != NULL;
}

void
avx512_lanes(enum ttype t, const void *w, const struct act_rows *x,
    int vectors, float *out, int ldo)
{
	struct act_rows at = *x;

	for (int i = 0, n = VECTORS; vectors > 0;)
		if (n > vectors) {
			n /= 2;
			i++;
		} else {
			tile_of[t][i](w, at, out, ldo);
			at.q += n * at.n;
			at.d += n * (at.n / 32);
			at.sum += n * (at.n / 16);
			out += (size_t)n * (size_t)ldo;
			vectors -= n;
		}
}

#endif
