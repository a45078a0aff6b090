/* kern_avx2_iq.h -- the super-blocks with code books (IQ1 to IQ4), the ternary
 * ones (TQ) and Q8_K: 256 values, value = d * s * q with a whole scale s for
 * each 16 and no minimum.  The layouts are described in quant_iq.c. */
#ifndef FIKR_KERN_AVX2_IQ_H
#define FIKR_KERN_AVX2_IQ_H

#include "kern_avx2_unpack.h"

#ifdef HAVE_AVX2_KERNELS

INLINE unsigned
u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, 2);
	return v;
}

/* ---- scales ---- */

/* The d of a block, with the fraction that makes its scales whole. */
INLINE float
scale_iq(enum ttype t, const uint8_t *b)
{
	float f;

	switch (t) {
	case TT_Q8_K:
		memcpy(&f, b, 4);
		return f;
	case TT_TQ1_0:
		return _cvtsh_ss((uint16_t)u16(b + 52));
	case TT_TQ2_0:
		return _cvtsh_ss((uint16_t)u16(b + 64));
	case TT_IQ1_M:		/* a nibble in each word of the scales */
		return _cvtsh_ss((uint16_t)(u16(b + 48) >> 12 |
		    (u16(b + 50) >> 8 & 0xf0) | (u16(b + 52) >> 4 & 0xf00) |
		    (u16(b + 54) & 0xf000))) * 0.125f;
	case TT_IQ3_S:
	case TT_IQ4_XS:
		return _cvtsh_ss((uint16_t)u16(b));
	case TT_IQ3_XXS:
		return _cvtsh_ss((uint16_t)u16(b)) * 0.25f;
	default:		/* IQ2, IQ1_S */
		return _cvtsh_ss((uint16_t)u16(b)) * 0.125f;
	}
}

/* Eight scales of 16 bits for groups of 32, in the form of scales_iq(). */
INLINE __m256i
both(__m128i s)
{
	return _mm256_broadcastsi128_si256(s);
}

INLINE __m256i
twice_and_one(__m256i s)
{
	return _mm256_add_epi16(_mm256_add_epi16(s, s), _mm256_set1_epi16(1));
}

/* Eight nibbles of a word, in 16 bits each. */
INLINE __m128i
nibbles8(uint32_t v)
{
	__m128i lo = _mm_cvtsi32_si128((int)(v & 0x0f0f0f0f));
	__m128i hi = _mm_cvtsi32_si128((int)(v >> 4 & 0x0f0f0f0f));

	return _mm_cvtepu8_epi16(_mm_unpacklo_epi8(lo, hi));
}

/* The second of each two of 16 words. */
INLINE __m256i
odd_words(const uint8_t *p)
{
	__m256i v = _mm256_castps_si256(_mm256_shuffle_ps(
	    _mm256_castsi256_ps(load32(p)),
	    _mm256_castsi256_ps(load32(p + 32)), 0xdd));

	/* lanes were taken apart: 0 2 1 3 of pairs */
	return _mm256_permute4x64_epi64(v, 0xd8);
}

/* The upper four bits of eight words. */
INLINE __m128i
tops(__m256i v)
{
	v = _mm256_srli_epi32(v, 28);
	return _mm_packs_epi32(_mm256_castsi256_si128(v),
	    _mm256_extracti128_si256(v, 1));
}

/* 16 nibbles, those of even places in the low lane. */
INLINE __m256i
nibbles16(const uint8_t *p)
{
	__m128i v = _mm_loadl_epi64((const __m128i *)p);
	__m128i mask = _mm_set1_epi8(15);

	return _mm256_setr_m128i(_mm_cvtepu8_epi16(_mm_and_si128(v, mask)),
	    _mm_cvtepu8_epi16(_mm_and_si128(_mm_srli_epi16(v, 4), mask)));
}

/* IQ1_M: 16 scales of three bits, four in a word: moved to the top by a
 * product, then down. */
INLINE __m256i
scales_iq1_m(const uint8_t *p)
{
	const __m256i up = _mm256_setr_epi16(1 << 13, 1 << 7, 1 << 13, 1 << 7,
	    1 << 13, 1 << 7, 1 << 13, 1 << 7, 1 << 10, 1 << 4, 1 << 10,
	    1 << 4, 1 << 10, 1 << 4, 1 << 10, 1 << 4);
	__m128i v = _mm_loadl_epi64((const __m128i *)p);

	v = _mm_unpacklo_epi16(v, v);
	return _mm256_srli_epi16(_mm256_mullo_epi16(both(v), up), 13);
}

/* IQ4_XS: four bits of a scale, and two in another place. */
INLINE __m128i
scales_iq4_xs(const uint8_t *b)
{
	const __m128i up = _mm_setr_epi16(1 << 14, 1 << 12, 1 << 10, 1 << 8,
	    1 << 6, 1 << 4, 1 << 2, 1);
	__m128i hi = _mm_mullo_epi16(_mm_set1_epi16((int16_t)u16(b + 2)), up);

	hi = _mm_slli_epi16(_mm_srli_epi16(hi, 14), 4);
	return _mm_sub_epi16(_mm_or_si128(hi, nibbles8(word(b + 4))),
	    _mm_set1_epi16(32));
}

/* The 16 whole scales: of the groups' first halves in the low lane, of their
 * second halves in the high one. */
INLINE __m256i
scales_iq(enum ttype t, const uint8_t *b)
{
	switch (t) {
	case TT_IQ1_S:
		return twice_and_one(both(_mm_and_si128(_mm_srli_epi16(
		    _mm_loadu_si128((const __m128i *)(b + 34)), 12),
		    _mm_set1_epi16(7))));
	case TT_IQ1_M:
		return twice_and_one(scales_iq1_m(b + 48));
	case TT_IQ2_XXS:
		return twice_and_one(both(tops(odd_words(b + 2))));
	case TT_IQ2_XS:
		return twice_and_one(nibbles16(b + 66));
	case TT_IQ2_S:
		return twice_and_one(nibbles16(b + 74));
	case TT_IQ3_XXS:
		return twice_and_one(both(tops(load32(b + 66))));
	case TT_IQ3_S:
		return twice_and_one(both(nibbles8(word(b + 106))));
	case TT_IQ4_XS:
		return both(scales_iq4_xs(b));
	default:		/* TQ, Q8_K */
		return _mm256_set1_epi16(1);
	}
}

/* The same as floats, in the order of the values. */
INLINE void
scales_of_iq(enum ttype t, const uint8_t *b, float *scale)
{
	float d = scale_iq(t, b);
	int16_t s[16];
	int i;

	_mm256_storeu_si256((__m256i *)s, scales_iq(t, b));
	for (i = 0; i < 16; i++)
		scale[i] = d * s[i % 2 * 8 + i / 2];
}

/* ---- code books ---- */

/* Four points of eight values, two bits each.  A byte goes to each of its four
 * values; there its bits become n or 4 n, and level says what both stand
 * for. */
INLINE __m256i
points2(const uint16_t *grid, unsigned i0, unsigned i1, unsigned i2,
    unsigned i3, __m256i level)
{
	const __m256i spread = _mm256_setr_epi8(0, 0, 0, 0, 1, 1, 1, 1,
	    2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6,
	    7, 7, 7, 7);
	__m256i v = _mm256_broadcastq_epi64(_mm_set_epi16(0, 0, 0, 0,
	    (int16_t)grid[i3], (int16_t)grid[i2], (int16_t)grid[i1],
	    (int16_t)grid[i0]));

	v = _mm256_shuffle_epi8(v, spread);
	v = _mm256_blend_epi16(v, _mm256_srli_epi16(v, 4), 0xaa);
	v = _mm256_and_si256(v, _mm256_set1_epi32(0x0c030c03));
	return _mm256_shuffle_epi8(level, v);
}

INLINE __m256i
levels2(int a, int b, int c)
{
	return both(_mm_setr_epi8((char)a, (char)b, (char)c, 0, (char)b, 0, 0,
	    0, (char)c, 0, 0, 0, 0, 0, 0, 0));
}

/* Eight points of four values, four bits each; bit j of high is bit 8 of the
 * number in p[j]. */
INLINE __m256i
points4(const uint16_t *grid, const uint8_t *p, unsigned high,
    const int8_t *level)
{
#define POINT(J) (int16_t)grid[p[J] | (high << (8 - J) & 256)]
	__m256i v = _mm256_cvtepu8_epi16(_mm_setr_epi16(POINT(0), POINT(1),
	    POINT(2), POINT(3), POINT(4), POINT(5), POINT(6), POINT(7)));
#undef POINT

	v = _mm256_or_si256(v, _mm256_slli_epi16(v, 4));
	v = _mm256_and_si256(v, _mm256_set1_epi8(15));
	return _mm256_shuffle_epi8(both(_mm_loadl_epi64(
	    (const __m128i *)level)), v);
}

/* IQ1: -1, 0, 1 in eighths, moved by one eighth: less where down has bits. */
INLINE __m256i
points_iq1(const uint8_t *p, unsigned h0, unsigned h1, unsigned h2,
    unsigned h3, __m256i down)
{
	__m256i v = points2(grid_iq1, p[0] | (h0 & 7) << 8,
	    p[1] | (h1 & 7) << 8, p[2] | (h2 & 7) << 8, p[3] | (h3 & 7) << 8,
	    levels2(-8, 0, 8));

	return _mm256_add_epi8(v, _mm256_or_si256(down, _mm256_set1_epi8(1)));
}

INLINE __m256i
unpack_iq1_s(const uint8_t *b, int g)
{
	unsigned h = u16(b + 34 + g * 2);

	return points_iq1(b + 2 + g * 4, h, h >> 3, h >> 6, h >> 9,
	    _mm256_set1_epi8((char)-(int)(h >> 15)));
}

INLINE __m256i
unpack_iq1_m(const uint8_t *b, int g)
{
	const __m256i spread = _mm256_setr_epi64x(0, 0, 0x0101010101010101,
	    0x0101010101010101);
	const __m256i bit = _mm256_setr_epi64x(0x0808080808080808,
	    (long long)0x8080808080808080, 0x0808080808080808,
	    (long long)0x8080808080808080);
	unsigned h = u16(b + 32 + g * 2);
	__m256i down = _mm256_shuffle_epi8(_mm256_set1_epi16((int16_t)h),
	    spread);

	down = _mm256_cmpeq_epi8(_mm256_and_si256(down, bit), bit);
	return points_iq1(b + g * 4, h, h >> 4, h >> 8, h >> 12, down);
}

INLINE __m256i
unpack_iq2(enum ttype t, const uint8_t *b, int g)
{
	const __m256i level = levels2(8, 25, 43);
	const uint8_t *p = b + 2 + g * (t == TT_IQ2_S ? 4 : 8);
	unsigned h;

	switch (t) {
	case TT_IQ2_XXS:
		return points2(grid_iq2_xxs, p[0], p[1], p[2], p[3], level);
	case TT_IQ2_XS:
		return points2(grid_iq2_xs, u16(p) & 511, u16(p + 2) & 511,
		    u16(p + 4) & 511, u16(p + 6) & 511, level);
	default:
		h = b[66 + g];
		return points2(grid_iq2_s, p[0] | (h << 8 & 0x300),
		    p[1] | (h << 6 & 0x300), p[2] | (h << 4 & 0x300),
		    p[3] | (h << 2 & 0x300), level);
	}
}

/* ---- three to the power ---- */

/* Each byte times 3^n, mod 256; n is a constant. */
INLINE __m256i
times3(__m256i v, int n)
{
	for (; n > 0; n--)
		v = _mm256_add_epi8(_mm256_add_epi8(v, v), v);
	return v;
}

/* Fractions of 256 as -1, 0, 1 by their leading digit in base 3. */
INLINE __m256i
leading(__m256i v)
{
	__m256i one = _mm256_cmpeq_epi8(v, _mm256_max_epu8(v,
	    _mm256_set1_epi8(86)));
	__m256i two = _mm256_cmpeq_epi8(v, _mm256_max_epu8(v,
	    _mm256_set1_epi8((char)171)));

	v = _mm256_sub_epi8(_mm256_set1_epi8(-1), one);
	return _mm256_sub_epi8(v, two);
}

/* In the last three groups a lane has a power of its own; in the last lane
 * four bytes have four of them. */
INLINE __m256i
unpack_tq1_0(const uint8_t *b, int g)
{
	__m256i v, w;

	if (g < 5)
		return leading(times3(load32(b), g));
	v = both(_mm_loadu_si128((const __m128i *)(b + 32)));
	if (g < 7) {
		v = times3(v, g == 5 ? 0 : 2);
		return leading(_mm256_blend_epi32(v, times3(v, 1), 0xf0));
	}
	w = _mm256_set1_epi32((int)word(b + 48));
	v = _mm256_blend_epi32(times3(v, 4), w, 0x10);
	v = _mm256_blend_epi32(v, times3(w, 1), 0x20);
	v = _mm256_blend_epi32(v, times3(w, 2), 0x40);
	return leading(_mm256_blend_epi32(v, times3(w, 3), 0x80));
}

/* ---- groups ---- */

/* Whether the signs are apart from what unpack_iq() gives. */
INLINE bool
signs_apart(enum ttype t)
{
	return t == TT_IQ2_XXS || t == TT_IQ2_XS || t == TT_IQ2_S ||
	    t == TT_IQ3_XXS || t == TT_IQ3_S;
}

/* Group g of a block: signed bytes, or the magnitudes where signs are
 * apart. */
INLINE __m256i
unpack_iq(enum ttype t, const uint8_t *b, int g)
{
	switch (t) {
	case TT_Q8_K:
		return load32(b + 4 + g * 32);
	case TT_IQ1_S:
		return unpack_iq1_s(b, g);
	case TT_IQ1_M:
		return unpack_iq1_m(b, g);
	case TT_IQ3_XXS:
		return points4(grid_iq3_xxs, b + 2 + g * 8, 0, level_iq3_xxs);
	case TT_IQ3_S:
		return points4(grid_iq3_s, b + 2 + g * 8, b[66 + g],
		    level_iq3_s);
	case TT_IQ4_XS:
		return look_up(level_iq4, nibbles(b + 8 + g * 16));
	case TT_TQ1_0:
		return unpack_tq1_0(b, g);
	case TT_TQ2_0:
		return _mm256_sub_epi8(two_bits(load32(b + g / 4 * 32),
		    g % 4 * 2, 0), _mm256_set1_epi8(1));
	default:
		return unpack_iq2(t, b, g);
	}
}

/* To 32 times seven signs, one a byte, the eighth: it makes the number of
 * minus signs even. */
INLINE __m256i
with_eighth(__m256i s)
{
	__m256i p = _mm256_xor_si256(s, _mm256_srli_epi16(s, 4));

	p = _mm256_xor_si256(p, _mm256_srli_epi16(p, 2));
	p = _mm256_xor_si256(p, _mm256_srli_epi16(p, 1));
	p = _mm256_and_si256(_mm256_slli_epi16(p, 7),
	    _mm256_set1_epi8((char)0x80));
	return _mm256_or_si256(s, p);
}

/* The lower 28 bits of each word, seven in each byte. */
INLINE __m256i
sevens(__m256i v)
{
	const __m256i low = _mm256_set1_epi32(0x7f);
	__m256i a = _mm256_and_si256(v, low);
	__m256i b = _mm256_and_si256(_mm256_slli_epi32(v, 1),
	    _mm256_slli_epi32(low, 8));
	__m256i c = _mm256_and_si256(_mm256_slli_epi32(v, 2),
	    _mm256_slli_epi32(low, 16));
	__m256i d = _mm256_and_si256(_mm256_slli_epi32(v, 3),
	    _mm256_slli_epi32(low, 24));

	return _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
}

/* The signs of a block's values, a bit each, a word for each group. */
INLINE __m256i
signs_iq(enum ttype t, const uint8_t *b)
{
	switch (t) {
	case TT_IQ2_XXS:
		return with_eighth(sevens(odd_words(b + 2)));
	case TT_IQ3_XXS:
		return with_eighth(sevens(load32(b + 66)));
	case TT_IQ2_XS:		/* above nine bits in 32 times 16 */
		return with_eighth(_mm256_permute4x64_epi64(
		    _mm256_packus_epi16(
		    _mm256_srli_epi16(load32(b + 2), 9),
		    _mm256_srli_epi16(load32(b + 34), 9)), 0xd8));
	case TT_IQ2_S:
		return load32(b + 34);
	default:		/* IQ3_S */
		return load32(b + 74);
	}
}

/* v, negated where a bit is set. */
INLINE __m256i
negate(__m256i v, uint32_t signs)
{
	__m256i mask = bits32(signs);

	return _mm256_sub_epi8(_mm256_xor_si256(v, mask), mask);
}

/* The signs of a block where they are apart; else nothing is written. */
INLINE void
load_signs(enum ttype t, const uint8_t *b, uint32_t signs[8])
{
	if (signs_apart(t))
		_mm256_storeu_si256((__m256i *)signs, signs_iq(t, b));
}

/* Group g as signed bytes, whichever way the type has its signs. */
INLINE __m256i
signed_iq(enum ttype t, const uint8_t *b, int g, const uint32_t signs[8])
{
	__m256i w = unpack_iq(t, b, g);

	return signs_apart(t) ? negate(w, signs[g]) : w;
}

/* A case for every type with blocks: its loop (B32 for blocks of 32, B256 for
 * the super-blocks of kern_avx2_unpack.h, IQ for those here), bytes a block. */
#define EACH_BLOCK(CASE, B32, B256, IQ) \
	CASE(TT_Q4_0, B32, 18) \
	CASE(TT_Q4_1, B32, 20) \
	CASE(TT_Q5_0, B32, 22) \
	CASE(TT_Q5_1, B32, 24) \
	CASE(TT_Q8_0, B32, 34) \
	CASE(TT_Q2_K, B256, 84) \
	CASE(TT_Q3_K, B256, 110) \
	CASE(TT_Q4_K, B256, 144) \
	CASE(TT_Q5_K, B256, 176) \
	CASE(TT_Q6_K, B256, 210) \
	CASE(TT_Q8_1, B32, 36) \
	CASE(TT_IQ4_NL, B32, 18) \
	CASE(TT_MXFP4, B32, 17) \
	CASE(TT_Q8_K, IQ, 292) \
	CASE(TT_IQ1_S, IQ, 50) \
	CASE(TT_IQ1_M, IQ, 56) \
	CASE(TT_IQ2_XXS, IQ, 66) \
	CASE(TT_IQ2_XS, IQ, 74) \
	CASE(TT_IQ2_S, IQ, 82) \
	CASE(TT_IQ3_XXS, IQ, 98) \
	CASE(TT_IQ3_S, IQ, 110) \
	CASE(TT_IQ4_XS, IQ, 136) \
	CASE(TT_TQ1_0, IQ, 54) \
	CASE(TT_TQ2_0, IQ, 66)

#endif
#endif
