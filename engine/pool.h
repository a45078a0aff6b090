/* pool.h -- the engine's threads: one job at a time, split among all of them,
 * the caller being worker 0.  Waiting threads spin briefly, then sleep. */
#ifndef FIKR_POOL_H
#define FIKR_POOL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "err.h"

struct pool;

/* Cores that this process may run on, within its container's quota; >= 1. */
int pool_cores(void);
/* threads <= 0: one a usable core.  NULL on failure. */
struct pool *pool_new(int threads, struct err *err);
void pool_free(struct pool *p);
int pool_threads(const struct pool *p);

/* Run fn(ud, worker) once on each worker 0..threads-1 and wait for all.  Prefer
 * pool_each where it will do: it never waits for a thread that sleeps. */
void pool_run(struct pool *p, void (*fn)(void *ud, int worker), void *ud);
/* Deal out the chunks 0..n-1 among the workers, first come first served:
 * fn(ud, chunk, worker).  Stops dealing when pool_stop was raised; returns
 * false then.  The stop callback (see pool_watch) is asked by worker 0
 * between its chunks, at most every 5 ms. */
bool pool_each(struct pool *p, int n, void (*fn)(void *ud, int chunk,
    int worker), void *ud);
/* For a long fn, which may leave off when this is false: the pool was stopped.
 * Asks the stop callback as pool_each does. */
bool pool_goes_on(struct pool *p, int worker);
/* stop(ud) is polled during pool_each from the calling thread; true stops the
 * work.  NULL removes it.  pool_stopped: it said so since pool_watch. */
void pool_watch(struct pool *p, bool (*stop)(void *ud), void *ud);
bool pool_stopped(const struct pool *p);

#endif
