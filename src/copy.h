/* copy.h -- the file of a conversation that has been elsewhere: one that is
 * imported, or a copy.  (journal_whole() is for those that are going on.) */
#ifndef FIKR_COPY_H
#define FIKR_COPY_H

#include "convo.h"
#include "err.h"
#include "store.h"

/* Write c into the store under c->id, with all but the turns that were removed;
 * sealed, if the store is encrypted.  It is there whole and synced or not at all,
 * and says that it was changed when its last turn ended.  An id that is taken
 * gives c another (the same time, another end).  -1, or COPY_TOO_LARGE when it is
 * c that makes it fail: another may fit. */
#define COPY_TOO_LARGE (-2)
int copy_write(const struct store *store, struct convo *c, struct err *err);

/* Many at once, since each sync takes its time: files that are written, but not
 * there yet.  A zeroed struct has none. */
struct copies {
	char (*ids)[32];	/* [n] */
	size_t n, cap;
};
/* As copy_write(), up to the sync. */
int copy_draft(const struct store *store, struct convo *c, struct copies *v,
    struct err *err);
/* Sync them, give them their names, and forget them.  -1: some are not there. */
int copies_finish(const struct store *store, struct copies *v,
    struct err *err);

#endif
