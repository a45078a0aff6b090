/* export.h -- conversations in formats that other programs and people read.
 * docs/export.md describes them. */
#ifndef FIKR_EXPORT_H
#define FIKR_EXPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "convo.h"
#include "err.h"

#define EXPORT_VERSION 1	/* of fikr's own JSON */

enum export_format {
	EXPORT_MD, EXPORT_JSON, EXPORT_HTML, EXPORT_TEXT,
	EXPORT_CHATGPT, EXPORT_DEEPSEEK, EXPORT_OPENWEBUI
};

int export_format_parse(const char *name, enum export_format *f);
/* By how the name of a file ends; -1: it does not say. */
int export_format_of(const char *path, enum export_format *f);
/* Can a file of it hold several conversations? */
bool export_holds_many(enum export_format f);

/* A file: begin, a conversation, between, a conversation, ..., end; each is
 * appended to out.  Turns that were removed are left out. */
void export_begin(struct buf *out, enum export_format f);
void export_convo(struct buf *out, const struct convo *c,
    enum export_format f, bool thinking);
void export_between(struct buf *out, enum export_format f);
void export_end(struct buf *out, enum export_format f);

/* "ID Title.md": a name that any file system takes; caller frees. */
char *export_file_name(const struct convo *c, enum export_format f);
/* Write text to a file, mode 0600: whole or not at all.  One that is there is
 * written over only with force. */
int export_write(const char *path, const struct buf *text, bool force,
    struct err *err);

#endif
