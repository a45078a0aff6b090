/* utf8.h -- decoding, checking and joining UTF-8.  Nothing here knows about
 * columns: that is ui/width.h. */
#ifndef FIKR_UTF8_H
#define FIKR_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define UTF8_BAD 0xFFFDu	/* REPLACEMENT CHARACTER */

/* Does cp steer how the text around it is shown, itself unseen: marks that
 * reorder (UAX #9), line separators, tags? */
bool utf8_steers(uint32_t cp);
/* Decode the first character of s[0..n), n > 0.  Returns the bytes it takes
 * (>= 1); a malformed sequence (overlong, surrogate, > U+10FFFF, cut) gives
 * *cp = UTF8_BAD and takes one byte, with *ok false if ok is not NULL. */
int utf8_decode(const char *s, size_t n, uint32_t *cp, bool *ok);
int utf8_encode(uint32_t cp, char out[4]);	/* bytes written, 1..4 */
bool utf8_valid(const char *s, size_t n);
/* Append s to out with each malformed byte replaced by U+FFFD. */
void utf8_scrub(struct buf *out, const char *s, size_t n);
/* How many bytes at the end of s[0..n) begin a sequence that more bytes could
 * still complete: 0..3. */
size_t utf8_tail(const char *s, size_t n);
/* Take the last character off valid text; nothing off an empty one. */
void utf8_chop(struct buf *b);

/* Joins pieces that may cut characters: whole, valid UTF-8 comes out; a bad
 * byte becomes U+FFFD at once, so garbage cannot stall the stream. */
struct utf8_join {
	char tail[4];
	size_t n;
};
void utf8_join_put(struct utf8_join *j, const char *s, size_t n,
    struct buf *out);
void utf8_join_flush(struct utf8_join *j, struct buf *out);

#endif
