/* md_math_cmd.c -- the commands of a formula that are no mere symbols. */
#include "md_math.h"

#include <string.h>

#include "width.h"

struct cmd {
	const char *name;
	void (*run)(struct mctx *c, struct mlist *l, const char *name,
	    size_t n);
};

static void
add(struct mlist *l, struct mbox b)
{
	mlist_add(l, b, M_ORD);
}

static void
add_word(struct mctx *c, struct mlist *l, const char *s, size_t n,
    enum mclass class)
{
	mlist_add(l, mbox_text(s, n, c->st), class);
}

static void
do_frac(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox num, den;
	bool flat = c->flat;

	/* Small ones stay in their row: those of text, and \frac12. */
	c->flat |= n == 5 && (*name == 't' || *name == 's');
	num = md_math_arg(c);
	den = md_math_arg(c);
	add(l, md_math_frac(c, num, den));
	c->flat = flat;
}

static void
do_binom(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox a = md_math_arg(c), b = md_math_arg(c), out, end;

	(void)name;
	(void)n;
	if (c->flat) {
		out = mbox_text("C(", 2, c->st);
		mbox_beside(&out, &a, c->st);
		end = mbox_text(", ", 2, c->st);
		mbox_beside(&out, &end, c->st);
		mbox_beside(&out, &b, c->st);
		end = mbox_text(")", 1, c->st);
	} else {
		int base = a.h - 1;

		mbox_below(&a, &b, 0, c->st);
		a.base = base;
		out = mbox_fence("(", a.h, a.base, c->st);
		end = mbox_fence(")", a.h, a.base, c->st);
		mbox_beside(&out, &a, c->st);
	}
	mbox_beside(&out, &end, c->st);
	add(l, out);
}

static void
do_sqrt(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox index = { 0 };
	const char *s;
	size_t len;

	(void)name;
	(void)n;
	if (md_math_option(c, &s, &len))
		index = mbox_text(s, len, c->st);
	add(l, md_math_root(c, index, md_math_arg(c)));
}

/* ---- text ---- */

static void
words(struct mctx *c, struct mlist *l, enum style st)
{
	const char *s, *end;
	struct mbox b = { 0 }, part;
	size_t n;

	md_math_raw(c, &s, &n);
	while (n > 0) {
		const char *dollar = memchr(s, '$', n);
		size_t m = dollar ? (size_t)(dollar - s) : n;

		if (m > 0 && s[m - 1] == '\\' && dollar) {
			part = mbox_text(s, m - 1, st);
			mbox_beside(&b, &part, c->st);
			part = mbox_text("$", 1, st);
			m++;
		} else if (m > 0) {
			part = mbox_text(s, m, st);
		} else if ((end = memchr(s + 1, '$', n - 1)) != NULL) {
			struct mctx in = *c;

			in.s = s + 1;
			in.n = (size_t)(end - s) - 1;
			in.i = 0;
			in.depth++;
			part = md_math_row(&in, 0);
			c->cells = in.cells;
			c->big |= in.big;
			m = in.n + 2;
		} else {
			part = mbox_text(s, m = n, st);
		}
		mbox_beside(&b, &part, c->st);
		s += m;
		n -= m;
	}
	if (b.h == 0)
		b = mbox_text("", 0, st);
	add(l, b);
}

static void
do_text(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	(void)name;
	(void)n;
	words(c, l, c->st);
}

static void
do_bold_text(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	(void)name;
	(void)n;
	words(c, l, c->look->strong);
}

static void
do_bold(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	enum style st = c->st;

	(void)name;
	(void)n;
	c->st = c->look->strong;
	add(l, md_math_arg(c));
	c->st = st;
}

/* Its argument and nothing else. */
static void
do_same(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	(void)name;
	(void)n;
	add(l, md_math_arg(c));
}

static void
do_operator(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	(void)name;
	(void)n;
	if (c->i < c->n && c->s[c->i] == '*')
		c->i++;
	mlist_add(l, md_math_arg(c), M_LIM);
	l->v[l->n - 1].limits = l->v[l->n - 1].word = true;
}

static void
do_letters(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	enum malphabet a = n == 8 ? M_FRAK : n == 6 || name[0] == 'B' ? M_BB :
	    M_CAL;
	struct buf in = { 0 }, out = { 0 };
	struct mbox b;

	if (n == 7)
		a = M_CAL;
	b = md_math_arg(c);
	mbox_string(&b, &in);
	if (b.h == 1) {
		mbox_free(&b);
		md_math_letters(&out, in.data ? in.data : "", in.len, a);
		b = mbox_text(out.data ? out.data : "", out.len, c->st);
	}
	add(l, b);
	buf_free(&in);
	buf_free(&out);
}

static void
do_accent(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	add(l, md_math_accented(c, name, n, md_math_arg(c)));
}

/* \not stands before a relation. */
static void
do_not(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox b = md_math_arg(c);
	struct buf s = { 0 };

	mbox_string(&b, &s);
	if (s.len == 1 && *s.data == '=') {
		mbox_free(&b);
		b = mbox_text("≠", strlen("≠"), c->st);
	} else
		b = md_math_accented(c, name, n, b);
	mlist_add(l, b, M_REL);
	buf_free(&s);
}

static void
do_boxed(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox b = { 0 }, in, end;

	if (n == 4) {
		struct mlist text = { 0 };

		do_text(c, &text, name, n);
		in = mlist_join(c, &text, 0, text.n);
		mlist_free(&text);
	} else
		in = md_math_arg(c);
	if (c->flat) {
		b = mbox_text("▏", strlen("▏"), c->look->box);
		end = mbox_text("▕", strlen("▕"), c->look->box);
		mbox_beside(&b, &in, c->st);
		mbox_beside(&b, &end, c->st);
		in = b;
	} else
		mbox_frame(&in, c->look->box, c->st);
	add(l, in);
}

/* ---- the rest ---- */

static void
do_mod(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox b, end;

	(void)n;
	if (name[0] == 'b') {
		add_word(c, l, "mod", 3, M_BIN);
		return;
	}
	b = mbox_text(" (mod ", 6, c->st);
	end = md_math_arg(c);
	mbox_beside(&b, &end, c->st);
	end = mbox_text(")", 1, c->st);
	mbox_beside(&b, &end, c->st);
	add(l, b);
}

static void
do_space(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	int w = *name == '!' ? 0 : n == 4 ? 2 : n == 5 ? 4 : 1;

	if (w)
		mlist_add(l, mbox_line(" ", w, c->st), M_SPACE);
}

/* Says how to draw, and nothing to read: with an argument or two, or none. */
static void
do_nothing(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	(void)c;
	(void)l;
	(void)name;
	(void)n;
}

static void
do_skip(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	const char *s;
	size_t len;

	(void)l;
	(void)name;
	(void)n;
	md_math_raw(c, &s, &len);
}

static void
do_skip_same(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	do_skip(c, l, name, n);
	do_same(c, l, name, n);
}

static void
do_gap(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	do_skip(c, l, name, n);
	mlist_add(l, mbox_text(" ", 1, c->st), M_SPACE);
}

static void
do_tag(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox b = mbox_text("  (", 3, c->st), end;
	struct mlist text = { 0 };

	do_text(c, &text, name, n);
	end = mlist_join(c, &text, 0, text.n);
	mlist_free(&text);
	mbox_beside(&b, &end, c->st);
	end = mbox_text(")", 1, c->st);
	mbox_beside(&b, &end, c->st);
	mlist_add(l, b, M_SPACE);
}

static void
do_substack(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	struct mbox all = { 0 }, row;
	bool braced;

	(void)name;
	(void)n;
	while (c->i < c->n && c->s[c->i] == ' ')
		c->i++;
	braced = c->i < c->n && c->s[c->i] == '{';
	c->i += braced;
	for (;;) {
		row = md_math_row(c, '}');
		if (all.h == 0)
			all = row;
		else if (c->flat)
			all = md_math_note(c, all, row, ", (");
		else
			mbox_below(&all, &row, 0, c->st);
		if (!braced || !md_math_is(c, c->i, "\\"))
			break;
		c->i += 2;
	}
	if (braced && c->i < c->n && c->s[c->i] == '}')
		c->i++;
	add(l, all);
}

static void
do_begin(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	(void)name;
	(void)n;
	md_math_env(c, l);
}

static const struct cmd cmds[] = {
	{ "frac", do_frac }, { "dfrac", do_frac }, { "tfrac", do_frac },
	{ "cfrac", do_frac }, { "sfrac", do_frac }, { "binom", do_binom },
	{ "dbinom", do_binom }, { "tbinom", do_binom }, { "sqrt", do_sqrt },
	{ "text", do_text }, { "textrm", do_text }, { "textsf", do_text },
	{ "texttt", do_text }, { "textit", do_text }, { "mbox", do_text },
	{ "hbox", do_text }, { "textnormal", do_text }, { "emph", do_text },
	{ "textbf", do_bold_text }, { "mathbf", do_bold },
	{ "boldsymbol", do_bold }, { "bm", do_bold }, { "pmb", do_bold },
	{ "mathrm", do_same }, { "mathit", do_same }, { "mathsf", do_same },
	{ "mathtt", do_same }, { "mathnormal", do_same },
	{ "ensuremath", do_same }, { "mathop", do_same },
	{ "mathbin", do_same }, { "mathrel", do_same }, { "mathord", do_same },
	{ "mathopen", do_same }, { "mathclose", do_same },
	{ "mathinner", do_same }, { "mathpunct", do_same },
	{ "operatorname", do_operator }, { "DeclareMathOperator", do_operator },
	{ "mathbb", do_letters }, { "Bbb", do_letters },
	{ "mathcal", do_letters }, { "mathscr", do_letters },
	{ "mathfrak", do_letters }, { "not", do_not }, { "left", md_math_left },
	{ "big", md_math_big }, { "Big", md_math_big }, { "bigg", md_math_big },
	{ "Bigg", md_math_big }, { "bigl", md_math_big }, { "Bigl", md_math_big },
	{ "biggl", md_math_big }, { "Biggl", md_math_big }, { "bigr", md_math_big },
	{ "Bigr", md_math_big }, { "biggr", md_math_big }, { "Biggr", md_math_big },
	{ "bigm", md_math_big }, { "Bigm", md_math_big }, { "boxed", do_boxed },
	{ "fbox", do_boxed }, { "overset", md_math_stack },
	{ "stackrel", md_math_stack },
	{ "underset", md_math_stack }, { "underbrace", md_math_brace },
	{ "overbrace", md_math_brace }, { "xrightarrow", md_math_arrow },
	{ "xleftarrow", md_math_arrow }, { "pmod", do_mod }, { "pod", do_mod },
	{ "bmod", do_mod }, { "quad", do_space }, { "qquad", do_space },
	{ ",", do_space }, { ";", do_space }, { ":", do_space },
	{ ">", do_space }, { " ", do_space }, { "\n", do_space },
	{ "!", do_space }, { "thinspace", do_space }, { "enspace", do_space },
	{ "space", do_space }, { "medspace", do_space },
	{ "nobreakspace", do_space }, { "displaystyle", do_nothing },
	{ "textstyle", do_nothing }, { "scriptstyle", do_nothing },
	{ "scriptscriptstyle", do_nothing }, { "limits", do_nothing },
	{ "nolimits", do_nothing }, { "nonumber", do_nothing },
	{ "notag", do_nothing }, { "hline", do_nothing },
	{ "mathstrut", do_nothing }, { "rm", do_nothing },
	{ "bf", do_nothing }, { "label", do_skip }, { "color", do_skip },
	{ "vspace", do_skip }, { "textcolor", do_skip_same },
	{ "hspace", do_gap }, { "mspace", do_gap }, { "phantom", do_gap },
	{ "hphantom", do_gap }, { "tag", do_tag }, { "substack", do_substack },
	{ "begin", do_begin },
};

static void
symbol(struct mctx *c, struct mlist *l, const struct msym *m)
{
	struct matom *a;

	mlist_add(l, mbox_text(m->text, strlen(m->text), c->st),
	    (enum mclass)m->class);
	a = &l->v[l->n - 1];
	a->limits = m->class == M_BIG || m->class == M_LIM;
	a->word = m->class == M_OP;
}

bool
md_math_command(struct mctx *c, struct mlist *l, const char *name, size_t n)
{
	const struct msym *m = md_math_symbol(name, n);
	bool wide;

	if (m) {
		symbol(c, l, m);
		return true;
	}
	for (size_t i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++)
		if (strlen(cmds[i].name) == n &&
		    !memcmp(cmds[i].name, name, n)) {
			cmds[i].run(c, l, name, n);
			return true;
		}
	if (md_math_accent(name, n, &wide)) {
		do_accent(c, l, name, n);
		return true;
	}
	return false;
}
