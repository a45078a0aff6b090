/* title.h -- titles that a model gives to conversations: what it is asked, and
 * whether what it says is any good. */
#ifndef FIKR_TITLE_H
#define FIKR_TITLE_H

#include <stdbool.h>
#include <stddef.h>

#include "chat.h"
#include "convo.h"

#define TITLE_TOKENS 24		/* that a title may take */

/* The messages that ask for a title of c; free with chat_msgs_free.  Their
 * beginning is the same for all conversations, so that it is read once.  0:
 * there is nothing to go by. */
size_t title_messages(const struct convo *c, struct chat_msg **out);
/* What the model said, as a title of c; or NULL if it is none: of several
 * lines, too short or long, a sentence to the person, about something else, in
 * another script, or what c is called already.  strict: with no new word at all,
 * as small models make them up.  Caller frees. */
char *title_from_reply(const char *reply, const struct convo *c, bool strict);

#endif
