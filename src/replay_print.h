/* replay_print.h -- a replay as text that streams, where there is no screen. */
#ifndef FIKR_REPLAY_PRINT_H
#define FIKR_REPLAY_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "replay.h"

enum replay_thoughts {
	THOUGHTS_NONE,
	THOUGHTS_HERE,		/* on standard output, below a heading */
	THOUGHTS_STDERR
};

/* Print what comes from a moment on, at that speed (0: at once).  -1 with a
 * sentence, or "" when nobody reads it any more. */
int replay_print(const struct replay *r, int64_t from, double speed,
    enum replay_thoughts thoughts, struct err *err);

#endif
