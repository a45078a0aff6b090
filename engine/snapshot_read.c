/* snapshot_read.c -- a session's state from a file, everything checked before
 * anything is used. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "num.h"
#include "snapshot_priv.h"

struct snapshot_reader {
	char *path;
	int fd;
	int window;			/* of the model */
	struct snapshot_head head;
	int32_t *tok;			/* [head.n] */
};

/* It will never be of use: away with it. */
static int
damaged(const struct snapshot_reader *r, const char *what, struct err *err)
{
	unlink(r->path);
	return err_set(err, "the snapshot %s is damaged (%s) and was deleted; "
	    "the conversation is read again instead", r->path, what);
}

static int
read_all(const struct snapshot_reader *r, void *p, size_t n, struct err *err)
{
	while (n > 0) {
		ssize_t got = read(r->fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, "cannot read %s: %s", r->path,
			    strerror(errno));
		if (got == 0)
			return damaged(r, "it is cut short", err);
		p = (char *)p + got;
		n -= (size_t)got;
	}
	return 0;
}

/* The head by itself: that it is whole, and of this version. */
static int
check_whole(const struct snapshot_reader *r, int64_t bytes, struct err *err)
{
	const struct snapshot_head *h = &r->head;

	if (memcmp(h->magic, snapshot_magic, sizeof h->magic) != 0)
		return damaged(r, "it does not begin as one", err);
	if (h->version != SNAPSHOT_VERSION || h->order != 0x01020304)
		return err_set(err, "the snapshot %s is of another version",
		    r->path);
	if (h->head_sum != snapshot_head_sum(h))
		return damaged(r, "its head is not what was written", err);
	if (h->bytes != (uint64_t)bytes)
		return damaged(r, "its size is not what was written", err);
	return 0;
}

/* The head beside what s is. */
static int
check_fit(const struct snapshot_reader *r, const struct session *s,
    struct err *err)
{
	const struct snapshot_head *h = &r->head;
	struct snapshot_head want;

	snapshot_head(&want, s, "");
	if (memcmp(h->identity, want.identity, sizeof h->identity) != 0 ||
	    h->n_vocab != want.n_vocab)
		return err_set(err, "the snapshot %s was made with "
		    "other settings (%.700s)", r->path, h->identity);
	if (h->n > s->context)
		return err_set(err, "the snapshot %s holds %d tokens, more "
		    "than the context of %d", r->path, h->n, s->context);
	return 0;
}

/* What a sum that is right by chance must not lead to. */
static bool
in_bounds(const struct snapshot_head *h, const struct session *s)
{
	int ring = s->e->m->hp.window ? s->f.ring : 0;

	for (int i = 0; i < ENDINGS; i++)
		if (h->endings[i] < 0 || h->endings[i] > h->n)
			return false;
	if (!memchr(h->digest, 0, sizeof h->digest))
		return false;
	return h->n >= SNAPSHOT_TOKENS && h->lost >= 0 && h->lost <= h->n &&
	    (ring == 0 ? h->lost == 0 : h->n - h->lost <= ring) &&
	    (h->has_logits == 0 || h->has_logits == 1);
}

static int
read_head(struct snapshot_reader *r, const struct session *s,
    struct err *err)
{
	struct snapshot_head *h = &r->head;
	struct stat st;

	if (fstat(r->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, "%s is not a file", r->path);
	if (read_all(r, h, sizeof *h, err) < 0 ||
	    check_whole(r, st.st_size, err) < 0 ||
	    check_fit(r, s, err) < 0)
		return -1;
	if (!in_bounds(h, s) || chunks_bytes((struct session *)(uintptr_t)s,
	    h) != st.st_size)
		return damaged(r, "its parts do not fit together", err);
	r->tok = xcalloc((size_t)h->n, sizeof *r->tok);
	if (read_all(r, r->tok, (size_t)h->n * sizeof *r->tok, err) < 0)
		return -1;
	for (int i = 0; i < h->n; i++)
		if (r->tok[i] < 0 || r->tok[i] >= h->n_vocab)
			return damaged(r, "it has tokens that do not exist",
			    err);
	return 0;
}

struct snapshot_reader *
snapshot_open(const char *path, const struct session *s, struct err *err)
{
	struct snapshot_reader *r = xcalloc(1, sizeof *r);

	r->path = xstrdup(path);
	r->window = s->e->m->hp.window;
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (r->fd < 0)
		err_set(err, "cannot open %s: %s", path, strerror(errno));
	else
		posix_fadvise(r->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (r->fd < 0 || read_head(r, s, err) < 0) {
		snapshot_close(r);
		return NULL;
	}
	return r;
}

const char *
snapshot_digest(const struct snapshot_reader *r)
{
	return r->head.digest;
}

bool
snapshot_sure(const struct snapshot_reader *r, const struct session *s)
{
	return r->head.stamp == s->e->stamp;
}

void
snapshot_close(struct snapshot_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	free(r->tok);
	free(r->path);
	free(r);
}

int
snapshot_common(const struct snapshot_reader *r, const int32_t *tok, size_t n)
{
	int same = 0;

	while (same < r->head.n && (size_t)same < n &&
	    r->tok[same] == tok[same])
		same++;
	/* as forward_keeps would say */
	if (r->window && max_int(0, same - r->window + 1) < r->head.lost)
		return 0;
	return same;
}

/* All that is behind the head into where it belongs; the tokens are read
 * already. */
static int
read_chunks(struct snapshot_reader *r, struct session *s,
    bool (*stop)(void *ud), void *ud, struct err *err)
{
	struct chunks w;
	struct chunk p;
	struct sum64 sum;

	sum64_init(&sum);
	chunks_begin(&w, s, &r->head);
	chunks_next(&w, &p);
	memcpy(p.p, r->tok, p.n);
	do {
		sum64_add(&sum, p.p, p.n);
		if (stop && stop(ud))
			return 1;
		if (!chunks_next(&w, &p))
			break;
		if (read_all(r, p.p, p.n, err) < 0)
			return -1;
	} while (true);
	return sum64_end(&sum) == r->head.sum ? 0 :
	    damaged(r, "its checksum is wrong", err);
}

int
snapshot_restore(struct snapshot_reader *r, struct session *s,
    bool (*stop)(void *ud), void *ud, struct err *err)
{
	const struct snapshot_head *h = &r->head;
	int ret;

	session_clear(s);
	ret = read_chunks(r, s, stop, ud, err);
	if (ret != 0)
		return ret;
	s->used = s->end = h->n;
	s->has_logits = h->has_logits;
	for (int i = 0; i < ENDINGS; i++)
		s->endings[i].n = h->endings[i];
	s->f.top = h->n;
	s->f.lost = h->lost;
	futimens(r->fd, NULL);	/* the least recently used goes first */
	return 0;
}
