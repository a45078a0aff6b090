/* kern_avx2_rows.c -- products with rows of every tensor type, and their
 * dequantisation, for AVX2.
 *
 * Products of quantised rows: a group of 32 weights is unpacked to bytes and
 * multiplied with the 32 bytes of the activation by VPMADDUBSW, whose 16-bit
 * sums of two must not saturate: unsigned weights here are at most 63, and
 * 2 * 63 * 127 < 32768; for Q8_0 |w| <= 128 and 2 * 128 * 127 < 32768.
 * Offsets (the 8 of Q4_0, the 32 of Q6_K, minima) never touch the weights:
 * sum((q - o) x) = sum(q x) - o sum(x), and struct act has the sums. */
#include "kern_avx2.h"

#ifdef HAVE_AVX2_KERNELS

#include <stdbool.h>
#include <string.h>

/* Rows taken together, so that loads of the activation are shared. */
#define ROWS 4

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

/* ---- unpacking: 32 weights as bytes in their order ---- */

INLINE __m256i
nibbles(const uint8_t *p)
{
	__m256i v = _mm256_broadcastsi128_si256(
	    _mm_loadu_si128((const __m128i *)p));

	v = _mm256_srlv_epi64(v, _mm256_setr_epi64x(0, 0, 4, 4));
	return _mm256_and_si256(v, _mm256_set1_epi8(15));
}

/* Bit j of 32 becomes 16 in byte j. */
INLINE __m256i
fifth_bits(const uint8_t *p)
{
	const __m256i spread = _mm256_setr_epi64x(0, 0x0101010101010101,
	    0x0202020202020202, 0x0303030303030303);
	const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
	__m256i v = _mm256_set1_epi32((int)word(p));

	v = _mm256_and_si256(_mm256_shuffle_epi8(v, spread), bit);
	v = _mm256_cmpeq_epi8(v, bit);
	return _mm256_and_si256(v, _mm256_set1_epi8(16));
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

/* Group g (a constant) of a block, unsigned but for Q8_0. */
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

/* ---- products: blocks of 32 ---- */

/* One group of the activation, as all rows see it. */
struct side {
	__m256i q;
	__m128 d;		/* lane 0: d; lane 1: d * sum of q, times the
				 * offset where the type has no minimum */
};

struct sums {
	__m256 dot;
	__m128 base;		/* lane 1 counts */
};

INLINE struct side
side32(enum ttype t, const struct act *x, int64_t g)
{
	float s = x->d[g] * (float)(x->sum[g * 2] + x->sum[g * 2 + 1]);
	struct side a;

	if (offset(t) != 0)
		s *= (float)-offset(t);
	a.q = load32(x->q + g * ACT_GROUP);
	a.d = _mm_setr_ps(x->d[g], s, 0, 0);
	return a;
}

INLINE void
step32(enum ttype t, const uint8_t *b, const struct side *a, struct sums *s)
{
	__m128 d = _mm_mul_ps(a->d,
	    t == TT_Q4_1 || t == TT_Q5_1 ? half2(b) : half1(b));
	__m256i v = unpack(t, b, 0);

	if (t == TT_Q8_0)
		v = _mm256_maddubs_epi16(_mm256_abs_epi8(v),
		    _mm256_sign_epi8(a->q, v));
	else
		v = _mm256_maddubs_epi16(v, a->q);
	v = _mm256_madd_epi16(v, _mm256_set1_epi16(1));
	s->dot = _mm256_fmadd_ps(_mm256_cvtepi32_ps(v),
	    _mm256_broadcastss_ps(d), s->dot);
	if (t != TT_Q8_0)
		s->base = _mm_add_ps(s->base, d);
}

INLINE float
total(const struct sums *s)
{
	return sum8(s->dot) + _mm_cvtss_f32(_mm_movehdup_ps(s->base));
}

/* Where to prefetch: the rows after these when those come soon enough to be
 * still in the nearest cache, else a little ahead in each. */
INLINE int64_t
ahead(int64_t row_bytes)
{
	return row_bytes * ROWS <= 24576 ? row_bytes * ROWS : 2048;
}

INLINE void
fetch(const uint8_t *p)
{
	_mm_prefetch((const char *)p, _MM_HINT_T0);
}

INLINE void
gemv32(enum ttype t, int bytes, const uint8_t *w, int64_t row_bytes,
    const struct act *x, float *out, int rows)
{
	int64_t g, n = x->n / ACT_GROUP, far = ahead(row_bytes);
	int r;

	for (r = 0; r + ROWS <= rows; r += ROWS, w += row_bytes * ROWS) {
		struct sums s0, s1, s2, s3;
		const uint8_t *b = w;

		memset(&s0, 0, sizeof(s0));
		s1 = s2 = s3 = s0;
		for (g = 0; g < n; g++, b += bytes) {
			struct side a = side32(t, x, g);

			fetch(b + far);
			fetch(b + far + row_bytes);
			fetch(b + far + row_bytes * 2);
			fetch(b + far + row_bytes * 3);
			step32(t, b, &a, &s0);
			step32(t, b + row_bytes, &a, &s1);
			step32(t, b + row_bytes * 2, &a, &s2);
			step32(t, b + row_bytes * 3, &a, &s3);
		}
		out[r] = total(&s0);
		out[r + 1] = total(&s1);
		out[r + 2] = total(&s2);
		out[r + 3] = total(&s3);
	}
	for (; r < rows; r++, w += row_bytes) {
		struct sums s;

		memset(&s, 0, sizeof(s));
		for (g = 0; g < n; g++) {
			struct side a = side32(t, x, g);

			step32(t, w + g * bytes, &a, &s);
		}
		out[r] = total(&s);
	}
}

/* ---- products: super-blocks of 256 ---- */

struct side256 {
	const int8_t *q;
	__m256 d;		/* of the 8 groups */
	__m256 dsum;		/* d * sum of q of each group */
	__m256i sum;		/* the 16 sums */
};

INLINE struct side256
side256(const struct act *x, int64_t sb)
{
	struct side256 a;

	a.q = x->q + sb * 256;
	a.d = _mm256_loadu_ps(x->d + sb * 8);
	a.sum = load32(x->sum + sb * 16);
	a.dsum = _mm256_mul_ps(a.d, _mm256_cvtepi32_ps(
	    _mm256_madd_epi16(a.sum, _mm256_set1_epi16(1))));
	return a;
}

INLINE __m256
mac(__m256 acc, __m256i v, __m256i x, __m256i scale, const float *d)
{
	v = _mm256_madd_epi16(_mm256_maddubs_epi16(v, x), scale);
	return _mm256_fmadd_ps(_mm256_cvtepi32_ps(v), _mm256_broadcast_ss(d),
	    acc);
}

/* Q4_K, Q5_K: a scale and a minimum for each 32. */
INLINE void
step_k4(enum ttype t, const uint8_t *b, const struct side256 *a, __m256 *acc)
{
	const __m256i one = _mm256_set1_epi16(1);
	__m128 dm = half2(b);
	__m256 sc, m, even, odd;
	float d[8];

	scales_k4(b + 4, &sc, &m);
	_mm256_storeu_ps(d, _mm256_mul_ps(_mm256_mul_ps(sc, a->d),
	    _mm256_broadcastss_ps(dm)));
	m = _mm256_mul_ps(m, _mm256_broadcastss_ps(_mm_movehdup_ps(dm)));
	even = *acc;
	odd = _mm256_mul_ps(m, a->dsum);
	/* odd holds what is to be taken away: turn its sign once, here */
	odd = _mm256_sub_ps(_mm256_setzero_ps(), odd);
	even = mac(even, unpack(t, b, 0), load32(a->q), one, d);
	odd = mac(odd, unpack(t, b, 1), load32(a->q + 32), one, d + 1);
	even = mac(even, unpack(t, b, 2), load32(a->q + 64), one, d + 2);
	odd = mac(odd, unpack(t, b, 3), load32(a->q + 96), one, d + 3);
	even = mac(even, unpack(t, b, 4), load32(a->q + 128), one, d + 4);
	odd = mac(odd, unpack(t, b, 5), load32(a->q + 160), one, d + 5);
	even = mac(even, unpack(t, b, 6), load32(a->q + 192), one, d + 6);
	odd = mac(odd, unpack(t, b, 7), load32(a->q + 224), one, d + 7);
	*acc = _mm256_add_ps(even, odd);
}

/* From even scales in the low lane and odd ones in the high: those of group
 * g, each over its own 16 values. */
INLINE __m256i
pick(__m256i scales, int g)
{
	return _mm256_shuffle_epi8(scales,
	    _mm256_set1_epi16((short)((g * 2 + 1) << 8 | g * 2)));
}

/* Q2_K, Q3_K, Q6_K: a scale for each 16, applied on integers.  The largest
 * sum of four, 4 * 32 * 127 * 128 and its like, is far below 2^31. */
INLINE void
step_k16(enum ttype t, const uint8_t *b, const struct side256 *a, __m256 *acc)
{
	const __m128i parted = _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14,
	    1, 3, 5, 7, 9, 11, 13, 15);
	__m128i min = _mm_setzero_si128();
	__m128i sc = scales_16(t, b, &min);
	__m256i s = _mm256_cvtepi8_epi16(_mm_shuffle_epi8(sc, parted));
	__m256 even, odd, less, all;
	float d[8], k = 1;

	all = _mm256_broadcastss_ps(half1(b + (t == TT_Q6_K ? 208 :
	    t == TT_Q3_K ? 108 : 80)));
	if (t == TT_Q2_K) {
		less = _mm256_broadcastss_ps(half1(b + 82));
	} else {
		min = sc;
		k = (float)offset(t);
		less = _mm256_mul_ps(all, _mm256_set1_ps(k));
	}
	/* sums of minimum times sum, two neighbours (one group) together */
	odd = _mm256_cvtepi32_ps(_mm256_madd_epi16(_mm256_cvtepi8_epi16(min),
	    a->sum));
	odd = _mm256_mul_ps(_mm256_mul_ps(odd, a->d), less);
	odd = _mm256_sub_ps(_mm256_setzero_ps(), odd);
	even = *acc;
	_mm256_storeu_ps(d, _mm256_mul_ps(all, a->d));
	even = mac(even, unpack(t, b, 0), load32(a->q), pick(s, 0), d);
	odd = mac(odd, unpack(t, b, 1), load32(a->q + 32), pick(s, 1), d + 1);
	even = mac(even, unpack(t, b, 2), load32(a->q + 64), pick(s, 2), d + 2);
	odd = mac(odd, unpack(t, b, 3), load32(a->q + 96), pick(s, 3), d + 3);
	even = mac(even, unpack(t, b, 4), load32(a->q + 128), pick(s, 4),
	    d + 4);
	odd = mac(odd, unpack(t, b, 5), load32(a->q + 160), pick(s, 5), d + 5);
	even = mac(even, unpack(t, b, 6), load32(a->q + 192), pick(s, 6),
	    d + 6);
	odd = mac(odd, unpack(t, b, 7), load32(a->q + 224), pick(s, 7), d + 7);
	*acc = _mm256_add_ps(even, odd);
}

INLINE void
step256(enum ttype t, const uint8_t *b, const struct side256 *a, __m256 *acc)
{
	if (t == TT_Q4_K || t == TT_Q5_K)
		step_k4(t, b, a, acc);
	else
		step_k16(t, b, a, acc);
}

/* All lines of the block that lies far ahead. */
INLINE void
fetch_block(const uint8_t *b, int bytes)
{
	fetch(b);
	fetch(b + 64);
	if (bytes > 128)
		fetch(b + 128);
	if (bytes > 192)
		fetch(b + 192);
}

/* One row after the other: the work on a super-block dwarfs the loads of the
 * activation, and a single stream is what the memory likes best. */
INLINE void
gemv256(enum ttype t, int bytes, const uint8_t *w, int64_t row_bytes,
    const struct act *x, float *out, int rows)
{
	int64_t i, n = x->n / 256;
	int r;

	for (r = 0; r < rows; r++, w += row_bytes) {
		__m256 s = _mm256_setzero_ps();
		const uint8_t *b = w;

		for (i = 0; i < n; i++, b += bytes) {
			struct side256 a = side256(x, i);

			fetch_block(b + 4096, bytes);
			step256(t, b, &a, &s);
		}
		out[r] = sum8(s);
	}
}

/* ---- products: floats ---- */

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

INLINE float
dot_row(enum ttype t, const uint8_t *w, const float *f, int64_t n)
{
	const int size = t == TT_F32 ? 4 : 2;
	__m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
	int64_t i;
	float tail[8] = { 0 };

	for (i = 0; i + 32 <= n; i += 32) {
		const uint8_t *p = w + i * size;

		fetch(p + 2048);
		if (t == TT_F32)
			fetch(p + 2048 + 64);
		a = _mm256_fmadd_ps(floats(t, p),
		    _mm256_loadu_ps(f + i), a);
		b = _mm256_fmadd_ps(floats(t, p + 8 * size),
		    _mm256_loadu_ps(f + i + 8), b);
		c = _mm256_fmadd_ps(floats(t, p + 16 * size),
		    _mm256_loadu_ps(f + i + 16), c);
		d = _mm256_fmadd_ps(floats(t, p + 24 * size),
		    _mm256_loadu_ps(f + i + 24), d);
	}
	for (; i + 8 <= n; i += 8)
		a = _mm256_fmadd_ps(floats(t, w + i * size),
		    _mm256_loadu_ps(f + i), a);
	if (i < n) {
		dequant_row(t, w + i * size, tail, n - i);
		b = _mm256_fmadd_ps(_mm256_loadu_ps(tail),
		    _mm256_maskload_ps(f + i, tail_mask((int)(n - i))), b);
	}
	return sum8(_mm256_add_ps(_mm256_add_ps(a, b), _mm256_add_ps(c, d)));
}

INLINE void
gemv_float(enum ttype t, const uint8_t *w, int64_t row_bytes,
    const struct act *x, float *out, int rows)
{
	int64_t n = row_bytes / (t == TT_F32 ? 4 : 2);
	int r;

	/* a row of floats may be shorter than the padded vector */
	if (n > x->n)
		n = x->n;
	for (r = 0; r < rows; r++, w += row_bytes)
		out[r] = dot_row(t, w, x->f, n);
}

void
avx2_gemv(enum ttype t, const void *w, int64_t row_bytes, const struct act *x,
    float *out, int rows)
{
	/* a case a type, so that each loop is compiled for its own */
	switch (t) {
#define CASE(T, LOOP, BYTES) case T: \
		LOOP(T, BYTES, w, row_bytes, x, out, rows); \
		break
	CASE(TT_Q4_0, gemv32, 18);
	CASE(TT_Q4_1, gemv32, 20);
	CASE(TT_Q5_0, gemv32, 22);
	CASE(TT_Q5_1, gemv32, 24);
	CASE(TT_Q8_0, gemv32, 34);
	CASE(TT_Q2_K, gemv256, 84);
	CASE(TT_Q3_K, gemv256, 110);
	CASE(TT_Q4_K, gemv256, 144);
	CASE(TT_Q5_K, gemv256, 176);
	CASE(TT_Q6_K, gemv256, 210);
#undef CASE
	case TT_F32:
		gemv_float(TT_F32, w, row_bytes, x, out, rows);
		break;
	case TT_F16:
		gemv_float(TT_F16, w, row_bytes, x, out, rows);
		break;
	case TT_BF16:
		gemv_float(TT_BF16, w, row_bytes, x, out, rows);
		break;
	default:
		kern_scalar()->gemv(t, w, row_bytes, x, out, rows);
	}
}

/* ---- dequantisation ---- */

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
		scale[0] = scale[1] = _cvtsh_ss((uint16_t)(b[0] | b[1] << 8));
		base[0] = base[1] = t == TT_Q4_1 || t == TT_Q5_1 ?
		    _cvtsh_ss((uint16_t)(b[2] | b[3] << 8)) :
		    scale[0] * (float)-offset(t);
		spread(unpack(t, b, 0), t == TT_Q8_0, scale, base, dst + i);
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
		spread(unpack(t, b, 0), false, scale, base, dst);
		spread(unpack(t, b, 1), false, scale + 2, base + 2, dst + 32);
		spread(unpack(t, b, 2), false, scale + 4, base + 4, dst + 64);
		spread(unpack(t, b, 3), false, scale + 6, base + 6, dst + 96);
		spread(unpack(t, b, 4), false, scale + 8, base + 8, dst + 128);
		spread(unpack(t, b, 5), false, scale + 10, base + 10,
		    dst + 160);
		spread(unpack(t, b, 6), false, scale + 12, base + 12,
		    dst + 192);
		spread(unpack(t, b, 7), false, scale + 14, base + 14,
		    dst + 224);
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
		break
	CASE(TT_Q4_0, dequant32, 18);
	CASE(TT_Q4_1, dequant32, 20);
	CASE(TT_Q5_0, dequant32, 22);
	CASE(TT_Q5_1, dequant32, 24);
	CASE(TT_Q8_0, dequant32, 34);
	CASE(TT_Q2_K, dequant256, 84);
	CASE(TT_Q3_K, dequant256, 110);
	CASE(TT_Q4_K, dequant256, 144);
	CASE(TT_Q5_K, dequant256, 176);
	CASE(TT_Q6_K, dequant256, 210);
#undef CASE
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
