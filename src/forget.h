/* forget.h -- removing every trace of a conversation, and, when a store is
 * encrypted, what lies in the clear beside it. */
#ifndef FIKR_FORGET_H
#define FIKR_FORGET_H

#include "err.h"
#include "store.h"

/* How much was removed. */
struct forgotten {
	int files;		/* the conversation's, in the trash too */
	int snapshots;		/* of the model's state */
	int history;		/* lines of the prompt's history */
	int log;		/* lines of the logs that name it */
};

/* The conversation id of the store, or what is left of it.  -1 when some of it
 * is still there, open in another fikr say; *f is what went in any case. */
int forget_convo(const struct store *store, const char *id,
    struct forgotten *f, struct err *err);
/* The prompt's history, the index and the snapshots: all that says in the
 * clear what conversations hold.  How many files, or -1. */
int forget_caches(struct err *err);

#endif
