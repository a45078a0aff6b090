/* index_file.c -- a conversation's file into the index's tables, and out of
 * them. */
#include "index_priv.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "convo.h"

struct row {
	int64_t id;
	int turn;
	char *text, *thinking;
	size_t n_text, n_thinking;
	bool kept;
};

struct rows { struct row *v; size_t n; };

static void
rows_free(struct rows *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].text);
		free(r->v[i].thinking);
	}
	free(r->v);
}

static char *
column_copy(sqlite3_stmt *st, int i, size_t *n)
{
	const void *p = sqlite3_column_text(st, i);

	*n = (size_t)sqlite3_column_bytes(st, i);
	return xstrndup(p ? p : "", p ? *n : 0);
}

/* What the index has of a conversation. */
static int
rows_read(struct index *ix, int64_t convo, struct rows *out)
{
	sqlite3_stmt *st = index_stmt(ix, Q_PARTS);
	int r = -1;

	*out = (struct rows){ 0 };
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, convo);
	while ((r = index_step(ix, st)) > 0) {
		struct row w = { .id = sqlite3_column_int64(st, 0),
			.turn = sqlite3_column_int(st, 1) };

		w.text = column_copy(st, 2, &w.n_text);
		w.thinking = column_copy(st, 3, &w.n_thinking);
		if ((out->n & (out->n - 1)) == 0)
			out->v = xreallocarray(out->v, out->n ? 2 * out->n : 1,
			    sizeof(*out->v));
		out->v[out->n++] = w;
	}
	sqlite3_reset(st);
	return r;
}

static void
bind_text(sqlite3_stmt *st, int i, const char *s, size_t n)
{
	sqlite3_bind_text(st, i, s ? s : "", (int)n, SQLITE_STATIC);
}

static int
drop_row(struct index *ix, const struct row *w)
{
	sqlite3_stmt *st = index_stmt(ix, Q_SAID_DROP);

	if (!st)
		return -1;
	ix->gather = false;
	sqlite3_bind_int64(st, 1, w->id);
	bind_text(st, 2, w->text, w->n_text);
	bind_text(st, 3, w->thinking, w->n_thinking);
	if (index_run(ix, st) < 0 || !(st = index_stmt(ix, Q_PART_DROP)))
		return -1;
	sqlite3_bind_int64(st, 1, w->id);
	return index_run(ix, st);
}

/* SQLite counts in int, and an answer is never that long. */
static size_t
bounded(size_t n)
{
	return n < 64u << 20 ? n : 64u << 20;
}

static int
put_turn(struct index *ix, int64_t convo, const struct turn *t)
{
	sqlite3_stmt *st = index_stmt(ix, Q_PART_PUT);
	size_t n = bounded(t->text.len), m = bounded(t->thinking.len);

	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, convo);
	sqlite3_bind_int(st, 2, t->id);
	sqlite3_bind_int(st, 3, (int)t->role);
	sqlite3_bind_int64(st, 4, t->t_start);
	bind_text(st, 5, t->text.data, n);
	bind_text(st, 6, t->thinking.data, m);
	if (index_run(ix, st) < 0 || !(st = index_stmt(ix, Q_SAID_PUT)))
		return -1;
	ix->gather = true;
	sqlite3_bind_int64(st, 1, sqlite3_last_insert_rowid(ix->db));
	bind_text(st, 2, t->text.data, n);
	bind_text(st, 3, t->thinking.data, m);
	return index_run(ix, st);
}

static struct row *
row_of(const struct rows *r, int turn)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->v[mid].turn < turn)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < r->n && r->v[lo].turn == turn ? &r->v[lo] : NULL;
}

static bool
same(const char *a, size_t n, const struct buf *b)
{
	return n == bounded(b->len) && (n == 0 || memcmp(a, b->data, n) == 0);
}

/* Only what has changed since is written. */
static int
put_turns(struct index *ix, int64_t convo, const struct convo *c,
    struct rows *old)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct turn *t = c->turns[i];
		struct row *w = row_of(old, t->id);

		if (t->removed || (t->text.len == 0 && t->thinking.len == 0))
			continue;
		if (w && same(w->text, w->n_text, &t->text) &&
		    same(w->thinking, w->n_thinking, &t->thinking)) {
			w->kept = true;
			continue;
		}
		if (put_turn(ix, convo, t) < 0)
			return -1;
	}
	for (size_t i = 0; i < old->n; i++)
		if (!old->v[i].kept && drop_row(ix, &old->v[i]) < 0)
			return -1;
	return 0;
}

static int
title_row(struct index *ix, enum stmt which, int64_t convo, const char *title)
{
	sqlite3_stmt *st = index_stmt(ix, which);

	if (!*title)
		return 0;
	if (!st)
		return -1;
	ix->gather = which == Q_TITLE_PUT;
	sqlite3_bind_int64(st, 1, convo);
	bind_text(st, 2, title, strlen(title));
	return index_run(ix, st);
}

static void
join_tags(const struct convo *c, struct buf *out)
{
	for (size_t i = 0; i < c->n_tags; i++)
		buf_printf(out, "%s%s", i ? "\n" : "", c->tags[i]);
}

/* good: what a list shows may be taken from here. */
static int
put_facts(struct index *ix, int64_t convo, const struct stale *s,
    const struct convo *c, bool good)
{
	sqlite3_stmt *st = index_stmt(ix, Q_CONVO_SEEN);
	struct buf tags = { 0 };
	int r;

	if (!st)
		return -1;
	join_tags(c, &tags);
	sqlite3_bind_int64(st, 1, convo);
	sqlite3_bind_int64(st, 2, s->size);
	sqlite3_bind_int64(st, 3, s->mtime);
	sqlite3_bind_int64(st, 4, c->created ? c->created :
	    s->mtime / 1000000);
	sqlite3_bind_int(st, 5, c->n ? c->turns[c->n - 1]->id : 0);
	bind_text(st, 6, c->title, strlen(c->title));
	sqlite3_bind_int(st, 7, (int)c->title_by);
	sqlite3_bind_int(st, 8, c->pinned);
	sqlite3_bind_int(st, 9, c->archived);
	bind_text(st, 10, tags.data, tags.len);
	sqlite3_bind_int64(st, 11, c->trashed);
	sqlite3_bind_int(st, 12, good);
	r = index_run(ix, st);
	buf_free(&tags);
	return r;
}

/* The row of a conversation and its title there: 1, 0: it has none, or -1. */
static int
find_convo(struct index *ix, const char *id, int64_t *row, int64_t *size,
    int64_t *mtime, char **title)
{
	sqlite3_stmt *st = index_stmt(ix, Q_CONVO);
	size_t n;
	int r;

	*title = NULL;
	if (!st)
		return -1;
	bind_text(st, 1, id, strlen(id));
	r = index_step(ix, st);
	if (r > 0) {
		*row = sqlite3_column_int64(st, 0);
		*size = sqlite3_column_int64(st, 1);
		*mtime = sqlite3_column_int64(st, 2);
		*title = column_copy(st, 3, &n);
	}
	sqlite3_reset(st);
	return r;
}

static int
new_convo(struct index *ix, const char *id, int64_t *row)
{
	sqlite3_stmt *st = index_stmt(ix, Q_CONVO_PUT);

	if (!st)
		return -1;
	bind_text(st, 1, id, strlen(id));
	if (index_run(ix, st) < 0)
		return -1;
	*row = sqlite3_last_insert_rowid(ix->db);
	return 0;
}

static int
put_convo(struct index *ix, int64_t row, const char *title,
    const struct stale *s, const struct convo *c, bool good)
{
	struct rows old;
	int r = rows_read(ix, row, &old);

	if (r == 0)
		r = put_turns(ix, row, c, &old);
	if (r == 0 && strcmp(title, c->title) != 0) {
		r = title_row(ix, Q_TITLE_DROP, row, title);
		if (r == 0)
			r = title_row(ix, Q_TITLE_PUT, row, c->title);
	}
	if (r == 0)
		r = put_facts(ix, row, s, c, good);
	rows_free(&old);
	return r;
}

/* One in the trash is not looked for. */
static struct convo *
read_convo(const struct store *store, const char *id, bool *good)
{
	struct err notice, err;
	struct convo *c = journal_read(store, id, &notice, &err);

	*good = c != NULL;
	if (!c)
		c = convo_new_as(id, 0);
	if (!c->trashed)
		return c;
	*good = false;
	convo_set_title(c, "");
	for (size_t i = 0; i < c->n; i++)
		c->turns[i]->removed = true;
	return c;
}

int
index_file(struct index *ix, const struct stale *s)
{
	int64_t row, size = -1, mtime = -1;
	struct convo *c;
	char *title;
	bool good;
	int r;

	if (s->gone)
		return index_drop(ix, s->id, NULL);
	r = find_convo(ix, s->id, &row, &size, &mtime, &title);
	/* Another fikr may have read it meanwhile. */
	if (r > 0 && size == s->size && mtime == s->mtime) {
		free(title);
		return 0;
	}
	if (r == 0)
		r = new_convo(ix, s->id, &row) < 0 ? -1 : 1;
	if (r > 0) {
		c = read_convo(ix->store, s->id, &good);
		r = put_convo(ix, row, title ? title : "", s, c, good);
		convo_free(c);
	}
	free(title);
	return r < 0 ? -1 : 0;
}

/* ---- taking out ---- */

static int
gather(void *ud, const struct word *w)
{
	if (!w->wide)
		vocab_add(ud, w->s, w->n, 1);
	return 0;
}

static int
drop_rows(struct index *ix, int64_t convo, struct vocab *words)
{
	struct rows old;
	int r = rows_read(ix, convo, &old);

	for (size_t i = 0; i < old.n && r == 0; i++) {
		const struct row *w = &old.v[i];

		if (words) {
			words_each(w->text, w->n_text, gather, words);
			words_each(w->thinking, w->n_thinking, gather, words);
		}
		r = drop_row(ix, w);
	}
	rows_free(&old);
	return r;
}

int
index_drop(struct index *ix, const char *id, struct vocab *words)
{
	int64_t row, size, mtime;
	sqlite3_stmt *st;
	char *title;
	int r = find_convo(ix, id, &row, &size, &mtime, &title);

	if (r <= 0)
		return r;
	if (words)
		words_each(title, strlen(title), gather, words);
	r = drop_rows(ix, row, words);
	if (r == 0)
		r = title_row(ix, Q_TITLE_DROP, row, title);
	free(title);
	st = r == 0 ? index_stmt(ix, Q_CONVO_DROP) : NULL;
	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, row);
	return index_run(ix, st);
}
