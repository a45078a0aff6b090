/* md_math_over.c -- brackets as tall as what they hold, and what stands above
 * or below something else. */
#include "md_math.h"

#include <string.h>

/* ---- brackets ---- */

void
md_math_delim(struct mctx *c, struct buf *out)
{
	const struct msym *m;
	const char *s;
	size_t n;

	md_math_raw(c, &s, &n);
	if (n == 1 && *s == '.')
		return;
	m = n > 1 && *s == '\\' ? md_math_symbol(s + 1, n - 1) : NULL;
	if (m)
		buf_puts(out, m->text);
	else if (n == 1 && *s == '<')
		buf_puts(out, "⟨");
	else if (n == 1 && *s == '>')
		buf_puts(out, "⟩");
	else
		buf_add(out, s, n);
}

struct part {
	struct mbox box;
	struct buf before;
};

void
md_math_left(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct part parts[8] = { 0 };
	struct buf end = { 0 };
	struct mbox all = { 0 }, fence;
	int k = 0, above = 0, below = 0;

	(void)name;
	(void)n;
	md_math_delim(c, &parts[0].before);
	for (;;) {
		struct mbox *b = &parts[k].box;

		*b = md_math_row(c, 0);
		above = b->base > above ? b->base : above;
		below = b->h - b->base - 1 > below ? b->h - b->base - 1 : below;
		k++;
		if (k == 8 || !md_math_is(c, c->i, "middle"))
			break;
		c->i += strlen("\\middle");
		md_math_delim(c, &parts[k].before);
	}
	if (md_math_is(c, c->i, "right")) {
		c->i += strlen("\\right");
		md_math_delim(c, &end);
	}
	for (int i = 0; i < k; i++) {
		if (parts[i].before.len) {
			fence = mbox_fence(parts[i].before.data,
			    above + below + 1, above, c->st);
			mbox_beside(&all, &fence, c->st);
		}
		mbox_beside(&all, &parts[i].box, c->st);
		buf_free(&parts[i].before);
	}
	if (end.len) {
		fence = mbox_fence(end.data, above + below + 1, above, c->st);
		mbox_beside(&all, &fence, c->st);
	}
	buf_free(&end);
	mlist_add(l, all, M_ORD);
}

/* \big and its like: brackets are as tall as what they hold anyway. */
void
md_math_big(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct buf d = { 0 };
	enum mclass class = name[n - 1] == 'l' ? M_OPEN :
	    name[n - 1] == 'r' ? M_CLOSE : M_ORD;

	md_math_delim(c, &d);
	if (class == M_ORD && d.len)
		class = md_math_class(d.data, d.len);
	if (d.len)
		mlist_add(l, mbox_text(d.data, d.len, c->st), class);
	buf_free(&d);
}

/* ---- above and below ---- */

struct mbox
md_math_note(struct mctx *c, struct mbox b, struct mbox note, const char *open)
{
	struct mbox s = mbox_text(open, strlen(open), c->st);

	mbox_beside(&b, &s, c->st);
	mbox_beside(&b, &note, c->st);
	s = mbox_text(")", 1, c->st);
	mbox_beside(&b, &s, c->st);
	return b;
}

void
md_math_stack(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox note = md_math_arg(c), b = md_math_arg(c);
	bool under = n == 8 && name[0] == 'u';
	struct buf s = { 0 };
	enum mclass class = M_ORD;
	int base;

	if (b.h == 1) {
		mbox_string(&b, &s);
		class = md_math_class(s.data ? s.data : "", s.len);
	}
	if (c->flat)
		b = md_math_note(c, b, note, under ? "_(" : "^(");
	else if (under)
		mbox_below(&b, &note, 0, c->st);
	else {
		base = note.h + b.base;
		mbox_below(&note, &b, 0, c->st);
		note.base = base;
		b = note;
	}
	mlist_add(l, b, class);
	buf_free(&s);
}

void
md_math_brace(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox b = md_math_arg(c), left, line, right;
	bool under = name[0] == 'u';
	int base = b.base;

	(void)n;
	if (!c->flat && b.w > 2) {
		left = mbox_text(under ? "╰" : "╭", strlen("╰"), c->st);
		line = mbox_line("─", b.w - 2, c->st);
		right = mbox_text(under ? "╯" : "╮", strlen("╯"), c->st);
		mbox_beside(&left, &line, c->st);
		mbox_beside(&left, &right, c->st);
		if (under)
			mbox_below(&b, &left, 0, c->st);
		else {
			mbox_below(&left, &b, 0, c->st);
			left.base = base + 1;
			b = left;
		}
	}
	mlist_add(l, b, M_ORD);
	l->v[l->n - 1].limits = true;
}

void
md_math_arrow(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	const char *s;
	size_t len;
	struct mbox under = { 0 }, note, line, head;
	bool left = name[1] == 'l';
	int base;

	(void)n;
	if (md_math_option(c, &s, &len))
		under = mbox_text(s, len, c->st);
	note = md_math_arg(c);
	head = mbox_text(left ? "←" : "→", strlen("→"), c->st);
	line = mbox_line("─", note.w > under.w ? note.w : under.w, c->st);
	if (c->flat) {
		mbox_free(&line);
		line = mbox_line("─", note.w > 0, c->st);
		mbox_beside(&line, &note, c->st);
	}
	if (left) {
		mbox_beside(&head, &line, c->st);
		line = head;
	} else
		mbox_beside(&line, &head, c->st);
	if (c->flat && under.h)
		line = md_math_note(c, line, under, "_(");
	else if (!c->flat) {
		base = note.h;
		mbox_below(&note, &line, 0, c->st);
		note.base = base;
		line = note;
		if (under.h)
			mbox_below(&line, &under, 0, c->st);
	}
	mlist_add(l, line, M_REL);
}
