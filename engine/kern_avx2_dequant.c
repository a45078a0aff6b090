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
		scale[0] = scale[1] = scale32(t, b);
		base[0] = base[1] = base32(t, b, scale[0]);
		spread(unpack(t, b, 0), is_signed(t), scale, base, dst + i);
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
	float scale[16];
	uint32_t signs[8];

	for (; n > 0; n -= 256, b += bytes, dst += 256) {
		load_signs(t, b, signs);
		scales_of_iq(t, b, scale);
#define GROUP(G) spread(signed_iq(t, b, G, signs), true, scale + G * 2, base, \
		dst + G * 32);
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
