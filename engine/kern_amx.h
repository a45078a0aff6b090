/* kern_amx.h -- what the files of the AMX kernels share; for them alone. */
#ifndef FIKR_KERN_AMX_H
#define FIKR_KERN_AMX_H

#include "kern_tiles.h"

/* from_lanes of struct kern_tiles.  `first` and `groups` make whole blocks:
 * multiples of 8 in types of super-blocks. */
void amx_from_lanes(enum ttype t, const void *w, int64_t first, int groups,
    int half, uint8_t *panel);

#endif
