/* err.h -- why something failed, as one sentence for a person: what, where,
 * why and what to do.  Functions that can fail take `struct err *err` last
 * and return -1 or NULL; err may be NULL when nobody will read it. */
#ifndef FIKR_ERR_H
#define FIKR_ERR_H

#define ERR_MAX 1024

struct err {
	char text[ERR_MAX];	/* UTF-8, no newline, always NUL-terminated */
};

/* Format the sentence, in the language of the interface where the program has
 * one (xgettext knows this function); control characters become '?'.  Returns
 * -1. */
int err_set(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
