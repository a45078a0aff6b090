/* paging.h -- how a model's weights and the machine's memory go together.
 * Weights are read through the mapping, so that a model larger than memory
 * runs, from the disk as far as need be: the kernel drops pages and reads them
 * again, and nothing is killed. */
#ifndef FIKR_PAGING_H
#define FIKR_PAGING_H

#include <stdbool.h>
#include <stdint.h>

#include "forward.h"

struct paging {
	int64_t available;	/* bytes that were there for all */
	int64_t stays;		/* bytes of the weights that stay in memory */
	bool fits;		/* ... which is all of them */
	char note[512];		/* a sentence for people; "" when it fits */
};

/* Bytes that this process may take without others being pushed out: what the
 * kernel estimates, within the limits of the control groups it is in; or what
 * FIKR_MEMORY says, in MiB. */
int64_t memory_available(void);
/* Have the kernel read n mapped bytes from p on, which are wanted soon. */
void paging_fetch(const void *p, int64_t n);
void paging_plan(const struct model_needs *n, int64_t available,
    struct paging *p);

#endif
