/* kern_amx.h -- what the files of the AMX kernels share; for them alone. */
#ifndef FIKR_KERN_AMX_H
#define FIKR_KERN_AMX_H

#include "kern_lanes_ops.h"
#include "kern_tiles.h"

/* clang 14 spells the first without its second underscore */
#if (defined(__AMX_BF16__) || defined(__AMXBF16__)) && \
    defined(__AVX512BF16__) && !defined(LANES_PLAIN)
#define HAVE_AMX_KERNELS 1
#endif

extern const struct kern_tiles amx_tiles;	/* of kern_amx_tiles.c */
/* from_lanes of struct kern_tiles.  `first` and `groups` make whole blocks:
 * multiples of 8 in types of super-blocks. */
void amx_from_lanes(enum ttype t, const void *w, int64_t first, int groups,
    int half, uint8_t *panel);

#ifdef HAVE_AMX_KERNELS

/* Tiles of 16 rows of 64 bytes, all zeroed; _tile_release() ends their use. */
static inline void
amx_begin(void)
{
	static const struct {
		uint8_t palette, start_row, zero[14];
		uint16_t row_bytes[16];
		uint8_t rows[16];
	} __attribute__((aligned(64))) config = {
		.palette = 1,
		.row_bytes = { 64, 64, 64, 64, 64, 64, 64, 64 },
		.rows = { 16, 16, 16, 16, 16, 16, 16, 16 },
	};

	/* the compiler does not see what the instruction reads */
	__asm__ volatile("" : : : "memory");
	_tile_loadconfig(&config);
}

#endif

#if defined(HAVE_AMX_KERNELS) || defined(LANES_PLAIN)

/* Rounded to nearest even, BF16 in the upper half of each word; what is not a
 * number stays none. */
LANE_FN lane_words
lane_bf16(lane_floats v)
{
	lane_words u = (lane_words)v;
	lane_words nan = (lane_words)((u & 0x7fffffff) > 0x7f800000);

	return (nan & (u | 0x400000)) |
	    (~nan & (u + 0x7fff + (u >> 16 & 1)));
}

/* The pair (a, b) of each lane in BF16. */
LANE_FN lane_words
lane_pairs(lane_floats a, lane_floats b)
{
#ifdef HAVE_AMX_KERNELS
	/* 16 of a, then 16 of b, to be taken in turn */
	const lane_words turn = (lane_words){ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
	    11, 12, 13, 14, 15 } * 0x10001 + 0x100000;

	return (lane_words)_mm512_permutexvar_epi16((__m512i)turn,
	    (__m512i)_mm512_cvtne2ps_pbh((__m512)b, (__m512)a));
#else
	return lane_bf16(a) >> 16 | (lane_bf16(b) & 0xffff0000);
#endif
}

#endif

#endif
