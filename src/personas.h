/* personas.h -- named system prompts: those that come with fikr, and the
 * person's own in $XDG_CONFIG_HOME/fikr/personas.yaml, which stand before
 * them. */
#ifndef FIKR_PERSONAS_H
#define FIKR_PERSONAS_H

#include <stdbool.h>
#include <stddef.h>

#include "chat.h"
#include "err.h"

struct persona {
	char *name;
	char *system;
	bool thinks;		/* thinking says how; else as it was */
	enum thinking thinking;
	int budget;		/* tokens of thinking; 0: the default */
};

struct personas {
	struct persona *v;	/* [n] */
	size_t n;
};

/* -1 when a file is wrong, with its name and line. */
int personas_load(struct personas *p, struct err *err);
void personas_done(struct personas *p);
const struct persona *personas_find(const struct personas *p,
    const char *name);			/* or NULL */

#endif
