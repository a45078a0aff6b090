/* message.h -- from what stands in the prompt to the message that is sent: long
 * pastes, which stand there as a token, and attached files. */
#ifndef FIKR_MESSAGE_H
#define FIKR_MESSAGE_H

#include <stddef.h>

#include "buf.h"
#include "err.h"

struct app;

/* A paste: into the prompt, or a token for it when it is long. */
void message_paste(struct app *a, const char *s, size_t n);
/* typed with every token's paste in its place. */
void message_unfold(const struct app *a, const char *typed, struct buf *out);
/* That, and the files it names behind it.  -1 when one cannot be had. */
int message_build(const struct app *a, const char *typed, struct buf *out,
    struct err *err);
/* The prompt has changed: if other files are named there, ask the worker how
 * many tokens the message would take, and set app->attached. */
void message_watch(struct app *a);

#endif
