/* cmd_label.h -- the commands that arrange conversations, and the trash. */
#ifndef FIKR_CMD_LABEL_H
#define FIKR_CMD_LABEL_H

#include "options.h"
#include "store.h"

/* `fikr pin|unpin|archive|unarchive|tag|rename|rm`: the exit status. */
int label_main(const struct store *store, const struct options *o);
/* `fikr trash [restore ID...|empty]`. */
int trash_main(const struct store *store, const struct options *o);

#endif
