/* md_code.c -- blocks of code: kept as they were typed, a label above, what is
 * longer than a row goes on behind a mark. */
#include "md.h"

#include <string.h>

#include "width.h"

#define CODE_INDENT 2

/* One line of code; what is longer than a row goes on behind a mark. */
static void
code_line(const struct md_code *k, const char *s, size_t n,
    const struct row *first, const struct row *rest)
{
	int indent, used, c;
	bool again = false;

	do {
		struct row *row = rows_add(k->out);
		size_t m;

		row_copy(row, again ? rest : first);
		row->dir = ROW_CODE;
		indent = k->width - row->cols > 2 * CODE_INDENT ? CODE_INDENT : 0;
		if (indent && again)
			row_puts(row, "↪ ", k->dim);
		else
			row_put(row, "  ", (size_t)indent, k->code);
		m = text_fit(s, n, k->width - row->cols, &used);
		if (m == 0 && n > 0) {
			m = cluster_next(s, n, &c);
			row_puts(row, "?", k->code);
		} else
			row_put_safe(row, s, m, k->code);
		/* The style that goes to the edge is the last span's. */
		row->fill = k->code == STYLE_CODE_BLOCK && row->n > 0 &&
		    row->spans[row->n - 1].style == k->code;
		s += m;
		n -= m;
		again = true;
	} while (n > 0);
}

void
md_code_lines(const struct md_code *k, const char *text, size_t n,
    const struct row *first, const struct row *rest)
{
	struct buf safe = { 0 };

	text_safe(&safe, text, n);
	if (n == 0)
		code_line(k, "", 0, first ? first : rest, rest);
	for (size_t i = 0; i < safe.len; ) {
		const char *nl = memchr(safe.data + i, '\n', safe.len - i);
		size_t end = nl ? (size_t)(nl - safe.data) : safe.len;

		code_line(k, safe.data + i, end - i, first ? first : rest,
		    rest);
		first = NULL;
		i = end + 1;
	}
	buf_free(&safe);
}

void
md_code_label(const struct md_code *k, const char *lang, size_t n,
    const struct row *first, const struct row *rest)
{
	struct row in = { 0 };

	row_put(&in, "  ", CODE_INDENT, k->dim);
	row_put(&in, lang, n, k->dim);
	wrap_row(k->out, &in, k->width, first, rest);
	row_free(&in);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A fenced block at the left edge needs no md4c, and can be laid out in parts:
 * it is what grows long without a safe place to cut it. */
void
md_fenced(const struct md_code *k, const struct md_piece *p, const char *s)
{
	struct row none = { 0 };
	struct buf text = { 0 };
	size_t a = p->info, b;

	while (a < p->from && is_blank(s[a]))
		a++;
	for (b = a; b < p->from && !is_blank(s[b]); b++)
		;
	if (b > a)
		md_code_label(k, s + a, b - a, NULL, NULL);
	for (size_t i = p->from; i < p->to; ) {
		const char *nl = memchr(s + i, '\n', p->to - i);
		size_t end = nl ? (size_t)(nl - s) + 1 : p->to;

		for (int c = 0; c < p->indent && s[i] == ' '; c++)
			i++;
		buf_add(&text, s + i, end - i);
		i = end;
	}
	if (text.len || (p->opened && a == b))
		md_code_lines(k, text.data, text.len, NULL, &none);
	buf_free(&text);
}
