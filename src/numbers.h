/* numbers.h -- lists of numbers in one text, with blanks between, as a
 * conversation's file and its JSON have them. */
#ifndef FIKR_NUMBERS_H
#define FIKR_NUMBERS_H

#include <stddef.h>

#include "buf.h"
#include "convo.h"

void numbers_put(struct buf *out, const int *v, size_t n);
/* In place of *v, which is freed, as many as text has; the caller frees. */
void numbers_get(const char *text, int **v, size_t *n);

/* Tokens: three lists side by side. */
struct token_lists { struct buf ids, ms, bytes; };

void tokens_put(struct token_lists *out, const struct token *tok, size_t n);
void token_lists_free(struct token_lists *l);
/* Add to t, all of one channel, as many as all three have; NULL has none. */
void tokens_get(struct turn *t, enum channel channel, const char *ids,
    const char *ms, const char *bytes);

#endif
