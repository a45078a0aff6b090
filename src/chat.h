/* chat.h -- the words of the domain that both sides of the pipe use: roles,
 * channels, thinking modes, how a turn ends, and sampling.  Each enum has one
 * table of names, used for JSON, YAML, options and the screen alike. */
#ifndef FIKR_CHAT_H
#define FIKR_CHAT_H

#include <stddef.h>
#include <stdint.h>

enum role { ROLE_SYSTEM, ROLE_USER, ROLE_ASSISTANT };
enum channel { CHANNEL_THINKING, CHANNEL_ANSWER };

/* What the person wants: AUTO lets models think that were trained to; ON also
 * guides models that were not; OFF asks for the answer at once. */
enum thinking { THINKING_AUTO, THINKING_ON, THINKING_OFF };

/* What the loaded model can do. */
enum thinker { THINKER_NONE, THINKER_GUIDED, THINKER_NATIVE };

enum done_reason {
	DONE_STOP,	/* the model ended its turn */
	DONE_LENGTH,	/* max_tokens reached */
	DONE_CONTEXT,	/* the context is full */
	DONE_CANCEL,	/* asked to stop */
	DONE_ERROR,	/* the engine failed; an error message came before */
	DONE_LOST,	/* the worker died (set by fikr, never sent) */
	DONE_OPEN	/* still streaming, or cut off before its end was saved */
};

/* How keys and values are kept: one scale a 32 values in Q8_0. */
enum kv_type { KV_F16, KV_F32, KV_Q8_0 };

#define TEMPERATURE_AUTO (-1.0f)

struct sampling {
	float temperature;	/* 0: always the most likely token;
				 * TEMPERATURE_AUTO: see sampling_settle */
	int top_k;		/* 0: off */
	float top_p;		/* 1: off */
	float min_p;		/* 0: off */
	float repeat_penalty;	/* 1: off */
	int repeat_last;	/* tokens looked back at */
	uint64_t seed;		/* 0: take one from the clock and report it */
	int max_tokens;		/* thinking and answer together; 0: no limit */
};

struct chat_msg {
	enum role role;
	char *text;		/* UTF-8, NUL-terminated */
};

/* Over what it said, for people. */
const char *role_heading(enum role r);		/* _("You") ... */
const char *role_name(enum role r);		/* "system" "user" "assistant" */
int role_parse(const char *s, enum role *r);	/* 0 or -1, like the others */
const char *channel_name(enum channel c);	/* "thinking" "answer" */
int channel_parse(const char *s, enum channel *c);
const char *thinking_name(enum thinking t);	/* "auto" "on" "off" */
int thinking_parse(const char *s, enum thinking *t);
const char *thinker_name(enum thinker t);	/* "none" "guided" "native" */
int thinker_parse(const char *s, enum thinker *t);
const char *done_name(enum done_reason d);	/* "stop" "length" ... */
int done_parse(const char *s, enum done_reason *d);
const char *kv_type_name(enum kv_type t);	/* "f16" "f32" "q8_0" */
int kv_type_parse(const char *s, enum kv_type *t);

struct sampling sampling_default(void);	/* auto, 40, 0.95, 0.05, 1.05, 64 */
/* Replace TEMPERATURE_AUTO: 0.6 for a model that was trained to think (as
 * DeepSeek-R1's makers advise), 0.2 for others (measured: of 14 short questions
 * the default model answered 83 % rightly at 0.2 and 60 % at 0.6). */
void sampling_settle(struct sampling *s, enum thinker thinker);
/* NULL, or a sentence fragment naming the field that is out of bounds. */
const char *sampling_check(const struct sampling *s);

void chat_msgs_free(struct chat_msg *m, size_t n);

#endif
