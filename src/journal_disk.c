/* journal_disk.c -- the queue of a journal on its way to the disk.
 *
 * Documents are queued whole and written at the offset of the last good end,
 * so that a short write leaves nothing behind it but a tail, which is cut off
 * at once.  The queue is kept until a sync succeeds: after a failed fsync the
 * kernel may have dropped the pages, so everything since the last good sync
 * is written again. */
#include "journal_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "event.h"
#include "files.h"

#define FOLDERS 5	/* conversations, fikr, share, .local, the home */

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
int
journal_seal_queue(struct journal *j, struct err *err)
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

int
journal_write_queue(struct journal *j, struct err *err)
{
	uint64_t end = j->synced + j->queue_written;
	int why;

	if (journal_seal_queue(j, err) < 0)
		return -1;
	if (j->queue_written == j->queue.len)
		return 0;
	if (files_write_at(j->fd, j->queue.data + j->queue_written,
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

/* The folder has to know the file, and be known to the one above, or a synced
 * file is lost all the same.  Whoever made the folders may not have lived to
 * see to that, or may have failed, so it is done by everyone.  Of a folder that
 * may not be opened nothing is known, nor can be done. */
static int
sync_names(struct journal *j, struct err *err)
{
	struct buf dir = { 0 };
	int r = 0;

	if (j->named)
		return 0;
	buf_puts(&dir, j->store->dir);
	for (int i = 0; r == 0 && i < FOLDERS; i++) {
		r = files_sync_dir(dir.data) < 0 ? -1 : 0;
		buf_puts(&dir, "/..");
	}
	buf_free(&dir);
	if (r < 0)
		return fail_write(j, err);
	j->named = true;
	return 0;
}

/* Is the file still where others look for it? */
static int
check_place(struct journal *j, struct err *err)
{
	struct stat st, at;
	bool there = stat(j->path, &at) == 0;

	if (fstat(j->fd, &st) < 0 || (there && at.st_ino == st.st_ino &&
	    at.st_dev == st.st_dev))
		return 0;
	if (!there && errno != ENOENT && st.st_nlink > 0)
		return 0;	/* it cannot be told */
	j->failing = j->lost = true;
	return err_set(err, "%s was deleted or replaced while it was open; "
	    "this conversation is no longer saved there", j->path);
}

/* The list is ordered by the files' times, so a clock that was set back must
 * not move what was just said down in it. */
static void
keep_order(struct journal *j)
{
	struct stat st;
	struct timespec t[2] = { { .tv_nsec = UTIME_OMIT }, j->changed };

	if (fstat(j->fd, &st) < 0)
		return;
	if (st.st_mtim.tv_sec >= j->changed.tv_sec)
		j->changed = st.st_mtim;
	else
		futimens(j->fd, t);
}

int
journal_sync_queue(struct journal *j, struct err *err)
{
	if (journal_write_queue(j, err) < 0)
		return -1;
	if (j->queue.len > 0) {
		if (check_place(j, err) < 0 || sync_names(j, err) < 0)
			return -1;
		/* Some file systems know no sync and say so. */
		if (fdatasync(j->fd) < 0 && errno != EINVAL &&
		    errno != ENOSYS) {
			j->queue_written = 0;
			return fail_write(j, err);
		}
		keep_order(j);
	}
	j->synced += j->queue.len;
	j->queue_written = j->queue_ready = 0;
	buf_clear(&j->queue);
	j->failing = false;
	return 0;
}
