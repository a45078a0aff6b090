/* bar.h -- a progress bar on standard error, for commands without a screen: on
 * a terminal only, and only once something has taken a second. */
#ifndef FIKR_BAR_H
#define FIKR_BAR_H

#include <stdbool.h>
#include <stddef.h>

struct bar {
	bool tty, drawn;
	double begun, last;	/* in steady ms */
};

void bar_begin(struct bar *b);
/* Whether it is time to draw it: often enough to move, seldom enough to cost
 * nothing.  Asked before each drawing. */
bool bar_due(struct bar *b);
/* label: what stands before it, or "". */
void bar_draw(struct bar *b, const char *label, size_t at, size_t n);
void bar_text(struct bar *b, const char *text);		/* instead of it */
void bar_clear(struct bar *b);		/* before anything else is printed */

#endif
