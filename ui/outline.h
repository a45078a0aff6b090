/* outline.h -- the turns that a long thought takes: its paragraphs, and the
 * places where it stops ("Wait"), tries something else, checks or concludes.
 * Text may only grow; what has been read is not read again. */
#ifndef FIKR_OUTLINE_H
#define FIKR_OUTLINE_H

#include <stddef.h>

#include "buf.h"

enum section_kind {
	SECTION_PLAIN,
	SECTION_DOUBT,		/* "Wait", "Hmm", "But" */
	SECTION_OTHER,		/* "Alternatively" */
	SECTION_CHECK,		/* "Let me verify" */
	SECTION_SO,		/* "Therefore" */
	SECTION_RESULT		/* "The final answer" */
};

struct section {
	size_t from;		/* byte of the text */
	enum section_kind kind;
};

/* A zeroed one is empty. */
struct outline {
	struct section *v;
	size_t n, cap;
	size_t read;		/* bytes */
};

void outline_update(struct outline *o, const char *s, size_t n);
void outline_free(struct outline *o);		/* empty again */
/* The section that byte at lies in; o->n > 0. */
size_t outline_at(const struct outline *o, size_t at);
/* Its first words, made safe, appended. */
void outline_label(const struct section *sec, const char *s, size_t n,
    struct buf *out);
/* One column that tells a kind without colour. */
const char *section_mark(enum section_kind kind);

#endif
