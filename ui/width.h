/* width.h -- the one place that decides how many columns text takes.  What it
 * says, layout, clipping and the cursor all believe. */
#ifndef FIKR_WIDTH_H
#define FIKR_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* The next cluster of s[0..n), n > 0: bytes it takes, and in *cols its columns
 * (1 or 2, never 0: a lone combining mark counts as 1).  Controls, newline
 * included, are clusters of their own with *cols = 1.  Invalid bytes too. */
size_t cluster_next(const char *s, size_t n, int *cols);
int text_cols(const char *s, size_t n);
/* The longest prefix of whole clusters that fits in cols; its bytes. */
size_t text_fit(const char *s, size_t n, int cols, int *used);

/* Make text harmless and visible: tab becomes spaces (to the next multiple of
 * 8 from col 0 of each line), newline stays, CR LF becomes LF, every other C0,
 * C1 and DEL becomes its picture (U+2400 block) or <U+XXXX>; bidi controls,
 * zero-width and other invisible format characters (not ZWJ/ZWNJ between
 * letters, not VS16) become <U+XXXX>; invalid bytes U+FFFD. Appended to out. */
void text_safe(struct buf *out, const char *s, size_t n);

#endif
