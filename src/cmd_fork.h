/* cmd_fork.h -- `fikr fork` and `fikr diff`: branches of a conversation. */
#ifndef FIKR_CMD_FORK_H
#define FIKR_CMD_FORK_H

#include "options.h"
#include "store.h"

int fork_main(const struct store *store, const struct options *o);
int diff_main(const struct store *store, const struct options *o);

#endif
