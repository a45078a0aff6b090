/* notify.c -- watches focus and work. */
#include "notify.h"

void
notify_focus(struct notify *n, bool in)
{
	n->away = !in;
}

bool
notify_watch(struct notify *n, bool busy, double now, double after)
{
	bool over = n->busy && !busy;

	if (busy && !n->busy)
		n->since = now;
	n->busy = busy;
	return over && n->away && now - n->since >= after;
}
