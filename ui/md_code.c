/* md_code.c -- blocks of code: kept as they were typed, a label above, what is
 * longer than a row goes on behind a mark. */
#include "md.h"

#include <string.h>

#include "i18n.h"
#include "width.h"

#define CODE_INDENT 2

/* A row that goes on with (or, again false, begins) a line of code. */
static struct row *
code_row(const struct md_code *k, const struct row *first,
    const struct row *rest, bool again)
{
	struct row *row = rows_add(k->out);
	int indent;

	row_copy(row, again ? rest : first);
	indent = k->width - row->cols > 2 * CODE_INDENT ? CODE_INDENT : 0;
	if (indent && again)
		row_puts(row, "↪ ", k->dim);
	else
		row_put(row, "  ", (size_t)indent, k->code);
	row->fill = k->code == STYLE_CODE_BLOCK;
	row->dir = ROW_CODE;
	return row;
}

/* One line of code; what is longer than a row goes on behind a mark. */
static void
code_line(const struct md_code *k, const struct row *line,
    const struct row *first, const struct row *rest)
{
	struct row *row = code_row(k, first, rest, false);
	bool empty = true;
	size_t m;
	int used, c;

	for (int i = 0; i < line->n; i++) {
		const char *s = line->spans[i].text;
		size_t n = line->spans[i].n;
		enum style st = (enum style)line->spans[i].style;

		for (; n > 0; s += m, n -= m) {
			m = text_fit(s, n, k->width - row->cols, &used);
			if (m == 0 && !empty) {
				row = code_row(k, first, rest, true);
				empty = true;
				continue;
			}
			empty = false;
			if (m > 0) {
				row_put(row, s, m, st);
				continue;
			}
			m = cluster_next(s, n, &c);
			row_puts(row, "?", st);
			if (row->cols > k->width)
				return;
		}
	}
}

/* The words of a line in their styles. */
static void
lex_line(const struct md_code *k, const char *s, size_t n, struct row *line)
{
	size_t len;
	enum style st;

	for (size_t i = 0; i < n; i += len) {
		len = picture_next(s + i, n - i);
		if (len) {
			row_put_safe(line, s + i, len, k->code);
			continue;
		}
		len = md_lex_next(k->lex, s, n, i, &st);
		row_put_safe(line, s + i, len,
		    k->code == STYLE_CODE_BLOCK ? st : k->code);
	}
	md_lex_end_line(k->lex);
}

void
md_code_lines(const struct md_code *k, const char *text, size_t n,
    const struct row *first, const struct row *rest)
{
	struct buf safe = { 0 };

	text_safe(&safe, text, n);
	for (size_t i = 0; i < safe.len || n == 0; n = 1) {
		const char *nl = safe.len ?
		    memchr(safe.data + i, '\n', safe.len - i) : NULL;
		size_t end = nl ? (size_t)(nl - safe.data) : safe.len;
		struct row line = { 0 };

		if (end > i)
			lex_line(k, safe.data + i, end - i, &line);
		else
			md_lex_end_line(k->lex);
		code_line(k, &line, first ? first : rest, rest);
		row_free(&line);
		first = NULL;
		i = end + 1;
	}
	buf_free(&safe);
}

/* The number of a block is said from the second on: the first one's label was
 * settled before anyone knew that there would be more. */
bool
md_code_label(const struct md_code *k, const char *lang, size_t n,
    const struct row *first, const struct row *rest)
{
	struct buf label = { 0 };
	struct row in = { 0 };

	if (n == 0 && k->number < 2)
		return false;
	if (n == 0)
		buf_puts(&label, _("code"));
	buf_add(&label, lang, n);
	if (k->number > 1)
		buf_printf(&label, " · %d", k->number);
	row_put(&in, "  ", CODE_INDENT, k->dim);
	row_put(&in, label.data, label.len, k->dim);
	wrap_row(k->out, &in, k->width, first, rest);
	row_free(&in);
	buf_free(&label);
	return true;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
md_code_text(struct buf *out, const struct md_piece *p, const char *s)
{
	for (size_t i = p->from; i < p->to; ) {
		const char *nl = memchr(s + i, '\n', p->to - i);
		size_t end = nl ? (size_t)(nl - s) + 1 : p->to;

		for (int c = 0; c < p->indent && s[i] == ' '; c++)
			i++;
		buf_add(out, s + i, end - i);
		i = end;
	}
}

/* A fenced block at the left edge needs no md4c, and can be laid out in parts:
 * it is what grows long without a safe place to cut it. */
void
md_fenced(struct md_code *k, const struct md_piece *p, const char *s,
    struct md_carry *carry)
{
	struct row none = { 0 };
	struct buf text = { 0 };
	size_t a = p->info, b;
	bool label = false;

	while (a < p->from && is_blank(s[a]))
		a++;
	for (b = a; b < p->from && !is_blank(s[b]); b++)
		;
	if (p->opened) {
		md_lex_start(&carry->lex, s + a, b - a);
		carry->blocks++;
	}
	k->lex = &carry->lex;
	k->number = carry->blocks;
	if (p->opened)
		label = md_code_label(k, s + a, b - a, NULL, NULL);
	md_code_text(&text, p, s);
	if (text.len || (p->opened && !label))
		md_code_lines(k, text.data, text.len, NULL, &none);
	buf_free(&text);
}
