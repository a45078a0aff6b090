/* journal_open.c -- making the file of a conversation, and reading one: what is
 * damaged is passed over, what was torn at the end is set aside. */
#include "journal_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "event.h"
#include "files.h"
#include "i18n.h"
#include "journal_path.h"
#include "paths.h"

#define FILE_MAX (512u << 20)
#define ID_TRIES 100

static struct journal *
journal_new(const struct store *store, const char *id)
{
	struct journal *j = xcalloc(1, sizeof(*j));

	j->fd = -1;
	j->path = journal_path(store->dir, id, ".yaml");
	j->store = store;
	j->labels = convo_new_as(id, 0);
	return j;
}

/* The first document; in an encrypted store the second, behind a cover. */
static int
put_header(struct journal *j, const struct convo *c, struct err *err)
{
	if (j->store->vault && event_put_cover(&j->queue, c, err) < 0)
		return -1;
	j->queue_ready = j->queue.len;
	return event_put_header(&j->queue, c, err);
}

int
journal_check_store(const struct store *store, struct err *err)
{
	if (vault_exists(store->dir) == (store->vault != NULL))
		return 0;
	return err_set(err, store->vault ? N_("the conversations are no "
	    "longer encrypted; start fikr again to save more") :
	    N_("the conversations are encrypted, and the passphrase was not "
	    "given; start fikr again to save more"));
}

/* Clocks are set back, so an id of this second may be another's: then another
 * one is taken. */
static int
make_file(struct journal *j, struct convo *c, struct err *err)
{
	for (int tries = 0; tries < ID_TRIES; tries++) {
		j->fd = open(j->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		    0600);
		if (j->fd >= 0)
			break;
		if (errno != EEXIST)
			return err_set(err, "cannot create %s: %s", j->path,
			    strerror(errno));
		convo_new_id(c, c->created);
		free(j->path);
		j->path = journal_path(j->store->dir, c->id, ".yaml");
	}
	if (j->fd < 0)
		return err_set(err, "cannot create %s: it exists, and so do "
		    "others like it", j->path);
	flock(j->fd, LOCK_EX | LOCK_NB);	/* nobody knows of it yet */
	return 0;
}

struct journal *
journal_create(const struct store *store, struct convo *c, struct err *err)
{
	struct journal *j;

	if (!journal_id_valid(c->id)) {
		err_set(err, "\"%s\" cannot be the name of a conversation",
		    c->id);
		return NULL;
	}
	if (path_make_dir(store->dir, err) < 0 ||
	    journal_check_store(store, err) < 0)
		return NULL;
	j = journal_new(store, c->id);
	if (make_file(j, c, err) < 0) {
		journal_close(j);
		return NULL;
	}
	snprintf(j->labels->id, sizeof(j->labels->id), "%s", c->id);
	convo_copy_labels(j->labels, c);
	if (put_header(j, c, err) < 0 ||
	    (*c->title && journal_put_title(j, err) < 0)) {
		journal_close(j);
		return NULL;
	}
	/* A full disk may have room later: journal_begin tells, if not. */
	journal_flush(j, NULL);
	return j;
}

/* Open the file and lock it, or take it read-only and say why.  One that is
 * read-only already needs no lock: the end of the file only ever grows. */
static int
open_locked(struct journal *j, const char *id, struct err *notice,
    struct err *err)
{
	int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

	if (!j->readonly)
		j->fd = open(j->path, O_RDWR | flags);
	if (!j->readonly && j->fd < 0 && (errno == EACCES ||
	    errno == EROFS || errno == EPERM)) {
		err_set(notice, "%s may not be written (%s): opened for "
		    "reading only", j->path, strerror(errno));
		j->readonly = true;
	}
	if (j->readonly)
		j->fd = open(j->path, O_RDONLY | flags);
	if (j->fd < 0 && errno == ENOENT)
		return err_set(err, "there is no conversation %s; `fikr list` "
		    "prints those there are", id);
	if (j->fd < 0)
		return err_set(err, "cannot open %s: %s", j->path,
		    strerror(errno));
	if (j->readonly || flock(j->fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return 0;	/* a file system without locks */
	err_set(notice, "conversation %s is open in another fikr: opened for "
	    "reading only", id);
	j->readonly = true;
	return 0;
}

static int
read_file(struct journal *j, struct buf *text, struct stat *st,
    struct err *err)
{
	char block[65536];
	ssize_t got;

	if (fstat(j->fd, st) < 0 || !S_ISREG(st->st_mode))
		return err_set(err, "%s is not a file", j->path);
	if (st->st_size > FILE_MAX)
		return err_set(err, "%s is larger than %u MiB", j->path,
		    FILE_MAX >> 20);
	while (text->len < (size_t)st->st_size) {
		got = pread(j->fd, block, sizeof(block), (off_t)text->len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, "cannot read %s: %s", j->path,
			    strerror(errno));
		if (got == 0)
			break;
		buf_add(text, block, (size_t)got);
	}
	return 0;
}

struct damage {
	int docs, line;		/* how many are damaged, where the first is */
	size_t torn;		/* bytes at the end */
	bool header;		/* there is one */
};

static int
count_lines(const char *p, size_t n)
{
	int lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

static int
replay(struct journal *j, struct convo *c, const struct buf *text,
    struct damage *d, struct err *err)
{
	struct event_span s;
	struct buf room = { 0 };
	size_t pos = 0, at;
	int r = 0;

	while (r == 0 && event_next(text->data, text->len, &pos, &s)) {
		if (s.kind == SPAN_TORN) {
			d->torn = s.n;
			break;
		}
		at = (size_t)(s.p - text->data);
		event_unseal(j->store->vault, j->labels->id, &s, &room);
		switch (event_apply(c, &s)) {
		case EVENT_NEWER:
			r = err_set(err, "%s was written by a newer fikr; "
			    "update this one to open it", j->path);
			break;
		case EVENT_SEALED:
			r = err_set(err, "conversation %s is encrypted, and "
			    "its passphrase was not given", j->labels->id);
			break;
		case EVENT_DAMAGED:
			if (d->docs++ == 0)
				d->line = 1 + count_lines(text->data, at);
			break;
		case EVENT_HEADER:
			d->header = true;
			break;
		case EVENT_TITLE:
			j->title_at = at;
			break;
		default:
			break;
		}
	}
	buf_free(&room);
	return r;
}

/* Move the half-written tail out of the file into one beside it. */
static int
cut_tail(struct journal *j, const char *torn_path, const char *tail, size_t n,
    uint64_t end)
{
	int fd = open(torn_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	struct stat st;
	bool kept;

	/* Its name has to last before the bytes go from here. */
	kept = fd >= 0 && fstat(fd, &st) == 0 &&
	    files_write_at(fd, tail, n, (uint64_t)st.st_size) == 0 &&
	    fdatasync(fd) == 0 && journal_sync_dir(j->store->dir, NULL) == 0;
	if (fd >= 0)
		close(fd);
	if (!kept || ftruncate(j->fd, (off_t)end) < 0)
		return -1;
	return fdatasync(j->fd);
}

/* What was told first stays first. */
static void
join(struct err *notice, const struct err *first)
{
	if (first->text[0])
		err_set(notice, "%s; %s", first->text, notice->text);
}

static void
tell_damage(const struct journal *j, const struct damage *d,
    struct err *notice)
{
	struct err first = *notice;

	if (d->torn && !j->readonly) {
		err_set(notice, "the last %zu bytes of %s were half written; "
		    "they were moved to the .torn file beside it", d->torn,
		    j->path);
		join(notice, &first);
	}
	first = *notice;
	if (d->docs) {
		err_set(notice, ngettext("%d damaged part of %s, at line %d, "
		    "was passed over", "%d damaged parts of %s, the first at "
		    "line %d, were passed over", (unsigned long)d->docs),
		    d->docs, j->path, d->line);
		join(notice, &first);
	}
}

/* Bring the file into the state that appending needs; if it cannot be, it can
 * still be read. */
static int
prepare(struct journal *j, const char *torn_path, const struct convo *c,
    const struct buf *text, const struct damage *d, struct err *notice,
    struct err *err)
{
	size_t end = text->len - d->torn;

	j->synced = end;
	if (j->readonly)
		return 0;
	if (d->torn && cut_tail(j, torn_path, text->data + end, d->torn,
	    end) < 0) {
		err_set(notice, "the half-written end of %s cannot be moved to "
		    "%s (%s): opened for reading only", j->path, torn_path,
		    strerror(errno));
		j->readonly = true;
		return 0;
	}
	/* The program may have died before the first document was whole. */
	return end == 0 ? put_header(j, c, err) : 0;
}

static void
take_state(struct journal *j, const struct convo *c)
{
	for (size_t i = 0; i < c->n; i++)
		journal_knows(j, c->turns[i]);
	convo_copy_labels(j->labels, c);
}

static int
load(struct journal *j, const struct store *store, struct convo *c,
    struct err *notice, struct err *err)
{
	char *torn_path = journal_path(store->dir, c->id, ".yaml.torn");
	struct buf text = { 0 };
	struct damage d = { 0 };
	struct stat st;
	int r = -1;

	if (read_file(j, &text, &st, err) == 0 &&
	    replay(j, c, &text, &d, err) == 0) {
		if (!c->created)
			c->created = (int64_t)st.st_mtime * 1000;
		if (!j->readonly && (st.st_mode & 077))
			fchmod(j->fd, 0600);
		j->changed = st.st_mtim;
		r = prepare(j, torn_path, c, &text, &d, notice, err);
	}
	if (r == 0)
		tell_damage(j, &d, notice);
	buf_free(&text);
	free(torn_path);
	return r;
}

static struct journal *
open_as(const struct store *store, const char *id, bool readonly,
    struct convo **c, struct err *notice, struct err *err)
{
	struct err none = { { 0 } };
	struct journal *j;

	*c = NULL;
	if (!notice)
		notice = &none;
	notice->text[0] = '\0';
	if (!journal_id_valid(id)) {
		err_set(err, "\"%s\" is not the id of a conversation; `fikr "
		    "list` prints the ids", id);
		return NULL;
	}
	j = journal_new(store, id);
	j->readonly = readonly;
	*c = convo_new_as(id, 0);
	if (open_locked(j, id, notice, err) < 0 ||
	    load(j, store, *c, notice, err) < 0) {
		j->readonly = true;	/* leave the file as it is */
		journal_close(j);
		convo_free(*c);
		*c = NULL;
		return NULL;
	}
	convo_auto_title(*c);
	convo_recall_dropped(*c);
	take_state(j, *c);
	return j;
}

struct journal *
journal_open(const struct store *store, const char *id,
    struct convo **c, struct err *notice, struct err *err)
{
	return open_as(store, id, false, c, notice, err);
}

struct convo *
journal_read(const struct store *store, const char *id,
    struct err *notice, struct err *err)
{
	struct convo *c;

	journal_close(open_as(store, id, true, &c, notice, err));
	return c;
}
