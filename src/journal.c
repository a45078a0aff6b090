/* journal.c -- appending to one conversation's file: what is said becomes
 * documents, which journal_disk.c brings to the disk. */
#include "journal_priv.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "buf.h"
#include "event.h"
#include "fnv.h"
#include "utf8.h"

#define PENDING_MAX 4096	/* streamed bytes that make a document */
/* With a tick every quarter of a second, or a little later, what was streamed a
 * second ago is on the disk. */
#define WRITE_MS 200
#define SYNC_MS 600
#define TITLE_EVERY 8192	/* journal_list looks at twice that */

static uint64_t
hash_buf(const struct buf *b)
{
	return fnv_more(FNV_START, b->data, b->len);
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
	*w = (struct written){ turn, FNV_START, FNV_START, 0 };
	return w;
}

static uint64_t
queue_end(const struct journal *j)
{
	return j->synced + j->queue.len;
}

int
journal_put_title(struct journal *j, struct err *err)
{
	uint64_t at;

	if (journal_seal_queue(j, err) < 0)
		return -1;
	at = queue_end(j);
	if (event_put_title(&j->queue, j->labels, j->turns, err) < 0)
		return -1;
	j->title_at = at;
	return 0;
}

/* After each document: say the title again once it lies too far back for
 * journal_list, which reads no more than the end of a long file. */
int
journal_repeat_title(struct journal *j, struct err *err)
{
	if (journal_seal_queue(j, err) < 0)
		return -1;
	if (queue_end(j) - j->title_at < TITLE_EVERY)
		return 0;
	return journal_put_title(j, err);
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
	return journal_repeat_title(j, err);
}

static int
check_writable(const struct journal *j, struct err *err)
{
	if (!j->readonly)
		return 0;
	return err_set(err, "%s is open for reading only; nothing is saved",
	    j->path);
}

void
journal_knows(struct journal *j, const struct turn *t)
{
	struct written *w = written_of(j, t->id);

	w->text = hash_buf(&t->text);
	w->thinking = hash_buf(&t->thinking);
	w->n_tok = t->n_tok;
	if (t->id > j->turns)
		j->turns = t->id;
}

int
journal_begin(struct journal *j, const struct turn *t, struct err *err)
{
	if (check_writable(j, err) < 0 || put_pending(j, true, err) < 0 ||
	    event_put_begin(&j->queue, t, err) < 0)
		return -1;
	journal_knows(j, t);
	if (journal_repeat_title(j, err) < 0)
		return -1;
	return journal_sync_queue(j, err);
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
	*h = fnv_more(*h, text, n);
	if (j->pending.len < PENDING_MAX)
		return 0;
	if (put_pending(j, false, err) < 0)
		return -1;
	return journal_write_queue(j, err) < 0 && !told ? -1 : 0;
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
		r = journal_sync_queue(j, err);
	else
		r = journal_write_queue(j, err);
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
	    journal_repeat_title(j, err) < 0)
		return -1;
	return journal_sync_queue(j, err);
}

/* The file's time is when something was said, which orders the list: what is
 * only arranged anew is not news.  Failing at this costs nothing but that. */
static void
keep_time(struct journal *j, const struct stat *was)
{
	const struct timespec t[2] = { { .tv_nsec = UTIME_OMIT },
		was->st_mtim };

	futimens(j->fd, t);
	j->changed = was->st_mtim;
}

int
journal_labels(struct journal *j, const struct convo *c, struct err *err)
{
	struct stat was;
	bool known = fstat(j->fd, &was) == 0;

	if (check_writable(j, err) < 0 || put_pending(j, true, err) < 0)
		return -1;
	convo_copy_labels(j->labels, c);
	if (journal_put_title(j, err) < 0 || journal_sync_queue(j, err) < 0)
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
	    journal_repeat_title(j, err) < 0 || journal_write_queue(j, err) < 0)
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
	    journal_repeat_title(j, err) < 0 || journal_write_queue(j, err) < 0)
		return -1;
	return 0;
}

bool
journal_readonly(const struct journal *j)
{
	return j->readonly;
}

bool
journal_failing(const struct journal *j)
{
	return j->failing;
}

bool
journal_lost(const struct journal *j)
{
	return j->lost;
}

int
journal_flush(struct journal *j, struct err *err)
{
	if (j->readonly)
		return 0;
	return put_pending(j, false, err) < 0 || journal_sync_queue(j, err) < 0 ? -1 :
	    0;
}

/* A file that there was never room for a byte in. */
static bool
is_empty(const struct journal *j)
{
	struct stat st;

	return !j->readonly && !j->lost && fstat(j->fd, &st) == 0 &&
	    st.st_size == 0;
}

void
journal_close(struct journal *j)
{
	if (!j)
		return;
	if (j->fd >= 0 && !j->readonly)
		put_pending(j, true, NULL);
	if (j->fd >= 0 && journal_flush(j, NULL) < 0 && is_empty(j))
		unlink(j->path);
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
