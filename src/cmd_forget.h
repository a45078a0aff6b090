/* cmd_forget.h -- `fikr forget`: conversations, and all that they left. */
#ifndef FIKR_CMD_FORGET_H
#define FIKR_CMD_FORGET_H

#include "options.h"
#include "store.h"

/* Returns an exit status. */
int forget_main(const struct store *store, const struct options *o);

#endif
