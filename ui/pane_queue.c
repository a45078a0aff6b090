/* pane_queue.c -- the prompts that wait for their turn, above the prompt. */
#include "pane.h"

#include <string.h>

#include "i18n.h"
#include "width.h"

#define ROWS_MAX 3

static int
rows_wanted(const struct app *a)
{
	int n = (int)a->cur->n_queue, room = panes_view((struct app *)a)->h / 3;

	n = n < ROWS_MAX ? n : ROWS_MAX;
	return n < room ? n : room;
}

void
pane_queue_place(struct app *a)
{
	struct rect *v = panes_view(a);
	int n = a->page.fill ? 0 : rows_wanted(a);

	v->h -= n;
	a->lay.queue = (struct rect){ v->x, v->y + v->h, v->w, n };
}

/* "1  the text's first line", or how many more there are. */
static void
put_line(const struct app *a, size_t i, bool last, struct buf *out)
{
	const char *s = a->cur->queue[i];

	if (last && i + 1 < a->cur->n_queue) {
		unsigned long more = a->cur->n_queue - i;

		buf_printf(out, ngettext("%lu more prompt waits",
		    "%lu more prompts wait", more), more);
		return;
	}
	buf_printf(out, "%zu  ", i + 1);
	text_safe(out, s, strcspn(s, "\n"));
	if (last && a->cur->held && !a->cur->live)
		buf_puts(out, _(" (Enter sends, Alt-Up edits)"));
}

void
pane_queue_draw(struct app *a, struct grid *g)
{
	struct rect r = a->lay.queue;
	int m = r.w >= 40 ? 2 : 0;
	struct buf b = { 0 };

	for (int y = 0; y < r.h; y++) {
		buf_clear(&b);
		put_line(a, (size_t)y, y + 1 == r.h, &b);
		grid_fill(g, (struct rect){ r.x, r.y + y, r.w, 1 },
		    STYLE_TEXT);
		grid_cut(g, r.x + m, r.y + y, r.w - m, b.data, b.len,
		    STYLE_QUEUED);
	}
	buf_free(&b);
}
