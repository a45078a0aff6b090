/* vault_file.c -- a file of the store, converted: read, made anew beside it,
 * synced, put in its place, and only then is the old one written over. */
#include "vault_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "event.h"
#include "files.h"
#include "journal_path.h"
#include "wipe.h"

#define FILE_MAX (512u << 20)	/* as journal.c reads */
#define TITLE_EVERY 8192	/* as journal.c repeats it */

/* A file on its way. */
struct turnover {
	const struct vault *v;
	const char *path, *id;
	int fd;
	struct stat st;
	struct buf in, out;
	int changed;		/* documents */
	struct buf title;	/* the document with the last one */
	size_t title_at;	/* where that is in out */
	struct buf bad;		/* boxes that did not open, */
	int n_bad;
};

static int
read_in(struct turnover *t, struct err *err)
{
	char block[65536];
	ssize_t r;

	t->fd = open(t->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY |
	    O_NONBLOCK);
	if (t->fd < 0)
		return err_set(err, "cannot open %s: %s", t->path,
		    strerror(errno));
	if (flock(t->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return err_set(err, "conversation %s is open, here or in "
		    "another fikr; close it first", t->id);
	if (fstat(t->fd, &t->st) < 0 || !S_ISREG(t->st.st_mode) ||
	    t->st.st_size > FILE_MAX)
		return err_set(err, "%s is not a file, or larger than %u MiB",
		    t->path, FILE_MAX >> 20);
	while ((r = read(t->fd, block, sizeof(block))) != 0) {
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 || t->in.len > FILE_MAX)
			return err_set(err, "cannot read %s: %s", t->path,
			    r < 0 ? strerror(errno) : "it grows");
		buf_add(&t->in, block, (size_t)r);
	}
	return 0;
}

static void
done(struct turnover *t)
{
	if (t->fd >= 0)
		close(t->fd);
	buf_free(&t->in);
	buf_free(&t->out);
	buf_free(&t->title);
	buf_free(&t->bad);
}

/* The list is ordered by the files' times: they stay. */
static int
write_beside(const struct turnover *t, const char *path)
{
	const struct timespec times[2] = { t->st.st_atim, t->st.st_mtim };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	bool ok;

	if (fd < 0)
		return -1;
	ok = files_write(fd, t->out.data, t->out.len) == 0 &&
	    futimens(fd, times) == 0 &&
	    fsync(fd) == 0;
	return close(fd) == 0 && ok ? 0 : -1;
}

static int
sync_folder(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path)) :
	    xstrdup(".");
	int r = journal_sync_dir(dir, err);

	free(dir);
	return r;
}

static int
put_in_place(struct turnover *t, struct err *err)
{
	char *beside = xasprintf("%s.new", t->path);
	int r = 0;

	if (write_beside(t, beside) < 0 || rename(beside, t->path) < 0) {
		r = err_set(err, "cannot write %s: %s", beside,
		    strerror(errno));
		unlink(beside);
	}
	if (r == 0)
		r = sync_folder(t->path, err);
	if (r == 0)
		wipe_fd(t->fd);
	free(beside);
	return r;
}

/* ---- sealing ---------------------------------------------------------- */

static bool
is_cover(const struct event_span *s)
{
	static const char cover[] = "---\nevent: conversation\nversion: 2\n";

	return s->kind == SPAN_DOC && s->n >= sizeof(cover) - 1 &&
	    memcmp(s->p, cover, sizeof(cover) - 1) == 0;
}

static int
put_cover(struct turnover *t, struct err *err)
{
	struct convo *c = convo_new_as(t->id, 0);
	struct event_span s;
	size_t pos = 0;
	int r;

	/* The first document, if whole, knows when it began. */
	if (event_next(t->in.data, t->in.len, &pos, &s) &&
	    event_apply(c, &s) == EVENT_NEWER)
		r = err_set(err, "%s was written by a newer fikr; it stays as "
		    "it is", t->path);
	else
		r = event_put_cover(&t->out, c, err);
	convo_free(c);
	return r;
}

/* A stretch of the old file, s in it: what is sealed already is copied. */
static int
seal_stretch(struct turnover *t, const char *p, size_t n,
    const struct event_span *s, struct err *err)
{
	int turn;

	if (event_peek(s, &turn) == EVENT_SEALED || is_cover(s)) {
		buf_add(&t->out, p, n);
		return 0;
	}
	t->changed++;
	return event_put_sealed(&t->out, t->v, t->id, p, n, err);
}

/* The list of conversations looks for a title at the end of each file, and
 * sealed documents take more room than they had. */
static int
repeat_title(struct turnover *t, struct err *err)
{
	if (t->title.len == 0 || t->out.len - t->title_at < TITLE_EVERY)
		return 0;
	return event_put_sealed(&t->out, t->v, t->id, t->title.data,
	    t->title.len, err);
}

/* What s holds may be sealed already: a store may be half converted. */
static void
note_title(struct turnover *t, struct event_span s, struct buf *room)
{
	int turn;

	event_unseal(t->v, t->id, &s, room);
	if (event_peek(&s, &turn) != EVENT_TITLE)
		return;
	buf_clear(&t->title);
	buf_add(&t->title, s.p, s.n);
	t->title_at = t->out.len;
}

static int
seal_all(struct turnover *t, struct err *err)
{
	struct event_span s, more;
	struct buf room = { 0 };
	size_t pos = 0, from = 0, ahead;
	int r = 0;

	while (r == 0 && event_next(t->in.data, t->in.len, &pos, &s)) {
		note_title(t, s, &room);
		ahead = pos;
		/* Comments behind the last document go with it. */
		if (!event_next(t->in.data, t->in.len, &ahead, &more))
			pos = t->in.len;
		r = seal_stretch(t, t->in.data + from, pos - from, &s, err);
		from = pos;
	}
	buf_free(&room);
	return r < 0 ? r : repeat_title(t, err);
}

static bool
is_torn_file(const char *path)
{
	size_t n = strlen(path);

	return n > 5 && strcmp(path + n - 5, ".torn") == 0;
}

static bool
begins_with_cover(const struct turnover *t)
{
	struct event_span s;
	size_t pos = 0;

	return event_next(t->in.data, t->in.len, &pos, &s) && is_cover(&s);
}

static int
check_size(const struct turnover *t, struct err *err)
{
	return t->out.len <= FILE_MAX ? 0 : err_set(err, "%s would be larger "
	    "than %u MiB", t->path, FILE_MAX >> 20);
}

int
vault_file_seal(const struct vault *v, const char *path, const char *id,
    struct err *err)
{
	struct turnover t = { .v = v, .path = path, .id = id, .fd = -1 };
	int r = read_in(&t, err);

	if (r == 0 && !is_torn_file(path) && !begins_with_cover(&t))
		r = put_cover(&t, err);
	if (r == 0)
		r = seal_all(&t, err);
	if (r == 0 && t.changed) {
		r = check_size(&t, err) < 0 || put_in_place(&t, err) < 0 ?
		    -1 : 1;
	}
	done(&t);
	return r;
}

/* ---- unsealing -------------------------------------------------------- */

static void
unseal_all(struct turnover *t)
{
	struct event_span whole, s;
	struct buf room = { 0 };
	size_t pos = 0, from = 0;
	int turn;

	while (event_next(t->in.data, t->in.len, &pos, &whole)) {
		s = whole;
		event_unseal(t->v, t->id, &s, &room);
		if (event_peek(&whole, &turn) != EVENT_SEALED) {
			if (is_cover(&whole))
				t->changed++;
			else
				buf_add(&t->out, t->in.data + from,
				    pos - from);
		} else if (s.n > 0) {
			t->changed++;
			buf_add(&t->out, room.data, room.len);
		} else {
			t->changed++;
			t->n_bad++;
			buf_add(&t->bad, whole.p, whole.n);
		}
		from = pos;
	}
	buf_free(&room);
}

/* What cannot be read is kept all the same. */
static int
keep_bad(const struct turnover *t, const char *torn, struct err *err)
{
	int fd, r;

	if (t->bad.len == 0)
		return 0;
	fd = open(torn, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	r = fd >= 0 && files_write(fd, t->bad.data,
	    t->bad.len) == 0 && fsync(fd) == 0 ? 0 :
	    err_set(err, "cannot write %s: %s", torn, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r;
}

int
vault_file_unseal(const struct vault *v, const char *path, const char *id,
    const char *torn, int *torn_boxes, struct err *err)
{
	struct turnover t = { .v = v, .path = path, .id = id, .fd = -1 };
	int r = read_in(&t, err);

	if (r == 0)
		unseal_all(&t);
	if (r == 0 && t.changed) {
		/* In the file of tails itself they would not last. */
		if (is_torn_file(path))
			buf_add(&t.out, t.bad.data, t.bad.len);
		else
			r = keep_bad(&t, torn, err);
		if (r == 0 && put_in_place(&t, err) == 0)
			r = 1;
		else
			r = -1;
	}
	*torn_boxes += t.n_bad;
	done(&t);
	return r;
}
