/* kern_lanes_unpack.h -- rows in lanes (kern_lanes.h) as bytes with their
 * scales, for the files of the AVX-512 and AMX kernels that multiply them and
 * that make tiles of them.  Types, groups and lines are constants: every
 * caller is compiled for one type.
 *
 * A line is 16 rows x 4 neighbouring values, unsigned; a group has eight.
 * What signed types gain by that, base takes away: value = scale * q + base. */
#ifndef FIKR_KERN_LANES_UNPACK_H
#define FIKR_KERN_LANES_UNPACK_H

#include "kern_lanes_ops.h"

#if defined(HAVE_AVX512_LANES) || defined(LANES_PLAIN)

#include "quant_grid.h"

/* DO(T) for the types that lanes_form() knows. */
#define EACH_LANE_TYPE(DO) DO(TT_Q4_0) DO(TT_Q4_1) DO(TT_Q5_0) DO(TT_Q5_1) \
	DO(TT_Q8_0) DO(TT_Q2_K) DO(TT_Q3_K) DO(TT_Q4_K) DO(TT_Q5_K) \
	DO(TT_Q6_K) DO(TT_IQ4_NL) DO(TT_IQ4_XS)

/* What a group is multiplied with, in halves or, where lane_halves() is 1, as
 * a whole. */
struct lane_scales {
	lane_floats scale[2], base[2];
};

/* What is taken from a block once: its scale and minimum, and the scales of
 * its groups where they have to be put together, as bytes. */
struct lane_block {
	lane_floats d, m;
	lane_words sc[4], min[2];
};

/* ---- a type's numbers ---- */

/* Groups of a block. */
LANE_FN int
lane_groups(enum ttype t)
{
	switch (t) {
	case TT_Q4_0:
	case TT_Q4_1:
	case TT_Q5_0:
	case TT_Q5_1:
	case TT_Q8_0:
	case TT_IQ4_NL:
		return 1;
	default:
		return 8;
	}
}

/* Scales of a group. */
LANE_FN int
lane_halves(enum ttype t)
{
	return t == TT_Q2_K || t == TT_Q3_K || t == TT_Q6_K ? 2 : 1;
}

/* Words and fields of two bytes of a block, as lanes_form() has them. */
LANE_FN int
lane_word_count(enum ttype t)
{
	switch (t) {
	case TT_Q4_0:
	case TT_Q4_1:
	case TT_IQ4_NL:
		return 4;
	case TT_Q5_0:
	case TT_Q5_1:
		return 5;
	case TT_Q8_0:
		return 8;
	case TT_Q2_K:
		return 20;
	case TT_Q3_K:
		return 27;
	case TT_Q4_K:
		return 35;
	case TT_Q5_K:
		return 43;
	case TT_Q6_K:
		return 52;
	default:		/* TT_IQ4_XS */
		return 33;
	}
}

LANE_FN int
lane_half_count(enum ttype t)
{
	return t == TT_Q4_1 || t == TT_Q5_1 || t == TT_Q2_K || t == TT_Q4_K ||
	    t == TT_Q5_K || t == TT_IQ4_XS ? 2 : 1;
}

/* Bytes of a block of all rows. */
LANE_FN int
lane_bytes(enum ttype t)
{
	return lane_word_count(t) * 64 + lane_half_count(t) * 32;
}

/* What the bytes of a signed type are too large by. */
LANE_FN float
lane_lift(enum ttype t)
{
	switch (t) {
	case TT_Q3_K:
		return 4;
	case TT_Q4_0:
		return 8;
	case TT_Q5_0:
		return 16;
	case TT_Q6_K:
		return 32;
	default:		/* Q8_0, IQ4_NL, IQ4_XS */
		return 128;
	}
}

/* ---- the bytes ---- */

LANE_FN lane_words
lane_word(const uint8_t *b, int i)
{
	lane_words v;

	memcpy(&v, b + i * 64, sizeof v);
	return v;
}

LANE_FN lane_words
lane_nibble(lane_words v, int high)
{
	return (high ? v >> 4 : v) & 0x0f0f0f0f;
}

/* Bits of each byte from `at` on, moved to `to` and on, among others. */
LANE_FN lane_words
lane_move(lane_words v, int at, int to)
{
	return at > to ? v >> (at - to) : v << (to - at);
}

/* Of the 16 values of IQ4 those that the nibbles name, lifted. */
LANE_FN lane_words
lane_iq4(lane_words nibbles)
{
	lane_words level;

	for (int i = 0; i < 4; i++)
		memcpy((uint8_t *)&level + i * 16, level_iq4, 16);
	return lane_shuffle(level ^ 0x80808080, nibbles);
}

/* The fifth bits of line k, which are bits 4 k .. 4 k + 3 of v. */
LANE_FN lane_words
lane_fifth(lane_words nibbles, lane_words v, int k)
{
	lane_words spread = (lane_words){ 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8,
	    12, 0, 4, 8, 12 } * 0x01010101 + (uint32_t)(k / 2) * 0x01010101;

	return lane_add_16(nibbles, lane_shuffle(v, spread),
	    k % 2 ? 0x80402010 : 0x08040201);
}

/* Line k of group g of a block. */
LANE_FN lane_words
lane_line(enum ttype t, const uint8_t *b, int g, int k)
{
	switch (t) {
	case TT_Q4_0:
	case TT_Q4_1:
		return lane_nibble(lane_word(b, k % 4), k / 4);
	case TT_IQ4_NL:
		return lane_iq4(lane_nibble(lane_word(b, k % 4), k / 4));
	case TT_IQ4_XS:
		return lane_iq4(lane_nibble(lane_word(b, 1 + g * 4 + k % 4),
		    k / 4));
	case TT_Q5_0:
	case TT_Q5_1:
		return lane_fifth(lane_nibble(lane_word(b, 1 + k % 4), k / 4),
		    lane_word(b, 0), k);
	case TT_Q8_0:
		return lane_word(b, k) ^ 0x80808080;
	case TT_Q2_K:
		return lane_word(b, 4 + g / 4 * 8 + k) >> g % 4 * 2 &
		    0x03030303;
	case TT_Q3_K:
		return lane_join(0x03030303,
		    lane_word(b, 8 + g / 4 * 8 + k) >> g % 4 * 2,
		    lane_move(lane_word(b, k), g, 2)) & 0x07070707;
	case TT_Q4_K:
		return lane_nibble(lane_word(b, 3 + g / 2 * 8 + k), g % 2);
	case TT_Q5_K:
		return lane_join(0x0f0f0f0f,
		    lane_word(b, 11 + g / 2 * 8 + k) >> g % 2 * 4,
		    lane_move(lane_word(b, 3 + k), g, 4)) & 0x1f1f1f1f;
	default:		/* TT_Q6_K */
		return lane_join(0x0f0f0f0f,
		    lane_word(b, g / 4 * 16 + g % 2 * 8 + k) >> g % 4 / 2 * 4,
		    lane_move(lane_word(b, 32 + g / 4 * 8 + k), g % 4 * 2,
		    4)) & 0x3f3f3f3f;
	}
}

/* ---- the scales ---- */

/* Q4_K, Q5_K: eight scales and eight minima of six bits. */
LANE_FN void
lane_scales_k4(const uint8_t *b, struct lane_block *o)
{
	lane_words s = lane_word(b, 0), m = lane_word(b, 1);
	lane_words low = lane_word(b, 2);

	o->sc[0] = s & 0x3f3f3f3f;
	o->sc[1] = (low & 0x0f0f0f0f) | (s >> 2 & 0x30303030);
	o->min[0] = m & 0x3f3f3f3f;
	o->min[1] = (low >> 4 & 0x0f0f0f0f) | (m >> 2 & 0x30303030);
}

/* Q3_K: 16 scales of six bits. */
LANE_FN void
lane_scales_k3(const uint8_t *b, struct lane_block *o)
{
	lane_words s = lane_word(b, 0), m = lane_word(b, 1);
	lane_words high = lane_word(b, 2);

	o->sc[0] = (s & 0x0f0f0f0f) | (high << 4 & 0x30303030);
	o->sc[1] = (m & 0x0f0f0f0f) | (high << 2 & 0x30303030);
	o->sc[2] = (s >> 4 & 0x0f0f0f0f) | (high & 0x30303030);
	o->sc[3] = (m >> 4 & 0x0f0f0f0f) | (high >> 2 & 0x30303030);
}

LANE_FN void
lane_open(enum ttype t, const uint8_t *b, struct lane_block *o)
{
	const uint8_t *half = b + lane_word_count(t) * 64;

	o->d = lane_f16(half);
	if (t == TT_IQ4_XS)
		o->sc[0] = lane_u16(half + 32);
	else if (lane_half_count(t) == 2)
		o->m = lane_f16(half + 32);
	if (t == TT_Q2_K || t == TT_Q4_K || t == TT_Q5_K)
		o->m = -o->m;
	if (t == TT_Q4_K || t == TT_Q5_K)
		lane_scales_k4(b, o);
	if (t == TT_Q3_K)
		lane_scales_k3(b + 24 * 64, o);
}

/* The scale of half h of group g as a whole number, to be multiplied by d. */
LANE_FN lane_floats
lane_scale(enum ttype t, const uint8_t *b, const struct lane_block *o, int g,
    int h)
{
	int i = g * 2 + h;	/* among the halves of the block */

	switch (t) {
	case TT_Q2_K:
		return lane_to_float(lane_word(b, i / 4) >> i % 4 * 8 & 15);
	case TT_Q3_K:
		return lane_to_float(lane_byte(o->sc[i / 4], i % 4) - 32);
	case TT_Q4_K:
	case TT_Q5_K:
		return lane_to_float(lane_byte(o->sc[g / 4], g % 4));
	case TT_Q6_K:		/* signed */
		return lane_to_float((lane_words)((lane_ints)(lane_word(b,
		    48 + i / 4) << (24 - i % 4 * 8)) >> 24));
	default:		/* TT_IQ4_XS */
		return lane_to_float(((lane_word(b, 0) >> g * 4 & 15) |
		    (lane_move(o->sc[0], g * 2, 4) & 0x30)) - 32);
	}
}

/* The same of its minimum, to be multiplied by m. */
LANE_FN lane_floats
lane_min(enum ttype t, const uint8_t *b, const struct lane_block *o, int g,
    int h)
{
	int i = g * 2 + h;

	if (t == TT_Q2_K)
		return lane_to_float(lane_word(b, i / 4) >> (i % 4 * 8 + 4) &
		    15);
	return lane_to_float(lane_byte(o->min[g / 4], g % 4));
}

/* Group g of the block at b, which has been opened. */
LANE_FN void
lane_scales_of(enum ttype t, const uint8_t *b, const struct lane_block *o,
    int g, struct lane_scales *s)
{
	for (int h = 0; h < lane_halves(t); h++) {
		s->scale[h] = lane_groups(t) == 1 ? o->d :
		    o->d * lane_scale(t, b, o, g, h);
		if (t == TT_Q4_1 || t == TT_Q5_1)
			s->base[h] = o->m;
		else if (lane_half_count(t) == 2 && t != TT_IQ4_XS)
			s->base[h] = o->m * lane_min(t, b, o, g, h);
		else
			s->base[h] = s->scale[h] * -lane_lift(t);
	}
}

#endif
#endif
