/* store.h -- where conversations are kept: a folder, and what it takes to read
 * and write there. */
#ifndef FIKR_STORE_H
#define FIKR_STORE_H

struct vault;			/* keys of a store that is encrypted */

struct store {
	char *dir;
	const struct vault *vault;	/* NULL: everything is in the clear */
};

#endif
