/* kern_avx2_lanes.c -- products with rows in lanes (kern_lanes.h) for AVX2: of
 * the types with blocks of 32 and 4 or 5 bits, whose rows as they lie take more
 * instructions than the memory's speed leaves time for.
 *
 * Eight rows at once: VPMADDUBSW's sums of two stay in 16 bits for eight steps
 * of weights up to 15 (2 * 15 * 127 * 8 < 32768), for four of those up to
 * 31. */
#include "kern_avx2_unpack.h"

#ifdef HAVE_AVX2_KERNELS

#include "kern_lanes.h"
#include "kern_panel.h"

#define HALF 8			/* rows */
#define AHEAD 2048		/* bytes that are asked for before their time */

bool
avx2_in_lanes(enum ttype t)
{
	return t == TT_Q4_0 || t == TT_Q4_1 || t == TT_Q5_0 || t == TT_Q5_1;
}

INLINE bool
has_fifth(enum ttype t)
{
	return t == TT_Q5_0 || t == TT_Q5_1;
}

INLINE bool
has_min(enum ttype t)
{
	return t == TT_Q4_1 || t == TT_Q5_1;
}

INLINE int
block_bytes(enum ttype t)
{
	return LANES * (16 + (has_fifth(t) ? 4 : 0) + (has_min(t) ? 4 : 2));
}

/* Bits `at` .. at + 3 (a constant) of each word as the fifth bits of its
 * bytes. */
INLINE __m256i
fifths(__m256i word, int at)
{
	const int byte = at / 8;
	const __m256i spread = _mm256_add_epi8(_mm256_set1_epi8((char)byte),
	    _mm256_setr_epi32(0, 0x04040404, 0x08080808, 0x0c0c0c0c,
	    0, 0x04040404, 0x08080808, 0x0c0c0c0c));
	const __m256i bit = _mm256_set1_epi32(at % 8 ? (int)0x80402010 :
	    0x08040201);
	__m256i v = _mm256_and_si256(_mm256_shuffle_epi8(word, spread), bit);

	return _mm256_and_si256(_mm256_cmpeq_epi8(v, bit),
	    _mm256_set1_epi8(16));
}

/* Step k (a constant) of eight rows: values 4k .. 4k + 3, a word each.  The
 * low nibbles of a block are its first 16 values. */
INLINE __m256i
step(enum ttype t, const uint8_t *b, int k)
{
	int fifth = has_fifth(t);
	__m256i v = load32(b + (k % 4 + fifth) * 64);

	if (k >= 4)
		v = _mm256_srli_epi16(v, 4);
	v = _mm256_and_si256(v, _mm256_set1_epi8(15));
	return fifth ? _mm256_or_si256(v, fifths(load32(b), k * 4)) : v;
}

INLINE __m256
scales(enum ttype t, const uint8_t *b, int row, int which)
{
	const uint8_t *halves = b + (4 + has_fifth(t)) * 64;

	return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)
	    (halves + which * 32 + row * 2)));
}

INLINE __m256i
times(__m256i v, const int8_t *x)
{
	int32_t four;

	memcpy(&four, x, 4);
	return _mm256_maddubs_epi16(v, _mm256_set1_epi32(four));
}

/* The whole sums of eight rows' products with a vector's group. */
INLINE __m256
dot(enum ttype t, const uint8_t *b, const int8_t *x)
{
	const __m256i one = _mm256_set1_epi16(1);
	__m256i low = _mm256_setzero_si256(), high = low;

#define LOW(K) low = _mm256_add_epi16(low, times(step(t, b, K), x + K * 4));
#define HIGH(K) high = _mm256_add_epi16(high, times(step(t, b, K), x + K * 4));
	LOW(0) HIGH(4) LOW(1) HIGH(5) LOW(2) HIGH(6) LOW(3) HIGH(7)
#undef LOW
#undef HIGH
	if (!has_fifth(t))
		return _mm256_cvtepi32_ps(_mm256_madd_epi16(
		    _mm256_add_epi16(low, high), one));
	return _mm256_cvtepi32_ps(_mm256_add_epi32(
	    _mm256_madd_epi16(low, one), _mm256_madd_epi16(high, one)));
}

/* acc += eight rows, from `row` on, of a block times a group of scale d, whose
 * values sum to s. */
INLINE __m256
add_block(enum ttype t, const uint8_t *b, int row, const int8_t *x, __m256 d,
    __m256 s, __m256 acc)
{
	__m256 scale = scales(t, b, row, 0);
	__m256 sum = dot(t, b + row * 4, x);

	if (has_min(t))
		sum = _mm256_fmadd_ps(sum, scale, _mm256_mul_ps(s,
		    scales(t, b, row, 1)));
	else
		sum = _mm256_mul_ps(scale, _mm256_fmadd_ps(s,
		    _mm256_set1_ps((float)-offset(t)), sum));
	return _mm256_fmadd_ps(sum, d, acc);
}

INLINE void
one_vector(enum ttype t, const uint8_t *w, int64_t n, const int8_t *q,
    const float *d, const float *sum, float *out)
{
	__m256 acc[2] = { _mm256_setzero_ps(), _mm256_setzero_ps() };

	for (int64_t g = 0; g < n; g++, w += block_bytes(t)) {
		__m256 dg = _mm256_broadcast_ss(d + g);
		__m256 s = _mm256_set1_ps(sum[g * 2] + sum[g * 2 + 1]);

		for (int i = 0; i < block_bytes(t); i += 64)
			_mm_prefetch((const char *)w + AHEAD + i, _MM_HINT_T0);
		acc[0] = add_block(t, w, 0, q + g * 32, dg, s, acc[0]);
		acc[1] = add_block(t, w, HALF, q + g * 32, dg, s, acc[1]);
	}
	_mm256_storeu_ps(out, acc[0]);
	_mm256_storeu_ps(out + HALF, acc[1]);
}

#define EACH_TYPE(DO) DO(TT_Q4_0) DO(TT_Q4_1) DO(TT_Q5_0) DO(TT_Q5_1)

void
avx2_lanes(enum ttype t, const void *w, const struct act_rows *x, int vectors,
    float *out, int ldo)
{
	int64_t n = x->n / 32;

	for (int i = 0; i < vectors; i++, out += ldo) {
		const int8_t *q = x->q + i * x->n;
		const float *d = x->d + i * n, *sum = x->sum + i * n * 2;

		switch (t) {
#define CASE(T) case T: \
			one_vector(T, w, n, q, d, sum, out); \
			break;
		EACH_TYPE(CASE)
#undef CASE
		default:	/* not in lanes */
			break;
		}
	}
}

/* ---- into lanes ---- */

/* Eight words of eight rows. */
INLINE void
put_eight(const uint8_t *rows, int64_t row_bytes, uint8_t *out)
{
	__m256i v[8];

#pragma GCC unroll 8
	for (int i = 0; i < HALF; i++)
		v[i] = load32(rows + i * row_bytes);
	turn(v);
#pragma GCC unroll 8
	for (int i = 0; i < 8; i++)
		_mm256_storeu_si256((__m256i *)(out + i * 64), v[i]);
}

/* n fields of `size` bytes of 16 rows; gives where the next ones go. */
INLINE uint8_t *
put_fields(const uint8_t *rows, int64_t row_bytes, int n, size_t size,
    uint8_t *out)
{
	for (; size == 4 && n >= 8; n -= 8, rows += 32, out += 8 * 64) {
		put_eight(rows, row_bytes, out);
		put_eight(rows + HALF * row_bytes, row_bytes, out + 32);
	}
	for (; n > 0; n--, rows += size)
		for (int r = 0; r < LANES; r++, out += size)
			memcpy(out, rows + r * row_bytes, size);
	return out;
}

void
avx2_to_lanes(enum ttype t, const void *rows, int64_t row_bytes,
    int64_t blocks, void *out)
{
	const struct lanes_form f = *lanes_form(t);
	int bytes = ttype_info(t)->bytes;
	const uint8_t *from = rows;
	uint8_t *to = out;

	for (; blocks > 0; blocks--, from += bytes) {
		const uint8_t *words = from + f.first * 2;

		to = put_fields(words, row_bytes, f.words, 4, to);
		to = put_fields(from, row_bytes, f.first, 2, to);
		to = put_fields(words + f.words * 4, row_bytes,
		    f.halves - f.first, 2, to);
	}
}

/* ---- panels, whose steps are those above ---- */

INLINE void
pack_block(enum ttype t, const uint8_t *b, struct panel_group *p)
{
	for (int row = 0; row < LANES; row += HALF) {
		__m256 scale = scales(t, b, row, 0);

#define STEP(K) _mm256_storeu_si256((__m256i *)p->q[K][row], \
			    step(t, b + row * 4, K));
		EACH_GROUP(STEP)
#undef STEP
		_mm256_storeu_ps(p->scale[0] + row, scale);
		_mm256_storeu_ps(p->base[0] + row, has_min(t) ?
		    scales(t, b, row, 1) : _mm256_mul_ps(scale,
		    _mm256_set1_ps((float)-offset(t))));
	}
}

void
avx2_pack_lanes(enum ttype t, const void *w, int64_t first, int groups,
    struct panel_group *p)
{
	const uint8_t *b = w;

	switch (t) {
#define CASE(T) case T: \
		b += first * block_bytes(T); \
		for (int g = 0; g < groups; g++, b += block_bytes(T)) \
			pack_block(T, b, p + g); \
		break;
	EACH_TYPE(CASE)
#undef CASE
	default:		/* not in lanes */
		break;
	}
}

#endif
