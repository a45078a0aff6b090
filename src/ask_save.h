/* ask_save.h -- `fikr ask --save`: the question and its answer become a
 * conversation, saved as they come.  What cannot be saved is told once, on
 * standard error, and costs nothing else. */
#ifndef FIKR_ASK_SAVE_H
#define FIKR_ASK_SAVE_H

#include "conf.h"
#include "proto.h"
#include "store.h"

struct ask_save;

/* g: what will be asked, its last message the question. */
struct ask_save *ask_save_new(const struct store *store,
    const struct conf *c, const struct msg_generate *g);
/* What the worker may keep of it under, or NULL: caller frees. */
char *ask_save_keep(const struct ask_save *s, const struct store *store);
/* All of these do nothing when s is NULL. */
void ask_save_loaded(struct ask_save *s, const char *model,
    const struct msg_loaded *l);
void ask_save_delta(struct ask_save *s, const struct msg_delta *d);
void ask_save_tick(struct ask_save *s);
void ask_save_done(struct ask_save *s, const struct msg_done *d);
/* An answer that is not done is cancelled or, with lost, was broken off. */
void ask_save_free(struct ask_save *s, bool lost);

#endif
