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
	uint8_t level;		/* of direction (bidi.h) */
};

/* Which way a row runs, and how the levels of its text are found. */
enum row_dir {
	ROW_AUTO,		/* to the right, or by its text if it is raw */
	ROW_RTL,		/* to the left: it ends at the right edge */
	ROW_CODE,		/* to the right; each word turned in its place */
	ROW_LABEL		/* to the left, as words of the interface; raw */
};

struct row {
	struct span *spans;	/* in logical order */
	int n;
	int cols;		/* columns taken, <= the width asked for */
	bool fill;		/* the style of code goes to the edge */
	bool raw;		/* levels are found when it is drawn */
	uint8_t dir;		/* enum row_dir */
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
/* Text as like is: its style, address and level. */
void row_put_like(struct row *row, const char *s, size_t n,
    const struct span *like);
void row_put_safe_like(struct row *row, const char *s, size_t n,
    const struct span *like);
/* Give bytes from..to of the row's text another style. */
void row_style(struct row *row, size_t from, size_t to, enum style st);
/* Begin a row that runs in direction dir with lead (a marker, an indent, a
 * bar): in a row that runs to the left it stands at the right edge. */
void row_lead(struct row *row, const struct row *lead, enum row_dir dir);
/* The row runs as another one does: what belongs to a paragraph but has no text
 * of it (a blank row, a line below) stands on its side. */
void row_follow(struct row *row, const struct row *other);
void rows_cut(struct rows *r, size_t n);	/* keep the first n */
void rows_free(struct rows *r);

void row_free(struct row *row);			/* its spans; empty again */
void row_copy(struct row *to, const struct row *from);	/* appends */

/* ---- wrap.c ---- */

/* Wrap styled text: in's spans one after the other (made safe here; a newline
 * ends a row) at width > 0, each row begun with the spans of rest, the first
 * one with those of first (NULL: rest).  A start as wide as the width is left
 * out.  At least one row is added.  Each line of the text runs in the
 * direction of its first strong character (else like the row before), code
 * among it to the right. */
void wrap_row(struct rows *out, const struct row *in, int width,
    const struct row *first, const struct row *rest);

/* Wrap plain text (made safe here) at width > 0: breaks at spaces, between CJK
 * characters, inside words longer than a row; newlines are kept.  Each row
 * begins with indent (NULL: nothing), the first one with first (NULL: indent),
 * both in st's style. */
void wrap_plain(struct rows *out, const char *s, size_t n, int width,
    const char *first, const char *indent, enum style st);

#endif
