/* trash.h -- conversations that were deleted, for a while: files in the folder
 * "trash" of the store.  Whatever lies there is in the trash, and so is what
 * says so itself (its label `trashed`) and is not there yet. */
#ifndef FIKR_TRASH_H
#define FIKR_TRASH_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "journal.h"
#include "store.h"

#define TRASH_DAYS 30

/* Times are ms since the epoch.  -1 with a sentence, as when another fikr has
 * the conversation open. */
int trash_put(const struct store *store, const char *id, int64_t now,
    struct err *err);
int trash_restore(const struct store *store, const char *id, struct err *err);
/* What is in it, as journal_list has it; what was deleted last is first. */
int trash_list(const struct store *store, struct convo_info **out,
    struct err *err);
/* Whole days until c is gone, at least 0; one of no time, or of one that is
 * still to come, begins now. */
int trash_days_left(const struct convo_info *c, int64_t now);
/* For good, and all traces with it: one, or all of which the days are over (all
 * that there are with `all`).  How many went, or -1 when some would not. */
int trash_forget(const struct store *store, const char *id, struct err *err);
int trash_empty(const struct store *store, int64_t now, bool all,
    struct err *err);
/* That, without all, unless it was done within a day. */
void trash_tidy(const struct store *store, int64_t now);

#endif
