/* bidi.h -- text of both directions in display order (UAX #9), through
 * FriBidi.  Text stays in logical order everywhere; only what is drawn is
 * reordered, by levels: even ones run to the right, odd ones to the left.
 * Text here is safe UTF-8 (text_safe), so it has no bidi controls of its
 * own. */
#ifndef FIKR_BIDI_H
#define FIKR_BIDI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf.h"

#define BIDI_NONE (-1)		/* a text without a strong direction */

/* How a byte is kept apart from the text around it, together with neighbours
 * that have the same. */
enum {
	BIDI_LTR = 1,		/* read from left to right: code among text */
	BIDI_FIRST = 2		/* by its own first strong character */
};

/* Is there anything in s[0..n) that runs to the left?  One pass. */
bool bidi_any(const char *s, size_t n);
/* The direction of a paragraph by its first strong character outside of what
 * is kept apart (rules P2, P3): 0 to the right, 1 to the left, or BIDI_NONE.
 * apart: [n], or NULL. */
int bidi_dir(const char *s, size_t n, const uint8_t *apart);
/* The levels of a paragraph of direction dir (0 or 1) in level[0..n), the
 * bytes of a character and its marks alike. */
void bidi_levels(const char *s, size_t n, const uint8_t *apart, int dir,
    uint8_t *level);
/* Levels of a line of code: it runs to the right as a whole, and words of the
 * other direction are turned each in its place.  text[i] is nonzero where byte
 * i is of a comment or a string, which are read as a whole. */
void bidi_code(const char *s, size_t n, const uint8_t *text, uint8_t *level);
/* order[k]: which of n items comes k-th from the left (rule L2). */
void bidi_order(const uint8_t *level, size_t n, size_t *order);
/* Who reorders: want, or what fits the terminal that env (getenv) tells of,
 * with its setting left as it comes. */
enum bidi_by bidi_choose(enum bidi_by want, char *(*env)(const char *name));
/* What cp looks like where text runs to the left: ( for ). */
uint32_t bidi_mirror(uint32_t cp);

#endif
