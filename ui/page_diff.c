/* page_diff.c -- the version of an answer that is shown, compared with the one
 * before it: what was removed in [- -], what was added in {+ +}. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "i18n.h"
#include "page.h"
#include "width.h"
#include "worddiff.h"

static void
put_piece(enum diff_kind kind, const char *s, size_t n, void *ud)
{
	struct row *row = ud;
	enum style st = kind == DIFF_REMOVED ? STYLE_REMOVED :
	    kind == DIFF_ADDED ? STYLE_ADDED : STYLE_TEXT;

	if (kind == DIFF_REMOVED)
		row_puts(row, "[-", st);
	else if (kind == DIFF_ADDED)
		row_puts(row, "{+", st);
	row_put(row, s, n, st);
	if (kind == DIFF_REMOVED)
		row_puts(row, "-]", st);
	else if (kind == DIFF_ADDED)
		row_puts(row, "+}", st);
}

static void
compare(struct rows *out, int w, const char *title, const struct buf *a,
    const struct buf *b)
{
	struct row row = { 0 };

	if (a->len == 0 && b->len == 0)
		return;
	if (out->n > 0)
		rows_add(out);
	wrap_plain(out, title, strlen(title), w, NULL, NULL, STYLE_HEADING);
	worddiff(a->data ? a->data : "", a->len, b->data ? b->data : "",
	    b->len, put_piece, &row);
	wrap_row(out, &row, w, NULL, NULL);
	row_free(&row);
}

void
diff_fill(struct app *a, struct rows *out, int w, const char *typed)
{
	struct turn *t = convo_turn(a->cur->convo, a->edited), **v;
	size_t n, at = 0;

	(void)typed;
	if (!t)
		return;
	n = convo_siblings(a->cur->convo, t, &v);
	while (at < n && v[at] != t)
		at++;
	if (n > 1) {
		const struct turn *before = v[at > 0 ? at - 1 : n - 1];

		compare(out, w, _("The thought"), &before->thinking,
		    &t->thinking);
		compare(out, w, _("The answer"), &before->text, &t->text);
	}
	free(v);
}
