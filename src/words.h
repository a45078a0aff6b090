/* words.h -- how alike two words are, for "did you mean". */
#ifndef FIKR_WORDS_H
#define FIKR_WORDS_H

#include <stddef.h>

/* Letters to add, drop or change to make one of the other (Levenshtein's
 * distance); words of more than 32 bytes are as far apart as can be. */
size_t words_distance(const char *a, const char *b);
/* The name most like word among n entries that lie stride bytes apart and each
 * begin with a pointer to their name (NULL: passed over); never NULL if there
 * is one. */
const char *words_nearest(const char *word, const void *table, size_t n,
    size_t stride);

#endif
