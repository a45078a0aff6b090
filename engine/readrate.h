/* readrate.h -- how fast this machine reads memory: what bounds decoding. */
#ifndef FIKR_READRATE_H
#define FIKR_READRATE_H

#include <stdint.h>

#include "pool.h"

#define READRATE_BYTES ((size_t)256 << 20)	/* far above any cache here */

/* READRATE_BYTES of memory to read, to be freed; NULL: no room. */
uint64_t *readrate_data(void);
/* Read all of it with all of the pool's threads, once: bytes a second. */
double readrate_run(struct pool *p, const uint64_t *data);

#endif
