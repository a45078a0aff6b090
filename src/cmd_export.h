/* cmd_export.h -- `fikr export`: conversations in other formats. */
#ifndef FIKR_CMD_EXPORT_H
#define FIKR_CMD_EXPORT_H

#include "options.h"
#include "store.h"

int export_main(const struct store *store, const struct options *o);

#endif
