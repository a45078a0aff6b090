/* kern_lanes_ops.h -- 16 rows at once, for the files of the AVX-512 and AMX
 * kernels: the compiler's vectors, and the few instructions that have no name
 * in C.  With LANES_PLAIN those are done in
 * plain C, so that the tests can run the kernels on any machine. */
#ifndef FIKR_KERN_LANES_OPS_H
#define FIKR_KERN_LANES_OPS_H

#include "quant.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && \
    defined(__AVX512VNNI__) && !defined(LANES_PLAIN)
#define HAVE_AVX512_LANES 1
#endif

#if defined(HAVE_AVX512_LANES) || defined(LANES_PLAIN)

#include <math.h>
#include <string.h>

#ifdef HAVE_AVX512_LANES
#include <immintrin.h>
#endif

#define LANE_FN static inline __attribute__((always_inline))
/* LANE_OP: an instruction.  EACH_LANE_GROUP: DO(0) .. DO(7), the groups of a
 * super-block, each with its own code.  The tests run one code for all, which
 * is compiled in a second; with sanitizers the other takes minutes. */
#ifdef __SANITIZE_ADDRESS__
#define LANES_ROLLED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LANES_ROLLED 1
#endif
#endif
#if defined(HAVE_AVX512_LANES) && !defined(LANES_ROLLED)
#define LANE_OP LANE_FN
#define LANE_UNROLL _Pragma("GCC unroll 8")
#define EACH_LANE_GROUP(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#else
#define LANE_OP static __attribute__((noinline, unused))
#define LANE_UNROLL
#define EACH_LANE_GROUP(DO) for (int each = 0; each < 8; each++) { DO(each) }
#endif

/* 16 rows: of words (four bytes each), of sums, of floats. */
typedef uint32_t lane_words __attribute__((vector_size(64)));
typedef int32_t lane_ints __attribute__((vector_size(64)));
typedef float lane_floats __attribute__((vector_size(64)));

/* Of each 16 bytes of `from` those that the bytes of `at` name; 0 where they
 * have bit 7. */
LANE_OP lane_words
lane_shuffle(lane_words from, lane_words at)
{
#ifdef HAVE_AVX512_LANES
	return (lane_words)_mm512_shuffle_epi8((__m512i)from, (__m512i)at);
#else
	uint8_t f[64], a[64], o[64];

	memcpy(f, &from, 64);
	memcpy(a, &at, 64);
	for (int i = 0; i < 64; i++)
		o[i] = a[i] & 0x80 ? 0 : f[i / 16 * 16 + a[i] % 16];
	memcpy(&from, o, 64);
	return from;
#endif
}

/* Bits of a where mask has ones, of b where it has none. */
LANE_FN lane_words
lane_join(uint32_t mask, lane_words a, lane_words b)
{
#ifdef HAVE_AVX512_LANES
	return (lane_words)_mm512_ternarylogic_epi32((__m512i)a, (__m512i)b,
	    _mm512_set1_epi32((int32_t)mask), 0xe4);
#else
	return (a & mask) | (b & ~mask);
#endif
}

/* w + 16 in the bytes where v and bit have a one in common. */
LANE_OP lane_words
lane_add_16(lane_words w, lane_words v, uint32_t bit)
{
#ifdef HAVE_AVX512_LANES
	return (lane_words)_mm512_mask_add_epi8((__m512i)w,
	    _mm512_test_epi8_mask((__m512i)v, _mm512_set1_epi32((int32_t)bit)),
	    (__m512i)w, _mm512_set1_epi8(16));
#else
	uint8_t a[64], b[64];

	v &= bit;
	memcpy(a, &w, 64);
	memcpy(b, &v, 64);
	for (int i = 0; i < 64; i++)
		a[i] = (uint8_t)(a[i] + (b[i] ? 16 : 0));
	memcpy(&w, a, 64);
	return w;
#endif
}

/* acc + w . x: four unsigned bytes of each lane with the four signed ones at
 * x. */
LANE_OP lane_ints
lane_dot4(lane_ints acc, lane_words w, const int8_t *x)
{
#ifdef HAVE_AVX512_LANES
	int32_t four;

	memcpy(&four, x, 4);
	return (lane_ints)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)w,
	    _mm512_set1_epi32(four));
#else
	uint8_t a[64];

	memcpy(a, &w, 64);
	for (int lane = 0; lane < 16; lane++)
		for (int i = 0; i < 4; i++)
			acc[lane] += a[lane * 4 + i] * x[i];
	return acc;
#endif
}

/* a * b + c, rounded once. */
LANE_OP lane_floats
lane_fma(lane_floats a, lane_floats b, lane_floats c)
{
#ifdef HAVE_AVX512_LANES
	return (lane_floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#else
	for (int i = 0; i < 16; i++)
		c[i] = fmaf(a[i], b[i], c[i]);
	return c;
#endif
}

/* 16 f16. */
LANE_OP lane_floats
lane_f16(const uint8_t *p)
{
#ifdef HAVE_AVX512_LANES
	return (lane_floats)_mm512_cvtph_ps(_mm256_loadu_si256(
	    (const __m256i *)(const void *)p));
#else
	uint16_t h[16];
	lane_floats v;

	memcpy(h, p, sizeof h);
	for (int i = 0; i < 16; i++)
		v[i] = f16_to_f32(h[i]);
	return v;
#endif
}

/* 16 words of two bytes. */
LANE_FN lane_words
lane_u16(const uint8_t *p)
{
	uint16_t h __attribute__((vector_size(32)));

	memcpy(&h, p, sizeof h);
	return __builtin_convertvector(h, lane_words);
}

/* The same in all lanes. */
LANE_FN lane_floats
lane_float(float v)
{
	return (lane_floats){ v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v };
}

LANE_FN lane_floats
lane_to_float(lane_words v)
{
	return __builtin_convertvector((lane_ints)v, lane_floats);
}

/* Byte i of each lane. */
LANE_FN lane_words
lane_byte(lane_words v, int i)
{
	if (i == 0)
		return v & 0xff;
	if (i == 3)
		return v >> 24;
	return lane_shuffle(v, (lane_words){ 0, 4, 8, 12, 0, 4, 8, 12, 0, 4,
	    8, 12, 0, 4, 8, 12 } + (0x80808000 + (uint32_t)i));
}

#endif
#endif
