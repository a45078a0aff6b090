/* math_text.h -- plain text with the formulas in it as Unicode, each on one
 * row: for thoughts, which are too long and too raw for Markdown. */
#ifndef FIKR_MATH_TEXT_H
#define FIKR_MATH_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

/* May there be a formula?  Cheap. */
bool math_in(const char *s, size_t n);
/* Append s[0..n); what is no whole formula stays as it is. */
void math_text(struct buf *out, const char *s, size_t n);
/* How much of s, lines that may go on, ends outside of a formula over several
 * lines: n, or where the line begins in which an open one does. */
size_t math_whole(const char *s, size_t n);

#endif
