/* tool_bench.c -- `fikr-engine bench`: speeds, beside what the machine could
 * give and, round by round, beside another program's. */
#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "bench.h"

/* ---- facts of this system ---- */

/* The value after "key" and a colon in a file of /proc; "" when there is
 * none. */
static void
proc_value(const char *path, const char *key, char *out, size_t size)
{
	FILE *f = fopen(path, "r");
	char line[512];
	size_t n = strlen(key);

	out[0] = '\0';
	while (f && fgets(line, sizeof line, f)) {
		char *at = strchr(line, ':');

		if (strncmp(line, key, n) != 0 || !at)
			continue;
		at += 1 + strspn(at + 1, " \t");
		at[strcspn(at, "\n")] = '\0';
		snprintf(out, size, "%s", at);
		break;
	}
	if (f)
		fclose(f);
}

static int64_t
peak_memory(void)
{
	char kib[64];

	proc_value("/proc/self/status", "VmHWM", kib, sizeof kib);
	return strtoll(kib, NULL, 10) * 1024;
}

/* ---- the rounds ---- */

static void
progress(const char *what, int round, int rounds)
{
	if (!isatty(STDERR_FILENO))
		return;
	if (what)
		fprintf(stderr, "\r\033[Kround %d of %d: %s", round, rounds,
		    what);
	else
		fprintf(stderr, "\r\033[K");
	fflush(stderr);
}

static int
one_round(struct bench *b, struct bench_engine *r, struct bench_machine *m,
    int round, struct err *err)
{
	static const char *const names[] = { "prefill", "decode",
		"decode after a long text" };

	for (enum bench_kind k = 0; k < BENCH_KINDS; k++) {
		if (k == BENCH_DEEP && b->peak_rss == 0)
			b->peak_rss = peak_memory();
		if (!b->test[k].on)
			continue;
		progress(names[k], round, b->o->reps);
		if (bench_engine_run(r, k, err))
			return -1;
	}
	progress("the machine", round, b->o->reps);
	bench_machine_measure(m, &b->limits);
	if (!b->o->peer)
		return 0;
	progress("the peer", round, b->o->reps);
	return bench_peer(b, err);
}

static int
rounds(struct bench *b, struct engine *e, struct err *err)
{
	struct bench_engine *r = bench_engine_new(b, e, err);
	struct bench_machine *m = r ? bench_machine_new(b->info.threads,
	    b->info.cpu, err) : NULL;
	int failed = !m;

	progress("warming", 1, b->o->reps);
	if (!failed)
		failed = bench_engine_warm(r, err);
	for (int i = 1; !failed && i <= b->o->reps; i++)
		failed = one_round(b, r, m, i, err);
	progress(NULL, 0, 0);
	bench_machine_free(m);
	bench_engine_free(r);
	return failed ? -1 : 0;
}

/* ---- what is asked for ---- */

static void
plan(struct bench *b, const struct tool_opts *o)
{
	struct bench_test *t = b->test;
	time_t now = time(NULL);
	struct tm tm;

	t[BENCH_PROMPT] = (struct bench_test){ .on = o->n_prompt > 0,
		.n_prompt = o->n_prompt };
	t[BENCH_GEN] = (struct bench_test){ .on = o->n_predict > 0,
		.n_gen = o->n_predict };
	t[BENCH_DEEP] = (struct bench_test){ .on = o->depth > 0 &&
		o->n_predict > 0, .n_gen = o->n_predict,
		.n_depth = o->depth };
	for (enum bench_kind k = 0; k < BENCH_KINDS; k++) {
		t[k].ts = xcalloc((size_t)o->reps, sizeof *t[k].ts);
		t[k].peer = xcalloc((size_t)o->reps, sizeof *t[k].peer);
	}
	proc_value("/proc/cpuinfo", "model name", b->cpu, sizeof b->cpu);
	if (!b->cpu[0])
		snprintf(b->cpu, sizeof b->cpu, "unknown processor");
	strftime(b->when, sizeof b->when, "%Y-%m-%dT%H:%M:%SZ",
	    gmtime_r(&now, &tm));
}

/* A depth that the model was not trained for is left out, not an error: the
 * same command serves all models. */
static void
fit_depth(struct bench *b)
{
	struct bench_test *t = &b->test[BENCH_DEEP];

	if (!t->on || t->n_depth + t->n_gen <= b->info.context_train)
		return;
	t->on = false;
	err_set(&b->note, "decoding after %d tokens is left out: the model was "
	    "trained for %d", t->n_depth, b->info.context_train);
}

static int
bench(const char *path, const struct tool_opts *o, struct err *err)
{
	struct bench b = { .path = path, .o = o };
	struct engine *e;
	struct err why;
	int r = -1;

	plan(&b, o);
	if (bench_start(&b, &why))
		err_set(&b.note, "the start was not measured: %.900s",
		    why.text);
	e = tool_open(path, o, true, err);
	if (e) {
		b.info = *engine_info(e);
		fit_depth(&b);
		r = rounds(&b, e, err);
	}
	if (r == 0)
		(o->json ? bench_print_json : bench_print)(&b);
	engine_close(e);
	for (enum bench_kind k = 0; k < BENCH_KINDS; k++) {
		free(b.test[k].ts);
		free(b.test[k].peer);
	}
	return r;
}

static int
run(const struct tool *t, int argc, char **argv)
{
	struct tool_opts o = { .n_prompt = 512, .n_predict = 128, .reps = 3 };
	struct err err;
	int status, at = tool_args(t, "tklpndrmPj", argc, argv, -1, &o,
	    &status);

	if (at < 0)
		return status;
	if (!o.model && at < argc)
		o.model = argv[at++];
	if (!o.model || at != argc)
		return tool_usage(t, "one model is needed, as -m MODEL or by "
		    "itself");
	if (o.n_prompt + o.n_predict == 0)
		return tool_usage(t, "-p 0 and -n 0 leave nothing to measure");
	return bench(o.model, &o, &err) == 0 ? tool_finish(t) :
	    tool_fail(t, &err);
}

const struct tool tool_bench = { "bench", "[OPTION]... -m MODEL",
	"Measure speeds, and what the machine could give beside them",
	"  -m, --model FILE      the model\n"
	"  -p, --prompt N        tokens of prefill; 0 leaves it out (512)\n"
	"  -n, --predict N       tokens of decode; 0 leaves it out (128)\n"
	"  -d, --depth N         decode after a text of N tokens, too (0: not)\n"
	"  -r, --repeat N        rounds (3)\n"
	"      --peer COMMAND    in every round run this, too, with the options of\n"
	"                        llama-bench (-m -p -n -r -t -o json), and give\n"
	"                        the ratios\n"
	"      --json            print a list of tests as llama-bench does\n"
	"      --kv TYPE         keys and values as f16, f32 or q8_0 (f16)\n"
	"      --lora FILE[=X]   apply this adapter, X times as strong (1); may be\n"
	"                        given again for more of them\n"
	"  -t, --threads N       threads (and at most: one a core)\n", run };
