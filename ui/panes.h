/* panes.h -- which panes there are around the chat, how wide they are, and
 * what is remembered of that. */
#ifndef FIKR_PANES_H
#define FIKR_PANES_H

#include <stdbool.h>

#include "keys.h"
#include "layout.h"
#include "outline.h"
#include "transcript.h"

struct app;
struct grid;

/* The pane of thinking: the thought of one turn, at a place of its own. */
struct think_pane {
	struct transcript t;
	const struct turn *turn;	/* shown, or NULL */
	int id;				/* of it, in its conversation */
	char convo[32];
	struct outline outline;
	bool list;			/* the outline is shown instead */
	size_t at, top;			/* its cursor and first row */
};

struct panes {
	bool think;			/* the thinking pane is wanted */
	bool zoomed;			/* one pane has all the room */
	enum layout_zoom zoom;		/* which */
	int cols[LINE_COUNT];		/* as moved by the person, or 0 */
	enum layout_line drag;		/* line that the mouse holds */
	char *file;			/* where all this is kept, or NULL */
	struct think_pane thought;
};

void panes_init(struct app *a);
void panes_done(struct app *a);
/* Remember panes in this file; what it says so far is taken over. */
void panes_remember(struct app *a, const char *file);
void panes_save(struct app *a);

/* Give each pane its place, and bring what it shows up to date. */
void panes_place(struct app *a);
void panes_draw(struct app *a, struct grid *g);
/* The part of the screen that shows a->cur. */
struct rect *panes_view(struct app *a);
/* What the keys that scroll move: the thought where it has the focus, else the
 * transcript. */
struct transcript *panes_transcript(struct app *a);
int panes_height(struct app *a);		/* of that */
bool panes_can_focus(const struct app *a, int focus);	/* an enum focus */
unsigned panes_mouse(struct app *a, const struct key *k);
/* Move the line beside the pane that has the focus by some columns. */
void panes_widen(struct app *a, int by);

/* ---- pane_think.c ---- */

void pane_think_sync(struct app *a);		/* the turn at hand */
void pane_think_draw(struct app *a, struct grid *g);
unsigned pane_think_key(struct app *a, const struct key *k);
/* What is looked for in the transcript, too; a hit in a thought is gone to in
 * the pane. */
void panes_find(struct app *a);
/* To the next (1) or previous (-1) section of the thought in the pane, or of
 * the one that is read in the transcript. */
void pane_think_section(struct app *a, int dir);
void pane_think_outline(struct app *a);		/* show or hide it */
void pane_think_move(struct app *a, int by);	/* its cursor */
void pane_think_free(struct think_pane *p);

#endif
