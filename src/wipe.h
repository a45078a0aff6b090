/* wipe.h -- deleting a file that somebody may not want found on the disk.  It
 * is written over first, which reaches its blocks where the file system writes
 * in place; many, and SSDs, do not: docs/privacy.md. */
#ifndef FIKR_WIPE_H
#define FIKR_WIPE_H

#include <stddef.h>

/* Write zeros over all of an open file; as far as that goes. */
void wipe_fd(int fd);
/* 1: it is gone, 0: there was none, -1: errno says why not. */
int wipe_file(const char *path);
/* Write blanks over the lines of a file that word is in: how many. */
int wipe_lines(const char *path, const char *word);

#endif
