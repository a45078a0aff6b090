/* index_refresh.c -- the index kept up to date, listed from, and made to
 * forget. */
#include "index_priv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "journal_path.h"
#include "paths.h"

#define BATCH (8u << 20)	/* bytes of files in a transaction */
#define BUSY_TRIES 12		/* each INDEX_BUSY_MS long */

/* ---- what has changed ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct stale *)a)->id,
	    ((const struct stale *)b)->id);
}

/* Oldest change first, so that what is newest is found first. */
static int
by_time(const void *a, const void *b)
{
	const struct stale *x = a, *y = b;

	if (x->gone != y->gone)
		return x->gone ? -1 : 1;
	if (x->mtime != y->mtime)
		return x->mtime < y->mtime ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* What the index says it has read, by name. */
static struct stale *
read_seen(struct index *ix, size_t *n)
{
	sqlite3_stmt *st = index_stmt(ix, Q_CONVOS);
	struct stale *v = NULL;

	*n = 0;
	while (st && index_step(ix, st) > 0) {
		const char *id = (const char *)sqlite3_column_text(st, 0);
		struct stale s = { .size = sqlite3_column_int64(st, 1),
			.mtime = sqlite3_column_int64(st, 2), .gone = true };

		if (!id || strlen(id) >= sizeof(s.id))
			continue;
		memcpy(s.id, id, strlen(id) + 1);
		if ((*n & (*n - 1)) == 0)
			v = xreallocarray(v, *n ? 2 * *n : 1, sizeof(*v));
		v[(*n)++] = s;
	}
	if (st)
		sqlite3_reset(st);
	if (*n > 1)
		qsort(v, *n, sizeof(*v), by_name);
	return v;
}

static void
compare(struct index *ix, struct stale *seen, size_t n_seen,
    const struct journal_file *f, int n)
{
	size_t m = 0;

	for (int i = 0; i < n; i++) {
		struct stale s = { .size = f[i].size, .mtime = f[i].mtime };
		struct stale *was;

		memcpy(s.id, f[i].id, sizeof(s.id));
		was = n_seen ? bsearch(&s, seen, n_seen, sizeof(*seen),
		    by_name) : NULL;
		if (was)
			was->gone = false;
		if (was && was->size == s.size && was->mtime == s.mtime)
			continue;
		ix->stale[m++] = s;
	}
	for (size_t i = 0; i < n_seen; i++)
		if (seen[i].gone)
			ix->stale[m++] = seen[i];
	ix->n_stale = m;
	if (m > 1)
		qsort(ix->stale, m, sizeof(*ix->stale), by_time);
}

void
index_scan(struct index *ix)
{
	struct journal_file *f = NULL;
	struct stale *seen;
	size_t n_seen;
	int n = journal_files(ix->store->dir, &f, NULL);

	free(ix->stale);
	ix->stale = NULL;
	ix->n_stale = ix->at = 0;
	if (n < 0)
		return;		/* what was read before is all there is */
	seen = read_seen(ix, &n_seen);
	if (ix->broken) {
		index_db_reset(ix);
		n_seen = 0;
	}
	ix->stale = xcalloc((size_t)n + n_seen + 1, sizeof(*ix->stale));
	compare(ix, seen, n_seen, f, n);
	free(seen);
	free(f);
}

/* ---- reading it ---- */

static int
read_batch(struct index *ix, size_t bytes, size_t *read)
{
	bool many = ix->at > 0;	/* not the first batch */

	*read = 0;
	do {
		const struct stale *s = &ix->stale[ix->at];

		if (index_file(ix, s) < 0)
			return -1;
		*read += s->gone ? 4096 : (size_t)s->size + 512;
		ix->at++;
	} while (ix->at < ix->n_stale && *read < bytes);
	return index_vocab_save(ix, many && ix->at == ix->n_stale);
}

static void
rollback(struct index *ix)
{
	/* Whatever went wrong, the transaction must be over. */
	if (ix->db && !sqlite3_get_autocommit(ix->db))
		sqlite3_exec(ix->db, "ROLLBACK", NULL, NULL, NULL);
	vocab_free(&ix->vocab);
}

/* Whoever calls does better things than to wait. */
static int
start(struct index *ix)
{
	int r;

	if (!ix->db) {
		ix->broken = true;
		return -1;
	}
	sqlite3_busy_timeout(ix->db, 0);
	r = index_run(ix, index_stmt(ix, Q_BEGIN));
	sqlite3_busy_timeout(ix->db, INDEX_BUSY_MS);
	return r;
}

enum index_state
index_refresh(struct index *ix, size_t bytes)
{
	size_t from = ix->at, read;

	if (ix->at >= ix->n_stale)
		return INDEX_READY;
	if (!ix->broken && start(ix) < 0 && !ix->broken)
		return INDEX_BUSY;
	if (!ix->broken && read_batch(ix, bytes, &read) == 0 &&
	    index_run(ix, index_stmt(ix, Q_COMMIT)) == 0)
		return ix->at < ix->n_stale ? INDEX_MORE : INDEX_READY;
	rollback(ix);
	ix->at = from;
	if (ix->resets > 1)	/* not even in memory */
		return INDEX_READY;
	index_db_reset(ix);
	index_scan(ix);
	return ix->n_stale ? INDEX_MORE : INDEX_READY;
}

void
index_progress(const struct index *ix, size_t *done, size_t *all)
{
	*done = ix->at;
	*all = ix->n_stale;
}

void
index_update(struct index *ix)
{
	enum index_state s;
	int busy = 0;

	index_scan(ix);
	while ((s = index_refresh(ix, BATCH)) != INDEX_READY)
		if (s == INDEX_BUSY) {
			if (++busy >= BUSY_TRIES)
				return;
			usleep(1000 * INDEX_BUSY_MS);
		}
}

/* ---- listing from it ---- */

static void
split_tags(struct convo_info *v, const char *tags)
{
	while (tags && *tags) {
		size_t n = strcspn(tags, "\n");

		v->tags = xreallocarray(v->tags, v->n_tags + 1,
		    sizeof(*v->tags));
		v->tags[v->n_tags++] = xstrndup(tags, n);
		tags += n + (tags[n] == '\n');
	}
}

static void
read_facts(sqlite3_stmt *st, struct convo_info *v)
{
	const char *title = (const char *)sqlite3_column_text(st, 5);

	v->size = sqlite3_column_int(st, 11) ? sqlite3_column_int64(st, 1) :
	    -1;
	v->mtime = sqlite3_column_int64(st, 2);
	v->changed = v->mtime / 1000000;
	v->created = sqlite3_column_int64(st, 3);
	v->turns = sqlite3_column_int(st, 4);
	v->title = xstrdup(title ? title : "");
	v->title_by = (enum title_by)sqlite3_column_int(st, 6);
	v->pinned = sqlite3_column_int(st, 7);
	v->archived = sqlite3_column_int(st, 8);
	split_tags(v, (const char *)sqlite3_column_text(st, 9));
	v->trashed = sqlite3_column_int64(st, 10);
}

static int
read_known(struct index *ix, struct convo_info **out)
{
	sqlite3_stmt *st = index_stmt(ix, Q_CONVOS);
	struct convo_info *v = NULL;
	int n = 0;

	while (st && index_step(ix, st) > 0) {
		const char *id = (const char *)sqlite3_column_text(st, 0);

		if (!id || strlen(id) >= sizeof(v->id))
			continue;
		if ((n & (n - 1)) == 0)
			v = xreallocarray(v, n ? 2 * (size_t)n : 1,
			    sizeof(*v));
		v[n] = (struct convo_info){ 0 };
		memcpy(v[n].id, id, strlen(id) + 1);
		read_facts(st, &v[n++]);
	}
	if (st)
		sqlite3_reset(st);
	*out = v;
	return n;
}

/* An index for a look: only one that is there. */
static struct index *
open_existing(const struct store *store)
{
	char *path = path_cache("index.sqlite");
	bool there = !store->vault && access(path, F_OK) == 0;

	free(path);
	return there ? index_open(store) : NULL;
}

int
index_list(const struct store *store, struct convo_info **out,
    struct err *err)
{
	struct index *ix = open_existing(store);
	struct convo_info *known = NULL;
	int n_known = ix ? read_known(ix, &known) : 0;
	int n;

	index_close(ix);
	n = journal_list_known(store, known, n_known, out, err);
	convo_infos_free(known, n_known);
	return n;
}

/* ---- forgetting ---- */

/* Of the words of what is gone, those that nothing else has. */
static int
keep_orphans(struct index *ix, struct vocab *words, struct vocab *orphans)
{
	struct vocab_word w;

	for (size_t at = 0; vocab_each(words, &at, &w); ) {
		sqlite3_stmt *st = index_stmt(ix, Q_ANY);
		char *phrase = xasprintf("\"%.*s\"", (int)w.n, w.s);
		int r = -1;

		if (st) {
			sqlite3_bind_text(st, 1, phrase, -1, SQLITE_STATIC);
			r = index_step(ix, st);
			if (r > 0 && sqlite3_column_int(st, 0) == 0)
				vocab_add(orphans, w.s, w.n, 1);
			sqlite3_reset(st);
		}
		free(phrase);
		if (r < 0)
			return -1;
	}
	return 0;
}

static int
forget(struct index *ix, const char *id)
{
	struct vocab words = { 0 }, orphans = { 0 };
	int r = -1;

	if (index_drop(ix, id, &words) == 0 &&
	    /* until then it is still in FTS5's older pieces */
	    index_exec(ix, "INSERT INTO said(said) VALUES('optimize');"
	    "INSERT INTO titles(titles) VALUES('optimize')") == 0 &&
	    keep_orphans(ix, &words, &orphans) == 0)
		r = index_vocab_merge(ix, &orphans);
	vocab_free(&words);
	vocab_free(&orphans);
	return r;
}

static int
begin(struct index *ix)
{
	for (int i = 0; i < BUSY_TRIES && !ix->broken; i++)
		if (index_run(ix, index_stmt(ix, Q_BEGIN)) == 0)
			return 0;
	return -1;
}

/* The log of what was written holds what was deleted, until it is empty. */
static int
empty_log(struct index *ix)
{
	for (int i = 0; i < BUSY_TRIES; i++) {
		int code = sqlite3_wal_checkpoint_v2(ix->db, NULL,
		    SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

		if (code != SQLITE_BUSY && code != SQLITE_LOCKED)
			return code == SQLITE_OK ? 0 : -1;
	}
	return -1;
}

int
index_forget(const struct store *store, const char *id, struct err *err)
{
	struct index *ix = open_existing(store);
	bool busy = false, done = false;
	char *path;

	if (!ix)
		return 0;
	if (!ix->path || begin(ix) < 0) {
		busy = !ix->broken;
	} else if (forget(ix, id) == 0 &&
	    index_run(ix, index_stmt(ix, Q_COMMIT)) == 0) {
		done = empty_log(ix) == 0;
		busy = !done;
	}
	if (!done)
		rollback(ix);
	index_close(ix);
	if (done)
		return 0;
	path = path_cache("index.sqlite");
	if (busy)
		err_set(err, "cannot take conversation %s out of %s: another "
		    "fikr is using it; end that one and try again", id, path);
	else
		index_files_remove(path);	/* damaged: all of it goes */
	free(path);
	return busy ? -1 : 0;
}
