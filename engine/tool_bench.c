/* tool_bench.c -- `fikr-engine bench`: speeds, beside what the machine's
 * memory could give. */
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "pool.h"

#define READ_BYTES ((size_t)512 << 20)	/* far above any cache here */
#define READ_RUNS 3

/* ---- read bandwidth ---- */

struct reading {
	const uint64_t *data;
	size_t words;
	int threads;
	uint64_t *sums;		/* [threads], so that no read is left out */
};

static void
read_share(void *ud, int worker)
{
	struct reading *r = ud;
	size_t each = r->words / (size_t)r->threads & ~(size_t)7;
	const uint64_t *p = r->data + each * (size_t)worker;
	uint64_t s[8] = { 0 };

	for (size_t i = 0; i < each; i += 8)
		for (int k = 0; k < 8; k++)
			s[k] += p[i + (size_t)k];
	for (int k = 1; k < 8; k++)
		s[0] += s[k];
	r->sums[worker] = s[0];
}

/* The best of a few runs, in bytes a second; 0 when it cannot be measured. */
static double
read_speed(const uint64_t *data, int threads)
{
	struct reading r = { .data = data, .words = READ_BYTES / sizeof *data,
		.threads = threads };
	struct pool *p = pool_new(threads, NULL);
	double best = 0.0;

	if (!p)
		return 0.0;
	r.sums = xcalloc((size_t)threads, sizeof *r.sums);
	for (int i = 0; i < READ_RUNS; i++) {
		double t = clock_now_ms(), v;

		pool_run(p, read_share, &r);
		v = (double)READ_BYTES * 1e3 / (clock_now_ms() - t);
		if (v > best)
			best = v;
	}
	free(r.sums);
	pool_free(p);
	return best;
}

/* Prints and returns the speed with all threads. */
static double
bench_memory(int threads)
{
	uint64_t *data = malloc(READ_BYTES);
	double one, all;

	if (!data) {
		printf("memory    not measured: no room for %zu MiB\n",
		    READ_BYTES >> 20);
		return 0.0;
	}
	memset(data, 1, READ_BYTES);
	one = read_speed(data, 1);
	all = threads > 1 ? read_speed(data, threads) : one;
	free(data);
	printf("memory    %8.1f GB/s read by 1 thread, %.1f GB/s by %d\n",
	    one / 1e9, all / 1e9, threads);
	return all;
}

/* ---- the model ---- */

static int
cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, cmp_double);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Token ids that look like text to the engine: any will do, but not one. */
static int32_t
nth_token(int i, int n_vocab)
{
	return (int32_t)(((uint32_t)i * 2654435761u >> 8) % (uint32_t)n_vocab);
}

static int
one_run(struct session *s, const struct tool_opts *o, const int32_t *tok,
    double *prefill, double *decode, struct err *err)
{
	int32_t other = tok[0] ? 0 : 1;
	double t;

	/* a different first token empties the cache */
	if (session_sync(s, &other, 1, NULL, NULL, err))
		return -1;
	t = clock_now_ms();
	if (session_sync(s, tok, (size_t)o->n_prompt, NULL, NULL, err))
		return -1;
	*prefill = o->n_prompt * 1e3 / (clock_now_ms() - t);
	/* decode as a chat does it, after a short prompt */
	if (session_sync(s, &other, 1, NULL, NULL, err))
		return -1;
	t = clock_now_ms();
	for (int i = 0; i < o->n_predict; i++)
		if (session_eval(s, tok[i % o->n_prompt], NULL, err))
			return -1;
	*decode = o->n_predict * 1e3 / (clock_now_ms() - t);
	return 0;
}

static void
print_speeds(const struct engine_info *i, const struct tool_opts *o,
    double prefill, double decode, double memory)
{
	double used = decode * (double)i->decode_bytes;

	printf("prefill   %8.1f tokens/s (%d tokens)\n", prefill, o->n_prompt);
	printf("decode    %8.1f tokens/s (%d tokens), %.2f GB/s", decode,
	    o->n_predict, used / 1e9);
	if (memory > 0)
		printf(", %.0f %% of what memory gives", 100 * used / memory);
	printf("\n");
}

static int
bench(struct engine *e, const struct tool_opts *o, struct err *err)
{
	const struct engine_info *i = engine_info(e);
	int need = (o->n_prompt > o->n_predict ? o->n_prompt : o->n_predict)
	    + 1;
	double *prefill = xcalloc((size_t)o->reps, sizeof *prefill);
	double *decode = xcalloc((size_t)o->reps, sizeof *decode);
	int32_t *tok = xcalloc((size_t)o->n_prompt, sizeof *tok);
	struct session *s = session_new(e, need, err);
	int r = s ? 0 : -1;

	for (int k = 0; k < o->n_prompt; k++)
		tok[k] = nth_token(k, i->n_vocab);
	printf("model     %s, %s, %s, %.1f MiB of weights\ncpu       %s, %d "
	    "thread%s\n", i->name, i->arch, i->desc,
	    (double)i->bytes / 1048576, i->cpu, i->threads,
	    i->threads == 1 ? "" : "s");
	for (int k = 0; r == 0 && k < o->reps; k++)
		r = one_run(s, o, tok, &prefill[k], &decode[k], err);
	session_free(s);
	if (r == 0)
		print_speeds(i, o, median(prefill, o->reps),
		    median(decode, o->reps), bench_memory(i->threads));
	free(prefill);
	free(decode);
	free(tok);
	return r;
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { .n_prompt = 512, .n_predict = 128, .reps = 3 };
	struct err err;
	struct engine *e;
	int status, at = tool_args(t, "tklpnr", argc, argv, 1, &o, &status);

	if (at < 0)
		return status;
	e = tool_open(argv[at], &o, true, &err);
	status = e && bench(e, &o, &err) == 0 ? tool_finish(t) :
	    tool_fail(t, &err);
	engine_close(e);
	return status;
}

const struct tool tool_bench = { "bench", "[OPTION]... MODEL",
	"Measure speeds, and the memory bandwidth beside them",
	"  -p, --prompt N        tokens of prefill (512)\n"
	"  -n, --predict N       tokens of decode (128)\n"
	"  -r, --repeat N        runs; the median counts (3)\n"
	"      --kv TYPE         keys and values as f16, f32 or q8_0 (f16)\n"
	"      --lora FILE[=X]   apply this adapter, X times as strong (1); may be\n"
	"                        given again for more of them\n"
	"  -t, --threads N       threads (one a core)\n", run };
