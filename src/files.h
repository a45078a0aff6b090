/* files.h -- what files are written with: whole, in place, and lasting.  All
 * give -1 with errno. */
#ifndef FIKR_FILES_H
#define FIKR_FILES_H

#include <stddef.h>
#include <stdint.h>

/* All n bytes, or -1; what the disk takes none of is ENOSPC. */
int files_write(int fd, const void *p, size_t n);
int files_write_at(int fd, const void *p, size_t n, uint64_t at);
/* Make created and deleted names last; some file systems cannot sync a folder,
 * and need not.  1: the folder cannot be opened. */
int files_sync_dir(const char *dir);
/* Rename unless the new name is taken: EEXIST. */
int files_rename_new(const char *from, const char *to);

#endif
