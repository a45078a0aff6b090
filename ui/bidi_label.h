/* bidi_label.h -- the interface's own words in a language that is written from
 * right to left: names of keys, commands and files among them, and texts of
 * other languages, keep their order. */
#ifndef FIKR_BIDI_LABEL_H
#define FIKR_BIDI_LABEL_H

#include <stddef.h>
#include <stdint.h>

/* What of s[0..n), a label that runs to the left, is read from left to right:
 * its bytes become BIDI_LTR in apart[0..n), the others 0.  Text without a
 * letter that runs to the left is so from its first letter or digit on. */
void bidi_label(const char *s, size_t n, uint8_t *apart);
/* What a sign that points somewhere or has a side looks like in a mirror, or
 * the same: a frame's corner, the mark of what is at hand. */
uint32_t bidi_turned(uint32_t cp);

#endif
