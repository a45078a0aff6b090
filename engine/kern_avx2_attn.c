/* kern_avx2_attn.c -- some queries against rows of the cache, for AVX2.  A row
 * is turned into floats once for all queries that share it.  And small
 * products of floats, which are the same for many queries. */
#include "kern_avx2_unpack.h"

#ifdef HAVE_AVX2_KERNELS

/* The sums of four vectors. */
INLINE __m128
sums4(__m256 a, __m256 b, __m256 c, __m256 d)
{
	__m256 s = _mm256_hadd_ps(_mm256_hadd_ps(a, b),
	    _mm256_hadd_ps(c, d));

	return _mm_add_ps(_mm256_castps256_ps128(s),
	    _mm256_extractf128_ps(s, 1));
}

/* ---- scores ---- */

/* `heads` (1 to 3, a constant) queries with four rows.  Loops over constants
 * are unrolled by name, or the sums would live in memory. */
INLINE void
scores4(enum ttype t, int heads, const float *q, int ldq, const uint8_t *row,
    size_t stride, int d, float *score, int lds)
{
	const int size = t == TT_F32 ? 4 : 2;
	__m256 acc[3][4], v[3];

#pragma GCC unroll 3
	for (int h = 0; h < heads; h++)
#pragma GCC unroll 4
		for (int i = 0; i < 4; i++)
			acc[h][i] = _mm256_setzero_ps();
	for (int k = 0; k < d; k += 8) {
#pragma GCC unroll 3
		for (int h = 0; h < heads; h++)
			v[h] = _mm256_loadu_ps(q + h * ldq + k);
#pragma GCC unroll 4
		for (int i = 0; i < 4; i++) {
			__m256 r = floats(t, row + (size_t)i * stride +
			    k * size);

#pragma GCC unroll 3
			for (int h = 0; h < heads; h++)
				acc[h][i] = _mm256_fmadd_ps(v[h], r,
				    acc[h][i]);
		}
	}
#pragma GCC unroll 3
	for (int h = 0; h < heads; h++)
		_mm_storeu_ps(score + h * lds, sums4(acc[h][0], acc[h][1],
		    acc[h][2], acc[h][3]));
}

INLINE void
scores1(enum ttype t, const float *q, const uint8_t *row, int d, float *score)
{
	const int size = t == TT_F32 ? 4 : 2;
	__m256 acc = _mm256_setzero_ps();

	for (int k = 0; k < d; k += 8)
		acc = _mm256_fmadd_ps(_mm256_loadu_ps(q + k),
		    floats(t, row + k * size), acc);
	*score = sum8(acc);
}

INLINE void
scores_of(enum ttype t, int heads, const float *q, int ldq,
    const uint8_t *row, size_t stride, int d, int n, float *score, int lds)
{
	int i = 0;

	for (; i + 4 <= n; i += 4, row += 4 * stride)
		scores4(t, heads, q, ldq, row, stride, d, score + i, lds);
	for (; i < n; i++, row += stride)
		for (int h = 0; h < heads; h++)
			scores1(t, q + h * ldq, row, d, score + h * lds + i);
}

/* How many of some queries to take together: three, but not so that one is
 * left alone. */
INLINE int
together(int heads)
{
	return heads > 4 || heads == 3 ? 3 : heads > 1 ? 2 : 1;
}

INLINE void
scores_all(enum ttype t, const float *q, int ldq, int heads,
    const void *rows, size_t stride, int d, int n, float *score, int lds)
{
	for (int h; heads > 0; heads -= h, q += h * ldq, score += h * lds) {
		h = together(heads);
		if (h == 3)
			scores_of(t, 3, q, ldq, rows, stride, d, n, score,
			    lds);
		else if (h == 2)
			scores_of(t, 2, q, ldq, rows, stride, d, n, score,
			    lds);
		else
			scores_of(t, 1, q, ldq, rows, stride, d, n, score,
			    lds);
	}
}

void
avx2_scores(enum ttype t, const float *q, int ldq, int heads,
    const void *rows, size_t stride, int d, int n, float *score, int lds)
{
	if (d % 8)
		kern_scalar()->scores(t, q, ldq, heads, rows, stride, d, n,
		    score, lds);
	else if (t == TT_F32)
		scores_all(TT_F32, q, ldq, heads, rows, stride, d, n, score,
		    lds);
	else
		scores_all(TT_F16, q, ldq, heads, rows, stride, d, n, score,
		    lds);
}

/* ---- mixing ---- */

#define WIDE 4			/* vectors of a row taken together */
#define NEAR 128		/* rows of B */

/* Values k .. k + 8 wide - 1 of the results of `heads` queries; both are
 * constants, with heads * wide accumulators.  add: to what is there. */
INLINE void
mix_of(enum ttype t, int heads, int wide, const float *weight, int ldw,
    const uint8_t *row, size_t stride, int n, float *out, int ldo, bool add)
{
	const int size = t == TT_F32 ? 4 : 2;
	__m256 acc[3][WIDE], w[3];

#pragma GCC unroll 3
	for (int h = 0; h < heads; h++)
#pragma GCC unroll 4
		for (int v = 0; v < wide; v++)
			acc[h][v] = add ? _mm256_loadu_ps(out + h * ldo +
			    v * 8) : _mm256_setzero_ps();
	for (int i = 0; i < n; i++, row += stride) {
#pragma GCC unroll 3
		for (int h = 0; h < heads; h++)
			w[h] = _mm256_broadcast_ss(weight + h * ldw + i);
#pragma GCC unroll 4
		for (int v = 0; v < wide; v++) {
			__m256 r = floats(t, row + v * 8 * size);

#pragma GCC unroll 3
			for (int h = 0; h < heads; h++)
				acc[h][v] = _mm256_fmadd_ps(w[h], r,
				    acc[h][v]);
		}
	}
#pragma GCC unroll 3
	for (int h = 0; h < heads; h++)
#pragma GCC unroll 4
		for (int v = 0; v < wide; v++)
			_mm256_storeu_ps(out + h * ldo + v * 8, acc[h][v]);
}

/* 8 wide values of the results of all queries. */
INLINE void
mix_column(enum ttype t, int wide, const float *weight, int ldw, int heads,
    const uint8_t *rows, size_t stride, int n, float *out, int ldo, bool add)
{
	for (int h; heads > 0; heads -= h, weight += h * ldw, out += h * ldo) {
		h = together(heads);
		if (h == 3)
			mix_of(t, 3, wide, weight, ldw, rows, stride, n, out,
			    ldo, add);
		else if (h == 2)
			mix_of(t, 2, wide, weight, ldw, rows, stride, n, out,
			    ldo, add);
		else
			mix_of(t, 1, wide, weight, ldw, rows, stride, n, out,
			    ldo, add);
	}
}

INLINE void
mix_all(enum ttype t, const float *weight, int ldw, int heads,
    const uint8_t *rows, size_t stride, int d, int n, float *out, int ldo,
    bool add)
{
	const int size = t == TT_F32 ? 4 : 2;
	int k = 0;

	for (; k + WIDE * 8 <= d; k += WIDE * 8)
		mix_column(t, WIDE, weight, ldw, heads, rows + k * size,
		    stride, n, out + k, ldo, add);
	for (; k < d; k += 8)
		mix_column(t, 1, weight, ldw, heads, rows + k * size, stride,
		    n, out + k, ldo, add);
}

void
avx2_mix(enum ttype t, const float *weight, int ldw, int heads,
    const void *rows, size_t stride, int d, int n, float *out, int ldo)
{
	if (d % 8)
		kern_scalar()->mix(t, weight, ldw, heads, rows, stride, d, n,
		    out, ldo);
	else if (t == TT_F32)
		mix_all(TT_F32, weight, ldw, heads, rows, stride, d, n, out,
		    ldo, true);
	else
		mix_all(TT_F16, weight, ldw, heads, rows, stride, d, n, out,
		    ldo, true);
}

/* A product is a mix of the rows of B for each row of A; 128 of them at a
 * time, of which 32 values each stay in the L1 cache. */
void
avx2_gemm(int m, int n, int k, const float *a, int lda, const float *b,
    int ldb, float *c, int ldc, bool add)
{
	if (n % 8) {
		kern_gemm_nn(m, n, k, a, lda, b, ldb, c, ldc, add);
		return;
	}
	for (int p; k > 0; k -= p, a += p, b += p * ldb, add = true) {
		p = k < NEAR ? k : NEAR;
		if (add)
			mix_all(TT_F32, a, lda, m, (const uint8_t *)b,
			    (size_t)ldb * sizeof *b, n, p, c, ldc, true);
		else
			mix_all(TT_F32, a, lda, m, (const uint8_t *)b,
			    (size_t)ldb * sizeof *b, n, p, c, ldc, false);
	}
}

#endif
