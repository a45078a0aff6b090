/* fork.h -- a conversation that goes on from a turn of another one, and the
 * branches of one side by side. */
#ifndef FIKR_FORK_H
#define FIKR_FORK_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "convo.h"
#include "err.h"

/* A copy of the branch that ends at turn t (NULL: of the one that is shown),
 * with all that is known of its turns, under a new id; its origin says where
 * from.  Not in any file yet. */
struct convo *fork_at(const struct convo *c, const struct turn *t,
    int64_t now_ms);

/* The ends of the branches, oldest first: fills *out (caller frees the array)
 * and returns how many. */
size_t branch_ends(const struct convo *c, struct turn ***out);
/* The turns up to t, oldest first; likewise. */
size_t branch_to(const struct convo *c, const struct turn *t,
    struct turn ***out);
/* How many turns two branches share at their beginning. */
size_t branch_shared(struct turn *const *a, size_t na, struct turn *const *b,
    size_t nb);

#endif
