/* stamp.c -- see stamp.h. */
#include "stamp.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LAST_SECOND INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */

void
stamp_put(struct buf *out, int64_t ms)
{
	time_t secs = (time_t)(ms / 1000);
	char day[32];
	struct tm tm;

	if (ms <= 0 || ms / 1000 > LAST_SECOND || !gmtime_r(&secs, &tm) ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	buf_printf(out, "%s.%03dZ", day, (int)(ms % 1000));
}

void
stamp_put_local(struct buf *out, int64_t ms)
{
	time_t secs = (time_t)(ms / 1000);
	char day[32];
	struct tm tm;

	if (ms > 0 && ms / 1000 <= LAST_SECOND && localtime_r(&secs, &tm) &&
	    strftime(day, sizeof(day), "%Y-%m-%d %H:%M", &tm) > 0)
		buf_puts(out, day);
}

/* Exactly n digits, and *s behind them. */
static bool
number(const char **s, int n, int *v)
{
	*v = 0;
	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return false;
		*v = 10 * *v + (**s - '0');
	}
	return true;
}

static bool
mark(const char **s, const char *any)
{
	if (!**s || !strchr(any, **s))
		return false;
	(*s)++;
	return true;
}

static int
decimals(const char **s)
{
	int ms = 0, weight = 100;

	if (!mark(s, ".,"))
		return 0;
	for (; **s >= '0' && **s <= '9'; (*s)++, weight /= 10)
		ms += weight * (**s - '0');
	return ms;
}

/* Seconds that the clock is ahead of UTC; what cannot be read is none. */
static int
offset(const char *s)
{
	int sign = *s == '-' ? -1 : 1, hours, minutes = 0;

	if (!mark(&s, "+-") || !number(&s, 2, &hours))
		return 0;
	mark(&s, ":");
	if (!number(&s, 2, &minutes))
		minutes = 0;
	return sign * (hours * 3600 + minutes * 60);
}

int64_t
stamp_parse(const char *s)
{
	struct tm tm = { 0 };
	int64_t secs;
	int ms;

	if (!number(&s, 4, &tm.tm_year) || !mark(&s, "-") ||
	    !number(&s, 2, &tm.tm_mon) || !mark(&s, "-") ||
	    !number(&s, 2, &tm.tm_mday) || !mark(&s, "T ") ||
	    !number(&s, 2, &tm.tm_hour) || !mark(&s, ":") ||
	    !number(&s, 2, &tm.tm_min) || !mark(&s, ":") ||
	    !number(&s, 2, &tm.tm_sec))
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	ms = decimals(&s);
	secs = (int64_t)timegm(&tm) - offset(s);
	return secs <= 0 || secs > LAST_SECOND ? 0 : secs * 1000 + ms;
}
