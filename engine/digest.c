/* digest.c -- see digest.h. */
#include "digest.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <nettle/sha2.h>

#include "alloc.h"
#include "gguf.h"

#define STEP ((int64_t)4 << 20)		/* bytes between reports of progress */
#define PIECES 64
#define PIECE ((int64_t)64 << 10)

static void
finish(struct sha256_ctx *c, const char *name, char out[DIGEST_MAX])
{
	uint8_t sum[SHA256_DIGEST_SIZE];
	int n = snprintf(out, DIGEST_MAX, "%s:", name);

	sha256_digest(c, sizeof sum, sum);
	for (size_t i = 0; i < sizeof sum; i++)
		n += snprintf(out + n, (size_t)(DIGEST_MAX - n), "%02x",
		    sum[i]);
}

static void
add_sampled(struct sha256_ctx *c, const uint8_t *p, int64_t n, int64_t head)
{
	uint8_t size[8];

	for (int i = 0; i < 8; i++)
		size[i] = (uint8_t)(n >> (8 * i));
	sha256_update(c, (size_t)head, p);
	sha256_update(c, sizeof size, size);
	for (int64_t i = 0; i < PIECES; i++)
		sha256_update(c, (size_t)PIECE,
		    p + (n - PIECE) * i / (PIECES - 1));
}

/* Progress of one file among several, and whether its pages, once read, are
 * given back. */
struct tell {
	bool let_go;
	bool (*progress)(int64_t done, int64_t total, void *ud);
	void *ud;
	int64_t before, total;
};

static int
add_whole(struct sha256_ctx *c, const uint8_t *p, int64_t n,
    const struct tell *t)
{
	for (int64_t at = 0; at < n; at += STEP) {
		int64_t len = n - at < STEP ? n - at : STEP;

		sha256_update(c, (size_t)len, p + at);
		if (t->let_go)
			madvise((void *)(uintptr_t)(p + at), (size_t)len,
			    MADV_DONTNEED);
		if (t->progress &&
		    t->progress(t->before + at + len, t->total, t->ud))
			return -1;
	}
	return 0;
}

static int
digest_one(const uint8_t *p, int64_t n, int64_t head, int64_t whole,
    const struct tell *t, char out[DIGEST_MAX])
{
	struct sha256_ctx c;

	sha256_init(&c);
	if (n > whole) {
		add_sampled(&c, p, n, head < n ? head : n);
		finish(&c, "sha256-sampled", out);
		return 0;
	}
	if (add_whole(&c, p, n, t) < 0)
		return -1;
	finish(&c, "sha256", out);
	return 0;
}

int
digest_file(const uint8_t *p, int64_t n, int64_t head, char out[DIGEST_MAX],
    bool (*progress)(int64_t done, int64_t total, void *ud), void *ud)
{
	struct tell t = { false, progress, ud, 0, n };

	return digest_one(p, n, head, DIGEST_WHOLE, &t, out);
}

static int
digest_all(const struct gpart *parts, int n, char out[DIGEST_MAX],
    struct tell t)
{
	struct sha256_ctx c;
	int64_t whole = DIGEST_WHOLE;

	for (int i = 0; i < n; i++)
		t.total += parts[i].bytes;
	if (n > 1 && t.total > DIGEST_WHOLE)
		whole = PIECES * PIECE;
	sha256_init(&c);
	for (int i = 0; i < n; i++) {
		if (digest_one(parts[i].map, parts[i].bytes,
		    parts[i].data_offset, whole, &t, out) < 0)
			return -1;
		sha256_update(&c, strlen(out), (const uint8_t *)out);
		sha256_update(&c, 1, (const uint8_t *)"\n");
		t.before += parts[i].bytes;
	}
	if (n > 1)
		finish(&c, "sha256-parts", out);
	return 0;
}

int
digest_parts(const struct gpart *parts, int n, char out[DIGEST_MAX],
    bool (*progress)(int64_t done, int64_t total, void *ud), void *ud)
{
	return digest_all(parts, n, out, (struct tell){ false, progress, ud,
	    0, 0 });
}

/* ---- beside other work ---- */

struct digest_job {
	const struct gpart *parts;
	int n;
	bool let_go;
	char out[DIGEST_MAX];
	int status;
	pthread_t thread;
	pthread_mutex_t lock;	/* guards what follows */
	pthread_cond_t news;	/* for who waits for it */
	pthread_cond_t go;	/* for it */
	int64_t done, total;
	bool rest, stop, ended;
};

static bool
note(int64_t done, int64_t total, void *ud)
{
	struct digest_job *j = ud;
	bool stop;

	pthread_mutex_lock(&j->lock);
	j->done = done;
	j->total = total;
	pthread_cond_signal(&j->news);
	while (j->rest && !j->stop)
		pthread_cond_wait(&j->go, &j->lock);
	stop = j->stop;
	pthread_mutex_unlock(&j->lock);
	return stop;
}

static void *
run(void *ud)
{
	struct digest_job *j = ud;

	j->status = digest_all(j->parts, j->n, j->out, (struct tell){
	    j->let_go, note, j, 0, 0 });
	pthread_mutex_lock(&j->lock);
	j->ended = true;
	pthread_cond_signal(&j->news);
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

static void
job_free(struct digest_job *j)
{
	pthread_cond_destroy(&j->go);
	pthread_cond_destroy(&j->news);
	pthread_mutex_destroy(&j->lock);
	free(j);
}

struct digest_job *
digest_begin(const struct gpart *parts, int n, bool let_go)
{
	struct digest_job *j = xcalloc(1, sizeof *j);

	j->parts = parts;
	j->n = n;
	j->let_go = let_go;
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->news, NULL);
	pthread_cond_init(&j->go, NULL);
	if (pthread_create(&j->thread, NULL, run, j) == 0)
		return j;
	job_free(j);
	return NULL;
}

void
digest_rest(struct digest_job *j, bool rest)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	j->rest = rest;
	pthread_cond_signal(&j->go);
	pthread_mutex_unlock(&j->lock);
}

/* Wait until it ends; progress is told whenever there is something new. */
static void
wait_for(struct digest_job *j, bool (*progress)(int64_t done, int64_t total,
    void *ud), void *ud)
{
	int64_t told = 0;

	pthread_mutex_lock(&j->lock);
	while (!j->ended || (progress && j->done > told)) {
		int64_t done = j->done, total = j->total;
		bool stop;

		if (!progress || done == told) {
			pthread_cond_wait(&j->news, &j->lock);
			continue;
		}
		pthread_mutex_unlock(&j->lock);
		stop = progress(done, total, ud);
		told = done;
		pthread_mutex_lock(&j->lock);
		j->stop = j->stop || stop;
	}
	pthread_mutex_unlock(&j->lock);
}

int
digest_end(struct digest_job *j, char out[DIGEST_MAX],
    bool (*progress)(int64_t done, int64_t total, void *ud), void *ud)
{
	int status;

	digest_rest(j, false);
	wait_for(j, progress, ud);
	pthread_join(j->thread, NULL);
	status = j->stop ? -1 : j->status;
	memcpy(out, j->out, DIGEST_MAX);
	job_free(j);
	return status;
}

void
digest_cancel(struct digest_job *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_signal(&j->go);
	pthread_mutex_unlock(&j->lock);
	pthread_join(j->thread, NULL);
	job_free(j);
}
