/* generate.h -- one answer: from a conversation to a stream of thinking and
 * answer, a step at a time, so that several can be written at once and each be
 * told things meanwhile.  Native thinkers think by themselves; any other model
 * can be guided (asked.h). */
#ifndef FIKR_GENERATE_H
#define FIKR_GENERATE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine.h"
#include "proto.h"

struct gen_io {
	/* polled every few milliseconds; true abandons the work */
	bool (*stop)(void *ud);
	/* tokens of the prompt read so far */
	void (*progress)(int done, int total, void *ud);
	/* whole UTF-8, not NUL-terminated; the tokens written since the last:
	 * what is at the end of those that show nothing has no text */
	void (*delta)(enum channel c, const char *text, size_t n,
	    const struct ids *written, void *ud);
	/* it repeats itself; at most once */
	void (*looping)(int period, void *ud);
	/* while a prompt is read: others may take a step meanwhile, if they
	 * are writing */
	void (*between)(void *ud);
	void *ud;
};

struct gen;

/* Answer g in s, a session of e; all must outlive it.  Nothing is computed
 * yet. */
struct gen *gen_new(struct engine *e, struct session *s,
    const struct msg_generate *g, const struct gen_io *io);
void gen_free(struct gen *r);
/* Go on by a token, or by a part of the prompt.  1: there is more to do; 0: over; or
 * -1 with a sentence.  Over or failed, gen_result is complete. */
int gen_step(struct gen *r, struct err *err);
bool gen_writing(const struct gen *r);	/* the prompt is read */
const struct msg_done *gen_result(const struct gen *r);
/* What is to be heeded by the next step; see proto.h. */
void gen_cancel(struct gen *r);
void gen_answer_now(struct gen *r);
void gen_steer(struct gen *r, const char *text);

/* The prompt that g begins with in s. */
int gen_prompt(struct engine *e, struct session *s,
    const struct msg_generate *g, struct ids *prompt, struct err *err);
/* What g would read in s; s may be NULL, for one of this context that is
 * empty.  Owns out->ends. */
int gen_measure(struct engine *e, struct session *s, int context,
    const struct msg_generate *g, struct msg_measured *out, struct err *err);

#endif
