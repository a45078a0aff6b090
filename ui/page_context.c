/* page_context.c -- which turns the model sees: cached, to be read, left
 * out. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "i18n.h"
#include "page.h"
#include "width.h"

/* A word, and blanks up to cols. */
static void
put_padded(struct buf *b, const char *s, int cols)
{
	buf_puts(b, s);
	for (int n = text_cols(s, strlen(s)); n < cols; n++)
		buf_addc(b, ' ');
}

static void
put_line(struct rows *out, int w, const char *state, int tokens,
    const char *who, const struct buf *text, enum style st)
{
	struct row *row = rows_add(out);
	struct buf b = { 0 };
	size_t n = text->len < 400 ? text->len : 400;
	int used;

	if (tokens >= 0)
		buf_printf(&b, "%6d  ", tokens);
	else
		buf_puts(&b, "        ");
	put_padded(&b, state, 12);
	put_padded(&b, who, 11);
	row_put(row, b.data, b.len, st);
	buf_clear(&b);
	if (text->data)
		text_safe(&b, text->data, strcspn(text->data, "\n") < n ?
		    strcspn(text->data, "\n") : n);
	if (b.len > 0 && row->cols < w)
		row_put(row, b.data, text_fit(b.data, b.len, w - row->cols,
		    &used), STYLE_DIM);
	buf_free(&b);
}

/* The bar of the context: what is cached, what would be read, what is free. */
static void
put_bar(struct rows *out, int w, const struct cost *c)
{
	struct row *row = rows_add(out);
	int cols = w < 60 ? w : 60;

	for (int i = 0; i < cols && c->context > 0; i++) {
		int64_t at = (int64_t)i * c->context / cols;

		row_puts(row, at < c->cached ? "█" : at < c->tokens ? "▒" :
		    "░", STYLE_CHART);
	}
}

void
context_fill(struct app *a, struct rows *out, int w, const char *typed)
{
	const struct cost *c = &a->map;
	const struct convo *convo = a->cur->convo;
	struct turn **v;
	size_t n = convo_branch(convo, &v), sent = 0, at = 0;
	struct buf b = { 0 };
	int before = 0;

	(void)typed;
	if (!c->known)
		buf_puts(&b, a->model.loaded ? _("Counting…") :
		    _("The model is not loaded yet"));
	else
		buf_printf(&b, _("%d of %d tokens (%d %%): █ %d in the cache, "
		    "▒ %d to be read, ░ free"), c->tokens, c->context,
		    (int)(100.0 * c->tokens / c->context), c->cached,
		    c->tokens - c->cached);
	wrap_plain(out, b.data, b.len, w, NULL, NULL, STYLE_TEXT);
	put_bar(out, w, c);
	rows_add(out);
	for (size_t i = 0; i < n; i++)
		sent += !v[i]->dropped && (v[i]->role == ROLE_USER ||
		    v[i]->text.len > 0);
	if (c->known && c->n_ends > sent) {
		const char *text = convo->system ? convo->system :
		    a->conf->system;
		struct buf system = { .data = (char *)(uintptr_t)text,
			.len = text ? strlen(text) : 0 };

		put_line(out, w, c->ends[0] <= c->cached ? _("cached") :
		    _("to read"), c->ends[0], _("system"), &system,
		    STYLE_TEXT);
		before = c->ends[0];
		at = 1;
	}
	for (size_t i = 0; i < n; i++) {
		const char *who = v[i]->role == ROLE_USER ? _("you") :
		    _("model");

		if (v[i]->dropped || at >= c->n_ends || !c->known ||
		    (v[i]->role != ROLE_USER && v[i]->text.len == 0)) {
			put_line(out, w, v[i]->dropped ? _("left out") :
			    c->known ? _("not sent") : "", -1, who,
			    &v[i]->text, STYLE_DIM);
			continue;
		}
		put_line(out, w, c->ends[at] <= c->cached ? _("cached") :
		    _("to read"), c->ends[at] - before, who, &v[i]->text,
		    STYLE_TEXT);
		before = c->ends[at++];
	}
	buf_free(&b);
	free(v);
}
