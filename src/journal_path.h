/* journal_path.h -- names within the folder of conversations. */
#ifndef FIKR_JOURNAL_PATH_H
#define FIKR_JOURNAL_PATH_H

#include <stdbool.h>

#include "err.h"

/* An id comes from the command line or a directory: it must be a plain word
 * before it may become part of a path. */
bool journal_id_valid(const char *id);
char *journal_path(const char *dir, const char *id, const char *suffix);
/* Make created and deleted names last. */
int journal_sync_dir(const char *dir, struct err *err);

#endif
