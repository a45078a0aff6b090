/* kern_avx2.c -- the kernels for processors with AVX2, FMA and F16C.  The
 * files kern_avx2*.c alone are compiled for them, and nothing in them runs
 * before the check in kern_avx2() below. */
#include "kern_avx2.h"

#include <stddef.h>

#ifdef HAVE_AVX2_KERNELS

#include <math.h>
#include <string.h>

/* Below this a group counts as zero: its reciprocal would overflow. */
#define TINY 1e-30f

INLINE float
max8(__m256 v)
{
	__m128 s = _mm_max_ps(_mm256_castps256_ps128(v),
	    _mm256_extractf128_ps(v, 1));

	s = _mm_max_ps(s, _mm_movehl_ps(s, s));
	return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

/* ---- the activation in 8 bits ---- */

static void
quantize(struct act *x)
{
	const __m256 sign = _mm256_set1_ps(-0.0f);
	const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
	int64_t g;

	for (g = 0; g < x->n / ACT_GROUP; g++) {
		const float *f = x->f + g * ACT_GROUP;
		__m256 a = _mm256_loadu_ps(f), b = _mm256_loadu_ps(f + 8);
		__m256 c = _mm256_loadu_ps(f + 16), e = _mm256_loadu_ps(f + 24);
		__m256 t = _mm256_max_ps(
		    _mm256_max_ps(_mm256_andnot_ps(sign, a),
		    _mm256_andnot_ps(sign, b)),
		    _mm256_max_ps(_mm256_andnot_ps(sign, c),
		    _mm256_andnot_ps(sign, e)));
		float top = max8(t);
		__m256 inv = _mm256_set1_ps(top > TINY ? 127 / top : 0);
		/* NaN where a value is infinite or NaN, else 0 */
		__m256 bad = _mm256_add_ps(
		    _mm256_add_ps(_mm256_sub_ps(a, a), _mm256_sub_ps(b, b)),
		    _mm256_add_ps(_mm256_sub_ps(c, c), _mm256_sub_ps(e, e)));
		__m256i p, q;
		__m128i s;

		p = _mm256_packs_epi32(
		    _mm256_cvtps_epi32(_mm256_mul_ps(a, inv)),
		    _mm256_cvtps_epi32(_mm256_mul_ps(b, inv)));
		q = _mm256_packs_epi32(
		    _mm256_cvtps_epi32(_mm256_mul_ps(c, inv)),
		    _mm256_cvtps_epi32(_mm256_mul_ps(e, inv)));
		p = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(p, q),
		    order);
		/* not finite came out as -128: keep to the promised range */
		p = _mm256_max_epi8(p, _mm256_set1_epi8(-127));
		_mm256_storeu_si256((__m256i *)(x->q + g * ACT_GROUP), p);
		x->d[g] = top > TINY ? top / 127 : 0;
		if (_mm256_movemask_ps(_mm256_cmp_ps(bad, bad, _CMP_UNORD_Q)))
			x->d[g] = NAN;
		/* sums of 16: of 2, of 4 (32 bits), then across the lane */
		q = _mm256_madd_epi16(_mm256_maddubs_epi16(
		    _mm256_set1_epi8(1), p), _mm256_set1_epi16(1));
		q = _mm256_hadd_epi32(q, q);
		q = _mm256_hadd_epi32(q, q);
		s = _mm256_extracti128_si256(q, 1);
		x->sum[g * 2] = (int16_t)_mm_cvtsi128_si32(
		    _mm256_castsi256_si128(q));
		x->sum[g * 2 + 1] = (int16_t)_mm_cvtsi128_si32(s);
	}
}

/* ---- floats ---- */

static float
dot(const float *a, const float *b, int n)
{
	__m256 s[4] = { _mm256_setzero_ps(), _mm256_setzero_ps(),
	    _mm256_setzero_ps(), _mm256_setzero_ps() };
	__m256i mask;
	int i, j;

	for (i = 0; i + 32 <= n; i += 32)
		for (j = 0; j < 4; j++)
			s[j] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i + j * 8),
			    _mm256_loadu_ps(b + i + j * 8), s[j]);
	for (; i + 8 <= n; i += 8)
		s[0] = _mm256_fmadd_ps(_mm256_loadu_ps(a + i),
		    _mm256_loadu_ps(b + i), s[0]);
	if (i < n) {
		mask = tail_mask(n - i);
		s[1] = _mm256_fmadd_ps(_mm256_maskload_ps(a + i, mask),
		    _mm256_maskload_ps(b + i, mask), s[1]);
	}
	return sum8(_mm256_add_ps(_mm256_add_ps(s[0], s[1]),
	    _mm256_add_ps(s[2], s[3])));
}

static void
axpy(float *y, float a, const float *x, int n)
{
	__m256 f = _mm256_set1_ps(a);
	int i;

	for (i = 0; i + 8 <= n; i += 8)
		_mm256_storeu_ps(y + i, _mm256_fmadd_ps(f,
		    _mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i)));
	for (; i < n; i++)
		y[i] += a * x[i];
}

static void
to_f16(uint16_t *dst, const float *src, int n)
{
	int i;

	for (i = 0; i + 8 <= n; i += 8)
		_mm_storeu_si128((__m128i *)(dst + i), _mm256_cvtps_ph(
		    _mm256_loadu_ps(src + i), _MM_FROUND_TO_NEAREST_INT));
	for (; i < n; i++)
		dst[i] = f32_to_f16(src[i]);
}

static void
rms_norm(float *y, const float *x, const float *w, int n, float eps)
{
	float scale = 1 / sqrtf(dot(x, x, n) / (float)n + eps);
	__m256 s = _mm256_set1_ps(scale);
	int i;

	for (i = 0; i + 8 <= n; i += 8)
		_mm256_storeu_ps(y + i, _mm256_mul_ps(_mm256_mul_ps(
		    _mm256_loadu_ps(x + i), s), _mm256_loadu_ps(w + i)));
	for (; i < n; i++)
		y[i] = x[i] * scale * w[i];
}

/* x = k ln 2 + r with ln 2 in two parts (Cody and Waite): r. */
INLINE __m256
rest_of(__m256 x, __m256 k)
{
	x = _mm256_fnmadd_ps(k, _mm256_set1_ps(0x1.62ep-1f), x);
	return _mm256_fnmadd_ps(k, _mm256_set1_ps(0x1.0bfbe8p-15f), x);
}

/* The Taylor series of e^r to r^6, where p stands for the last coefficient. */
INLINE __m256
taylor6(__m256 p, __m256 r)
{
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 120));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 24));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f / 6));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(0.5f));
	p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
	return _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0f));
}

/* e^x: |r| <= ln 2 / 2, the series to r^7, whose remainder is below 6e-9, then
 * times 2^k in two steps, so that neither overflows before the result does.
 * NaN stays NaN: it is the second operand of min and max. */
INLINE __m256
exp8(__m256 x)
{
	__m256 k, r, p;
	__m256i n, half;

	x = _mm256_min_ps(_mm256_set1_ps(89.0f), x);
	x = _mm256_max_ps(_mm256_set1_ps(-104.0f), x);
	k = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504f)),
	    _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
	r = rest_of(x, k);
	p = taylor6(_mm256_fmadd_ps(_mm256_set1_ps(1.0f / 5040), r,
	    _mm256_set1_ps(1.0f / 720)), r);
	n = _mm256_cvtps_epi32(k);
	half = _mm256_srai_epi32(n, 1);
	n = _mm256_sub_epi32(n, half);
	p = _mm256_mul_ps(p, _mm256_castsi256_ps(_mm256_slli_epi32(
	    _mm256_add_epi32(half, _mm256_set1_epi32(127)), 23)));
	return _mm256_mul_ps(p, _mm256_castsi256_ps(_mm256_slli_epi32(
	    _mm256_add_epi32(n, _mm256_set1_epi32(127)), 23)));
}

/* e^x of x <= 0, as above but: the series ends with r^6, whose remainder is
 * below 1.3e-7; k is taken from the last bits of a sum that has no room for
 * more; below -87 x counts as -87, so that 2^k takes one step. */
INLINE __m256
exp8_below(__m256 x)
{
	/* 1.5 * 2^23, so that a unit is the last bit, and the bias of 2^k */
	const __m256 shift = _mm256_set1_ps(12582912.0f + 127);
	__m256 k;
	__m256i n;

	x = _mm256_max_ps(_mm256_set1_ps(-87.0f), x);
	k = _mm256_fmadd_ps(x, _mm256_set1_ps(1.44269504f), shift);
	n = _mm256_slli_epi32(_mm256_castps_si256(k), 23);
	x = rest_of(x, _mm256_sub_ps(k, shift));
	return _mm256_mul_ps(taylor6(_mm256_set1_ps(1.0f / 720), x),
	    _mm256_castsi256_ps(n));
}

/* The last n - i < 8 values, minus infinity after them. */
INLINE __m256
load_tail(const float *x, __m256i mask)
{
	return _mm256_blendv_ps(_mm256_set1_ps(-INFINITY),
	    _mm256_maskload_ps(x, mask), _mm256_castsi256_ps(mask));
}

static float
largest(const float *x, int n, float max)
{
	__m256 a = _mm256_set1_ps(max), b = a;
	int i;

	for (i = 0; i + 16 <= n; i += 16) {
		a = _mm256_max_ps(a, _mm256_loadu_ps(x + i));
		b = _mm256_max_ps(b, _mm256_loadu_ps(x + i + 8));
	}
	for (; i < n; i += 8)
		a = _mm256_max_ps(a, load_tail(x + i,
		    tail_mask(n - i < 8 ? n - i : 8)));
	return max8(_mm256_max_ps(a, b));
}

static float
exps(float *x, int n, float *max)
{
	int i, whole = n & ~7;
	__m256i mask = tail_mask(n - whole);
	__m256 top, sum = _mm256_setzero_ps(), e;

	*max = largest(x, n, *max);
	top = _mm256_set1_ps(*max);
	for (i = 0; i < whole; i += 8) {
		e = exp8_below(_mm256_sub_ps(_mm256_loadu_ps(x + i), top));
		_mm256_storeu_ps(x + i, e);
		sum = _mm256_add_ps(sum, e);
	}
	e = exp8_below(_mm256_sub_ps(load_tail(x + whole, mask), top));
	e = _mm256_and_ps(e, _mm256_castsi256_ps(mask));
	_mm256_maskstore_ps(x + whole, mask, e);
	return sum8(_mm256_add_ps(sum, e));
}

INLINE __m256
exp_from(__m256 x, __m256 max, __m256 scale, __m256 bar)
{
	__m256 e = exp8_below(_mm256_mul_ps(_mm256_sub_ps(x, max), scale));

	return _mm256_and_ps(e, _mm256_cmp_ps(x, bar, _CMP_GE_OQ));
}

static float
exp_sum(const float *x, int n, float max, float scale, float bar)
{
	int i, whole = n & ~7;
	__m256i mask = tail_mask(n - whole);
	__m256 m = _mm256_set1_ps(max), s = _mm256_set1_ps(scale);
	__m256 b = _mm256_set1_ps(bar), sum = _mm256_setzero_ps();

	for (i = 0; i < whole; i += 8)
		sum = _mm256_add_ps(sum, exp_from(_mm256_loadu_ps(x + i), m, s,
		    b));
	if (whole < n)
		sum = _mm256_add_ps(sum, _mm256_and_ps(exp_from(load_tail(
		    x + whole, mask), m, s, b), _mm256_castsi256_ps(mask)));
	return sum8(sum);
}

INLINE __m256
silu_times(__m256 y, __m256 u)
{
	__m256 e = exp8(_mm256_sub_ps(_mm256_setzero_ps(), y));

	return _mm256_mul_ps(_mm256_div_ps(y,
	    _mm256_add_ps(_mm256_set1_ps(1), e)), u);
}

/* (1 + tanh z) / 2 = 1 / (1 + exp(-2 z)), so this is silu with -2 z. */
INLINE __m256
gelu_times(__m256 y, __m256 u)
{
	__m256 cube = _mm256_mul_ps(_mm256_mul_ps(y, y), y);
	__m256 z = _mm256_fmadd_ps(cube, _mm256_set1_ps(0.044715f), y);
	__m256 e = exp8(_mm256_mul_ps(z, _mm256_set1_ps(-1.5957691216f)));

	return _mm256_mul_ps(_mm256_div_ps(y,
	    _mm256_add_ps(_mm256_set1_ps(1), e)), u);
}

/* y = act(y) * u, compiled for each act */
INLINE void
glu(bool gelu, float *y, const float *u, int n)
{
	__m256i mask = tail_mask(n & 7);
	__m256 a, b;
	int i;

	for (i = 0; i + 8 <= n; i += 8) {
		a = _mm256_loadu_ps(y + i);
		b = _mm256_loadu_ps(u + i);
		_mm256_storeu_ps(y + i,
		    gelu ? gelu_times(a, b) : silu_times(a, b));
	}
	if (i < n) {
		a = _mm256_maskload_ps(y + i, mask);
		b = _mm256_maskload_ps(u + i, mask);
		_mm256_maskstore_ps(y + i, mask,
		    gelu ? gelu_times(a, b) : silu_times(a, b));
	}
}

static void
swiglu(float *y, const float *u, int n)
{
	glu(false, y, u, n);
}

static void
geglu(float *y, const float *u, int n)
{
	glu(true, y, u, n);
}

/* ---- rows of the cache in Q8_0: an f16 scale and 32 bytes a block ---- */

#define Q8_0_BYTES 34

static void
to_q8_0(void *dst, const float *src, int n)
{
	uint8_t *b = dst;
	int8_t q[32];
	float d;
	int16_t sum[2];
	struct act x = { .n = 32, .q = q, .d = &d, .sum = sum };
	uint16_t h;
	int i;

	for (i = 0; i < n; i += 32, b += Q8_0_BYTES) {
		x.f = src + i;
		quantize(&x);
		/* the largest finite scale rather than infinity, which times
		 * zero is NaN */
		h = f32_to_f16(d > 65504 ? 65504 : d);
		memcpy(b, &h, 2);
		memcpy(b + 2, q, 32);
	}
}

static const struct kern avx2 = {
	.name = "avx2", .quantize = quantize, .gemv = avx2_gemv,
	.pack = avx2_pack, .tile = avx2_tile,
	.in_lanes = avx2_in_lanes, .to_lanes = avx2_to_lanes,
	.lanes = avx2_lanes, .pack_lanes = avx2_pack_lanes,
	.dequant = avx2_dequant, .axpy = axpy, .to_f16 = to_f16,
	.rms_norm = rms_norm, .exps = exps, .exp_sum = exp_sum,
	.swiglu = swiglu, .geglu = geglu, .to_q8_0 = to_q8_0,
	.scores = avx2_scores, .mix = avx2_mix, .gemm = avx2_gemm,
};

const struct kern *
kern_avx2(void)
{
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
		return NULL;
	/* every processor with AVX2 has F16C; clang 14 cannot ask for it */
	return &avx2;
}

#else

const struct kern *
kern_avx2(void)
{
	return NULL;
}

#endif
