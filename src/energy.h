/* energy.h -- what the processor has used, by the kernel's powercap counters
 * (RAPL: Intel's, and AMD's, which Linux shows under the same names). */
#ifndef FIKR_ENERGY_H
#define FIKR_ENERGY_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define ENERGY_DIR "/sys/class/powercap"

struct energy_zone {
	char *path;		/* of its counter, microjoules */
	uint64_t last;		/* read there last */
	uint64_t max;		/* it begins at 0 again behind this */
};

struct energy {
	struct energy_zone *v;	/* [n], one a processor package */
	size_t n;
};

/* Find the counters in a folder laid out as ENERGY_DIR and read them for the
 * first time.  -1 when there are none, or they may not be read: *err then says
 * which file and why, and e is empty. */
int energy_open(struct energy *e, const char *dir, struct err *err);
void energy_done(struct energy *e);
/* Joules that all packages used since they were read last; -1: see *err.  A
 * counter that began again in between is counted right, if it did so once. */
int energy_read(struct energy *e, double *joules, struct err *err);

#endif
