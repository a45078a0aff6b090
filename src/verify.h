/* verify.h -- `fikr verify`: writes the answers of a conversation again, with
 * the model, seed and sampling that are recorded, and compares token by
 * token. */
#ifndef FIKR_VERIFY_H
#define FIKR_VERIFY_H

#include "conf.h"
#include "options.h"
#include "store.h"

/* 0: identical; 1: not, or not all of it could be compared. */
int verify_main(const struct options *o, const struct conf *c,
    const struct store *store);

#endif
