/* attach.h -- text files that go with a message: "@notes.txt", or @"my
 * notes.txt", where a word begins, if there is such a file. */
#ifndef FIKR_ATTACH_H
#define FIKR_ATTACH_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

#define ATTACH_BYTES_MAX (4u << 20)

struct attachment {
	char *name;		/* as it was written */
	char *path;		/* with the home folder in place of ~ */
	int64_t bytes;
};

/* The files that text names, in order; how many.  Words such as @someone that
 * are no files are none. */
size_t attach_find(const char *text, struct attachment **out);
void attach_free(struct attachment *v, size_t n);
/* Append text, and behind it each file between fences.  -1 when one cannot be
 * read, is too long or is no text: nothing is appended then. */
int attach_expand(const char *text, struct buf *out, struct err *err);
/* The "@..." that ends at byte at of text, completed as far as all files that
 * begin so agree: text as a whole with that in it, or NULL when there is
 * nothing to add.  *names (may be NULL) gets the names to choose from when
 * there are several.  *cursor: where it ends. */
char *attach_complete(const char *text, size_t at, struct buf *names,
    size_t *cursor);

#endif
