/* message.c -- see message.h. */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "attach.h"
#include "editor.h"
#include "i18n.h"
#include "utf8.h"

#define FOLD_BYTES 1000		/* a paste this long, */
#define FOLD_LINES 8		/* or of so many lines, becomes a token */
#define TOKEN_BEGIN "[Pasted "

static size_t
count_lines(const char *s, size_t n)
{
	size_t lines = n > 0;

	for (size_t i = 0; i + 1 < n; i++)
		lines += s[i] == '\n';
	return lines;
}

/* The token of paste number i; never translated, as it is looked for. */
static void
put_token(struct buf *out, const struct app *a, size_t i)
{
	const char *s = a->pastes[i];

	buf_printf(out, TOKEN_BEGIN "%zu: %zu lines, %zu bytes]", i + 1,
	    count_lines(s, strlen(s)), strlen(s));
}

void
message_paste(struct app *a, const char *s, size_t n)
{
	struct buf clean = { 0 }, token = { 0 };
	size_t to = 0;

	if (n < FOLD_BYTES && count_lines(s, n) < FOLD_LINES) {
		editor_insert(s, n);
		return;
	}
	utf8_scrub(&clean, s, n);
	for (size_t i = 0; i < clean.len; i++)
		if (clean.data[i] != '\0')
			clean.data[to++] = clean.data[i];
	clean.data[to] = '\0';
	a->pastes = xreallocarray(a->pastes, a->n_pastes + 1,
	    sizeof(*a->pastes));
	a->pastes[a->n_pastes++] = buf_take(&clean);
	put_token(&token, a, a->n_pastes - 1);
	editor_insert(token.data, token.len);
	buf_free(&token);
}

void
message_unfold(const struct app *a, const char *typed, struct buf *out)
{
	struct buf token = { 0 };
	const char *at;

	while ((at = strstr(typed, TOKEN_BEGIN)) != NULL) {
		size_t i = (size_t)strtoul(at + strlen(TOKEN_BEGIN), NULL,
		    10) - 1;

		buf_add(out, typed, (size_t)(at - typed));
		buf_clear(&token);
		if (i < a->n_pastes)
			put_token(&token, a, i);
		if (token.len > 0 && strncmp(at, token.data, token.len) == 0) {
			buf_puts(out, a->pastes[i]);
			typed = at + token.len;
		} else {
			buf_addc(out, *at);
			typed = at + 1;
		}
	}
	buf_puts(out, typed);
	buf_free(&token);
}

int
message_build(const struct app *a, const char *typed, struct buf *out,
    struct err *err)
{
	struct buf whole = { 0 };
	int rc;

	/* What was pasted names no files: a stranger may have written it. */
	rc = attach_expand(typed, &whole, err);
	if (rc == 0)
		message_unfold(a, whole.data ? whole.data : "", out);
	buf_free(&whole);
	return rc;
}

/* ---- what it will cost ---- */

static void
put_size(struct buf *out, int64_t bytes)
{
	if (bytes < 1000)
		buf_printf(out, _("%d bytes"), (int)bytes);
	else if (bytes < 1000000)
		buf_printf(out, _("%.1f kB"), (double)bytes / 1e3);
	else
		buf_printf(out, _("%.1f MB"), (double)bytes / 1e6);
}

void
message_watch(struct app *a)
{
	const char *typed = editor_text();
	struct buf label = { 0 }, whole = { 0 };
	struct attachment *v = NULL;
	size_t n = strchr(typed, '@') ? attach_find(typed, &v) : 0;
	struct err err;

	for (size_t i = 0; i < n; i++) {
		buf_printf(&label, "%s%s ", i ? ", " : "", v[i].name);
		put_size(&label, v[i].bytes);
	}
	attach_free(v, n);
	if (n == 0 || (a->attached && strcmp(a->attached, label.data) == 0)) {
		if (n == 0) {
			free(a->attached);
			a->attached = NULL;
		}
		buf_free(&label);
		return;
	}
	free(a->attached);
	a->attached = buf_take(&label);
	a->cost.known = false;
	a->cost.id = 0;
	if (message_build(a, typed, &whole, &err) == 0 &&
	    session_measure(a, a->cur, a->cur->convo->head, whole.data,
	    &a->cost.id) < 0)
		a->cost.id = 0;
	buf_free(&whole);
}
