/* cmd.h -- what the commands without a screen share: how they fail, and how
 * they read a conversation. */
#ifndef FIKR_CMD_H
#define FIKR_CMD_H

#include "convo.h"
#include "err.h"
#include "out.h"
#include "store.h"

/* Each says why on standard error and returns the exit status. */
int cmd_failed(const struct err *err);
/* ... unless nobody reads out any more, as if the signal had ended us. */
int cmd_out_failed(const struct out *out, const struct err *err);
/* journal_read, whose notice goes to standard error. */
struct convo *cmd_read(const struct store *store, const char *id,
    struct err *err);

#endif
