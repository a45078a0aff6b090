/* journal_path.h -- names within the folder of conversations. */
#ifndef FIKR_JOURNAL_PATH_H
#define FIKR_JOURNAL_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* An id comes from the command line or a directory: it must be a plain word
 * before it may become part of a path. */
bool journal_id_valid(const char *id);
char *journal_path(const char *dir, const char *id, const char *suffix);
struct journal_file {
	char id[32];
	int64_t size, mtime;	/* bytes, ns since the epoch */
};
/* All files of conversations in a folder, in no order: fills *out (caller
 * frees) and returns how many, or -1; a missing folder has none. */
int journal_files(const char *dir, struct journal_file **out,
    struct err *err);
/* Open a conversation's file and lock it: *fd, or -1 with errno where it cannot
 * be opened.  Fails while a journal has it open. */
int journal_hold(const char *path, const char *id, int *fd, struct err *err);
/* Make created and deleted names last. */
int journal_sync_dir(const char *dir, struct err *err);

#endif
