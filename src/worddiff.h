/* worddiff.h -- two texts compared word by word: the longest common
 * subsequence of their words, blanks and marks. */
#ifndef FIKR_WORDDIFF_H
#define FIKR_WORDDIFF_H

#include <stddef.h>

enum diff_kind { DIFF_SAME, DIFF_REMOVED, DIFF_ADDED };

/* fn gets the pieces in order, neighbours of one kind joined; those that were
 * removed are of a, the others of b.  Texts of which more than a few thousand
 * words differ are all removed and all added. */
void worddiff(const char *a, size_t na, const char *b, size_t nb,
    void (*fn)(enum diff_kind kind, const char *s, size_t n, void *ud),
    void *ud);

#endif
