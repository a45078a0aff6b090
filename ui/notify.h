/* notify.h -- when to call somebody back who has gone to another window: an
 * answer that took long is there. */
#ifndef FIKR_NOTIFY_H
#define FIKR_NOTIFY_H

#include <stdbool.h>

struct notify {
	bool away;		/* the terminal said that it lost the focus */
	bool busy;
	double since;		/* ms, steady clock: when it became so */
};

void notify_focus(struct notify *n, bool in);
/* Call whenever something may have changed.  True once, when what took at
 * least after ms is over and nobody looks.  A terminal that does not report
 * its focus counts as looked at. */
bool notify_watch(struct notify *n, bool busy, double now, double after);

#endif
