/* cell_dump.c -- the frame in memory as text, for tests and pictures. */
#include "cell.h"

#include "style.h"

static bool
is_blank(const struct cell *c, bool styles)
{
	return c->text[0] == ' ' && c->text[1] == '\0' &&
	    (!styles || c->style == STYLE_TEXT);
}

static void
dump_line(const struct cell *line, int w, struct buf *out, bool styles)
{
	int open = STYLE_TEXT;

	while (w > 0 && is_blank(&line[w - 1], styles))
		w--;
	for (int x = 0; x < w; x++) {
		if (styles && line[x].style != open) {
			if (open != STYLE_TEXT)
				buf_addc(out, '}');
			open = line[x].style;
			if (open != STYLE_TEXT)
				buf_printf(out, "{%s|",
				    style_name((enum style)open));
		}
		buf_puts(out, line[x].text);
	}
	if (open != STYLE_TEXT)
		buf_addc(out, '}');
	buf_addc(out, '\n');
}

void
grid_dump(const struct grid *g, struct buf *out, bool styles)
{
	for (int y = 0; y < g->h; y++)
		dump_line(g->cells + (size_t)y * (size_t)g->w, g->w, out,
		    styles);
}
