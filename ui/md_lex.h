/* md_lex.h -- the words of code, coarsely: enough to colour keywords, names,
 * strings, numbers and comments of the languages that models write.  What is
 * open at the end of a line goes on in the next. */
#ifndef FIKR_MD_LEX_H
#define FIKR_MD_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "style.h"

struct md_lang;

/* Where the reading of a block is; copied freely.  Zeroed: plain text. */
struct md_lex {
	const struct md_lang *lang;
	unsigned char open;	/* in this region of it, counted from 1 */
	unsigned char depth;	/* of comments in comments */
	bool tag;		/* within < > of markup */
};

/* Begin a block in the language of this name (a fence's first word). */
void md_lex_start(struct md_lex *x, const char *lang, size_t n);
/* The token at s[i], i < n, of the line s[0..n), which has no newline; returns
 * its bytes, whole clusters, and its style. */
size_t md_lex_next(struct md_lex *x, const char *s, size_t n, size_t i,
    enum style *st);
void md_lex_end_line(struct md_lex *x);

/* A string, comment or the like. */
struct md_region {
	const char *open, *close;	/* close NULL: the end of the line */
	bool escape;			/* a backslash hides what follows */
	bool lines;			/* goes on over line ends */
	bool nests;
	bool apart;			/* only at a word's beginning */
	enum style style;
};

enum {
	LEX_ICASE = 1,		/* keywords in any case */
	LEX_MARKUP = 2,		/* HTML and its like */
	LEX_DIFF = 4,
	LEX_KEYS = 8,		/* what stands before a colon is a name */
	LEX_SIGILS = 16,	/* $x and @x are names */
	LEX_CAPS = 32,		/* a word with a capital is a type */
	LEX_PRIME = 64,		/* 'x' is a string, x' and 'a no string */
	LEX_DIRECTIVE = 128,	/* #word begins a line */
	LEX_DASH = 256,		/* words have dashes in them */
};

struct md_lang {
	const char *names;	/* each with a space before and behind */
	const char *keywords;	/* the same */
	struct md_region regions[8];
	int flags;
};

/* In md_lang.c: the language of this name; one for names it does not know;
 * NULL for what is no code. */
const struct md_lang *md_lang_find(const char *name, size_t n);

#endif
