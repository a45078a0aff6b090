/* layout.h -- which part of the screen belongs to which pane.  Pure
 * arithmetic: any size down to 1x1 gives rectangles that fit inside it (a pane
 * that has no room gets one of no width or height). */
#ifndef FIKR_LAYOUT_H
#define FIKR_LAYOUT_H

#include <stdbool.h>

#include "cell.h"

#define LAYOUT_LIST_COLS 26	/* of the conversations, without their rule; */
#define LAYOUT_LIST_MORE 36	/* a wide screen shows more of their titles */
#define LAYOUT_SIDE_MIN 16	/* of a pane beside the chat */
#define LAYOUT_VIEW_MIN 45	/* of the chat; else panes beside it go */
#define LAYOUT_SPLIT_MIN 61	/* of two of them and the line between */
/* A narrower screen drops a pane beside the chat. */
#define LAYOUT_LIST_MIN (LAYOUT_LIST_COLS + 1 + LAYOUT_VIEW_MIN)

/* The pane that has everything above the prompt for itself. */
enum layout_zoom { ZOOM_NONE, ZOOM_LIST, ZOOM_VIEW, ZOOM_SECOND, ZOOM_THINK };

/* The lines between panes. */
enum layout_line { LINE_LIST, LINE_SPLIT, LINE_THINK, LINE_COUNT };

struct layout_want {
	int w, h;		/* of the screen */
	int prompt_rows;	/* it gets a third of the height at most */
	bool list, think;	/* conversations, thinking */
	bool split;		/* two conversations side by side */
	/* Columns of the panes that a line can be moved for, 0: the default;
	 * split: of the first conversation. */
	int cols[LINE_COUNT];
	enum layout_zoom zoom;
};

struct layout {
	struct rect list;	/* conversations */
	struct rect view[2];	/* the transcripts; [1] only when split */
	struct rect name[2];	/* a row above each, when split */
	struct rect think;	/* thinking, below a row of its own */
	struct rect think_name;
	struct rect line[LINE_COUNT];	/* vertical */
	struct rect queue;	/* prompts that wait; not layout_compute's */
	struct rect rule;	/* the line above the prompt, notices too */
	struct rect prompt;
	struct rect status;
};

/* Columns that the prompt's text has on a screen w wide. */
int layout_prompt_cols(int w);
void layout_compute(struct layout *l, const struct layout_want *want);
/* The line at a place of the screen, or LINE_COUNT. */
enum layout_line layout_line_at(const struct layout *l, int x, int y);
/* What its cols would be if that line stood at column x (a wish, which
 * layout_compute bounds), or of the line as it stands. */
int layout_cols_at(const struct layout *l, const struct layout_want *want,
    enum layout_line line, int x);
int layout_cols(const struct layout *l, enum layout_line line);
bool rect_has(const struct rect *r, int x, int y);

#endif
