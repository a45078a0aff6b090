/* snapshot_write.c -- writing a session's state to a file, in slices. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "alloc.h"
#include "files.h"
#include "paths.h"
#include "snapshot_priv.h"

#define SPARE ((int64_t)64 << 20)	/* bytes of the disk left to others */

struct snapshot_writer {
	char *path, *temp;
	int fd;
	struct snapshot_head head;
	struct sum64 sum;
	struct chunks chunks;
};

/* What s is, and how long. */
static void
make_head(struct snapshot_head *h, struct session *s, const char *digest)
{
	snapshot_head(h, s, digest);
	h->n = s->used;
	h->lost = s->e->m->hp.window ? s->f.lost : 0;
	h->has_logits = s->has_logits;
	for (int i = 0; i < ENDINGS; i++)
		h->endings[i] = s->endings[i].n;
}

int64_t
snapshot_bytes(struct session *s)
{
	struct snapshot_head h;

	if (s->used < SNAPSHOT_TOKENS || forward_keeps(&s->f, s->used) == 0)
		return 0;
	make_head(&h, s, "");
	return chunks_bytes(s, &h);
}

/* The last of a disk is not for what can be had again. */
static int
check_space(int fd, int64_t bytes, struct err *err)
{
	struct statvfs st;

	if (fstatvfs(fd, &st) == 0 &&
	    (double)st.f_bavail * (double)st.f_frsize <
	    2 * (double)bytes + (double)SPARE)
		return err_set(err, "the disk is too full for %lld MiB",
		    (long long)(bytes >> 20));
	return 0;
}

static int
write_all(struct snapshot_writer *w, const void *p, size_t n, struct err *err)
{
	if (files_write(w->fd, p, n) == 0)
		return 0;
	return err_set(err, "cannot write %s: %s", w->temp, strerror(errno));
}

static int
open_temp(struct snapshot_writer *w, struct err *err)
{
	const char *slash = strrchr(w->path, '/');
	char *dir = slash ? xstrndup(w->path, (size_t)(slash - w->path)) :
	    xstrdup(".");
	int ret = path_make_dir(dir, err);

	free(dir);
	if (ret < 0)
		return -1;
	w->temp = xasprintf("%s.%ld.new", w->path, (long)getpid());
	unlink(w->temp);	/* of one that had this number and died */
	w->fd = open(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (w->fd < 0)
		return err_set(err, "cannot make %s: %s", w->temp,
		    strerror(errno));
	return check_space(w->fd, (int64_t)w->head.bytes, err);
}

struct snapshot_writer *
snapshot_write(const char *path, struct session *s, const char *digest,
    struct err *err)
{
	struct snapshot_writer *w = xcalloc(1, sizeof *w);
	struct snapshot_head none = { .version = 0 };

	w->path = xstrdup(path);
	w->fd = -1;
	make_head(&w->head, s, digest);
	w->head.bytes = (uint64_t)chunks_bytes(s, &w->head);
	sum64_init(&w->sum);
	chunks_begin(&w->chunks, s, &w->head);
	/* until all is there, the head says nothing */
	if (open_temp(w, err) < 0 ||
	    write_all(w, &none, sizeof none, err) < 0) {
		snapshot_drop(w);
		return NULL;
	}
	return w;
}

/* The head, and the file's own name. */
static int
finish(struct snapshot_writer *w, struct err *err)
{
	w->head.sum = sum64_end(&w->sum);
	w->head.head_sum = snapshot_head_sum(&w->head);
	if (lseek(w->fd, 0, SEEK_SET) < 0)
		return err_set(err, "cannot write %s: %s", w->temp,
		    strerror(errno));
	if (write_all(w, &w->head, sizeof w->head, err) < 0)
		return -1;
	if (rename(w->temp, w->path) < 0)
		return err_set(err, "cannot rename %s: %s", w->temp,
		    strerror(errno));
	free(w->temp);
	w->temp = NULL;
	return 0;
}

int
snapshot_step(struct snapshot_writer *w, int64_t most, struct err *err)
{
	struct chunk p;

	while (most > 0) {
		if (!chunks_next(&w->chunks, &p))
			return finish(w, err);
		sum64_add(&w->sum, p.p, p.n);
		if (write_all(w, p.p, p.n, err) < 0)
			return -1;
		most -= (int64_t)p.n;
	}
	return 1;
}

void
snapshot_drop(struct snapshot_writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	if (w->temp)
		unlink(w->temp);
	free(w->temp);
	free(w->path);
	free(w);
}
