/* kern_amx.h -- what the files of the AMX kernels share; for them alone. */
#ifndef FIKR_KERN_AMX_H
#define FIKR_KERN_AMX_H

#include "kern_tiles.h"

/* clang 14 spells the first without its second underscore */
#if (defined(__AMX_BF16__) || defined(__AMXBF16__)) && \
    defined(__AVX512BF16__) && !defined(TILE_PLAIN)
#define HAVE_AMX_KERNELS 1
#endif

extern const struct kern_tiles amx_tiles;	/* of kern_amx_tiles.c */
/* from_lanes of struct kern_tiles.  `first` and `groups` make whole blocks:
 * multiples of 8 in types of super-blocks. */
void amx_from_lanes(enum ttype t, const void *w, int64_t first, int groups,
    int half, uint8_t *panel);

#endif
