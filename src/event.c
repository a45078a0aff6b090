/* event.c -- the documents of a conversation's file, found and read. */
#include "event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "event_get.h"
#include "ytree.h"

#define TURN_ID_MAX 100000000

/* The line at pos, its newline included if there is one. */
static size_t
line_length(const char *text, size_t n, size_t pos)
{
	const char *nl = memchr(text + pos, '\n', n - pos);

	return nl ? (size_t)(nl - text) - pos + 1 : n - pos;
}

static bool
is_line(const char *p, size_t n, const char *what)
{
	return n == strlen(what) && memcmp(p, what, n) == 0;
}

static bool
starts_doc(const char *p, size_t n)
{
	return n >= 4 && memcmp(p, "---", 3) == 0 &&
	    (p[3] == '\n' || p[3] == ' ');
}

/* "..." and "---" with a damaged byte for the newline between them: without
 * this that one byte would hide two documents. */
static bool
joins_docs(const char *p, size_t n)
{
	return n == 8 && memcmp(p, "...", 3) == 0 &&
	    memcmp(p + 4, "---\n", 4) == 0;
}

/* A write that was lost leaves zeros where others behind it were not: how much
 * of the line they take, if a document begins right behind them. */
static size_t
hole(const char *p, size_t n)
{
	const char *zero = memrchr(p, '\0', n);
	size_t skip = zero ? (size_t)(zero - p) + 1 : 0;

	return zero && starts_doc(p + skip, n - skip) ? skip : 0;
}

bool
event_next(const char *text, size_t n, size_t *pos, struct event_span *s)
{
	size_t from = *pos, at, len, zeros;

	if (from >= n)
		return false;
	/* A person may have put blank lines or comments between documents. */
	while (from < n && (text[from] == '\n' || text[from] == '#') &&
	    text[from + (len = line_length(text, n, from)) - 1] == '\n')
		from += len;
	s->p = text + from;
	for (at = from; at < n; at += len) {
		len = line_length(text, n, at);
		/* Texts are indented: what starts a line is a marker. */
		if (at > from && starts_doc(text + at, len)) {
			s->kind = SPAN_DAMAGED;
			break;
		}
		if (is_line(text + at, len, "...\n")) {
			s->kind = starts_doc(s->p, at - from) ? SPAN_DOC :
			    SPAN_DAMAGED;
			at += len;
			break;
		}
		if ((zeros = hole(text + at, len)) > 0) {
			s->kind = SPAN_DAMAGED;
			at += zeros;
			break;
		}
		if (joins_docs(text + at, len)) {
			s->kind = SPAN_DAMAGED;
			at += 4;
			break;
		}
		if (at + len == n)
			s->kind = SPAN_TORN;
	}
	s->n = at - from;
	*pos = at;
	return s->n > 0;
}

/* Exactly digits[n] as a number, or -1. */
static int
turn_id(const struct ynode *doc)
{
	int id = 0;

	event_get_int(doc, "turn", 1, TURN_ID_MAX, &id);
	return id;
}

/* The turn that doc is about.  If its beginning was damaged, the text that
 * follows is still worth having: such a turn is an assistant's, and answers
 * what stands before it. */
static struct turn *
turn_of(struct convo *c, const struct ynode *doc)
{
	int id = turn_id(doc);
	struct turn *t = id ? convo_turn(c, id) : NULL;

	if (t || !id || (c->n && id < c->turns[c->n - 1]->id))
		return t;
	t = convo_add(c, ROLE_ASSISTANT, 0);
	c->head = t->id = id;
	return t;
}

static enum event
apply_header(struct convo *c, const struct ynode *doc)
{
	const char *origin;
	int64_t version;

	if (ynode_int(ynode_get(doc, "version"), &version) < 0 || version < 1)
		return EVENT_DAMAGED;
	if (version > EVENT_SEALED_VERSION)
		return EVENT_NEWER;
	event_get_time(doc, "created", &c->created);
	if ((origin = event_get_word(doc, "origin")) != NULL) {
		free(c->origin);
		c->origin = xstrdup(origin);
	}
	return EVENT_HEADER;
}

static enum event
apply_begin(struct convo *c, const struct ynode *doc)
{
	const char *word = event_get_word(doc, "role");
	int id = turn_id(doc), parent = c->head;
	enum role role;
	struct turn *t;

	if (!id || !word || role_parse(word, &role) < 0 ||
	    (c->n && id <= c->turns[c->n - 1]->id))
		return EVENT_DAMAGED;
	/* A parent that was damaged away leaves the turn before it. */
	event_get_int(doc, "parent", 0, id - 1, &parent);
	if (parent && !convo_turn(c, parent))
		parent = c->head;
	t = convo_add(c, role, 0);
	c->head = t->id = id;
	t->parent = parent;
	event_get_time(doc, "started", &t->t_start);
	event_get_origin(doc, t);
	event_get_run(doc, &t->run);
	event_get_numbers(doc, "left-out", &t->left_out, &t->n_left_out);
	event_get_buf(doc, "thinking", &t->thinking, true);
	event_get_buf(doc, "text", &t->text, true);
	event_get_tokens(doc, CHANNEL_ANSWER, t);
	/* The thought came first. */
	for (size_t i = 0, at = 0; i < t->n_tok && at < t->thinking.len; i++) {
		t->tok[i].channel = CHANNEL_THINKING;
		at += t->tok[i].bytes;
	}
	return EVENT_BEGIN;
}

static enum event
apply_delta(struct convo *c, const struct ynode *doc)
{
	struct turn *t = turn_of(c, doc);

	if (!t)
		return EVENT_DAMAGED;
	event_get_buf(doc, "thinking", &t->thinking, false);
	event_get_buf(doc, "text", &t->text, false);
	event_get_tokens(doc, ynode_get(doc, "thinking") ? CHANNEL_THINKING :
	    CHANNEL_ANSWER, t);
	return EVENT_DELTA;
}

static enum event
apply_end(struct convo *c, const struct ynode *doc)
{
	struct turn *t = turn_of(c, doc);
	const char *reason = event_get_word(doc, "reason");

	if (!t)
		return EVENT_DAMAGED;
	if (!reason || done_parse(reason, &t->end) < 0)
		t->end = DONE_STOP;
	event_get_time(doc, "first-token", &t->t_first);
	event_get_time(doc, "thinking-end", &t->t_think_end);
	event_get_time(doc, "ended", &t->t_end);
	event_get_int(doc, "prompt-tokens", 0, INT32_MAX, &t->prompt_tokens);
	event_get_int(doc, "cached-tokens", 0, INT32_MAX, &t->cached_tokens);
	event_get_int(doc, "thinking-tokens", 0, INT32_MAX, &t->thinking_tokens);
	event_get_int(doc, "answer-tokens", 0, INT32_MAX, &t->answer_tokens);
	event_get_origin(doc, t);
	event_get_numbers(doc, "prompt-tail", &t->tail, &t->n_tail);
	event_get_bool(doc, "touched", &t->run.touched);
	event_get_buf(doc, "thinking", &t->thinking, true);
	event_get_buf(doc, "text", &t->text, true);
	return EVENT_END;
}

static enum event
apply_title(struct convo *c, const struct ynode *doc)
{
	struct convo *labels;
	const char *title = event_get_word(doc, "title");
	const char *by = event_get_word(doc, "by");

	if (!title)
		return EVENT_DAMAGED;
	labels = convo_new_as(c->id, 0);
	convo_set_title(labels, title);
	/* Of an older file: maybe a person's, whose choice stays. */
	if (!by || title_by_parse(by, &labels->title_by) < 0)
		labels->title_by = TITLE_PERSON;
	event_get_bool(doc, "pinned", &labels->pinned);
	event_get_bool(doc, "archived", &labels->archived);
	event_get_tags(labels, event_get_word(doc, "tags"));
	event_get_time(doc, "trashed", &labels->trashed);
	convo_copy_labels(c, labels);
	convo_free(labels);
	return EVENT_TITLE;
}

static enum event
apply_fold(struct convo *c, const struct ynode *doc)
{
	struct turn *t = convo_turn(c, turn_id(doc));

	if (!t)
		return EVENT_DAMAGED;
	event_get_int(doc, "fold", -1, INT32_MAX, &t->fold);
	return EVENT_FOLD;
}

static enum event
apply_head(struct convo *c, const struct ynode *doc)
{
	struct turn *t = convo_turn(c, turn_id(doc));

	if (!t)
		return EVENT_DAMAGED;
	c->head = t->id;
	return EVENT_HEAD;
}

static enum event
apply_remove(struct convo *c, const struct ynode *doc)
{
	struct turn *t = convo_turn(c, turn_id(doc));

	if (!t)
		return EVENT_DAMAGED;
	convo_remove(c, t);
	return EVENT_REMOVE;
}

static enum event
apply_system(struct convo *c, const struct ynode *doc)
{
	convo_set_system(c, event_get_word(doc, "persona"), event_get_word(doc, "text"));
	return EVENT_SYSTEM;
}

static enum event
apply_sealed(struct convo *c, const struct ynode *doc)
{
	(void)c;
	(void)doc;
	return EVENT_SEALED;
}

static enum event
event_parse(const char *name)
{
	for (int e = EVENT_HEADER; e < EVENT_OTHER; e++)
		if (strcmp(name, event_name((enum event)e)) == 0)
			return (enum event)e;
	return EVENT_OTHER;
}

enum event
event_apply(struct convo *c, const struct event_span *s)
{
	static enum event (*const apply[])(struct convo *,
	    const struct ynode *) = { apply_header, apply_begin, apply_delta,
		apply_end, apply_title, apply_fold, apply_head, apply_remove,
		apply_system, apply_sealed };
	struct ynode *doc = s->kind == SPAN_DOC ?
	    ytree_load(s->p, s->n, "", NULL) : NULL;
	const char *name = doc ? event_get_word(doc, "event") : NULL;
	enum event e = name ? event_parse(name) : EVENT_DAMAGED;

	if (e >= EVENT_HEADER && e < EVENT_OTHER)
		e = apply[e](c, doc);
	ynode_free(doc);
	return e;
}

/* Copy the value of "key: value" at the start of *p, and step over it. */
static bool
peek_line(const char **p, const char *end, const char *key, char *v,
    size_t size)
{
	size_t line = line_length(*p, (size_t)(end - *p), 0);
	size_t skip = strlen(key);

	if (line <= skip + 1 || line - skip > size ||
	    memcmp(*p, key, skip) != 0)
		return false;
	memcpy(v, *p + skip, line - skip - 1);
	v[line - skip - 1] = '\0';
	*p += line;
	return true;
}

enum event
event_peek(const struct event_span *s, int *turn)
{
	const char *p = s->p + line_length(s->p, s->n, 0);
	char word[24];
	enum event e;

	*turn = 0;
	if (s->kind != SPAN_DOC || !peek_line(&p, s->p + s->n, "event: ",
	    word, sizeof(word)))
		return EVENT_DAMAGED;
	e = event_parse(word);
	if (peek_line(&p, s->p + s->n, "turn: ", word, sizeof(word)) ||
	    peek_line(&p, s->p + s->n, "turns: ", word, sizeof(word))) {
		long v = strtol(word, NULL, 10);

		*turn = v > 0 && v <= TURN_ID_MAX ? (int)v : 0;
	}
	return e;
}

static bool
open_box(const struct vault *v, const char *id, const struct event_span *s,
    struct buf *room)
{
	struct ynode *doc = ytree_load(s->p, s->n, "", NULL);
	const struct ynode *box = ynode_get(doc, "box");
	bool ok = box && box->type == YNODE_SCALAR;

	ok = ok && vault_unseal(v, id, box->text, box->len, room) == 0;
	ynode_free(doc);
	return ok;
}

void
event_unseal(const struct vault *v, const char *id, struct event_span *s,
    struct buf *room)
{
	struct event_span more;
	size_t pos = 0;
	int turn;

	if (!v || event_peek(s, &turn) != EVENT_SEALED)
		return;
	buf_clear(room);
	/* No box within a box, nor a second document in one. */
	if (!open_box(v, id, s, room) ||
	    !event_next(room->data, room->len, &pos, s) ||
	    event_next(room->data, room->len, &pos, &more) ||
	    event_peek(s, &turn) == EVENT_SEALED)
		*s = (struct event_span){ "", 0, SPAN_DAMAGED };
	if (s->kind == SPAN_TORN)	/* only files have such an end */
		s->kind = SPAN_DAMAGED;
}
