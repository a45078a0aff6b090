/* vault_store.h -- all files of a store, sealed and unsealed.  It may be
 * interrupted at any point and done again; what it has got to is read rightly
 * meanwhile. */
#ifndef FIKR_VAULT_STORE_H
#define FIKR_VAULT_STORE_H

#include "bar.h"
#include "err.h"
#include "store.h"

struct turned {
	int done;		/* conversations that are as asked for now, */
	int before;		/* ... that were so already, */
	int failed;		/* ... that stayed as they are */
	int bad;		/* documents that could not be read */
};

/* Of the store, locked by store_lock, with its key: every conversation, in the
 * trash too.  why is called for each that could not be done; bar, which may be
 * NULL, shows how far it is.  -1 when the
 * folder itself cannot be read. */
int vault_seal_store(const struct store *s, struct turned *t,
    void (*why)(const struct err *), struct bar *bar, struct err *err);
int vault_unseal_store(const struct store *s, struct turned *t,
    void (*why)(const struct err *), struct bar *bar, struct err *err);

#endif
