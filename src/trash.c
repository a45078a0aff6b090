/* trash.c -- see trash.h. */
#include "trash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "forget.h"
#include "index.h"
#include "journal_path.h"
#include "labels.h"
#include "paths.h"

#define DAY_MS ((int64_t)24 * 3600 * 1000)

static bool
has(const struct store *s, const char *id)
{
	char *path = journal_path(s->dir, id, ".yaml");
	bool there = journal_id_valid(id) && access(path, F_OK) == 0;

	free(path);
	return there;
}

/* What was torn off a file goes along with it, if it can. */
static int
move_files(const struct store *from, const struct store *to, const char *id,
    struct err *err)
{
	char *a = journal_path(from->dir, id, ".yaml");
	char *b = journal_path(to->dir, id, ".yaml");
	char *torn_a = journal_path(from->dir, id, ".yaml.torn");
	char *torn_b = journal_path(to->dir, id, ".yaml.torn");
	int r = 0;

	if (rename(a, b) < 0)
		r = err_set(err, "cannot move %s to %s: %s", a, b,
		    strerror(errno));
	else
		rename(torn_a, torn_b);
	free(a);
	free(b);
	free(torn_a);
	free(torn_b);
	/* Where it is now must last before where it was is gone. */
	if (r == 0)
		r = journal_sync_dir(to->dir, err);
	return r == 0 ? journal_sync_dir(from->dir, err) : r;
}

static int
not_there(const char *id, struct err *err)
{
	return err_set(err, "there is no conversation %s in the trash; "
	    "`fikr trash` prints those there are", id);
}

/* Says first when, then moves, both under the file's lock. */
static int
move(const struct store *from, const struct store *to, const char *id,
    int64_t trashed, struct err *err)
{
	struct label_change l = LABELS_AS_THEY_ARE;
	struct convo *c;
	struct journal *j;
	int r;

	if (from != to && has(to, id))
		return err_set(err, "cannot move conversation %s: one of that "
		    "id exists in %s", id, to->dir);
	j = labels_open(from, id, &c, err);
	if (!j)
		return -1;
	l.trashed = trashed;
	r = from == to && c->trashed == trashed ? not_there(id, err) :
	    labels_apply(c, &l, err);
	if (r == 0)
		r = journal_labels(j, c, err);
	if (r == 0 && from != to)
		r = move_files(from, to, id, err);
	journal_close(j);
	convo_free(c);
	return r;
}

int
trash_put(const struct store *store, const char *id, int64_t now,
    struct err *err)
{
	struct store trash = store_trash(store);
	int r = path_make_dir(trash.dir, err);

	if (r == 0)
		r = move(store, &trash, id, now, err);
	free(trash.dir);
	return r;
}

int
trash_restore(const struct store *store, const char *id, struct err *err)
{
	struct store trash = store_trash(store);
	int r;

	if (has(&trash, id))
		r = move(&trash, store, id, 0, err);
	else if (has(store, id))
		r = move(store, store, id, 0, err);
	else
		r = not_there(id, err);
	free(trash.dir);
	return r;
}

/* ---- what is there ---- */

static void
add_trashed(struct convo_info **v, int *n, struct convo_info *c)
{
	*v = xreallocarray(*v, (size_t)*n + 1, sizeof(**v));
	(*v)[(*n)++] = *c;
	*c = (struct convo_info){ 0 };
}

static int
last_deleted_first(const void *a, const void *b)
{
	const struct convo_info *x = a, *y = b;

	if (x->trashed != y->trashed)
		return x->trashed < y->trashed ? 1 : -1;
	return strcmp(y->id, x->id);
}

int
trash_list(const struct store *store, struct convo_info **out,
    struct err *err)
{
	struct store trash = store_trash(store);
	struct convo_info *v = NULL, *rest = NULL;
	int n = journal_list(&trash, &v, err), n_rest;

	free(trash.dir);
	*out = NULL;
	if (n < 0)
		return -1;
	n_rest = index_list(store, &rest, err);
	for (int i = 0; i < n_rest; i++)
		if (rest[i].trashed)
			add_trashed(&v, &n, &rest[i]);
	convo_infos_free(rest, n_rest > 0 ? n_rest : 0);
	if (n_rest < 0) {
		convo_infos_free(v, n);
		return -1;
	}
	if (n > 0)
		qsort(v, (size_t)n, sizeof(*v), last_deleted_first);
	*out = v;
	return n;
}

int
trash_days_left(const struct convo_info *c, int64_t now)
{
	int64_t age = c->trashed > 0 && c->trashed <= now ?
	    now - c->trashed : 0;

	return age >= TRASH_DAYS * DAY_MS ? 0 :
	    (int)((TRASH_DAYS * DAY_MS - age + DAY_MS - 1) / DAY_MS);
}

/* ---- for good ---- */

int
trash_forget(const struct store *store, const char *id, struct err *err)
{
	struct store trash = store_trash(store);
	struct forgotten f;
	int r;

	/* Another one of the same id is none of the trash's business. */
	if (has(&trash, id) && has(store, id))
		r = journal_delete(&trash, id, err);
	else
		r = forget_convo(store, id, &f, err);
	free(trash.dir);
	return r;
}

/* One that lies there without a time begins now; one whose move was cut short
 * is moved. */
static void
settle(const struct store *store, const struct convo_info *c, int64_t now)
{
	struct store trash = store_trash(store);
	int64_t since = c->trashed > 0 && c->trashed <= now ? c->trashed : now;

	if (has(&trash, c->id) && since != c->trashed)
		move(&trash, &trash, c->id, since, NULL);
	else if (!has(&trash, c->id) && path_make_dir(trash.dir, NULL) == 0)
		move(store, &trash, c->id, since, NULL);
	free(trash.dir);
}

int
trash_empty(const struct store *store, int64_t now, bool all,
    struct err *err)
{
	struct convo_info *v;
	int n = trash_list(store, &v, err), gone = 0;
	bool failed = n < 0;

	for (int i = 0; i < n; i++) {
		if (!all && trash_days_left(&v[i], now) > 0)
			settle(store, &v[i], now);
		else if (trash_forget(store, v[i].id, err) == 0)
			gone++;
		else
			failed = true;
	}
	convo_infos_free(v, n > 0 ? n : 0);
	return failed ? -1 : gone;
}

/* The time of an empty file says when it was done last.  One that is still to
 * come was written before the clock was set back. */
static bool
is_due(const char *path, int64_t now)
{
	struct stat st;
	int64_t last;

	if (stat(path, &st) < 0)
		return true;
	last = (int64_t)st.st_mtim.tv_sec * 1000;
	return now < last || now - last >= DAY_MS;
}

static void
mark_done(const char *path, int64_t now)
{
	const struct timespec t[2] = { { .tv_nsec = UTIME_OMIT },
		{ .tv_sec = now / 1000 } };
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	futimens(fd, t);
	close(fd);
}

void
trash_tidy(const struct store *store, int64_t now)
{
	struct store trash = store_trash(store);
	char *path = journal_path(trash.dir, "tidied", "");

	if (access(trash.dir, W_OK) == 0 && is_due(path, now)) {
		trash_empty(store, now, false, NULL);
		mark_done(path, now);
	}
	free(path);
	free(trash.dir);
}
