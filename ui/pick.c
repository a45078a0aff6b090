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
#define FRAME 4			/* columns and rows of the frame and title */

struct pick *
pick_open(struct app *a, const char *title,
    unsigned (*chosen)(struct app *a, const char *key))
{
	pick_close(a);
	a->pick = xcalloc(1, sizeof(*a->pick));
	a->pick->title = title;
	a->pick->chosen = chosen;
	return a->pick;
}

void
pick_add(struct pick *p, const char *label, const char *detail,
    const char *key)
{
	p->v = xreallocarray(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = (struct pick_item){ xstrdup(label),
		detail ? xstrdup(detail) : NULL, xstrdup(key) };
}

static void
pick_free(struct pick *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].label);
		free(p->v[i].detail);
		free(p->v[i].key);
	}
	free(p->v);
	free(p->shown);
	buf_free(&p->typed);
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
		if (matches(&p->v[i], p->typed.data ? p->typed.data : ""))
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
type(struct app *a, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)s[i] >= 0x20)
			buf_addc(&a->pick->typed, s[i]);
	sift(a->pick);
	return tell_moved(a);
}

static unsigned
erase(struct app *a)
{
	utf8_chop(&a->pick->typed);
	sift(a->pick);
	return tell_moved(a);
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
		sift(a->pick);
		return tell_moved(a);
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
	p->at = p->top + (size_t)(k->y - r->y);
	return choose(a);
}

unsigned
pick_key(struct app *a, const struct key *k)
{
	int page = a->pick->rows.h > 1 ? a->pick->rows.h - 1 : 1;

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
	int h = (int)a->pick->n + FRAME;

	if (g->w >= 40) {
		r.w = g->w - 4 < COLS_MAX ? g->w - 4 : COLS_MAX;
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
	buf_free(&b);
}

static void
draw_item(const struct pick *p, struct grid *g, const struct rect *r, int y)
{
	size_t i = p->top + (size_t)y;
	const struct pick_item *it = &p->v[p->shown[i]];
	bool here = i == p->at;
	enum style st = here ? STYLE_SELECTED : STYLE_TEXT;
	struct buf b = { 0 };
	int room = r->w, cols = 0;

	grid_fill(g, (struct rect){ r->x, r->y + y, r->w, 1 }, st);
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
	if (p->at < p->top)
		p->top = p->at;
	if (p->rows.h > 0 && p->at >= p->top + (size_t)p->rows.h)
		p->top = p->at - (size_t)p->rows.h + 1;
	for (int y = 0; y < p->rows.h && p->top + (size_t)y < p->n_shown; y++)
		draw_item(p, g, &p->rows, y);
	if (p->n_shown == 0 && p->rows.h > 0)
		grid_puts(g, p->rows.x + 2, p->rows.y, p->rows.w - 2,
		    _("nothing like that"), STYLE_DIM);
	buf_free(&b);
}
