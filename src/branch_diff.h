/* branch_diff.h -- two branches of a conversation compared word by word from
 * where they part. */
#ifndef FIKR_BRANCH_DIFF_H
#define FIKR_BRANCH_DIFF_H

#include "convo.h"
#include "worddiff.h"

/* A pair of turns that stand at the same place, or one that stands alone. */
struct branch_pair {
	const struct turn *a, *b;	/* NULL: that branch has ended */
};

/* Fills *out (caller frees the array) with the pairs from where the branches
 * that end at a and b part; returns how many.  *shared: how many turns come
 * before. */
size_t branch_pairs(const struct convo *c, const struct turn *a,
    const struct turn *b, struct branch_pair **out, size_t *shared);
/* Compare what the two thought or said, as worddiff() does. */
void branch_compare(const struct branch_pair *p, enum channel ch,
    void (*fn)(enum diff_kind kind, const char *s, size_t n, void *ud),
    void *ud);
/* The first line of what a turn says, at most so many bytes of it, for lists
 * of branches; appended. */
void branch_name(const struct turn *t, size_t max, struct buf *out);

#endif
