/* kern_avx512_lanes.c -- products with rows in lanes, for AVX-512 VNNI. */
#include "kern_lanes.h"
