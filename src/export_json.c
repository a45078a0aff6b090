/* export_json.c -- fikr's own JSON: all that is known of a conversation, under
 * the names of its file (docs/conversation-format.md).  import_fikr.c reads
 * it. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "export_priv.h"
#include "numbers.h"
#include "stamp.h"
#include "utf8.h"

/* ---- JSON in general ---- */

static int
collect(const char *s, size_t n, void *ud)
{
	buf_add(ud, s, n);
	return 0;
}

static bool
harmless(uint32_t cp)
{
	return cp != 0x7f && (cp < 0x80 || cp >= 0xa0) && !utf8_steers(cp);
}

/* What is no ASCII stands in strings, where an escape says the same. */
void
export_dump(struct buf *out, json_t *v)
{
	struct buf b = { 0 };

	json_dump_callback(v, collect, &b,
	    JSON_INDENT(1) | JSON_REAL_PRECISION(13));
	json_decref(v);
	for (size_t i = 0, len; i < b.len; i += len) {
		uint32_t cp;

		len = (size_t)utf8_decode(b.data + i, b.len - i, &cp, NULL);
		if (harmless(cp))
			buf_add(out, b.data + i, len);
		else if (cp < 0x10000)
			buf_printf(out, "\\u%04" PRIX32, cp);
		else
			buf_printf(out, "\\u%04" PRIX32 "\\u%04" PRIX32,
			    0xD800 + ((cp - 0x10000) >> 10),
			    0xDC00 + ((cp - 0x10000) & 0x3FF));
	}
	buf_free(&b);
}

/* Malformed bytes become U+FFFD. */
json_t *
json_of(const struct buf *b)
{
	struct buf clean = { 0 };
	json_t *s = json_stringn(b->data ? b->data : "", b->len);

	if (!s) {
		utf8_scrub(&clean, b->data, b->len);
		s = json_stringn(clean.data, clean.len);
	}
	buf_free(&clean);
	return s;
}

void
json_put(json_t *o, const char *key, const char *s)
{
	struct buf b = { 0 };

	if (!s)
		return;
	buf_puts(&b, s);
	json_object_set_new(o, key, json_of(&b));
	buf_free(&b);
}

void
json_put_time(json_t *o, const char *key, int64_t ms)
{
	struct buf b = { 0 };

	stamp_put(&b, ms);
	if (b.len)
		json_object_set_new(o, key, json_string(b.data));
	buf_free(&b);
}

json_t *
json_secs(int64_t ms)
{
	return ms > 0 ? json_real((double)ms / 1000) : json_null();
}

static void
put_int(json_t *o, const char *key, int64_t v)
{
	json_object_set_new(o, key, json_integer(v));
}

static void
put_true(json_t *o, const char *key, bool v)
{
	if (v)
		json_object_set_new(o, key, json_true());
}

/* ---- turns ---- */

/* The shortest number that is this float again. */
static json_t *
short_real(float x)
{
	char s[32];

	for (int digits = 6; digits <= 9; digits++) {
		snprintf(s, sizeof(s), "%.*g", digits, (double)x);
		if (strtof(s, NULL) == x)
			break;
	}
	return json_real(strtod(s, NULL));
}

/* The seed as text: JSON's numbers are not that wide everywhere. */
static json_t *
sampling(const struct sampling *s)
{
	json_t *o = json_object();
	char seed[24];

	for (const struct sampling_field *f = sampling_fields; f->name; f++) {
		const void *p = (const char *)s + f->offset;

		if (f->kind == SAMPLING_TEMPERATURE &&
		    *(const float *)p == TEMPERATURE_AUTO) {
			json_put(o, f->name, "auto");
		} else if (f->kind == SAMPLING_INT) {
			put_int(o, f->name, *(const int *)p);
		} else if (f->kind == SAMPLING_SEED) {
			snprintf(seed, sizeof(seed), "%" PRIu64,
			    *(const uint64_t *)p);
			json_put(o, f->name, seed);
		} else {
			json_object_set_new(o, f->name,
			    short_real(*(const float *)p));
		}
	}
	return o;
}

static void
put_numbers(json_t *o, const char *key, const int *v, size_t n)
{
	struct buf b = { 0 };

	numbers_put(&b, v, n);
	if (n)
		json_put(o, key, b.data);
	buf_free(&b);
}

/* Tokens one after the other that came through one channel. */
static size_t
token_run(json_t *o, const struct token *tok, size_t n)
{
	struct token_lists l = { 0 };
	size_t i = 0;

	while (i < n && tok[i].channel == tok[0].channel)
		i++;
	tokens_put(&l, tok, i);
	json_put(o, "channel", channel_name(tok[0].channel));
	json_put(o, "ids", l.ids.data);
	json_put(o, "ms", l.ms.data);
	json_put(o, "bytes", l.bytes.data);
	token_lists_free(&l);
	return i;
}

static json_t *
tokens(const struct turn *t, bool thinking)
{
	json_t *v = json_array();

	for (size_t i = 0; i < t->n_tok; ) {
		bool hidden = !thinking &&
		    t->tok[i].channel == CHANNEL_THINKING;
		json_t *run = json_object();

		i += token_run(run, t->tok + i, t->n_tok - i);
		if (!hidden)
			json_array_append(v, run);
		json_decref(run);
	}
	return v;
}

static void
put_run(json_t *o, const struct run *r)
{
	json_t *run = json_object();

	json_put(o, "engine", r->engine);
	json_put(o, "cpu", r->cpu);
	json_put(o, "format", r->format);
	json_put(o, "adapters", r->adapters);
	json_put(o, "system", r->system);
	json_put(run, "thinking", thinking_name(r->thinking));
	put_int(run, "budget", r->budget);
	put_int(run, "budget-ms", r->budget_ms);
	put_int(run, "context", r->context);
	put_int(run, "threads", r->threads);
	json_put(run, "kv", kv_type_name(r->kv));
	json_object_set_new(o, "run", run);
	put_true(o, "touched", r->touched);
}

static void
put_answer(json_t *o, const struct turn *t, bool thinking)
{
	json_put(o, "model", t->model);
	json_put(o, "digest", t->digest);
	put_true(o, "guided", t->guided);
	json_object_set_new(o, "sampling", sampling(&t->sampling));
	put_run(o, &t->run);
	json_put(o, "reason", done_name(t->end));
	json_put_time(o, "first-token", t->t_first);
	json_put_time(o, "thinking-end", t->t_think_end);
	json_put_time(o, "ended", t->t_end);
	put_int(o, "prompt-tokens", t->prompt_tokens);
	put_int(o, "cached-tokens", t->cached_tokens);
	put_int(o, "thinking-tokens", t->thinking_tokens);
	put_int(o, "answer-tokens", t->answer_tokens);
	put_numbers(o, "prompt-tail", t->tail, t->n_tail);
	put_numbers(o, "left-out", t->left_out, t->n_left_out);
	if (t->n_tok)
		json_object_set_new(o, "tokens", tokens(t, thinking));
}

static json_t *
turn(const struct turn *t, bool thinking)
{
	json_t *o = json_object();

	put_int(o, "id", t->id);
	put_int(o, "parent", t->parent);
	json_put(o, "role", role_name(t->role));
	json_put_time(o, "started", t->t_start);
	if (t->fold != -1)
		put_int(o, "fold", t->fold);
	if (thinking && t->thinking.len)
		json_object_set_new(o, "thinking", json_of(&t->thinking));
	json_object_set_new(o, "text", json_of(&t->text));
	if (t->role == ROLE_ASSISTANT)
		put_answer(o, t, thinking);
	return o;
}

static json_t *
tags(const struct convo *c)
{
	json_t *v = json_array();

	for (size_t i = 0; i < c->n_tags; i++)
		json_array_append_new(v, json_string(c->tags[i]));
	return v;
}

json_t *
export_fikr(const struct convo *c, bool thinking)
{
	json_t *o = json_object(), *turns = json_array();

	json_put(o, "id", c->id);
	json_put_time(o, "created", c->created);
	json_put(o, "origin", c->origin);
	json_put(o, "title", c->title);
	json_put(o, "title-by", title_by_name(c->title_by));
	put_true(o, "pinned", c->pinned);
	put_true(o, "archived", c->archived);
	json_put_time(o, "trashed", c->trashed);
	json_object_set_new(o, "tags", tags(c));
	json_put(o, "persona", c->persona);
	json_put(o, "system", c->system);
	put_int(o, "head", c->head);
	for (size_t i = 0; i < c->n; i++)
		if (!c->turns[i]->removed)
			json_array_append_new(turns, turn(c->turns[i],
			    thinking));
	json_object_set_new(o, "turns", turns);
	return o;
}
