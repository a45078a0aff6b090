/* labels.h -- how a conversation is arranged: its title, whether it is pinned,
 * archived or in the trash, and its tags. */
#ifndef FIKR_LABELS_H
#define FIKR_LABELS_H

#include <stdint.h>

#include "convo.h"
#include "err.h"
#include "journal.h"
#include "store.h"

#define LABEL_KEEP (-1)

/* LABELS_AS_THEY_ARE changes nothing; then set what is to be otherwise. */
struct label_change {
	int pinned, archived;	/* 1 or 0; LABEL_KEEP: as it is */
	int64_t trashed;	/* ms since the epoch, 0: not in the trash;
				 * LABEL_KEEP: as it is */
	const char *title;	/* given by a person; NULL: as it is */
	char *const *tags;	/* [n_tags], "+work" or "-ideas" */
	int n_tags;
};
#define LABELS_AS_THEY_ARE \
	((struct label_change){ .pinned = LABEL_KEEP, \
	    .archived = LABEL_KEEP, .trashed = LABEL_KEEP })

/* Change c alone.  -1: a tag or title is none, and c is as it was. */
int labels_apply(struct convo *c, const struct label_change *l,
    struct err *err);
/* ... and the conversation's file.  -1, too, when it cannot be written, or
 * another fikr has it open. */
int labels_change(const struct store *store, const char *id,
    const struct label_change *l, struct err *err);
/* Open a conversation to change its labels; -1 as above. */
struct journal *labels_open(const struct store *store, const char *id,
    struct convo **c, struct err *err);

#endif
