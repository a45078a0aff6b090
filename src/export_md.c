/* export_md.c -- a conversation as Markdown and as plain text: the branch that
 * is shown, with a line where there are other versions. */
#include <stdlib.h>
#include <string.h>

#include "export_priv.h"
#include "i18n.h"
#include "stamp.h"

static void
put_version(struct buf *out, const struct convo *c, const struct turn *t,
    const char *before, const char *behind)
{
	size_t at, n;

	export_version(c, t, &at, &n);
	if (n < 2)
		return;
	buf_puts(out, before);
	buf_printf(out, _("Version %zu of %zu"), at, n);
	buf_puts(out, behind);
}

/* Titles and names within a line of Markdown: nothing in them is markup. */
static void
put_plain(struct buf *out, const char *s)
{
	struct buf b = { 0 }, line = { 0 };

	buf_puts(&b, s);
	export_visible(&line, &b);
	for (size_t i = 0; i < line.len; i++) {
		if (strchr("\\`*_[]<>#|", line.data[i]) && line.data[i])
			buf_addc(out, '\\');
		buf_addc(out, line.data[i] == '\n' ? ' ' : line.data[i]);
	}
	buf_free(&line);
	buf_free(&b);
}

/* Each line with a mark before it. */
static void
put_quoted(struct buf *out, const struct buf *text)
{
	const char *p = text->data, *end = p + text->len, *eol;

	for (; p < end; p = eol + 1) {
		eol = memchr(p, '\n', (size_t)(end - p));
		if (!eol)
			eol = end;
		buf_puts(out, eol > p ? "> " : ">");
		buf_add(out, p, (size_t)(eol - p));
		buf_addc(out, '\n');
	}
}

static void
chop_lines(struct buf *b, size_t keep)
{
	size_t n = b->len;

	while (n > 0 && b->data[n - 1] == '\n')
		n--;
	if (n + keep < b->len) {
		b->len = n + keep;
		b->data[b->len] = '\0';
	}
}

/* A block of code that an answer was cut off in would swallow what follows. */
static void
close_fence(struct buf *b)
{
	char mark[4] = "";

	for (const char *p = b->data; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!*mark && (strncmp(p, "```", 3) == 0 ||
		    strncmp(p, "~~~", 3) == 0))
			memcpy(mark, p, 3);
		else if (*mark && strncmp(p, mark, 3) == 0)
			*mark = '\0';
	}
	if (*mark)
		buf_printf(b, "\n%s", mark);
}

static void
put_body(struct buf *out, const struct buf *text)
{
	struct buf b = { 0 };

	export_visible(&b, text);
	chop_lines(&b, 0);
	if (b.len) {
		buf_add(out, b.data, b.len);
		buf_puts(out, "\n\n");
	}
	buf_free(&b);
}

static void
put_thinking(struct buf *out, const struct turn *t)
{
	struct buf b = { 0 };

	export_visible(&b, &t->thinking);
	chop_lines(&b, 0);
	buf_puts(out, "> **");
	export_thought(out, t);
	buf_puts(out, "**\n>\n");
	if (b.len)
		put_quoted(out, &b);
	buf_addc(out, '\n');
	buf_free(&b);
}

static void
put_md_turn(struct buf *out, const struct convo *c, const struct turn *t,
    bool thinking)
{
	const char *ended = export_ended(t);
	struct buf time = { 0 }, body = { 0 };

	stamp_put_local(&time, t->t_start);
	buf_puts(out, "## ");
	put_plain(out, export_speaker(t));
	if (time.len)
		buf_printf(out, " · %s", time.data);
	buf_puts(out, "\n\n");
	buf_free(&time);
	put_version(out, c, t, "*", "*\n\n");
	if (thinking && t->thinking.len)
		put_thinking(out, t);
	buf_add(&body, t->text.data, t->text.len);
	close_fence(&body);
	put_body(out, &body);
	buf_free(&body);
	if (ended)
		buf_printf(out, "*%s*\n\n", ended);
}

void
export_md(struct buf *out, const struct convo *c, bool thinking)
{
	struct turn **v;
	size_t n = convo_branch(c, &v);

	buf_puts(out, "# ");
	put_plain(out, export_title(c));
	buf_puts(out, "\n\n");
	if (c->system && *c->system) {
		struct buf system = { 0 };

		buf_printf(out, "*%s*\n\n", _("System prompt"));
		buf_puts(&system, c->system);
		put_body(out, &system);
		buf_free(&system);
	}
	for (size_t i = 0; i < n; i++)
		put_md_turn(out, c, v[i], thinking);
	chop_lines(out, 1);
	free(v);
}

/* ---- plain text ---- */

static void
put_line(struct buf *out, const char *s)
{
	struct buf b = { 0 }, line = { 0 };

	buf_puts(&b, s);
	export_visible(&line, &b);
	buf_puts(out, line.data ? line.data : "");
	buf_free(&line);
	buf_free(&b);
}

static void
put_text_turn(struct buf *out, const struct convo *c, const struct turn *t,
    bool thinking)
{
	const char *ended = export_ended(t);
	struct buf time = { 0 };

	stamp_put_local(&time, t->t_start);
	buf_puts(out, "--- ");
	put_line(out, export_speaker(t));
	if (time.len)
		buf_printf(out, ", %s", time.data);
	put_version(out, c, t, ", ", "");
	buf_puts(out, " ---\n\n");
	buf_free(&time);
	if (thinking && t->thinking.len) {
		buf_puts(out, "[");
		export_thought(out, t);
		buf_puts(out, "]\n\n");
		put_body(out, &t->thinking);
		buf_printf(out, "[%s]\n\n", _("Answer"));
	}
	put_body(out, &t->text);
	if (ended)
		buf_printf(out, "[%s]\n\n", ended);
}

void
export_text(struct buf *out, const struct convo *c, bool thinking)
{
	struct turn **v;
	size_t n = convo_branch(c, &v);

	put_line(out, export_title(c));
	buf_puts(out, "\n\n");
	if (c->system && *c->system) {
		struct buf system = { 0 };

		buf_printf(out, "--- %s ---\n\n", _("System prompt"));
		buf_puts(&system, c->system);
		put_body(out, &system);
		buf_free(&system);
	}
	for (size_t i = 0; i < n; i++)
		put_text_turn(out, c, v[i], thinking);
	chop_lines(out, 1);
	free(v);
}
