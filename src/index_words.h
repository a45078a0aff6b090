/* index_words.h -- the words of a text as they are searched: without upper
 * case, accents, vowel marks and other differences of writing, each knowing
 * where in the text it came from.  Scripts that put no blanks between words
 * give every character and every pair of them instead. */
#ifndef FIKR_INDEX_WORDS_H
#define FIKR_INDEX_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_BYTES 48		/* longer words are cut into such pieces */

struct word {
	char s[WORD_BYTES];	/* UTF-8, not terminated */
	uint32_t src[WORD_BYTES + 1];	/* where in the text byte i of s is
					 * from; [n] is the word's end */
	uint32_t n;
	uint32_t at;		/* the how manieth; a pair is at its first
				 * character's */
	bool wide;		/* one character, or a pair, of such a script */
	bool pair;
};

/* 0: go on; anything else ends the walk and is what it returns. */
typedef int word_fn(void *ud, const struct word *w);
/* The words of s[0..n), n < 4 GiB, in order; a pair follows its first
 * character.  Malformed UTF-8 parts words. */
int words_each(const char *s, size_t n, word_fn *fn, void *ud);

#endif
