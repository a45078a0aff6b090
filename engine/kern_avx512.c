/* kern_avx512.c -- the kernels for processors with AVX-512 VNNI: those of AVX2
 * but for products of panels, where VPDPBUSD multiplies and adds four bytes of
 * 16 rows at once, in 32 bits, whatever the weights.
 *
 * Written in the compiler's vectors, with that one instruction apart, so that
 * the tests can run it on any machine (TILE_PLAIN). */
#include "kern_avx2.h"
#include "kern_avx512.h"
#include "kern_panel.h"

#include <stddef.h>

#if defined(__AVX512F__) && defined(__AVX512VNNI__)
#define HAVE_AVX512_KERNELS 1
#endif

#if defined(HAVE_AVX512_KERNELS) || defined(TILE_PLAIN)

#include <string.h>

#define VECTORS 8

typedef int32_t ints __attribute__((vector_size(64)));
typedef float floats16 __attribute__((vector_size(64)));
#define LANES static inline __attribute__((always_inline))

/* acc += w . x: four unsigned bytes of each lane with the four signed ones of
 * x. */
LANES void
dot4(ints *acc, const ints *w, int32_t x)
{
#ifdef HAVE_AVX512_KERNELS
	*acc = (ints)_mm512_dpbusd_epi32((__m512i)*acc, (__m512i)*w,
	    _mm512_set1_epi32(x));
#else
	const uint8_t *a = (const void *)w;
	int8_t b[4];

	memcpy(b, &x, 4);
	for (int lane = 0; lane < 16; lane++)
		for (int i = 0; i < 4; i++)
			(*acc)[lane] += a[lane * 4 + i] * b[i];
#endif
}

/* *acc += a * b */
LANES void
fma16(floats16 *acc, const floats16 *a, float b)
{
#ifdef HAVE_AVX512_KERNELS
	*acc = (floats16)_mm512_fmadd_ps((__m512)*a, _mm512_set1_ps(b),
	    (__m512)*acc);
#else
	*acc += *a * b;
#endif
}

LANES int32_t
four_at(const int8_t *q)
{
	int32_t v;

	memcpy(&v, q, 4);
	return v;
}

/* n (a constant) vectors, from row `row` of x on. */
LANES void
tile(int halves, int n, const struct panel_group *p, int groups,
    const struct act_rows *x, int64_t first, int row, float *out, int ld)
{
	const int8_t *q = x->q + row * x->n + first * 32;
	const float *d = x->d + (row * x->n + first * 32) / 32;
	const float *sum = x->sum + (row * x->n + first * 32) / 16;
	int64_t dn = x->n / 32;
	floats16 acc[VECTORS], scale, base, t;
	ints s[VECTORS], w;

	for (int i = 0; i < n; i++)
		memcpy(&acc[i], out + (size_t)i * (size_t)ld, sizeof acc[i]);
	for (int g = 0; g < groups; g++, p++)
		for (int h = 0; h < halves; h++) {
			int from = h * 4, to = halves == 1 ? 8 : from + 4;

			for (int i = 0; i < n; i++)
				memset(&s[i], 0, sizeof s[i]);
			for (int k = from; k < to; k++) {
				memcpy(&w, p->q[k], sizeof w);
#pragma GCC unroll 8
				for (int i = 0; i < n; i++)
					dot4(&s[i], &w, four_at(q +
					    i * x->n + g * 32 + k * 4));
			}
			memcpy(&scale, p->scale[h], sizeof scale);
			memcpy(&base, p->base[h], sizeof base);
#pragma GCC unroll 8
			for (int i = 0; i < n; i++) {
				const float *m = sum + (i * dn + g) * 2 + h;

				t = __builtin_convertvector(s[i], floats16) *
				    scale;
				fma16(&t, &base, halves == 1 ? m[0] + m[1] :
				    m[0]);
				fma16(&acc[i], &t, d[i * dn + g]);
			}
		}
	for (int i = 0; i < n; i++)
		memcpy(out + (size_t)i * (size_t)ld, &acc[i], sizeof acc[i]);
}

LANES void
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

#ifdef HAVE_AVX512_KERNELS

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

#elif !defined(TILE_PLAIN)

const struct kern *
kern_avx512(void)
{
	return NULL;
}

#endif
