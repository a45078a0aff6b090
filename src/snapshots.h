/* snapshots.h -- the folder of snapshots, what models have read of
 * conversations, so that they need not read it again.  A file is
 * NAME.DIGEST.kv, NAME being a conversation's id and DIGEST eight digits of the
 * model's fingerprint.  All of it can be deleted at any time. */
#ifndef FIKR_SNAPSHOTS_H
#define FIKR_SNAPSHOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define SNAPSHOTS_BYTES ((int64_t)1 << 30)	/* unless somebody says else */
#define SNAPSHOT_NAME_MAX 32			/* with its end */

/* 1 to 31 of A-Z a-z 0-9 _ -. */
bool snapshots_name_ok(const char *name);
/* $XDG_CACHE_HOME/fikr/kv; the caller frees it. */
char *snapshots_dir(void);
/* digest: "sha256:<hex>" or alike.  The caller frees it. */
char *snapshots_path(const char *dir, const char *name, const char *digest);
/* The paths [*n] of all of this name, of whatever model; free with
 * snapshots_free. */
char **snapshots_find(const char *dir, const char *name, size_t *n);
void snapshots_free(char **v, size_t n);
/* Delete the least recently used until the others than path and `bytes` more
 * take at most limit, and what writers that died have left. */
void snapshots_make_room(const char *dir, int64_t limit, int64_t bytes,
    const char *path);
/* Wipe all of this conversation's, from a folder or the usual one, where *n
 * counts them.  -1 when one is still there. */
int snapshots_remove_in(const char *dir, const char *name, struct err *err);
int snapshots_remove(const char *name, int *n, struct err *err);

#endif
