/* page_diff.c -- the version of an answer that is shown, compared with the one
 * before it, and the branch that is shown with another one: what was removed in
 * [- -], what was added in {+ +}. */
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "branch_diff.h"
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

/* ---- branches ---- */

static const char *
part_title(const struct turn *t, bool thought)
{
	if (thought)
		return _("The thought");
	return t->role == ROLE_USER ? _("The message") : _("The answer");
}

static void
compare_pair(struct rows *out, int w, const struct branch_pair *p)
{
	for (int i = 0; i < 2; i++) {
		struct row row = { 0 };

		branch_compare(p, i ? CHANNEL_ANSWER : CHANNEL_THINKING,
		    put_piece, &row);
		if (row.n > 0) {
			const char *title = part_title(p->a ? p->a : p->b,
			    i == 0);

			rows_add(out);
			wrap_plain(out, title, strlen(title), w, NULL, NULL,
			    STYLE_HEADING);
			wrap_row(out, &row, w, NULL, NULL);
		}
		row_free(&row);
	}
}

void
branches_fill(struct app *a, struct rows *out, int w, const char *typed)
{
	const struct convo *c = a->cur->convo;
	const struct turn *other = convo_turn(c, a->edited);
	struct branch_pair *v;
	struct buf b = { 0 };
	size_t n, shared;

	(void)typed;
	if (!other)
		return;
	n = branch_pairs(c, other, convo_turn(c, c->head), &v, &shared);
	buf_printf(&b, ngettext("%zu message is in both.",
	    "%zu messages are in both.", (unsigned long)shared), shared);
	wrap_plain(out, b.data, b.len, w, NULL, NULL, STYLE_DIM);
	for (size_t i = 0; i < n; i++)
		compare_pair(out, w, &v[i]);
	buf_free(&b);
	free(v);
}
