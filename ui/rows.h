/* rows.h -- wrapped text: rows of spans that fit a width, ready for a grid.
 * A zeroed struct rows is empty; it owns its text. */
#ifndef FIKR_ROWS_H
#define FIKR_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "style.h"

struct span {
	char *text;		/* safe UTF-8 (see text_safe), no newline */
	char *href;		/* where it leads (see links.h), or NULL */
	uint32_t n;
	uint8_t style;		/* enum style */
};

struct row {
	struct span *spans;
	int n;
	int cols;		/* columns taken, <= the width asked for */
	bool fill;		/* the style of the last span goes to the edge */
};

struct rows {
	struct row *v;
	size_t n, cap;
};

/* Start an empty row; borrowed until the next call. */
struct row *rows_add(struct rows *r);
/* Append text to a row; joins the last span when style and
 * address are the same. */
void row_put(struct row *row, const char *s, size_t n, enum style st);
void row_puts(struct row *row, const char *s, enum style st);
/* Text that leads to an address; one that is no good is left out.  Wrapping
 * and copying keep it. */
void row_put_link(struct row *row, const char *s, size_t n, enum style st,
    const char *href);
/* The same for safe text: pictures of controls stand out in STYLE_ODD. */
void row_put_safe(struct row *row, const char *s, size_t n, enum style st);
void rows_cut(struct rows *r, size_t n);	/* keep the first n */
void rows_free(struct rows *r);

void row_free(struct row *row);			/* its spans; empty again */
void row_copy(struct row *to, const struct row *from);	/* appends */

/* Wrap styled text: in's spans one after the other (made safe here; a newline
 * ends a row) at width > 0, each row begun with the spans of rest, the first
 * one with those of first (NULL: rest).  A start as wide as the width is left
 * out.  At least one row is added. */
void wrap_row(struct rows *out, const struct row *in, int width,
    const struct row *first, const struct row *rest);

/* Wrap plain text (made safe here) at width > 0: breaks at spaces, between CJK
 * characters, inside words longer than a row; newlines are kept.  Each row
 * begins with indent (NULL: nothing), the first one with first (NULL: indent),
 * both in st's style. */
void wrap_plain(struct rows *out, const char *s, size_t n, int width,
    const char *first, const char *indent, enum style st);

#endif
