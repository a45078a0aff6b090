/* proto.c -- what is in each message.  Parsing (proto_parse.c) and formatting
 * (proto_format.c) both walk these tables, so that they cannot drift apart. */
#include "proto_priv.h"

#include <stdlib.h>
#include <string.h>

#define F(type, member, kind) { #member, kind, false, offsetof(type, member), 0 }
#define OPT(type, member, kind) { #member, kind, true, offsetof(type, member), 0 }
#define F_INTS(type, member, optional) { #member, K_INTS, optional, \
	offsetof(type, member), offsetof(type, n_##member) }
#define END { NULL, K_BOOL, false, 0, 0 }

static const struct field hello_fields[] = {
	F(struct msg_hello, version, K_INT),
	OPT(struct msg_hello, program, K_STR),
	END
};
static const struct field load_fields[] = {
	F(struct load, model, K_STR),
	OPT(struct load, context, K_INT),
	OPT(struct load, threads, K_INT),
	OPT(struct load, kv, K_KV),
	OPT(struct load, lora, K_ADAPTERS),
	OPT(struct load, chat_format, K_STR),
	OPT(struct load, snapshots, K_STR),
	OPT(struct load, snapshot_mib, K_INT),
	END
};
static const struct field generate_fields[] = {
	F(struct msg_generate, id, K_I64),
	OPT(struct msg_generate, slot, K_INT),
	F(struct msg_generate, messages, K_MESSAGES),
	OPT(struct msg_generate, sampling, K_SAMPLING),
	OPT(struct msg_generate, thinking, K_THINKING),
	OPT(struct msg_generate, budget, K_INT),
	OPT(struct msg_generate, budget_ms, K_INT),
	OPT(struct msg_generate, thought, K_STR),
	OPT(struct msg_generate, thought_open, K_BOOL),
	OPT(struct msg_generate, keep, K_STR),
	END
};
/* What a generate would read hangs on neither sampling nor budgets. */
static const struct field measure_fields[] = {
	F(struct msg_generate, id, K_I64),
	OPT(struct msg_generate, slot, K_INT),
	F(struct msg_generate, messages, K_MESSAGES),
	OPT(struct msg_generate, thinking, K_THINKING),
	OPT(struct msg_generate, thought, K_STR),
	OPT(struct msg_generate, thought_open, K_BOOL),
	OPT(struct msg_generate, keep, K_STR),
	END
};
static const struct field forget_fields[] = {
	F(struct msg_forget, keep, K_STR),
	END
};
static const struct field cancel_fields[] = {
	F(struct msg_cancel, id, K_I64),
	END
};
static const struct field answer_now_fields[] = {
	F(struct msg_answer_now, id, K_I64),
	END
};
static const struct field steer_fields[] = {
	F(struct msg_steer, id, K_I64),
	F(struct msg_steer, text, K_STR),
	END
};
static const struct field quit_fields[] = { END };
static const struct field progress_fields[] = {
	F(struct msg_progress, what, K_WHAT),
	OPT(struct msg_progress, id, K_I64),
	F(struct msg_progress, done, K_I64),
	F(struct msg_progress, total, K_I64),
	END
};
static const struct field loaded_fields[] = {
	F(struct msg_loaded, name, K_STR),
	F(struct msg_loaded, arch, K_STR),
	F(struct msg_loaded, format, K_STR),
	F(struct msg_loaded, context, K_INT),
	F(struct msg_loaded, bytes, K_I64),
	F(struct msg_loaded, thinker, K_THINKER),
	F(struct msg_loaded, cpu, K_STR),
	OPT(struct msg_loaded, engine, K_STR),
	OPT(struct msg_loaded, notes, K_NOTES),
	END
};
static const struct field delta_fields[] = {
	F(struct msg_delta, id, K_I64),
	F(struct msg_delta, channel, K_CHANNEL),
	F(struct msg_delta, text, K_STR),
	F_INTS(struct msg_delta, ids, true),
	END
};
static const struct field measured_fields[] = {
	F(struct msg_measured, id, K_I64),
	F(struct msg_measured, tokens, K_INT),
	F(struct msg_measured, cached, K_INT),
	F_INTS(struct msg_measured, ends, false),
	F(struct msg_measured, context, K_INT),
	END
};
/* The question has none of them, the answer all. */
static const struct field limits_fields[] = {
	OPT(struct msg_limits, read_bytes_s, K_DOUBLE),
	OPT(struct msg_limits, decode_bytes, K_I64),
	OPT(struct msg_limits, kv_bytes_token, K_I64),
	OPT(struct msg_limits, threads, K_INT),
	END
};
static const struct field looping_fields[] = {
	F(struct msg_looping, id, K_I64),
	F(struct msg_looping, period, K_INT),
	END
};
static const struct field done_fields[] = {
	F(struct msg_done, id, K_I64),
	F(struct msg_done, reason, K_REASON),
	F(struct msg_done, prompt_tokens, K_INT),
	F(struct msg_done, cached_tokens, K_INT),
	F(struct msg_done, thinking_tokens, K_INT),
	F(struct msg_done, answer_tokens, K_INT),
	F(struct msg_done, context_used, K_INT),
	F(struct msg_done, prompt_ms, K_DOUBLE),
	F(struct msg_done, thinking_ms, K_DOUBLE),
	F(struct msg_done, answer_ms, K_DOUBLE),
	F(struct msg_done, seed, K_U64),
	OPT(struct msg_done, digest, K_STR),
	F_INTS(struct msg_done, tail, true),
	END
};
static const struct field error_fields[] = {
	OPT(struct msg_error, id, K_I64),
	F(struct msg_error, text, K_STR),
	END
};
const struct field proto_sampling[] = {
	OPT(struct sampling, temperature, K_TEMPERATURE),
	OPT(struct sampling, top_k, K_INT),
	OPT(struct sampling, top_p, K_FLOAT),
	OPT(struct sampling, min_p, K_FLOAT),
	OPT(struct sampling, repeat_penalty, K_FLOAT),
	OPT(struct sampling, repeat_last, K_INT),
	OPT(struct sampling, seed, K_U64),
	OPT(struct sampling, max_tokens, K_INT),
	END
};

const struct proto_type proto_types[] = {
	[MSG_HELLO] = { "hello", hello_fields },
	[MSG_LOAD] = { "load", load_fields },
	[MSG_GENERATE] = { "generate", generate_fields },
	[MSG_CANCEL] = { "cancel", cancel_fields },
	[MSG_ANSWER_NOW] = { "answer_now", answer_now_fields },
	[MSG_STEER] = { "steer", steer_fields },
	[MSG_MEASURE] = { "measure", measure_fields },
	[MSG_FORGET] = { "forget", forget_fields },
	[MSG_LIMITS] = { "limits", limits_fields },
	[MSG_QUIT] = { "quit", quit_fields },
	[MSG_PROGRESS] = { "progress", progress_fields },
	[MSG_LOADED] = { "loaded", loaded_fields },
	[MSG_DELTA] = { "delta", delta_fields },
	[MSG_MEASURED] = { "measured", measured_fields },
	[MSG_LOOPING] = { "looping", looping_fields },
	[MSG_DONE] = { "done", done_fields },
	[MSG_ERROR] = { "error", error_fields },
};
const size_t proto_n_types = sizeof proto_types / sizeof proto_types[0];

const char *const proto_whats[PROTO_WHATS] = { "load", "read" };

const char *
msg_type_name(enum msg_type t)
{
	return (unsigned)t < proto_n_types ? proto_types[t].name : "?";
}

static void
notes_free(struct msg_loaded *l)
{
	for (size_t i = 0; i < l->n_notes; i++)
		free(l->notes[i]);
	free(l->notes);
}

void
msg_free(struct msg *m)
{
	for (const struct field *f = proto_types[m->type].fields; f->name; f++) {
		if (f->kind == K_STR)
			free(*(char **)((char *)&m->u + f->off));
		if (f->kind == K_MESSAGES)
			chat_msgs_free(m->u.generate.messages,
			    m->u.generate.n_messages);
		if (f->kind == K_ADAPTERS)
			load_clear_adapters(&m->u.load);
		if (f->kind == K_NOTES)
			notes_free(&m->u.loaded);
		if (f->kind == K_INTS)
			free(*(int **)((char *)&m->u + f->off));
	}
	memset(m, 0, sizeof *m);
}
