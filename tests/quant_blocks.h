/* quant_blocks.h -- blocks of every tensor type with any bits but chosen
 * scales; the same as in make_quant_vectors.py. */
#ifndef FIKR_TESTS_QUANT_BLOCKS_H
#define FIKR_TESTS_QUANT_BLOCKS_H

#include <stdint.h>
#include <string.h>

#include "quant.h"

/* Where a block has its f16 scale and its minimum; -1: none there. */
static const struct { enum ttype t; int d, m; } scale_places[] = {
	{ TT_Q4_0, 0, -1 }, { TT_Q4_1, 0, 2 }, { TT_Q5_0, 0, -1 },
	{ TT_Q5_1, 0, 2 }, { TT_Q8_0, 0, -1 }, { TT_Q8_1, 0, 2 },
	{ TT_Q2_K, 80, 82 }, { TT_Q3_K, 108, -1 }, { TT_Q4_K, 0, 2 },
	{ TT_Q5_K, 0, 2 }, { TT_Q6_K, 208, -1 }, { TT_IQ2_XXS, 0, -1 },
	{ TT_IQ2_XS, 0, -1 }, { TT_IQ2_S, 0, -1 }, { TT_IQ3_XXS, 0, -1 },
	{ TT_IQ3_S, 0, -1 }, { TT_IQ1_S, 0, -1 }, { TT_IQ4_NL, 0, -1 },
	{ TT_IQ4_XS, 0, -1 }, { TT_TQ1_0, 52, -1 }, { TT_TQ2_0, 64, -1 },
};

/* The scale d and the minimum m, both f16, of a block of type t. */
static inline void
put_scale(enum ttype t, uint8_t *b, uint16_t d, uint16_t m)
{
	int e = d >> 10 & 31, i;
	float f = f16_to_f32(d);

	if (t == TT_Q8_K)
		memcpy(b, &f, 4);
	for (i = 0; t == TT_IQ1_M && i < 4; i++)
		b[49 + i * 2] = (uint8_t)((b[49 + i * 2] & 15) |
		    (d >> i * 4 & 15) << 4);
	if (t == TT_MXFP4)		/* an exponent alone */
		b[0] = (uint8_t)(e == 31 ? 255 : e ? e + 112 : d & 1);
	for (i = 0; i < (int)(sizeof(scale_places) /
	    sizeof(scale_places[0])); i++) {
		if (scale_places[i].t != t)
			continue;
		memcpy(b + scale_places[i].d, &d, 2);
		if (scale_places[i].m >= 0)
			memcpy(b + scale_places[i].m, &m, 2);
	}
}

/* The next of a row of numbers that the seed begins; its upper half. */
static inline uint16_t
next_bits(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return (uint16_t)(*seed >> 16);
}

/* -1 to 1. */
static inline float
next_float(uint32_t *seed)
{
	return (float)next_bits(seed) / 32768 - 1;
}

/* A scale of either sign from 1/16 to 1/8. */
static inline uint16_t
next_scale(uint32_t *seed)
{
	return (uint16_t)((next_bits(seed) & 0x83ff) | 0x2c00);
}

static inline void
next_block(enum ttype t, uint8_t *b, uint32_t *seed)
{
	uint16_t d;
	int i;

	for (i = 0; i < ttype_info(t)->bytes; i++)
		b[i] = (uint8_t)next_bits(seed);
	d = next_scale(seed);
	put_scale(t, b, d, next_scale(seed));
}

#endif
