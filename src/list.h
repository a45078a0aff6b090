/* list.h -- `fikr list` and `fikr show`: what is saved, as plain text. */
#ifndef FIKR_LIST_H
#define FIKR_LIST_H

#include "options.h"
#include "store.h"

/* Both return an exit status; dir is the conversations folder. */
int list_main(const struct store *store);
int show_main(const struct store *store, const struct options *o);

#endif
