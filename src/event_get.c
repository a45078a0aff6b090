/* event_get.c -- what stands in a document of a conversation's file, key by
 * key. */
#include "event_get.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "conf.h"
#include "numbers.h"

static int
digits(const char *s, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -1;
		v = 10 * v + (s[i] - '0');
	}
	return v;
}

static int64_t
parse_time(const char *s)
{
	static const char shape[] = "0000-00-00T00:00:00.000Z";
	struct tm tm = { 0 };
	time_t secs;

	if (strlen(s) != sizeof(shape) - 1)
		return 0;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] != '0' ? s[i] != shape[i] :
		    (s[i] < '0' || s[i] > '9'))
			return 0;
	tm.tm_year = digits(s, 4) - 1900;
	tm.tm_mon = digits(s + 5, 2) - 1;
	tm.tm_mday = digits(s + 8, 2);
	tm.tm_hour = digits(s + 11, 2);
	tm.tm_min = digits(s + 14, 2);
	tm.tm_sec = digits(s + 17, 2);
	secs = timegm(&tm);
	return secs <= 0 ? 0 : (int64_t)secs * 1000 + digits(s + 20, 3);
}

void
event_get_time(const struct ynode *doc, const char *key, int64_t *v)
{
	const struct ynode *y = ynode_get(doc, key);
	int64_t ms = y && y->type == YNODE_SCALAR ? parse_time(y->text) : 0;

	if (ms)
		*v = ms;
}

void
event_get_int(const struct ynode *doc, const char *key, int min, int max, int *v)
{
	int64_t x;

	if (ynode_int(ynode_get(doc, key), &x) == 0 && x >= min && x <= max)
		*v = (int)x;
}

const char *
event_get_word(const struct ynode *doc, const char *key)
{
	const struct ynode *y = ynode_get(doc, key);

	return y && y->type == YNODE_SCALAR ? y->text : NULL;
}

static void
get_str(const struct ynode *doc, const char *key, char **v)
{
	const char *s = event_get_word(doc, key);

	if (s) {
		free(*v);
		*v = xstrdup(s);
	}
}

void
event_get_buf(const struct ynode *doc, const char *key, struct buf *b, bool whole)
{
	const struct ynode *y = ynode_get(doc, key);

	if (!y || y->type != YNODE_SCALAR)
		return;
	if (whole)
		buf_clear(b);
	buf_add(b, y->text, y->len);
}

void
event_get_numbers(const struct ynode *doc, const char *key, int **v, size_t *n)
{
	const char *s = event_get_word(doc, key);

	if (s)
		numbers_get(s, v, n);
}

void
event_get_tokens(const struct ynode *doc, enum channel channel, struct turn *t)
{
	tokens_get(t, channel, event_get_word(doc, "ids"),
	    event_get_word(doc, "ms"), event_get_word(doc, "bytes"));
}

void
event_get_run(const struct ynode *doc, struct run *r)
{
	const struct ynode *map = ynode_get(doc, "run");
	const char *word;

	get_str(doc, "engine", &r->engine);
	get_str(doc, "cpu", &r->cpu);
	get_str(doc, "format", &r->format);
	get_str(doc, "adapters", &r->adapters);
	get_str(doc, "system", &r->system);
	if (!map)
		return;
	if ((word = event_get_word(map, "thinking")) != NULL)
		thinking_parse(word, &r->thinking);
	if ((word = event_get_word(map, "kv")) != NULL)
		kv_type_parse(word, &r->kv);
	event_get_int(map, "budget", 0, INT32_MAX, &r->budget);
	event_get_int(map, "budget-ms", 0, INT32_MAX, &r->budget_ms);
	event_get_int(map, "context", 0, INT32_MAX, &r->context);
	event_get_int(map, "threads", 0, INT32_MAX, &r->threads);
}

void
event_get_bool(const struct ynode *doc, const char *key, bool *v)
{
	int x;

	if (ynode_bool(ynode_get(doc, key), &x) == 0)
		*v = x;
}

void
event_get_origin(const struct ynode *doc, struct turn *t)
{
	const struct ynode *map = ynode_get(doc, "sampling");

	get_str(doc, "model", &t->model);
	get_str(doc, "digest", &t->digest);
	event_get_bool(doc, "guided", &t->guided);
	for (const struct sampling_field *f = sampling_fields; f->name; f++)
		sampling_field_set(&t->sampling, f, ynode_get(map, f->name));
	if (sampling_check(&t->sampling))
		t->sampling = sampling_default();
}

void
event_get_tags(struct convo *c, const char *s)
{
	char tag[TAG_MAX + 1];

	while (s && *s) {
		size_t n = strcspn(s, ",");

		snprintf(tag, sizeof(tag), "%.*s", (int)(n > TAG_MAX ?
		    TAG_MAX : n), s);
		convo_tag(c, tag);
		s += n + (s[n] == ',');
		s += strspn(s, " ");
	}
}
