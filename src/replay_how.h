/* replay_how.h -- how somebody wants a conversation played. */
#ifndef FIKR_REPLAY_HOW_H
#define FIKR_REPLAY_HOW_H

#include <stdbool.h>

struct replay_how {
	double speed;		/* 1: as it was; 0: at once (where it is
				 * printed) */
	const char *from;	/* see replay_from; NULL: the beginning */
	int message;		/* from there on, 1: the first; 0: all */
	bool gaps;		/* pauses as long as they were */
	const char *cast;	/* write this file instead, or NULL */
	int w, h;		/* of it; 0: 80 by 24 */
};

#endif
