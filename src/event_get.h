/* event_get.h -- what stands in a document of a conversation's file: getters
 * that leave *v alone when the key is absent or makes no sense, since half an
 * event is worth more than none.  For event.c alone. */
#ifndef FIKR_EVENT_GET_H
#define FIKR_EVENT_GET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convo.h"
#include "ytree.h"

const char *event_get_word(const struct ynode *doc, const char *key);
void event_get_time(const struct ynode *doc, const char *key, int64_t *v);
void event_get_int(const struct ynode *doc, const char *key, int min, int max,
    int *v);
void event_get_bool(const struct ynode *doc, const char *key, bool *v);
/* Append, or with whole replace. */
void event_get_buf(const struct ynode *doc, const char *key, struct buf *b,
    bool whole);
void event_get_numbers(const struct ynode *doc, const char *key, int **v,
    size_t *n);
/* Add the tokens that a document tells of to t. */
void event_get_tokens(const struct ynode *doc, enum channel channel,
    struct turn *t);
void event_get_run(const struct ynode *doc, struct run *r);
void event_get_origin(const struct ynode *doc, struct turn *t);
void event_get_tags(struct convo *c, const char *s);

#endif
