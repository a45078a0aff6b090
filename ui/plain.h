/* plain.h -- the linear mode: the same chat line by line, for screen readers
 * and for terminals that can do nothing else.  Nothing that was printed is ever
 * changed, but for the line that is being typed. */
#ifndef FIKR_PLAIN_H
#define FIKR_PLAIN_H

#include <stdbool.h>

#include "conf.h"
#include "ui.h"

/* Is it wanted?  By the settings (--plain), FIKR_PLAIN or ACCESSIBLE (not empty
 * and not 0), or because TERM says that there is nothing but lines.
 * FIKR_PLAIN=0 says no in any case but --plain's. */
bool plain_wanted(const struct conf *c, char *(*env)(const char *name));
int plain_main(const struct ui_opts *o);	/* an exit status */

#endif
