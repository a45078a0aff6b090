/* list_view.h -- which conversations the list shows, and in which groups:
 * pinned ones first, then by day.  app->list is what is shown, made from all
 * that there are. */
#ifndef FIKR_LIST_VIEW_H
#define FIKR_LIST_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "journal.h"

struct app;

enum list_what { LIST_USUAL, LIST_ARCHIVE, LIST_TRASH };

struct list_group {
	int first;		/* index in app->list */
	char *name;		/* translated */
};

struct list_view {
	struct convo_info *all;	/* [n_all], newest change first; app->list
				 * borrows from it */
	int n_all;
	enum list_what what;
	char *tag;		/* only those with it; NULL: all */
	struct buf typed;	/* only those with it in their titles */
	bool typing;		/* keys go there */
	struct list_group *groups;	/* [n_groups] */
	size_t n_groups;
	int64_t until;		/* midnight: then they are others */
	char deleted[32];	/* id of what was deleted last, or "" */
};

void list_view_done(struct app *a);
/* Take what there is, and show what is to be shown of it. */
void list_view_set(struct app *a, struct convo_info *all, int n);
void list_view_make(struct app *a);
/* Show something else; its cursor goes to the first one. */
void list_view_what(struct app *a, enum list_what what);
void list_view_tag(struct app *a, const char *tag);	/* NULL: all */
void list_view_type(struct app *a, const char *s, size_t n);
void list_view_found(struct app *a);	/* what was typed is done with */
bool list_view_sifted(const struct app *a);	/* not all are shown */
void list_view_clear(struct app *a);	/* of tag and words typed */
/* The groups that begin behind the item `from` and up to `to`. */
int list_view_heads(const struct app *a, int from, int to);
/* The group that item i is in; NULL if there is none. */
const struct list_group *list_view_group(const struct app *a, int i);

#endif
