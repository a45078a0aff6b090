/* think.h -- splits what the model writes into thinking and answer: on token
 * ids where the vocabulary has the tags as tokens, on the streamed text where
 * it has not.  Bytes go in as they come, whole UTF-8 comes out, none is lost at
 * the switch; the tags themselves are not shown, nor the blank lines around
 * them.  Where words end a turn and not tokens (f->stop), it sees them, too. */
#ifndef FIKR_THINK_H
#define FIKR_THINK_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "chat.h"
#include "chatfmt.h"
#include "utf8.h"
#include "vocab.h"

struct think;

/* open: the prompt ended inside a thought. emit gets whole UTF-8 text. */
struct think *think_new(const struct vocab *v, const struct chatfmt *f,
    bool open, void (*emit)(enum channel c, const char *text, size_t n,
    void *ud), void *ud);
void think_free(struct think *t);
void think_put(struct think *t, int token);
void think_flush(struct think *t);	/* at the end of the turn */
bool think_open(const struct think *t);	/* inside a thought now */
/* A stop text came: it and what follows it are not shown. */
/* Between characters: what was put is not the beginning of one. */
bool think_whole(const struct think *t);
/* What comes goes on with a thought (open) or an answer that is there already,
 * not empty; instead of the beginning of a reply. */
void think_go_on(struct think *t, bool open);
/* Somebody else's words within the open thought; whole UTF-8, no tags in it. */
void think_say(struct think *t, const char *text, size_t n);
/* The turn breaks off, and may go on: a character cut short is not shown. */
void think_break(struct think *t);
bool think_stopped(const struct think *t);
/* Close the thought from outside (guided thinking, budget); an answer can
 * follow one that a stop text ended. */
void think_close(struct think *t);

#endif
