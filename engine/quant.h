/* quant.h -- the tensor types of GGUF: their block layouts and the scalar
 * dequantisation that every fast kernel is measured against (the oracle). */
#ifndef FIKR_QUANT_H
#define FIKR_QUANT_H

#include <stdbool.h>
#include <stdint.h>

enum ttype {		/* the ids of the file format */
	TT_F32 = 0, TT_F16 = 1, TT_Q4_0 = 2, TT_Q4_1 = 3, TT_Q5_0 = 6,
	TT_Q5_1 = 7, TT_Q8_0 = 8, TT_Q8_1 = 9, TT_Q2_K = 10, TT_Q3_K = 11,
	TT_Q4_K = 12, TT_Q5_K = 13, TT_Q6_K = 14, TT_Q8_K = 15,
	TT_IQ2_XXS = 16, TT_IQ2_XS = 17, TT_IQ3_XXS = 18, TT_IQ1_S = 19,
	TT_IQ4_NL = 20, TT_IQ3_S = 21, TT_IQ2_S = 22, TT_IQ4_XS = 23,
	TT_IQ1_M = 29, TT_BF16 = 30, TT_TQ1_0 = 34, TT_TQ2_0 = 35,
	TT_MXFP4 = 39, TT_NVFP4 = 40, TT_COUNT = 41
};

struct ttype_info {
	const char *name;	/* NULL: unknown or not supported */
	int block;		/* values in a block */
	int bytes;		/* bytes of a block */
};

/* NULL for a type that is not supported. */
const struct ttype_info *ttype_info(uint32_t type);
/* The name of any type the format knows or knew, supported or not, with
 * ", retired" after those that it dropped; or "unknown". */
const char *ttype_name(uint32_t type);
/* Bytes of a row of n values; n must be a multiple of the block. */
int64_t ttype_row_bytes(enum ttype t, int64_t n);

float f16_to_f32(uint16_t h);
uint16_t f32_to_f16(float f);		/* round to nearest even */
float bf16_to_f32(uint16_t h);

/* 32 neighbouring values of a quantised row as whole numbers:
 *	value[i] = scale[i / 16] * q[i] + base[i / 16] */
struct qgroup {
	int8_t q[32];
	float scale[2], base[2];
};

/* Group g of a row: its values 32 g .. 32 g + 31.  t is a quantised type. */
void quant_group(enum ttype t, const void *row, int64_t g, struct qgroup *o);
/* dst[0..n) from n values at src, n a multiple of the block. */
void dequant_row(enum ttype t, const void *src, float *dst, int64_t n);
/* The reverse, for tests and fixtures only: F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1
 * Q8_0; returns -1 for other types. */
int quant_row(enum ttype t, const float *src, void *dst, int64_t n);

#endif
