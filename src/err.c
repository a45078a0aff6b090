/* err.c -- one sentence of failure, safe to show on a terminal. */
#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "i18n.h"
#include "utf8.h"

/* Drop what a bounded copy cut off in the middle of a character. */
static void
trim_tail(char *text, size_t n)
{
	text[n - utf8_tail(text, n)] = '\0';
}

/* Texts quoted in a sentence come from files and models: no control character
 * of theirs (C0, DEL, C1, bidi) and no malformed byte may reach a terminal. */
static void
tame(char *text)
{
	size_t i = 0, n = strlen(text);

	while (i < n) {
		uint32_t cp;
		bool ok;
		int k = utf8_decode(text + i, n - i, &cp, &ok);

		if (!ok || cp < 0x20 || (cp >= 0x7f && cp < 0xa0) ||
		    utf8_steers(cp))
			memset(text + i, '?', (size_t)k);
		i += (size_t)k;
	}
}

int
err_set(struct err *err, const char *fmt, ...)
{
	char text[ERR_MAX];
	va_list ap;
	int n;

	if (!err)
		return -1;
	/* By way of a copy: the arguments may quote err->text itself. */
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof text, _(fmt), ap);
	va_end(ap);
	if (n < 0)
		snprintf(text, sizeof text, "%s", _("unknown error"));
	else if ((size_t)n >= sizeof text)
		trim_tail(text, sizeof text - 1);
	tame(text);
	memcpy(err->text, text, strlen(text) + 1);
	return -1;
}
