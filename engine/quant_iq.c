/* quant_iq.c -- the layouts of the tensor types with code books (IQ1 to IQ4),
 * of ternary ones (TQ) and of blocks of 4-bit floats (MXFP4, NVFP4).
 *
 * The code books (quant_grid.h) hold points of a lattice, 4 or 8 values each;
 * a block holds their numbers, the signs apart, and small whole scales. */
#include "quant_iq.h"

#include <stddef.h>

#include "quant_grid.h"

#define GROUP 32

static uint16_t
u16_at(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, 2);
	return v;
}

static uint32_t
u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

static void
set_scales(struct qgroup *o, float first, float second)
{
	o->scale[0] = first;
	o->scale[1] = second;
	o->base[0] = o->base[1] = 0;
}

/* Nibble i of a row of bytes. */
static int
nibble(const uint8_t *p, int i)
{
	return p[i / 2] >> i % 2 * 4 & 15;
}

static void
point8(uint16_t point, const int8_t *level, int8_t *q)
{
	int i;

	for (i = 0; i < 8; i++)
		q[i] = level[point >> i * 2 & 3];
}

static void
point4(uint16_t point, const int8_t *level, int8_t *q)
{
	int i;

	for (i = 0; i < 4; i++)
		q[i] = level[point >> i * 4 & 7];
}

/* Bit i set: value i is negative. */
static void
put_signs(int bits, int8_t *q)
{
	int i;

	for (i = 0; i < 8; i++)
		if (bits >> i & 1)
			q[i] = (int8_t)-q[i];
}

/* The eighth sign of a stored seven: it makes the number of minus signs
 * even. */
static int
even_signs(int seven)
{
	return seven | __builtin_parity((unsigned)seven) << 7;
}

/* IQ2_XXS: per group four numbers of a byte, then a word with four times
 * seven signs and the scale, of which the value is d (s + 1/2) / 4. */
static void
group_iq2_xxs(const uint8_t *b, int k, struct qgroup *o)
{
	const uint8_t *p = b + 2 + k * 8;
	uint32_t rest = u32_at(p + 4);
	float d = half_at(b) * (0.5f + (float)(rest >> 28)) * 0.25f;
	int j;

	for (j = 0; j < 4; j++) {
		point8(grid_iq2_xxs[p[j]], level_iq2, o->q + j * 8);
		put_signs(even_signs(rest >> j * 7 & 127), o->q + j * 8);
	}
	set_scales(o, d, d);
}

static void
nibble_scales(const uint8_t *scales, int k, float d, struct qgroup *o)
{
	set_scales(o, d * (0.5f + (float)nibble(scales, k * 2)) * 0.25f,
	    d * (0.5f + (float)nibble(scales, k * 2 + 1)) * 0.25f);
}

/* IQ2_XS: nine bits of number and seven signs in 16 bits. */
static void
group_iq2_xs(const uint8_t *b, int k, struct qgroup *o)
{
	int j, v;

	for (j = 0; j < 4; j++) {
		v = u16_at(b + 2 + k * 8 + j * 2);
		point8(grid_iq2_xs[v & 511], level_iq2, o->q + j * 8);
		put_signs(even_signs(v >> 9), o->q + j * 8);
	}
	nibble_scales(b + 66, k, half_at(b), o);
}

/* IQ2_S: low bytes of the numbers, the signs, bits 8 and 9, scales. */
static void
group_iq2_s(const uint8_t *b, int k, struct qgroup *o)
{
	int j, v;

	for (j = 0; j < 4; j++) {
		v = b[2 + k * 4 + j] | (b[66 + k] >> j * 2 & 3) << 8;
		point8(grid_iq2_s[v], level_iq2, o->q + j * 8);
		put_signs(b[34 + k * 4 + j], o->q + j * 8);
	}
	nibble_scales(b + 74, k, half_at(b), o);
}

/* IQ3_XXS: the numbers of all groups, then a word for each as in IQ2_XXS. */
static void
group_iq3_xxs(const uint8_t *b, int k, struct qgroup *o)
{
	uint32_t rest = u32_at(b + 66 + k * 4);
	float d = half_at(b) * (0.5f + (float)(rest >> 28)) * 0.5f;
	int j;

	for (j = 0; j < 8; j++)
		point4(grid_iq3_xxs[b[2 + k * 8 + j]], level_iq3_xxs,
		    o->q + j * 4);
	for (j = 0; j < 4; j++)
		put_signs(even_signs(rest >> j * 7 & 127), o->q + j * 8);
	set_scales(o, d, d);
}

/* IQ3_S: low bytes of the numbers, their bits 8, the signs, scales. */
static void
group_iq3_s(const uint8_t *b, int k, struct qgroup *o)
{
	float d = half_at(b) * (float)(1 + 2 * nibble(b + 106, k));
	int j, v;

	for (j = 0; j < 8; j++) {
		v = b[2 + k * 8 + j] | (b[66 + k] >> j & 1) << 8;
		point4(grid_iq3_s[v], level_iq3_s, o->q + j * 4);
	}
	for (j = 0; j < 4; j++)
		put_signs(b[74 + k * 4 + j], o->q + j * 8);
	set_scales(o, d, d);
}

/* Eight values of -1, 0, 1 all moved by an eighth, up or down, in eighths. */
static void
point_iq1(int number, bool down, int8_t *q)
{
	static const int8_t eighths[4] = { -8, 0, 8 };
	int i;

	point8(grid_iq1[number], eighths, q);
	for (i = 0; i < 8; i++)
		q[i] = (int8_t)(q[i] + (down ? -1 : 1));
}

/* IQ1_S: low bytes of the numbers; then 16 bits a group: four times their
 * upper three bits, the scale, the direction of the move. */
static void
group_iq1_s(const uint8_t *b, int k, struct qgroup *o)
{
	int j, qh = u16_at(b + 34 + k * 2);
	float d = half_at(b) * (float)(2 * (qh >> 12 & 7) + 1) / 8;

	for (j = 0; j < 4; j++)
		point_iq1(b[2 + k * 4 + j] | (qh >> j * 3 & 7) << 8,
		    qh & 0x8000, o->q + j * 8);
	set_scales(o, d, d);
}

/* IQ1_M: low bytes of the numbers; nibbles of their upper three bits and the
 * move; then four words, each of four scales and a quarter of d. */
static void
group_iq1_m(const uint8_t *b, int k, struct qgroup *o)
{
	const uint8_t *s = b + 48;
	int i, h, v, d = 0;

	for (i = 0; i < 4; i++) {
		h = nibble(b + 32, k * 4 + i);
		point_iq1(b[k * 4 + i] | (h & 7) << 8, h & 8, o->q + i * 8);
		d |= (s[i * 2 + 1] >> 4) << i * 4;
	}
	for (i = 0; i < 2; i++) {
		v = u16_at(s + k / 2 * 2) >> (k % 2 * 2 + i) * 3 & 7;
		o->scale[i] = f16_to_f32((uint16_t)d) * (float)(2 * v + 1) /
		    8;
		o->base[i] = 0;
	}
}

/* Byte j holds values j and j + n, of n bytes. */
static void
levels(const uint8_t *p, int n, const int8_t *level, int8_t *q)
{
	int j;

	for (j = 0; j < n; j++) {
		q[j] = level[p[j] & 15];
		q[j + n] = level[p[j] >> 4];
	}
}

/* IQ4_XS: six bits of scale, the upper two apart. */
static void
group_iq4_xs(const uint8_t *b, int k, struct qgroup *o)
{
	int s = nibble(b + 4, k) | (u16_at(b + 2) >> k * 2 & 3) << 4;
	float d = half_at(b) * (float)(s - 32);

	levels(b + 8 + k * 16, 16, level_iq4, o->q);
	set_scales(o, d, d);
}

/* TQ1_0: five values of three in a byte, as a fraction of 256: the leading
 * digit in base 3 of (byte * 3^n mod 256) is value n.  The digits are spread
 * over 32, 16 and 4 bytes. */
static void
group_tq1_0(const uint8_t *b, int k, struct qgroup *o)
{
	static const uint8_t power[5] = { 1, 3, 9, 27, 81 };
	int j, i, v;

	for (j = 0; j < GROUP; j++) {
		i = k * GROUP + j;
		if (i < 160)
			v = b[i % 32] * power[i / 32];
		else if (i < 240)
			v = b[32 + i % 16] * power[(i - 160) / 16];
		else
			v = b[48 + i % 4] * power[(i - 240) / 4];
		o->q[j] = (int8_t)(((v & 255) * 3 >> 8) - 1);
	}
	set_scales(o, half_at(b + 52), half_at(b + 52));
}

static void
group_tq2_0(const uint8_t *b, int k, struct qgroup *o)
{
	const uint8_t *p = b + k / 4 * 32;
	int j;

	for (j = 0; j < GROUP; j++)
		o->q[j] = (int8_t)((p[j] >> k % 4 * 2 & 3) - 1);
	set_scales(o, half_at(b + 64), half_at(b + 64));
}

/* Half of 2^(e - 127), since the levels are doubled. */
static float
half_of_e8m0(int e)
{
	uint32_t bits = e < 2 ? 0x200000u << e : (uint32_t)(e - 1) << 23;
	float f;

	memcpy(&f, &bits, 4);
	return f;
}

/* Half of an unsigned float of 4 bits of exponent (bias 7) and 3 of mantissa.
 * Moved into an f16, whose bias is 15, it is 2^-8 of itself. */
static float
half_of_ue4m3(uint8_t v)
{
	if (v == 0x7f)		/* not a number: counts as zero */
		return 0;
	return f16_to_f32((uint16_t)((v & 127) << 7)) * 128;
}

/* NVFP4: a scale for each 16 of 64 values, whose nibbles lie in 8 bytes. */
static void
group_nvfp4(const uint8_t *b, int k, struct qgroup *o)
{
	levels(b + 4 + k * 16, 8, level_fp4, o->q);
	levels(b + 4 + k * 16 + 8, 8, level_fp4, o->q + 16);
	set_scales(o, half_of_ue4m3(b[k * 2]), half_of_ue4m3(b[k * 2 + 1]));
}

void
quant_group_iq(enum ttype t, const uint8_t *b, int k, struct qgroup *o)
{
	switch (t) {
	case TT_IQ1_S:
		group_iq1_s(b, k, o);
		break;
	case TT_IQ1_M:
		group_iq1_m(b, k, o);
		break;
	case TT_IQ2_XXS:
		group_iq2_xxs(b, k, o);
		break;
	case TT_IQ2_XS:
		group_iq2_xs(b, k, o);
		break;
	case TT_IQ2_S:
		group_iq2_s(b, k, o);
		break;
	case TT_IQ3_XXS:
		group_iq3_xxs(b, k, o);
		break;
	case TT_IQ3_S:
		group_iq3_s(b, k, o);
		break;
	case TT_IQ4_NL:
		levels(b + 2, 16, level_iq4, o->q);
		set_scales(o, half_at(b), half_at(b));
		break;
	case TT_IQ4_XS:
		group_iq4_xs(b, k, o);
		break;
	case TT_TQ1_0:
		group_tq1_0(b, k, o);
		break;
	case TT_TQ2_0:
		group_tq2_0(b, k, o);
		break;
	case TT_MXFP4:
		levels(b + 1, 16, level_fp4, o->q);
		set_scales(o, half_of_e8m0(b[0]), half_of_e8m0(b[0]));
		break;
	case TT_NVFP4:
		group_nvfp4(b, k, o);
		break;
	default:
		memset(o, 0, sizeof(*o));
	}
}
