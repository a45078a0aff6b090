/* copy.c -- the file of a conversation, written at once. */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "event.h"
#include "files.h"
#include "journal.h"
#include "journal_path.h"
#include "paths.h"

#define FILE_MAX (512u << 20)	/* more is not read back */
#define TRIES 64
#define DRAFT ".yaml.new"	/* until it is whole */
#define MANY 8			/* are synced with all that is there */

/* The labels come last, where the list looks for them. */
static int
put_documents(struct buf *out, const struct convo *c, struct err *err)
{
	const struct turn *head = convo_turn(c, c->head);
	int r = event_put_header(out, c, err), last = 0;

	if (r == 0 && (c->system || c->persona))
		r = event_put_system(out, c, err);
	for (size_t i = 0; i < c->n && r == 0; i++) {
		if (c->turns[i]->removed)
			continue;
		last = c->turns[i]->id;
		r = event_put_turn(out, c->turns[i], err);
	}
	if (r == 0 && head && head->id != last)
		r = event_put_head(out, head, err);
	if (r == 0)
		r = event_put_title(out, c, last, err);
	if (r == 0 && out->len > FILE_MAX) {
		err_set(err, "the conversation “%s” is larger than %u MiB",
		    c->title, FILE_MAX >> 20);
		r = COPY_TOO_LARGE;
	}
	return r;
}

static int
seal(struct buf *out, const struct vault *v, const struct convo *c,
    const struct buf *clear, struct err *err)
{
	struct event_span s;
	size_t pos = 0;

	if (event_put_cover(out, c, err) < 0)
		return -1;
	while (event_next(clear->data, clear->len, &pos, &s))
		if (event_put_sealed(out, v, c->id, s.p, s.n, err) < 0)
			return -1;
	return 0;
}

static int
put_file(struct buf *out, const struct store *store, const struct convo *c,
    struct err *err)
{
	struct buf clear = { 0 };
	int r = put_documents(store->vault ? &clear : out, c, err);

	if (r == 0 && store->vault)
		r = seal(out, store->vault, c, &clear, err);
	buf_free(&clear);
	return r;
}

static int64_t
last_moment(const struct convo *c)
{
	int64_t last = c->created;

	for (size_t i = 0; i < c->n; i++) {
		if (c->turns[i]->t_start > last)
			last = c->turns[i]->t_start;
		if (c->turns[i]->t_end > last)
			last = c->turns[i]->t_end;
	}
	return last;
}

static int
write_all(int fd, const struct buf *b, int64_t when)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		{ when / 1000, (long)(when % 1000) * 1000000 } };

	if (files_write(fd, b->data, b->len) < 0)
		return -1;
	if (when > 0)
		futimens(fd, times);
	return 0;
}

static bool
is_taken(const struct store *store, const struct copies *v, const char *id)
{
	char *path = journal_path(store->dir, id, ".yaml");
	bool taken = access(path, F_OK) == 0;

	for (size_t i = 0; i < v->n && !taken; i++)
		taken = strcmp(v->ids[i], id) == 0;
	free(path);
	return taken;
}

static int
write_draft(const struct store *store, const struct convo *c,
    struct err *err)
{
	char *draft = journal_path(store->dir, c->id, DRAFT);
	struct buf b = { 0 };
	int fd = -1, r = put_file(&b, store, c, err);

	if (r == 0) {
		fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
		    O_NOFOLLOW, 0600);
		if (fd < 0 || write_all(fd, &b, last_moment(c)) < 0) {
			r = err_set(err, "cannot write %s: %s", draft,
			    strerror(errno));
			unlink(draft);
		}
	}
	if (fd >= 0)
		close(fd);
	buf_free(&b);
	free(draft);
	return r;
}

/* The same id with another end. */
static void
change_id(struct convo *c)
{
	unsigned short salt;
	size_t n = strlen(c->id);

	if (getrandom(&salt, sizeof(salt), GRND_NONBLOCK) != sizeof(salt))
		salt = (unsigned short)(c->created + (int64_t)n);
	if (n < 4 || n > sizeof(c->id) - 1)
		n = 4;
	snprintf(c->id + n - 4, 5, "%04x", (unsigned)salt);
}

static int
find_name(const struct store *store, const struct copies *v, struct convo *c,
    struct err *err)
{
	for (int i = 0; i < TRIES && is_taken(store, v, c->id); i++)
		change_id(c);
	return is_taken(store, v, c->id) ? err_set(err, "no name is free for "
	    "the conversation “%s”", c->title) : 0;
}

int
copy_draft(const struct store *store, struct convo *c, struct copies *v,
    struct err *err)
{
	int r;

	if (!journal_id_valid(c->id))
		return err_set(err, "\"%s\" cannot be the name of a "
		    "conversation", c->id);
	if (path_make_dir(store->dir, err) < 0)
		return -1;
	if (journal_check_store(store, err) < 0)
		return -1;
	if (find_name(store, v, c, err) < 0)
		return -1;
	r = write_draft(store, c, err);
	if (r < 0)
		return r;
	if (v->n == v->cap) {
		v->cap = v->cap ? 2 * v->cap : 1;
		v->ids = xreallocarray(v->ids, v->cap, sizeof(*v->ids));
	}
	memcpy(v->ids[v->n++], c->id, sizeof(c->id));
	return 0;
}

/* ---- names ---- */

/* Some file systems know no sync and say so. */
static int
sync_fd(int fd, bool all)
{
	int r = fd < 0 ? -1 : all ? syncfs(fd) : fsync(fd);

	return r < 0 && errno != EINVAL && errno != ENOSYS ? -1 : 0;
}

static int
sync_drafts(const struct store *store, const struct copies *v)
{
	bool all = v->n >= MANY;
	int r = 0;

	for (size_t i = 0; i < (all ? 1 : v->n) && r == 0; i++) {
		char *path = journal_path(store->dir, v->ids[i], DRAFT);
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

		r = sync_fd(fd, all);
		if (fd >= 0)
			close(fd);
		free(path);
	}
	return r;
}

/* Give the file its name unless that is taken. */
static int
name_draft(const struct store *store, const char *id)
{
	char *draft = journal_path(store->dir, id, DRAFT);
	char *path = journal_path(store->dir, id, ".yaml");
	int r = files_rename_new(draft, path);

	free(draft);
	free(path);
	return r;
}

static void
drop_draft(const struct store *store, const char *id)
{
	char *draft = journal_path(store->dir, id, DRAFT);

	unlink(draft);
	free(draft);
}

int
copies_finish(const struct store *store, struct copies *v, struct err *err)
{
	int r = 0;

	if (v->n && sync_drafts(store, v) < 0)
		r = err_set(err, "cannot save to %s: %s", store->dir,
		    strerror(errno));
	for (size_t i = 0; i < v->n; i++) {
		if (r == 0 && name_draft(store, v->ids[i]) < 0)
			r = err_set(err, "cannot save conversation %s: %s",
			    v->ids[i], strerror(errno));
		if (r < 0)
			drop_draft(store, v->ids[i]);
	}
	if (v->n && r == 0)
		r = journal_sync_dir(store->dir, err);
	free(v->ids);
	*v = (struct copies){ 0 };
	return r;
}

int
copy_write(const struct store *store, struct convo *c, struct err *err)
{
	struct copies one = { 0 };
	int r = copy_draft(store, c, &one, err);

	return r < 0 ? r : copies_finish(store, &one, err);
}
