/* prompt_walk.c -- the way through the prompt's text. */
#include "prompt_walk.h"

#include "width.h"

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

int
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

struct walk
walk_begin(const char *s, size_t n, int cols)
{
	return (struct walk){ .s = s, .n = n, .cols = cols };
}

struct walk
walk_row(struct walk w, int y)
{
	struct walk before;
	struct buf b = { 0 };
	int x, at = 0;

	do
		before = w;
	while (walk_next(&w, &b, &x, &at) >= 0 && at < y);
	buf_free(&b);
	return before;
}
