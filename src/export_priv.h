/* export_priv.h -- what the writers of the formats share.  Only for
 * src/export*.c. */
#ifndef FIKR_EXPORT_PRIV_H
#define FIKR_EXPORT_PRIV_H

#include <jansson.h>
#include <stdbool.h>

#include "buf.h"
#include "convo.h"

/* What a conversation is called: its title, or that it has none. */
const char *export_title(const struct convo *c);
/* "You", "System", or the model. */
const char *export_speaker(const struct turn *t);
/* "Stopped" and the like, for an answer that did not end by itself; or NULL. */
const char *export_ended(const struct turn *t);
/* "Thought for 3.2 s", or as much as is known; appended. */
void export_thought(struct buf *out, const struct turn *t);
/* The text as it may be shown: what steers a terminal or the text around it
 * is made visible. */
void export_visible(struct buf *out, const struct buf *text);
/* Which of how many versions t is; *n is 1 when it is the only one. */
void export_version(const struct convo *c, const struct turn *t, size_t *at,
    size_t *n);

/* JSON appended, n levels in; frees it.  Controls and what steers text are
 * escaped. */
void export_dump(struct buf *out, json_t *v);
json_t *json_of(const struct buf *b);		/* a string */
void json_put(json_t *o, const char *key, const char *s);	/* not NULL */
void json_put_time(json_t *o, const char *key, int64_t ms);	/* not 0 */
/* Seconds since the epoch, to the ms; null when not known. */
json_t *json_secs(int64_t ms);

void export_md(struct buf *out, const struct convo *c, bool thinking);
void export_text(struct buf *out, const struct convo *c, bool thinking);
void export_html(struct buf *out, const struct convo *c, bool thinking);
json_t *export_fikr(const struct convo *c, bool thinking);
json_t *export_chatgpt(const struct convo *c, bool thinking);
json_t *export_deepseek(const struct convo *c, bool thinking);
json_t *export_openwebui(const struct convo *c, bool thinking);

#endif
