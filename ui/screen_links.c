/* screen_links.c -- links on the terminal. */
#include "screen_links.h"

#include <stdlib.h>

#include "alloc.h"
#include "links.h"

void
link_runs_add(struct link_runs *r, int y, const struct cell *last,
    const struct cell *now, int w)
{
	int x0 = 0, x1 = w;

	while (x0 < w && last[x0].link == 0 && now[x0].link == 0)
		x0++;
	while (x1 > x0 && last[x1 - 1].link == 0 && now[x1 - 1].link == 0)
		x1--;
	/* not from the right half of a character */
	while (x0 > 0 && x0 < x1 && now[x0].cols == 0)
		x0--;
	if (x0 == x1)
		return;
	if (r->n == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 16;
		r->v = xreallocarray(r->v, (size_t)r->cap, sizeof(*r->v));
	}
	r->v[r->n++] = (struct link_run){ y, x0, x1 };
}

/* Pieces of a link that is wrapped light up together: they have one id. */
static void
open_link(struct buf *out, const struct grid *g, uint32_t link)
{
	const char *href = grid_href(g, link);

	if (href != NULL && link_ok(href))
		buf_printf(out, "\033]8;id=%08x;%s\033\\", (unsigned)link,
		    href);
}

static void
write_run(const struct link_run *run, const struct grid *g,
    const struct link_pen *pen, struct buf *out)
{
	const struct cell *row = pen->row(g, run->y);
	uint32_t link = 0;

	pen->move(out, run->y, run->x0);
	for (int x = run->x0; x < run->x1; x++) {
		if (row[x].cols == 0)
			continue;
		if (row[x].link != link) {
			if (link != 0)
				buf_puts(out, "\033]8;;\033\\");
			link = row[x].link;
			open_link(out, g, link);
		}
		pen->cell(out, &row[x]);
	}
	if (link != 0)
		buf_puts(out, "\033]8;;\033\\");
	pen->cell(out, NULL);
}

void
link_runs_write(struct link_runs *r, const struct grid *g,
    const struct link_pen *pen, struct buf *out)
{
	for (int i = 0; i < r->n; i++)
		if (r->v[i].y < g->h && r->v[i].x1 <= g->w)
			write_run(&r->v[i], g, pen, out);
	r->n = 0;
}

void
link_runs_free(struct link_runs *r)
{
	free(r->v);
	*r = (struct link_runs){ 0 };
}
