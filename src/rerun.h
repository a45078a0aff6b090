/* rerun.h -- an answer that is written again: asks a worker for what was asked
 * then, and tells where the tokens begin to differ. */
#ifndef FIKR_RERUN_H
#define FIKR_RERUN_H

#include <stdbool.h>
#include <stddef.h>

#include "convo.h"
#include "err.h"
#include "load.h"

struct rerun;			/* a worker, and what it has loaded */

enum rerun_result {
	RERUN_SAME, RERUN_DIFFERS,
	RERUN_STOPPED		/* by rerun_opts.stop */
};

/* How it came out. */
struct rerun_told {
	enum rerun_result result;
	size_t at;		/* tokens that are the same */
	struct buf was, is;	/* of a difference: the first other token's
				 * text; empty: an end */
	char *digest, *engine, *cpu;	/* of what wrote it now */
	int cached;		/* tokens of the prompt that were not read */
};

struct rerun_opts {
	const struct load *load;	/* for what is not recorded */
	const char *log;	/* file for the worker's standard error */
	bool keep_model;	/* load->model, whatever is recorded */
	/* after each token; true stops it all */
	bool (*stop)(size_t done, size_t of, void *ud);
	void *ud;
};

struct rerun *rerun_new(const struct rerun_opts *o);	/* borrows o */
void rerun_free(struct rerun *r);
/* Why t cannot be written again, in a sentence's end; NULL: it can. */
const char *rerun_cannot(const struct turn *t);
/* Write t, of c, again.  Answers are to be asked for in the order they were
 * written in, since the tokens that a prompt shares with what is in the cache
 * are not read anew, as then.  On success told owns its strings. */
int rerun_turn(struct rerun *r, struct convo *c, const struct turn *t,
    struct rerun_told *told, struct err *err);
void rerun_told_done(struct rerun_told *told);

#endif
