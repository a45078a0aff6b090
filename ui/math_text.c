/* math_text.c -- see math_text.h. */
#include "math_text.h"

#include <string.h>

#include "md.h"
#include "md_math.h"

bool
math_in(const char *s, size_t n)
{
	return n > 0 && (memchr(s, '$', n) || memchr(s, '\\', n));
}

static void
put_formula(struct buf *out, const char *tex, size_t n)
{
	static const struct md_math look = { STYLE_TEXT, STYLE_TEXT,
		STYLE_TEXT, STYLE_TEXT };
	struct row row = { 0 };

	md_math_inline(&row, tex, n, &look);
	for (int i = 0; i < row.n; i++)
		buf_add(out, row.spans[i].text, row.spans[i].n);
	row_free(&row);
}

void
math_text(struct buf *out, const char *s, size_t n)
{
	struct md_scan sc = { 0 };
	struct md_formula f;

	for (size_t i = 0, len; i < n; i += len) {
		len = md_scan(&sc, s, n, i, &f);
		if (f.n)
			put_formula(out, s + f.from, f.to - f.from);
		else
			buf_add(out, s + i, len);
	}
}

/* Does what opens at s[i] wait for more? */
static bool
is_open(const char *s, size_t n, size_t i)
{
	return i + 1 < n && ((s[i] == '\\' && s[i + 1] == '[') ||
	    (s[i] == '$' && s[i + 1] == '$')) &&
	    !memmem(s + i, n - i, "\n\n", 2);
}

size_t
math_whole(const char *s, size_t n)
{
	struct md_scan sc = { 0 };
	struct md_formula f;

	for (size_t i = 0, len; i < n; i += len) {
		len = md_scan(&sc, s, n, i, &f);
		if (f.n || !is_open(s, n, i))
			continue;
		while (i > 0 && s[i - 1] != '\n')
			i--;
		return i;
	}
	return n;
}
