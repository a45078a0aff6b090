/* kern_avx2_rows.c -- products with rows of every tensor type for AVX2.
 *
 * Products of quantised rows: a group of 32 weights is unpacked to bytes and
 * multiplied with the 32 bytes of the activation by VPMADDUBSW, whose 16-bit
 * sums of two must not saturate: unsigned weights here are at most 63, and
 * 2 * 63 * 127 < 32768; for signed ones |w| <= 128 and 2 * 128 * 127 < 32768.
 * Offsets (the 8 of Q4_0, the 32 of Q6_K, minima) never touch the weights:
 * sum((q - o) x) = sum(q x) - o sum(x), and struct act has the sums. */
#include "kern_avx2_iq.h"

#ifdef HAVE_AVX2_KERNELS

/* Rows taken together, so that loads of the activation are shared. */
#define ROWS 4

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
	__m128 d = _mm_mul_ps(a->d, t == TT_MXFP4 ?
	    scale_mxfp4(b) :
	    t == TT_Q4_1 || t == TT_Q5_1 ? half2(b) : half1(b));
	__m256i v = unpack(t, b, 0);

	if (is_signed(t))
		v = _mm256_maddubs_epi16(_mm256_abs_epi8(v),
		    _mm256_sign_epi8(a->q, v));
	else
		v = _mm256_maddubs_epi16(v, a->q);
	v = _mm256_madd_epi16(v, _mm256_set1_epi16(1));
	s->dot = _mm256_fmadd_ps(_mm256_cvtepi32_ps(v),
	    _mm256_broadcastss_ps(d), s->dot);
	if (!is_signed(t))
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
	__m256 sc, m, part[2];
	float d[8];

	scales_k4(b + 4, &sc, &m);
	_mm256_storeu_ps(d, _mm256_mul_ps(_mm256_mul_ps(sc, a->d),
	    _mm256_broadcastss_ps(dm)));
	m = _mm256_mul_ps(m, _mm256_broadcastss_ps(_mm_movehdup_ps(dm)));
	part[0] = *acc;
	/* taken away: turn the sign once, here */
	part[1] = _mm256_sub_ps(_mm256_setzero_ps(),
	    _mm256_mul_ps(m, a->dsum));
#define GROUP(G) part[G & 1] = mac(part[G & 1], unpack(t, b, G), \
		load32(a->q + G * 32), one, d + G);
	EACH_GROUP(GROUP)
#undef GROUP
	*acc = _mm256_add_ps(part[0], part[1]);
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
	__m256 part[2], less, all;
	float d[8];

	all = _mm256_broadcastss_ps(half1(b + (t == TT_Q6_K ? 208 :
	    t == TT_Q3_K ? 108 : 80)));
	if (t == TT_Q2_K) {
		less = _mm256_broadcastss_ps(half1(b + 82));
	} else {
		min = sc;
		less = _mm256_mul_ps(all, _mm256_set1_ps((float)offset(t)));
	}
	/* sums of minimum times sum, two neighbours (one group) together */
	part[0] = *acc;
	part[1] = _mm256_cvtepi32_ps(_mm256_madd_epi16(
	    _mm256_cvtepi8_epi16(min), a->sum));
	part[1] = _mm256_mul_ps(_mm256_mul_ps(part[1], a->d), less);
	part[1] = _mm256_sub_ps(_mm256_setzero_ps(), part[1]);
	_mm256_storeu_ps(d, _mm256_mul_ps(all, a->d));
#define GROUP(G) part[G & 1] = mac(part[G & 1], unpack(t, b, G), \
		load32(a->q + G * 32), pick(s, G), d + G);
	EACH_GROUP(GROUP)
#undef GROUP
	*acc = _mm256_add_ps(part[0], part[1]);
}

/* The types with code books: the signs, where they are apart, go to the
 * activation, else those of the weights do, so that VPMADDUBSW has one factor
 * without. */
INLINE void
step_iq(enum ttype t, const uint8_t *b, const struct side256 *a, __m256 *acc)
{
	__m256i s = scales_iq(t, b), w, x;
	__m256 part[2] = { *acc, _mm256_setzero_ps() };
	uint32_t signs[8];
	float d[8];

	_mm256_storeu_ps(d, _mm256_mul_ps(_mm256_set1_ps(scale_iq(t, b)),
	    a->d));
	load_signs(t, b, signs);
#define GROUP(G) \
	w = unpack_iq(t, b, G); \
	x = load32(a->q + G * 32); \
	if (signs_apart(t)) { \
		x = negate(x, signs[G]); \
	} else { \
		x = _mm256_sign_epi8(x, w); \
		w = _mm256_abs_epi8(w); \
	} \
	part[G & 1] = mac(part[G & 1], w, x, pick(s, G), d + G);
	EACH_GROUP(GROUP)
#undef GROUP
	*acc = _mm256_add_ps(part[0], part[1]);
}

INLINE void
step256(enum ttype t, const uint8_t *b, const struct side256 *a, __m256 *acc)
{
	if (t == TT_Q4_K || t == TT_Q5_K)
		step_k4(t, b, a, acc);
	else if (t == TT_Q2_K || t == TT_Q3_K || t == TT_Q6_K)
		step_k16(t, b, a, acc);
	else
		step_iq(t, b, a, acc);
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

/* ---- products: NVFP4, blocks of 64 with four scales in floats ---- */

/* Half a block: scale[i] counts for lane i. */
INLINE __m256
half_nvfp4(const uint8_t *b, int half, __m256 scale, const struct act *x,
    int64_t g, __m256 acc)
{
	__m256i v = unpack_nvfp4(b, half);

	v = _mm256_maddubs_epi16(_mm256_abs_epi8(v),
	    _mm256_sign_epi8(load32(x->q + g * ACT_GROUP), v));
	v = _mm256_madd_epi16(v, _mm256_set1_epi16(1));
	scale = _mm256_mul_ps(scale, _mm256_broadcast_ss(x->d + g));
	return _mm256_fmadd_ps(_mm256_cvtepi32_ps(v), scale, acc);
}

static void
gemv_nvfp4(const uint8_t *w, int64_t row_bytes, const struct act *x,
    float *out, int rows)
{
	const __m256i first = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
	const __m256i second = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
	int64_t g, n = x->n / ACT_GROUP;
	int r;

	for (r = 0; r < rows; r++, w += row_bytes) {
		__m256 s0 = _mm256_setzero_ps(), s1 = s0, d;
		const uint8_t *b = w;

		for (g = 0; g < n; g += 2, b += 36) {
			fetch(b + 2048);
			d = _mm256_castps128_ps256(scales_nvfp4(b));
			s0 = half_nvfp4(b, 0, _mm256_permutevar8x32_ps(d,
			    first), x, g, s0);
			s1 = half_nvfp4(b, 1, _mm256_permutevar8x32_ps(d,
			    second), x, g + 1, s1);
		}
		out[r] = sum8(_mm256_add_ps(s0, s1));
	}
}

/* ---- products: floats ---- */

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
		break;
	EACH_BLOCK(CASE, gemv32, gemv256, gemv256)
#undef CASE
	case TT_NVFP4:
		gemv_nvfp4(w, row_bytes, x, out, rows);
		break;
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

#endif
