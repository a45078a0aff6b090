/* engine.h -- the only header outsiders of the engine see: a loaded model, and
 * one timeline of tokens with its KV cache and logits.  Tensors never show.
 *
 *	struct engine *e = engine_open("model.gguf", &opts, &err);
 *	struct session *s = session_new(e, 2048, &err);
 *	session_sync(s, tokens, n, &watch, &err);	 reads what is new
 *	while ((t = sampler_pick(sm, session_logits(s))) is no end of turn)
 *		session_eval(s, t, &err);
 */
#ifndef FIKR_ENGINE_H
#define FIKR_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chat.h"
#include "chatfmt.h"
#include "err.h"
#include "vocab.h"

/* A LoRA adapter that is applied while computing, its effect times scale. */
struct engine_lora { const char *path; float scale; };

struct engine_opts {
	int threads;			/* 0: one a usable core, which is also
					 * the most */
	enum kv_type kv;
	const struct engine_lora *lora;	/* [n_lora] */
	int n_lora;
	/* a format's name or the path of a file that describes one (chatfmt.h);
	 * NULL: recognised from the model */
	const char *chat_format;
	bool no_vocab;			/* for tokens by number: engine_vocab
					 * and engine_chatfmt give NULL */
	/* told while loading; may be NULL */
	void (*progress)(int64_t done, int64_t total, void *ud);
	/* asked while loading, may be NULL; true abandons it: engine_open
	 * fails */
	bool (*stop)(void *ud);
	void *ud;
};

struct engine_info {
	char name[128];		/* general.name, control characters removed */
	char arch[32];
	char desc[32];		/* the most used tensor type, e.g. "Q4_1" */
	int n_layer, n_embd, n_head, n_head_kv, n_vocab;
	int context_train;
	int64_t n_params, bytes;	/* of weights */
	int64_t n_params_active;	/* that one token uses */
	int64_t decode_bytes;		/* ... that one token reads */
	int64_t layer_macs;		/* multiply-adds of one token with the
					 * layers' matrices: without attention
					 * and the head */
	const char *cpu;	/* kernel family: "scalar" "avx2" "avx512" */
	int threads;
};

struct engine;
struct session;

/* The file stays mapped.  One that is cut short while the engine is open makes
 * what is computed from then on fail with a sentence (replace a model by
 * renaming a new file over it). */
struct engine *engine_open(const char *path, const struct engine_opts *o,
    struct err *err);
void engine_close(struct engine *e);
const struct engine_info *engine_info(const struct engine *e);
/* The fingerprint of the model's files, "sha256:..." (digest.h).  Nothing
 * waits for it: engine_digest_begin has it computed on a thread of its own,
 * which is told to rest while an answer is computed.  engine_digest waits, but
 * gives up when stop(ud), which may be NULL, is true: NULL then, as when the
 * files are not whole any more.  What it returns is e's. */
void engine_digest_begin(struct engine *e);
void engine_digest_rest(struct engine *e, bool rest);
const char *engine_digest(struct engine *e, bool (*stop)(void *ud), void *ud);
/* Of the cache of `tokens` tokens, all of which the next token reads. */
int64_t engine_kv_bytes(const struct engine *e, int tokens);
/* Bytes a second that all threads together read from memory, measured when
 * first asked for, in some tenths of a second; 0: there was no room to. */
double engine_read_rate(struct engine *e);
const struct vocab *engine_vocab(const struct engine *e);
/* The chat format; NULL, with the reason in err, only without a vocabulary. */
const struct chatfmt *engine_chatfmt(const struct engine *e, struct err *err);

/* How much of a model larger than memory stays there, and what that means for
 * its speed: a sentence for people.  NULL: all of it. */
const char *engine_memory_note(const struct engine *e);
/* That fewer threads are used than were asked for, and why.  NULL: not so. */
const char *engine_threads_note(const struct engine *e);

/* Watched while computing: stop is polled every few milliseconds, also inside
 * a long prefill; true abandons the work (the call returns 1).  progress is
 * told about how many tokens of the prompt are read.  Either may be NULL. */
struct watch {
	bool (*stop)(void *ud);
	void (*progress)(int done, int total, void *ud);
	void *ud;
	/* called now and then while a prompt is read, in the middle of a batch;
	 * it may compute in other sessions */
	void (*between)(void *ud);
};

/* context <= what the model was trained for; 0: that, at most 8192. e must
 * outlive it. */
struct session *session_new(struct engine *e, int context, struct err *err);
void session_free(struct session *s);
int session_context(const struct session *s);	/* the most tokens it holds */
int session_used(const struct session *s);	/* tokens in the cache */
/* Make the timeline exactly tok[0..n), n > 0, keeping the common prefix in the
 * cache; *kept (may be NULL) gets its length.  Logits of the last token are
 * valid after.  0 done, 1 stopped (what was read stays), -1 failed. */
int session_sync(struct session *s, const int32_t *tok, size_t n, int *kept,
    const struct watch *w, struct err *err);
/* The same in parts, for many at once: begin, then read until none are unread.
 * The last `written` tokens were written by the model: a few of them that are
 * not in the cache any more are computed as when they were. */
int session_begin(struct session *s, const int32_t *tok, size_t n,
    size_t written, int *kept, struct err *err);
int session_unread(const struct session *s);
/* At most `most` more of them; 0, 1 or -1 as above. */
int session_read(struct session *s, int most, const struct watch *w,
    struct err *err);
/* How many of tok[0..n) session_begin would keep. */
int session_common(struct session *s, const int32_t *tok, size_t n);
/* [session_used], until the next call on s. */
const int32_t *session_tokens(const struct session *s);
/* Append one token and compute its logits.  0, 1 or -1 as above. */
int session_eval(struct session *s, int32_t tok, const struct watch *w,
    struct err *err);
/* [n_vocab], until the next call on s. */
const float *session_logits(const struct session *s);
/* Evaluate tok[0..n) from an empty cache and hand out the logits of every
 * position: row(pos, logits[n_vocab], ud).  For perplexity and tests.  Up to
 * 16 tokens get the very bits that session_eval gives one after the other. */
int session_logits_all(struct session *s, const int32_t *tok, size_t n,
    void (*row)(int pos, const float *logits, void *ud), void *ud,
    struct err *err);

#endif
