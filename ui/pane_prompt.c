/* pane_prompt.c -- what is being typed, and the line above it. */
#include "pane.h"

#include <string.h>

#include "editor.h"
#include "width.h"

/* Where the text of the prompt goes, cluster by cluster: one walk serves
 * counting rows, finding the cursor and drawing. */
struct walk {
	const char *s;
	size_t n, at;
	int cols;		/* of a row */
	int x, y;
	bool gap;		/* a word may begin here */
};

/* A character that nothing can combine with. */
static bool
plain_at(const struct walk *w)
{
	unsigned char c = (unsigned char)w->s[w->at];

	return c >= 0x20 && c < 0x7f && (w->at + 1 == w->n ||
	    (unsigned char)w->s[w->at + 1] < 0x80);
}

static int
walk_place(struct walk *w, size_t n, int cols, int *x, int *y)
{
	if (w->x > 0 && w->x + cols > w->cols) {
		w->x = 0;
		w->y++;
	}
	*x = w->x;
	*y = w->y;
	w->x += cols;
	w->at += n;
	return cols;
}

/* Whether the word here fits in what is left of the row; one that no row could
 * hold is broken where it must be. */
static bool
word_fits(const struct walk *w)
{
	size_t n = w->n - w->at;
	const char *s = w->s + w->at;
	int sum = 0, cols;

	while (n > 0 && *s != ' ' && *s != '\n' && sum <= w->cols) {
		size_t used = cluster_next(s, n, &cols);

		sum += cols;
		s += used;
		n -= used;
	}
	return sum > w->cols || w->x + sum <= w->cols;
}

/* Breaks between words: blanks hang at the edge, a word that does not fit
 * starts a row. */
static bool
walk_break(struct walk *w, int *x, int *y)
{
	if (w->s[w->at] == ' ') {
		w->gap = true;
		if (w->x < w->cols)
			return false;
		*x = w->cols - 1;
		*y = w->y;
		w->at++;
		return true;
	}
	if (w->gap && w->x > 0 && !word_fits(w)) {
		w->x = 0;
		w->y++;
	}
	w->gap = false;
	return false;
}

/* Advance by one cluster; its safe text in *out, its place in *x, *y and its
 * columns returned (0 for what is not drawn: a newline, a blank at the edge),
 * or -1 at the end. */
static int
walk_next(struct walk *w, struct buf *out, int *x, int *y)
{
	size_t n;
	int cols;

	if (w->at >= w->n)
		return -1;
	if (walk_break(w, x, y))
		return 0;
	if (plain_at(w)) {
		/* Nearly all of a long paste. */
		buf_clear(out);
		buf_addc(out, w->s[w->at]);
		return walk_place(w, 1, 1, x, y);
	}
	n = cluster_next(w->s + w->at, w->n - w->at, &cols);
	if (w->s[w->at] == '\n') {
		*x = w->x;
		*y = w->y++;
		w->x = 0;
		w->at += n;
		return 0;
	}
	buf_clear(out);
	text_safe(out, w->s + w->at, n);
	return walk_place(w, n, text_cols(out->data, out->len), x, y);
}

/* Rows of the whole text; the place of the cursor too. */
static int
measure(const char *s, size_t n, size_t point, int cols, int *cx, int *cy)
{
	struct walk w = { .s = s, .n = n, .cols = cols };
	struct buf b = { 0 };
	int x, y;
	size_t at;
	bool found = false;

	for (at = 0; walk_next(&w, &b, &x, &y) >= 0; at = w.at)
		if (!found && point <= at) {
			*cx = x;
			*cy = y;
			found = true;
		}
	buf_free(&b);
	/* Behind a full row the cursor waits on the next. */
	if (w.x >= cols) {
		w.x = 0;
		w.y++;
	}
	if (!found) {
		*cx = w.x;
		*cy = w.y;
		return w.y + 1;
	}
	return w.x == 0 && n > 0 && s[n - 1] != '\n' ? w.y : w.y + 1;
}

static const char *
mark_of(const struct app *a)
{
	return a->mode == MODE_RENAME ? "✎ " : "› ";
}

int
pane_prompt_rows(int cols)
{
	const char *s = editor_text();
	int x, y, rows;

	rows = measure(s, strlen(s), editor_point(), cols, &x, &y);
	if (y >= rows)
		rows = y + 1;
	return rows + (*editor_message() != '\0');
}

static void
draw_text(struct grid *g, struct rect r, int top)
{
	const char *s = editor_text();
	struct walk w = { .s = s, .n = strlen(s), .cols = r.w };
	struct buf b = { 0 };
	int x, y, cols;

	while ((cols = walk_next(&w, &b, &x, &y)) >= 0)
		if (cols > 0 && y >= top && y < top + r.h)
			grid_text(g, r.x + x, r.y + y - top, r.w - x, b.data,
			    b.len, STYLE_PROMPT);
	buf_free(&b);
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

void
pane_prompt_draw(struct app *a, struct grid *g)
{
	struct rect r = a->lay.prompt;
	const char *s = editor_text();
	int cols = layout_prompt_cols(a->w), left, cx = 0, cy = 0, top;
	bool focused = a->focus == FOCUS_PROMPT && !a->help &&
	    a->mode != MODE_DELETE;

	if (r.h <= 0 || r.w <= 0)
		return;
	left = r.w > 4 ? 2 : 0;
	if (left)
		grid_puts(g, r.x, r.y, left, mark_of(a), focused ?
		    STYLE_PROMPT_MARK : STYLE_DIM);
	r.x += left;
	r.w = cols < r.w - left ? cols : r.w - left;
	draw_message(g, &r);
	measure(s, strlen(s), editor_point(), r.w, &cx, &cy);
	top = cy >= r.h ? cy - r.h + 1 : 0;
	draw_text(g, r, top);
	if (!*s && a->mode == MODE_CHAT && !*editor_message())
		grid_puts(g, r.x, r.y, r.w, "Write a message", STYLE_DIM);
	if (focused) {
		g->cx = r.x + (cx < r.w ? cx : r.w - 1);
		g->cy = r.y + cy - top;
	}
}

unsigned
pane_prompt_key(struct app *a, const struct key *k)
{
	(void)a;
	if (k->code == KEY_PASTE_)
		editor_insert(k->text, k->n);
	else if (k->code == KEY_UP_ && k->mod == 0)
		editor_up();
	else if (k->code == KEY_DOWN_ && k->mod == 0)
		editor_down();
	else if (k->code != KEY_F_)
		editor_key(k);
	return REACT_DRAW;
}
