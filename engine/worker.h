/* worker.h -- the inside of fikr-worker: what it says (worker_say.c), what it
 * does (worker_do.c), and how it hears and takes turns (worker.c). */
#ifndef FIKR_WORKER_H
#define FIKR_WORKER_H

#include "chan.h"
#include "engine.h"
#include "generate.h"
#include "proto.h"

#define QUEUE_MAX 64

/* The generation that runs in a slot. */
struct job {
	struct msg m;		/* what was asked; gen borrows it */
	struct gen *gen;	/* NULL: the slot is free */
	bool cancelled;
	double told;		/* when progress was last sent, ms */
};

struct worker {
	struct chan chan;
	struct engine *engine;
	struct session *session[PROTO_SLOTS];	/* made when first used; the
						 * first one with the engine */
	struct job job[PROTO_SLOTS];	/* one a slot */
	struct job *current;		/* that has its turn, or NULL */
	struct msg queue[QUEUE_MAX];	/* [n_queue], oldest first */
	int n_queue;
	bool reload;		/* a load waits: all else is to be left off */
	bool refused;		/* the other side speaks another version */
	bool quit;		/* end at once */
	double told;		/* as a job's, of loading */
};

/* ---- worker_say.c: blocks until it is written ---- */

void say(struct worker *w, const struct msg *m);
void say_hello(struct worker *w);
void say_error(struct worker *w, int64_t id, const char *text);
/* Of a generation that never ran. */
void say_done(struct worker *w, const struct msg_generate *g,
    enum done_reason why);
/* At most every so often, but for the last. */
void say_progress(struct worker *w, enum progress_what what, int64_t done,
    int64_t total);
void say_loaded(struct worker *w);

/* ---- worker.c ---- */

/* Take in what has come, waiting for it if told to. */
void receive(struct worker *w, bool wait);
/* Answer the measures that wait, unless they wait for a load. */
void take_measures(struct worker *w);
bool stop_loading(void *ud);		/* nobody wants the model any more */
bool stop_generating(void *ud);		/* ... or the current generation */

/* ---- worker_do.c ---- */

bool jobs_running(const struct worker *w);
/* What is being generated ends as cancelled, slots are emptied, and the model
 * is closed. */
void unload(struct worker *w);
void do_load(struct worker *w, const struct load *l);
/* Begin it in its slot, which is free; m is taken. */
void begin_job(struct worker *w, struct msg *m);
/* Go on with all that run, each a step. */
void step_jobs(struct worker *w);
void do_measure(struct worker *w, const struct msg_generate *g);
void do_limits(struct worker *w);

#endif
