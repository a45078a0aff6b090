/* layout.h -- which part of the screen belongs to which pane.  Pure
 * arithmetic: any size down to 1x1 gives rectangles that fit inside it (a pane
 * that has no room gets one of no width or height). */
#ifndef FIKR_LAYOUT_H
#define FIKR_LAYOUT_H

#include <stdbool.h>

#include "cell.h"

#define LAYOUT_LIST_COLS 26	/* of the conversations, without their rule; */
#define LAYOUT_LIST_MORE 36	/* a wide screen shows more of their titles */
#define LAYOUT_LIST_MIN 72	/* a narrower screen drops them */

struct layout {
	struct rect list;	/* conversations */
	struct rect divider;	/* the vertical line beside them */
	struct rect view;	/* the transcript */
	struct rect queue;	/* prompts that wait; not layout_compute's */
	struct rect rule;	/* the line above the prompt, notices too */
	struct rect prompt;
	struct rect status;
};

/* Columns that the prompt's text has on a screen w wide. */
int layout_prompt_cols(int w);
/* prompt_rows: what the prompt would like; it gets a third of the height at
 * most.  list: the person wants the conversations shown. */
void layout_compute(struct layout *l, int w, int h, int prompt_rows,
    bool list);

#endif
