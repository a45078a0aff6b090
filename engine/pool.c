/* pool.c -- the engine's threads.
 *
 * A job is published by raising a generation number.  Workers that see it in
 * time enter, and leave when they find nothing more to do; the caller works
 * too, then closes the job and waits for those inside, not for the others.
 * So a worker that sleeps, or that the system runs elsewhere, delays nobody:
 * its share is dealt to the rest.
 *
 * Both sides spin for some microseconds before they sleep: a token is
 * hundreds of jobs, and waking a sleeper costs as much as a job takes.  Who
 * sleeps first announces it (sleepers, caller_sleeps) and then looks once
 * more, who publishes first publishes and then looks for sleepers; all are
 * sequentially consistent, so that one of the two sees the other. */
#include "pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"

#define MAX_THREADS 256
#define SPIN_NS 30000
#define POLL_NS 5000000

/* The parts of pool.job. */
#define GENERATION(job) ((uint32_t)((job) >> 32))
#define NEXT_GENERATION (1ull << 32)
#define OPEN (1ull << 31)
#define INSIDE(job) ((uint32_t)(job) & (OPEN - 1))

struct worker {
	struct pool *pool;
	pthread_t thread;
	int id;
};

struct pool {
	int n;
	struct worker *workers;		/* [n], 0 is the caller */
	void (*fn)(void *ud, int worker);
	void *ud;

	/* generation, whether it may be entered, how many are inside; on a
	 * cache line of its own, as it is spun on */
	_Alignas(64) _Atomic uint64_t job;
	_Alignas(64) atomic_int unrun;	/* workers that have not run it yet */
	atomic_int sleepers;
	atomic_bool caller_sleeps;
	atomic_bool stopped;
	atomic_bool quit;

	pthread_mutex_t lock;
	pthread_cond_t wake, done;

	bool (*stop)(void *ud);
	void *stop_ud;
	int64_t last_poll;		/* ns; outlives a pool_each, which
					 * may be shorter than POLL_NS */
};

static inline void
cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Spin until ready(p, arg); false if that took long. */
static bool
spin(struct pool *p, bool (*ready)(struct pool *p, uint32_t arg),
    uint32_t arg)
{
	int64_t until = now_ns() + SPIN_NS;
	int i;

	do {
		for (i = 0; i < 32; i++) {
			if (ready(p, arg))
				return true;
			cpu_relax();
		}
	} while (now_ns() < until);
	return false;
}

/* ---- workers ---- */

static bool
has_job(struct pool *p, uint32_t seen)
{
	return GENERATION(atomic_load(&p->job)) != seen;
}

static void
wait_for_job(struct pool *p, uint32_t seen)
{
	if (spin(p, has_job, seen))
		return;
	pthread_mutex_lock(&p->lock);
	atomic_fetch_add(&p->sleepers, 1);
	while (!has_job(p, seen))
		pthread_cond_wait(&p->wake, &p->lock);
	atomic_fetch_sub(&p->sleepers, 1);
	pthread_mutex_unlock(&p->lock);
}

/* Enter the job, unless it was closed meanwhile; *seen is its generation. */
static bool
enter(struct pool *p, uint32_t *seen)
{
	uint64_t job = atomic_load(&p->job);

	do {
		*seen = GENERATION(job);
		if (!(job & OPEN))
			return false;
	} while (!atomic_compare_exchange_weak(&p->job, &job, job + 1));
	return true;
}

static void
leave(struct pool *p)
{
	atomic_fetch_sub(&p->unrun, 1);
	atomic_fetch_sub(&p->job, 1);
	if (!atomic_load(&p->caller_sleeps))
		return;
	pthread_mutex_lock(&p->lock);
	pthread_cond_signal(&p->done);
	pthread_mutex_unlock(&p->lock);
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct pool *p = w->pool;
	uint32_t seen = 0;

	for (;;) {
		wait_for_job(p, seen);
		if (atomic_load(&p->quit))
			return NULL;
		if (enter(p, &seen)) {
			p->fn(p->ud, w->id);
			leave(p);
		}
	}
}

/* ---- the caller ---- */

/* A new generation, open or not, and nobody inside. */
static void
publish(struct pool *p, uint64_t open)
{
	uint64_t job = atomic_load(&p->job);

	atomic_store(&p->job,
	    (uint64_t)GENERATION(job + NEXT_GENERATION) << 32 | open);
	if (atomic_load(&p->sleepers) == 0)
		return;
	pthread_mutex_lock(&p->lock);
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
}

static bool
is_done(struct pool *p, uint32_t by_all)
{
	return INSIDE(atomic_load(&p->job)) == 0 &&
	    (!by_all || atomic_load(&p->unrun) == 0);
}

static void
wait_for_workers(struct pool *p, bool all)
{
	if (spin(p, is_done, all))
		return;
	pthread_mutex_lock(&p->lock);
	atomic_store(&p->caller_sleeps, true);
	while (!is_done(p, all))
		pthread_cond_wait(&p->done, &p->lock);
	atomic_store(&p->caller_sleeps, false);
	pthread_mutex_unlock(&p->lock);
}

/* Run fn on the caller and on those workers that come before it is done there;
 * or, if all is set, on every one. */
static void
run(struct pool *p, void (*fn)(void *ud, int worker), void *ud, bool all)
{
	if (p->n == 1) {
		fn(ud, 0);
		return;
	}
	p->fn = fn;
	p->ud = ud;
	atomic_store(&p->unrun, p->n - 1);
	publish(p, OPEN);
	fn(ud, 0);
	if (!all)
		atomic_fetch_and(&p->job, ~OPEN);
	wait_for_workers(p, all);
	if (all)
		atomic_fetch_and(&p->job, ~OPEN);
}

void
pool_run(struct pool *p, void (*fn)(void *ud, int worker), void *ud)
{
	run(p, fn, ud, true);
}

/* ---- dealing out chunks ---- */

struct deal {
	struct pool *pool;
	void (*fn)(void *ud, int chunk, int worker);
	void *ud;
	int n;
	_Alignas(64) atomic_int next;
};

/* Worker 0, between its chunks: ask whether to go on. */
static void
poll_stop(struct pool *p)
{
	int64_t now;

	if (p->stop == NULL)
		return;
	now = now_ns();
	if (now - p->last_poll < POLL_NS)
		return;
	p->last_poll = now;
	if (p->stop(p->stop_ud))
		atomic_store(&p->stopped, true);
}

static void
deal_worker(void *ud, int worker)
{
	struct deal *d = ud;
	int i;

	if (atomic_load_explicit(&d->pool->stopped, memory_order_relaxed))
		return;
	do {
		i = atomic_fetch_add_explicit(&d->next, 1,
		    memory_order_relaxed);
		if (i >= d->n)
			return;
		d->fn(d->ud, i, worker);
	} while (pool_goes_on(d->pool, worker));
}

bool
pool_goes_on(struct pool *p, int worker)
{
	if (worker == 0)
		poll_stop(p);
	return !atomic_load_explicit(&p->stopped, memory_order_relaxed);
}

bool
pool_each(struct pool *p, int n, void (*fn)(void *ud, int chunk, int worker),
    void *ud)
{
	struct deal d = { .pool = p, .fn = fn, .ud = ud, .n = n };

	if (n > 1)
		run(p, deal_worker, &d, false);
	else
		deal_worker(&d, 0);
	return !atomic_load(&p->stopped);
}

void
pool_watch(struct pool *p, bool (*stop)(void *ud), void *ud)
{
	p->stop = stop;
	p->stop_ud = ud;
	atomic_store(&p->stopped, false);
}

bool
pool_stopped(const struct pool *p)
{
	return atomic_load(&p->stopped);
}

/* ---- life ---- */

/* Cores that a container's quota pays for (cgroup v2), or a large number. */
static int
quota_cores(void)
{
	FILE *f = fopen("/sys/fs/cgroup/cpu.max", "re");
	long long quota, period;
	int n = MAX_THREADS;

	if (f == NULL)
		return n;
	if (fscanf(f, "%lld %lld", &quota, &period) == 2 && period > 0 &&
	    quota > 0 && quota / period < n)
		n = (int)((quota + period - 1) / period);
	fclose(f);
	return n;
}

int
pool_cores(void)
{
	cpu_set_t set;
	int n, quota = quota_cores();

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	else
		n = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (n > quota)
		n = quota;
	return n < 1 ? 1 : n;
}

/* Join workers 1..n-1, the ones that were started. */
static void
end_workers(struct pool *p, int n)
{
	int i;

	atomic_store(&p->quit, true);
	publish(p, 0);
	for (i = 1; i < n; i++)
		pthread_join(p->workers[i].thread, NULL);
}

static int
start_workers(struct pool *p, struct err *err)
{
	sigset_t all, old;
	int i, e = 0;

	/* signals are for the program's own thread, but a file that is cut
	 * short under a worker is mended by the worker's (mapguard.h) */
	sigfillset(&all);
	sigdelset(&all, SIGBUS);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (i = 1; i < p->n; i++) {
		p->workers[i] = (struct worker){ .pool = p, .id = i };
		e = pthread_create(&p->workers[i].thread, NULL, work,
		    &p->workers[i]);
		if (e != 0)
			break;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (e == 0)
		return 0;
	end_workers(p, i);
	return err_set(err, "cannot start thread %d of %d: %s; ask for fewer "
	    "with --threads", i + 1, p->n, strerror(e));
}

static void
destroy(struct pool *p)
{
	pthread_cond_destroy(&p->wake);
	pthread_cond_destroy(&p->done);
	pthread_mutex_destroy(&p->lock);
	free(p->workers);
	free(p);
}

struct pool *
pool_new(int threads, struct err *err)
{
	struct pool *p = aligned_alloc(64, sizeof(*p));

	if (p == NULL) {
		err_set(err, "not enough memory for the threads");
		return NULL;
	}
	memset(p, 0, sizeof(*p));
	p->n = threads > 0 ? threads : pool_cores();
	if (p->n > MAX_THREADS)
		p->n = MAX_THREADS;
	p->workers = xcalloc((size_t)p->n, sizeof(*p->workers));
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	pthread_cond_init(&p->done, NULL);
	if (start_workers(p, err) < 0) {
		destroy(p);
		return NULL;
	}
	return p;
}

void
pool_free(struct pool *p)
{
	if (p == NULL)
		return;
	end_workers(p, p->n);
	destroy(p);
}

int
pool_threads(const struct pool *p)
{
	return p->n;
}
