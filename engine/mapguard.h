/* mapguard.h -- mapped files that may be cut short while they are in use.
 * Reading what is no longer there raises SIGBUS; a handler then lays zeros
 * over the lost part of the mapping and remembers that it did, so that the
 * reader goes on, with wrong numbers, and the owner of the mapping can refuse
 * them.  Faults anywhere else go to whom they went before.  Any thread may
 * read, add and remove. */
#ifndef FIKR_MAPGUARD_H
#define FIKR_MAPGUARD_H

#include <stdbool.h>
#include <stddef.h>

/* Watch over n mapped bytes from p, the beginning of a page.  Gives a number
 * for the calls below, or -1 when too many are watched already. */
int mapguard_add(const void *p, size_t n);
/* Before the mapping is undone, and when nobody reads it any more; -1 is
 * ignored. */
void mapguard_remove(int guard);
/* Was a part of this mapping lost? */
bool mapguard_hit(int guard);

#endif
