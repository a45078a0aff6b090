/* journal.c -- one conversation's file, open for reading or appending.
 *
 * Documents are queued whole and written at the offset of the last good end,
 * so that a short write leaves nothing behind it but a tail, which is cut off
 * at once.  The queue is kept until a sync succeeds: after a failed fsync the
 * kernel may have dropped the pages, so everything since the last good sync
 * is written again. */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "event.h"
#include "journal_path.h"
#include "paths.h"
#include "utf8.h"

#define FILE_MAX (512u << 20)
#define PENDING_MAX 4096	/* streamed bytes that make a document */
#define WRITE_MS 400		/* a tick late still within the second */
#define SYNC_MS 900
#define TITLE_EVERY 8192	/* journal_list looks at twice that */

/* What the file says of a turn's text and thinking, to tell at its end
 * whether the two agree. */
struct written {
	int turn;
	uint64_t text, thinking;	/* hashes */
	size_t n_tok;		/* of its tokens, those streamed, too */
};

struct journal {
	int fd;
	char *path;
	const struct store *store;
	bool readonly;
	uint64_t synced;	/* offset up to which the disk has it */
	struct buf queue;	/* what follows, whole documents */
	size_t queue_written;	/* bytes of queue that are in the file */
	size_t queue_ready;	/* ... that are as they may be in the file */
	struct buf pending;	/* streamed, not yet a document */
	struct token *pending_tok;	/* [n_pending_tok], of that */
	size_t n_pending_tok;
	enum channel pending_channel;
	int pending_turn;
	struct written *written;
	size_t n_written;
	struct convo *labels;	/* these alone */
	uint64_t title_at;	/* where the file says it last */
	int turns;
	int64_t last_write, last_sync;
	bool failing;		/* told already */
};

/* FNV-1a: tells different texts apart, not foes. */
#define HASH_START UINT64_C(0xcbf29ce484222325)

static uint64_t
hash_more(uint64_t h, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t
hash_buf(const struct buf *b)
{
	return hash_more(HASH_START, b->data, b->len);
}

static struct written *
written_of(struct journal *j, int turn)
{
	struct written *w;
	size_t i = j->n_written, n = i;

	while (i > 0 && j->written[i - 1].turn > turn)	/* sorted */
		i--;
	if (i > 0 && j->written[i - 1].turn == turn)
		return &j->written[i - 1];
	if ((n & (n - 1)) == 0)		/* full: 0, 1, 2, 4, ... */
		j->written = xreallocarray(j->written, n ? 2 * n : 1,
		    sizeof(*w));
	w = &j->written[i];
	memmove(w + 1, w, (n - i) * sizeof(*w));
	j->n_written++;
	*w = (struct written){ turn, HASH_START, HASH_START, 0 };
	return w;
}

static int
write_at(int fd, const char *p, size_t n, uint64_t at)
{
	ssize_t w;

	while (n > 0) {
		w = pwrite(fd, p, n, (off_t)at);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		if (w == 0) {
			errno = ENOSPC;
			return -1;
		}
		p += w;
		n -= (size_t)w;
		at += (uint64_t)w;
	}
	return 0;
}

static int
fail_write(struct journal *j, struct err *err)
{
	int why = errno;

	j->failing = true;
	return err_set(err, "cannot save to %s: %s; it is kept in memory and "
	    "tried again%s", j->path, strerror(why), why == ENOSPC ||
	    why == EDQUOT ? ", so please free some space" : "");
}

/* In a store that is encrypted, nothing goes to the file but sealed. */
static int
seal_queue(struct journal *j, struct err *err)
{
	const struct vault *v = j->store->vault;
	struct buf sealed = { 0 };
	struct event_span s;
	size_t pos = j->queue_ready;
	int r = 0;

	buf_add(&sealed, j->queue.data, v ? pos : 0);
	while (v && r == 0 && event_next(j->queue.data, j->queue.len, &pos,
	    &s))
		r = event_put_sealed(&sealed, v, j->labels->id, s.p, s.n, err);
	if (v && r == 0) {
		buf_free(&j->queue);
		j->queue = sealed;
	} else {
		buf_free(&sealed);
	}
	if (r == 0)
		j->queue_ready = j->queue.len;
	return r;
}

static int
write_queue(struct journal *j, struct err *err)
{
	uint64_t end = j->synced + j->queue_written;
	int why;

	if (seal_queue(j, err) < 0)
		return -1;
	if (j->queue_written == j->queue.len)
		return 0;
	if (write_at(j->fd, j->queue.data + j->queue_written,
	    j->queue.len - j->queue_written, end) == 0) {
		j->queue_written = j->queue.len;
		return 0;
	}
	why = errno;
	/* If this fails too, the next try writes over the torn bytes: it
	 * begins with the same ones and is no shorter. */
	if (ftruncate(j->fd, (off_t)end) < 0 && errno == EIO)
		why = EIO;
	errno = why;
	return fail_write(j, err);
}

static int
sync_queue(struct journal *j, struct err *err)
{
	struct stat st;

	if (write_queue(j, err) < 0)
		return -1;
	if (j->queue.len > 0) {
		if (fstat(j->fd, &st) == 0 && st.st_nlink == 0) {
			j->failing = true;
			return err_set(err, "%s was deleted while it was open; "
			    "this conversation is no longer saved", j->path);
		}
		/* Some file systems know no sync and say so. */
		if (fdatasync(j->fd) < 0 && errno != EINVAL &&
		    errno != ENOSYS) {
			j->queue_written = 0;
			return fail_write(j, err);
		}
	}
	j->synced += j->queue.len;
	j->queue_written = j->queue_ready = 0;
	buf_clear(&j->queue);
	j->failing = false;
	return 0;
}

static uint64_t
queue_end(const struct journal *j)
{
	return j->synced + j->queue.len;
}

static int
put_title(struct journal *j, struct err *err)
{
	uint64_t at;

	if (seal_queue(j, err) < 0)
		return -1;
	at = queue_end(j);
	if (event_put_title(&j->queue, j->labels, j->turns, err) < 0)
		return -1;
	j->title_at = at;
	return 0;
}

/* After each document: say the title again once it lies too far back for
 * journal_list, which reads no more than the end of a long file. */
static int
repeat_title(struct journal *j, struct err *err)
{
	if (seal_queue(j, err) < 0)
		return -1;
	if (queue_end(j) - j->title_at < TITLE_EVERY)
		return 0;
	return put_title(j, err);
}

/* Make a document of the streamed text.  Unless it is the last of its kind,
 * the beginning of a cut character waits for its end. */
static int
put_pending(struct journal *j, bool last, struct err *err)
{
	size_t n = j->pending.len;

	if (!last && n)
		n -= utf8_tail(j->pending.data, n);
	if (n == 0 && (!last || j->n_pending_tok == 0))
		return 0;
	if (event_put_delta(&j->queue, j->pending_turn, j->pending_channel,
	    n ? j->pending.data : "", n, j->pending_tok, j->n_pending_tok,
	    err) < 0)
		return -1;
	buf_drop(&j->pending, n);
	j->n_pending_tok = 0;
	return repeat_title(j, err);
}

static int
check_writable(const struct journal *j, struct err *err)
{
	if (!j->readonly)
		return 0;
	return err_set(err, "%s is open for reading only; nothing is saved",
	    j->path);
}

int
journal_begin(struct journal *j, const struct turn *t, struct err *err)
{
	struct written *w;

	if (check_writable(j, err) < 0 || put_pending(j, true, err) < 0 ||
	    event_put_begin(&j->queue, t, err) < 0)
		return -1;
	w = written_of(j, t->id);
	w->text = hash_buf(&t->text);
	w->thinking = hash_buf(&t->thinking);
	w->n_tok = t->n_tok;
	if (t->id > j->turns)
		j->turns = t->id;
	if (repeat_title(j, err) < 0)
		return -1;
	return sync_queue(j, err);
}

static void
take_tokens(struct journal *j, struct written *w, const struct turn *t)
{
	size_t n = t->n_tok - w->n_tok;

	if (t->n_tok <= w->n_tok)
		return;
	j->pending_tok = xreallocarray(j->pending_tok, j->n_pending_tok + n,
	    sizeof(*t->tok));
	memcpy(j->pending_tok + j->n_pending_tok, t->tok + w->n_tok,
	    n * sizeof(*t->tok));
	j->n_pending_tok += n;
	w->n_tok = t->n_tok;
}

int
journal_delta(struct journal *j, const struct turn *t, enum channel ch,
    const char *text, size_t n, struct err *err)
{
	struct written *w;
	bool told = j->failing;
	uint64_t *h;

	if (check_writable(j, err) < 0)
		return -1;
	if ((j->pending_turn != t->id || j->pending_channel != ch) &&
	    put_pending(j, true, err) < 0)
		return -1;
	j->pending_turn = t->id;
	j->pending_channel = ch;
	buf_add(&j->pending, text, n);
	w = written_of(j, t->id);
	take_tokens(j, w, t);
	h = ch == CHANNEL_THINKING ? &w->thinking : &w->text;
	*h = hash_more(*h, text, n);
	if (j->pending.len < PENDING_MAX)
		return 0;
	if (put_pending(j, false, err) < 0)
		return -1;
	return write_queue(j, err) < 0 && !told ? -1 : 0;
}

/* Whether ms have gone by since *last, and if so, it was now.  A clock set
 * back counts as time gone by. */
static bool
due(int64_t *last, int64_t now, int64_t ms)
{
	if (now >= *last && now - *last < ms)
		return false;
	*last = now;
	return true;
}

int
journal_tick(struct journal *j, int64_t now_ms, struct err *err)
{
	bool told = j->failing;
	int r = 0;

	if (j->readonly || (j->pending.len == 0 && j->queue.len == 0) ||
	    !due(&j->last_write, now_ms, WRITE_MS))
		return 0;
	if (put_pending(j, false, err) < 0)
		return -1;
	if (due(&j->last_sync, now_ms, SYNC_MS))
		r = sync_queue(j, err);
	else
		r = write_queue(j, err);
	return told ? 0 : r;
}

int
journal_end(struct journal *j, const struct turn *t, struct err *err)
{
	struct written *w;

	if (check_writable(j, err) < 0)
		return -1;
	w = written_of(j, t->id);
	if (j->pending_turn == t->id)
		take_tokens(j, w, t);
	if (put_pending(j, true, err) < 0)
		return -1;
	if (event_put_end(&j->queue, t, w->text != hash_buf(&t->text),
	    w->thinking != hash_buf(&t->thinking), err) < 0 ||
	    repeat_title(j, err) < 0)
		return -1;
	return sync_queue(j, err);
}

/* The file's time is when something was said, which orders the list: what is
 * only arranged anew is not news.  Failing at this costs nothing but that. */
static void
keep_time(const struct journal *j, const struct stat *was)
{
	const struct timespec t[2] = { { .tv_nsec = UTIME_OMIT },
		was->st_mtim };

	futimens(j->fd, t);
}

int
journal_labels(struct journal *j, const struct convo *c, struct err *err)
{
	struct stat was;
	bool known = fstat(j->fd, &was) == 0;

	if (check_writable(j, err) < 0 || put_pending(j, true, err) < 0)
		return -1;
	convo_copy_labels(j->labels, c);
	if (put_title(j, err) < 0 || sync_queue(j, err) < 0)
		return -1;
	if (known)
		keep_time(j, &was);
	return 0;
}

/* What a person chose: written at once, synced with what follows.  How the
 * conversation looks is no change of it, so its time stays. */
static int
put_choice(struct journal *j, int (*put)(struct buf *, const struct turn *,
    struct err *), const struct turn *t, bool touch, struct err *err)
{
	struct stat was;
	bool known = fstat(j->fd, &was) == 0;

	if (check_writable(j, err) < 0 || put_pending(j, true, err) < 0 ||
	    put(&j->queue, t, err) < 0 ||
	    repeat_title(j, err) < 0 || write_queue(j, err) < 0)
		return -1;
	if (known && !touch)
		keep_time(j, &was);
	return 0;
}

int
journal_fold(struct journal *j, const struct turn *t, struct err *err)
{
	return put_choice(j, event_put_fold, t, false, err);
}

int
journal_head(struct journal *j, const struct turn *t, struct err *err)
{
	return put_choice(j, event_put_head, t, false, err);
}

int
journal_remove(struct journal *j, const struct turn *t, struct err *err)
{
	return put_choice(j, event_put_remove, t, true, err);
}

int
journal_system(struct journal *j, const struct convo *c, struct err *err)
{
	if (check_writable(j, err) < 0 || put_pending(j, true, err) < 0 ||
	    event_put_system(&j->queue, c, err) < 0 ||
	    repeat_title(j, err) < 0 || write_queue(j, err) < 0)
		return -1;
	return 0;
}

bool
journal_readonly(const struct journal *j)
{
	return j->readonly;
}

void
journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0 && !j->readonly && put_pending(j, true, NULL) == 0 &&
	    sync_queue(j, NULL) < 0 && j->synced == 0)
		unlink(j->path);	/* there was never room for a byte */
	if (j->fd >= 0)
		close(j->fd);
	buf_free(&j->queue);
	buf_free(&j->pending);
	free(j->written);
	free(j->pending_tok);
	convo_free(j->labels);
	free(j->path);
	free(j);
}

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

/* Somebody may have locked or unlocked the store since it was opened. */
static int
check_store(const struct store *store, struct err *err)
{
	if (vault_exists(store->dir) == (store->vault != NULL))
		return 0;
	return err_set(err, store->vault ? "the conversations are no longer "
	    "encrypted; start fikr again to save more" :
	    "the conversations are encrypted, and the passphrase was not "
	    "given; start fikr again to save more");
}

struct journal *
journal_create(const struct store *store, const struct convo *c,
    struct err *err)
{
	struct journal *j;

	if (!journal_id_valid(c->id)) {
		err_set(err, "\"%s\" cannot be the name of a conversation",
		    c->id);
		return NULL;
	}
	if (path_make_dir(store->dir, err) < 0 ||
	    check_store(store, err) < 0)
		return NULL;
	j = journal_new(store, c->id);
	j->fd = open(j->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (j->fd < 0) {
		err_set(err, "cannot create %s: %s", j->path,
		    strerror(errno));
		journal_close(j);
		return NULL;
	}
	flock(j->fd, LOCK_EX | LOCK_NB);	/* nobody knows of it yet */
	convo_copy_labels(j->labels, c);
	if (put_header(j, c, err) < 0 ||
	    (*c->title && put_title(j, err) < 0)) {
		journal_close(j);
		return NULL;
	}
	/* A full disk may have room later: journal_begin tells, if not. */
	if (sync_queue(j, NULL) == 0)
		journal_sync_dir(store->dir, NULL);
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

	kept = fd >= 0 && fstat(fd, &st) == 0 &&
	    write_at(fd, tail, n, (uint64_t)st.st_size) == 0 &&
	    fdatasync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!kept || ftruncate(j->fd, (off_t)end) < 0)
		return -1;
	return fdatasync(j->fd);
}

static void
tell_damage(const struct journal *j, const struct damage *d,
    struct err *notice)
{
	struct buf b = { 0 };

	if (notice->text[0])
		buf_printf(&b, "%s; ", notice->text);
	if (d->torn && !j->readonly)
		buf_printf(&b, "the last %zu bytes of %s were half written; "
		    "they were moved to the .torn file beside it%s", d->torn,
		    j->path, d->docs ? "; " : "");
	if (d->docs == 1)
		buf_printf(&b, "a damaged part of %s, at line %d, was passed "
		    "over", j->path, d->line);
	else if (d->docs)
		buf_printf(&b, "%d damaged parts of %s, the first at line %d, "
		    "were passed over", d->docs, j->path, d->line);
	if (d->docs || (d->torn && !j->readonly))
		err_set(notice, "%s", b.data);
	buf_free(&b);
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
	for (size_t i = 0; i < c->n; i++) {
		const struct turn *t = c->turns[i];
		struct written *w = written_of(j, t->id);

		w->text = hash_buf(&t->text);
		w->thinking = hash_buf(&t->thinking);
		w->n_tok = t->n_tok;
	}
	if (c->n)
		j->turns = c->turns[c->n - 1]->id;
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
