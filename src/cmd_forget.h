/* cmd_forget.h -- `fikr forget`: conversations, and all that they left. */
#ifndef FIKR_CMD_FORGET_H
#define FIKR_CMD_FORGET_H

#include "options.h"

int forget_main(const struct options *o);	/* an exit status */

#endif
