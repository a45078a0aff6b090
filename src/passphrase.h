/* passphrase.h -- a passphrase, from a person at the terminal or from a file,
 * in memory that is neither swapped nor dumped where the system allows it. */
#ifndef FIKR_PASSPHRASE_H
#define FIKR_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define PASSPHRASE_MAX 1023

struct passphrase {
	char *text;		/* not NUL-terminated; NULL: none */
	size_t n;
};

/* Ask on the controlling terminal, without echo.  0, with n = 0 when nothing
 * was typed, or -1: there is no terminal. */
int passphrase_ask(struct passphrase *p, const char *prompt, struct err *err);
/* Whether FIKR_PASSPHRASE_FILE names a file (or a descriptor, as /dev/fd/3). */
bool passphrase_given(void);
/* Its first line. */
int passphrase_read(struct passphrase *p, struct err *err);
void passphrase_done(struct passphrase *p);

#endif
