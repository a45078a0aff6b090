/* lang.h -- the language of the environment (LC_ALL, LC_CTYPE, LANG), and what
 * is done where it is not installed. */
#ifndef FIKR_LANG_H
#define FIKR_LANG_H

/* Call once, first of all.  Characters only: numbers keep their point in every
 * language.  Instead of a locale that is not installed C.UTF-8 is taken. */
void lang_init(void);
/* What the environment asks for, or "C". */
const char *lang_wanted(void);
/* The same where it is not installed, else NULL. */
const char *lang_missing(void);

#endif
