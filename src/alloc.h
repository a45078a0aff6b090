/* alloc.h -- small allocations that never return NULL: on exhaustion they
 * call the hook (which restores the terminal), say so and abort.  Tensors
 * and caches use plain calloc and report through struct err instead. */
#ifndef FIKR_ALLOC_H
#define FIKR_ALLOC_H

#include <stddef.h>

void *xmalloc(size_t n);
void *xcalloc(size_t count, size_t size);	/* checks count * size */
void *xrealloc(void *p, size_t n);
void *xreallocarray(void *p, size_t count, size_t size);
char *xstrdup(const char *s);			/* NULL gives NULL */
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

extern void (*alloc_failed_hook)(void);		/* may be NULL */

#endif
