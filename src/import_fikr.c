/* import_fikr.c -- a conversation of fikr's own JSON (export_json.c writes it,
 * docs/export.md describes it): nothing is lost on the way. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "conf.h"
#include "import_priv.h"
#include "numbers.h"

static int
get_int(const json_t *o, const char *key, int min, int max, int missing)
{
	const json_t *v = json_object_get(o, key);
	double x = json_number_value(v);

	return json_is_number(v) && x >= min && x <= max && x == floor(x) ?
	    (int)x : missing;
}

static void
get_name(const json_t *o, const char *key, char **to)
{
	free(*to);
	*to = xstrdup(json_string_value(json_object_get(o, key)));
}

static void
get_numbers(const json_t *o, const char *key, int **v, size_t *n)
{
	const char *s = json_word(o, key);

	if (*s)
		numbers_get(s, v, n);
}

static void
get_tokens(const json_t *runs, struct turn *t)
{
	const json_t *run;
	size_t i;

	json_array_foreach(runs, i, run) {
		enum channel channel = CHANNEL_ANSWER;

		channel_parse(json_word(run, "channel"), &channel);
		tokens_get(t, channel, json_word(run, "ids"),
		    json_word(run, "ms"), json_word(run, "bytes"));
	}
}

static void
get_sampling(const json_t *o, struct sampling *s)
{
	for (const struct sampling_field *f = sampling_fields; f->name; f++) {
		const json_t *v = json_object_get(o, f->name);
		void *p = (char *)s + f->offset;
		double x = json_number_value(v);

		if (f->kind == SAMPLING_SEED && json_is_string(v))
			*(uint64_t *)p = strtoull(json_string_value(v), NULL,
			    10);
		else if (f->kind == SAMPLING_INT)
			*(int *)p = get_int(o, f->name, 0, INT32_MAX,
			    *(int *)p);
		else if (f->kind == SAMPLING_TEMPERATURE && json_is_string(v))
			*(float *)p = TEMPERATURE_AUTO;
		else if (f->kind != SAMPLING_SEED && json_is_number(v) &&
		    fabs(x) < 1e9)
			*(float *)p = (float)x;
	}
	if (sampling_check(s))
		*s = sampling_default();
}

static void
get_run(const json_t *o, struct turn *t)
{
	const json_t *run = json_object_get(o, "run");
	struct run *r = &t->run;

	get_name(o, "engine", &r->engine);
	get_name(o, "cpu", &r->cpu);
	get_name(o, "format", &r->format);
	get_name(o, "adapters", &r->adapters);
	get_name(o, "system", &r->system);
	thinking_parse(json_word(run, "thinking"), &r->thinking);
	kv_type_parse(json_word(run, "kv"), &r->kv);
	r->budget = get_int(run, "budget", 0, INT32_MAX, 0);
	r->budget_ms = get_int(run, "budget-ms", 0, INT32_MAX, 0);
	r->context = get_int(run, "context", 0, INT32_MAX, 0);
	r->threads = get_int(run, "threads", 0, INT32_MAX, 0);
	r->touched = json_is_true(json_object_get(o, "touched"));
}

static void
get_answer(const json_t *o, struct turn *t)
{
	json_text(json_object_get(o, "thinking"), &t->thinking);
	t->guided = json_is_true(json_object_get(o, "guided"));
	get_name(o, "model", &t->model);
	get_name(o, "digest", &t->digest);
	get_sampling(json_object_get(o, "sampling"), &t->sampling);
	get_run(o, t);
	t->end = DONE_OPEN;
	done_parse(json_word(o, "reason"), &t->end);
	t->t_first = json_moment(o, "first-token");
	t->t_think_end = json_moment(o, "thinking-end");
	t->t_end = json_moment(o, "ended");
	t->prompt_tokens = get_int(o, "prompt-tokens", 0, INT32_MAX, 0);
	t->cached_tokens = get_int(o, "cached-tokens", 0, INT32_MAX, 0);
	t->thinking_tokens = get_int(o, "thinking-tokens", 0, INT32_MAX, 0);
	t->answer_tokens = get_int(o, "answer-tokens", 0, INT32_MAX, 0);
	get_numbers(o, "prompt-tail", &t->tail, &t->n_tail);
	get_numbers(o, "left-out", &t->left_out, &t->n_left_out);
	get_tokens(json_object_get(o, "tokens"), t);
}

static int
get_turn(const json_t *o, struct convo *c, struct err *err)
{
	int last = c->n ? c->turns[c->n - 1]->id : 0;
	int id = get_int(o, "id", last + 1, 100000000, 0);
	int parent = get_int(o, "parent", 0, id ? id - 1 : 0, -1);
	enum role role;
	struct turn *t;

	if (!id || parent < 0 || (parent && !convo_turn(c, parent)) ||
	    role_parse(json_word(o, "role"), &role) < 0)
		return err_set(err, "its turn %zu has no sound id, parent and "
		    "role", c->n + 1);
	t = convo_add(c, role, json_moment(o, "started"));
	t->id = id;
	t->parent = parent;
	c->head = id;
	t->fold = get_int(o, "fold", -1, INT32_MAX, -1);
	json_text(json_object_get(o, "text"), &t->text);
	if (role == ROLE_ASSISTANT)
		get_answer(o, t);
	if (t->text.len > IMPORT_TEXT_MAX || t->thinking.len > IMPORT_TEXT_MAX)
		return err_set(err, "one of its messages is longer than %u "
		    "MiB", IMPORT_TEXT_MAX >> 20);
	return 0;
}

static void
get_labels(const json_t *from, struct convo *c)
{
	const json_t *tag;
	size_t i;

	get_name(from, "origin", &c->origin);
	convo_set_system(c, json_string_value(json_object_get(from,
	    "persona")), json_string_value(json_object_get(from, "system")));
	title_by_parse(json_word(from, "title-by"), &c->title_by);
	c->pinned = json_is_true(json_object_get(from, "pinned"));
	c->archived = json_is_true(json_object_get(from, "archived"));
	c->trashed = json_moment(from, "trashed");
	json_array_foreach(json_object_get(from, "tags"), i, tag)
		if (json_is_string(tag))
			convo_tag(c, json_string_value(tag));
}

int
import_fikr(const json_t *from, struct convo *c, struct err *notice,
    struct err *err)
{
	const json_t *turns = json_object_get(from, "turns"), *o;
	int head;
	size_t i;

	(void)notice;
	if (json_array_size(turns) > IMPORT_TURNS_MAX)
		return err_set(err, "it has more than %d messages",
		    IMPORT_TURNS_MAX);
	json_array_foreach(turns, i, o)
		if (get_turn(o, c, err) < 0)
			return -1;
	if (c->n == 0)
		return err_set(err, "nothing was said in it");
	get_labels(from, c);
	head = get_int(from, "head", 1, 100000000, 0);
	if (head && convo_turn(c, head))
		c->head = head;
	return 0;
}
