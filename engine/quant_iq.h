/* quant_iq.h -- what quant.c takes from quant_iq.c, and the one thing both
 * need. */
#ifndef FIKR_QUANT_IQ_H
#define FIKR_QUANT_IQ_H

#include <string.h>

#include "quant.h"

/* Group k of a block of one of the IQ, TQ or FP4 types; all zeros for a type
 * that is none of them. */
void quant_group_iq(enum ttype t, const uint8_t *block, int k,
    struct qgroup *o);

static inline float
half_at(const uint8_t *p)
{
	uint16_t h;

	memcpy(&h, p, 2);
	return f16_to_f32(h);
}

#endif
