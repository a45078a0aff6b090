/* vault_file.h -- a whole file of the store, sealed and unsealed: each document
 * for itself, and back to the very bytes.  What was there before is in place
 * until what comes instead is safely on the disk. */
#ifndef FIKR_VAULT_FILE_H
#define FIKR_VAULT_FILE_H

#include "err.h"
#include "vault.h"

/* Of the conversation id, path is the file, or the one of half-written tails
 * beside it.  1: done, 0: it was so already, -1: it is as it was, being
 * open elsewhere, say. */
int vault_file_seal(const struct vault *v, const char *path, const char *id,
    struct err *err);
/* Boxes that do not open go to torn (a path), which *torn_boxes counts. */
int vault_file_unseal(const struct vault *v, const char *path, const char *id,
    const char *torn, int *torn_boxes, struct err *err);

#endif
