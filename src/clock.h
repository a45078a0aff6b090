/* clock.h -- the two clocks, in milliseconds. */
#ifndef FIKR_CLOCK_H
#define FIKR_CLOCK_H

#include <stdint.h>

double clock_now_ms(void);	/* steady, from an unknown beginning */
int64_t clock_wall_ms(void);	/* since 1970; people may set it */

#endif
