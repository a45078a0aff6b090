/* cmd_lock.h -- `fikr lock` and `fikr unlock`: all conversations encrypted by a
 * passphrase, and back. */
#ifndef FIKR_CMD_LOCK_H
#define FIKR_CMD_LOCK_H

#include "options.h"

int lock_main(const struct options *o);		/* exit statuses */
int unlock_main(const struct options *o);

#endif
