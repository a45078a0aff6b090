/* md_table.c -- tables fitted to a width: columns as wide as they need to be,
 * the widest made narrower, or one "head: value" line a cell where even that
 * leaves too little. */
#include "md.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <md4c.h>

#include "alloc.h"
#include "width.h"

#define GAP 3			/* columns of " │ " */
#define NARROW 6		/* no column is squeezed below this */

void
md_table_free(struct md_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		row_free(&t->cells[i]);
	free(t->cells);
	free(t->align);
	*t = (struct md_table){ 0 };
}

static const struct row *
cell(const struct md_table *t, size_t line, int col)
{
	static const struct row none;
	size_t i = line * (size_t)t->cols + (size_t)col;

	return i < t->n ? &t->cells[i] : &none;
}

static size_t
lines(const struct md_table *t)
{
	return (t->n + (size_t)t->cols - 1) / (size_t)t->cols;
}

/* The columns of a cell's text on one row, once it is safe. */
static int
natural(const struct row *c, int max)
{
	struct rows r = { 0 };
	int cols = 1;

	wrap_row(&r, c, max, NULL, NULL);
	for (size_t i = 0; i < r.n; i++)
		if (r.v[i].cols > cols)
			cols = r.v[i].cols;
	rows_free(&r);
	return cols;
}

/* Fill w[cols] with widths that fit; false: there is no room for a table. */
static bool
fit(const struct md_table *t, int *w, int width)
{
	int64_t room = (int64_t)width - (int64_t)GAP * (t->cols - 1);
	int64_t sum = 0, least = 0;

	if (room < t->cols)
		return false;
	for (int c = 0; c < t->cols; c++) {
		w[c] = 1;
		for (size_t i = 0; i < lines(t); i++) {
			int k = natural(cell(t, i, c), width);

			if (k > w[c])
				w[c] = k;
		}
		sum += w[c];
		least += w[c] < NARROW ? w[c] : NARROW;
	}
	if (least > room)
		return false;
	for (; sum > room; sum--) {
		int widest = 0;

		for (int c = 1; c < t->cols; c++)
			if (w[c] >= w[widest])
				widest = c;
		w[widest]--;
	}
	return true;
}

static void
spaces(struct row *row, int n, enum style st)
{
	for (int i = 0; i < n; i++)
		row_puts(row, " ", st);
}

static void
put_cell(struct row *row, const struct row *text, int width, int align,
    enum style pad)
{
	int free_cols = width - text->cols;
	bool right = align == MD_ALIGN_RIGHT ||
	    (align == MD_ALIGN_DEFAULT && text->dir == ROW_RTL);
	int left = right ? free_cols :
	    align == MD_ALIGN_CENTER ? free_cols / 2 : 0;

	spaces(row, left, pad);
	row_copy(row, text);
	spaces(row, free_cols - left, pad);
}

/* One line of the table: its cells wrapped, side by side. */
static void
put_line(struct rows *out, const struct md_table *t, size_t line,
    const int *w)
{
	static const struct row none;
	struct rows *cells = xcalloc((size_t)t->cols, sizeof(*cells));
	size_t high = 0;

	for (int c = 0; c < t->cols; c++) {
		wrap_row(&cells[c], cell(t, line, c), w[c], NULL, NULL);
		if (cells[c].n > high)
			high = cells[c].n;
	}
	for (size_t i = 0; i < high; i++) {
		struct row *row = rows_add(out);

		for (int c = 0; c < t->cols; c++) {
			if (c > 0)
				row_puts(row, " │ ", t->rule);
			put_cell(row, i < cells[c].n ? &cells[c].v[i] : &none,
			    w[c], t->align[c], t->rule);
		}
	}
	for (int c = 0; c < t->cols; c++)
		rows_free(&cells[c]);
	free(cells);
}

static void
put_rule(struct rows *out, const struct md_table *t, const int *w)
{
	struct row *row = rows_add(out);

	for (int c = 0; c < t->cols; c++) {
		if (c > 0)
			row_puts(row, "─┼─", t->rule);
		for (int i = 0; i < w[c]; i++)
			row_puts(row, "─", t->rule);
	}
}

/* Cells below each other, each behind the head of its column. */
static void
put_list(struct rows *out, const struct md_table *t, int width)
{
	struct row text = { 0 }, indent = { 0 };

	if (width > 8)
		row_puts(&indent, "  ", t->rule);
	for (size_t i = lines(t) > 1; i < lines(t); i++) {
		if (i > 1)
			rows_add(out);
		for (int c = 0; c < t->cols; c++) {
			const struct row *head = cell(t, 0, c);
			const struct row *value = cell(t, i, c);

			if (value->n == 0)
				continue;
			if (i > 0 && head->n > 0) {
				row_copy(&text, head);
				row_puts(&text, ": ", t->label);
			}
			row_copy(&text, value);
			wrap_row(out, &text, width, &(struct row){ 0 },
			    &indent);
			row_free(&text);
		}
	}
	row_free(&indent);
}

void
md_table_rows(struct rows *out, const struct md_table *t, int width)
{
	int *w;

	if (t->cols < 1 || t->n == 0)
		return;
	w = xcalloc((size_t)t->cols, sizeof(*w));
	if (!fit(t, w, width))
		put_list(out, t, width);
	else
		for (size_t i = 0; i < lines(t); i++) {
			put_line(out, t, i, w);
			if (i == 0)
				put_rule(out, t, w);
		}
	free(w);
}
