/* bench_run.c -- the engine's own tests, and the arithmetic of samples. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "num.h"

/* ---- samples ---- */

double
bench_mean(const double *v, int n)
{
	double sum = 0.0;

	for (int i = 0; i < n; i++)
		sum += v[i];
	return n > 0 ? sum / n : 0.0;
}

double
bench_deviation(const double *v, int n)
{
	double mean = bench_mean(v, n), sum = 0.0;

	for (int i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean);
	return n > 1 ? sqrt(sum / (n - 1)) : 0.0;
}

static int
cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* v is sorted. */
static double
middle(const double *v, int n)
{
	if (n == 0)
		return 0.0;
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static double *
sorted(const double *v, int n)
{
	double *s = xcalloc((size_t)n + 1, sizeof *s);

	if (n > 0)
		memcpy(s, v, (size_t)n * sizeof *s);
	qsort(s, (size_t)n, sizeof *s, cmp_double);
	return s;
}

double
bench_median(const double *v, int n)
{
	double *s = sorted(v, n), m = middle(s, n);

	free(s);
	return m;
}

bool
bench_ratio(const struct bench_test *t, double *mid, double *lo, double *hi)
{
	int n = t->n < t->n_peer ? t->n : t->n_peer;
	double *pairs = xcalloc((size_t)n + 1, sizeof *pairs), *s;

	for (int i = 0; i < n; i++)
		pairs[i] = t->ts[i] / t->peer[i];
	s = sorted(pairs, n);
	*mid = middle(s, n);
	*lo = n ? s[0] : 0.0;
	*hi = n ? s[n - 1] : 0.0;
	free(s);
	free(pairs);
	return n > 0;
}

double
bench_limit(const struct bench *b, enum bench_kind k)
{
	const struct bench_limits *l = &b->limits;
	double rate = k != BENCH_PROMPT ? l->read_all :
	    l->bf16 > 0 ? l->bf16 : l->int8 > 0 ? l->int8 : l->f32;

	return b->test[k].work > 0 ? rate / b->test[k].work : 0.0;
}

double
bench_share(const struct bench *b, enum bench_kind k)
{
	const struct bench_test *t = &b->test[k];
	double limit = bench_limit(b, k);

	return limit > 0 ? bench_median(t->ts, t->n) / limit : 0.0;
}

/* ---- the engine ---- */

/* A timeline for short texts and one for decoding deep in a text, whose
 * beginning is read once and kept. */
struct bench_engine {
	struct bench *b;
	struct session *flat, *deep;
	int32_t *tok;		/* [room] */
};

/* Any tokens will do, but not one alone. */
static int32_t
nth_token(int i, int n_vocab)
{
	return (int32_t)(((uint32_t)i * 2654435761u >> 8) % (uint32_t)n_vocab);
}

static void
count_work(struct bench *b, const struct engine *e)
{
	for (enum bench_kind k = 0; k < BENCH_KINDS; k++) {
		struct bench_test *t = &b->test[k];
		int middle = t->n_depth + t->n_gen / 2;

		t->work = (double)b->info.layer_macs;
		if (k != BENCH_PROMPT)
			t->work = (double)b->info.decode_bytes + (double)
			    engine_kv_bytes(e, max_int(middle, 1));
	}
}

struct bench_engine *
bench_engine_new(struct bench *b, struct engine *e, struct err *err)
{
	struct bench_engine *r = xcalloc(1, sizeof *r);
	const struct bench_test *t = b->test;
	int need = max_int(t[BENCH_PROMPT].n_prompt, t[BENCH_GEN].n_gen + 1);
	int deep = t[BENCH_DEEP].n_depth + t[BENCH_DEEP].n_gen;

	count_work(b, e);
	r->b = b;
	r->flat = session_new(e, need, err);
	if (!r->flat || (t[BENCH_DEEP].on &&
	    !(r->deep = session_new(e, deep, err)))) {
		bench_engine_free(r);
		return NULL;
	}
	need = max_int(need, deep);
	r->tok = xcalloc((size_t)need, sizeof *r->tok);
	for (int i = 0; i < need; i++)
		r->tok[i] = nth_token(i, b->info.n_vocab);
	return r;
}

void
bench_engine_free(struct bench_engine *r)
{
	if (!r)
		return;
	session_free(r->flat);
	session_free(r->deep);
	free(r->tok);
	free(r);
}

/* Another first token empties the cache. */
static int
forget(struct bench_engine *r, struct err *err)
{
	int32_t other = r->tok[0] ? 0 : 1;

	return session_sync(r->flat, &other, 1, NULL, NULL, err);
}

static int
decode(struct bench_engine *r, struct session *s, int n, struct err *err)
{
	for (int i = 0; i < n; i++)
		if (session_eval(s, r->tok[i], NULL, err))
			return -1;
	return 0;
}

int
bench_engine_warm(struct bench_engine *r, struct err *err)
{
	const struct bench_test *t = r->b->test;

	if (t[BENCH_PROMPT].on && (forget(r, err) || session_sync(r->flat,
	    r->tok, (size_t)t[BENCH_PROMPT].n_prompt, NULL, NULL, err)))
		return -1;
	return forget(r, err) || (t[BENCH_GEN].on &&
	    decode(r, r->flat, 1, err)) ? -1 : 0;
}

int
bench_engine_run(struct bench_engine *r, enum bench_kind k, struct err *err)
{
	struct bench_test *t = &r->b->test[k];
	double at;
	int failed;

	if (k == BENCH_DEEP ? session_sync(r->deep, r->tok,
	    (size_t)t->n_depth, NULL, NULL, err) : forget(r, err))
		return -1;
	at = clock_now_ms();
	if (k == BENCH_PROMPT)
		failed = session_sync(r->flat, r->tok, (size_t)t->n_prompt,
		    NULL, NULL, err);
	else
		failed = decode(r, k == BENCH_DEEP ? r->deep : r->flat,
		    t->n_gen, err);
	if (failed)
		return -1;
	at = clock_now_ms() - at;
	t->ts[t->n++] = (t->n_prompt + t->n_gen) * 1e3 / (at > 0 ? at : 1e-6);
	return 0;
}
