/* cmd_import.h -- `fikr import`: conversations from other programs' files. */
#ifndef FIKR_CMD_IMPORT_H
#define FIKR_CMD_IMPORT_H

#include "options.h"
#include "store.h"

int import_main(const struct store *store, const struct options *o);

#endif
