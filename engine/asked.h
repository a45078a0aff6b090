/* asked.h -- what a model reads when it is asked for a reply: the conversation
 * in its chat format as tokens, with the part of the reply that is there
 * already.
 *
 * A model that was not trained to think is guided: the question is asked once
 * with some words before it, and what the model replies is its thought; then
 * it is asked again as it is.  So such a turn has two prompts. */
#ifndef FIKR_ASKED_H
#define FIKR_ASKED_H

#include <stdbool.h>
#include <stddef.h>

#include "chatfmt.h"
#include "engine.h"
#include "proto.h"
#include "vocab.h"

#define ANSWER_ROOM 32	/* tokens that must be left for an answer */

enum asked_for {
	ASKED_PLAIN,		/* the reply, in the model's own way */
	ASKED_THOUGHT,		/* guided: a thought ... */
	ASKED_ANSWER		/* ... and the answer after it */
};

struct asked {			/* all zero: nothing */
	struct ids line;	/* the prompt; with the reply so far, from ... */
	size_t reply;		/* ... this token on */
	bool open;		/* it ends inside a thought */
	int *ends;		/* [messages] tokens up to the end of each of
				 * them; NULL where they are not wanted */
};

/* The reply is to be continued; there is a thought of it, open or over. */
bool asked_goes_on(const struct msg_generate *g);
bool asked_has_thought(const struct msg_generate *g);
bool asked_thought_open(const struct msg_generate *g);

/* Render and encode g.  thought is what a guided model has thought, for
 * ASKED_ANSWER (for ASKED_THOUGHT it is g's, which goes on).  s, which may be
 * NULL, is where the reply may have been written: then it is asked for in the
 * very tokens that were. */
int asked_make(struct asked *a, struct engine *e, const struct session *s,
    const struct msg_generate *g, enum asked_for what, const char *thought,
    bool ends, struct err *err);
void asked_done(struct asked *a);
/* What is asked for first. *budget gets the tokens that a guided thought may
 * have in a context of so many; where it has no room there is none. */
enum asked_for asked_first(struct engine *e, const struct msg_generate *g,
    int context, int *budget);

#endif
