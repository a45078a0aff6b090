/* session.c -- see engine.h: a timeline of tokens and what is computed of
 * it. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "engine_priv.h"
#include "forward.h"

#define CONTEXT_DEFAULT 8192

struct session {
	struct engine *e;
	struct forward f;
	int context, used;
	int32_t *tok;		/* [context]; [used] are in the cache */
	bool has_logits;	/* f.logits are those of the last token */
	/* The scores after the first prompt_end tokens, which the last sync
	 * read; 0: none.  With them the same prompt again costs nothing and
	 * is answered from the very same numbers. */
	int prompt_end;
	float *prompt_logits;	/* [n_vocab] */
};

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
	if (forward_init(&s->f, e->m, e->kn, e->pool, e->kv, context, err)) {
		free(s);
		return NULL;
	}
	s->tok = xcalloc((size_t)context, sizeof *s->tok);
	s->prompt_logits = xcalloc((size_t)e->m->hp.n_vocab,
	    sizeof *s->prompt_logits);
	return s;
}

void
session_free(struct session *s)
{
	if (!s)
		return;
	forward_done(&s->f);
	free(s->tok);
	free(s->prompt_logits);
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

	if (!r->w || !r->w->progress || now == r->told)
		return;
	r->told = now;
	r->w->progress(now, r->end, r->w->ud);
}

/* Evaluate tokens used..end-1 of s->tok, a batch at a time, however few they
 * are: decode would round them to 8 bits, so that what a prompt is answered
 * with would hang on what happened to be in the cache.  Only what is wholly
 * computed is counted. */
static bool
read_prompt(struct session *s, int end, const struct watch *w)
{
	struct reading r = { .s = s, .w = w, .end = end, .told = s->used };

	while (s->used < end) {
		r.n = end - s->used;
		if (r.n > s->f.batch)
			r.n = s->f.batch;
		if (!forward_batch(&s->f, s->tok + s->used, r.n, s->used,
		    layer_read, &r))
			return false;
		if (s->used + r.n == end && !forward_logits(&s->f, r.n - 1))
			return false;
		s->used += r.n;
	}
	s->has_logits = true;
	s->prompt_end = end;
	memcpy(s->prompt_logits, s->f.logits, logits_bytes(s));
	return true;
}

/* The scores after the first n tokens of the cache, if they are known. */
static bool
recall(struct session *s, int n)
{
	if (n == s->used && s->has_logits)
		return true;
	if (n != s->prompt_end)
		return false;
	memcpy(s->f.logits, s->prompt_logits, logits_bytes(s));
	s->has_logits = true;
	return true;
}

int
session_sync(struct session *s, const int32_t *tok, size_t n, int *kept,
    const struct watch *w, struct err *err)
{
	int same = 0, end;
	bool done;

	if (n == 0)
		return err_set(err, "there are no tokens to read");
	if (n > (size_t)s->context)
		return err_set(err, "the text takes %zu tokens, more than the "
		    "context of %d; shorten it, or start with a larger "
		    "context", n, s->context);
	if (check_tokens(s, tok, n, err))
		return -1;
	end = (int)n;
	while (same < s->used && same < end && s->tok[same] == tok[same])
		same++;
	if (same == end && !recall(s, end))
		same--;		/* read the last again, for its logits */
	if (kept)
		*kept = same;
	s->used = same;
	if (same == end)
		return 0;
	s->has_logits = false;
	if (same < s->prompt_end)
		s->prompt_end = 0;
	memcpy(s->tok, tok, n * sizeof *tok);
	watch_start(s, w);
	done = read_prompt(s, end, w);
	pool_watch(s->e->pool, NULL, NULL);
	return done ? 0 : 1;
}

int
session_eval(struct session *s, int32_t tok, const struct watch *w,
    struct err *err)
{
	bool done;

	if (check_tokens(s, &tok, 1, err))
		return -1;
	if (s->used == s->context)
		return err_set(err, "the context of %d tokens is full; start a "
		    "new conversation, or a larger context", s->context);
	s->tok[s->used] = tok;
	watch_start(s, w);
	s->has_logits = done = forward_token(&s->f, tok, s->used);
	pool_watch(s->e->pool, NULL, NULL);
	if (!done)
		return 1;
	s->used++;
	return 0;
}

int
session_logits_all(struct session *s, const int32_t *tok, size_t n,
    void (*row)(int pos, const float *logits, void *ud), void *ud,
    struct err *err)
{
	if (n > (size_t)s->context)
		return err_set(err, "%zu tokens do not fit the context of %d",
		    n, s->context);
	if (check_tokens(s, tok, n, err))
		return -1;
	pool_watch(s->e->pool, NULL, NULL);	/* so nothing stops it */
	s->used = s->prompt_end = 0;
	s->has_logits = false;
	memcpy(s->tok, tok, n * sizeof *tok);
	while (s->used < (int)n) {
		int left = (int)n - s->used;
		int k = left < s->f.batch ? left : s->f.batch;

		forward_batch(&s->f, s->tok + s->used, k, s->used, NULL, NULL);
		if (forward_logits_all(&s->f, k, s->used, row, ud, err))
			return -1;
		s->used += k;
	}
	return 0;
}
