/* tool.h -- fikr-engine: the engine for people and for tests, one command a
 * file (tool_*.c). */
#ifndef FIKR_TOOL_H
#define FIKR_TOOL_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "engine.h"
#include "err.h"
#include "lora.h"

#define TOOL_USAGE 2		/* exit status of a usage error */

struct tool {
	const char *name;
	const char *args;	/* what follows the name in the usage line */
	const char *summary;
	const char *help;	/* the options, a line each */
	/* argv[0] is the name; returns the exit status */
	int (*run)(const struct tool *t, int argc, char **argv);
};

extern const struct tool tool_inspect, tool_tokenize, tool_logits,
    tool_perplexity, tool_generate, tool_bench, tool_render;

/* Options that the commands share; each command takes those it names. */
struct tool_opts {
	int threads, context, n_prompt, n_predict, depth, reps;
	enum kv_type kv;
	struct engine_lora lora[LORA_MAX_FILES];
	int n_lora;
	float temp;
	uint64_t seed;
	bool tensors, metadata, json, special, decode;
	const char *tokens, *chat_format, *model, *peer;
};

/* Parse the long and short options named in the letters of `takes` (see
 * tool.c) into o, which holds the defaults, and check that n_args arguments
 * follow (-1: any number).  Returns the index of the first of them, or -1 with
 * *status set: --help was shown (0) or the usage is wrong (2). */
int tool_args(const struct tool *t, const char *takes, int argc, char **argv,
    int n_args, struct tool_opts *o, int *status);

/* Complain on standard error; return the exit status. */
int tool_fail(const struct tool *t, const struct err *err);		/* 1 */
int tool_usage(const struct tool *t, const char *fmt, ...)		/* 2 */
    __attribute__((format(printf, 2, 3)));
/* Write out what is buffered; the exit status, 1 if any of it was lost. */
int tool_finish(const struct tool *t);

int tool_int(const char *s, int lo, int hi, int *v);	/* 0 or -1 */
int tool_read_file(const char *path, struct buf *out, struct err *err);
/* "1,2,3" */
int tool_ids(const char *s, struct ids *out);

struct engine *tool_open(const char *path, const struct tool_opts *o,
    bool no_vocab, struct err *err);

#endif
