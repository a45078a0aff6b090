/* md_math_env.c -- environments: matrices, cases, lines that are aligned. */
#include "md_math.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define COLS_MAX 32

enum env_kind { E_MATRIX, E_CASES, E_ALIGN, E_LINES };

struct env {
	const char *name;
	enum env_kind kind;
	const char *left, *right;
	bool option;		/* an argument follows: the columns */
};

static const struct env envs[] = {
	{ "matrix", E_MATRIX, "", "", false },
	{ "smallmatrix", E_MATRIX, "", "", false },
	{ "pmatrix", E_MATRIX, "(", ")", false },
	{ "bmatrix", E_MATRIX, "[", "]", false },
	{ "Bmatrix", E_MATRIX, "{", "}", false },
	{ "vmatrix", E_MATRIX, "|", "|", false },
	{ "Vmatrix", E_MATRIX, "‖", "‖", false },
	{ "array", E_MATRIX, "", "", true },
	{ "tabular", E_MATRIX, "", "", true },
	{ "cases", E_CASES, "{", "", false },
	{ "dcases", E_CASES, "{", "", false },
	{ "rcases", E_CASES, "", "}", false },
	{ "align", E_ALIGN, "", "", false },
	{ "aligned", E_ALIGN, "", "", false },
	{ "alignat", E_ALIGN, "", "", true },
	{ "alignedat", E_ALIGN, "", "", true },
	{ "flalign", E_ALIGN, "", "", false },
	{ "split", E_ALIGN, "", "", false },
	{ "eqnarray", E_ALIGN, "", "", false },
	{ "gather", E_LINES, "", "", false },
	{ "gathered", E_LINES, "", "", false },
	{ "multline", E_LINES, "", "", false },
	{ "equation", E_LINES, "", "", false },
	{ "displaymath", E_LINES, "", "", false },
	{ "math", E_LINES, "", "", false },
};

struct table {
	struct mbox *v;		/* rows times COLS_MAX */
	int rows, cols;
	int w[COLS_MAX];
	char align[COLS_MAX];
};

static const struct env *
env_find(const char *name, size_t n)
{
	if (n > 0 && name[n - 1] == '*')
		n--;
	for (size_t i = 0; i < sizeof(envs) / sizeof(envs[0]); i++)
		if (strlen(envs[i].name) == n && !memcmp(envs[i].name, name, n))
			return &envs[i];
	return NULL;
}

bool
md_math_env_known(const char *name, size_t n)
{
	return env_find(name, n) != NULL;
}

static struct mbox *
cell(struct table *t, int row, int col)
{
	return &t->v[(size_t)row * COLS_MAX + (size_t)col];
}

static void
add_row(struct table *t)
{
	t->rows++;
	t->v = xreallocarray(t->v, (size_t)t->rows * COLS_MAX,
	    sizeof(*t->v));
	memset(cell(t, t->rows - 1, 0), 0, COLS_MAX * sizeof(*t->v));
}

static void
put_cell(struct mctx *c, struct table *t, int col, struct mbox b)
{
	struct mbox *to = cell(t, t->rows - 1,
	    col < COLS_MAX ? col : COLS_MAX - 1);

	mbox_beside(to, &b, c->st);
	if (col >= t->cols)
		t->cols = col < COLS_MAX ? col + 1 : COLS_MAX;
}

/* What nothing here understands stays visible. */
static void
put_odd(struct mctx *c, struct table *t, int col, size_t n)
{
	put_cell(c, t, col, mbox_text(c->s + c->i, n, c->st));
	c->i += n;
}

static void
read_table(struct mctx *c, struct table *t)
{
	const char *s;
	size_t n;
	int col = 0;

	add_row(t);
	while (!c->big) {
		put_cell(c, t, col, md_math_row(c, 0));
		if (c->i >= c->n)
			break;
		if (c->s[c->i] == '&') {
			c->i++;
			col++;
		} else if (md_math_is(c, c->i, "\\") ||
		    md_math_is(c, c->i, "cr")) {
			c->i += c->s[c->i + 1] == '\\' ? 2 : 3;
			md_math_option(c, &s, &n);
			add_row(t);
			c->cells += COLS_MAX;
			col = 0;
		} else if (md_math_is(c, c->i, "end")) {
			c->i += strlen("\\end");
			md_math_raw(c, &s, &n);
			break;
		} else
			put_odd(c, t, col, c->s[c->i] == '}' ? 1 :
			    md_math_is(c, c->i, "right") ? 6 : 7);
	}
	/* The last row's end need not be followed by a row. */
	if (t->rows > 1) {
		bool empty = true;

		for (int i = 0; i < COLS_MAX; i++)
			empty &= cell(t, t->rows - 1, i)->w == 0;
		for (int i = 0; empty && i < COLS_MAX; i++)
			mbox_free(cell(t, t->rows - 1, i));
		t->rows -= empty;
	}
}

static void
table_free(struct table *t)
{
	for (int r = 0; r < t->rows; r++)
		for (int i = 0; i < COLS_MAX; i++)
			mbox_free(cell(t, r, i));
	free(t->v);
}

/* ---- on one row ---- */

static struct mbox
flat_table(struct mctx *c, struct table *t, const struct env *e)
{
	struct mbox all = mbox_text(e->left, strlen(e->left), c->st), s;
	const char *gap = e->kind == E_MATRIX ? ", " :
	    e->kind == E_CASES ? "  " : " ";

	for (int r = 0; r < t->rows; r++) {
		if (r > 0) {
			s = mbox_text("; ", 2, c->st);
			mbox_beside(&all, &s, c->st);
		}
		bool some = false;

		for (int i = 0; i < t->cols; i++) {
			if (cell(t, r, i)->w && some) {
				s = mbox_text(gap, strlen(gap), c->st);
				mbox_beside(&all, &s, c->st);
			}
			some |= cell(t, r, i)->w > 0;
			if (cell(t, r, i)->h)
				mbox_beside(&all, cell(t, r, i), c->st);
		}
	}
	s = mbox_text(e->right, strlen(e->right), c->st);
	mbox_beside(&all, &s, c->st);
	return all;
}

/* ---- on many ---- */

static int
align_of(const struct table *t, const struct env *e, int col)
{
	if (e->kind == E_ALIGN)
		return col % 2 ? -1 : 1;
	if (e->kind == E_CASES)
		return -1;
	return t->align[col] == 'l' ? -1 : t->align[col] == 'r' ? 1 : 0;
}

static int
gap_before(const struct table *t, const struct env *e, int col)
{
	if (col == 0 || (e->kind == E_ALIGN && col == 1 && t->w[0] == 0))
		return 0;
	if (e->kind == E_ALIGN)
		return col % 2 ? 1 : 4;
	return 2;
}

static struct mbox
table_row(struct mctx *c, struct table *t, const struct env *e, int r)
{
	struct mbox all = { 0 }, s;

	for (int i = 0; i < t->cols; i++) {
		struct mbox *b = cell(t, r, i);
		int gap = gap_before(t, e, i);

		if (b->h == 0)
			*b = mbox_text("", 0, c->st);
		mbox_widen(b, t->w[i], align_of(t, e, i), c->look->math);
		if (gap) {
			s = mbox_line(" ", gap, c->look->math);
			mbox_beside(&all, &s, c->look->math);
		}
		mbox_beside(&all, b, c->look->math);
		if (!md_math_room(c, &all))
			break;
	}
	return all;
}

static struct mbox
tall_table(struct mctx *c, struct table *t, const struct env *e)
{
	struct mbox all = { 0 }, row, s;
	bool tall = false;

	for (int r = 0; r < t->rows; r++)
		for (int i = 0; i < t->cols; i++) {
			if (cell(t, r, i)->w > t->w[i])
				t->w[i] = cell(t, r, i)->w;
			tall |= cell(t, r, i)->h > 1;
		}
	for (int r = 0; r < t->rows && !c->big; r++) {
		row = table_row(c, t, e, r);
		if (r == 0) {
			all = row;
			continue;
		}
		if (tall) {
			s = mbox_text("", 0, c->st);
			mbox_below(&all, &s, -1, c->look->math);
		}
		mbox_below(&all, &row, -1, c->look->math);
		md_math_room(c, &all);
	}
	if (t->rows > 1)
		all.base = (all.h - 1) / 2;
	return all;
}

/* With its brackets, as tall as it is. */
static struct mbox
fenced(struct mctx *c, struct mbox b, const struct env *e)
{
	int h = b.h, base = b.base;
	struct mbox all, s;

	if (*e->left) {
		all = mbox_fence(e->left, h, base, c->st);
		s = mbox_text(" ", 1, c->look->math);
		mbox_beside(&all, &s, c->look->math);
		mbox_beside(&all, &b, c->look->math);
		b = all;
	}
	if (*e->right) {
		s = mbox_text(" ", 1, c->look->math);
		mbox_beside(&b, &s, c->look->math);
		s = mbox_fence(e->right, h, base, c->st);
		mbox_beside(&b, &s, c->look->math);
	}
	return b;
}

/* "{lr|c}" */
static void
read_columns(struct mctx *c, struct table *t)
{
	const char *s;
	size_t n;
	int col = 0;

	md_math_raw(c, &s, &n);
	for (size_t i = 0; i < n && col < COLS_MAX; i++)
		if (memchr("lcr", s[i], 3))
			t->align[col++] = s[i];
}

void
md_math_env(struct mctx *c, struct mlist *l)
{
	size_t at = c->i - strlen("\\begin"), n;
	struct table t = { 0 };
	const struct env *e;
	const char *name, *s;
	size_t len;
	struct mbox b;

	md_math_raw(c, &name, &n);
	e = env_find(name, n);
	if (e == NULL) {
		mlist_add(l, mbox_text(c->s + at, c->i - at, c->st), M_ORD);
		l->v[l->n - 1].word = true;
		return;
	}
	md_math_option(c, &s, &len);
	if (e->option)
		read_columns(c, &t);
	/* Its lines are then those of the formula. */
	if (c->loose && c->depth == 1 &&
	    (e->kind == E_ALIGN || e->kind == E_LINES))
		return;
	c->depth++;
	read_table(c, &t);
	c->depth--;
	b = c->flat ? flat_table(c, &t, e) :
	    fenced(c, tall_table(c, &t, e), e);
	table_free(&t);
	mlist_add(l, b, M_ORD);
}
