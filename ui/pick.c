/* pick.c -- see pick.h. */
#include "pick.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "find.h"
#include "i18n.h"
#include "utf8.h"
#include "width.h"

#define COLS_MAX 72
#define COLS_WIDE 100		/* with two rows an item */
#define FRAME 4			/* columns and rows of the frame and title */

struct pick *
pick_open(struct app *a, const char *title,
    unsigned (*chosen)(struct app *a, const char *key))
{
	pick_close(a);
	a->pick = xcalloc(1, sizeof(*a->pick));
	a->pick->title = title;
	a->pick->chosen = chosen;
	a->pick->each = 1;
	return a->pick;
}

void
pick_add(struct pick *p, const char *label, const char *detail,
    const char *key)
{
	if ((p->n & (p->n - 1)) == 0)	/* full: 0, 1, 2, 4, ... */
		p->v = xreallocarray(p->v, p->n ? 2 * p->n : 1,
		    sizeof(*p->v));
	p->v[p->n++] = (struct pick_item){ .label = xstrdup(label),
		.detail = xstrdup(detail), .key = xstrdup(key) };
}

void
pick_below(struct pick *p, const char *text, const struct index_mark *marks,
    size_t n)
{
	struct pick_item *it = &p->v[p->n - 1];

	it->below = xstrdup(text);
	it->marks = xcalloc(n + 1, sizeof(*marks));
	if (n > 0)
		memcpy(it->marks, marks, n * sizeof(*marks));
	it->n_marks = n;
}

void
pick_clear(struct pick *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].label);
		free(p->v[i].detail);
		free(p->v[i].key);
		free(p->v[i].below);
		free(p->v[i].marks);
	}
	free(p->v);
	free(p->shown);
	p->v = NULL;
	p->shown = NULL;
	p->n = p->n_shown = 0;
}

static void
pick_free(struct pick *p)
{
	pick_clear(p);
	buf_free(&p->typed);
	free(p->note);
	free(p);
}

void
pick_close(struct app *a)
{
	struct pick *p = a->pick;

	a->pick = NULL;
	if (p)
		pick_free(p);
}

/* ---- what matches ---- */

static bool
has_word(const struct pick_item *it, const char *word)
{
	struct needle nd;

	return !needle_init(&nd, word) ||
	    find_count(&nd, it->label, strlen(it->label)) > 0 ||
	    (it->detail && find_count(&nd, it->detail,
	    strlen(it->detail)) > 0);
}

/* Every word that was typed is somewhere in the item. */
static bool
matches(const struct pick_item *it, const char *typed)
{
	char *copy = xstrdup(typed), *save = NULL;
	bool yes = true;

	for (char *w = strtok_r(copy, " ", &save); w && yes;
	    w = strtok_r(NULL, " ", &save))
		yes = has_word(it, w);
	free(copy);
	return yes;
}

static void
sift(struct pick *p)
{
	p->n_shown = 0;
	for (size_t i = 0; i < p->n; i++)
		if (p->retyped || matches(&p->v[i], p->typed.data ?
		    p->typed.data : ""))
			p->shown[p->n_shown++] = i;
	p->at = p->top = 0;
}

void
pick_ready(struct pick *p, const char *at)
{
	p->shown = xcalloc(p->n ? p->n : 1, sizeof(*p->shown));
	sift(p);
	for (size_t i = 0; at && i < p->n_shown; i++)
		if (strcmp(p->v[p->shown[i]].key, at) == 0)
			p->at = i;
}

/* ---- keys ---- */

static const char *
key_at(const struct pick *p)
{
	return p->at < p->n_shown ? p->v[p->shown[p->at]].key : NULL;
}

static unsigned
tell_moved(struct app *a)
{
	struct pick *p = a->pick;
	const char *key = key_at(p);

	return REACT_DRAW | (p->moved && key ? p->moved(a, key) : 0);
}

static unsigned
move(struct app *a, long by)
{
	struct pick *p = a->pick;
	long at = (long)p->at + by, last = (long)p->n_shown - 1;

	at = at > last ? last : at;
	p->at = at < 0 ? 0 : (size_t)at;
	return tell_moved(a);
}

static unsigned
choose(struct app *a)
{
	struct pick *p = a->pick;
	const char *key = key_at(p);
	unsigned r;

	if (!key)
		return REACT_DRAW;
	a->pick = NULL;		/* what is chosen may open another */
	r = p->chosen(a, key);
	pick_free(p);
	return r | REACT_DRAW;
}

static unsigned
leave(struct app *a)
{
	unsigned (*left)(struct app *) = a->pick->left;

	pick_close(a);
	return REACT_DRAW | (left ? left(a) : 0);
}

static unsigned
typed(struct app *a)
{
	if (a->pick->retyped)
		a->pick->retyped(a);
	else
		sift(a->pick);
	return tell_moved(a);
}

static unsigned
type(struct app *a, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] >= 0x20)
			buf_addc(&a->pick->typed, s[i]);
	return typed(a);
}

static unsigned
erase(struct app *a)
{
	utf8_chop(&a->pick->typed);
	return typed(a);
}

static unsigned
key_char(struct app *a, const struct key *k)
{
	char s[4];

	if (k->mod & MOD_ALT)
		return REACT_DRAW;
	if (!(k->mod & MOD_CTRL))
		return type(a, s, (size_t)utf8_encode(k->ch, s));
	switch (k->ch) {
	case 'n':
		return move(a, 1);
	case 'p':
		return move(a, -1);
	case 'u':
		buf_clear(&a->pick->typed);
		return typed(a);
	case 'c':
	case 'g':
		return leave(a);
	default:
		return REACT_DRAW;
	}
}

static unsigned
click(struct app *a, const struct key *k)
{
	struct pick *p = a->pick;
	const struct rect *r = &p->rows;

	if (k->x < r->x || k->x >= r->x + r->w || k->y < r->y ||
	    k->y >= r->y + r->h)
		return leave(a);
	p->at = p->top + (size_t)((k->y - r->y) / p->each);
	return choose(a);
}

unsigned
pick_key(struct app *a, const struct key *k)
{
	int rows = a->pick->rows.h / a->pick->each;
	int page = rows > 1 ? rows - 1 : 1;

	switch (k->code) {
	case KEY_CHAR:
		return key_char(a, k);
	case KEY_PASTE_:
		return type(a, k->text, k->n < 200 ? k->n : 200);
	case KEY_BACKSPACE_:
		return erase(a);
	case KEY_ENTER_:
		return choose(a);
	case KEY_ESC_:
		return leave(a);
	case KEY_UP_:
	case KEY_WHEEL_UP_:
		return move(a, -1);
	case KEY_DOWN_:
	case KEY_WHEEL_DOWN_:
	case KEY_TAB_:
		return move(a, k->mod & MOD_SHIFT ? -1 : 1);
	case KEY_PGUP_:
		return move(a, -page);
	case KEY_PGDN_:
		return move(a, page);
	case KEY_HOME_:
		return move(a, -(long)a->pick->n);
	case KEY_END_:
		return move(a, (long)a->pick->n);
	case KEY_MOUSE_:
		return click(a, k);
	default:
		return REACT_DRAW;
	}
}

/* ---- drawing ---- */

static struct rect
place(const struct app *a, const struct grid *g)
{
	struct rect r = { 0, 0, g->w, g->h };
	int max = a->pick->each > 1 ? COLS_WIDE : COLS_MAX;
	int h = a->pick->n < 1000 ? (int)a->pick->n + FRAME : 1000;

	/* One that is filled as it is typed in stays as high as it is. */
	if (a->pick->retyped)
		h = g->h;
	if (g->w >= 40) {
		r.w = g->w - 4 < max ? g->w - 4 : max;
		r.x = (g->w - r.w) / 2;
	}
	if (g->h >= 10) {
		r.h = g->h - 3 < h ? g->h - 3 : h;
		r.y = (g->h - r.h) / 4;
	}
	return r;
}

static void
line(struct grid *g, const struct rect *r, int y, const char *left,
    const char *fill, const char *right)
{
	grid_puts(g, r->x, y, 1, left, STYLE_BORDER);
	for (int x = 1; x + 1 < r->w; x++)
		grid_puts(g, r->x + x, y, 1, fill, STYLE_BORDER);
	grid_puts(g, r->x + r->w - 1, y, 1, right, STYLE_BORDER);
}

static void
draw_frame(const struct app *a, struct grid *g, const struct rect *r)
{
	struct buf b = { 0 };

	grid_fill(g, *r, STYLE_TEXT);
	line(g, r, r->y, "┌", "─", "┐");
	for (int y = 1; y + 1 < r->h; y++) {
		grid_puts(g, r->x, r->y + y, 1, "│", STYLE_BORDER);
		grid_puts(g, r->x + r->w - 1, r->y + y, 1, "│",
		    STYLE_BORDER);
	}
	line(g, r, r->y + r->h - 1, "└", "─", "┘");
	buf_printf(&b, " %s ", a->pick->title);
	grid_cut(g, r->x + 2, r->y, r->w - 4, b.data, b.len, STYLE_FOCUS);
	buf_clear(&b);
	if (a->pick->note) {
		buf_printf(&b, " %s ", a->pick->note);
		grid_cut(g, r->x + 2, r->y + r->h - 1, r->w - 4, b.data,
		    b.len, STYLE_DIM);
	}
	buf_free(&b);
}

/* What was found, and the words around it. */
static void
draw_below(const struct pick_item *it, struct grid *g, int x, int y, int w,
    enum style st)
{
	struct row row = { .raw = true };
	size_t at = 0, n = strlen(it->below);
	size_t fits = text_fit(it->below, n, w, NULL);

	if (fits < n)
		fits = text_fit(it->below, n, w - 1, NULL);
	for (size_t i = 0; i < it->n_marks && it->marks[i].to <= fits; i++) {
		const struct index_mark *m = &it->marks[i];

		row_put_safe(&row, it->below + at, m->from - at, st);
		row_put_safe(&row, it->below + m->from, m->to - m->from,
		    STYLE_HIT);
		at = m->to;
	}
	row_put_safe(&row, it->below + at, fits - at, st);
	if (fits < n)
		row_puts(&row, "…", st);
	grid_row(g, x, y, w, &row);
	row_free(&row);
}

static void
draw_item(const struct pick *p, struct grid *g, const struct rect *r, size_t i,
    int y)
{
	const struct pick_item *it = &p->v[p->shown[i]];
	bool here = i == p->at;
	enum style st = here ? STYLE_SELECTED : STYLE_TEXT;
	struct buf b = { 0 };
	int room = r->w, cols = 0;

	grid_fill(g, (struct rect){ r->x, r->y + y, r->w, p->each }, st);
	grid_puts(g, r->x, r->y + y, 1, here ? "▸" : " ", st);
	if (it->detail) {
		text_safe(&b, it->detail, strcspn(it->detail, "\n"));
		cols = text_cols(b.data, b.len);
		cols = cols < r->w / 2 ? cols : r->w / 2;
		grid_cut(g, r->x + r->w - cols, r->y + y, cols, b.data, b.len,
		    here ? st : STYLE_DIM);
		room -= cols + 1;
	}
	buf_clear(&b);
	text_safe(&b, it->label, strcspn(it->label, "\n"));
	grid_cut(g, r->x + 2, r->y + y, room - 2, b.data, b.len, st);
	buf_free(&b);
	if (it->below && p->each > 1)
		draw_below(it, g, r->x + 4, r->y + y + 1, r->w - 5, here ? st :
		    STYLE_DIM);
}

/* Items as far as there is room, the one at hand among them. */
static void
draw_items(struct pick *p, struct grid *g)
{
	size_t rows = (size_t)(p->rows.h / p->each);

	if (p->at < p->top)
		p->top = p->at;
	if (rows > 0 && p->at >= p->top + rows)
		p->top = p->at - rows + 1;
	for (size_t i = 0; i < rows && p->top + i < p->n_shown; i++)
		draw_item(p, g, &p->rows, p->top + i, (int)i * p->each);
}

void
pick_draw(struct app *a, struct grid *g)
{
	struct pick *p = a->pick;
	struct rect r = place(a, g), in = { r.x + 1, r.y + 1, r.w - 2, 1 };
	const char *typed = p->typed.data ? p->typed.data : "";
	struct buf b = { 0 };

	draw_frame(a, g, &r);
	grid_puts(g, in.x, in.y, in.w, "› ", STYLE_PROMPT_MARK);
	text_safe(&b, typed, strlen(typed));
	grid_cursor(g, in.x + 2 + grid_text(g, in.x + 2, in.y, in.w - 3,
	    b.data ? b.data : "", b.len, STYLE_PROMPT), in.y);
	p->rows = (struct rect){ in.x, in.y + 1, in.w, r.h - 3 };
	if (p->rows.h < 0)
		p->rows.h = 0;
	draw_items(p, g);
	if (p->n_shown == 0 && p->rows.h > 0)
		grid_puts(g, p->rows.x + 2, p->rows.y, p->rows.w - 2,
		    p->hint ? p->hint : _("nothing like that"), STYLE_DIM);
	buf_free(&b);
}
