/* worker.h -- the inside of fikr-worker: what it says (worker_say.c), what it
 * does (worker_do.c), what it keeps (worker_keep.c), and how it hears and takes
 * turns (worker.c). */
#ifndef FIKR_WORKER_H
#define FIKR_WORKER_H

#include "chan.h"
#include "engine.h"
#include "generate.h"
#include "proto.h"
#include "snapshots.h"

#define QUEUE_MAX 64

/* What a slot holds; see worker_keep.c. */
struct held {
	char name[SNAPSHOT_NAME_MAX];	/* "": what may not be kept */
	bool dirty;		/* no file has it as it is */
	double since;		/* when its last answer ended, ms */
};

struct snapshot_writer;

/* What is kept on disk. */
struct keep {
	char *dir;		/* NULL: nothing */
	int64_t limit;		/* bytes in all */
	struct held held[PROTO_SLOTS + 1];	/* the last: of leaving */
	struct session *leaving;	/* left its slot unwritten; or NULL */
	struct snapshot_writer *writer;	/* under way, or NULL */
	int writing;		/* which of held it writes */
};

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
	struct keep keep;
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

/* Take in what has come, waiting for it so long; -1: for ever. */
void receive(struct worker *w, int ms);
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

/* ---- worker_keep.c ---- */

/* With the model, and before it is closed: then all is written that is to be,
 * if that does not take too long. */
void keep_start(struct worker *w, const struct load *l);
void keep_end(struct worker *w);
/* Its slot is about to be g's; then: what is kept of it is there, if there is
 * more of it on disk than in the slot; then: its answer ended. */
void keep_before(struct worker *w, const struct msg_generate *g);
void keep_restore(struct worker *w, const struct msg_generate *g);
void keep_after(struct worker *w, int slot);
/* How many of the tokens of g's prompt would be there, of which `have` are in
 * the slot. */
int keep_cached(struct worker *w, const struct msg_generate *g, int have);
/* Nothing else is to be done: write some milliseconds long, if there is
 * something to write. */
void keep_idle(struct worker *w);
int keep_wait(const struct worker *w);	/* ms until there is; -1: nothing */
void keep_forget(struct worker *w, const char *name);

#endif
