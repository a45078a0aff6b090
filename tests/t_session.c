/* t_session.c -- a timeline of tokens on a tiny random model: whatever way
 * the tokens were read, the scores are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "engine.h"
#include "near.h"
#include "tiny_model.h"
#include "tiny_open.h"

#define N 560		/* tokens: more than one batch and one key block */
#define V 50

struct fixture {
	struct engine *e;
	int32_t tok[N];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->e = open_spec(&tiny_spec, KV_F32);
	for (int i = 0; i < N; i++)
		f->tok[i] = (i * i * 7 + i * 3 + 11) % V;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	engine_close(f->e);
	free(f);
	return 0;
}

static struct session *
new_session(struct engine *e, int context)
{
	struct err err = { "" };
	struct session *s = session_new(e, context, &err);

	assert_non_null(s);
	return s;
}

static void
keep_row(int pos, const float *logits, void *ud)
{
	float (*rows)[V] = ud;

	memcpy(rows[pos], logits, sizeof rows[pos]);
}

/* Would catch a batch that computes other than decode: mask, positions,
 * blocks of keys, batches after the first. */
static void
decode_is_prefill(void **state)
{
	struct fixture *f = *state;
	struct session *s = new_session(f->e, N);
	static float rows[N][V];

	assert_int_equal(session_logits_all(s, f->tok, N, keep_row, rows,
	    NULL), 0);
	assert_int_equal(session_sync(s, f->tok, 1, NULL, NULL, NULL), 0);
	for (int i = 1; i < N; i++) {
		assert_int_equal(session_eval(s, f->tok[i], NULL, NULL), 0);
		assert_near(session_logits(s), rows[i], V, 1e-8);
	}
	assert_int_equal(session_used(s), N);
	session_free(s);
}

/* Would catch a token whose scores hang on how many are evaluated at once, by
 * a single bit. */
static void
few_are_one(void **state)
{
	struct fixture *f = *state;
	struct session *s = new_session(f->e, N);
	static float rows[N][V];

	for (int n = 16; n > 0; n -= 5) {
		assert_int_equal(session_logits_all(s, f->tok, (size_t)n,
		    keep_row, rows, NULL), 0);
		assert_int_equal(session_logits_all(s, f->tok, 1, keep_row,
		    &rows[n], NULL), 0);
		for (int i = 1; i < n; i++) {
			assert_int_equal(session_eval(s, f->tok[i], NULL,
			    NULL), 0);
			assert_memory_equal(session_logits(s), rows[i],
			    sizeof rows[i]);
		}
	}
	session_free(s);
}

/* Would catch a half-precision cache that is stored or read wrongly. */
static void
half_cache(void **state)
{
	struct fixture *f = *state;
	struct engine *e = open_spec(&tiny_spec, KV_F16);
	struct session *s = new_session(f->e, N), *h = new_session(e, N);

	assert_int_equal(session_sync(s, f->tok, N, NULL, NULL, NULL), 0);
	assert_int_equal(session_sync(h, f->tok, N - 1, NULL, NULL, NULL), 0);
	assert_int_equal(session_eval(h, f->tok[N - 1], NULL, NULL), 0);
	assert_near(session_logits(h), session_logits(s), V, 1e-4);
	session_free(s);
	session_free(h);
	engine_close(e);
}

/* Would catch a prefix that is kept too long or too short, or stale rows of
 * the cache that are seen after it. */
static void
prefix(void **state)
{
	struct fixture *f = *state;
	struct session *s = new_session(f->e, N), *fresh;
	int32_t other[N];
	int kept = -1;

	memcpy(other, f->tok, sizeof other);
	for (int i = 120; i < N; i++)
		other[i] = (f->tok[i] + 1) % V;
	assert_int_equal(session_sync(s, f->tok, N, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 0);
	assert_int_equal(session_sync(s, other, 200, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 120);
	assert_int_equal(session_used(s), 200);
	fresh = new_session(f->e, N);
	assert_int_equal(session_sync(fresh, other, 200, NULL, NULL, NULL), 0);
	assert_near(session_logits(s), session_logits(fresh), V, 1e-8);

	/* wholly cached already: the last token is read again */
	assert_int_equal(session_sync(s, other, 90, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 89);
	assert_int_equal(session_sync(fresh, f->tok, 300, NULL, NULL, NULL),
	    0);
	assert_int_equal(session_sync(fresh, other, 90, &kept, NULL, NULL), 0);
	assert_near(session_logits(s), session_logits(fresh), V, 1e-8);

	/* nothing to do: the scores are still there */
	assert_int_equal(session_sync(s, other, 90, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 90);
	assert_near(session_logits(s), session_logits(fresh), V, 1e-8);
	session_free(s);
	session_free(fresh);
}

/* Would catch a prompt that is answered otherwise when it is asked again in
 * the same session, and scores that outlive the tokens they belong to. */
static void
again(void **state)
{
	struct fixture *f = *state;
	struct session *s = new_session(f->e, N), *fresh;
	int32_t other[100];
	float first[V], reply[V];
	int kept;

	assert_int_equal(session_sync(s, f->tok, 100, NULL, NULL, NULL), 0);
	memcpy(first, session_logits(s), sizeof first);
	assert_int_equal(session_eval(s, 7, NULL, NULL), 0);
	memcpy(reply, session_logits(s), sizeof reply);
	assert_int_equal(session_eval(s, 8, NULL, NULL), 0);
	assert_int_equal(session_sync(s, f->tok, 100, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 100);
	assert_int_equal(session_used(s), 100);
	assert_memory_equal(first, session_logits(s), sizeof first);
	assert_int_equal(session_eval(s, 7, NULL, NULL), 0);
	assert_memory_equal(reply, session_logits(s), sizeof reply);

	/* of two prompts one after the other, the first */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(session_sync(s, f->tok, 100, &kept, NULL,
		    NULL), 0);
		assert_int_equal(kept, 100);
		assert_memory_equal(first, session_logits(s), sizeof first);
		assert_int_equal(session_eval(s, 7, NULL, NULL), 0);
		assert_int_equal(session_sync(s, f->tok, 150, &kept, NULL,
		    NULL), 0);
		assert_int_equal(kept, 100);
	}

	/* as long, but another text from the middle on */
	memcpy(other, f->tok, sizeof other);
	other[60] = (other[60] + 1) % V;
	assert_int_equal(session_sync(s, other, 80, NULL, NULL, NULL), 0);
	for (int i = 80; i < 100; i++)
		assert_int_equal(session_eval(s, other[i], NULL, NULL), 0);
	assert_int_equal(session_sync(s, other, 100, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 100);
	fresh = new_session(f->e, N);
	assert_int_equal(session_sync(fresh, other, 100, NULL, NULL, NULL),
	    0);
	assert_near(session_logits(s), session_logits(fresh), V, 1e-8);
	session_free(s);
	session_free(fresh);
}

#define LONG 900		/* tokens: more than sliding layers keep */

static void
assert_same_as_fresh(struct engine *e, const struct session *s,
    const int32_t *tok, int n)
{
	struct session *fresh = new_session(e, LONG);

	assert_int_equal(session_sync(fresh, tok, (size_t)n, NULL, NULL,
	    NULL), 0);
	assert_near(session_logits(s), session_logits(fresh), V, 1e-8);
	session_free(fresh);
}

/* Would catch a ring that is read across its end, a window that is off by
 * one between a batch and a token, and a prefix that is kept although sliding
 * layers have lost what comes before its end. */
static void
sliding(void **state)
{
	struct model_spec spec = tiny_spec;
	struct engine *e;
	struct session *s;
	int32_t tok[LONG], kept;

	(void)state;
	spec.arch = "gemma3";
	spec.window = 20;
	spec.n_ctx = 2 * LONG;
	e = open_spec(&spec, KV_F32);
	s = new_session(e, LONG);
	for (int i = 0; i < LONG; i++)
		tok[i] = (i * i * 5 + i + 3) % V;
	assert_int_equal(session_sync(s, tok, 400, NULL, NULL, NULL), 0);
	for (int i = 400; i < LONG; i++)
		assert_int_equal(session_eval(s, tok[i], NULL, NULL), 0);
	assert_same_as_fresh(e, s, tok, LONG);

	for (int i = 880; i < LONG; i++)
		tok[i] = (tok[i] + 1) % V;
	assert_int_equal(session_sync(s, tok, LONG, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 880);
	assert_same_as_fresh(e, s, tok, LONG);

	tok[300] = (tok[300] + 1) % V;
	assert_int_equal(session_sync(s, tok, 310, &kept, NULL, NULL), 0);
	assert_int_equal(kept, 0);
	assert_same_as_fresh(e, s, tok, 310);
	session_free(s);
	engine_close(e);
}

/* Would catch a cache in 8 bits that is stored or read wrongly. */
static void
small_cache(void **state)
{
	struct fixture *f = *state;
	struct engine *e = open_spec(&tiny_spec, KV_Q8_0);
	struct session *s = new_session(e, N), *q = new_session(e, N);
	struct session *exact = new_session(f->e, N);

	assert_int_equal(session_sync(s, f->tok, N, NULL, NULL, NULL), 0);
	assert_int_equal(session_sync(q, f->tok, N - 1, NULL, NULL, NULL), 0);
	assert_int_equal(session_eval(q, f->tok[N - 1], NULL, NULL), 0);
	assert_int_equal(session_sync(exact, f->tok, N, NULL, NULL, NULL), 0);
	assert_near(session_logits(q), session_logits(s), V, 1e-5);
	assert_near(session_logits(s), session_logits(exact), V, 1e-2);
	session_free(s);
	session_free(q);
	session_free(exact);
	engine_close(e);
}

struct beside {
	struct session *s;
	int called;
};

static void
write_beside(void *ud)
{
	struct beside *b = ud;

	b->called++;
	assert_int_equal(session_eval(b->s, b->called % V, NULL, NULL), 0);
}

/* Would catch a prompt read in parts, with another session computing in the
 * middle of each, that ends in other scores than the same read at once; or the
 * other session's scores. */
static void
in_parts(void **state)
{
	struct fixture *f = *state;
	struct session *a = new_session(f->e, N), *b = new_session(f->e, N);
	struct session *alone = new_session(f->e, N);
	struct session *whole = new_session(f->e, N);
	struct beside side = { b, 0 };
	struct watch w = { .between = write_beside, .ud = &side };
	int kept = -1, parts = 0;

	assert_int_equal(session_sync(a, f->tok, N, NULL, NULL, NULL), 0);
	assert_int_equal(session_sync(whole, f->tok, N, NULL, NULL, NULL), 0);
	assert_int_equal(session_sync(b, f->tok, 30, NULL, NULL, NULL), 0);
	assert_int_equal(session_sync(alone, f->tok, 30, NULL, NULL, NULL), 0);
	f->tok[3]++;
	assert_int_equal(session_begin(a, f->tok, N, 0, &kept, NULL), 0);
	assert_int_equal(kept, 3);
	assert_int_equal(session_sync(whole, f->tok, N, NULL, NULL, NULL), 0);
	f->tok[3]--;
	assert_int_equal(session_sync(whole, f->tok, N, NULL, NULL, NULL), 0);
	assert_int_equal(session_common(a, f->tok, N), 3);
	assert_int_equal(session_begin(a, f->tok, N, 0, &kept, NULL), 0);
	for (; session_unread(a) > 0; parts++)
		assert_int_equal(session_read(a, 512, &w, NULL), 0);
	assert_true(parts > 1);
	assert_true(side.called >= 2 * parts);
	for (int i = 1; i <= side.called; i++)
		assert_int_equal(session_eval(alone, i % V, NULL, NULL), 0);
	assert_memory_equal(session_logits(b), session_logits(alone),
	    V * sizeof(float));
	assert_memory_equal(session_logits(a), session_logits(whole),
	    V * sizeof(float));
	session_free(a);
	session_free(b);
	session_free(alone);
	session_free(whole);
}

/* Would catch a reply that goes on from other scores than it had when it was
 * stopped: its last token has to be decoded again, to the bit. */
static void
going_on(void **state)
{
	struct fixture *f = *state;
	struct session *s = new_session(f->e, N);
	float was[V];
	int kept;

	assert_int_equal(session_sync(s, f->tok, 50, NULL, NULL, NULL), 0);
	for (int i = 50; i < 60; i++)
		assert_int_equal(session_eval(s, f->tok[i], NULL, NULL), 0);
	memcpy(was, session_logits(s), sizeof was);
	/* one token more, then another way: those scores are lost */
	assert_int_equal(session_eval(s, 1, NULL, NULL), 0);
	assert_int_equal(session_common(s, f->tok, 60), 59);
	assert_int_equal(session_begin(s, f->tok, 60, 10, &kept, NULL), 0);
	assert_int_equal(kept, 59);
	assert_int_equal(session_read(s, 512, NULL, NULL), 0);
	assert_int_equal(session_unread(s), 0);
	assert_memory_equal(session_logits(s), was, sizeof was);
	session_free(s);
}

struct stopper {
	int asked, at, done, first;
};

static bool
stop_now(void *ud)
{
	struct stopper *s = ud;

	return ++s->asked >= s->at;
}

static void
note_progress(int done, int total, void *ud)
{
	struct stopper *s = ud;

	assert_true(done > s->done && done <= total);
	s->done = done;
	if (done >= 256)
		s->at = 0;		/* from now on, stop */
	if (!s->first)
		s->first = done;
}

/* Would catch progress that waits for whole batches, a stop that leaves rows
 * counted that were not computed, or a pool that goes on refusing work. */
static void
stopping(void **state)
{
	struct fixture *f = *state;
	struct stopper st = { .at = 1 << 30 };
	struct watch w = { .stop = stop_now, .progress = note_progress,
		.ud = &st };
	struct session *s = new_session(f->e, N), *fresh;
	int r = session_sync(s, f->tok, N, NULL, &w, NULL);

	/* the pool asks only every few milliseconds: either way is sound */
	assert_true(r == 0 || r == 1);
	assert_true(session_used(s) == N || session_used(s) % 256 == 0);
	assert_true(session_used(s) <= st.done);
	/* a layer of two, of a batch of 256 or, on tiles, 512 */
	assert_true(st.first == 128 || st.first == 256);

	/* an immediate stop; the cache must still be right afterwards */
	st = (struct stopper){ .at = 0 };
	f->tok[0] ^= 1;
	r = session_sync(s, f->tok, N, NULL, &w, NULL);
	assert_true(r == 0 || r == 1);
	assert_true(session_used(s) <= N);
	assert_int_equal(session_sync(s, f->tok, N, NULL, NULL, NULL), 0);
	fresh = new_session(f->e, N);
	assert_int_equal(session_sync(fresh, f->tok, N, NULL, NULL, NULL), 0);
	assert_near(session_logits(s), session_logits(fresh), V, 1e-8);
	f->tok[0] ^= 1;
	session_free(s);
	session_free(fresh);
}

/* Would catch writing past the cache, and tokens that index past the
 * embeddings. */
static void
bounds(void **state)
{
	struct fixture *f = *state;
	struct session *s = new_session(f->e, 8);
	struct err err = { "" };
	int32_t bad[2] = { 1, V }, negative = -1;

	assert_int_equal(session_context(s), 8);
	assert_int_equal(session_sync(s, f->tok, 9, NULL, NULL, &err), -1);
	assert_non_null(strstr(err.text, "context"));
	assert_int_equal(session_sync(s, f->tok, 8, NULL, NULL, NULL), 0);
	assert_int_equal(session_eval(s, 1, NULL, &err), -1);
	assert_non_null(strstr(err.text, "full"));
	assert_int_equal(session_sync(s, bad, 2, NULL, NULL, &err), -1);
	assert_int_equal(session_eval(s, negative, NULL, &err), -1);
	assert_int_equal(session_sync(s, f->tok, 0, NULL, NULL, &err), -1);
	assert_int_equal(session_used(s), 8);
	session_free(s);
	assert_null(session_new(f->e, 601, &err));
	assert_non_null(strstr(err.text, "600"));
	s = new_session(f->e, 0);
	assert_int_equal(session_context(s), 600);
	session_free(s);
}

/* Would catch two timelines of one engine that share more than weights. */
static void
two_sessions(void **state)
{
	struct fixture *f = *state;
	struct session *a = new_session(f->e, N), *b = new_session(f->e, N);
	float first[V];

	assert_int_equal(session_sync(a, f->tok, 40, NULL, NULL, NULL), 0);
	memcpy(first, session_logits(a), sizeof first);
	assert_int_equal(session_sync(b, f->tok + 40, 40, NULL, NULL, NULL),
	    0);
	assert_memory_equal(first, session_logits(a), sizeof first);
	session_free(a);
	session_free(b);
}

/* Would catch metadata of the file that is not what people are told. */
static void
info(void **state)
{
	struct fixture *f = *state;
	const struct engine_info *i = engine_info(f->e);
	struct err err = { "" };

	assert_string_equal(i->arch, "llama");
	assert_string_equal(i->desc, "F32");
	assert_string_equal(i->name, "unnamed");
	assert_int_equal(i->n_vocab, V);
	assert_int_equal(i->context_train, 600);
	assert_true(i->decode_bytes > 0 && i->decode_bytes < i->bytes);
	assert_null(engine_vocab(f->e));
	assert_null(engine_chatfmt(f->e, &err));
}

static bool
at_once(void *ud)
{
	(void)ud;
	return true;
}

/* Would catch a fingerprint that is not there without having been begun, that
 * waits for the rest it was told to take, or changes when it is asked for
 * again. */
static void
fingerprint(void **state)
{
	struct engine *a = open_spec(&tiny_spec, KV_F32);
	struct engine *b = open_spec(&tiny_spec, KV_F32);
	const char *x, *y;

	(void)state;
	engine_digest_begin(a);
	engine_digest_rest(a, true);
	x = engine_digest(a, NULL, NULL);
	assert_non_null(x);
	assert_int_equal(strncmp(x, "sha256:", 7), 0);
	assert_int_equal(strlen(x), 7 + 64);
	engine_digest_begin(a);
	assert_string_equal(engine_digest(a, at_once, NULL), x);
	assert_null(engine_digest(b, at_once, NULL));
	y = engine_digest(b, NULL, NULL);
	assert_non_null(y);
	assert_string_equal(x, y);
	engine_close(a);
	engine_close(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_are_one),
		cmocka_unit_test(decode_is_prefill),
		cmocka_unit_test(half_cache),
		cmocka_unit_test(small_cache),
		cmocka_unit_test(sliding),
		cmocka_unit_test(prefix),
		cmocka_unit_test(again),
		cmocka_unit_test(in_parts),
		cmocka_unit_test(going_on),
		cmocka_unit_test(stopping),
		cmocka_unit_test(bounds),
		cmocka_unit_test(two_sessions),
		cmocka_unit_test(fingerprint),
		cmocka_unit_test(info),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
