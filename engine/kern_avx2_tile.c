/* kern_avx2_tile.c -- products of panels with up to four vectors at a time,
 * for AVX2.
 *
 * VPMADDUBSW multiplies unsigned weights with signed values and adds two
 * neighbours in 16 bits.  Where the weights are small, several such sums are
 * added before they have to become 32 bits: with weights up to 15, 2 * 15 *
 * 127 * 8 < 32768 takes a whole group; up to 31 it takes four steps, up to 63
 * two, above that one.  Signed weights lend their signs to the values. */
#include "kern_avx2.h"

#ifdef HAVE_AVX2_KERNELS

#include <string.h>

#include "kern_panel.h"

#define VECTORS 4

/* How a type's panels are multiplied. */
struct way {
	int run;		/* steps that 16 bits can add */
	int halves;		/* scales in a group */
	bool is_signed;
};

struct vec {			/* one vector, from the panel's first group */
	const int8_t *q;
	const float *d, *sum;
};

INLINE __m256i
four_of(const int8_t *q)
{
	int32_t v;

	memcpy(&v, q, 4);
	return _mm256_set1_epi32(v);
}

/* Keeps the compiler from taking all products first and adding them last, for
 * which there are not enough registers. */
#define IN_ORDER(a, b) __asm__("" : "+x"(a), "+x"(b))

/* Sums of `run` steps from step k on, 16 bits each, for 2 times 8 rows. */
INLINE void
run_steps(struct way w, int n, const struct panel_group *p, int g, int k,
    const struct vec *v, __m256i s[2][VECTORS])
{
	for (int i = 0; i < n; i++)
		s[0][i] = s[1][i] = _mm256_setzero_si256();
#pragma GCC unroll 8
	for (int step = k; step < k + w.run; step++) {
		__m256i w0 = load32(p->q[step]), w1 = load32(p->q[step][8]);

#pragma GCC unroll 4
		for (int i = 0; i < n; i++) {
			__m256i x = four_of(v[i].q + g * 32 + step * 4);
			__m256i x0 = x, x1 = x, a = w0, b = w1;

			if (w.is_signed) {
				x0 = _mm256_sign_epi8(x, w0);
				x1 = _mm256_sign_epi8(x, w1);
				a = _mm256_abs_epi8(w0);
				b = _mm256_abs_epi8(w1);
			}
			s[0][i] = _mm256_add_epi16(s[0][i],
			    _mm256_maddubs_epi16(a, x0));
			s[1][i] = _mm256_add_epi16(s[1][i],
			    _mm256_maddubs_epi16(b, x1));
			IN_ORDER(s[0][i], s[1][i]);
		}
	}
}

/* The whole sums of half h (or of all) of a group, 32 bits each. */
INLINE void
dot_group(struct way w, int n, const struct panel_group *p, int g, int h,
    const struct vec *v, __m256i sum[2][VECTORS])
{
	const __m256i one = _mm256_set1_epi16(1);
	int steps = 8 / w.halves;
	__m256i s[2][VECTORS];

	for (int i = 0; i < n; i++)
		sum[0][i] = sum[1][i] = _mm256_setzero_si256();
	for (int k = h * steps; k < (h + 1) * steps; k += w.run) {
		run_steps(w, n, p, g, k, v, s);
#pragma GCC unroll 4
		for (int i = 0; i < n; i++)
			for (int o = 0; o < 2; o++)
				sum[o][i] = _mm256_add_epi32(sum[o][i],
				    _mm256_madd_epi16(s[o][i], one));
	}
}

INLINE void
tile(struct way w, int n, const struct panel_group *p, int groups,
    const struct vec *v, float *out, int ld)
{
	float acc[VECTORS][PANEL_ROWS] __attribute__((aligned(32)));
	__m256i sum[2][VECTORS];

	for (int i = 0; i < n; i++)
		memcpy(acc[i], out + (size_t)i * (size_t)ld, sizeof(acc[i]));
	for (int g = 0; g < groups; g++, p++)
		for (int h = 0; h < w.halves; h++) {
			dot_group(w, n, p, g, h, v, sum);
#pragma GCC unroll 4
			for (int i = 0; i < n; i++) {
				__m256 d = _mm256_broadcast_ss(v[i].d + g);
				__m256 s = _mm256_broadcast_ss(v[i].sum +
				    g * 2 + h);

				if (w.halves == 1)
					s = _mm256_add_ps(s,
					    _mm256_broadcast_ss(v[i].sum +
					    g * 2 + 1));
				for (int o = 0; o < 2; o++) {
					float *a = acc[i] + o * 8;
					__m256 t = _mm256_mul_ps(
					    _mm256_cvtepi32_ps(sum[o][i]),
					    _mm256_loadu_ps(p->scale[h] +
					    o * 8));

					if (!w.is_signed)
						t = _mm256_fmadd_ps(s,
						    _mm256_loadu_ps(p->base[h] +
						    o * 8), t);
					_mm256_store_ps(a, _mm256_fmadd_ps(t,
					    d, _mm256_load_ps(a)));
				}
			}
		}
	for (int i = 0; i < n; i++)
		memcpy(out + (size_t)i * (size_t)ld, acc[i], sizeof(acc[i]));
}

/* All vectors, four by four. */
INLINE void
tiles(struct way w, const struct panel_group *p, int groups,
    const struct act_rows *x, int64_t first, int rows, float *out, int ld)
{
	for (int r = 0; r < rows;) {
		struct vec v[VECTORS];
		int n = rows - r < VECTORS ? rows - r : VECTORS;

		for (int i = 0; i < n; i++) {
			int64_t at = (r + i) * x->n + first * 32;

			v[i] = (struct vec){ x->q + at, x->d + at / 32,
			    x->sum + at / 16 };
		}
		if (n == 4)
			tile(w, 4, p, groups, v, out, ld);
		else if (n == 3)
			tile(w, 3, p, groups, v, out, ld);
		else if (n == 2)
			tile(w, 2, p, groups, v, out, ld);
		else
			tile(w, 1, p, groups, v, out, ld);
		r += n;
		out += (size_t)n * (size_t)ld;
	}
}

#define WAY(NAME, RUN, HALVES, SIGNED) \
static void \
NAME(const struct panel_group *p, int groups, const struct act_rows *x, \
    int64_t first, int rows, float *out, int ld) \
{ \
	tiles((struct way){ RUN, HALVES, SIGNED }, p, groups, x, first, rows, \
	    out, ld); \
}
WAY(small_one, 8, 1, false)
WAY(five_one, 4, 1, false)
WAY(five_two, 4, 2, false)
WAY(six_two, 2, 2, false)
WAY(seven_two, 1, 2, false)
WAY(signed_one, 1, 1, true)
WAY(signed_two, 1, 2, true)

void
avx2_tile(enum ttype t, const struct panel_group *p, int groups,
    const struct act_rows *x, int64_t first, int rows, float *out, int ld)
{
	switch (t) {
	case TT_Q4_0:
	case TT_Q4_1:
	case TT_Q4_K:
		small_one(p, groups, x, first, rows, out, ld);
		break;
	case TT_Q5_0:
	case TT_Q5_1:
	case TT_Q5_K:
	case TT_MXFP4:
		five_one(p, groups, x, first, rows, out, ld);
		break;
	case TT_Q6_K:
		six_two(p, groups, x, first, rows, out, ld);
		break;
	case TT_Q8_0:
	case TT_Q8_1:
	case TT_IQ4_NL:
		signed_one(p, groups, x, first, rows, out, ld);
		break;
	case TT_Q8_K:
	case TT_IQ4_XS:
		signed_two(p, groups, x, first, rows, out, ld);
		break;
	case TT_IQ2_XXS:
	case TT_IQ2_XS:
	case TT_IQ2_S:
	case TT_IQ3_XXS:
	case TT_IQ3_S:
		seven_two(p, groups, x, first, rows, out, ld);
		break;
	default:	/* Q2_K Q3_K IQ1 TQ NVFP4: up to 24 */
		five_two(p, groups, x, first, rows, out, ld);
	}
}

#endif
