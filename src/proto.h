/* proto.h -- every message of the pipe between fikr and fikr-worker.
 *
 * One JSON object a line, UTF-8, at most PROTO_LINE_MAX bytes, on the
 * worker's standard input and output.  Both sides say hello first and refuse
 * a version they do not know.  Bump PROTO_VERSION when a message changes.
 *
 *   to the worker                      from the worker
 *   hello    {version, program}        hello    {version, program}
 *   load     {model, context, threads, progress {what, id, done, total}
 *             kv, lora, chat_format}   loaded   {name, arch, format, context,
 *   generate {id, messages, sampling,            bytes, thinker, cpu, notes}
 *             thinking, budget}        delta    {id, channel, text}
 *   cancel   {id}                      done     {id, reason, counts, times,
 *   quit     {}                                  digest}
 *                                      error    {id, text}
 *
 * Each generate gets exactly one done, after its error if there was one.  The
 * end of the worker's input lets it finish what was asked, then ends it; quit,
 * or nobody reading its output any more, ends it at once.
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

#define PROTO_VERSION 3
#define PROTO_LINE_MAX (16u << 20)
#define NOTES_MAX 64

enum msg_type {
	MSG_HELLO, MSG_LOAD, MSG_GENERATE, MSG_CANCEL, MSG_QUIT,
	MSG_PROGRESS, MSG_LOADED, MSG_DELTA, MSG_DONE, MSG_ERROR
};
enum progress_what { PROGRESS_LOAD, PROGRESS_READ };	/* "load" "read" */

struct msg_hello { int version; char *program; };
struct msg_generate {
	int64_t id;		/* > 0, chosen by the asker, never reused */
	struct chat_msg *messages;	/* [n_messages], the last one the user's
					 * (or an assistant's, to be continued) */
	size_t n_messages;
	struct sampling sampling;
	enum thinking thinking;
	int budget;		/* thinking tokens at most; 0: the default */
};
struct msg_cancel { int64_t id; };
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
	char **notes;		/* [n_notes], sentences for people */
	size_t n_notes;
};
struct msg_delta { int64_t id; enum channel channel; char *text; };
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
};
struct msg_error { int64_t id; char *text; };	/* id 0: of no generation */

struct msg {
	enum msg_type type;
	union {
		struct msg_hello hello;
		struct load load;	/* model is a path */
		struct msg_generate generate;
		struct msg_cancel cancel;
		struct msg_progress progress;
		struct msg_loaded loaded;
		struct msg_delta delta;
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
