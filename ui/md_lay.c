/* md_lay.c -- lays out one piece of Markdown: md4c finds the structure, this
 * file turns its calls into rows as they come. */
#include "md_lay.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "utf8.h"
#include "width.h"

#define CELLS_MAX 20000		/* a bigger table is shown as it was typed */

/* In a thought everything is as calm as its text. */
enum style
md_role(const struct lay *l, enum style st)
{
	return l->base == STYLE_THINKING ? l->base : st;
}

/* ---- what stands before a row: quote bars, item markers ---- */

static void
box_prefix(const struct lay *l, const struct box *b, struct row *first,
    struct row *rest)
{
	int cols = b->kind == BOX_QUOTE ? 2 :
	    text_cols(b->marker, strlen(b->marker));

	if (b->kind == BOX_LIST)
		return;
	/* Nesting that would leave no room for text is not indented further. */
	if (first->cols + cols > l->width - 4 &&
	    first->cols + cols > l->width / 2)
		return;
	if (b->kind == BOX_QUOTE) {
		row_puts(first, "│ ", md_role(l, STYLE_BORDER));
		row_puts(rest, "│ ", md_role(l, STYLE_BORDER));
		return;
	}
	if (b->used)
		for (int i = 0; i < cols; i++)
			row_puts(first, " ", l->base);
	else
		row_puts(first, b->marker, md_role(l, b->style));
	for (int i = 0; i < cols; i++)
		row_puts(rest, " ", l->base);
}

static void
prefix(const struct lay *l, int depth, struct row *first, struct row *rest)
{
	for (int i = 0; i < depth; i++)
		box_prefix(l, &l->boxes[i], first, rest);
}

static void
blank_row(struct lay *l)
{
	struct row first = { 0 }, rest = { 0 };
	int last = 0;

	for (int i = 0; i < l->low; i++)
		if (l->boxes[i].kind == BOX_QUOTE)
			last = i + 1;
	prefix(l, last, &first, &rest);
	if (l->out->n > 0)
		row_follow(&first, &l->out->v[l->out->n - 1]);
	*rows_add(l->out) = first;
	row_free(&rest);
}

/* Begin a block: the blank row that parts it from the one before, and what its
 * rows begin with.  The caller frees both. */
void
md_begin(struct lay *l, struct row *first, struct row *rest)
{
	const struct box *b = l->low > 0 ? &l->boxes[l->low - 1] : NULL;

	if (l->wrote && !(b && b->kind != BOX_QUOTE && b->tight))
		blank_row(l);
	*first = *rest = (struct row){ 0 };
	l->after = false;
	prefix(l, l->depth, first, rest);
	for (int i = 0; i < l->depth; i++)
		l->boxes[i].used = true;
	l->wrote = true;
	l->low = l->depth;
}

static void
underline(struct lay *l, int cols, const struct row *rest)
{
	struct row *row = rows_add(l->out);

	row_copy(row, rest);
	for (int i = 0; i < cols; i++)
		row_puts(row, "━", md_role(l, STYLE_HEADING));
	row_follow(row, row - 1);
}

/* The paragraph, heading or item text read so far becomes rows. */
void
md_end_text(struct lay *l, bool always)
{
	struct row first, rest;
	size_t from;
	int cols = 0;

	l->soft = false;
	if (l->line.n == 0 && !always)
		return;
	md_begin(l, &first, &rest);
	from = l->out->n;
	wrap_row(l->out, &l->line, l->width, &first, &rest);
	for (size_t i = from; i < l->out->n; i++)
		if (l->out->v[i].cols > cols)
			cols = l->out->v[i].cols;
	if (l->heading == 1 && cols > rest.cols)
		underline(l, cols - rest.cols, &rest);
	row_free(&l->line);
	row_free(&first);
	row_free(&rest);
}

static void
rule(struct lay *l)
{
	struct row first, rest, *row;

	md_begin(l, &first, &rest);
	row = rows_add(l->out);
	row_copy(row, &first);
	while (row->cols < l->width)
		row_puts(row, "─", md_role(l, STYLE_BORDER));
	row_free(&first);
	row_free(&rest);
}

static struct md_code
code_look(const struct lay *l)
{
	return (struct md_code){ .out = l->out, .width = l->width,
	    .code = md_role(l, STYLE_CODE_BLOCK), .dim = md_role(l, STYLE_DIM) };
}

static void
code_block(struct lay *l)
{
	struct md_code k = code_look(l);
	struct row first, rest, *head = &first;
	struct md_lex lex;

	md_begin(l, &first, &rest);
	md_lex_start(&lex, l->lang.data ? l->lang.data : "", l->lang.len);
	k.lex = &lex;
	k.number = ++l->carry->blocks;
	if (md_code_label(&k, l->lang.data, l->lang.len, head, &rest))
		head = NULL;
	if (l->verbatim.len || head)
		md_code_lines(&k, l->verbatim.data, l->verbatim.len, head,
		    &rest);
	row_free(&first);
	row_free(&rest);
	buf_clear(&l->verbatim);
	buf_clear(&l->lang);
}

/* ---- blocks ---- */

static struct box *
push(struct lay *l, enum box_kind kind)
{
	static struct box flat;	/* written, never read */

	if (l->depth == DEPTH_MAX) {
		l->over++;
		return &flat;
	}
	l->boxes[l->depth] = (struct box){ .kind = kind };
	return &l->boxes[l->depth++];
}

static void
pop(struct lay *l)
{
	if (l->over > 0) {
		l->over--;
		return;
	}
	l->depth--;
	if (l->depth < l->low)
		l->low = l->depth;
}

static void
push_item(struct lay *l, const MD_BLOCK_LI_DETAIL *d)
{
	static const char *const bullets[] = { "• ", "◦ ", "▪ " };
	struct box *list = l->depth ? &l->boxes[l->depth - 1] : NULL, *item;
	int lists = 0;

	for (int i = 0; i < l->depth; i++)
		lists += l->boxes[i].kind == BOX_LIST && !l->boxes[i].ordered;
	if (lists > 3)
		lists = 3;
	item = push(l, BOX_ITEM);
	item->style = STYLE_BULLET;
	item->tight = list && list->tight;
	if (d->is_task)
		snprintf(item->marker, sizeof(item->marker), "%s ",
		    d->task_mark == ' ' ? "☐" : "☑");
	else if (list && list->kind == BOX_LIST && list->ordered)
		snprintf(item->marker, sizeof(item->marker), "%u. ",
		    list->next++);
	else
		snprintf(item->marker, sizeof(item->marker), "%s",
		    bullets[lists > 0 ? lists - 1 : 0]);
}

static void
push_list(struct lay *l, bool ordered, unsigned start, bool tight)
{
	struct box *b = push(l, BOX_LIST);

	b->ordered = ordered;
	b->next = start;
	b->tight = tight;
}

static int
end_cell(struct lay *l)
{
	struct md_table *t = &l->table;

	l->soft = false;
	if (t->n == CELLS_MAX)
		return 1;
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 32;
		t->cells = xreallocarray(t->cells, t->cap, sizeof(*t->cells));
	}
	t->cells[t->n++] = l->line;
	l->line = (struct row){ 0 };
	return 0;
}

static void
begin_cell(struct lay *l, const MD_BLOCK_TD_DETAIL *d, bool head)
{
	struct md_table *t = &l->table;

	if (head && t->n < (size_t)t->cols)
		t->align[t->n] = (unsigned char)d->align;
	l->strong += head;
}

static void
end_table(struct lay *l)
{
	struct row first, rest, *row;
	struct rows inner = { 0 };

	md_begin(l, &first, &rest);
	l->table.rule = md_role(l, STYLE_TABLE);
	l->table.label = md_role(l, STYLE_STRONG);
	md_table_rows(&inner, &l->table, l->width - rest.cols);
	for (size_t i = 0; i < inner.n; i++) {
		row = rows_add(l->out);
		row_lead(row, i ? &rest : &first, inner.v[i].dir);
		row_copy(row, &inner.v[i]);
	}
	rows_free(&inner);
	row_free(&first);
	row_free(&rest);
	md_table_free(&l->table);
}

static void
begin_table(struct lay *l, const MD_BLOCK_TABLE_DETAIL *d)
{
	l->table = (struct md_table){ .cols = (int)d->col_count };
	l->table.align = xcalloc(d->col_count ? d->col_count : 1, 1);
}

static int
on_enter_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	struct lay *l = user;

	/* The text of a tight item is ended by the next block. */
	if (type != MD_BLOCK_TH && type != MD_BLOCK_TD)
		md_end_text(l, false);
	switch (type) {
	case MD_BLOCK_QUOTE:
		push(l, BOX_QUOTE);
		break;
	case MD_BLOCK_UL:
		push_list(l, false, 0,
		    ((MD_BLOCK_UL_DETAIL *)detail)->is_tight);
		break;
	case MD_BLOCK_OL:
		push_list(l, true, ((MD_BLOCK_OL_DETAIL *)detail)->start,
		    ((MD_BLOCK_OL_DETAIL *)detail)->is_tight);
		break;
	case MD_BLOCK_LI:
		push_item(l, detail);
		break;
	case MD_BLOCK_HR:
		rule(l);
		break;
	case MD_BLOCK_H:
		l->heading = (int)((MD_BLOCK_H_DETAIL *)detail)->level;
		break;
	case MD_BLOCK_CODE:
		l->in_code = true;
		md_attribute(l, &l->lang,
		    &((MD_BLOCK_CODE_DETAIL *)detail)->lang);
		break;
	case MD_BLOCK_TABLE:
		begin_table(l, detail);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		begin_cell(l, detail, type == MD_BLOCK_TH);
		break;
	default:
		break;
	}
	return 0;
}

static int
on_leave_block(MD_BLOCKTYPE type, void *detail, void *user)
{
	struct lay *l = user;
	int rc = 0;

	(void)detail;
	switch (type) {
	case MD_BLOCK_QUOTE:
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		md_end_text(l, false);
		pop(l);
		break;
	case MD_BLOCK_LI:
		md_end_text(l, l->over == 0 && !l->boxes[l->depth - 1].used);
		pop(l);
		break;
	case MD_BLOCK_H:
		md_end_text(l, false);
		l->heading = 0;
		break;
	case MD_BLOCK_CODE:
		l->in_code = false;
		code_block(l);
		break;
	case MD_BLOCK_TABLE:
		end_table(l);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		rc = end_cell(l);
		l->strong -= type == MD_BLOCK_TH;
		break;
	case MD_BLOCK_P:
		md_end_text(l, false);
		break;
	default:
		break;
	}
	return rc;
}

/* ---- a piece ---- */

static void
lay_done(struct lay *l)
{
	row_free(&l->line);
	buf_free(&l->href);
	buf_free(&l->verbatim);
	buf_free(&l->lang);
	md_source_free(&l->src);
	md_table_free(&l->table);
}

static void
lay_text(struct rows *out, const char *s, size_t n, int width,
    enum style base, struct md_carry *carry)
{
	static const MD_PARSER parser = {
		.flags = MD_LAY_FLAGS,
		.enter_block = on_enter_block, .leave_block = on_leave_block,
		.enter_span = md_on_enter_span, .leave_span = md_on_leave_span,
		.text = md_on_text,
	};
	struct lay l = { .out = out, .width = width, .base = base,
	    .carry = carry };
	size_t from = out->n;

	md_guard(&l.src, s, n);
	if (l.src.text.len && md_parse(l.src.text.data,
	    (MD_SIZE)l.src.text.len, &parser, &l)) {
		rows_cut(out, from);
		wrap_plain(out, s, n, width, NULL, NULL, base);
	}
	lay_done(&l);
}

void
md_lay(struct rows *out, const struct md_piece *p, const char *s, int width,
    enum style base, struct md_carry *carry)
{
	struct lay l = { .out = out, .width = width, .base = base };
	struct md_code k = code_look(&l);

	if (p->code)
		md_fenced(&k, p, s, carry);
	else
		lay_text(out, s, p->n, width, base, carry);
}
