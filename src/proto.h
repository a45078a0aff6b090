/* proto.h -- every message of the pipe between fikr and fikr-worker.
 *
 * One JSON object a line, UTF-8, at most PROTO_LINE_MAX bytes, on the
 * worker's standard input and output.  Both sides say hello first and refuse
 * a version they do not know.  Bump PROTO_VERSION when a message changes.
 *
 *   to the worker                       from the worker
 *   hello      {version, program}       hello    {version, program}
 *   load       {model, context,         progress {what, id, done, total}
 *               threads, kv, lora,      loaded   {name, arch, format, context,
 *               chat_format,                      bytes, thinker, cpu, notes}
 *               snapshots, snapshot_mib}
 *   generate   {id, slot, messages,     delta    {id, channel, text, ids}
 *               sampling, thinking,     looping  {id, period}
 *               budget, budget_ms,      done     {id, reason, counts, times,
 *               thought, thought_open,            digest, tail}
 *               keep}
 *   answer_now {id}                     measured {id, tokens, cached, ends,
 *   steer      {id, text}                         context}
 *   cancel     {id}                     limits   {read_bytes_s, decode_bytes,
 *   measure    {id, slot, messages,               kv_bytes_token, threads}
 *               thinking, thought,      error    {id, text}
 *               thought_open, keep}
 *   forget     {keep}
 *   limits     {}
 *   quit       {}
 *
 * Each generate gets exactly one done, after its error if there was one; each
 * measure one measured or error.  Generations in different slots run at the
 * same time, one for a slot that is busy waits for its turn.  A load ends what
 * is being generated (done says cancel) and empties the slots; one that comes
 * while another model is still being loaded takes its place.  The end of the
 * worker's input lets it finish what was asked, then ends it; quit, or nobody
 * reading its output any more, ends it at once.
 */
#ifndef FIKR_PROTO_H
#define FIKR_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "chat.h"
#include "err.h"
#include "load.h"

#define PROTO_VERSION 5
#define PROTO_LINE_MAX (16u << 20)
#define PROTO_SLOTS 4
#define NOTES_MAX 64
#define TAIL_MAX 16		/* tokens of a prompt that done tells */

enum msg_type {
	MSG_HELLO, MSG_LOAD, MSG_GENERATE, MSG_CANCEL, MSG_ANSWER_NOW,
	MSG_STEER, MSG_MEASURE, MSG_FORGET, MSG_LIMITS, MSG_QUIT,
	MSG_PROGRESS, MSG_LOADED, MSG_DELTA, MSG_MEASURED, MSG_LOOPING,
	MSG_DONE, MSG_ERROR
};
enum progress_what { PROGRESS_LOAD, PROGRESS_READ };	/* "load" "read" */

struct msg_hello { int version; char *program; };

/* Of a measure, too, whose sampling and budgets do not travel. */
struct msg_generate {
	int64_t id;		/* > 0, chosen by the asker, never reused */
	int slot;		/* 0..PROTO_SLOTS-1: which timeline, with a
				 * cache of its own */
	struct chat_msg *messages;	/* [n_messages], the last one the user's
					 * (or an assistant's, maybe "", to be
				 * continued) */
	size_t n_messages;
	struct sampling sampling;
	enum thinking thinking;
	int budget;		/* thinking tokens at most; 0: the default */
	int budget_ms;		/* thinking time at most; 0: no limit */
	/* What the reply that is to be continued has thought; NULL: nothing.
	 * Budgets count from here on. */
	char *thought;
	bool thought_open;	/* that thought goes on behind its text (the
				 * reply is "" then); else the answer does */
	/* Under this name (snapshots.h) the state that it leaves may be kept
	 * on disk, and one that was kept is gone on from; NULL or "": nothing
	 * of it is ever written. */
	char *keep;
};

struct msg_cancel { int64_t id; };
/* The thought closes as if its budget were spent; nothing happens once the
 * answer has begun. */
struct msg_answer_now { int64_t id; };
/* The open thought goes on behind text, exactly as it stands, and shows it as a
 * delta of no tokens; nothing happens once the answer has begun. */
struct msg_steer { int64_t id; char *text; };
/* Nothing is kept under this name, from now on until it is named again. */
struct msg_forget { char *keep; };
struct msg_progress {
	enum progress_what what;
	int64_t id;		/* 0 while loading */
	int64_t done, total;	/* bytes loaded, or tokens of the prompt read */
};
struct msg_loaded {
	char *name, *arch, *format;	/* format: the chat format's name */
	int context;		/* tokens that will be used */
	int64_t bytes;		/* of weights */
	enum thinker thinker;
	char *cpu;		/* kernel family in use: "scalar" "avx2" "avx512" */
	char *engine;		/* program and version; or NULL */
	char **notes;		/* [n_notes], sentences for people */
	size_t n_notes;
};
struct msg_delta {
	int64_t id;
	enum channel channel;
	char *text;
	int *ids;		/* [n_ids], the tokens that the model wrote
				 * since the last delta */
	size_t n_ids;
};
/* What a generate with the same would read. */
struct msg_measured {
	int64_t id;
	int tokens;		/* of the whole prompt (more than the context:
				 * it would be refused) ... */
	int cached;		/* ... of which this many are there already */
	int *ends;		/* [n_ends], one a message: tokens up to its
				 * end */
	size_t n_ends;
	int context;		/* tokens that there is room for */
};
/* What bounds the speed; 0: not known. */
struct msg_limits {
	double read_bytes_s;	/* bytes a second all threads read together */
	int64_t decode_bytes;	/* of weights that a token reads */
	int64_t kv_bytes_token;	/* of cache that a token of context adds, all
				 * of which the next token reads */
	int threads;
};
/* The last tokens are the same over and over; said once a generation, which
 * goes on. */
struct msg_looping { int64_t id; int period; };
struct msg_done {
	int64_t id;
	enum done_reason reason;
	int prompt_tokens;	/* of the whole prompt ... */
	int cached_tokens;	/* ... of which this many were kept from before */
	int thinking_tokens, answer_tokens;
	int context_used;	/* tokens in the cache now */
	double prompt_ms, thinking_ms, answer_ms;
	uint64_t seed;		/* the one that was used */
	char *digest;		/* of the model's files, as "sha256:<hex>" or
				 * "sha256-sampled:<hex>"; NULL: not known */
	int *tail;		/* [n_tail], the last tokens of the prompt */
	size_t n_tail;
};
struct msg_error { int64_t id; char *text; };	/* id 0: of no generation */

struct msg {
	enum msg_type type;
	union {
		struct msg_hello hello;
		struct load load;	/* model is a path */
		struct msg_generate generate;
		struct msg_generate measure;
		struct msg_cancel cancel;
		struct msg_answer_now answer_now;
		struct msg_steer steer;
		struct msg_forget forget;
		struct msg_progress progress;
		struct msg_loaded loaded;
		struct msg_delta delta;
		struct msg_measured measured;
		struct msg_limits limits;
		struct msg_looping looping;
		struct msg_done done;
		struct msg_error error;
	} u;
};

const char *msg_type_name(enum msg_type t);
/* Parse one line (without its newline).  On success m owns its strings; on
 * failure m needs no msg_free.  Unknown keys are ignored, wrong types and
 * missing keys are errors. */
int msg_parse(struct msg *m, const char *line, size_t n, struct err *err);
/* Append the line, newline included.  m is only read. */
void msg_format(const struct msg *m, struct buf *out);
void msg_free(struct msg *m);

#endif
