/* convo.c -- a conversation in memory: a tree of turns, kept as an array in
 * which a parent always stands before its children. */
#include "convo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "alloc.h"
#include "utf8.h"

#define TITLE_MAX 200
#define AUTO_TITLE_MAX 60

struct convo *
convo_new_as(const char *id, int64_t created)
{
	struct convo *c = xcalloc(1, sizeof(*c));

	snprintf(c->id, sizeof(c->id), "%s", id);
	c->created = created;
	c->title = xstrdup("");
	return c;
}

/* UTC, so that ids sort by time across changes of the clock's zone; the random
 * part tells conversations of one second apart. */
void
convo_new_id(struct convo *c, int64_t now_ms)
{
	char day[20];
	time_t secs = (time_t)(now_ms / 1000);
	unsigned short salt;
	struct tm tm;

	if (getrandom(&salt, sizeof(salt), GRND_NONBLOCK) != sizeof(salt))
		salt = (unsigned short)now_ms;
	if (!gmtime_r(&secs, &tm) ||
	    strftime(day, sizeof(day), "%Y%m%d-%H%M%S", &tm) == 0)
		snprintf(day, sizeof(day), "00000000-000000");
	snprintf(c->id, sizeof(c->id), "%s-%04x", day, (unsigned)salt);
}

struct convo *
convo_new(int64_t now_ms)
{
	struct convo *c = convo_new_as("", now_ms);

	convo_new_id(c, now_ms);
	return c;
}

static void
turn_free(struct turn *t)
{
	buf_free(&t->text);
	buf_free(&t->thinking);
	free(t->model);
	free(t->digest);
	free(t->run.engine);
	free(t->run.cpu);
	free(t->run.format);
	free(t->run.adapters);
	free(t->run.system);
	free(t->tok);
	free(t->tail);
	free(t->left_out);
	free(t);
}

static void
free_tags(struct convo *c)
{
	for (size_t i = 0; i < c->n_tags; i++)
		free(c->tags[i]);
	free(c->tags);
	c->tags = NULL;
	c->n_tags = 0;
}

void
convo_free(struct convo *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		turn_free(c->turns[i]);
	free(c->turns);
	free_tags(c);
	free(c->title);
	free(c->system);
	free(c->persona);
	free(c->origin);
	free(c);
}

struct turn *
convo_add(struct convo *c, enum role role, int64_t now_ms)
{
	struct turn *t = xcalloc(1, sizeof(*t));

	t->id = c->n ? c->turns[c->n - 1]->id + 1 : 1;
	t->parent = c->head;
	t->role = role;
	t->t_start = now_ms;
	t->fold = -1;
	t->sampling = sampling_default();
	/* What a person says is whole at once. */
	t->end = role == ROLE_ASSISTANT ? DONE_OPEN : DONE_STOP;
	if ((c->n & (c->n - 1)) == 0)	/* full: 0, 1, 2, 4, ... */
		c->turns = xreallocarray(c->turns, c->n ? 2 * c->n : 1,
		    sizeof(*c->turns));
	c->turns[c->n++] = t;
	c->head = t->id;
	return t;
}

int
convo_index(const struct convo *c, int id)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {	/* ids only ever grow */
		size_t mid = lo + (hi - lo) / 2;

		if (c->turns[mid]->id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->n && c->turns[lo]->id == id ? (int)lo : -1;
}

struct turn *
convo_turn(const struct convo *c, int id)
{
	int i = convo_index(c, id);

	return i < 0 ? NULL : c->turns[i];
}

void
turn_add_token(struct turn *t, struct token tok)
{
	if ((t->n_tok & (t->n_tok - 1)) == 0)	/* full: 0, 1, 2, 4, ... */
		t->tok = xreallocarray(t->tok, t->n_tok ? 2 * t->n_tok : 1,
		    sizeof(*t->tok));
	t->tok[t->n_tok++] = tok;
}

void
convo_recall_dropped(struct convo *c)
{
	struct turn *t = convo_turn(c, c->head);

	while (t && t->role != ROLE_ASSISTANT)
		t = convo_turn(c, t->parent);
	for (size_t i = 0; t && i < t->n_left_out; i++) {
		struct turn *out = convo_turn(c, t->left_out[i]);

		if (out)
			out->dropped = true;
	}
}

size_t
convo_branch(const struct convo *c, struct turn ***out)
{
	struct turn **v, *t;
	size_t n = 0, i;

	for (t = convo_turn(c, c->head); t; t = convo_turn(c, t->parent))
		n++;
	v = xcalloc(n ? n : 1, sizeof(struct turn *));
	for (i = n, t = convo_turn(c, c->head); t;
	    t = convo_turn(c, t->parent))
		v[--i] = t;
	*out = v;
	return n;
}

size_t
convo_siblings(const struct convo *c, const struct turn *t,
    struct turn ***out)
{
	struct turn **v = xcalloc(c->n ? c->n : 1, sizeof(struct turn *));
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->turns[i]->parent == t->parent &&
		    c->turns[i]->role == t->role && !c->turns[i]->removed)
			v[n++] = c->turns[i];
	*out = v;
	return n;
}

/* Children stand behind their parents, the newest last. */
void
convo_find_newest(const struct convo *c)
{
	for (size_t i = 0; i < c->n; i++)
		c->turns[i]->newest = 0;
	for (size_t i = 0; i < c->n; i++) {
		struct turn *parent = convo_turn(c, c->turns[i]->parent);

		if (parent && !c->turns[i]->removed)
			parent->newest = c->turns[i]->id;
	}
}

void
convo_select(struct convo *c, const struct turn *t)
{
	int head = t->id;

	convo_find_newest(c);
	for (; t && t->newest; t = convo_turn(c, t->newest))
		head = t->newest;
	c->head = head;
}

/* The version to show when t goes: the one before it, or the one behind. */
static struct turn *
beside(const struct convo *c, const struct turn *t)
{
	struct turn **v, *found = NULL;
	size_t n = convo_siblings(c, t, &v), at = 0;

	while (at < n && v[at] != t)
		at++;
	if (at > 0)
		found = v[at - 1];
	else if (at + 1 < n)
		found = v[at + 1];
	free(v);
	return found;
}

void
convo_remove(struct convo *c, struct turn *t)
{
	const struct turn *next = beside(c, t), *parent;

	t->removed = true;
	for (size_t i = 0; i < c->n; i++) {
		parent = convo_turn(c, c->turns[i]->parent);
		if (parent && parent->removed)
			c->turns[i]->removed = true;
	}
	if (!convo_turn(c, c->head) || !convo_turn(c, c->head)->removed)
		return;
	if (next)
		convo_select(c, next);
	else
		c->head = t->parent;
}

void
convo_set_system(struct convo *c, const char *persona, const char *text)
{
	char *p = persona ? xstrdup(persona) : NULL;
	char *s = text ? xstrdup(text) : NULL;

	free(c->persona);
	free(c->system);
	c->persona = p;
	c->system = s;
}

size_t
convo_messages(const struct convo *c, const char *system,
    struct chat_msg **out)
{
	struct turn **branch;
	size_t turns = convo_branch(c, &branch), n = 0;
	struct chat_msg *m = xcalloc(turns + 1, sizeof(*m));

	if (system && *system)
		m[n++] = (struct chat_msg){ ROLE_SYSTEM, xstrdup(system) };
	for (size_t i = 0; i < turns; i++) {
		const struct turn *t = branch[i];

		if (t->dropped || (t->role == ROLE_ASSISTANT &&
		    t->text.len == 0))
			continue;
		m[n++] = (struct chat_msg){ t->role,
			xstrndup(t->text.data ? t->text.data : "",
			t->text.len) };
	}
	free(branch);
	*out = m;
	return n;
}

static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 ||
	    cp == 0x2029;
}

static void
trim_end(struct buf *b)
{
	while (b->len && b->data[b->len - 1] == ' ')
		b->data[--b->len] = '\0';
}

/* Append s as a title: runs of blanks and control characters become one
 * blank, none at the ends; whole characters, at most max.  False if cut;
 * *word is then the length up to the last whole word. */
static bool
clean_title(struct buf *out, const char *s, size_t n, int max, size_t *word)
{
	char utf8[4];
	uint32_t cp;

	*word = 0;
	for (size_t i = 0; i < n; ) {
		i += (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		if (cp == ' ' || is_control(cp)) {
			if (out->len == 0 || out->data[out->len - 1] == ' ')
				continue;
			cp = ' ';
			*word = out->len;
		}
		if (max-- == 0) {
			trim_end(out);
			return false;
		}
		buf_add(out, utf8, (size_t)utf8_encode(cp, utf8));
	}
	trim_end(out);
	return true;
}

char *
convo_clean_title(const char *title)
{
	struct buf b = { 0 };
	size_t word;

	clean_title(&b, title, strlen(title), TITLE_MAX, &word);
	return buf_take(&b);
}

void
convo_set_title(struct convo *c, const char *title)
{
	char *clean = convo_clean_title(title);

	free(c->title);
	c->title = clean;
}

const struct turn *
convo_first_user(const struct convo *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->turns[i]->role == ROLE_USER && c->turns[i]->text.len)
			return c->turns[i];
	return NULL;
}

void
convo_auto_title(struct convo *c)
{
	const struct turn *t = convo_first_user(c);
	const char *p, *end, *eol;
	struct buf b = { 0 };
	size_t word = 0;
	bool whole = true;

	if (!t || *c->title)
		return;
	end = t->text.data + t->text.len;
	for (p = t->text.data; p < end && b.len == 0; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		/* One fewer, to leave room for the ellipsis. */
		whole = clean_title(&b, p, (size_t)(eol - p),
		    AUTO_TITLE_MAX - 1, &word);
	}
	if (!whole) {
		if (word) {
			b.len = word;
			b.data[word] = '\0';
		}
		buf_puts(&b, "\xE2\x80\xA6");
	}
	free(c->title);
	c->title = buf_take(&b);
}

/* ---- labels ----------------------------------------------------------- */

static const char *const title_bys[] = { "first", "model", "person" };

const char *
title_by_name(enum title_by b)
{
	return title_bys[b];
}

int
title_by_parse(const char *s, enum title_by *b)
{
	for (int i = TITLE_FIRST; i <= TITLE_PERSON; i++) {
		if (strcmp(s, title_bys[i]) == 0) {
			*b = (enum title_by)i;
			return 0;
		}
	}
	return -1;
}

static size_t
find_tag(const struct convo *c, const char *tag)
{
	size_t i = 0;

	while (i < c->n_tags && strcmp(c->tags[i], tag) != 0)
		i++;
	return i;
}

static bool
is_tag(const char *s)
{
	size_t n = strlen(s);
	uint32_t cp;

	if (n == 0 || n > TAG_MAX || *s == ' ' || s[n - 1] == ' ' ||
	    !utf8_valid(s, n))
		return false;
	for (size_t i = 0; i < n; ) {
		i += (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		if (cp == ',' || is_control(cp))
			return false;
	}
	return true;
}

bool
convo_tag(struct convo *c, const char *tag)
{
	if (!is_tag(tag))
		return false;
	if (find_tag(c, tag) < c->n_tags)
		return true;
	if (c->n_tags == TAGS_MAX)
		return false;
	c->tags = xreallocarray(c->tags, c->n_tags + 1, sizeof(*c->tags));
	c->tags[c->n_tags++] = xstrdup(tag);
	return true;
}

void
convo_untag(struct convo *c, const char *tag)
{
	size_t i = find_tag(c, tag);

	if (i == c->n_tags)
		return;
	free(c->tags[i]);
	c->n_tags--;
	memmove(c->tags + i, c->tags + i + 1,
	    (c->n_tags - i) * sizeof(*c->tags));
}

void
convo_copy_labels(struct convo *to, const struct convo *from)
{
	if (to == from)
		return;
	convo_set_title(to, from->title);
	to->title_by = from->title_by;
	to->pinned = from->pinned;
	to->archived = from->archived;
	to->trashed = from->trashed;
	free_tags(to);
	for (size_t i = 0; i < from->n_tags; i++)
		convo_tag(to, from->tags[i]);
}
