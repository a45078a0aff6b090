/* event.h -- the documents of a conversation's file: writing each kind, and
 * doing to a conversation what a document that was read says.  The format is
 * docs/conversation-format.md; when and where it is written is journal.h. */
#ifndef FIKR_EVENT_H
#define FIKR_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "convo.h"
#include "err.h"
#include "vault.h"

#define EVENT_VERSION 1
#define EVENT_SEALED_VERSION 2	/* of files with sealed documents */

/* Each appends one document to out: 0, or -1 and nothing appended. */
int event_put_header(struct buf *out, const struct convo *c, struct err *err);
int event_put_begin(struct buf *out, const struct turn *t, struct err *err);
/* tok[n_tok]: the tokens that the text is of; maybe none. */
int event_put_delta(struct buf *out, int turn, enum channel ch,
    const char *text, size_t n, const struct token *tok, size_t n_tok,
    struct err *err);
/* With text or thinking, the end also says what that must be as a whole. */
int event_put_end(struct buf *out, const struct turn *t, bool text,
    bool thinking, struct err *err);
/* All documents of a turn that is new to the file. */
int event_put_turn(struct buf *out, const struct turn *t, struct err *err);
/* Of c the labels alone. */
int event_put_title(struct buf *out, const struct convo *c, int turns,
    struct err *err);
int event_put_fold(struct buf *out, const struct turn *t, struct err *err);
int event_put_head(struct buf *out, const struct turn *t, struct err *err);
int event_put_remove(struct buf *out, const struct turn *t, struct err *err);
int event_put_system(struct buf *out, const struct convo *c, struct err *err);
/* What a file with sealed documents begins with: its version, and nothing that
 * the file's name and times do not say. */
int event_put_cover(struct buf *out, const struct convo *c, struct err *err);
/* text[n], a document or any stretch of the file, within a sealed one. */
int event_put_sealed(struct buf *out, const struct vault *v, const char *id,
    const char *text, size_t n, struct err *err);

/* A stretch of the file between document markers. */
struct event_span {
	const char *p;
	size_t n;
	enum { SPAN_DOC, SPAN_DAMAGED, SPAN_TORN } kind;
};
/* The next span of text[*pos..n), *pos moved behind it; false at the end.
 * SPAN_DOC has both its markers, SPAN_DAMAGED lacks one of them, SPAN_TORN is
 * what the file ends with when its last document is not whole. */
bool event_next(const char *text, size_t n, size_t *pos,
    struct event_span *s);

enum event {
	EVENT_NEWER = -2,	/* the file is of a later version */
	EVENT_DAMAGED = -1,
	EVENT_HEADER, EVENT_BEGIN, EVENT_DELTA, EVENT_END, EVENT_TITLE,
	EVENT_FOLD, EVENT_HEAD, EVENT_REMOVE, EVENT_SYSTEM,
	EVENT_SEALED,		/* holds another, encrypted: event_unseal */
	EVENT_OTHER		/* of a kind unknown here: passed over */
};
const char *event_name(enum event e);
/* To be called for each span of event_next in a file of the conversation id: if
 * it is a sealed document, *s becomes what is in it, kept in *room until the
 * next call; a box that does not open is damaged.  Without a key (NULL) it
 * stays sealed. */
void event_unseal(const struct vault *v, const char *id,
    struct event_span *s, struct buf *room);
/* Do to c what the document of s says. */
enum event event_apply(struct convo *c, const struct event_span *s);
/* What a whole document is, from its first lines as written here, without
 * the cost of parsing it; *turn is 0 if it is not about a turn. */
enum event event_peek(const struct event_span *s, int *turn);

#endif
