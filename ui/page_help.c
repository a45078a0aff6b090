/* page_help.c -- every key and command, from the table of actions. */
#include "page.h"

#include <string.h>

#include "action.h"
#include "app.h"
#include "find.h"
#include "i18n.h"
#include "width.h"

#define KEYS_COLS 32

static void
put_entry(struct rows *out, const char *what, size_t n, const char *help,
    int w)
{
	struct row *row;
	int pad = KEYS_COLS - text_cols(what, n);

	if (w < KEYS_COLS + 44 || pad < 1) {
		wrap_plain(out, what, n, w, "  ", "  ", STYLE_KEY);
		wrap_plain(out, help, strlen(help), w, "    ", "    ",
		    STYLE_TEXT);
		return;
	}
	row = rows_add(out);
	row_puts(row, "  ", STYLE_TEXT);
	row_put(row, what, n, STYLE_KEY);
	while (pad-- > 0)
		row_puts(row, " ", STYLE_TEXT);
	row_puts(row, help, STYLE_TEXT);
}

static bool
wanted(const struct needle *nd, const struct buf *what, const char *help)
{
	return !nd || find_count(nd, what->data, what->len) > 0 ||
	    find_count(nd, help, strlen(help)) > 0;
}

/* The actions of a section that nd (NULL: all) is found in; how many. */
static int
put_section(const struct app *a, struct rows *out, unsigned where, int w,
    const struct needle *nd)
{
	struct buf b = { 0 };
	int n = 0;

	for (size_t i = 0; i < n_actions; i++) {
		const struct action *act = &actions[i];

		buf_clear(&b);
		if (action_in(act, where)) {
			keymap_text(&a->keys, act, &b);
		} else if (where == 0 && act->slash) {
			buf_puts(&b, act->slash);
			if (*act->args)
				buf_printf(&b, " %s", act->args);
		}
		if (b.len > 0 && wanted(nd, &b, _(act->help))) {
			put_entry(out, b.data, b.len, _(act->help), w);
			n++;
		}
	}
	buf_free(&b);
	return n;
}

/* A section that nd (NULL: all of it) is found in. */
static void
put_titled(const struct app *a, struct rows *out, size_t section, int w,
    const struct needle *nd)
{
	const char *title = _(action_sections[section].title);
	size_t from = out->n;

	if (from > 0)
		rows_add(out);
	wrap_plain(out, title, strlen(title), w, NULL, NULL, STYLE_HEADING);
	if (!put_section(a, out, action_sections[section].where, w, nd))
		rows_cut(out, from);
}

void
help_fill(struct app *a, struct rows *out, int w, const char *typed)
{
	const char *readline = _("The prompt is GNU readline: its keys and "
	    "your inputrc work. Every key can be changed in keys.yaml.");
	struct needle nd;
	bool all = !needle_init(&nd, typed);

	/* What works now comes first. */
	for (int now = 1; now >= 0; now--)
		for (size_t i = 0; i < n_action_sections; i++)
			if ((a->played && action_sections[i].where ==
			    IN_REPLAY) == (now == 1))
				put_titled(a, out, i, w, all ? NULL : &nd);
	if (!all)
		return;
	rows_add(out);
	wrap_plain(out, readline, strlen(readline), w, NULL, NULL, STYLE_DIM);
}
