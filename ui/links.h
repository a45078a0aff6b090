/* links.h -- addresses that text may carry to the terminal (OSC 8). */
#ifndef FIKR_LINKS_H
#define FIKR_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#define LINK_MAX 2000		/* bytes of an address */

/* The address in the form that is sent: printable ASCII, anything else that is
 * text percent-encoded.  NULL if it is none of http, https, ftp, mailto and
 * file, has control characters, or is too long.  The caller frees it. */
char *link_clean(const char *href);
/* Is s such an address?  Asked again before it is sent: no text gets an escape
 * sequence past this. */
bool link_ok(const char *s);
/* A number for an address, never 0, the same in every frame. */
uint32_t link_key(const char *s);

#endif
