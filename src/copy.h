/* copy.h -- the file of a conversation that has been elsewhere: one that is
 * imported, or a copy.  (journal_whole() is for those that are going on.) */
#ifndef FIKR_COPY_H
#define FIKR_COPY_H

#include "convo.h"
#include "err.h"
#include "store.h"

/* Write it into the store under c->id, with all but the turns that were
 * removed; sealed, if the store is encrypted.  It is there whole and synced or
 * not at all, and says that it was changed when its last turn ended.  An id
 * that is taken gives c another (the same time, another end).  The caller syncs
 * the folder by journal_sync_dir, once for many.  -1, or COPY_TOO_LARGE when it
 * is c that makes it fail: another may fit. */
#define COPY_TOO_LARGE (-2)
int copy_write(const struct store *store, struct convo *c, struct err *err);

#endif
