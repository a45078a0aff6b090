/* link.h -- fikr's end of the pipe: starts fikr-worker, loads the model into
 * it, sends and receives messages, notices its death and starts another one.
 * Used by `fikr ask` and by the screen; single-threaded, never blocks except
 * where it says so. */
#ifndef FIKR_LINK_H
#define FIKR_LINK_H

#include <stdbool.h>

#include "err.h"
#include "proto.h"

struct link_opts {
	const char *worker;	/* program; NULL: found beside fikr, then in
				 * libexec; FIKR_WORKER overrides */
	const struct load *load;	/* what it opens */
	const char *log;	/* file for the worker's standard error */
};

struct link;

struct link *link_new(const struct link_opts *o);	/* copies o */
void link_free(struct link *l);		/* asks to quit, then kills and reaps */

/* Start the worker and send hello and load, if none is running. */
int link_start(struct link *l, struct err *err);
/* From now on this model, a path, in place of the one that it was made with;
 * link_start or link_load opens it. */
void link_choose(struct link *l, const char *model);
/* Ask a running worker for the model once more, after it could not load it. */
int link_load(struct link *l, struct err *err);
bool link_alive(const struct link *l);
int link_fd(const struct link *l);		/* to poll for reading, or -1 */
bool link_wants_write(const struct link *l);	/* then poll link_out_fd too */
int link_out_fd(const struct link *l);
/* Queue a message and write what the pipe takes now. */
int link_send(struct link *l, const struct msg *m, struct err *err);
/* Write the rest of what is queued. */
int link_flush(struct link *l, struct err *err);
/* Read what came; fn sees each message (borrowed; hello is handled inside).
 * 0, or -1 once the worker is gone: err then says how it ended ("was killed
 * by signal 9"), the child is reaped and link_start may be called again. */
int link_read(struct link *l, void (*fn)(const struct msg *m, void *ud),
    void *ud, struct err *err);

#endif
