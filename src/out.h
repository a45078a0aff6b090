/* out.h -- text to a plain descriptor, for the commands without a screen:
 * controls are made visible, so that nothing a model or a file says can steer
 * the terminal behind it. */
#ifndef FIKR_OUT_H
#define FIKR_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "err.h"

struct out {
	int fd;
	bool begun;		/* something other than a newline was written */
	size_t newlines;	/* held back until more text comes */
	bool broken;		/* nobody reads it any more */
};

/* Append whole UTF-8 with every control but newline and tab, and what steers
 * the text around it unseen, made visible. */
void out_visible(struct buf *to, const char *s, size_t n);
/* Write text at once.  Newlines before the first text are dropped, those at
 * the end wait for what follows.  -1: o->broken is set, or err says why. */
int out_text(struct out *o, const char *s, size_t n, struct err *err);
/* Write what is harmless already, or is to steer the terminal. */
int out_raw(struct out *o, const char *s, size_t n, struct err *err);
/* End with exactly one newline if there was any text. */
int out_end(struct out *o, struct err *err);

#endif
