/* quant_grid.h -- the tables of the "IQ" and 4-bit float types; for the files
 * that decode them. */
#ifndef FIKR_QUANT_GRID_H
#define FIKR_QUANT_GRID_H

#include <stdint.h>

/* Eight values a point, two bits each: places among 8, 25, 43. */
extern const uint16_t grid_iq2_xxs[256], grid_iq2_xs[512], grid_iq2_s[1024];
/* The same among -1, 0, 1; for IQ1_S and IQ1_M. */
extern const uint16_t grid_iq1[2048];
/* Four values a point, four bits each. */
extern const uint16_t grid_iq3_xxs[256], grid_iq3_s[512];

/* What the places stand for. */
extern const int8_t level_iq2[4], level_iq3_xxs[8], level_iq3_s[8];
/* The 16 values of IQ4_NL and IQ4_XS, and of a 4-bit float (E2M1) doubled. */
extern const int8_t level_iq4[16], level_fp4[16];

#endif
