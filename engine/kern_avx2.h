/* kern_avx2.h -- what the files of the AVX2 kernels share; for them alone. */
#ifndef FIKR_KERN_AVX2_H
#define FIKR_KERN_AVX2_H

#include "kern.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#define HAVE_AVX2_KERNELS 1

#include <immintrin.h>
#include <stdbool.h>

#define INLINE static inline __attribute__((always_inline))

void avx2_gemv(enum ttype t, const void *w, int64_t row_bytes,
    const struct act *x, float *out, int rows);
void avx2_scores(enum ttype t, const float *q, int ldq, int heads,
    const void *rows, size_t stride, int d, int n, float *score, int lds);
void avx2_mix(enum ttype t, const float *weight, int ldw, int heads,
    const void *rows, size_t stride, int d, int n, float *out, int ldo);
void avx2_gemm(int m, int n, int k, const float *a, int lda, const float *b,
    int ldb, float *c, int ldc, bool add);
struct panel_group;
struct act_rows;
void avx2_pack(enum ttype t, const void *w, int64_t row_bytes, int rows,
    int groups, struct panel_group *p);
/* The same, with all types as unsigned bytes up to 255. */
void avx2_pack_high(enum ttype t, const void *w, int64_t row_bytes, int rows,
    int groups, struct panel_group *p);
void avx2_tile(enum ttype t, const struct panel_group *p, int groups,
    const struct act_rows *x, int64_t first, int rows, float *out, int ld);
bool avx2_in_lanes(enum ttype t);
void avx2_to_lanes(enum ttype t, const void *rows, int64_t row_bytes,
    int64_t blocks, void *out);
void avx2_lanes(enum ttype t, const void *w, const struct act_rows *x,
    int vectors, float *out, int ldo);
void avx2_pack_lanes(enum ttype t, const void *w, int64_t first, int groups,
    struct panel_group *p);
void avx2_dequant(enum ttype t, const void *src, float *dst, int64_t n);

INLINE float
sum8(__m256 v)
{
	__m128 s = _mm_add_ps(_mm256_castps256_ps128(v),
	    _mm256_extractf128_ps(v, 1));

	s = _mm_add_ps(s, _mm_movehl_ps(s, s));
	return _mm_cvtss_f32(_mm_add_ss(s, _mm_movehdup_ps(s)));
}

/* Lanes 0..n-1 on, n < 8: for the tail of an array. */
INLINE __m256i
tail_mask(int n)
{
	return _mm256_cmpgt_epi32(_mm256_set1_epi32(n),
	    _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE __m256i
load32(const void *p)
{
	return _mm256_loadu_si256((const __m256i *)p);
}

#endif
#endif
