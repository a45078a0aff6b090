/* cmd_replay.h -- `fikr replay`, up to where the screen begins. */
#ifndef FIKR_CMD_REPLAY_H
#define FIKR_CMD_REPLAY_H

#include "convo.h"
#include "options.h"
#include "replay_how.h"
#include "store.h"

/* How it is to be played, from the command line; strings are borrowed.  -1: a
 * usage error in one sentence. */
int replay_how_parse(const struct options *o, struct replay_how *how,
    struct err *err);
/* The conversation to play, of which nothing is locked or changed, or NULL. */
struct convo *replay_read(const struct options *o, const struct store *store,
    struct err *err);

#endif
