/* plain_line.c -- the bottom line of the linear mode: the prompt and what is
 * typed behind it, drawn with letters, blanks and backspaces alone, each letter
 * once, so that a screen reader says what was typed and nothing else. */
#include "plain_priv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "editor.h"
#include "i18n.h"
#include "screen_tty.h"
#include "width.h"

static void
repeat(const char *s, int n)
{
	while (n-- > 0)
		tty_puts(s);
}

static void
raw_put(struct plain *p, const char *s, size_t n)
{
	if (n == 0)
		return;
	tty_put(s, n);
	p->mid = s[n - 1] != '\n';
}

/* ---- the prompt ---- */

static const char *
label_of(const struct plain *p)
{
	const struct app *a = &p->app;

	if (a->pick)
		return _("Number, words to look for, or Enter for none: ");
	if (a->mode == MODE_DELETE)
		return _("y/n: ");
	if (a->mode == MODE_RENAME)
		return _("Title: ");
	if (a->mode == MODE_TAG)
		return _("Tags: ");
	return _("You: ");
}

/* What is being typed: columns before the cursor in *at. */
static void
typed(const struct plain *p, struct buf *out, int *at)
{
	const char *s = editor_text();
	size_t point = editor_point();

	if (p->app.pick) {
		s = p->typed.data ? p->typed.data : "";
		point = p->typed.len;
	} else if (p->app.mode == MODE_DELETE) {
		s = "";
		point = 0;
	}
	text_safe(out, s, point);
	*at = text_cols(out->data ? out->data : "", out->len);
	text_safe(out, s + point, strlen(s) - point);
	for (size_t i = 0; i < out->len; i++)
		if (out->data[i] == '\n')
			out->data[i] = ' ';
}

/* The part of a long line that has room, around the cursor. */
static void
window(struct buf *b, int *at, int room)
{
	size_t skip = 0;
	int used, gone = 0;

	while (*at - gone > room) {
		skip += text_fit(b->data + skip, b->len - skip, room / 2 + 1,
		    &used);
		gone += used;
	}
	buf_drop(b, skip);
	*at -= gone;
	if (b->len > 0) {
		b->len = text_fit(b->data, b->len, room, &used);
		b->data[b->len] = '\0';
	}
}

/* From what is shown to what should be. */
static void
redraw(struct plain *p, const struct buf *b, int at)
{
	const char *old = p->shown.data ? p->shown.data : "";
	const char *new = b->data ? b->data : "";
	size_t same = 0, step;
	int cols = 0, c, end, was;

	while (same < p->shown.len && same < b->len) {
		step = cluster_next(new + same, b->len - same, &c);
		if (step != cluster_next(old + same, p->shown.len - same,
		    &was) || memcmp(old + same, new + same, step) != 0)
			break;
		same += step;
		cols += c;
	}
	was = text_cols(old, p->shown.len);
	end = text_cols(new, b->len);
	if (same < p->shown.len || same < b->len) {
		if (p->at < cols) {	/* over what is there already */
			step = text_fit(old, p->shown.len, p->at, &c);
			tty_put(old + step, same - step);
		}
		repeat("\b", p->at - cols);
		tty_put(new + same, b->len - same);
		repeat(" ", was - end);
		p->at = was > end ? was : end;
	}
	if (p->at < at) {
		step = text_fit(new, b->len, p->at, &c);
		tty_put(new + step, text_fit(new, b->len, at, &c) - step);
	}
	repeat("\b", p->at - at);
	p->at = at;
	buf_clear(&p->shown);
	buf_add(&p->shown, new, b->len);
}

void
plain_prompt(struct plain *p)
{
	const char *label = label_of(p);
	struct buf b = { 0 };
	int at = 0, room;
	bool idle = !p->app.cur->live || p->app.pick ||
	    p->app.mode != MODE_CHAT;

	if (p->raw)
		typed(p, &b, &at);
	/* An answer that comes has the line to itself until one types. */
	if (!idle && b.len == 0) {
		if (p->asked)
			plain_erase(p);
		buf_free(&b);
		return;
	}
	if (p->asked && strcmp(label, p->label.data) != 0)
		plain_erase(p);
	if (!p->asked) {
		plain_end_line(p);
		tty_puts(label);
		buf_clear(&p->label);
		buf_puts(&p->label, label);
		p->asked = true;
		p->at = 0;
	}
	if (p->raw) {
		room = plain_width() - text_cols(label, strlen(label)) - 1;
		window(&b, &at, room > 4 ? room : 4);
		redraw(p, &b, at);
	}
	buf_free(&b);
}

void
plain_erase(struct plain *p)
{
	int cols, label;

	if (!p->asked)
		return;
	p->asked = false;
	if (!p->raw) {
		/* What is typed there is the terminal's. */
		tty_puts("\n");
		return;
	}
	label = text_cols(p->label.data, p->label.len);
	cols = text_cols(p->shown.data ? p->shown.data : "", p->shown.len);
	repeat("\b", p->at + label);
	repeat(" ", cols + label);
	repeat("\b", cols + label);
	buf_clear(&p->shown);
	p->at = 0;
}

void
plain_enter(struct plain *p)
{
	if (p->asked && p->raw)
		tty_puts("\n");
	p->asked = p->mid = false;
	buf_clear(&p->shown);
	p->at = 0;
}

/* ---- what is printed ---- */

void
plain_put(struct plain *p, const char *s, size_t n)
{
	plain_erase(p);
	raw_put(p, s, n);
}

void
plain_end_line(struct plain *p)
{
	if (!p->mid)
		return;
	plain_put(p, "\n", 1);
}

void
plain_say(struct plain *p, const char *fmt, ...)
{
	struct buf b = { 0 };
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	text_safe(&b, text, strlen(text));
	free(text);
	buf_addc(&b, '\n');
	plain_erase(p);
	plain_end_line(p);
	raw_put(p, b.data, b.len);
	buf_free(&b);
}
