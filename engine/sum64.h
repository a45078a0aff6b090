/* sum64.h -- a checksum that takes less time than reading what it is of: eight
 * lanes of 64 bits, so that the processor's multiplications overlap.  It finds
 * what disks and crashes do to bytes, not what a person does on purpose. */
#ifndef FIKR_SUM64_H
#define FIKR_SUM64_H

#include <stddef.h>
#include <stdint.h>

#define SUM64_LANES 8

struct sum64 {
	uint64_t lane[SUM64_LANES];
};

void sum64_init(struct sum64 *s);
/* The same bytes in other pieces have another sum. */
void sum64_add(struct sum64 *s, const void *p, size_t n);
uint64_t sum64_end(const struct sum64 *s);

#endif
