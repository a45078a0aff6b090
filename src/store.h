/* store.h -- where conversations are kept: a folder, and what it takes to read
 * and write there. */
#ifndef FIKR_STORE_H
#define FIKR_STORE_H

#include <stdbool.h>

#include "err.h"

struct vault;			/* the key of a store that is encrypted */

struct store {
	char *dir;
	struct vault *vault;	/* NULL: everything is in the clear */
	bool temporary;		/* what is said is not kept there */
	int lock;		/* the folder, kept from being encrypted or
				 * decrypted meanwhile; 0: not */
};

enum store_state {
	STORE_FAILED = -1,	/* err says why */
	STORE_OPEN,
	STORE_SHUT		/* nobody gave its passphrase; err says so */
};
/* The person's conversations.  If they are encrypted, the passphrase comes from
 * the file that FIKR_PASSPHRASE_FILE names, else from the terminal.  optional:
 * tell the person there that it goes on without, too.  In any case:
 * store_close. */
enum store_state store_open(struct store *s, bool optional, struct err *err);
/* The same without the passphrase, and so without what is encrypted. */
int store_open_shut(struct store *s, struct err *err);
void store_close(struct store *s);
/* The trash is a store, too; the caller frees its dir. */
struct store store_trash(const struct store *s);
/* For the time in which all is encrypted or decrypted: nobody else may have the
 * store open.  store_close ends it. */
int store_lock(struct store *s, struct err *err);

/* No memory of this process, nor of those that it starts, goes into files when
 * it crashes. */
void store_no_dumps(void);

#endif
