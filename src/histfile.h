/* histfile.h -- the file of what was typed before: one entry a line, with
 * newline and backslash written as \n and \\, oldest first, mode 0600.  A
 * format of our own, because readline's takes a line such as "#1 first" inside
 * an entry for a timestamp.  Several processes may append to one file. */
#ifndef FIKR_HISTFILE_H
#define FIKR_HISTFILE_H

#include <stdbool.h>

#include "err.h"

#define HISTFILE_MAX 2000	/* entries kept */

/* Call add for each of the last HISTFILE_MAX entries; a missing file is made.
 * 0 or -1. */
int histfile_load(const char *path, void (*add)(const char *entry),
    struct err *err);
/* Append an entry in one write.  Failures are silent: a history is a
 * convenience.  Entries of more than 64 KiB are not kept. */
void histfile_append(const char *path, const char *entry);
/* Take the entries out that match says yes to: how many. */
int histfile_remove(const char *path,
    bool (*match)(const char *entry, void *ud), void *ud);
/* Bring a file that has outgrown HISTFILE_MAX back to it. */
void histfile_trim(const char *path);

#endif
