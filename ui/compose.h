/* compose.h -- the prompt in the person's own editor: a file, a child, and the
 * file read back.  Suspending the screen is the caller's. */
#ifndef FIKR_COMPOSE_H
#define FIKR_COMPOSE_H

#include <stdbool.h>
#include <sys/types.h>

#include "app.h"
#include "buf.h"
#include "err.h"
#include "link.h"
#include "signals.h"

#define COMPOSE_MAX (4u << 20)	/* bytes that are read back */

struct compose {
	pid_t pid;		/* the editor's process group too */
	char *path;		/* of the file, mode 0600 */
	int status;		/* as waitpid gave it */
};

enum compose_state { COMPOSE_RUNS, COMPOSE_STOPPED, COMPOSE_OVER };

/* Start $VISUAL, else $EDITOR, else vi, on text, as the terminal's foreground
 * job.  Its standard error is standard output. */
int compose_start(struct compose *c, const char *text, struct err *err);
/* What became of it; never waits.  Stopped (^Z): the terminal is this group's
 * again, which is to stop as well and then call compose_continue. */
enum compose_state compose_check(struct compose *c);
void compose_continue(struct compose *c);
void compose_kill(struct compose *c, int sig);
/* Once it is over: what the file holds, valid UTF-8 without NUL and without a
 * newline at its end; the file is gone then.  -1 when the editor failed or the
 * file cannot be used: err says why, and the prompt stays what it was. */
int compose_end(struct compose *c, struct buf *text, struct err *err);

/* What goes on while the editor runs. */
struct compose_host {
	const struct signals *signals;
	struct link *link;
	struct app *app;
	void (*react)(void *ud, unsigned r);	/* REACT_* of the app */
	void *ud;
};

/* In compose_run.c: all of it with the prompt's text, which is replaced.  -1 as
 * compose_start and compose_end; *over: SIGTERM or SIGHUP when one came. */
int compose_prompt(const struct compose_host *h, int *over, struct err *err);

#endif
