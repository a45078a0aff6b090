/* t_pool.c -- the engine's threads: everything is done once, by everyone, and
 * stops when told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "pool.h"

#define MAX_THREADS 8
#define MAX_CHUNKS 100

static void
pause_us(int us)
{
	struct timespec t = { 0, us * 1000L };

	nanosleep(&t, NULL);
}

struct tally {
	int by_worker[MAX_THREADS];	/* each written by its own worker */
	atomic_int total;
	int sleep_us;
};

static void
count(void *ud, int worker)
{
	struct tally *t = ud;

	t->by_worker[worker]++;
	atomic_fetch_add(&t->total, 1);
	if (t->sleep_us > 0 && worker > 0)
		pause_us(t->sleep_us);
}

/* Catches a job that a worker misses or runs twice, with every number of
 * threads, back to back. */
static void
run_on_each(void **state)
{
	struct err err;
	int n, i, w;

	(void)state;
	for (n = 1; n <= MAX_THREADS; n++) {
		struct pool *p = pool_new(n, &err);
		struct tally t;

		memset(&t, 0, sizeof(t));
		assert_non_null(p);
		assert_int_equal(pool_threads(p), n);
		for (i = 1; i <= 200; i++) {
			pool_run(p, count, &t);
			assert_int_equal(atomic_load(&t.total), i * n);
		}
		for (w = 0; w < n; w++)
			assert_int_equal(t.by_worker[w], 200);
		pool_free(p);
	}
}

/* Catches a lost wake-up: pauses on both sides are longer than they spin, so
 * that workers and caller both fall asleep between and during jobs. */
static void
sleepers_wake(void **state)
{
	struct pool *p = pool_new(3, NULL);
	struct tally t;
	int i;

	(void)state;
	memset(&t, 0, sizeof(t));
	for (i = 1; i <= 60; i++) {
		t.sleep_us = i % 3 == 0 ? 200 : 0;
		if (i % 2 == 0)
			pause_us(i * 5);
		pool_run(p, count, &t);
		assert_int_equal(atomic_load(&t.total), i * 3);
	}
	pool_free(p);
}

struct chunks {
	atomic_int done[MAX_CHUNKS];
	int threads;
	atomic_bool bad_worker;
	int sleep_us;
};

static void
chunk(void *ud, int i, int worker)
{
	struct chunks *c = ud;

	atomic_fetch_add(&c->done[i], 1);
	if (worker < 0 || worker >= c->threads)
		atomic_store(&c->bad_worker, true);
	if (c->sleep_us > 0)
		pause_us(c->sleep_us);
}

/* Catches a chunk that is left out or done twice: none, fewer and more of
 * them than threads. */
static void
each_once(void **state)
{
	int threads, n, i;

	(void)state;
	for (threads = 1; threads <= MAX_THREADS; threads++) {
		struct pool *p = pool_new(threads, NULL);

		for (n = 0; n <= MAX_CHUNKS; n += 1 + n / 3) {
			struct chunks c;

			memset(&c, 0, sizeof(c));
			c.threads = threads;
			assert_true(pool_each(p, n, chunk, &c));
			for (i = 0; i < MAX_CHUNKS; i++)
				assert_int_equal(atomic_load(&c.done[i]),
				    i < n);
			assert_false(atomic_load(&c.bad_worker));
		}
		pool_free(p);
	}
}

struct stopper { int asked, after; };

static bool
stop_after(void *ud)
{
	struct stopper *s = ud;

	return ++s->asked > s->after;
}

static int
sum_done(const struct chunks *c)
{
	int i, n = 0;

	for (i = 0; i < MAX_CHUNKS; i++)
		n += atomic_load(&c->done[i]);
	return n;
}

/* Catches a stop that is not asked for, not heeded, or forgotten before the
 * next pool_watch; and one that outlives it. */
static void
stops(void **state)
{
	int threads;

	(void)state;
	for (threads = 1; threads <= 3; threads++) {
		struct pool *p = pool_new(threads, NULL);
		struct stopper s = { 0, 1 };
		struct chunks c;
		int before;

		memset(&c, 0, sizeof(c));
		c.threads = threads;
		c.sleep_us = 3000;
		pool_watch(p, stop_after, &s);
		assert_false(pool_stopped(p));
		assert_false(pool_each(p, MAX_CHUNKS, chunk, &c));
		assert_true(pool_stopped(p));
		assert_int_equal(s.asked, 2);
		before = sum_done(&c);
		assert_true(before > 0 && before < MAX_CHUNKS);
		assert_false(pool_each(p, MAX_CHUNKS, chunk, &c));
		assert_int_equal(sum_done(&c), before);
		pool_watch(p, NULL, NULL);
		assert_false(pool_stopped(p));
		c.sleep_us = 0;
		assert_true(pool_each(p, MAX_CHUNKS, chunk, &c));
		pool_free(p);
	}
}

/* Catches a stop that is never asked for because every single pool_each is
 * shorter than the time between two questions. */
static void
stops_between_short_jobs(void **state)
{
	struct pool *p = pool_new(2, NULL);
	struct stopper s = { 0, 2 };
	struct chunks c;
	int i;

	(void)state;
	memset(&c, 0, sizeof(c));
	c.threads = 2;
	c.sleep_us = 300;
	pool_watch(p, stop_after, &s);
	for (i = 0; i < 10000; i++)
		if (!pool_each(p, 2, chunk, &c))
			break;
	assert_true(i < 10000);
	pool_free(p);
}

static void
long_chunk(void *ud, int chunk, int worker)
{
	struct pool **p = ud;
	int i;

	(void)chunk;
	for (i = 0; i < 10000 && pool_goes_on(*p, worker); i++)
		usleep(1000);
}

/* Catches a stop that is heard only when a chunk is over, however long. */
static void
stops_within_a_chunk(void **state)
{
	int threads;

	(void)state;
	for (threads = 1; threads <= 2; threads++) {
		struct pool *p = pool_new(threads, NULL);
		struct stopper s = { 0, 2 };

		pool_watch(p, stop_after, &s);
		assert_false(pool_each(p, 2, long_chunk, &p));
		assert_int_equal(s.asked, 3);
		pool_free(p);
	}
}

/* Catches a number of cores that makes no sense, and freeing nothing. */
static void
default_threads(void **state)
{
	struct pool *p = pool_new(0, NULL);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	(void)state;
	assert_non_null(p);
	assert_true(pool_threads(p) >= 1 && pool_threads(p) <= cores);
	pool_free(p);
	pool_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_on_each),
		cmocka_unit_test(sleepers_wake),
		cmocka_unit_test(each_once),
		cmocka_unit_test(stops),
		cmocka_unit_test(stops_between_short_jobs),
		cmocka_unit_test(stops_within_a_chunk),
		cmocka_unit_test(default_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
