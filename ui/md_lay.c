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
#define CELLS_MAX 20000		/* a bigger table is shown as it was typed */
#define CODE_INDENT 2

/* Put before a '[' that would begin a link reference definition: md4c takes
 * those out of the text, and here no text may vanish. */
#define GUARD '\1'

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
	bool in_table;
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

/* ---- code blocks ---- */

/* One line of code; what is longer than a row goes on behind a mark. */
static void
code_line(struct rows *out, const char *s, size_t n, int width,
    const struct row *first, const struct row *rest, const struct lay *l)
{
	enum style st = role(l, STYLE_CODE_BLOCK);
	int indent, used, c;
	bool again = false;

	do {
		struct row *row = rows_add(out);
		size_t m;

		row_copy(row, again ? rest : first);
		indent = width - row->cols > 2 * CODE_INDENT ? CODE_INDENT : 0;
		if (indent && again)
			row_puts(row, "↪ ", role(l, STYLE_DIM));
		else
			row_put(row, "  ", (size_t)indent, st);
		m = text_fit(s, n, width - row->cols, &used);
		if (m == 0 && n > 0) {
			m = cluster_next(s, n, &c);
			row_puts(row, "?", st);
		} else
			row_put(row, s, m, st);
		row->fill = st == STYLE_CODE_BLOCK;
		/* The style that goes to the edge is the last span's. */
		if (row->n == 0 || row->spans[row->n - 1].style != st)
			row->fill = false;
		s += m;
		n -= m;
		again = true;
	} while (n > 0);
}

/* text: whole lines.  The block's prefix is copied to each row. */
static void
code_lines(const struct lay *l, const char *text, size_t n, struct row *first,
    const struct row *rest)
{
	struct buf safe = { 0 };

	text_safe(&safe, text, n);
	if (n == 0)
		code_line(l->out, "", 0, l->width, first ? first : rest, rest,
		    l);
	for (size_t i = 0; i < safe.len; ) {
		const char *nl = memchr(safe.data + i, '\n', safe.len - i);
		size_t end = nl ? (size_t)(nl - safe.data) : safe.len;

		code_line(l->out, safe.data + i, end - i, l->width,
		    first ? first : rest, rest, l);
		first = NULL;
		i = end + 1;
	}
	buf_free(&safe);
}

static void
code_label(const struct lay *l, const char *lang, size_t n,
    const struct row *first, const struct row *rest)
{
	struct row in = { 0 };

	row_put(&in, "  ", CODE_INDENT, role(l, STYLE_DIM));
	row_put(&in, lang, n, role(l, STYLE_DIM));
	wrap_row(l->out, &in, l->width, first, rest);
	row_free(&in);
}

static void
code_block(struct lay *l)
{
	struct row first, rest;

	begin(l, &first, &rest);
	if (l->lang.len)
		code_label(l, l->lang.data, l->lang.len, &first, &rest);
	if (l->verbatim.len || !l->lang.len)
		code_lines(l, l->verbatim.data, l->verbatim.len,
		    l->lang.len ? NULL : &first, &rest);
	row_free(&first);
	row_free(&rest);
	buf_clear(&l->verbatim);
	buf_clear(&l->lang);
}

/* ---- inline text ---- */

static const struct { const char *name, *text; } entities[] = {
	{ "amp", "&" }, { "lt", "<" }, { "gt", ">" }, { "quot", "\"" },
	{ "apos", "'" }, { "nbsp", " " }, { "copy", "©" }, { "reg", "®" },
	{ "trade", "™" }, { "hellip", "…" }, { "mdash", "—" },
	{ "ndash", "–" }, { "lsquo", "‘" }, { "rsquo", "’" },
	{ "ldquo", "“" }, { "rdquo", "”" }, { "laquo", "«" },
	{ "raquo", "»" }, { "bull", "•" }, { "middot", "·" },
	{ "times", "×" }, { "divide", "÷" }, { "deg", "°" },
	{ "plusmn", "±" }, { "frac12", "½" }, { "sup2", "²" },
	{ "sup3", "³" }, { "le", "≤" }, { "ge", "≥" }, { "ne", "≠" },
	{ "asymp", "≈" }, { "infin", "∞" }, { "radic", "√" }, { "sum", "∑" },
	{ "larr", "←" }, { "uarr", "↑" }, { "rarr", "→" }, { "darr", "↓" },
	{ "harr", "↔" }, { "rArr", "⇒" }, { "alpha", "α" }, { "beta", "β" },
	{ "gamma", "γ" }, { "delta", "δ" }, { "pi", "π" }, { "sigma", "σ" },
	{ "theta", "θ" }, { "lambda", "λ" }, { "mu", "μ" }, { "omega", "ω" },
	{ "euro", "€" }, { "pound", "£" }, { "yen", "¥" }, { "cent", "¢" },
	{ "sect", "§" }, { "para", "¶" },
};

/* "&name;" or "&#number;" to text; an unknown one stays as it is. */
static void
entity(struct buf *out, const char *s, size_t n)
{
	char b[4], digits[16];
	unsigned long cp;

	if (n > 3 && n < sizeof(digits) && s[1] == '#') {
		bool hex = s[2] == 'x' || s[2] == 'X';

		snprintf(digits, sizeof(digits), "%.*s", (int)n - 3, s + 2);
		cp = strtoul(digits + hex, NULL, hex ? 16 : 10);
		if (cp == 0 || cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
			cp = UTF8_BAD;
		buf_add(out, b, (size_t)utf8_encode((uint32_t)cp, b));
		return;
	}
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (n == strlen(entities[i].name) + 2 &&
		    !memcmp(s + 1, entities[i].name, n - 2)) {
			buf_puts(out, entities[i].text);
			return;
		}
	buf_add(out, s, n);
}

static void
attribute(struct buf *out, const MD_ATTRIBUTE *a)
{
	for (int i = 0; a->text && a->substr_offsets[i] < a->size; i++) {
		MD_OFFSET from = a->substr_offsets[i];
		MD_SIZE n = a->substr_offsets[i + 1] - from;

		if (a->substr_types[i] == MD_TEXT_ENTITY)
			entity(out, a->text + from, n);
		else
			buf_add(out, a->text + from, n);
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

static void
put(struct lay *l, const char *s, size_t n)
{
	if (n == 0)
		return;
	/* A line end between two Chinese lines is no space. */
	if (l->soft && l->line.n > 0 && !wide_edges(l, s, n))
		row_puts(&l->line, " ", text_style(l));
	l->soft = false;
	while (n > 0) {
		const char *guard = memchr(s, GUARD, n);
		size_t m = guard ? (size_t)(guard - s) : n;

		row_put(&l->line, s, m, text_style(l));
		if (guard)
			m++;
		s += m;
		n -= m;
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
		for (MD_SIZE i = 0; type != MD_TEXT_NULLCHAR && i < n; i++)
			if (s[i] != GUARD)
				buf_addc(&l->verbatim, s[i]);
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
		entity(&b, s, n);
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
	attribute(&l->href, href);
	put(l, before, strlen(before));
	l->link_at = line_bytes(&l->line) + l->soft;
}

/* The address behind the text, unless the text says it. */
static void
leave_link(struct lay *l, const char *after)
{
	struct buf said = { 0 };
	size_t skip = l->link_at, n;
	const char *href = l->href.data ? l->href.data : "";
	bool same;

	if (--l->link > 0)
		return;
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
	if (!same && *href) {
		enum style st = role(l, STYLE_DIM);

		row_puts(&l->line, said.len ? " (" : "(", st);
		row_puts(&l->line, href, st);
		row_puts(&l->line, ")", st);
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
		snprintf(item->marker, sizeof(item->marker), "[%c] ",
		    d->task_mark == ' ' ? ' ' : 'x');
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
		row_copy(row, i ? &rest : &first);
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
		attribute(&l->lang, &((MD_BLOCK_CODE_DETAIL *)detail)->lang);
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

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
lay_done(struct lay *l)
{
	row_free(&l->line);
	buf_free(&l->href);
	buf_free(&l->verbatim);
	buf_free(&l->lang);
	md_table_free(&l->table);
}

/* Might the '[' that s begins with begin a link reference definition? */
static bool
may_define(const char *s, size_t n)
{
	const char *nl = memchr(s, '\n', n);
	size_t len = nl ? (size_t)(nl - s) : n;

	return !memchr(s, ']', len) || memmem(s, len, "]:", 2);
}

/* The text as md4c gets it.  A GUARD before each '[' that may begin a
 * definition, and behind the backslashes of mathematics, \( \) and \[ \] with
 * all between them: there they are no Markdown.  A guard that somebody typed
 * becomes the picture of that control. */
static void
guard(struct buf *out, const char *s, size_t n)
{
	bool start = true;	/* nothing but marks on this line so far */
	char math = 0;		/* what ends it */

	for (size_t i = 0; i < n; i++) {
		char next = i + 1 < n ? s[i + 1] : '\n';

		if (s[i] == '[' && start && may_define(s + i, n - i))
			buf_addc(out, GUARD);
		if (s[i] == GUARD)
			buf_puts(out, "\u2401");
		else
			buf_addc(out, s[i]);
		if (s[i] == '\\' && (math || memchr("()[]", next, 4)) &&
		    next != '\n')
			buf_addc(out, GUARD);
		if (s[i] == '\\' && (next == '(' || next == '['))
			math = next == '(' ? ')' : ']';
		else if ((s[i] == '\\' && next == math) ||
		    (s[i] == '\n' && next == '\n'))
			math = 0;
		if (s[i] == '\n')
			start = true;
		else if (!memchr(" \t>-+*.)0123456789", s[i], 18))
			start = false;
	}
}

static void
lay_text(struct rows *out, const char *s, size_t n, int width,
    enum style base)
{
	static const MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
		    MD_FLAG_TASKLISTS | MD_FLAG_NOHTML,
		.enter_block = on_enter_block, .leave_block = on_leave_block,
		.enter_span = on_enter_span, .leave_span = on_leave_span,
		.text = on_text,
	};
	struct lay l = { .out = out, .width = width, .base = base };
	struct buf text = { 0 };
	size_t from = out->n;

	guard(&text, s, n);
	if (text.len && md_parse(text.data, (MD_SIZE)text.len, &parser, &l)) {
		rows_cut(out, from);
		wrap_plain(out, s, n, width, NULL, NULL, base);
	}
	lay_done(&l);
	buf_free(&text);
}

/* A fenced block at the left edge needs no md4c, and can be laid out in parts:
 * it is what grows long without a safe place to cut it. */
static void
lay_code(struct rows *out, const struct md_piece *p, const char *s, int width,
    enum style base)
{
	struct lay l = { .out = out, .width = width, .base = base };
	struct row none = { 0 };
	struct buf text = { 0 };
	size_t a = p->info, b;

	while (a < p->from && is_blank(s[a]))
		a++;
	for (b = a; b < p->from && !is_blank(s[b]); b++)
		;
	if (b > a)
		code_label(&l, s + a, b - a, NULL, NULL);
	for (size_t i = p->from; i < p->to; ) {
		const char *nl = memchr(s + i, '\n', p->to - i);
		size_t end = nl ? (size_t)(nl - s) + 1 : p->to;

		for (int k = 0; k < p->indent && s[i] == ' '; k++)
			i++;
		buf_add(&text, s + i, end - i);
		i = end;
	}
	if (text.len || (p->opened && a == b))
		code_lines(&l, text.data, text.len, NULL, &none);
	buf_free(&text);
}

void
md_lay(struct rows *out, const struct md_piece *p, const char *s, int width,
    enum style base)
{
	if (p->code)
		lay_code(out, p, s, width, base);
	else
		lay_text(out, s, p->n, width, base);
}
