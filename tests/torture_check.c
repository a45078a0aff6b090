/* torture_check.c -- what was promised, compared with what is found in files:
 *	- a prompt whose saving was confirmed is there, whole;
 *	- so is an answer that ended, with how it ended, and all labels;
 *	- of an answer that streams, all but its last second is;
 *	- nothing is there that nobody said, unless damage is told, and then
 *	  only parts of what was said;
 *	- what was torn at the end lies in a file beside it;
 *	- the conversation can be gone on with. */
#include "torture_truth.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "journal.h"

/* ---- comparing ---- */

static bool
is_prefix(const struct buf *part, const struct buf *whole)
{
	return part->len <= whole->len && (part->len == 0 ||
	    memcmp(part->data, whole->data, part->len) == 0);
}

static bool
is_same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && is_prefix(a, b);
}

/* Is part made of stretches of whole, in their order? */
static bool
is_parts(const struct buf *part, const struct buf *whole)
{
	size_t at = 0;

	for (size_t i = 0; i < part->len; i++, at++) {
		while (at < whole->len && whole->data[at] != part->data[i])
			at++;
		if (at == whole->len)
			return false;
	}
	return true;
}

/* What turn t of a conversation may be. */
static const struct said *
origin(const struct truth *tr, const char *id, const struct turn *t,
    bool damaged)
{
	const struct said *s = truth_said(tr, id, t->id);

	for (size_t i = 0; !s && i < tr->n_said; i++)
		if (!tr->said[i].convo[0] && tr->said[i].role == t->role &&
		    (damaged ? is_parts : is_prefix)(&t->text,
		    &tr->said[i].text))
			s = &tr->said[i];
	return s;
}

/* Nothing in it that nobody said? */
static bool
is_honest(const struct truth *tr, const char *id, const struct turn *t,
    bool damaged, struct buf *why)
{
	const struct said *s = origin(tr, id, t, damaged);
	bool ok;

	if (!s) {
		buf_printf(why, "nobody said turn %d: \"%.60s\"\n", t->id,
		    t->text.data ? t->text.data : "");
		return false;
	}
	ok = (damaged ? is_parts : is_prefix)(&t->text, &s->text) &&
	    (!s->convo[0] || (damaged ? is_parts : is_prefix)(&t->thinking,
	    &s->thinking));
	if (!ok)
		buf_printf(why, "turn %d says what nobody said: \"%.60s\" for "
		    "\"%.60s\"\n", t->id, t->text.data ? t->text.data : "",
		    s->text.data ? s->text.data : "");
	if (t->role == ROLE_ASSISTANT && t->end != DONE_OPEN && !s->ending &&
	    s->convo[0]) {
		buf_printf(why, "turn %d ended before its time\n", t->id);
		ok = false;
	}
	if (t->n_tok > s->n_tok && s->convo[0]) {
		buf_printf(why, "turn %d has %zu of %zu tokens\n", t->id,
		    t->n_tok, s->n_tok);
		ok = false;
	}
	return ok;
}

/* Is what was promised of s in t? */
static bool
is_kept(const struct said *s, const struct turn *t, struct buf *why)
{
	size_t before = why->len;

	if (s->begun && t->role != s->role)
		buf_printf(why, "turn %d has another role\n", s->turn);
	if ((s->ended || (s->begun && s->role == ROLE_USER)) &&
	    !is_same(&t->text, &s->text))
		buf_printf(why, "turn %d: the text is not whole: \"%.60s\" for "
		    "\"%.60s\"\n", s->turn, t->text.data ? t->text.data : "",
		    s->text.data ? s->text.data : "");
	if (s->ended && s->convo[0] && !is_same(&t->thinking, &s->thinking))
		buf_printf(why, "turn %d: the thinking is not whole\n",
		    s->turn);
	if (s->ended && s->convo[0] && t->n_tok != s->n_tok)
		buf_printf(why, "turn %d: %zu of %zu tokens\n", s->turn,
		    t->n_tok, s->n_tok);
	if (s->ended && t->end == DONE_OPEN)
		buf_printf(why, "turn %d: its end is lost\n", s->turn);
	if (t->text.len < s->sure_text || t->thinking.len < s->sure_thinking)
		buf_printf(why, "turn %d: more than a second is lost: %zu of "
		    "%zu, %zu of %zu bytes\n", s->turn, t->thinking.len,
		    s->sure_thinking, t->text.len, s->sure_text);
	return why->len == before;
}

static bool
is_promised(const struct said *s)
{
	return s->begun || s->ended || s->sure_text || s->sure_thinking;
}

void
truth_labels(const struct convo *c, struct buf *out)
{
	buf_printf(out, "%s by %s%s%s", c->title, title_by_name(c->title_by),
	    c->pinned ? ", pinned" : "", c->archived ? ", archived" : "");
	for (size_t i = 0; i < c->n_tags; i++)
		buf_printf(out, ", tag %s", c->tags[i]);
}

static bool
has_labels(const struct truth *tr, const char *id, const struct convo *c,
    struct buf *why)
{
	const struct told *d = NULL;
	struct buf is = { 0 };
	bool ok;

	for (size_t i = 0; i < tr->n_told; i++)
		if (strcmp(tr->told[i].convo, id) == 0)
			d = &tr->told[i];
	truth_labels(c, &is);
	ok = !d || !d->labels || strcmp(is.data, d->labels) == 0 ||
	    (d->offered && strcmp(is.data, d->offered) == 0);
	if (!ok)
		buf_printf(why, "the labels are \"%s\", not \"%s\"\n",
		    is.data, d->labels);
	buf_free(&is);
	return ok;
}

static bool
has_all(const struct truth *tr, const char *id, const struct convo *c,
    struct buf *why)
{
	bool ok = true;

	for (size_t i = 0; i < tr->n_said; i++) {
		const struct said *s = &tr->said[i];
		const struct turn *t;

		if (strcmp(s->convo, id) != 0 || !is_promised(s))
			continue;
		t = convo_turn(c, s->turn);
		if (!t)
			buf_printf(why, "turn %d is lost\n", s->turn);
		ok = t && is_kept(s, t, why) && ok;
	}
	return has_labels(tr, id, c, why) && ok;
}

/* ---- the file itself ---- */

static void
read_file(const char *dir, const char *id, const char *suffix, struct buf *out)
{
	char path[512], block[4096];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s.yaml%s", dir, id, suffix);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (n = read(fd, block, sizeof(block))) > 0)
		buf_add(out, block, (size_t)n);
	if (fd >= 0)
		close(fd);
}

/* Opening may move the end of the file beside it, and nothing else. */
static bool
is_set_aside(const char *dir, const char *id, const struct buf *before,
    struct buf *why)
{
	struct buf now = { 0 }, torn = { 0 };
	bool ok;

	read_file(dir, id, "", &now);
	read_file(dir, id, ".torn", &torn);
	ok = is_prefix(&now, before) && torn.len >= before->len - now.len &&
	    (now.len == before->len || memcmp(torn.data + torn.len -
	    (before->len - now.len), before->data + now.len,
	    before->len - now.len) == 0);
	if (!ok)
		buf_printf(why, "opening made %zu bytes of %zu, and set %zu "
		    "aside\n", now.len, before->len, torn.len);
	buf_free(&now);
	buf_free(&torn);
	return ok;
}

/* Say one thing more, and read all of it again. */
static bool
goes_on(struct journal *j, const struct store *store, struct convo *c,
    struct buf *why)
{
	struct err err = { { 0 } };
	struct turn *t = convo_add(c, ROLE_USER, 1);
	struct convo *again;
	bool ok;

	buf_puts(&t->text, "And after the loss?");
	if (journal_begin(j, t, &err) < 0) {
		buf_printf(why, "cannot go on: %s\n", err.text);
		return false;
	}
	again = journal_read(store, c->id, NULL, &err);
	ok = again && again->n == c->n && again->head == c->head;
	for (size_t i = 0; ok && i < c->n; i++)
		ok = again->turns[i]->id == c->turns[i]->id &&
		    is_same(&again->turns[i]->text, &c->turns[i]->text) &&
		    is_same(&again->turns[i]->thinking,
		    &c->turns[i]->thinking);
	if (!ok)
		buf_printf(why, "what was added is not read again\n");
	convo_free(again);
	return ok;
}

bool
truth_holds(const struct truth *tr, const struct store *store, const char *id,
    const struct buf *file, struct buf *why)
{
	struct err notice = { { 0 } }, err = { { 0 } };
	struct convo *c;
	struct journal *j = journal_open(store, id, &c, &notice, &err);
	bool ok, damaged;

	if (!j) {
		buf_printf(why, "cannot be opened: %s\n", err.text);
		return false;
	}
	damaged = strstr(notice.text, "damaged part") != NULL;
	ok = !journal_readonly(j) && is_set_aside(store->dir, id, file, why) &&
	    has_all(tr, id, c, why);
	for (size_t i = 0; ok && i < c->n; i++)
		ok = is_honest(tr, id, c->turns[i], damaged, why);
	ok = ok && goes_on(j, store, c, why);
	journal_close(j);
	convo_free(c);
	return ok;
}

/* ---- all files ---- */

/* Does any conversation have this text whole? */
static bool
is_anywhere(const struct said *s, const struct store *store,
    struct leftover *files, size_t n)
{
	bool found = false;

	for (size_t i = 0; i < n && !found; i++) {
		char *slash = strrchr(files[i].path, '/');
		char *id = xstrdup(slash ? slash + 1 : files[i].path);
		struct convo *c;

		id[strcspn(id, ".")] = '\0';
		c = journal_read(store, id, NULL, NULL);
		for (size_t k = 0; c && k < c->n && !found; k++)
			found = c->turns[k]->role == s->role &&
			    c->turns[k]->end != DONE_OPEN &&
			    is_same(&c->turns[k]->text, &s->text);
		convo_free(c);
		free(id);
	}
	return found;
}

static bool
is_there(const char *id, struct leftover *files, size_t n)
{
	size_t len = strlen(id);

	for (size_t i = 0; i < n; i++) {
		const char *slash = strrchr(files[i].path, '/');
		const char *name = slash ? slash + 1 : files[i].path;

		if (strncmp(name, id, len) == 0 &&
		    strcmp(name + len, ".yaml") == 0)
			return true;
	}
	return false;
}

bool
truth_complete(const struct truth *tr, const struct store *store,
    struct leftover *files, size_t n, struct buf *why)
{
	bool ok = true;

	for (size_t i = 0; i < tr->n_said; i++) {
		const struct said *s = &tr->said[i];
		bool gone = false;

		for (size_t k = 0; k < tr->n_told; k++)
			gone |= tr->told[k].gone &&
			    strcmp(tr->told[k].convo, s->convo) == 0;
		if (!is_promised(s) || gone)
			continue;
		if (s->convo[0] ? is_there(s->convo, files, n) :
		    is_anywhere(s, store, files, n))
			continue;
		buf_printf(why, "lost: turn %d of %s, \"%.60s\"\n", s->turn,
		    s->convo, s->text.data ? s->text.data : "");
		ok = false;
	}
	return ok;
}
