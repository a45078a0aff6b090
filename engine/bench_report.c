/* bench_report.c -- the figures of a benchmark as text and as JSON.  The keys
 * that llama-bench has mean the same as there (docs/bench.md lists ours). */
#include "bench.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

static const char *const titles[] = { "prefill", "decode", "deep" };

/* ---- text ---- */

static void
print_limits(const struct bench *b)
{
	const struct bench_limits *l = &b->limits;

	printf("machine   ");
	if (l->read_all > 0)
		printf("reads %.1f GB/s with 1 thread, %.1f GB/s with %d",
		    l->read_one / 1e9, l->read_all / 1e9, b->info.threads);
	else
		printf("read bandwidth not measured: no memory for it");
	if (l->bf16 > 0)
		printf("; %.0f G multiply-adds/s in BF16", l->bf16 / 1e9);
	if (l->int8 > 0)
		printf("; %.0f G multiply-adds/s in 8 bits", l->int8 / 1e9);
	if (l->f32 > 0)
		printf("; %.0f G in F32", l->f32 / 1e9);
	printf("\n");
}

static void
print_test(const struct bench *b, enum bench_kind k)
{
	const struct bench_test *t = &b->test[k];
	double share = bench_share(b, k), mid, lo, hi;
	double ts = bench_median(t->ts, t->n);

	printf("%-9s %8.1f +- %.1f tokens/s (", titles[k],
	    bench_mean(t->ts, t->n), bench_deviation(t->ts, t->n));
	if (t->n_depth)
		printf("%d tokens after %d)", t->n_gen, t->n_depth);
	else
		printf("%d tokens)", t->n_prompt + t->n_gen);
	if (k == BENCH_PROMPT)
		printf(", %.0f G multiply-adds/s", ts * t->work / 1e9);
	else
		printf(", %.2f GB/s", ts * t->work / 1e9);
	if (share > 0)
		printf(", %.0f %% of the machine's%s", share * 100,
		    k != BENCH_PROMPT ? "" : b->limits.bf16 > 0 ?
		    " in BF16" : b->limits.int8 > 0 ? " in 8 bits" :
		    " in F32");
	printf("\n");
	if (bench_ratio(t, &mid, &lo, &hi))
		printf("  peer    %8.1f +- %.1f tokens/s; fikr is %.2f times "
		    "as fast (%.2f to %.2f)\n",
		    bench_mean(t->peer, t->n_peer),
		    bench_deviation(t->peer, t->n_peer), mid, lo, hi);
}

void
bench_print(const struct bench *b)
{
	const struct engine_info *i = &b->info;

	printf("model     %s, %s, %s, %.1f MiB of weights\n"
	    "cpu       %s, %s, %d thread%s\n", i->name, i->arch, i->desc,
	    (double)i->bytes / 1048576, b->cpu, i->cpu, i->threads,
	    i->threads == 1 ? "" : "s");
	print_limits(b);
	if (b->start_ms > 0)
		printf("start     %8.2f s to the first token, %.0f MiB at "
		    "most\n", b->start_ms / 1e3,
		    (double)b->start_rss / 1048576);
	for (enum bench_kind k = 0; k < BENCH_KINDS; k++)
		if (b->test[k].on)
			print_test(b, k);
	if (b->peak_rss > 0)
		printf("memory    %8.0f MiB at most, before decoding deep\n",
		    (double)b->peak_rss / 1048576);
	if (b->note.text[0])
		printf("note      %s\n", b->note.text);
}

/* ---- JSON ---- */

static void
set_real(json_t *o, const char *key, double v)
{
	if (v > 0)
		json_object_set_new(o, key, json_real(v));
}

static void
set_int(json_t *o, const char *key, int64_t v)
{
	json_object_set_new(o, key, json_integer(v));
}

/* A name out of a file may not be UTF-8, nor a path. */
static void
set_text(json_t *o, const char *key, const char *s)
{
	json_t *j = json_string(s);

	json_object_set_new(o, key, j ? j : json_string("?"));
}

static void
set_samples(json_t *o, const char *key, const double *v, int n)
{
	json_t *list = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(list, json_real(v[i]));
	json_object_set_new(o, key, list);
}

static void
set_model(json_t *o, const struct bench *b)
{
	const struct engine_info *i = &b->info;
	char type[80];

	snprintf(type, sizeof type, "%s %s", i->arch, i->desc);
	set_text(o, "cpu_info", b->cpu);
	set_text(o, "backends", i->cpu);
	set_text(o, "model_filename", b->path);
	set_text(o, "model_name", i->name);
	set_text(o, "model_type", type);
	set_int(o, "model_size", i->bytes);
	set_int(o, "model_n_params", i->n_params);
	set_int(o, "n_threads", i->threads);
	set_text(o, "type_k", kv_type_name(b->o->kv));
	set_text(o, "type_v", kv_type_name(b->o->kv));
	set_text(o, "test_time", b->when);
}

static void
set_machine(json_t *o, const struct bench *b)
{
	const struct bench_limits *l = &b->limits;

	set_real(o, "read_bandwidth_1", l->read_one);
	set_real(o, "read_bandwidth", l->read_all);
	set_real(o, "bf16_macs", l->bf16);
	set_real(o, "int8_macs", l->int8);
	set_real(o, "f32_macs", l->f32);
	set_real(o, "start_ms", b->start_ms);
	set_real(o, "start_peak_rss", (double)b->start_rss);
	set_real(o, "peak_rss", (double)b->peak_rss);
	if (b->note.text[0])
		set_text(o, "note", b->note.text);
}

static json_t *
one_test(const struct bench *b, enum bench_kind k)
{
	const struct bench_test *t = &b->test[k];
	json_t *o = json_object();
	double mid, lo, hi;

	set_model(o, b);
	set_int(o, "n_prompt", t->n_prompt);
	set_int(o, "n_gen", t->n_gen);
	set_int(o, "n_depth", t->n_depth);
	json_object_set_new(o, "avg_ts", json_real(bench_mean(t->ts, t->n)));
	json_object_set_new(o, "stddev_ts",
	    json_real(bench_deviation(t->ts, t->n)));
	set_samples(o, "samples_ts", t->ts, t->n);
	set_machine(o, b);
	set_real(o, "share_of_limit", bench_share(b, k));
	set_real(o, "limit_ts", bench_limit(b, k));
	if (bench_ratio(t, &mid, &lo, &hi)) {
		set_text(o, "peer", b->o->peer);
		set_real(o, "peer_avg_ts", bench_mean(t->peer, t->n_peer));
		set_samples(o, "peer_samples_ts", t->peer, t->n_peer);
		set_real(o, "ratio", mid);
		set_real(o, "ratio_min", lo);
		set_real(o, "ratio_max", hi);
	}
	return o;
}

void
bench_print_json(const struct bench *b)
{
	json_t *list = json_array();

	for (enum bench_kind k = 0; k < BENCH_KINDS; k++)
		if (b->test[k].on)
			json_array_append_new(list, one_test(b, k));
	json_dumpf(list, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	printf("\n");
	json_decref(list);
}
