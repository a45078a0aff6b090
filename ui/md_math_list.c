/* md_math_list.c -- the things of a formula, one after the other: read, given
 * their scripts, set side by side with the spaces that belong between. */
#include "md_math.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "width.h"

void
mlist_free(struct mlist *l)
{
	for (int i = 0; i < l->n; i++)
		mbox_free(&l->v[i].box);
	free(l->v);
	*l = (struct mlist){ 0 };
}

void
mlist_add(struct mlist *l, struct mbox box, enum mclass class)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		l->v = xreallocarray(l->v, (size_t)l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = (struct matom){ .box = box,
	    .class = (unsigned char)class };
}

bool
md_math_room(struct mctx *c, const struct mbox *b)
{
	c->cells += (long)b->w * b->h + 1;
	if (c->cells > (c->flat ? M_CELLS_FLAT : M_CELLS))
		c->big = true;
	return !c->big;
}

/* ---- spaces ---- */

/* Is the operator at i one of two sides, as in a - b and not in -b? */
static bool
two_sided(const struct mlist *l, int i)
{
	if (i <= 0)
		return false;
	switch (l->v[i - 1].class) {
	case M_ORD: case M_CLOSE:
		return true;
	default:
		return false;
	}
}

int
mlist_space(const struct mctx *c, const struct mlist *l, int from, int i)
{
	const struct matom *a, *b = &l->v[i];
	bool bin_a, bin_b;

	if (i <= from)
		return 0;
	a = &l->v[i - 1];
	if (a->class == M_SPACE || b->class == M_SPACE)
		return 0;
	if ((a->word || a->class == M_LIM) && b->class != M_OPEN &&
	    b->class != M_CLOSE && b->class != M_PUNCT)
		return 1;
	if ((b->word || b->class == M_LIM) && (a->class == M_ORD ||
	    a->class == M_CLOSE || a->class == M_OP))
		return 1;
	if (c->script)
		return 0;
	if (a->class == M_PUNCT)
		return b->class != M_CLOSE && b->class != M_PUNCT;
	bin_a = a->class == M_BIN && two_sided(l, i - 1);
	bin_b = b->class == M_BIN && two_sided(l, i);
	if (bin_a || bin_b || (a->class == M_REL) != (b->class == M_REL))
		return (a->class != M_OPEN || bin_a) && b->class != M_CLOSE &&
		    b->class != M_PUNCT;
	if (a->class == M_BIG || b->class == M_BIG)
		return a->class != M_OPEN && b->class != M_CLOSE;
	/* Two fractions, or a fraction and a letter, want some air. */
	return a->box.h > 1 && b->box.h > 1 && a->class == M_ORD &&
	    b->class == M_ORD;
}

struct mbox
mlist_join(struct mctx *c, struct mlist *l, int from, int to)
{
	struct mbox all = { 0 }, space;

	for (int i = from; i < to; i++) {
		if (mlist_space(c, l, from, i)) {
			space = mbox_text(" ", 1, c->st);
			mbox_beside(&all, &space, c->look->math);
		}
		mbox_beside(&all, &l->v[i].box, c->look->math);
		if (!md_math_room(c, &all))
			break;
	}
	if (all.h == 0)
		all = mbox_text("", 0, c->st);
	return all;
}

/* ---- reading ---- */

static size_t
name_length(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (s[i] | 32) >= 'a' && (s[i] | 32) <= 'z')
		i++;
	return i ? i : n > 0;
}

bool
md_math_is(const struct mctx *c, size_t at, const char *command)
{
	size_t n = strlen(command);

	return at < c->n && c->s[at] == '\\' && c->n - at - 1 >= n &&
	    !memcmp(c->s + at + 1, command, n) &&
	    name_length(c->s + at + 1, c->n - at - 1) == n;
}

static bool
ends_list(const struct mctx *c, char stop)
{
	char ch = c->s[c->i];

	return ch == '}' || ch == '&' || (stop && ch == stop) ||
	    md_math_is(c, c->i, "\\") || md_math_is(c, c->i, "right") ||
	    md_math_is(c, c->i, "middle") || md_math_is(c, c->i, "end") ||
	    md_math_is(c, c->i, "cr");
}

static size_t
group_length(const struct mctx *c, size_t at, char open, char close)
{
	int depth = 0;

	for (size_t i = at; i < c->n; i++) {
		if (c->s[i] == '\\')
			i++;
		else if (c->s[i] == open)
			depth++;
		else if (c->s[i] == close && --depth == 0)
			return i + 1 - at;
	}
	return c->n - at;
}

static void
skip_blanks(struct mctx *c)
{
	while (c->i < c->n && memchr(" \t\r\n", c->s[c->i], 4))
		c->i++;
}

/* A command nobody knows, with what is in braces behind it. */
static void
unknown(struct mctx *c, struct mlist *l, size_t n)
{
	size_t from = c->i;

	c->i += n;
	while (n > 1 && c->i < c->n &&
	    (c->s[c->i] == '{' || c->s[c->i] == '['))
		c->i += group_length(c, c->i, c->s[c->i],
		    c->s[c->i] == '{' ? '}' : ']');
	if (c->i > c->n)
		c->i = c->n;
	mlist_add(l, mbox_text(c->s + from, c->i - from, c->st), M_ORD);
	l->v[l->n - 1].word = true;
}

static void
command(struct mctx *c, struct mlist *l)
{
	size_t at = c->i, n = name_length(c->s + at + 1, c->n - at - 1);
	const char *name = c->s + at + 1;

	c->i += 1 + n;
	if (c->depth < M_DEPTH && md_math_command(c, l, name, n))
		return;
	c->i = at;
	unknown(c, l, n + 1);
}

static void
group(struct mctx *c, struct mlist *l)
{
	size_t n = group_length(c, c->i, '{', '}');
	struct mbox b;

	if (c->depth >= M_DEPTH) {
		mlist_add(l, mbox_text(c->s + c->i, n, c->st), M_ORD);
		c->i += n;
		return;
	}
	c->i++;
	b = md_math_row(c, '}');
	if (c->i < c->n && c->s[c->i] == '}')
		c->i++;
	mlist_add(l, b, M_ORD);
}

/* A number, or a character. */
static void
plain(struct mctx *c, struct mlist *l)
{
	size_t from = c->i, len;
	enum mclass class;
	int cols;

	if (c->s[from] >= '0' && c->s[from] <= '9') {
		while (c->i < c->n && ((c->s[c->i] >= '0' &&
		    c->s[c->i] <= '9') || (c->s[c->i] == '.' && c->i + 1 <
		    c->n && c->s[c->i + 1] >= '0' && c->s[c->i + 1] <= '9')))
			c->i++;
		mlist_add(l, mbox_text(c->s + from, c->i - from, c->st),
		    M_ORD);
		return;
	}
	len = picture_next(c->s + from, c->n - from);
	if (len == 0)
		len = grapheme_next(c->s + from, c->n - from, &cols);
	class = md_math_class(c->s + from, len);
	c->i += len;
	if (len == 1 && c->s[from] == '-')
		mlist_add(l, mbox_text("−", strlen("−"), c->st), class);
	else
		mlist_add(l, mbox_text(c->s + from, len, c->st), class);
	l->v[l->n - 1].limits = class == M_BIG;
}

/* One thing, without its scripts. */
static void
one(struct mctx *c, struct mlist *l)
{
	switch (c->s[c->i]) {
	case '\\':
		command(c, l);
		break;
	case '{':
		group(c, l);
		break;
	case '~':
		c->i++;
		mlist_add(l, mbox_text(" ", 1, c->st), M_SPACE);
		break;
	default:
		plain(c, l);
	}
}

void
md_math_list(struct mctx *c, struct mlist *l, char stop)
{
	c->depth++;
	for (skip_blanks(c); c->i < c->n && !c->big; skip_blanks(c)) {
		if (ends_list(c, stop))
			break;
		if (memchr("^_'", c->s[c->i], 3))
			md_math_scripts(c, l);
		else
			one(c, l);
	}
	c->depth--;
}

struct mbox
md_math_row(struct mctx *c, char stop)
{
	struct mlist l = { 0 };
	struct mbox b;

	md_math_list(c, &l, stop);
	b = mlist_join(c, &l, 0, l.n);
	mlist_free(&l);
	return b;
}

struct mbox
md_math_arg(struct mctx *c)
{
	struct mlist l = { 0 };
	struct mbox b;

	skip_blanks(c);
	if (c->i >= c->n || ends_list(c, 0))
		return mbox_text("", 0, c->st);
	c->depth++;
	if (c->s[c->i] >= '0' && c->s[c->i] <= '9') {
		mlist_add(&l, mbox_text(c->s + c->i, 1, c->st), M_ORD);
		c->i++;
	} else
		one(c, &l);
	c->depth--;
	b = mlist_join(c, &l, 0, l.n);
	mlist_free(&l);
	return b;
}

void
md_math_raw(struct mctx *c, const char **s, size_t *n)
{
	size_t len;
	int cols;

	skip_blanks(c);
	*s = c->s + c->i;
	*n = 0;
	if (c->i >= c->n)
		return;
	if (c->s[c->i] != '{') {
		*n = c->s[c->i] == '\\' && c->i + 1 < c->n ?
		    1 + name_length(c->s + c->i + 1, c->n - c->i - 1) :
		    grapheme_next(c->s + c->i, c->n - c->i, &cols);
		c->i += *n;
		return;
	}
	len = group_length(c, c->i, '{', '}');
	*s += 1;
	*n = len - 1;
	if (len > 1 && c->s[c->i + len - 1] == '}')
		*n -= 1;
	c->i += len;
}

bool
md_math_option(struct mctx *c, const char **s, size_t *n)
{
	const char *end;

	if (c->i >= c->n || c->s[c->i] != '[')
		return false;
	end = memchr(c->s + c->i, ']', c->n - c->i);
	if (end == NULL)
		return false;
	*s = c->s + c->i + 1;
	*n = (size_t)(end - *s);
	c->i += *n + 2;
	return true;
}
