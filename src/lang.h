/* lang.h -- the language of the environment (LC_ALL, LC_CTYPE, LANG), and what
 * is done where it is not installed. */
#ifndef FIKR_LANG_H
#define FIKR_LANG_H

#include <stdbool.h>

/* Call once, first of all: characters and messages by the environment.  Numbers
 * keep their point in every language.  Instead of a locale that is not
 * installed C.UTF-8 is taken, and the catalogue of messages is found all the
 * same. */
void lang_init(void);
/* Messages in a language from now on: its code ("ar", "pt_BR"), "en", or "auto"
 * for what lang_init found. */
void lang_choose(const char *language);
/* Is it such a word? */
bool lang_valid(const char *language);
/* Is the interface in a language that is written from right to left?  The
 * catalogue says so. */
bool lang_is_rtl(void);
/* What the environment asks for, or "C". */
const char *lang_wanted(void);
/* The same where it is not installed, else NULL. */
const char *lang_missing(void);

#endif
