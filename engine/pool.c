/* pool.c -- the engine's threads.
 *
 * A job is published by raising a generation number; the workers see it,
 * run, and count themselves off.  Both sides spin for a few tens of
 * microseconds before they sleep: a token is hundreds of such jobs, and
 * waking a sleeper costs as much as a job takes.
 *
 * Who sleeps first announces it (sleepers, caller_sleeps) and then looks once
 * more, while who publishes first publishes and then looks for sleepers; both
 * are sequentially consistent, so that one of the two sees the other. */
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
#define SPIN_NS 50000
#define POLL_NS 5000000

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
	bool quit;			/* published like a job */

	/* each on a cache line of its own: they are spun on */
	_Alignas(64) atomic_uint generation;
	_Alignas(64) atomic_int running;	/* workers not done yet */
	_Alignas(64) atomic_int sleepers;
	atomic_bool caller_sleeps;
	atomic_bool stopped;

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

/* ---- workers ---- */

/* True once the generation is no longer seen; false if that took long. */
static bool
spin_for_job(struct pool *p, unsigned seen)
{
	int64_t until = now_ns() + SPIN_NS;
	int i;

	do {
		for (i = 0; i < 64; i++) {
			if (atomic_load_explicit(&p->generation,
			    memory_order_acquire) != seen)
				return true;
			cpu_relax();
		}
	} while (now_ns() < until);
	return false;
}

static void
wait_for_job(struct pool *p, unsigned seen)
{
	if (spin_for_job(p, seen))
		return;
	pthread_mutex_lock(&p->lock);
	atomic_fetch_add(&p->sleepers, 1);
	while (atomic_load(&p->generation) == seen)
		pthread_cond_wait(&p->wake, &p->lock);
	atomic_fetch_sub(&p->sleepers, 1);
	pthread_mutex_unlock(&p->lock);
}

static void
count_off(struct pool *p)
{
	if (atomic_fetch_sub(&p->running, 1) != 1)
		return;
	if (atomic_load(&p->caller_sleeps)) {
		pthread_mutex_lock(&p->lock);
		pthread_cond_signal(&p->done);
		pthread_mutex_unlock(&p->lock);
	}
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct pool *p = w->pool;
	unsigned seen = 0;

	for (;;) {
		wait_for_job(p, seen);
		seen++;		/* never more than one ahead: see pool_run */
		if (p->quit)
			return NULL;
		p->fn(p->ud, w->id);
		count_off(p);
	}
}

/* ---- the caller ---- */

static void
publish(struct pool *p)
{
	atomic_fetch_add(&p->generation, 1);
	if (atomic_load(&p->sleepers) == 0)
		return;
	pthread_mutex_lock(&p->lock);
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
}

static void
wait_for_workers(struct pool *p)
{
	int64_t until = now_ns() + SPIN_NS;
	int i;

	do {
		for (i = 0; i < 64; i++) {
			if (atomic_load_explicit(&p->running,
			    memory_order_acquire) == 0)
				return;
			cpu_relax();
		}
	} while (now_ns() < until);
	pthread_mutex_lock(&p->lock);
	atomic_store(&p->caller_sleeps, true);
	while (atomic_load(&p->running) != 0)
		pthread_cond_wait(&p->done, &p->lock);
	atomic_store(&p->caller_sleeps, false);
	pthread_mutex_unlock(&p->lock);
}

void
pool_run(struct pool *p, void (*fn)(void *ud, int worker), void *ud)
{
	if (p->n > 1) {
		p->fn = fn;
		p->ud = ud;
		atomic_store(&p->running, p->n - 1);
		publish(p);
	}
	fn(ud, 0);
	if (p->n > 1)
		wait_for_workers(p);
}

/* ---- dealing out chunks ---- */

struct deal {
	struct pool *pool;
	void (*fn)(void *ud, int chunk, int worker);
	void *ud;
	int n;
	atomic_int next;
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

	while (!atomic_load_explicit(&d->pool->stopped,
	    memory_order_relaxed)) {
		i = atomic_fetch_add_explicit(&d->next, 1,
		    memory_order_relaxed);
		if (i >= d->n)
			break;
		d->fn(d->ud, i, worker);
		if (worker == 0)
			poll_stop(d->pool);
	}
}

bool
pool_each(struct pool *p, int n, void (*fn)(void *ud, int chunk, int worker),
    void *ud)
{
	struct deal d = { .pool = p, .fn = fn, .ud = ud, .n = n };

	if (n > 1)
		pool_run(p, deal_worker, &d);
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

static int
usable_cores(void)
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

	p->quit = true;
	publish(p);
	for (i = 1; i < n; i++)
		pthread_join(p->workers[i].thread, NULL);
}

static int
start_workers(struct pool *p, struct err *err)
{
	sigset_t all, old;
	int i, e = 0;

	/* signals are for the program's own thread */
	sigfillset(&all);
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
	p->n = threads > 0 ? threads : usable_cores();
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
