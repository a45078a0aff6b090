/* hear.h -- what the worker's messages about an answer make of its turn: for
 * the screen and for `fikr ask` alike. */
#ifndef FIKR_HEAR_H
#define FIKR_HEAR_H

#include <stdint.h>

#include "convo.h"
#include "load.h"
#include "proto.h"

/* With what it is written: the model that was loaded, opened with l; system:
 * the settings' prompt, if that is sent; left out are those turns of c's
 * shown branch that are dropped.  What is NULL or 0 is not known. */
struct heard_model {
	const char *engine, *cpu, *format, *system;
	int context;
	const struct load *load;
};
void hear_run(const struct convo *c, struct turn *t,
    const struct heard_model *m);
/* Text and tokens that came at now, in ms since the epoch. */
void hear_delta(struct turn *t, const struct msg_delta *d, int64_t now);
/* The prompt's counts and end, and the seed. */
void hear_done(struct turn *t, const struct msg_done *d);

#endif
