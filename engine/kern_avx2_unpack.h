/* kern_avx2_unpack.h -- blocks of the tensor types as 32 bytes at a time with
 * their scales, for the files of the AVX2 kernels that multiply them and that
 * turn them into floats.  Groups are constants: every caller is compiled for
 * one type. */
#ifndef FIKR_KERN_AVX2_UNPACK_H
#define FIKR_KERN_AVX2_UNPACK_H

#include "kern_avx2.h"

#ifdef HAVE_AVX2_KERNELS

#include <stdbool.h>
#include <string.h>

#include "quant_grid.h"

/* DO(0) .. DO(7): the groups of a super-block, each with its own code. */
#define EACH_GROUP(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

/* ---- small pieces ---- */

INLINE __m128
half1(const uint8_t *p)		/* one f16 in all lanes */
{
	int16_t h;

	memcpy(&h, p, 2);
	return _mm_cvtph_ps(_mm_set1_epi16(h));
}

INLINE __m128
half2(const uint8_t *p)		/* two f16 in lanes 0 and 1 */
{
	int32_t h;

	memcpy(&h, p, 4);
	return _mm_cvtph_ps(_mm_cvtsi32_si128(h));
}

INLINE uint32_t
word(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* 8 values of F32, F16 or BF16. */
INLINE __m256
floats(enum ttype t, const uint8_t *p)
{
	if (t == TT_F32)
		return _mm256_loadu_ps((const float *)(const void *)p);
	if (t == TT_F16)
		return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
	return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(
	    _mm_loadu_si128((const __m128i *)p)), 16));
}

/* ---- turning ---- */

/* v[i] word j becomes v[j] word i. */
INLINE void
turn(__m256i v[8])
{
	__m256i a[8], b[8];

#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		a[i * 2] = _mm256_unpacklo_epi32(v[i * 2], v[i * 2 + 1]);
		a[i * 2 + 1] = _mm256_unpackhi_epi32(v[i * 2], v[i * 2 + 1]);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		int k = i / 2 * 4 + i % 2;

		b[i * 2] = _mm256_unpacklo_epi64(a[k], a[k + 2]);
		b[i * 2 + 1] = _mm256_unpackhi_epi64(a[k], a[k + 2]);
	}
#pragma GCC unroll 4
	for (int i = 0; i < 4; i++) {
		v[i] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x20);
		v[i + 4] = _mm256_permute2x128_si256(b[i], b[i + 4], 0x31);
	}
}

/* ---- unpacking: 32 weights as bytes in their order ---- */

INLINE __m256i
nibbles(const uint8_t *p)
{
	__m256i v = _mm256_broadcastsi128_si256(
	    _mm_loadu_si128((const __m128i *)p));

	v = _mm256_srlv_epi64(v, _mm256_setr_epi64x(0, 0, 4, 4));
	return _mm256_and_si256(v, _mm256_set1_epi8(15));
}

/* Bit j of 32 becomes all of byte j. */
INLINE __m256i
bits32(uint32_t bits)
{
	const __m256i spread = _mm256_setr_epi64x(0, 0x0101010101010101,
	    0x0202020202020202, 0x0303030303030303);
	const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
	__m256i v = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), spread);

	return _mm256_cmpeq_epi8(_mm256_and_si256(v, bit), bit);
}

INLINE __m256i
fifth_bits(const uint8_t *p)
{
	return _mm256_and_si256(bits32(word(p)), _mm256_set1_epi8(16));
}

/* Bits at..at+1 of each byte, moved to bits to..to+1 (constants). */
INLINE __m256i
two_bits(__m256i v, int at, int to)
{
	v = at > to ? _mm256_srli_epi16(v, at - to) :
	    _mm256_slli_epi16(v, to - at);
	return _mm256_and_si256(v, _mm256_set1_epi8((char)(3 << to)));
}

INLINE __m256i
one_bit(__m256i v, int at, int to)
{
	v = at > to ? _mm256_srli_epi16(v, at - to) :
	    _mm256_slli_epi16(v, to - at);
	return _mm256_and_si256(v, _mm256_set1_epi8((char)(1 << to)));
}

INLINE __m256i
four_bits(__m256i v, int high)
{
	if (high)
		v = _mm256_srli_epi16(v, 4);
	return _mm256_and_si256(v, _mm256_set1_epi8(15));
}

/* Of 16 levels the ones that 32 indices name. */
INLINE __m256i
look_up(const int8_t *level, __m256i index)
{
	return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(
	    _mm_loadu_si128((const __m128i *)level)), index);
}

/* Whether unpack() gives signed bytes; all else is unsigned. */
INLINE bool
is_signed(enum ttype t)
{
	return t == TT_Q8_0 || t == TT_Q8_1 || t == TT_IQ4_NL ||
	    t == TT_MXFP4;
}

/* Group g (a constant) of a block. */
INLINE __m256i
unpack(enum ttype t, const uint8_t *b, int g)
{
	switch (t) {
	case TT_Q4_0:
		return nibbles(b + 2);
	case TT_Q4_1:
		return nibbles(b + 4);
	case TT_Q5_0:
		return _mm256_or_si256(nibbles(b + 6), fifth_bits(b + 2));
	case TT_Q5_1:
		return _mm256_or_si256(nibbles(b + 8), fifth_bits(b + 4));
	case TT_Q8_0:
		return load32(b + 2);
	case TT_Q8_1:
		return load32(b + 4);
	case TT_IQ4_NL:
		return look_up(level_iq4, nibbles(b + 2));
	case TT_MXFP4:
		return look_up(level_fp4, nibbles(b + 1));
	case TT_Q2_K:
		return two_bits(load32(b + 16 + g / 4 * 32), g % 4 * 2, 0);
	case TT_Q3_K:
		return _mm256_or_si256(
		    two_bits(load32(b + 32 + g / 4 * 32), g % 4 * 2, 0),
		    one_bit(load32(b), g, 2));
	case TT_Q4_K:
		return four_bits(load32(b + 16 + g / 2 * 32), g % 2);
	case TT_Q5_K:
		return _mm256_or_si256(
		    four_bits(load32(b + 48 + g / 2 * 32), g % 2),
		    one_bit(load32(b + 16), g, 4));
	default:		/* TT_Q6_K */
		return _mm256_or_si256(
		    four_bits(load32(b + g / 4 * 64 + g % 2 * 32), g % 4 / 2),
		    two_bits(load32(b + 128 + g / 4 * 32), g % 4 * 2, 4));
	}
}

/* The 8 scales and 8 minima of Q4_K and Q5_K, as floats. */
INLINE void
scales_k4(const uint8_t *s, __m256 *sc, __m256 *m)
{
	uint32_t a = word(s), b = word(s + 4), c = word(s + 8);
	uint32_t lo = (c & 0x0f0f0f0f) | (a >> 2 & 0x30303030);
	uint32_t hi = (c >> 4 & 0x0f0f0f0f) | (b >> 2 & 0x30303030);

	*sc = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(
	    (long long)((uint64_t)lo << 32 | (a & 0x3f3f3f3f)))));
	*m = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128(
	    (long long)((uint64_t)hi << 32 | (b & 0x3f3f3f3f)))));
}

/* The 16 scales of Q3_K, less their 32, as bytes. */
INLINE __m128i
scales_q3_k(const uint8_t *s)
{
	uint32_t a = word(s), b = word(s + 4), c = word(s + 8);
	__m128i v = _mm_setr_epi32(
	    (int)((a & 0x0f0f0f0f) | (c << 4 & 0x30303030)),
	    (int)((b & 0x0f0f0f0f) | (c << 2 & 0x30303030)),
	    (int)((a >> 4 & 0x0f0f0f0f) | (c & 0x30303030)),
	    (int)((b >> 4 & 0x0f0f0f0f) | (c >> 2 & 0x30303030)));

	return _mm_sub_epi8(v, _mm_set1_epi8(32));
}

/* The 16 group scales of the types that have a scale each 16 values; for
 * Q2_K also its minima. */
INLINE __m128i
scales_16(enum ttype t, const uint8_t *b, __m128i *min)
{
	__m128i v;

	if (t == TT_Q3_K)
		return scales_q3_k(b + 96);
	if (t == TT_Q6_K)
		return _mm_loadu_si128((const __m128i *)(b + 192));
	v = _mm_loadu_si128((const __m128i *)b);
	*min = _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(15));
	return _mm_and_si128(v, _mm_set1_epi8(15));
}

/* What was left out of an unsigned weight: value = scale (q - this). */
INLINE int
offset(enum ttype t)
{
	switch (t) {
	case TT_Q4_0:
		return 8;
	case TT_Q5_0:
		return 16;
	case TT_Q3_K:
		return 4;
	case TT_Q6_K:
		return 32;
	default:
		return 0;
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

/* ---- 4-bit floats ---- */

/* MXFP4: half of 2^(e - 127), in all lanes; the levels are doubled.  The
 * second shift is the larger one for e = 0 and 1, which are subnormal. */
INLINE __m128
scale_mxfp4(const uint8_t *b)
{
	__m128i e = _mm_set1_epi32(b[0]), one = _mm_set1_epi32(1);

	return _mm_castsi128_ps(_mm_max_epi32(
	    _mm_slli_epi32(_mm_sub_epi32(e, one), 23),
	    _mm_slli_epi32(_mm_add_epi32(e, one), 21)));
}

/* Scale and base of a block of 32. */
INLINE float
scale32(enum ttype t, const uint8_t *b)
{
	return t == TT_MXFP4 ? _mm_cvtss_f32(scale_mxfp4(b)) :
	    _cvtsh_ss((uint16_t)(b[0] | b[1] << 8));
}

INLINE float
base32(enum ttype t, const uint8_t *b, float scale)
{
	if (t == TT_Q4_1 || t == TT_Q5_1)
		return _cvtsh_ss((uint16_t)(b[2] | b[3] << 8));
	return offset(t) ? scale * (float)-offset(t) : 0;
}

/* NVFP4: the four scales, unsigned floats of 4 + 3 bits, halved.  As an f16
 * such a float is 2^-8 of itself; 0x7f counts as zero. */
INLINE __m128
scales_nvfp4(const uint8_t *b)
{
	__m128i v = _mm_cvtepu8_epi16(_mm_cvtsi32_si128((int)word(b)));
	__m128i nan = _mm_cmpeq_epi16(v, _mm_set1_epi16(0x7f));

	v = _mm_and_si128(_mm_slli_epi16(v, 7), _mm_set1_epi16(0x3f80));
	v = _mm_andnot_si128(nan, v);
	return _mm_mul_ps(_mm_cvtph_ps(v), _mm_set1_ps(128));
}

/* Its values 32 g .. 32 g + 31: two times 16, each from the low and then the
 * high nibbles of 8 bytes. */
INLINE __m256i
unpack_nvfp4(const uint8_t *b, int g)
{
	__m128i v = _mm_loadu_si128((const __m128i *)(b + 4 + g * 16));
	__m128i lo = _mm_and_si128(v, _mm_set1_epi8(15));
	__m128i hi = _mm_and_si128(_mm_srli_epi16(v, 4), _mm_set1_epi8(15));

	return look_up(level_fp4, _mm256_setr_m128i(
	    _mm_unpacklo_epi64(lo, hi), _mm_unpackhi_epi64(lo, hi)));
}

#endif
#endif
