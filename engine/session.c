/* session.c -- see engine.h: a timeline of tokens and what is computed of
 * it. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "session_priv.h"

#define SINGLE_MAX 8	/* tokens that are better decoded again than read */

static int
alloc_tokens(struct session *s, struct err *err)
{
	bool ok;

	s->tok = calloc((size_t)s->context, sizeof *s->tok);
	ok = s->tok != NULL;
	for (int i = 0; i < ENDINGS; i++) {
		s->endings[i].logits = calloc((size_t)s->e->m->hp.n_vocab,
		    sizeof(float));
		ok = ok && s->endings[i].logits;
	}
	return ok ? 0 : err_set(err, "not enough memory for a context of %d "
	    "tokens; ask for a smaller one, or close other programs",
	    s->context);
}

struct session *
session_new(struct engine *e, int context, struct err *err)
{
	int most = e->m->hp.n_ctx_train;
	struct session *s;

	if (context < 0 || context > most) {
		err_set(err, "a context of %d tokens was asked for, but this "
		    "model was trained for 1 to %d", context, most);
		return NULL;
	}
	if (context == 0)
		context = most < CONTEXT_DEFAULT ? most : CONTEXT_DEFAULT;
	s = xcalloc(1, sizeof *s);
	s->e = e;
	s->context = context;
	if (forward_init(&s->f, e->m, e->kn, e->pool, e->kv, context,
	    !e->paging.fits, err) || alloc_tokens(s, err)) {
		session_free(s);
		return NULL;
	}
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	forward_done(&s->f);
	free(s->tok);
	for (int i = 0; i < ENDINGS; i++)
		free(s->endings[i].logits);
	free(s);
}

int
session_context(const struct session *s)
{
	return s->context;
}

int
session_used(const struct session *s)
{
	return s->used;
}

const int32_t *
session_tokens(const struct session *s)
{
	return s->tok;
}

const float *
session_logits(const struct session *s)
{
	return s->f.logits;
}

static int
check_tokens(const struct session *s, const int32_t *tok, size_t n,
    struct err *err)
{
	int n_vocab = s->e->m->hp.n_vocab;

	for (size_t i = 0; i < n; i++)
		if (tok[i] < 0 || tok[i] >= n_vocab)
			return err_set(err, "token %d is not one of the "
			    "model's %d", (int)tok[i], n_vocab);
	return 0;
}

static void
watch_start(struct session *s, const struct watch *w)
{
	if (w && w->stop)
		pool_watch(s->e->pool, w->stop, w->ud);
	else
		pool_watch(s->e->pool, NULL, NULL);
}

static size_t
logits_bytes(const struct session *s)
{
	return (size_t)s->e->m->hp.n_vocab * sizeof(float);
}

/* Keep the first n tokens of the cache and what is known of them. */
static void
truncate_to(struct session *s, int n)
{
	if (n < s->used)
		s->has_logits = false;
	s->used = s->end = n;
	for (int i = 0; i < ENDINGS; i++)
		if (s->endings[i].n > n)
			s->endings[i].n = 0;
}

void
session_clear(struct session *s)
{
	truncate_to(s, 0);
	s->has_logits = false;
}

static void
remember(struct session *s)
{
	struct ending *e = s->endings;

	for (int i = 1; i < ENDINGS; i++)	/* none, or the shortest */
		if (s->endings[i].n < e->n)
			e = &s->endings[i];
	e->n = s->used;
	memcpy(e->logits, s->f.logits, logits_bytes(s));
}

/* The scores after the first n tokens of the cache, or NULL. */
static const float *
known(const struct session *s, int n)
{
	if (n == s->used && s->has_logits)
		return s->f.logits;
	for (int i = 0; i < ENDINGS; i++)
		if (s->endings[i].n == n && n > 0)
			return s->endings[i].logits;
	return NULL;
}

/* Make the scores after all of the cache f.logits, if they are known. */
static void
recall(struct session *s)
{
	const float *l = known(s, s->used);

	s->has_logits = l != NULL;
	if (l && l != s->f.logits)
		memcpy(s->f.logits, l, logits_bytes(s));
}

/* A batch that is being read, and who is told of it. */
struct reading {
	struct session *s;
	const struct watch *w;
	int n, end, told;
};

/* A layer of a batch counts as its share of the tokens: a batch can take a
 * large model seconds. */
static void
layer_read(int done, void *ud)
{
	struct reading *r = ud;
	int64_t part = (int64_t)r->n * done / r->s->e->m->hp.n_layer;
	int now = r->s->used + (int)part;

	if (r->w && r->w->progress && now != r->told) {
		r->told = now;
		r->w->progress(now, r->end, r->w->ud);
	}
	if (r->w && r->w->between) {
		r->w->between(r->w->ud);
		watch_start(r->s, r->w);	/* others had theirs */
	}
}

/* Evaluate tokens used..until-1 of s->tok, a batch at a time, however few they
 * are: decode would round them to 8 bits, so that what a prompt is answered
 * with would hang on what happened to be in the cache.  Only what is wholly
 * computed is counted. */
static bool
read_batches(struct session *s, int until, const struct watch *w)
{
	struct reading r = { .s = s, .w = w, .end = s->end, .told = s->used };

	while (s->used < until) {
		r.n = until - s->used;
		if (r.n > s->f.batch)
			r.n = s->f.batch;
		if (!forward_batch(&s->f, s->tok + s->used, r.n, s->used,
		    layer_read, &r))
			return false;
		if (s->used + r.n == s->end && !forward_logits(&s->f, r.n - 1))
			return false;
		s->used += r.n;
	}
	if (s->used < s->end)
		return true;
	s->has_logits = true;
	remember(s);
	return true;
}

/* The same by decode, for the end of what was written so: its scores then are
 * those that it went on from. */
static bool
read_singly(struct session *s)
{
	while (s->used < s->end) {
		s->has_logits = forward_few(&s->f, s->tok + s->used, 1,
		    s->used, s->f.logits);
		if (!s->has_logits)
			return false;
		s->used++;
	}
	return true;
}

/* The end of something computed: 0 done, 1 stopped, or -1 when weights were
 * lost under it; then all of the cache may be wrong. */
static int
finish(struct session *s, bool done, struct err *err)
{
	pool_watch(s->e->pool, NULL, NULL);
	if (gguf_whole(s->e->g, err)) {
		session_clear(s);
		return -1;
	}
	return done ? 0 : 1;
}

int
session_common(struct session *s, const int32_t *tok, size_t n)
{
	int same = 0;

	while (same < s->used && (size_t)same < n && s->tok[same] == tok[same])
		same++;
	if ((size_t)same == n && n > 0 && !known(s, same))
		same--;		/* the last again, for its scores */
	return forward_keeps(&s->f, same);
}

int
session_begin(struct session *s, const int32_t *tok, size_t n, size_t written,
    int *kept, struct err *err)
{
	int same;

	if (n == 0)
		return err_set(err, "there are no tokens to read");
	if (n > (size_t)s->context)
		return err_set(err, "the text takes %zu tokens, more than the "
		    "context of %d; shorten it, or start with a larger "
		    "context", n, s->context);
	if (check_tokens(s, tok, n, err))
		return -1;
	same = session_common(s, tok, n);
	truncate_to(s, same);
	if (kept)
		*kept = same;
	recall(s);
	if ((size_t)same < n)
		s->has_logits = false;
	memcpy(s->tok + same, tok + same, (n - (size_t)same) * sizeof *tok);
	s->end = (int)n;
	s->single = written < SINGLE_MAX ? (int)written : SINGLE_MAX;
	return 0;
}

int
session_unread(const struct session *s)
{
	return s->end - s->used;
}

int
session_read(struct session *s, int most, const struct watch *w,
    struct err *err)
{
	int left = session_unread(s);
	bool done;

	if (left == 0)
		return 0;
	watch_start(s, w);
	if (left <= s->single)
		done = read_singly(s);
	else
		done = read_batches(s, s->used + (most < left ? most : left),
		    w);
	return finish(s, done, err);
}

int
session_sync(struct session *s, const int32_t *tok, size_t n, int *kept,
    const struct watch *w, struct err *err)
{
	if (session_begin(s, tok, n, 0, kept, err))
		return -1;
	return session_read(s, INT_MAX, w, err);
}

int
session_eval(struct session *s, int32_t tok, const struct watch *w,
    struct err *err)
{
	bool done;

	if (check_tokens(s, &tok, 1, err))
		return -1;
	truncate_to(s, s->used);
	if (s->used == s->context)
		return err_set(err, "the context of %d tokens is full; start a "
		    "new conversation, or a larger context", s->context);
	s->tok[s->used] = tok;
	watch_start(s, w);
	s->has_logits = done = forward_few(&s->f, &tok, 1, s->used,
	    s->f.logits);
	s->used += done;
	s->end = s->used;
	return finish(s, done, err);
}

/* The next k tokens, and the scores after each. */
static void
hand_out(struct session *s, int k, float *rows,
    void (*row)(int pos, const float *logits, void *ud), void *ud)
{
	struct forward *f = &s->f;
	size_t vocab = (size_t)s->e->m->hp.n_vocab;

	if (k > FEW_MAX)
		forward_batch(f, s->tok + s->used, k, s->used, NULL, NULL);
	else
		forward_few(f, s->tok + s->used, k, s->used, rows);
	for (int i = 0; i < k; i++) {
		int at = i % FORWARD_ROWS, left = k - i;

		if (at == 0 && k > FEW_MAX)
			forward_logits_rows(f, i, left < FORWARD_ROWS ? left :
			    FORWARD_ROWS, rows);
		row(s->used + i, rows + (size_t)at * vocab, ud);
	}
	s->used += k;
	s->end = s->used;
}

int
session_logits_all(struct session *s, const int32_t *tok, size_t n,
    void (*row)(int pos, const float *logits, void *ud), void *ud,
    struct err *err)
{
	float *rows;

	if (n > (size_t)s->context)
		return err_set(err, "%zu tokens do not fit the context of %d",
		    n, s->context);
	if (check_tokens(s, tok, n, err))
		return -1;
	rows = calloc(FORWARD_ROWS, logits_bytes(s));
	if (!rows)
		return err_set(err, "not enough memory for the scores of %d "
		    "positions", FORWARD_ROWS);
	pool_watch(s->e->pool, NULL, NULL);	/* so nothing stops it */
	session_clear(s);
	memcpy(s->tok, tok, n * sizeof *tok);
	while (s->used < (int)n)
		hand_out(s, (int)n - s->used < s->f.batch ?
		    (int)n - s->used : s->f.batch, rows, row, ud);
	free(rows);
	return finish(s, true, err);
}
