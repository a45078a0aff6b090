/* app_notice.c -- what the person is told: in the line above the prompt for a
 * while, or in the transcript, where it stays. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "app_priv.h"
#include "editor.h"
#include "i18n.h"
#include "width.h"

#define NOTICE_MS 8000

/* What is a part of a sentence elsewhere is one of its own here; names such as
 * token_embd.weight stay what they are. */
static void
capitalise(char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz");

	if (n > 0 && (s[n] == ' ' || s[n] == '\0'))
		s[0] += 'A' - 'a';
}

void
app_notice(struct app *a, enum style st, const char *fmt, ...)
{
	char text[ERR_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	capitalise(text);
	/* What went wrong must be readable to its end. */
	if (st == STYLE_ERROR && a->cur && a->w > 0 &&
	    text_cols(text, strlen(text)) > a->w - 4) {
		app_note(a, a->cur, st, "%s", text);
		return;
	}
	free(a->notice);
	a->notice = xstrdup(text);
	a->notice_style = st;
	a->notice_until = a->now + NOTICE_MS;
	a->notice_busy = false;
}

void
app_notice_clear(struct app *a)
{
	a->notice_busy = false;
	free(a->notice);
	a->notice = NULL;
}

/* The home directory as people write it. */
static void
put_tilde(struct buf *out, const char *s)
{
	const char *home = getenv("HOME"), *at;
	size_t n = home ? strlen(home) : 0;

	while (n > 1 && (at = strstr(s, home)) != NULL) {
		buf_add(out, s, (size_t)(at - s));
		buf_puts(out, at[n] == '/' || at[n] == '\0' ? "~" : home);
		s = at + n;
	}
	buf_puts(out, s);
}

void
app_note(struct app *a, struct session *s, enum style st, const char *fmt,
    ...)
{
	char text[2 * ERR_MAX];
	struct buf b = { 0 };
	va_list ap;

	(void)a;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_tilde(&b, text);
	if (b.len > 0)
		capitalise(b.data);
	transcript_note(&s->view, st, b.data ? b.data : "");
	buf_free(&b);
}

void
app_notice_busy(struct app *a, const char *text)
{
	app_notice(a, STYLE_NOTICE, "%s", text);
	a->notice_busy = true;
}

void
app_busy_over(struct app *a)
{
	if (a->notice_busy) {
		app_notice_clear(a);
		a->armed = false;
	}
}
