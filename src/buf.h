/* buf.h -- a growing byte string.  data is NUL-terminated whenever it is not
 * NULL; a zeroed struct is an empty buffer. */
#ifndef FIKR_BUF_H
#define FIKR_BUF_H

#include <stddef.h>

struct buf {
	char *data;
	size_t len, cap;
};

void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_drop(struct buf *b, size_t n);		/* the first n bytes */
void buf_clear(struct buf *b);			/* keeps the memory */
char *buf_take(struct buf *b);			/* caller frees; never NULL */
void buf_free(struct buf *b);

#endif
