/* cast.c -- from one frame to the next in escape sequences that every terminal
 * of the last decades knows: cursor moves, and SGR with colours of 24 bits. */
#include "cast.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "screen_cell.h"
#include "utf8.h"

void
cast_init(struct cast *c, const struct theme *theme, int w, int h)
{
	size_t n = (size_t)w * (size_t)h;

	*c = (struct cast){ .theme = theme, .w = w, .h = h, .x = -1,
		.style = -1, .cx = -2 };
	c->cells = xcalloc(n ? n : 1, sizeof(*c->cells));
}

void
cast_done(struct cast *c)
{
	free(c->cells);
	memset(c, 0, sizeof(*c));
}

static bool
same(const struct cell *a, const struct cell *b)
{
	return a->style == b->style && a->cols == b->cols &&
	    memcmp(a->text, b->text, sizeof(a->text)) == 0;
}

static void
put_colour(struct buf *out, int what, int32_t rgb)
{
	if (rgb >= 0)
		buf_printf(out, ";%d;2;%d;%d;%d", what, (int)(rgb >> 16),
		    (int)(rgb >> 8 & 255), (int)(rgb & 255));
}

static void
put_style(struct cast *c, int style, struct buf *out)
{
	static const struct { uint8_t attr; char code; } codes[] = {
		{ ATTR_BOLD, '1' }, { ATTR_DIM, '2' }, { ATTR_ITALIC, '3' },
		{ ATTR_UNDERLINE, '4' }, { ATTR_REVERSE, '7' },
		{ ATTR_STRIKE, '9' },
	};
	const struct look *l;

	if (style >= STYLE_COUNT)
		style = STYLE_TEXT;
	if (c->style == style)
		return;
	c->style = style;
	l = &c->theme->look[style];
	buf_puts(out, "\033[0");
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (l->attr & codes[i].attr)
			buf_printf(out, ";%c", codes[i].code);
	put_colour(out, 38, l->fg);
	put_colour(out, 48, l->bg);
	buf_addc(out, 'm');
}

static void
move(struct cast *c, int x, int y, struct buf *out)
{
	if (c->x != x || c->y != y)
		buf_printf(out, "\033[%d;%dH", y + 1, x + 1);
	c->x = x;
	c->y = y;
}

/* As the screen shows it: what terminals do not agree about is left out. */
static void
put_cell(struct cast *c, const struct cell *cell, struct buf *out)
{
	wchar_t text[CELL_WIDE_MAX + 1];
	int cols = cell_wide(cell, text);
	char s[4];

	for (size_t i = 0; text[i] != L'\0'; i++)
		buf_add(out, s, (size_t)utf8_encode((uint32_t)text[i], s));
	for (; cols < cell->cols; cols++)
		buf_addc(out, ' ');
	c->x += cell->cols;
	/* In the last column a terminal waits with the next line. */
	if (c->x >= c->w)
		c->x = -1;
}

static void
put_row(struct cast *c, const struct cell *row, int y, struct buf *out)
{
	struct cell *old = c->cells + (size_t)y * (size_t)c->w;

	for (int x = 0; x < c->w; x++) {
		/* A right half comes with its left one. */
		if (row[x].cols == 0 || (same(&row[x], &old[x]) &&
		    (row[x].cols < 2 || same(&row[x + 1], &old[x + 1]))))
			continue;
		move(c, x, y, out);
		put_style(c, row[x].style, out);
		put_cell(c, &row[x], out);
	}
	memcpy(old, row, (size_t)c->w * sizeof(*old));
}

void
cast_frame(struct cast *c, const struct grid *g, struct buf *out)
{
	size_t before = out->len;

	if (!c->begun)
		buf_puts(out, "\033[2J");
	c->begun = true;
	for (int y = 0; y < c->h; y++)
		put_row(c, g->cells + (size_t)y * (size_t)g->w, y, out);
	if (out->len == before && g->cx == c->cx && g->cy == c->cy)
		return;
	if (g->cx >= 0)
		move(c, g->cx, g->cy, out);
	if ((g->cx >= 0) != (c->cx >= 0) || c->cx == -2)
		buf_puts(out, g->cx >= 0 ? "\033[?25h" : "\033[?25l");
	c->cx = g->cx;
	c->cy = g->cy;
}

void
cast_json(struct buf *out, const char *s, size_t n)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char ch = (unsigned char)s[i];

		if (ch == '"' || ch == '\\')
			buf_printf(out, "\\%c", ch);
		else if (ch == '\n')
			buf_puts(out, "\\n");
		else if (ch < 0x20 || ch == 0x7f)
			buf_printf(out, "\\u%04x", ch);
		else
			buf_addc(out, (char)ch);
	}
	buf_addc(out, '"');
}
