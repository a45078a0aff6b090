/* kern_avx512.c -- the kernels for processors with AVX-512 VNNI: those of AVX2
 * but for products of panels, where VPDPBUSD multiplies and adds four bytes of
 * 16 rows at once, in 32 bits, whatever the weights.
 *
 * The tests run these loops on any machine (kern_lanes_ops.h). */
#include "kern_avx2.h"
#include "kern_avx512.h"
#include "kern_lanes_ops.h"
#include "kern_panel.h"

#include <stddef.h>

#if defined(HAVE_AVX512_LANES) || defined(LANES_PLAIN)

#define VECTORS 8

/* n (a constant) vectors, from row `row` of x on. */
LANE_FN void
tile(int halves, int n, const struct panel_group *p, int groups,
    const struct act_rows *x, int64_t first, int row, float *out, int ld)
{
	const int8_t *q = x->q + row * x->n + first * 32;
	const float *d = x->d + (row * x->n + first * 32) / 32;
	const float *sum = x->sum + (row * x->n + first * 32) / 16;
	int64_t dn = x->n / 32;
	lane_floats acc[VECTORS], scale, base, t;
	lane_ints s[VECTORS];
	lane_words w;

	for (int i = 0; i < n; i++)
		memcpy(&acc[i], out + (size_t)i * (size_t)ld, sizeof acc[i]);
	for (int g = 0; g < groups; g++, p++)
		for (int h = 0; h < halves; h++) {
			int from = h * 4, to = halves == 1 ? 8 : from + 4;

			for (int i = 0; i < n; i++)
				memset(&s[i], 0, sizeof s[i]);
			for (int k = from; k < to; k++) {
				memcpy(&w, p->q[k], sizeof w);
				LANE_UNROLL
				for (int i = 0; i < n; i++)
					s[i] = lane_dot4(s[i], w, q +
					    i * x->n + g * 32 + k * 4);
			}
			memcpy(&scale, p->scale[h], sizeof scale);
			memcpy(&base, p->base[h], sizeof base);
			LANE_UNROLL
			for (int i = 0; i < n; i++) {
				const float *m = sum + (i * dn + g) * 2 + h;

				t = lane_to_float((lane_words)s[i]) * scale;
				t = lane_fma(base, lane_float(halves == 1 ?
				    m[0] + m[1] : m[0]), t);
				acc[i] = lane_fma(t, lane_float(
				    d[i * dn + g]), acc[i]);
			}
		}
	for (int i = 0; i < n; i++)
		memcpy(out + (size_t)i * (size_t)ld, &acc[i], sizeof acc[i]);
}

LANE_FN void
tiles(int halves, const struct panel_group *p, int groups,
    const struct act_rows *x, int64_t first, int rows, float *out, int ld)
{
	int r = 0;

#define TILE(N) \
	for (; r + N <= rows; r += N, out += (size_t)N * (size_t)ld) \
		tile(halves, N, p, groups, x, first, r, out, ld);
	TILE(8)
	TILE(4)
	TILE(2)
	TILE(1)
#undef TILE
}

static void
avx512_tile(enum ttype t, const struct panel_group *p, int groups,
    const struct act_rows *x, int64_t first, int rows, float *out, int ld)
{
	if (panel_halves(t) == 1)
		tiles(1, p, groups, x, first, rows, out, ld);
	else
		tiles(2, p, groups, x, first, rows, out, ld);
}

#endif

#ifdef HAVE_AVX512_LANES

#include <pthread.h>

static struct kern avx512;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
fill(void)
{
	avx512 = *kern_avx2();
	avx512.name = "avx512";
	avx512.pack = avx2_pack_high;
	avx512.tile = avx512_tile;
	avx512.in_lanes = avx512_in_lanes;
	avx512.lanes = avx512_lanes;
	avx512.pack_lanes = NULL;
}

const struct kern *
kern_avx512(void)
{
	__builtin_cpu_init();
	if (!kern_avx2() || !__builtin_cpu_supports("avx512f") ||
	    !__builtin_cpu_supports("avx512bw") ||
	    !__builtin_cpu_supports("avx512dq") ||
	    !__builtin_cpu_supports("avx512vl") ||
	    !__builtin_cpu_supports("avx512vnni"))
		return NULL;
	pthread_once(&once, fill);
	return &avx512;
}

#elif !defined(LANES_PLAIN)

const struct kern *
kern_avx512(void)
{
	return NULL;
}

#endif
