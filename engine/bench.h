/* bench.h -- the parts of `fikr-engine bench`: what the machine can do, what
 * the engine does, what another program (the peer) does, and how it is told.
 * Rounds alternate between engine, machine and peer, so that a machine that
 * is slower for a while is so for all of them. */
#ifndef FIKR_BENCH_H
#define FIKR_BENCH_H

#include <stdint.h>

#include "buf.h"
#include "engine.h"
#include "err.h"
#include "tool.h"

/* ---- the machine ---- */

/* The best seen; 0 is what was not measured. */
struct bench_limits {
	double read_one, read_all;	/* bytes a second, 1 thread and all */
	double bf16, int8, f32;		/* multiply-adds a second, all */
};

struct bench_machine;
struct bench_machine *bench_machine_new(int threads, const char *cpu,
    struct err *err);
void bench_machine_free(struct bench_machine *m);
/* One more round, about a third of a second. */
void bench_machine_measure(struct bench_machine *m, struct bench_limits *l);

/* Multiply-adds on registers, the way the kernels for the family do them,
 * `rounds` times: of 8 bits, or on tiles (where kern_amx() is not NULL) of
 * BF16.  Gives how many there were; *sink keeps the compiler from leaving them
 * out.  0 where the build has no such kernels. */
int64_t bench_int8_avx2(int rounds, int *sink);
int64_t bench_int8_avx512(int rounds, int *sink);
int64_t bench_tiles(int rounds, int *sink);

/* ---- tests ---- */

enum bench_kind { BENCH_PROMPT, BENCH_GEN, BENCH_DEEP, BENCH_KINDS };

struct bench_test {
	bool on;
	int n_prompt, n_gen, n_depth;
	int n, n_peer;			/* rounds so far */
	double *ts, *peer;		/* [reps] tokens a second */
	/* of one token: multiply-adds of the layers' products in a prefill,
	 * bytes of weights and (in the middle) of the cache in decoding */
	double work;
};

struct bench {
	const char *path;		/* of the model */
	const struct tool_opts *o;
	struct engine_info info;
	char cpu[128];			/* the processor, as it calls itself */
	char when[32];			/* UTC, ISO 8601 */
	struct bench_limits limits;
	struct bench_test test[BENCH_KINDS];
	double start_ms;		/* to the first token; 0: not measured */
	int64_t start_rss, peak_rss;	/* bytes; of that child, of this */
	struct err note;		/* what was left out, and why; or "" */
};

double bench_mean(const double *v, int n);
double bench_deviation(const double *v, int n);
double bench_median(const double *v, int n);
/* The ratios of pairs, ours to theirs: their median, and the ends.  False when
 * there are none. */
bool bench_ratio(const struct bench_test *t, double *mid, double *lo,
    double *hi);
/* Tokens a second if the machine did nothing but the layers' products (prefill,
 * in BF16 or 8 bits where there are kernels for that) or read weights and
 * cache (decode); 0: not known. */
double bench_limit(const struct bench *b, enum bench_kind k);
/* The median as a share of that. */
double bench_share(const struct bench *b, enum bench_kind k);

/* ---- the engine ---- */

struct bench_engine;
struct bench_engine *bench_engine_new(struct bench *b, struct engine *e,
    struct err *err);
void bench_engine_free(struct bench_engine *r);
/* Reads and writes once, uncounted. */
int bench_engine_warm(struct bench_engine *r, struct err *err);
/* Adds a sample to test k. */
int bench_engine_run(struct bench_engine *r, enum bench_kind k,
    struct err *err);

/* ---- other programs ---- */

struct child {
	struct buf out, said;	/* standard output, and standard error's end */
	double first_ms;	/* from the start to the first byte of output */
	int64_t rss;		/* bytes at most */
};

/* Run argv to its end, its output kept.  -1 when it cannot be started, fails
 * (the sentence ends with its last line), talks without end or takes too
 * long; `name` is what the sentence calls it. */
int child_run(const char *name, const char *const argv[], struct child *c,
    struct err *err);
void child_done(struct child *c);

/* Time to the first token, and memory, of a process of its own. */
int bench_start(struct bench *b, struct err *err);
/* Run the peer for one round; adds to its samples. */
int bench_peer(struct bench *b, struct err *err);

/* ---- the report ---- */

void bench_print(const struct bench *b);
void bench_print_json(const struct bench *b);

#endif
