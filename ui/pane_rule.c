/* pane_rule.c -- the line above the prompt: notices, hints, and what holds for
 * the next message. */
#include "pane.h"

#include <string.h>

#include "action.h"
#include "editor.h"
#include "i18n.h"
#include "width.h"

/* " (reads 3120 tokens, about 41 s)" */
static void
cost_text(const struct app *a, struct buf *out)
{
	int n = a->cost.tokens - a->cost.cached;

	if (!a->cost.known || n < 0)
		return;
	buf_printf(out, ngettext(" (reads %d token", " (reads %d tokens",
	    (unsigned long)n), n);
	stats_put_read(a, n, out);
	buf_puts(out, ")");
}

static const char *
list_hint(const struct app *a)
{
	if (a->lists.typing)
		return _("Type a part of the title · Enter opens · Esc "
		    "shows all");
	if (a->lists.what == LIST_TRASH)
		return _("u brings it back · d forgets it · x leaves the "
		    "trash");
	if (a->lists.what == LIST_ARCHIVE)
		return _("Enter opens · a takes it out · A leaves the "
		    "archive");
	if (a->lists.tag || a->lists.typed.len > 0)
		return _("Enter opens · T another tag · Esc shows all");
	return a->lay.rule.w < 76 ? _("Enter opens · n new · r rename · "
	    "d delete · Esc goes back") : _("Enter opens · / finds · p pin · "
	    "a archive · t tag · d delete · F1 all keys");
}

/* What the rule says, if anything. */
static void
rule_text(const struct app *a, struct buf *out, enum style *st)
{
	*st = STYLE_DIM;
	if (a->mode == MODE_RENAME) {
		*st = STYLE_NOTICE;
		buf_puts(out, _("New title: Enter keeps it, Esc does not"));
	} else if (a->mode == MODE_TAG) {
		*st = STYLE_NOTICE;
		buf_puts(out, _("Tags, with commas between them: Enter keeps "
		    "them, Esc does not"));
	} else if (a->mode == MODE_EDIT && !a->notice) {
		*st = STYLE_NOTICE;
		buf_puts(out, _("Editing: Enter has it answered again, Esc "
		    "does not"));
		cost_text(a, out);
	} else if (a->notice) {
		*st = a->notice_style;
		text_safe(out, a->notice, strcspn(a->notice, "\n"));
	} else if (a->page.fill || a->lay.rule.h == 0) {
		return;
	} else if (a->focus == FOCUS_PROMPT && a->attached) {
		text_safe(out, a->attached, strlen(a->attached));
		cost_text(a, out);
	} else if (a->focus == FOCUS_PROMPT) {
		action_hint(editor_text(), out);
	} else if (a->lay.rule.w < 60) {
		buf_puts(out, _("Esc goes back"));
	} else if (a->focus == FOCUS_VIEW) {
		buf_puts(out, _("j k scroll · Space folds · e edit · r again · "
		    "y copy · Esc goes back"));
	} else if (a->focus == FOCUS_THINK) {
		buf_puts(out, _("j k scroll · o outline · { } sections · "
		    "F5 zoom · Esc goes back"));
	} else {
		buf_puts(out, list_hint(a));
	}
}

/* What is different from the usual for the next message. */
static void
mode_text(const struct app *a, struct buf *out)
{
	if (a->cur->temporary)
		buf_printf(out, " %s ", _("not saved"));
	if (a->cur->convo->persona) {
		buf_addc(out, ' ');
		text_safe(out, a->cur->convo->persona,
		    strcspn(a->cur->convo->persona, "\n"));
		buf_addc(out, ' ');
	}
	if (a->thinking == THINKING_OFF)
		buf_printf(out, " %s ", _("thinking off"));
	else if (a->budget_ms > 0)
		buf_printf(out, _(" thinking ≤ %d s "), a->budget_ms / 1000);
	else if (a->budget > 0 && a->budget != a->conf->budget)
		buf_printf(out, _(" thinking ≤ %d tokens "), a->budget);
}

static void
draw_rule(const struct app *a, struct grid *g, struct rect r)
{
	struct buf b = { 0 };
	int n;

	for (int x = 0; x < r.w; x++)
		grid_puts(g, r.x + x, r.y, 1, "─", STYLE_BORDER);
	for (int i = 0; i < LINE_COUNT && !a->page.fill; i++)
		if (a->lay.line[i].h > 0)
			grid_puts(g, a->lay.line[i].x, r.y, 1, "┴",
			    STYLE_BORDER);
	mode_text(a, &b);
	n = text_cols(b.data, b.len);
	if (n > 0 && r.w > n + 40)
		grid_text(g, r.x + r.w - n - 2, r.y, n, b.data, b.len,
		    STYLE_DIM);
	buf_free(&b);
}

void
pane_rule_draw(struct app *a, struct grid *g)
{
	struct rect r = a->lay.rule;
	struct buf b = { 0 };
	enum style st;
	int in;

	if (r.h > 0)
		draw_rule(a, g, r);
	buf_addc(&b, ' ');
	rule_text(a, &b, &st);
	buf_addc(&b, ' ');
	if (b.len == 2) {
		buf_free(&b);
		return;
	}
	if (r.h == 0) {
		r = a->lay.status;	/* they share the last line */
		if (r.h > 0)
			grid_fill(g, r, STYLE_TEXT);
	}
	in = r.w >= 40 ? 1 : 0;
	if (r.h > 0)
		grid_cut(g, r.x + in, r.y, r.w - in, b.data, b.len, st);
	buf_free(&b);
}
