/* html_body.h -- Markdown that nobody vouches for, as HTML that does nothing
 * but show it. */
#ifndef FIKR_HTML_BODY_H
#define FIKR_HTML_BODY_H

#include <stddef.h>

#include "buf.h"

/* Text with what HTML means something by escaped; for attributes too. */
void html_text(struct buf *out, const char *s, size_t n);
/* Markdown rendered: raw HTML in it is text, links go to http, https and mailto
 * only, images are named instead of fetched, blocks of code say their
 * language, and each block finds its own direction. */
void html_body(struct buf *out, const char *md, size_t n);

#endif
