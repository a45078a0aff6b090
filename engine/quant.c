/* quant.c -- the block layouts of GGUF's tensor types, written for clarity:
 * the fast kernels are measured against this file.
 *
 * All types but the floats are read through one shape, struct qgroup, 32
 * values at a time.  The super-block types ("K") hold 256 values whose 8 or
 * 16 scales are themselves packed in 4 or 6 bits.  The types with code books
 * and 4-bit floats are in quant_iq.c. */
#include "quant_iq.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define GROUP 32

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "GGUF data is read in place: a little-endian machine is needed"
#endif

static const struct ttype_info infos[TT_COUNT] = {
	[TT_F32] = { "F32", 1, 4 },	[TT_F16] = { "F16", 1, 2 },
	[TT_BF16] = { "BF16", 1, 2 },	[TT_Q4_0] = { "Q4_0", 32, 18 },
	[TT_Q4_1] = { "Q4_1", 32, 20 },	[TT_Q5_0] = { "Q5_0", 32, 22 },
	[TT_Q5_1] = { "Q5_1", 32, 24 },	[TT_Q8_0] = { "Q8_0", 32, 34 },
	[TT_Q8_1] = { "Q8_1", 32, 36 },	[TT_Q2_K] = { "Q2_K", 256, 84 },
	[TT_Q3_K] = { "Q3_K", 256, 110 }, [TT_Q4_K] = { "Q4_K", 256, 144 },
	[TT_Q5_K] = { "Q5_K", 256, 176 }, [TT_Q6_K] = { "Q6_K", 256, 210 },
	[TT_Q8_K] = { "Q8_K", 256, 292 },
	[TT_IQ1_S] = { "IQ1_S", 256, 50 }, [TT_IQ1_M] = { "IQ1_M", 256, 56 },
	[TT_IQ2_XXS] = { "IQ2_XXS", 256, 66 },
	[TT_IQ2_XS] = { "IQ2_XS", 256, 74 },
	[TT_IQ2_S] = { "IQ2_S", 256, 82 },
	[TT_IQ3_XXS] = { "IQ3_XXS", 256, 98 },
	[TT_IQ3_S] = { "IQ3_S", 256, 110 },
	[TT_IQ4_NL] = { "IQ4_NL", 32, 18 },
	[TT_IQ4_XS] = { "IQ4_XS", 256, 136 },
	[TT_TQ1_0] = { "TQ1_0", 256, 54 }, [TT_TQ2_0] = { "TQ2_0", 256, 66 },
	[TT_MXFP4] = { "MXFP4", 32, 17 }, [TT_NVFP4] = { "NVFP4", 64, 36 },
};

/* The types that are not computed with, so that a refusal can name them. */
static const struct { uint32_t type; const char *name; } refused[] = {
	{ 4, "Q4_2, retired" }, { 5, "Q4_3, retired" }, { 24, "I8" },
	{ 25, "I16" }, { 26, "I32" }, { 27, "I64" }, { 28, "F64" },
	{ 31, "Q4_0_4_4, retired" }, { 32, "Q4_0_4_8, retired" },
	{ 33, "Q4_0_8_8, retired" }, { 36, "IQ4_NL_4_4, retired" },
	{ 37, "IQ4_NL_4_8, retired" }, { 38, "IQ4_NL_8_8, retired" },
	{ 41, "Q1_0" },
};

const struct ttype_info *
ttype_info(uint32_t type)
{
	if (type >= TT_COUNT || infos[type].name == NULL)
		return NULL;
	return &infos[type];
}

const char *
ttype_name(uint32_t type)
{
	size_t i;

	if (ttype_info(type) != NULL)
		return infos[type].name;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (refused[i].type == type)
			return refused[i].name;
	return "unknown";
}

int64_t
ttype_row_bytes(enum ttype t, int64_t n)
{
	return n / infos[t].block * infos[t].bytes;
}

float
f16_to_f32(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16, bits;
	uint32_t e = h >> 10 & 31, m = h & 0x3ff;
	float f;

	if (e == 0) {		/* zero or subnormal: m * 2^-24 */
		f = (float)m * 0x1p-24f;
		return sign ? -f : f;
	}
	if (e == 31)
		bits = sign | 0x7f800000 | m << 13;
	else
		bits = sign | (e + 112) << 23 | m << 13;
	memcpy(&f, &bits, 4);
	return f;
}

uint16_t
f32_to_f16(float f)
{
	uint32_t b, sign, m, rest, half;
	int e, shift;

	memcpy(&b, &f, 4);
	sign = b >> 16 & 0x8000;
	e = (int)(b >> 23 & 255) - 112;
	m = b & 0x7fffff;
	if (e == 255 - 112)	/* infinity, NaN (made quiet) */
		return (uint16_t)(sign | 0x7c00 | (m ? 0x200 | m >> 13 : 0));
	if (e >= 31)
		return (uint16_t)(sign | 0x7c00);
	if (e < -10)
		return (uint16_t)sign;
	shift = 13;
	if (e <= 0) {		/* subnormal: the hidden bit moves down */
		m |= 0x800000;
		shift = 14 - e;
		e = 0;
	}
	rest = m & ((1u << shift) - 1);
	half = 1u << (shift - 1);
	m >>= shift;
	if (rest > half || (rest == half && (m & 1)))
		m++;		/* a carry into the exponent is right */
	return (uint16_t)(sign | (((uint32_t)e << 10) + m));
}

float
bf16_to_f32(uint16_t h)
{
	uint32_t b = (uint32_t)h << 16;
	float f;

	memcpy(&f, &b, 4);
	return f;
}

static void
set_scale(struct qgroup *o, float scale, float base)
{
	o->scale[0] = o->scale[1] = scale;
	o->base[0] = o->base[1] = base;
}

/* Byte j holds values j (low nibble) and j + 16 (high). */
static void
nibbles(const uint8_t *qs, struct qgroup *o)
{
	int j;

	for (j = 0; j < 16; j++) {
		o->q[j] = (int8_t)(qs[j] & 15);
		o->q[j + 16] = (int8_t)(qs[j] >> 4);
	}
}

static void
fifth_bits(const uint8_t *qh, struct qgroup *o)
{
	int j;

	for (j = 0; j < GROUP; j++)
		o->q[j] = (int8_t)(o->q[j] | (qh[j / 8] >> j % 8 & 1) << 4);
}

static void
shift_down(struct qgroup *o, int by)
{
	int j;

	for (j = 0; j < GROUP; j++)
		o->q[j] = (int8_t)(o->q[j] - by);
}

/* Scale and minimum j of Q4_K and Q5_K: 6 bits each, the first four plain,
 * the last four with their top two bits above the first four. */
static void
scale_min_k4(const uint8_t *s, int j, int *sc, int *m)
{
	if (j < 4) {
		*sc = s[j] & 63;
		*m = s[j + 4] & 63;
	} else {
		*sc = (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
		*m = s[j + 4] >> 4 | (s[j] >> 6) << 4;
	}
}

static void
group_q2_k(const uint8_t *b, int g, struct qgroup *o)
{
	const uint8_t *qs = b + 16 + g / 4 * 32;
	float d = half_at(b + 80), dmin = half_at(b + 82);
	int i, j, shift = g % 4 * 2;

	for (j = 0; j < GROUP; j++)
		o->q[j] = (int8_t)(qs[j] >> shift & 3);
	for (i = 0; i < 2; i++) {
		o->scale[i] = d * (float)(b[g * 2 + i] & 15);
		o->base[i] = -dmin * (float)(b[g * 2 + i] >> 4);
	}
}

static void
group_q3_k(const uint8_t *b, int g, struct qgroup *o)
{
	const uint8_t *qs = b + 32 + g / 4 * 32, *s = b + 96;
	float d = half_at(b + 108);
	int i, j, k, sc, shift = g % 4 * 2;

	for (j = 0; j < GROUP; j++)
		/* a CLEAR mask bit means minus 4 */
		o->q[j] = (int8_t)((qs[j] >> shift & 3) -
		    (b[j] >> g & 1 ? 0 : 4));
	for (i = 0; i < 2; i++) {
		k = g * 2 + i;
		sc = k < 8 ? s[k] & 15 : s[k - 8] >> 4;
		sc |= (s[8 + k % 4] >> k / 4 * 2 & 3) << 4;
		o->scale[i] = d * (float)(sc - 32);
		o->base[i] = 0;
	}
}

/* Q4_K, and Q5_K with the fifth bits in qh (NULL: none). */
static void
group_q45_k(const uint8_t *b, const uint8_t *qh, const uint8_t *qs, int g,
    struct qgroup *o)
{
	int j, sc, m, shift = g % 2 * 4;

	qs += g / 2 * 32;
	for (j = 0; j < GROUP; j++) {
		o->q[j] = (int8_t)(qs[j] >> shift & 15);
		if (qh != NULL)
			o->q[j] = (int8_t)(o->q[j] | (qh[j] >> g & 1) << 4);
	}
	scale_min_k4(b + 4, g, &sc, &m);
	set_scale(o, half_at(b) * (float)sc, -half_at(b + 2) * (float)m);
}

static void
group_q6_k(const uint8_t *b, int g, struct qgroup *o)
{
	const uint8_t *ql = b + g / 4 * 64 + g % 2 * 32;
	const uint8_t *qh = b + 128 + g / 4 * 32;
	const int8_t *sc = (const int8_t *)b + 192;
	float d = half_at(b + 208);
	int i, j, lo = g % 4 / 2 * 4, hi = g % 4 * 2;

	for (j = 0; j < GROUP; j++)
		o->q[j] = (int8_t)((ql[j] >> lo & 15) +
		    (qh[j] >> hi & 3) * 16 - 32);
	for (i = 0; i < 2; i++) {
		o->scale[i] = d * sc[g * 2 + i];
		o->base[i] = 0;
	}
}

void
quant_group(enum ttype t, const void *row, int64_t g, struct qgroup *o)
{
	int per = infos[t].block / GROUP, k = (int)(g % per);
	const uint8_t *b = (const uint8_t *)row + g / per * infos[t].bytes;
	float d;

	switch (t) {
	case TT_Q4_0:
		nibbles(b + 2, o);
		shift_down(o, 8);
		set_scale(o, half_at(b), 0);
		break;
	case TT_Q4_1:
		nibbles(b + 4, o);
		set_scale(o, half_at(b), half_at(b + 2));
		break;
	case TT_Q5_0:
		nibbles(b + 6, o);
		fifth_bits(b + 2, o);
		shift_down(o, 16);
		set_scale(o, half_at(b), 0);
		break;
	case TT_Q5_1:
		nibbles(b + 8, o);
		fifth_bits(b + 4, o);
		set_scale(o, half_at(b), half_at(b + 2));
		break;
	case TT_Q8_0:
		memcpy(o->q, b + 2, GROUP);
		set_scale(o, half_at(b), 0);
		break;
	case TT_Q8_1:		/* after d the sum, for products of old */
		memcpy(o->q, b + 4, GROUP);
		set_scale(o, half_at(b), 0);
		break;
	case TT_Q8_K:
		memcpy(o->q, b + 4 + k * GROUP, GROUP);
		memcpy(&d, b, 4);
		set_scale(o, d, 0);
		break;
	case TT_Q2_K:
		group_q2_k(b, k, o);
		break;
	case TT_Q3_K:
		group_q3_k(b, k, o);
		break;
	case TT_Q4_K:
		group_q45_k(b, NULL, b + 16, k, o);
		break;
	case TT_Q5_K:
		group_q45_k(b, b + 16, b + 48, k, o);
		break;
	case TT_Q6_K:
		group_q6_k(b, k, o);
		break;
	default:
		quant_group_iq(t, b, k, o);
	}
}

static void
dequant_halves(enum ttype t, const uint8_t *src, float *dst, int64_t n)
{
	uint16_t h;
	int64_t i;

	for (i = 0; i < n; i++) {
		memcpy(&h, src + i * 2, 2);
		dst[i] = t == TT_F16 ? f16_to_f32(h) : bf16_to_f32(h);
	}
}

void
dequant_row(enum ttype t, const void *src, float *dst, int64_t n)
{
	struct qgroup o;
	int64_t g;
	int j;

	if (t == TT_F32) {
		memcpy(dst, src, (size_t)n * 4);
		return;
	}
	if (t == TT_F16 || t == TT_BF16) {
		dequant_halves(t, src, dst, n);
		return;
	}
	for (g = 0; g < n / GROUP; g++) {
		quant_group(t, src, g, &o);
		for (j = 0; j < GROUP; j++)
			dst[g * GROUP + j] = o.scale[j / 16] * (float)o.q[j] +
			    o.base[j / 16];
	}
}

static uint16_t
f32_to_bf16(float f)
{
	uint32_t b;

	memcpy(&b, &f, 4);
	if ((b & 0x7fffffff) > 0x7f800000)
		return (uint16_t)(b >> 16 | 0x40);
	return (uint16_t)((b + 0x7fff + (b >> 16 & 1)) >> 16);
}

static void
put_half(uint8_t *p, float f)
{
	uint16_t h = f32_to_f16(f);

	memcpy(p, &h, 2);
}

static int
clamp(float v, int lo, int hi)
{
	if (!(v > (float)lo))
		return lo;
	return v > (float)hi ? hi : (int)lrintf(v);
}

/* One block of a 4- or 5-bit type.  Those without a minimum put the value of
 * largest magnitude at -2^(bits-1), which uses the whole range. */
static void
quant_low(int bits, bool with_min, const float *x, uint8_t *b)
{
	float lo = x[0], hi = x[0], d, base;
	uint8_t *qs = b + (with_min ? 4 : 2) + (bits == 5 ? 4 : 0);
	uint8_t *qh = b + (with_min ? 4 : 2);
	int j, q, top = (1 << bits) - 1;

	for (j = 1; j < GROUP; j++) {
		lo = fminf(lo, x[j]);
		hi = fmaxf(hi, x[j]);
	}
	if (with_min) {
		d = (hi - lo) / (float)top;
		base = lo;
		put_half(b + 2, base);
	} else {
		d = (fabsf(lo) > fabsf(hi) ? lo : hi) / -(float)(top / 2 + 1);
		base = -d * (float)(top / 2 + 1);
	}
	put_half(b, d);
	memset(qh, 0, bits == 5 ? 20 : 16);
	for (j = 0; j < GROUP; j++) {
		q = d != 0 ? clamp((x[j] - base) / d, 0, top) : 0;
		qs[j % 16] = (uint8_t)(qs[j % 16] | (q & 15) << j / 16 * 4);
		if (bits == 5)
			qh[j / 8] = (uint8_t)(qh[j / 8] | q >> 4 << j % 8);
	}
}

static void
quant_q8_0(const float *x, uint8_t *b)
{
	float top = 0, d;
	int j;

	for (j = 0; j < GROUP; j++)
		top = fmaxf(top, fabsf(x[j]));
	d = top / 127;
	put_half(b, d);
	for (j = 0; j < GROUP; j++)
		b[2 + j] = (uint8_t)(d != 0 ? clamp(x[j] / d, -127, 127) : 0);
}

static void
quant_block(enum ttype t, const float *x, uint8_t *b)
{
	uint16_t h;

	switch (t) {
	case TT_F32:
		memcpy(b, x, 4);
		break;
	case TT_F16:
		put_half(b, *x);
		break;
	case TT_BF16:
		h = f32_to_bf16(*x);
		memcpy(b, &h, 2);
		break;
	case TT_Q8_0:
		quant_q8_0(x, b);
		break;
	default:
		quant_low(t == TT_Q5_0 || t == TT_Q5_1 ? 5 : 4,
		    t == TT_Q4_1 || t == TT_Q5_1, x, b);
	}
}

int
quant_row(enum ttype t, const float *src, void *dst, int64_t n)
{
	const struct ttype_info *info = ttype_info(t);
	uint8_t *b = dst;
	int64_t i;

	if (info == NULL || info->block > GROUP)
		return -1;
	for (i = 0; i < n; i += info->block, b += info->bytes)
		quant_block(t, src + i, b);
	return 0;
}
