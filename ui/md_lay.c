/* md_lay.c -- lays out one piece of Markdown: md4c finds the structure, this
 * file turns its calls into rows as they come. */
#include "md.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <md4c.h>

#include "alloc.h"
#include "utf8.h"
#include "width.h"

#define DEPTH_MAX 32		/* deeper nesting is shown flat */
#define ADDRESS_MAX 60		/* columns of one behind its text */
#define CELLS_MAX 20000		/* a bigger table is shown as it was typed */

enum box_kind { BOX_QUOTE, BOX_LIST, BOX_ITEM };

struct box {
	enum box_kind kind;
	bool tight;		/* list, item */
	bool ordered;		/* list */
	unsigned next;		/* list: number of its next item */
	bool used;		/* item: its marker was put out */
	char marker[24];	/* item */
	enum style style;	/* item: of the marker */
};

struct lay {
	struct rows *out;
	int width;
	enum style base;
	struct box boxes[DEPTH_MAX];
	int depth, over;	/* over: boxes beyond DEPTH_MAX */
	int low;		/* least depth since the last block */
	bool wrote;
	struct row line;	/* text of the block being read, not yet safe */
	bool soft;		/* a soft break is pending */
	int heading, em, strong, strike, code, link;
	size_t link_at;		/* bytes of line at the link's start */
	struct buf href;
	struct buf verbatim;	/* a code block's */
	struct buf lang;
	bool in_code;
	struct md_table table;
	struct md_source src;
	struct md_carry *carry;
	bool after;		/* a formula ended the line before */
};

/* In a thought everything is as calm as its text. */
static enum style
role(const struct lay *l, enum style st)
{
	return l->base == STYLE_THINKING ? l->base : st;
}

static enum style
text_style(const struct lay *l)
{
	enum style st = l->base;

	for (int i = 0; i < l->depth; i++)
		if (l->boxes[i].kind == BOX_QUOTE)
			st = STYLE_QUOTE;
	if (l->heading)
		st = STYLE_HEADING;
	if (l->strike)
		st = STYLE_STRIKE;
	if (l->em)
		st = STYLE_EMPH;
	if (l->strong)
		st = l->em ? STYLE_STRONG_EMPH : STYLE_STRONG;
	if (l->link)
		st = STYLE_LINK;
	if (l->code)
		st = STYLE_CODE;
	return role(l, st);
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
		row_puts(first, "│ ", role(l, STYLE_BORDER));
		row_puts(rest, "│ ", role(l, STYLE_BORDER));
		return;
	}
	if (b->used)
		for (int i = 0; i < cols; i++)
			row_puts(first, " ", l->base);
	else
		row_puts(first, b->marker, role(l, b->style));
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
static void
begin(struct lay *l, struct row *first, struct row *rest)
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
		row_puts(row, "━", role(l, STYLE_HEADING));
	row_follow(row, row - 1);
}

/* The paragraph, heading or item text read so far becomes rows. */
static void
end_text(struct lay *l, bool always)
{
	struct row first, rest;
	size_t from;
	int cols = 0;

	l->soft = false;
	if (l->line.n == 0 && !always)
		return;
	begin(l, &first, &rest);
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

	begin(l, &first, &rest);
	row = rows_add(l->out);
	row_copy(row, &first);
	while (row->cols < l->width)
		row_puts(row, "─", role(l, STYLE_BORDER));
	row_free(&first);
	row_free(&rest);
}

static struct md_code
code_look(const struct lay *l)
{
	return (struct md_code){ .out = l->out, .width = l->width,
	    .code = role(l, STYLE_CODE_BLOCK), .dim = role(l, STYLE_DIM) };
}

static void
code_block(struct lay *l)
{
	struct md_code k = code_look(l);
	struct row first, rest, *head = &first;
	struct md_lex lex;

	begin(l, &first, &rest);
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

/* ---- inline text ---- */

static void
attribute(const struct lay *l, struct buf *out, const MD_ATTRIBUTE *a)
{
	for (int i = 0; a->text && a->substr_offsets[i] < a->size; i++) {
		MD_OFFSET from = a->substr_offsets[i];
		MD_SIZE n = a->substr_offsets[i + 1] - from;

		if (a->substr_types[i] == MD_TEXT_ENTITY)
			md_entity(out, a->text + from, n);
		else
			md_as_typed(&l->src, out, a->text + from, n);
	}
}

/* Does the line end, and s begin, with a wide character? */
static bool
wide_edges(const struct lay *l, const char *s, size_t n)
{
	const struct span *sp = &l->line.spans[l->line.n - 1];
	size_t at = sp->n - 1;
	int c;

	cluster_next(s, n, &c);
	if (c < 2)
		return false;
	while (at > 0 && ((unsigned char)sp->text[at] & 0xC0) == 0x80)
		at--;
	cluster_next(sp->text + at, sp->n - at, &c);
	return c == 2;
}

/* ---- mathematics ---- */

static struct md_math
math_look(const struct lay *l)
{
	return (struct md_math){ .math = role(l, STYLE_MATH),
	    .box = role(l, STYLE_MATH_BOX), .strong = role(l, STYLE_STRONG) };
}

/* Formulas that go over several lines of a quote have its marks among them. */
static void
formula_text(const struct lay *l, const struct md_formula *f, struct buf *out)
{
	bool quoted = false;

	for (int i = 0; i < l->depth; i++)
		quoted |= l->boxes[i].kind == BOX_QUOTE;
	for (size_t i = f->from; i < f->to; i++) {
		buf_addc(out, l->src.s[i]);
		if (!quoted || l->src.s[i] != '\n')
			continue;
		while (i + 1 < f->to && memchr(" >", l->src.s[i + 1], 2))
			i++;
	}
}

/* A formula in rows of its own. */
static void
display(struct lay *l, const struct buf *tex)
{
	struct md_math look = math_look(l);
	struct row first, rest, *row;
	struct rows in = { 0 };
	int indent, room;

	end_text(l, false);
	begin(l, &first, &rest);
	room = l->width - rest.cols;
	if (room < 1)
		room = 1;
	indent = room < 20 ? 0 : room < 40 ? 2 : 4;
	md_math_display(&in, tex->data, tex->len, room - indent, &look);
	for (size_t i = 0; i < in.n; i++) {
		row = rows_add(l->out);
		row_copy(row, i ? &rest : &first);
		for (int k = 0; k < indent; k++)
			row_puts(row, " ", look.math);
		row_copy(row, &in.v[i]);
		row->dir = ROW_CODE;
	}
	rows_free(&in);
	row_free(&first);
	row_free(&rest);
	l->after = true;
}

static void
put_formula(struct lay *l, const struct md_formula *f)
{
	struct md_math look = math_look(l);
	struct buf tex = { 0 };

	if (l->code) {
		row_put(&l->line, l->src.s + f->at, f->n, text_style(l));
		return;
	}
	formula_text(l, f, &tex);
	if (f->display && !l->heading && !l->link && !l->table.align)
		display(l, &tex);
	else
		md_math_inline(&l->line, tex.data, tex.len, &look);
	buf_free(&tex);
}

static void
put_text(struct lay *l, const char *s, size_t n)
{
	if (l->link && l->href.len)
		row_put_link(&l->line, s, n, text_style(l), l->href.data);
	else
		row_put(&l->line, s, n, text_style(l));
}

static void
put(struct lay *l, const char *s, size_t n)
{
	const struct md_formula *f;
	size_t m, len;

	if (n == 0)
		return;
	/* A line end between two Chinese lines is no space. */
	if (l->soft && l->line.n > 0 && !wide_edges(l, s, n))
		row_puts(&l->line, " ", text_style(l));
	l->soft = false;
	for (; n > 0; s += len, n -= len) {
		if (l->after && l->line.n == 0 && (*s == ' ' || *s == '\n')) {
			len = 1;
			continue;
		}
		f = md_formula_at(&l->src, s, n, &len);
		if (f) {
			put_formula(l, f);
			continue;
		}
		for (m = 0; m < n && s[m] != MD_GUARD &&
		    !md_is_formula(s + m, n - m); m++)
			;
		put_text(l, s, m);
		len = m + (m < n && s[m] == MD_GUARD);
		if (len == 0)
			len = 1;
	}
}

static size_t
line_bytes(const struct row *line)
{
	size_t n = 0;

	for (int i = 0; i < line->n; i++)
		n += line->spans[i].n;
	return n;
}

static int
on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *user)
{
	struct lay *l = user;
	struct buf b = { 0 };

	if (l->in_code) {
		if (type == MD_TEXT_NULLCHAR)
			buf_puts(&l->verbatim, "\uFFFD");
		else
			md_as_typed(&l->src, &l->verbatim, s, n);
		return 0;
	}
	switch (type) {
	case MD_TEXT_BR:
		put(l, "\n", 1);
		break;
	case MD_TEXT_SOFTBR:
		l->soft = true;
		break;
	case MD_TEXT_NULLCHAR:
		put(l, "\uFFFD", 3);
		break;
	case MD_TEXT_ENTITY:
		md_entity(&b, s, n);
		put(l, b.data, b.len);
		buf_free(&b);
		break;
	default:
		put(l, s, n);
	}
	return 0;
}

/* ---- spans ---- */

static void
enter_link(struct lay *l, const MD_ATTRIBUTE *href, const char *before)
{
	if (l->link++ > 0)
		return;
	buf_clear(&l->href);
	attribute(l, &l->href, href);
	put(l, before, strlen(before));
	l->link_at = line_bytes(&l->line) + l->soft;
}

/* A long address is shown as far as a reader will read it; the terminal has
 * the whole one. */
static void
put_address(struct lay *l, const char *href)
{
	size_t n = strlen(href), m;
	int used;

	m = text_fit(href, n, ADDRESS_MAX, &used);
	row_put_link(&l->line, href, m, role(l, STYLE_DIM), l->href.data);
	if (m < n)
		row_put_link(&l->line, "…", strlen("…"), role(l, STYLE_DIM),
		    l->href.data);
}

/* The address behind the text, unless the text says it. */
static void
leave_link(struct lay *l, const char *after)
{
	struct buf said = { 0 };
	size_t skip = l->link_at, n;
	const char *href = l->href.data ? l->href.data : "";
	bool same;

	if (l->link > 1) {
		l->link--;
		return;
	}
	for (int i = 0; i < l->line.n; i++) {
		const struct span *sp = &l->line.spans[i];

		n = skip < sp->n ? skip : sp->n;
		buf_add(&said, sp->text + n, sp->n - n);
		skip -= n;
	}
	if (!strncmp(href, "mailto:", 7) && said.len &&
	    !strcmp(href + 7, said.data))
		href += 7;
	same = said.len && !strcmp(said.data, href);
	put(l, after, strlen(after));
	l->link--;
	if (!same && *href) {
		row_puts(&l->line, said.len ? " (" : "(", role(l, STYLE_DIM));
		put_address(l, href);
		row_puts(&l->line, ")", role(l, STYLE_DIM));
	}
	buf_free(&said);
}

static int
on_enter_span(MD_SPANTYPE type, void *detail, void *user)
{
	struct lay *l = user;

	switch (type) {
	case MD_SPAN_EM:
		l->em++;
		break;
	case MD_SPAN_STRONG:
		l->strong++;
		break;
	case MD_SPAN_DEL:
		l->strike++;
		break;
	case MD_SPAN_CODE:
		l->code++;
		break;
	case MD_SPAN_A:
		enter_link(l, &((MD_SPAN_A_DETAIL *)detail)->href, "");
		break;
	case MD_SPAN_IMG:
		enter_link(l, &((MD_SPAN_IMG_DETAIL *)detail)->src,
		    "[image: ");
		break;
	default:
		break;
	}
	return 0;
}

static int
on_leave_span(MD_SPANTYPE type, void *detail, void *user)
{
	struct lay *l = user;

	(void)detail;
	switch (type) {
	case MD_SPAN_EM:
		l->em--;
		break;
	case MD_SPAN_STRONG:
		l->strong--;
		break;
	case MD_SPAN_DEL:
		l->strike--;
		break;
	case MD_SPAN_CODE:
		l->code--;
		break;
	case MD_SPAN_A:
		leave_link(l, "");
		break;
	case MD_SPAN_IMG:
		leave_link(l, "]");
		break;
	default:
		break;
	}
	return 0;
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

	begin(l, &first, &rest);
	l->table.rule = role(l, STYLE_TABLE);
	l->table.label = role(l, STYLE_STRONG);
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
		end_text(l, false);
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
		attribute(l, &l->lang,
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
		end_text(l, false);
		pop(l);
		break;
	case MD_BLOCK_LI:
		end_text(l, l->over == 0 && !l->boxes[l->depth - 1].used);
		pop(l);
		break;
	case MD_BLOCK_H:
		end_text(l, false);
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
		end_text(l, false);
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
		.enter_span = on_enter_span, .leave_span = on_leave_span,
		.text = on_text,
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
