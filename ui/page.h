/* page.h -- a page to read that covers the panes above the prompt: help, a
 * comparison of two answers, what is in the context, statistics.  It is made
 * anew for each frame, so it is always true. */
#ifndef FIKR_PAGE_H
#define FIKR_PAGE_H

#include <stdbool.h>

#include "buf.h"
#include "cell.h"
#include "keys.h"
#include "rows.h"

struct app;

struct page {
	const char *title;	/* translated, static; NULL: none is open */
	/* Put the page out for a width; typed: only what has these words. */
	void (*fill)(struct app *a, struct rows *out, int w,
	    const char *typed);
	bool filters;		/* letters go to typed, not to keys */
	bool prose;		/* texts of conversations, each with its own
				 * direction */
	struct buf typed;
	int top, n_rows, height;
};

/* Open it, or close it if it is the one that is open. */
void page_toggle(struct app *a, const char *title,
    void (*fill)(struct app *a, struct rows *out, int w, const char *typed),
    bool filters);
void page_close(struct app *a);
unsigned page_key(struct app *a, const struct key *k);
void page_draw(struct app *a, struct grid *g);

/* What is on the pages. */
void help_fill(struct app *a, struct rows *out, int w, const char *typed);
void diff_fill(struct app *a, struct rows *out, int w, const char *typed);
void branches_fill(struct app *a, struct rows *out, int w, const char *typed);
void stats_fill(struct app *a, struct rows *out, int w, const char *typed);
void context_fill(struct app *a, struct rows *out, int w, const char *typed);

#endif
