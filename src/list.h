/* list.h -- `fikr list`, `fikr search` and `fikr show`: what is saved, as plain
 * text. */
#ifndef FIKR_LIST_H
#define FIKR_LIST_H

#include "options.h"
#include "store.h"

/* Each returns an exit status; a search that finds nothing, 1. */
int list_main(const struct store *store, const struct options *o);
int search_main(const struct store *store, const struct options *o);
int show_main(const struct store *store, const struct options *o);

#endif
