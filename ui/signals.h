/* signals.h -- signals as bytes of a pipe that a loop polls.  There is one set
 * of them in a process. */
#ifndef FIKR_SIGNALS_H
#define FIKR_SIGNALS_H

#include <stdbool.h>

#include "err.h"

struct signals {
	int fd;			/* to read: a byte a signal, its number */
	int in;
	bool interrupt;		/* SIGINT, too */
};

/* Catch WINCH, TERM, HUP, TSTP and CONT from now on, and INT if wanted; a
 * broken pipe is an error of write() only. */
int signals_open(struct signals *s, bool interrupt, struct err *err);
void signals_close(struct signals *s);
/* Stop as if the terminal had done it: the whole foreground group, worker
 * included.  Returns once `fg` has brought all of it back. */
void signals_stop(const struct signals *s);

#endif
