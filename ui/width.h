/* width.h -- the one place that decides how many columns text takes.  What it
 * says, layout, clipping and the cursor all believe.
 *
 * The rule is agreement with ncurses, which measures code point by code point
 * with the C library's wcwidth(): a cell is one code point that takes columns
 * and the zero-width ones after it.  So a flag is two cells of one column, and
 * a Devanagari syllable with a spacing vowel is two cells; the terminal joins
 * them where it can.  Terminals do not agree on emoji sequences (a family, a
 * skin tone, a text character asked to be an emoji), so text_safe takes the
 * joiners, selectors and tones out, and what is left measures the same
 * everywhere.  How wide a character is comes from utf8proc's tables, not from
 * the locale that happens to be set; whether it can be shown at all, from the C
 * library that runs. */
#ifndef FIKR_WIDTH_H
#define FIKR_WIDTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#include "buf.h"

#define MARKS_MAX 4		/* zero-width characters that a cell can hold */

/* The next cluster of s[0..n), n > 0: bytes it takes, and in *cols its columns
 * (1 or 2, never 0: a lone combining mark counts as 1).  Controls, newline
 * included, are clusters of their own with *cols = 1.  Invalid bytes too. */
size_t cluster_next(const char *s, size_t n, int *cols);
/* The same for what a reader takes for one character (UAX #29): one or more
 * clusters, to be kept on one row where it fits. */
size_t grapheme_next(const char *s, size_t n, int *cols);
/* The bytes of the character that s[0..n) begins with if it takes no columns
 * and so goes into the cell before it; else 0. */
size_t mark_next(const char *s, size_t n);
int text_cols(const char *s, size_t n);
/* The longest prefix of whole clusters that fits in cols; its bytes. */
size_t text_fit(const char *s, size_t n, int cols, int *used);

/* Is cp newer than the C library?  ncurses asks that (cols: wcwidth) and draws
 * nothing for what it does not know. */
bool width_unknown(uint32_t cp, int (*cols)(wchar_t c));

/* Make text harmless and visible: tab becomes spaces (to the next multiple of
 * 8 from col 0 of each line), newline stays, CR LF becomes LF, every other C0,
 * C1 and DEL becomes its picture (U+2400 block) or <U+XXXX>; bidi controls,
 * zero-width and other invisible format characters (not ZWJ/ZWNJ between
 * letters) become <U+XXXX>, and so do characters that the terminal's library
 * would draw as nothing; invalid bytes U+FFFD.  Left out: variation selectors,
 * joiners and skin tones after an emoji, marks beyond MARKS_MAX.  A mark with
 * nothing to stand on gets a dotted circle.  Appended to out. */
void text_safe(struct buf *out, const char *s, size_t n);

/* The bytes of what text_safe puts for a character it took out, if s[0..n)
 * begins with that; else 0. */
size_t picture_next(const char *s, size_t n);

#endif
