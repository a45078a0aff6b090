/* page.c -- see page.h. */
#include "page.h"

#include <string.h>

#include "app.h"
#include "i18n.h"
#include "utf8.h"
#include "width.h"

void
page_close(struct app *a)
{
	buf_free(&a->page.typed);
	a->page = (struct page){ 0 };
}

void
page_toggle(struct app *a, const char *title,
    void (*fill)(struct app *a, struct rows *out, int w, const char *typed),
    bool filters)
{
	bool same = a->page.fill == fill;

	page_close(a);
	if (same)
		return;
	a->page.title = title;
	a->page.fill = fill;
	a->page.filters = filters;
	a->page.prose = fill == diff_fill || fill == branches_fill;
}

static void
draw_title(const struct app *a, struct grid *g, struct rect r, bool scrolls)
{
	const struct page *p = &a->page;
	struct buf b = { 0 };
	int x = r.x + grid_puts(g, r.x, r.y, r.w, p->title, STYLE_TITLE) + 3;

	if (p->filters && p->typed.len > 0) {
		text_safe(&b, p->typed.data, p->typed.len);
		x += grid_puts(g, x, r.y, r.x + r.w - x, "› ",
		    STYLE_PROMPT_MARK);
		grid_text(g, x, r.y, r.x + r.w - x, b.data, b.len,
		    STYLE_PROMPT);
		buf_free(&b);
	} else if (r.w >= 60) {
		grid_puts(g, x, r.y, r.x + r.w - x, p->filters ?
		    _("type to search · arrows scroll · Esc closes") :
		    scrolls ? _("arrows scroll · Esc closes") :
		    _("Esc closes"), STYLE_DIM);
	}
}

void
page_draw(struct app *a, struct grid *g)
{
	struct page *p = &a->page;
	int m = a->w >= 40 ? 2 : 0, h = a->h - a->lay.rule.h -
	    a->lay.prompt.h - a->lay.status.h, max;
	struct rect r = { m, 0, a->w - m, h };
	struct rows rows = { 0 };

	grid_fill(g, (struct rect){ 0, 0, a->w, h }, STYLE_TEXT);
	if (r.w < 1 || h < 1)
		return;
	p->fill(a, &rows, r.w - m > 0 ? r.w - m : 1,
	    p->typed.data ? p->typed.data : "");
	p->n_rows = (int)rows.n;
	p->height = h < 3 ? h : h - 2;
	max = p->n_rows > p->height ? p->n_rows - p->height : 0;
	if (p->top > max)
		p->top = max;
	if (h >= 3) {
		draw_title(a, g, r, max > 0);
		r.y += 2;
	}
	for (int y = 0; y < p->height && p->top + y < p->n_rows; y++)
		(p->prose ? grid_row : grid_label)(g, m, r.y + y, r.w,
		    &rows.v[p->top + y]);
	if (p->n_rows == 0)
		grid_puts(g, m, r.y, r.w, _("nothing like that"), STYLE_DIM);
	rows_free(&rows);
}

/* ---- keys ---- */

static unsigned
scroll(struct page *p, int by)
{
	p->top = p->top + by < 0 ? 0 : p->top + by;
	return REACT_DRAW;
}

static unsigned
erase(struct page *p)
{
	utf8_chop(&p->typed);
	p->top = 0;
	return REACT_DRAW;
}

static unsigned
key_char(struct app *a, const struct key *k)
{
	struct page *p = &a->page;
	char s[4];

	if (k->mod == MOD_CTRL && k->ch == 'z')
		return REACT_SUSPEND;
	if (k->mod == MOD_CTRL && k->ch == 'l')
		return REACT_REDRAW | REACT_DRAW;
	if (k->mod == MOD_CTRL && k->ch == 'c')
		page_close(a);
	else if (k->mod == 0 && p->filters) {
		buf_add(&p->typed, s, (size_t)utf8_encode(k->ch, s));
		p->top = 0;
	} else if (k->mod == 0 && (k->ch == 'j' || k->ch == 'k'))
		return scroll(p, k->ch == 'j' ? 1 : -1);
	else if (k->mod == 0 && k->ch == ' ')
		return scroll(p, p->height - 1);
	else if (k->mod == 0 && k->ch == 'q')
		page_close(a);
	return REACT_DRAW;
}

static unsigned
key_esc(struct app *a)
{
	if (a->page.typed.len == 0) {
		page_close(a);
	} else {
		buf_clear(&a->page.typed);
		a->page.top = 0;
	}
	return REACT_DRAW;
}

unsigned
page_key(struct app *a, const struct key *k)
{
	struct page *p = &a->page;
	int page = p->height > 2 ? p->height - 2 : 1;

	switch (k->code) {
	case KEY_CHAR:
		return key_char(a, k);
	case KEY_ESC_:
		return key_esc(a);
	case KEY_ENTER_:
		page_close(a);
		return REACT_DRAW;
	case KEY_BACKSPACE_:
		return erase(p);
	case KEY_UP_:
		return scroll(p, -1);
	case KEY_DOWN_:
		return scroll(p, 1);
	case KEY_WHEEL_UP_:
		return scroll(p, -3);
	case KEY_WHEEL_DOWN_:
		return scroll(p, 3);
	case KEY_PGUP_:
		return scroll(p, -page);
	case KEY_PGDN_:
		return scroll(p, page);
	case KEY_HOME_:
		return scroll(p, -p->n_rows);
	case KEY_END_:
		return scroll(p, p->n_rows);
	default:
		return REACT_DRAW;
	}
}
