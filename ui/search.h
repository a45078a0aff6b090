/* search.h -- looking for words in all conversations while they are typed: a
 * list (pick.h) of what the index finds.  The index is read in small pieces
 * between events, so that typing never waits for it. */
#ifndef FIKR_SEARCH_H
#define FIKR_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

struct app;
struct search;

/* Open the list, with words typed already, or "": what was said last. */
void search_open(struct app *a, const char *words);
/* The time for a piece; false: nothing is shown that has changed. */
bool search_tick(struct app *a);
/* Ms until there is more to read; -1: nothing is. */
int search_due(const struct app *a);
void search_free(struct search *s);	/* NULL is fine */

#endif
