/* event_put.c -- the documents of a conversation's file, written as YAML. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "conf.h"
#include "event.h"
#include "ywrite.h"

#define LAST_SECOND INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */

static const char *const event_names[] = { "conversation", "begin", "delta",
	"end", "title", "fold", "head", "remove", "system" };

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

/* 2026-11-24T05:31:22.123Z, which YAML parsers know as a time. */
static void
put_time(struct ywriter *w, const char *key, int64_t ms)
{
	char day[32], whole[48];
	time_t secs = (time_t)(ms / 1000);
	struct tm tm;

	if (ms <= 0 || ms / 1000 > LAST_SECOND || !gmtime_r(&secs, &tm) ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	snprintf(whole, sizeof(whole), "%s.%03dZ", day, (int)(ms % 1000));
	ywrite_word(w, key, whole);
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

int
event_put_header(struct buf *out, const struct convo *c, struct err *err)
{
	struct ywriter *w = start(out, EVENT_HEADER, 0);

	ywrite_int(w, "version", EVENT_VERSION);
	ywrite_str(w, "id", c->id);
	put_time(w, "created", c->created);
	return ywrite_end(w, err);
}

int
event_put_begin(struct buf *out, const struct turn *t, struct err *err)
{
	struct ywriter *w = start(out, EVENT_BEGIN, t->id);

	ywrite_int(w, "parent", t->parent);
	ywrite_word(w, "role", role_name(t->role));
	put_time(w, "started", t->t_start);
	if (t->role == ROLE_ASSISTANT)
		put_origin(w, t);
	if (t->thinking.len)
		put_buf(w, "thinking", &t->thinking);
	if (t->text.len)
		put_buf(w, "text", &t->text);
	return ywrite_end(w, err);
}

int
event_put_delta(struct buf *out, int turn, enum channel ch, const char *text,
    size_t n, struct err *err)
{
	struct ywriter *w = start(out, EVENT_DELTA, turn);

	ywrite_text(w, ch == CHANNEL_THINKING ? "thinking" : "text", text,
	    n);
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
		ywrite_int(w, "thinking-tokens", t->thinking_tokens);
		ywrite_int(w, "answer-tokens", t->answer_tokens);
		put_origin(w, t);
	}
	if (thinking)
		put_buf(w, "thinking", &t->thinking);
	if (text)
		put_buf(w, "text", &t->text);
	return ywrite_end(w, err);
}

int
event_put_title(struct buf *out, const char *title, int turns,
    struct err *err)
{
	struct ywriter *w = start(out, EVENT_TITLE, 0);

	ywrite_int(w, "turns", turns);
	ywrite_str(w, "title", title);
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
