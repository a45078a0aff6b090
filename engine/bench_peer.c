/* bench_peer.c -- another program's speeds, from the JSON that llama-bench and
 * those like it print: a list of tests, each with n_prompt, n_gen, avg_ts and,
 * in newer ones, n_depth. */
#include "bench.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "alloc.h"

#define NAME "the peer"

static int
whole(const json_t *test, const char *key)
{
	return (int)json_integer_value(json_object_get(test, key));
}

static bool
is_test(const json_t *test, const struct bench_test *t)
{
	return json_is_object(test) && whole(test, "n_prompt") == t->n_prompt &&
	    whole(test, "n_gen") == t->n_gen &&
	    whole(test, "n_depth") == t->n_depth;
}

static int
take_speed(const json_t *list, struct bench_test *t, struct err *err)
{
	const json_t *test;
	size_t i;

	json_array_foreach(list, i, test) {
		double ts = json_number_value(json_object_get(test, "avg_ts"));

		if (!is_test(test, t))
			continue;
		if (!isfinite(ts) || ts <= 0.0)
			return err_set(err, NAME " gives no avg_ts above 0 for "
			    "n_prompt %d and n_gen %d", t->n_prompt, t->n_gen);
		t->peer[t->n_peer++] = ts;
		return 0;
	}
	return err_set(err, NAME " has no test with n_prompt %d, n_gen %d and "
	    "n_depth %d in its output; is it a llama-bench?", t->n_prompt,
	    t->n_gen, t->n_depth);
}

/* What comes before the list and after it is talk. */
static json_t *
parse(const struct child *c, struct err *err)
{
	const char *at = c->out.len ? memchr(c->out.data, '[', c->out.len) :
	    NULL;
	json_error_t why;
	json_t *list = at ? json_loadb(at, c->out.len -
	    (size_t)(at - c->out.data), JSON_DISABLE_EOF_CHECK, &why) : NULL;

	if (list && json_is_array(list))
		return list;
	json_decref(list);
	err_set(err, NAME " printed no JSON list of tests (%s); it has to take "
	    "-o json as llama-bench does", at ? why.text : "there is no \"[\"");
	return NULL;
}

/* Tests `from` to `to`, which one command does. */
static int
one_command(struct bench *b, int n_prompt, int n_gen, int depth,
    enum bench_kind from, enum bench_kind to, struct err *err)
{
	char p[16], n[16], t[16], d[16];
	char *line = xasprintf("%s \"$@\"", b->o->peer);
	const char *argv[20] = { "/bin/sh", "-c", line, "sh", "-m",
		b->path, "-p", p, "-n", n, "-r", "1", "-t",
		t, "-o", "json" };
	struct child c;
	json_t *list = NULL;
	int r;

	snprintf(p, sizeof p, "%d", n_prompt);
	snprintf(n, sizeof n, "%d", n_gen);
	snprintf(t, sizeof t, "%d", b->info.threads);
	snprintf(d, sizeof d, "%d", depth);
	if (depth > 0) {
		argv[16] = "-d";
		argv[17] = d;
	}
	r = child_run(NAME, argv, &c, err);
	if (r == 0 && !(list = parse(&c, err)))
		r = -1;
	for (enum bench_kind k = from; r == 0 && k <= to; k++)
		if (b->test[k].on)
			r = take_speed(list, &b->test[k], err);
	json_decref(list);
	child_done(&c);
	free(line);
	return r;
}

int
bench_peer(struct bench *b, struct err *err)
{
	const struct bench_test *t = b->test;

	if ((t[BENCH_PROMPT].on || t[BENCH_GEN].on) && one_command(b,
	    t[BENCH_PROMPT].n_prompt, t[BENCH_GEN].n_gen, 0, BENCH_PROMPT,
	    BENCH_GEN, err))
		return -1;
	return t[BENCH_DEEP].on ? one_command(b, 0, t[BENCH_DEEP].n_gen,
	    t[BENCH_DEEP].n_depth, BENCH_DEEP, BENCH_DEEP, err) : 0;
}
