/* event_put.c -- the documents of a conversation's file, written as YAML. */
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "event.h"
#include "numbers.h"
#include "stamp.h"
#include "ywrite.h"

static const char *const event_names[] = { "conversation", "begin", "delta",
	"end", "title", "fold", "head", "remove", "system", "sealed" };

const char *
event_name(enum event e)
{
	return e >= 0 && e < EVENT_OTHER ? event_names[e] : "";
}

static struct ywriter *
start(struct buf *out, enum event e, int turn)
{
	struct ywriter *w = ywrite_new(out);

	ywrite_word(w, "event", event_names[e]);
	if (turn)
		ywrite_int(w, "turn", turn);
	return w;
}

/* YAML parsers know it as a time. */
static void
put_time(struct ywriter *w, const char *key, int64_t ms)
{
	struct buf b = { 0 };

	stamp_put(&b, ms);
	if (b.len)
		ywrite_word(w, key, b.data);
	buf_free(&b);
}

static void
put_buf(struct ywriter *w, const char *key, const struct buf *b)
{
	ywrite_text(w, key, b->data ? b->data : "", b->len);
}

static void
put_sampling(struct ywriter *w, const struct sampling *s)
{
	ywrite_begin_map(w, "sampling");
	for (const struct sampling_field *f = sampling_fields; f->name; f++) {
		const void *p = (const char *)s + f->offset;

		if (f->kind == SAMPLING_TEMPERATURE &&
		    *(const float *)p == TEMPERATURE_AUTO)
			ywrite_word(w, f->name, "auto");
		else if (f->kind == SAMPLING_TEMPERATURE ||
		    f->kind == SAMPLING_FLOAT)
			ywrite_float(w, f->name, *(const float *)p);
		else if (f->kind == SAMPLING_INT)
			ywrite_int(w, f->name, *(const int *)p);
		else
			ywrite_uint(w, f->name, *(const uint64_t *)p);
	}
	ywrite_end_map(w);
}

static void
put_numbers(struct ywriter *w, const char *key, const int *v, size_t n)
{
	struct buf b = { 0 };

	numbers_put(&b, v, n);
	if (n)
		ywrite_str(w, key, b.data);
	buf_free(&b);
}

static void
put_tokens(struct ywriter *w, const struct token *tok, size_t n)
{
	struct token_lists l = { 0 };

	tokens_put(&l, tok, n);
	if (n) {
		ywrite_str(w, "ids", l.ids.data);
		ywrite_str(w, "ms", l.ms.data);
		ywrite_str(w, "bytes", l.bytes.data);
	}
	token_lists_free(&l);
}

static void
put_name(struct ywriter *w, const char *key, const char *s)
{
	if (s)
		ywrite_str(w, key, s);
}

static void
put_run(struct ywriter *w, const struct run *r)
{
	put_name(w, "engine", r->engine);
	put_name(w, "cpu", r->cpu);
	put_name(w, "format", r->format);
	put_name(w, "adapters", r->adapters);
	if (r->system)
		ywrite_text(w, "system", r->system, strlen(r->system));
	ywrite_begin_map(w, "run");
	ywrite_word(w, "thinking", thinking_name(r->thinking));
	ywrite_int(w, "budget", r->budget);
	ywrite_int(w, "budget-ms", r->budget_ms);
	ywrite_int(w, "context", r->context);
	ywrite_int(w, "threads", r->threads);
	ywrite_word(w, "kv", kv_type_name(r->kv));
	ywrite_end_map(w);
}

/* What made the answer.  Said at the beginning, so that a turn that is cut off
 * has it, and at the end, when the seed is known. */
static void
put_origin(struct ywriter *w, const struct turn *t)
{
	if (t->model)
		ywrite_str(w, "model", t->model);
	if (t->digest)
		ywrite_str(w, "digest", t->digest);
	if (t->guided)
		ywrite_word(w, "guided", "true");
	put_sampling(w, &t->sampling);
}

static int
put_header(struct buf *out, const struct convo *c, int version,
    struct err *err)
{
	struct ywriter *w = start(out, EVENT_HEADER, 0);

	ywrite_int(w, "version", version);
	ywrite_str(w, "id", c->id);
	put_time(w, "created", c->created);
	if (version == EVENT_VERSION)
		put_name(w, "origin", c->origin);
	return ywrite_end(w, err);
}

int
event_put_header(struct buf *out, const struct convo *c, struct err *err)
{
	return put_header(out, c, EVENT_VERSION, err);
}

int
event_put_cover(struct buf *out, const struct convo *c, struct err *err)
{
	return put_header(out, c, EVENT_SEALED_VERSION, err);
}

int
event_put_begin(struct buf *out, const struct turn *t, struct err *err)
{
	struct ywriter *w = start(out, EVENT_BEGIN, t->id);

	ywrite_int(w, "parent", t->parent);
	ywrite_word(w, "role", role_name(t->role));
	put_time(w, "started", t->t_start);
	if (t->role == ROLE_ASSISTANT) {
		put_origin(w, t);
		put_run(w, &t->run);
		put_numbers(w, "left-out", t->left_out, t->n_left_out);
	}
	if (t->thinking.len)
		put_buf(w, "thinking", &t->thinking);
	if (t->text.len)
		put_buf(w, "text", &t->text);
	put_tokens(w, t->tok, t->n_tok);
	return ywrite_end(w, err);
}

int
event_put_delta(struct buf *out, int turn, enum channel ch, const char *text,
    size_t n, const struct token *tok, size_t n_tok, struct err *err)
{
	struct ywriter *w = start(out, EVENT_DELTA, turn);

	ywrite_text(w, ch == CHANNEL_THINKING ? "thinking" : "text", text,
	    n);
	put_tokens(w, tok, n_tok);
	return ywrite_end(w, err);
}

int
event_put_end(struct buf *out, const struct turn *t, bool text, bool thinking,
    struct err *err)
{
	struct ywriter *w = start(out, EVENT_END, t->id);

	ywrite_word(w, "reason", done_name(t->end));
	put_time(w, "first-token", t->t_first);
	put_time(w, "thinking-end", t->t_think_end);
	put_time(w, "ended", t->t_end);
	if (t->role == ROLE_ASSISTANT) {
		ywrite_int(w, "prompt-tokens", t->prompt_tokens);
		ywrite_int(w, "cached-tokens", t->cached_tokens);
		ywrite_int(w, "thinking-tokens", t->thinking_tokens);
		ywrite_int(w, "answer-tokens", t->answer_tokens);
		put_origin(w, t);
		put_numbers(w, "prompt-tail", t->tail, t->n_tail);
		if (t->run.touched)
			ywrite_word(w, "touched", "true");
	}
	if (thinking)
		put_buf(w, "thinking", &t->thinking);
	if (text)
		put_buf(w, "text", &t->text);
	return ywrite_end(w, err);
}

static void
put_tags(struct ywriter *w, const struct convo *c)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < c->n_tags; i++)
		buf_printf(&b, i ? ", %s" : "%s", c->tags[i]);
	ywrite_str(w, "tags", b.data);
	buf_free(&b);
}

int
event_put_title(struct buf *out, const struct convo *c, int turns,
    struct err *err)
{
	struct ywriter *w = start(out, EVENT_TITLE, 0);

	ywrite_int(w, "turns", turns);
	ywrite_str(w, "title", c->title);
	ywrite_word(w, "by", title_by_name(c->title_by));
	if (c->pinned)
		ywrite_word(w, "pinned", "true");
	if (c->archived)
		ywrite_word(w, "archived", "true");
	if (c->n_tags)
		put_tags(w, c);
	put_time(w, "trashed", c->trashed);
	return ywrite_end(w, err);
}

int
event_put_fold(struct buf *out, const struct turn *t, struct err *err)
{
	struct ywriter *w = start(out, EVENT_FOLD, t->id);

	ywrite_int(w, "fold", t->fold);
	return ywrite_end(w, err);
}

/* A document that says no more than which turn it is about. */
static int
put_turn(struct buf *out, enum event e, const struct turn *t, struct err *err)
{
	return ywrite_end(start(out, e, t->id), err);
}

int
event_put_head(struct buf *out, const struct turn *t, struct err *err)
{
	return put_turn(out, EVENT_HEAD, t, err);
}

int
event_put_remove(struct buf *out, const struct turn *t, struct err *err)
{
	return put_turn(out, EVENT_REMOVE, t, err);
}

int
event_put_system(struct buf *out, const struct convo *c, struct err *err)
{
	struct ywriter *w = start(out, EVENT_SYSTEM, 0);

	if (c->persona)
		ywrite_str(w, "persona", c->persona);
	if (c->system)
		ywrite_text(w, "text", c->system, strlen(c->system));
	return ywrite_end(w, err);
}

int
event_put_sealed(struct buf *out, const struct vault *v, const char *id,
    const char *text, size_t n, struct err *err)
{
	struct ywriter *w = start(out, EVENT_SEALED, 0);
	struct buf box = { 0 };

	vault_seal(v, id, text, n, &box);
	ywrite_str(w, "box", box.data);
	buf_free(&box);
	return ywrite_end(w, err);
}
