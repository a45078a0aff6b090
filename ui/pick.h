/* pick.h -- a list to choose from by typing: commands, models, themes,
 * personas, what a search finds.  It lies over the panes until something is
 * chosen or Esc leaves it. */
#ifndef FIKR_PICK_H
#define FIKR_PICK_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"
#include "cell.h"
#include "index.h"
#include "keys.h"

struct app;

struct pick_item {
	char *label;		/* what is searched and shown */
	char *detail;		/* shown at the other side; may be NULL */
	char *key;		/* what chosen and moved get */
	char *below;		/* a second row; may be NULL */
	struct index_mark *marks;	/* [n_marks], what stands out in it */
	size_t n_marks;
};

struct pick {
	const char *title;	/* translated, static */
	struct pick_item *v;	/* [n] */
	size_t n;
	size_t *shown;		/* [n_shown] that match what was typed */
	size_t n_shown, at, top;
	struct buf typed;
	unsigned (*chosen)(struct app *a, const char *key);	/* REACT_* */
	/* The cursor is at another item; may be NULL, like the next. */
	unsigned (*moved)(struct app *a, const char *key);
	unsigned (*left)(struct app *a);	/* nothing was chosen */
	/* Something was typed: fill the list anew, with pick_clear and
	 * pick_add, as it is to be shown; NULL: it is sifted here. */
	void (*retyped)(struct app *a);
	int each;		/* rows an item takes: 1 or 2 */
	const char *hint;	/* shown where nothing is; translated */
	char *note;		/* in the frame below; may be NULL */
	struct rect rows;	/* where they were drawn, for clicks */
};

/* Show an empty list; fill it with pick_add, then call pick_ready. */
struct pick *pick_open(struct app *a, const char *title,
    unsigned (*chosen)(struct app *a, const char *key));
/* Copies; detail may be NULL. */
void pick_add(struct pick *p, const char *label, const char *detail,
    const char *key);
/* A second row for the item added last, with marks; copies. */
void pick_below(struct pick *p, const char *text,
    const struct index_mark *marks, size_t n);
void pick_clear(struct pick *p);	/* of its items */
/* at: the key of the item to begin with, or NULL. */
void pick_ready(struct pick *p, const char *at);
void pick_close(struct app *a);		/* frees; none open is fine */

unsigned pick_key(struct app *a, const struct key *k);
void pick_draw(struct app *a, struct grid *g);

#endif
