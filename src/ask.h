/* ask.h -- `fikr ask`: one question, the answer on standard output. */
#ifndef FIKR_ASK_H
#define FIKR_ASK_H

#include "conf.h"
#include "options.h"
#include "store.h"

/* Returns the exit status.  store: for --save. */
int ask_main(const struct options *o, const struct conf *c,
    const struct store *store);

#endif
