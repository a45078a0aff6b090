/* bench_limits.c -- what this machine could give at most: bytes read from
 * memory, and multiply-adds on registers or within the caches. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "kern.h"
#include "pool.h"
#include "readrate.h"

#define RUNS 3				/* the best counts */
#define PEAK_ROUNDS 1000000
#define GEMM 256			/* three such squares fit a cache */
#define GEMM_ROUNDS 30

typedef int64_t peak_fn(int rounds, int *sink);

struct bench_machine {
	struct pool *one, *all;
	uint64_t *data;		/* to be read, or NULL when there is no room */
	float *squares;		/* a worker's own three, GEMM times GEMM */
	uint64_t *sums;		/* a worker's own: so that nothing is left out */
	peak_fn *int8, *tiles;	/* of the family whose kernels are used, or
				 * NULL */
};

/* cpu is the name of kern_get()'s family: all its kernels are there. */
static void
choose(struct bench_machine *m, const char *cpu)
{
	bool amx = strcmp(cpu, "amx") == 0;

	if (amx)
		m->tiles = bench_tiles;
	if (amx || strcmp(cpu, "avx512") == 0)
		m->int8 = bench_int8_avx512;
	else if (strcmp(cpu, "avx2") == 0)
		m->int8 = bench_int8_avx2;
}

struct bench_machine *
bench_machine_new(int threads, const char *cpu, struct err *err)
{
	struct bench_machine *m = xcalloc(1, sizeof *m);

	m->one = pool_new(1, err);
	m->all = m->one ? pool_new(threads, err) : NULL;
	if (!m->all) {
		bench_machine_free(m);
		return NULL;
	}
	threads = pool_threads(m->all);
	m->sums = xcalloc((size_t)threads, sizeof *m->sums);
	m->squares = calloc((size_t)threads * 3, GEMM * GEMM * sizeof(float));
	choose(m, cpu);
	return m;
}

void
bench_machine_free(struct bench_machine *m)
{
	if (!m)
		return;
	pool_free(m->one);
	pool_free(m->all);
	free(m->data);
	free(m->squares);
	free(m->sums);
	free(m);
}

/* ---- one worker's share ---- */

struct job {
	struct bench_machine *m;
	int threads;
	peak_fn *peak;
	int64_t done;		/* multiply-adds of worker 0 */
};

static void
peak_share(void *ud, int worker)
{
	struct job *j = ud;
	int sink = worker;
	int64_t n = j->peak(PEAK_ROUNDS, &sink);

	j->m->sums[worker] = (uint64_t)sink;
	if (worker == 0)
		j->done = n;
}

static void
gemm_share(void *ud, int worker)
{
	struct job *j = ud;
	float *a = j->m->squares + (size_t)worker * 3 * GEMM * GEMM;

	for (int i = 0; i < GEMM_ROUNDS; i++)
		kern_gemm_nt(GEMM, GEMM, GEMM, a, GEMM, a + GEMM * GEMM, GEMM,
		    a + 2 * GEMM * GEMM, GEMM);
	if (worker == 0)
		j->done = (int64_t)GEMM * GEMM * GEMM * GEMM_ROUNDS;
}

/* ---- */

/* Raises *rate to the bytes that the pool read a second. */
static void
read_rate(struct pool *p, const uint64_t *data, double *rate)
{
	for (int i = 0; i < RUNS; i++) {
		double r = readrate_run(p, data);

		if (r > *rate)
			*rate = r;
	}
}

/* Run fn on all of the pool; raises *rate to the multiply-adds that it did a
 * second, of which worker 0 counts its own. */
static void
rate(struct pool *p, void (*fn)(void *ud, int worker), struct job *j,
    double *rate)
{
	for (int i = 0; i < RUNS; i++) {
		double ms = clock_now_ms(), all;

		j->threads = pool_threads(p);
		pool_run(p, fn, j);
		ms = clock_now_ms() - ms;
		all = (double)j->done * j->threads;
		if (ms > 0 && all * 1e3 / ms > *rate)
			*rate = all * 1e3 / ms;
	}
}

void
bench_machine_measure(struct bench_machine *m, struct bench_limits *l)
{
	struct job j = { .m = m };

	/* only now, so that it does not count as the engine's memory */
	if (!m->data)
		m->data = readrate_data();
	if (m->data) {
		read_rate(m->one, m->data, &l->read_one);
		read_rate(m->all, m->data, &l->read_all);
	}
	if ((j.peak = m->tiles))
		rate(m->all, peak_share, &j, &l->bf16);
	if ((j.peak = m->int8))
		rate(m->all, peak_share, &j, &l->int8);
	if (m->squares)
		rate(m->all, gemm_share, &j, &l->f32);
}
