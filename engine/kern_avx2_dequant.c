/* kern_avx2_dequant.c -- rows of every tensor type as floats, for AVX2; equal
 * to what dequant_row() gives. */
#include "kern_avx2_iq.h"

#ifdef HAVE_AVX2_KERNELS

INLINE void
spread(__m256i v, bool is_signed, const float *scale, const float *base,
    float *dst)
{
	__m128i lo = _mm256_castsi256_si128(v);
	__m128i hi = _mm256_extracti128_si256(v, 1);
	__m128i q[4] = { lo, _mm_srli_si128(lo, 8), hi,
	    _mm_srli_si128(hi, 8) };
	int i;

	for (i = 0; i < 4; i++) {
		__m256i w = is_signed ? _mm256_cvtepi8_epi32(q[i]) :
		    _mm256_cvtepu8_epi32(q[i]);

		_mm256_storeu_ps(dst + i * 8, _mm256_fmadd_ps(
		    _mm256_cvtepi32_ps(w), _mm256_set1_ps(scale[i / 2]),
		    _mm256_set1_ps(base[i / 2])));
	}
}

INLINE void
dequant32(enum ttype t, int bytes, const uint8_t *b, float *dst, int64_t n)
{
	float scale[2], base[2];
	int64_t i;

	for (i = 0; i < n; i += 32, b += bytes) {
		scale[0] = scale[1] = t == TT_MXFP4 ?
		    _mm_cvtss_f32(scale_mxfp4(b)) :
		    _cvtsh_ss((uint16_t)(b[0] | b[1] << 8));
		base[0] = base[1] = t == TT_Q4_1 || t == TT_Q5_1 ?
		    _cvtsh_ss((uint16_t)(b[2] | b[3] << 8)) :
		    offset(t) ? scale[0] * (float)-offset(t) : 0;
		spread(unpack(t, b, 0), is_signed(t), scale, base, dst + i);
	}
}

/* The 16 scales and bases of a super-block. */
INLINE void
scales256(enum ttype t, const uint8_t *b, float *scale, float *base)
{
	__m128i min = _mm_setzero_si128(), sc;
	__m256 d, less;
	int i;

	if (t == TT_Q4_K || t == TT_Q5_K) {
		__m128 dm = half2(b);
		__m256 s, m;
		float s8[8], m8[8];

		scales_k4(b + 4, &s, &m);
		_mm256_storeu_ps(s8, _mm256_mul_ps(s,
		    _mm256_broadcastss_ps(dm)));
		_mm256_storeu_ps(m8, _mm256_mul_ps(m,
		    _mm256_broadcastss_ps(_mm_movehdup_ps(dm))));
		for (i = 0; i < 16; i++) {
			scale[i] = s8[i / 2];
			base[i] = -m8[i / 2];
		}
		return;
	}
	sc = scales_16(t, b, &min);
	d = _mm256_broadcastss_ps(half1(b + (t == TT_Q6_K ? 208 :
	    t == TT_Q3_K ? 108 : 80)));
	less = t == TT_Q2_K ? _mm256_broadcastss_ps(half1(b + 82)) :
	    _mm256_mul_ps(d, _mm256_set1_ps((float)offset(t)));
	if (t != TT_Q2_K)
		min = sc;
	for (i = 0; i < 2; i++) {
		_mm256_storeu_ps(scale + i * 8, _mm256_mul_ps(d,
		    _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(sc))));
		_mm256_storeu_ps(base + i * 8, _mm256_mul_ps(
		    _mm256_sub_ps(_mm256_setzero_ps(), less),
		    _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(min))));
		sc = _mm_srli_si128(sc, 8);
		min = _mm_srli_si128(min, 8);
	}
}

INLINE void
dequant256(enum ttype t, int bytes, const uint8_t *b, float *dst, int64_t n)
{
	float scale[16], base[16];

	for (; n > 0; n -= 256, b += bytes, dst += 256) {
		scales256(t, b, scale, base);
#define GROUP(G) spread(unpack(t, b, G), false, scale + G * 2, \
		base + G * 2, dst + G * 32);
		EACH_GROUP(GROUP)
#undef GROUP
	}
}

INLINE void
dequant_iq(enum ttype t, int bytes, const uint8_t *b, float *dst, int64_t n)
{
	static const float base[2] = { 0, 0 };
	float scale[16], d;
	uint32_t signs[8];
	int16_t s[16];
	__m256i w;
	int i;

	for (; n > 0; n -= 256, b += bytes, dst += 256) {
		if (signs_apart(t))
			_mm256_storeu_si256((__m256i *)signs,
			    signs_iq(t, b));
		d = scale_iq(t, b);
		_mm256_storeu_si256((__m256i *)s, scales_iq(t, b));
		for (i = 0; i < 16; i++)
			scale[i] = d * s[i % 2 * 8 + i / 2];
#define GROUP(G) \
		w = unpack_iq(t, b, G); \
		if (signs_apart(t)) \
			w = negate(w, signs[G]); \
		spread(w, true, scale + G * 2, base, dst + G * 32);
		EACH_GROUP(GROUP)
#undef GROUP
	}
}

static void
dequant_nvfp4(const uint8_t *b, float *dst, int64_t n)
{
	static const float base[2] = { 0, 0 };
	float scale[4];

	for (; n > 0; n -= 64, b += 36, dst += 64) {
		_mm_storeu_ps(scale, scales_nvfp4(b));
		spread(unpack_nvfp4(b, 0), true, scale, base, dst);
		spread(unpack_nvfp4(b, 1), true, scale + 2, base, dst + 32);
	}
}

void
avx2_dequant(enum ttype t, const void *src, float *dst, int64_t n)
{
	const uint8_t *b = src;
	int64_t i = 0;

	switch (t) {
#define CASE(T, LOOP, BYTES) case T: \
		LOOP(T, BYTES, b, dst, n); \
		break;
	EACH_BLOCK(CASE, dequant32, dequant256, dequant_iq)
#undef CASE
	case TT_NVFP4:
		dequant_nvfp4(b, dst, n);
		break;
	case TT_F16:
	case TT_BF16:
		for (; i + 8 <= n; i += 8)
			_mm256_storeu_ps(dst + i, t == TT_F16 ?
			    floats(TT_F16, b + i * 2) :
			    floats(TT_BF16, b + i * 2));
		dequant_row(t, b + i * 2, dst + i, n - i);
		break;
	default:
		dequant_row(t, src, dst, n);
	}
}

#endif
