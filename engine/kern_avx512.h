/* kern_avx512.h -- what the files of the AVX-512 kernels share; for them
 * alone. */
#ifndef FIKR_KERN_AVX512_H
#define FIKR_KERN_AVX512_H

#include <stdbool.h>

#include "kern.h"

/* kern->in_lanes and lanes, for AVX-512 VNNI. */
bool avx512_in_lanes(enum ttype t);
void avx512_lanes(enum ttype t, const void *w, const struct act_rows *x,
    int vectors, float *out, int ldo);

#endif
