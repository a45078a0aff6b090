/* pane_prompt.c -- what is being typed, and the line above it. */
#include "pane.h"

#include <string.h>

#include "bidi.h"
#include "editor.h"
#include "i18n.h"
#include "prompt_lay.h"
#include "width.h"

static const char *
mark_of(const struct app *a)
{
	return a->mode == MODE_RENAME || a->mode == MODE_TAG ? "✎ " : "› ";
}

int
pane_prompt_rows(int cols)
{
	struct prompt_lay l = { .s = editor_text(), .cols = cols };
	int x, y;

	l.n = strlen(l.s);
	return prompt_lay_rows(&l, editor_point(), &x, &y) +
	    (*editor_message() != '\0');
}

static void
draw_message(struct grid *g, struct rect *r)
{
	struct buf b = { 0 };
	const char *s = editor_message();

	if (!*s)
		return;
	text_safe(&b, s, strcspn(s, "\n"));
	grid_text(g, r->x, r->y, r->w, b.data, b.len, STYLE_DIM);
	if (r->h > 1) {
		r->y++;
		r->h--;
	} else {
		int used = text_cols(b.data, b.len);

		used = used < r->w - 1 ? used : r->w - 1;
		r->x += used;
		r->w -= used;
	}
	buf_free(&b);
}

/* The text as it was drawn last. */
static struct prompt_lay
drawn(const struct app *a)
{
	struct prompt_lay l = { .s = editor_text(), .bidi = a->bidi,
	    .rtl = a->mirror,
	    .cols = a->prompt.w > 0 ? a->prompt.w : 1 };

	l.n = strlen(l.s);
	return l;
}

void
pane_prompt_draw(struct app *a, struct grid *g)
{
	struct rect r = a->lay.prompt;
	int cols = layout_prompt_cols(a->w), left, cx = 0, cy = 0, top;
	bool focused = a->focus == FOCUS_PROMPT && !a->page.fill &&
	    a->mode != MODE_DELETE;
	struct prompt_lay l;

	a->bidi = g->bidi;
	a->prompt = (struct rect){ 0 };
	if (r.h <= 0 || r.w <= 0)
		return;
	left = r.w > 4 ? 2 : 0;
	if (left)
		grid_puts(g, r.x, r.y, left, mark_of(a), focused ?
		    STYLE_PROMPT_MARK : STYLE_DIM);
	r.x += left;
	r.w = cols < r.w - left ? cols : r.w - left;
	draw_message(g, &r);
	if (*editor_text() == '\0' && a->mode == MODE_CHAT &&
	    !*editor_message())
		grid_puts(g, r.x, r.y, r.w, _("Write a message"), STYLE_DIM);
	/* The text has a direction of its own. */
	r.x = grid_left(g, r.x, r.w);
	g->mirror = false;
	a->prompt = r;
	l = drawn(a);
	prompt_lay_rows(&l, editor_point(), &cx, &cy);
	a->prompt_top = top = cy >= r.h ? cy - r.h + 1 : 0;
	prompt_lay_draw(&l, g, r, top);
	if (focused)
		grid_cursor(g, r.x + (cx < r.w ? cx : r.w - 1),
		    r.y + cy - top);
	g->mirror = a->mirror;
}

/* An arrow, where it points rather than on or back in the text. */
static bool
arrow(struct app *a, const struct key *k)
{
	struct prompt_lay l = drawn(a);

	if ((k->code != KEY_LEFT_ && k->code != KEY_RIGHT_) || k->mod != 0 ||
	    !a->conf->visual_arrows || !a->bidi || editor_busy() ||
	    !bidi_any(l.s, l.n))
		return false;
	editor_move(prompt_lay_beside(&l, editor_point(),
	    k->code == KEY_LEFT_ ? -1 : 1));
	return true;
}

static void
click(struct app *a, const struct key *k)
{
	struct prompt_lay l = drawn(a);
	const struct rect *r = &a->prompt;
	int x = a->mirror ? a->w - 1 - k->x : k->x;	/* on the screen */

	if (k->y >= r->y && k->y < r->y + r->h && x < r->x + r->w)
		editor_move(prompt_lay_at(&l, x - r->x,
		    k->y - r->y + a->prompt_top));
}

unsigned
pane_prompt_key(struct app *a, const struct key *k)
{
	if (k->code == KEY_MOUSE_)
		click(a, k);
	else if (arrow(a, k))
		return REACT_DRAW;
	else if (k->code == KEY_PASTE_)
		editor_insert(k->text, k->n);
	else if (k->code == KEY_UP_ && k->mod == 0)
		editor_up();
	else if (k->code == KEY_DOWN_ && k->mod == 0)
		editor_down();
	else if (k->code != KEY_F_)
		editor_key(k);
	return REACT_DRAW;
}
