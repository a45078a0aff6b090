/* pane_help.c -- every key and command, from the table of actions. */
#include "pane.h"

#include <string.h>

#include "action.h"
#include "i18n.h"
#include "width.h"

#define KEYS_COLS 32

static const struct {
	unsigned where;
	const char *title;
} sections[] = {
	{ IN_PROMPT, "In the prompt" },
	{ IN_ALL, "Everywhere" },
	{ IN_VIEW, "In the transcript (Tab or F6 goes there)" },
	{ IN_LIST, "In the conversations" },
	{ 0, "Commands" },
};

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

static void
put_section(const struct app *a, struct rows *out, unsigned where, int w)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n_actions; i++) {
		const struct action *act = &actions[i];

		buf_clear(&b);
		if (where != 0 && (act->where == IN_ALL) ==
		    (where == IN_ALL) && act->where & where) {
			keymap_text(&a->keys, act, &b);
		} else if (where == 0 && act->slash) {
			buf_puts(&b, act->slash);
			if (*act->args)
				buf_printf(&b, " %s", act->args);
		}
		if (b.len > 0)
			put_entry(out, b.data, b.len, _(act->help), w);
	}
	buf_free(&b);
}

static void
help_rows(const struct app *a, struct rows *out, int w)
{
	static const char readline[] = "The prompt is GNU readline: its keys "
	    "and your inputrc work.";

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (i > 0)
			rows_add(out);
		wrap_plain(out, sections[i].title, strlen(sections[i].title),
		    w, NULL, NULL, STYLE_HEADING);
		put_section(a, out, sections[i].where, w);
	}
	rows_add(out);
	wrap_plain(out, readline, sizeof(readline) - 1, w, NULL, NULL,
	    STYLE_DIM);
}

static struct rect
help_rect(const struct app *a)
{
	struct rect r = a->lay.view;

	r.w += r.x;
	r.x = 0;
	return r;
}

void
pane_help_draw(struct app *a, struct grid *g)
{
	struct rect r = help_rect(a);
	struct rows rows = { 0 };
	int m = r.w >= 40 ? 2 : 0, body = r.h - 2, max;

	if (r.h < 3)
		body = r.h;
	help_rows(a, &rows, r.w - m);
	a->help_rows = (int)rows.n;
	max = a->help_rows > body ? a->help_rows - body : 0;
	if (a->help_top > max)
		a->help_top = max;
	if (r.h >= 3) {
		grid_puts(g, m, r.y, r.w - m, "Keys and commands",
		    STYLE_TITLE);
		if (r.w >= 60)
			grid_puts(g, m + 20, r.y, r.w - m - 20, max > 0 ?
			    "arrows scroll, Esc closes" : "Esc closes",
			    STYLE_DIM);
		r.y += 2;
	}
	for (int y = 0; y < body && a->help_top + y < a->help_rows; y++)
		grid_row(g, m, r.y + y, r.w - m, &rows.v[a->help_top + y]);
	rows_free(&rows);
}

unsigned
pane_help_key(struct app *a, const struct key *k)
{
	int page = a->lay.view.h > 4 ? a->lay.view.h - 4 : 1, by = 0;

	switch (k->code) {
	case KEY_ESC_:
	case KEY_ENTER_:
		a->help = false;
		break;
	case KEY_F_:
		a->help = k->ch != 1;
		break;
	case KEY_UP_:
		by = -1;
		break;
	case KEY_DOWN_:
		by = 1;
		break;
	case KEY_WHEEL_UP_:
		by = -3;
		break;
	case KEY_WHEEL_DOWN_:
		by = 3;
		break;
	case KEY_PGUP_:
		by = -page;
		break;
	case KEY_PGDN_:
		by = page;
		break;
	case KEY_HOME_:
		by = -a->help_rows;
		break;
	case KEY_END_:
		by = a->help_rows;
		break;
	case KEY_CHAR:
		if (k->mod == MOD_CTRL && k->ch == 'z')
			return REACT_SUSPEND;
		if (k->mod == MOD_CTRL && k->ch == 'l')
			return REACT_REDRAW | REACT_DRAW;
		if (k->ch == 'j')
			by = 1;
		else if (k->ch == 'k')
			by = -1;
		else if (k->ch == ' ')
			by = page;
		else if (k->ch == 'q' || k->ch == '?' || k->ch == 'c')
			a->help = false;
		break;
	default:
		break;
	}
	a->help_top = a->help_top + by < 0 ? 0 : a->help_top + by;
	return REACT_DRAW;
}
