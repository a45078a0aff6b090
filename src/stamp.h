/* stamp.h -- moments in texts, as files and other programs have them. */
#ifndef FIKR_STAMP_H
#define FIKR_STAMP_H

#include <stdint.h>

#include "buf.h"

/* 2026-11-24T05:31:22.123Z, appended; nothing for a time that is not known or
 * beyond the year 9999. */
void stamp_put(struct buf *out, int64_t ms);
/* That, and what else ISO 8601 allows in "YYYY-MM-DDThh:mm:ss": a blank for
 * the T, any number of decimals, an offset such as +08:00.  Ms since the epoch;
 * 0 if it is no such moment. */
int64_t stamp_parse(const char *s);
/* "2026-11-24 05:31" where the reader is, appended. */
void stamp_put_local(struct buf *out, int64_t ms);

#endif
