/* screen_cell.c -- cells as wide characters, with something visible for what
 * the locale or curses cannot show. */
#include "screen_cell.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"

/* What stands for a character that the locale, or curses, cannot show; the
 * frames of panes keep their shape in any locale. */
static wchar_t
substitute(uint32_t ch)
{
	if (ch == 0x2502)
		return L'|';
	if (ch == 0x2500)
		return L'-';
	if (ch > 0x2500 && ch < 0x2580)
		return L'+';
	return wcwidth((wchar_t)UTF8_BAD) == 1 ? (wchar_t)UTF8_BAD : L'?';
}

int
cell_wide(const struct cell *c, wchar_t out[CELL_WIDE_MAX + 1])
{
	size_t n = strnlen(c->text, sizeof(c->text)), i;
	uint32_t ch = ' ';
	int len = 0, cols;

	if (n == 1 && c->text[0] > ' ' && c->text[0] < 0x7f) {
		out[0] = (wchar_t)c->text[0];	/* most cells are such */
		out[1] = L'\0';
		return 1;
	}
	i = n > 0 ? (size_t)utf8_decode(c->text, n, &ch, NULL) : 0;
	cols = wcwidth((wchar_t)ch);
	if (cols < 1 || cols > c->cols) {
		out[0] = substitute(ch);
		out[1] = L'\0';
		return 1;
	}
	out[len++] = (wchar_t)ch;
	while (i < n && len < CELL_WIDE_MAX) {
		i += (size_t)utf8_decode(c->text + i, n - i, &ch, NULL);
		if (ch == 0x200d || wcwidth((wchar_t)ch) != 0)
			break;
		if (ch != 0xfe0f)
			out[len++] = (wchar_t)ch;
	}
	out[len] = L'\0';
	return cols;
}
