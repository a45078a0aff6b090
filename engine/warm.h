/* warm.h -- a model's weights brought into memory, so that its first token
 * waits neither for the disk nor for the pages of the mapping. */
#ifndef FIKR_WARM_H
#define FIKR_WARM_H

#include <stdbool.h>
#include <stdint.h>

struct model;
struct warm;

/* Begin on a thread of its own with the weights that every token reads, and
 * with the experts too if all is set.  The file must stay mapped until
 * warm_end. */
struct warm *warm_begin(const struct model *m, bool all);
/* Help until everything is there, and free w (or NULL: nothing to do).
 * tell(done, total, ud) hears of the bytes gone through; true from it gives
 * up the rest: -1. */
int warm_end(struct warm *w, bool (*tell)(int64_t done, int64_t total,
    void *ud), void *ud);

#endif
