/* chatfmt.h -- chat formats: how roles and texts become one prompt.  The
 * format is recognised from the markers in the file's own template, which is
 * never run. */
#ifndef FIKR_CHATFMT_H
#define FIKR_CHATFMT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "chat.h"
#include "err.h"
#include "vocab.h"

/* A prompt in pieces: scaffold, where special tokens count, and bodies, where
 * they do not. */
struct piece { char *text; size_t n; bool special; };
struct prompt { struct piece *v; size_t n; bool thinking_open; };

struct chatfmt {
	const char *name;		/* "chatml" "deepseek-r1" ... */
	const char *think_open, *think_close;	/* "<think>" ..., or NULL */
	enum thinker thinker;		/* NATIVE: the template knows it */
	char *default_system;		/* the file's own; NULL: none; owned */
	const struct chat_family *family;	/* the markers; of chatfmt.c */
	const struct chat_thought *thought;	/* how it thinks; also */
	bool dated;			/* Llama 3.1: dates in the system turn */
	const char *note;		/* a sentence for people, or NULL */
};

/* Recognise the template text (may be NULL: then by the vocabulary's tokens;
 * v may be NULL too); fails with a sentence naming what is supported. */
int chatfmt_detect(struct chatfmt *f, const char *tmpl, size_t n,
    const struct vocab *v, struct err *err);
void chatfmt_done(struct chatfmt *f);
/* The prompt up to where the model goes on.  Earlier thinking should already be
 * left out of the messages; an assistant message that still begins with a
 * whole thought loses it here.  A last message of the assistant's is continued:
 * no end marker after it.  thinking OFF closes the thought at once where the
 * model was trained to think; p->thinking_open tells the state it starts in. */
void chatfmt_render(const struct chatfmt *f, const struct chat_msg *m,
    size_t n, enum thinking thinking, struct prompt *p);
void prompt_free(struct prompt *p);
/* Append a piece; n = 0 appends nothing. */
void prompt_add(struct prompt *p, const char *text, size_t n, bool special);
/* Encode the pieces, with exactly one BOS where the model wants one. */
int prompt_encode(const struct prompt *p, const struct vocab *v,
    struct ids *out, struct err *err);
/* The whole prompt as text, for `fikr-engine render` and tests. */
void prompt_text(const struct prompt *p, struct buf *out);

#endif
