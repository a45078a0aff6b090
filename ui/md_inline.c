/* md_inline.c -- the text in a block: emphasis, links, formulas, as spans of a
 * line that is wrapped when the block ends. */
#include "md_lay.h"

#include <string.h>

#include "width.h"

#define ADDRESS_MAX 60		/* columns of one behind its text */

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
	return md_role(l, st);
}

/* ---- inline text ---- */

void
md_attribute(const struct lay *l, struct buf *out, const MD_ATTRIBUTE *a)
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
	return (struct md_math){ .math = md_role(l, STYLE_MATH),
	    .box = md_role(l, STYLE_MATH_BOX), .strong = md_role(l, STYLE_STRONG) };
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

	md_end_text(l, false);
	md_begin(l, &first, &rest);
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

int
md_on_text(MD_TEXTTYPE type, const MD_CHAR *s, MD_SIZE n, void *user)
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
	md_attribute(l, &l->href, href);
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
	row_put_link(&l->line, href, m, md_role(l, STYLE_DIM), l->href.data);
	if (m < n)
		row_put_link(&l->line, "…", strlen("…"), md_role(l, STYLE_DIM),
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
		row_puts(&l->line, said.len ? " (" : "(", md_role(l, STYLE_DIM));
		put_address(l, href);
		row_puts(&l->line, ")", md_role(l, STYLE_DIM));
	}
	buf_free(&said);
}

int
md_on_enter_span(MD_SPANTYPE type, void *detail, void *user)
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

int
md_on_leave_span(MD_SPANTYPE type, void *detail, void *user)
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
