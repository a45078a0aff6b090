/* bench_int8_avx512.c -- how many multiply-adds of 8 bits AVX-512 VNNI does at
 * most: VPDPBUSD multiplies 64 pairs and adds four neighbours in 32 bits.  That
 * is all of a product but loading and scaling. */
#include "bench.h"

#if defined(__AVX512F__) && defined(__AVX512VNNI__)

#include <immintrin.h>

#define CHAINS 12		/* independent, to hide the latency */
#define STEPS 4

int64_t
bench_int8_avx512(int rounds, int *sink)
{
	__m512i sum[CHAINS], w = _mm512_set1_epi8((char)(*sink & 15));
	__m512i x = _mm512_set1_epi8(3);

#pragma GCC unroll 12
	for (int c = 0; c < CHAINS; c++) {
		sum[c] = _mm512_setzero_si512();
		/* or there is but one chain */
		__asm__("" : "+v"(sum[c]));
	}
	for (int r = 0; r < rounds; r++)
#pragma GCC unroll 4
		for (int k = 0; k < STEPS; k++)
#pragma GCC unroll 12
			for (int c = 0; c < CHAINS; c++)
				sum[c] = _mm512_dpbusd_epi32(sum[c], w, x);
#pragma GCC unroll 12
	for (int c = 1; c < CHAINS; c++)
		sum[0] = _mm512_add_epi32(sum[0], sum[c]);
	*sink = _mm_cvtsi128_si32(_mm512_castsi512_si128(sum[0]));
	return (int64_t)rounds * STEPS * CHAINS * 64;
}

#else

int64_t
bench_int8_avx512(int rounds, int *sink)
{
	(void)rounds;
	(void)sink;
	return 0;
}

#endif
