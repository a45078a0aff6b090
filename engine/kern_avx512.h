/* kern_avx512.h -- what the files of the AVX-512 kernels share; for them
 * alone. */
#ifndef FIKR_KERN_AVX512_H
#define FIKR_KERN_AVX512_H

#include "kern.h"

/* kern->lanes, for AVX-512 VNNI. */
void avx512_lanes(enum ttype t, const void *w, const struct act_rows *x,
    int vectors, float *out, int ldo);

#endif
