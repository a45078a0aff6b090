/* bench_int8_avx2.c -- how many multiply-adds of 8 bits AVX2 does at most:
 * VPMADDUBSW multiplies 32 pairs and adds neighbours in 16 bits; eight such
 * sums of weights of 4 bits are added before VPMADDWD makes 32 bits of them.
 * That is all of a product but loading and scaling. */
#include "bench.h"

#include "kern_avx2.h"

#ifdef HAVE_AVX2_KERNELS

#define CHAINS 4		/* independent, to hide the latency */
#define STEPS 8			/* that 16 bits can add */

int64_t
bench_int8_avx2(int rounds, int *sink)
{
	const __m256i one = _mm256_set1_epi16(1);
	__m256i sum[CHAINS], w = _mm256_set1_epi8((char)(*sink & 15));
	__m256i x = _mm256_set1_epi8(3);

#pragma GCC unroll 8
	for (int c = 0; c < CHAINS; c++)
		sum[c] = _mm256_setzero_si256();
	for (int r = 0; r < rounds; r++) {
		__m256i s[CHAINS];

#pragma GCC unroll 8
		for (int c = 0; c < CHAINS; c++)
			s[c] = _mm256_setzero_si256();
#pragma GCC unroll 8
		for (int k = 0; k < STEPS; k++)
#pragma GCC unroll 8
			for (int c = 0; c < CHAINS; c++) {
				/* or the product is taken only once */
				__asm__("" : "+x"(w));
				s[c] = _mm256_add_epi16(s[c],
				    _mm256_maddubs_epi16(w, x));
			}
#pragma GCC unroll 8
		for (int c = 0; c < CHAINS; c++)
			sum[c] = _mm256_add_epi32(sum[c],
			    _mm256_madd_epi16(s[c], one));
	}
#pragma GCC unroll 8
	for (int c = 1; c < CHAINS; c++)
		sum[0] = _mm256_add_epi32(sum[0], sum[c]);
	*sink = _mm256_extract_epi32(sum[0], 0);
	return (int64_t)rounds * STEPS * CHAINS * 32;
}

#else

int64_t
bench_int8_avx2(int rounds, int *sink)
{
	(void)rounds;
	(void)sink;
	return 0;
}

#endif
