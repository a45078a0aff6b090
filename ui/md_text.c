/* md_text.c -- characters before and after md4c: what it would swallow is
 * guarded, what it leaves encoded is decoded. */
#include "md.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "utf8.h"

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
void
md_entity(struct buf *out, const char *s, size_t n)
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

/* Might the '[' that s begins with, on a line of n more bytes, begin a link
 * reference definition? */
static bool
may_define(const char *s, size_t n)
{
	return !memchr(s, ']', n) || memmem(s, n, "]:", 2);
}

/* Is the line the rule below a table's head, "|-|:-:|"?  md4c 0.4 wants three
 * characters in each of its cells. */
static bool
is_table_rule(const char *s, size_t n)
{
	size_t bars = 0, dashes = 0;

	for (size_t i = 0; i < n; i++) {
		if (!memchr("|:- \t\r\n", s[i], 7))
			return false;
		bars += s[i] == '|';
		dashes += s[i] == '-';
	}
	return bars && dashes;
}

static void
put_table_rule(struct buf *out, const char *s, size_t n)
{
	size_t run = 0;

	for (size_t i = 0; i < n; i++) {
		buf_addc(out, s[i]);
		run = s[i] == '-' ? run + 1 : 0;
		if (run > 0 && run < 3 && (i + 1 == n || s[i + 1] != '-'))
			buf_add(out, "--", 3 - run);
	}
}

/* A fence, whatever list or quote it stands in? */
static bool
is_fence(const char *s, size_t n)
{
	while (n > 0 && memchr(" >", *s, 2)) {
		s++;
		n--;
	}
	return n >= 3 && (!memcmp(s, "```", 3) || !memcmp(s, "~~~", 3));
}

/* Models indent what belongs to an item by two or three spaces, however wide
 * the item's number is; CommonMark wants as many as the number takes. */
struct item {
	size_t width;		/* of "12. " at the left edge, 0: no item */
	size_t shift;		/* spaces to add to the lines that belong to it */
};

static size_t
number_width(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && i < 9 && s[i] >= '0' && s[i] <= '9')
		i++;
	if (i == 0 || i + 1 >= n || (s[i] != '.' && s[i] != ')') ||
	    s[i + 1] != ' ')
		return 0;
	return i + 2;
}

/* Spaces to put before this line. */
static size_t
item_shift(struct item *it, const char *s, size_t n)
{
	size_t indent = 0;

	while (indent < n && s[indent] == ' ')
		indent++;
	if (indent == n || s[indent] == '\n' || s[indent] == '\r')
		return 0;
	if (indent == 0)
		*it = (struct item){ .width = number_width(s, n) };
	else if (it->shift == 0 && indent >= 2 && indent < it->width)
		it->shift = it->width - indent;
	return indent >= 2 ? it->shift : 0;
}

/* ---- what stands among text and is none ---- */

static size_t
run_at(const char *s, size_t n, size_t i)
{
	size_t len = 1;

	while (i + len < n && s[i + len] == s[i])
		len++;
	return len;
}

/* The bytes of the code that begins at s[i] == '`', or of the marks alone when
 * it does not end in its paragraph. */
static size_t
code_span(struct md_scan *sc, const char *s, size_t n, size_t i)
{
	size_t len = run_at(s, n, i), k, m;

	if (len >= MD_RUNS || i < sc->no_code[len])
		return len;
	for (k = i + len; k < n; k += m) {
		m = 1;
		if (s[k] == '\n' && k + 1 < n && s[k + 1] == '\n')
			break;
		if (s[k] == '`' && (m = run_at(s, n, k)) == len)
			return k + m - i;
	}
	sc->no_code[len] = k;
	return len;
}

size_t
md_scan(struct md_scan *sc, const char *s, size_t n, size_t i,
    struct md_formula *f)
{
	f->n = 0;
	if (s[i] == '`')
		return code_span(sc, s, n, i);
	if (s[i] != '$' && s[i] != '\\')
		return 1;
	if (md_math_at(&sc->math, s, n, i, f))
		return f->n;
	f->n = 0;
	if (s[i] == '$')
		return run_at(s, n, i);
	return i + 1 < n && s[i + 1] != '\n' ? 2 : 1;
}

/* ---- the text as md4c gets it ---- */

static void
put_formula(struct md_source *src, const struct md_formula *f)
{
	if (src->n == src->cap) {
		src->cap = src->cap ? src->cap * 2 : 16;
		src->v = xreallocarray(src->v, src->cap, sizeof(*src->v));
	}
	buf_printf(&src->text, "%s%zu%s", MD_FORMULA, src->n, MD_FORMULA);
	src->v[src->n++] = *f;
}

static void
put_char(struct md_source *src, const char *s, size_t n, size_t i)
{
	if (s[i] == MD_GUARD)
		buf_puts(&src->text, "\u2401");
	else if (md_is_formula(s + i, n - i))
		buf_addc(&src->text, '\xFF');	/* no character either */
	else
		buf_addc(&src->text, s[i]);
	if (s[i] == '\\' && i + 1 < n && memchr("()[]", s[i + 1], 4))
		buf_addc(&src->text, MD_GUARD);
}

/* From s[i] on to the end of a line, which may be a later one if a formula
 * goes on there; returns where the next line begins. */
static size_t
guard_line(struct md_source *src, struct md_scan *sc, size_t n, size_t i,
    bool fenced)
{
	const char *s = src->s;
	bool start = true;	/* nothing but marks so far */
	struct md_formula f;
	size_t len;

	for (; i < n; i += len) {
		const char *nl = memchr(s + i, '\n', n - i);
		size_t line = nl ? (size_t)(nl - s) - i : n - i;

		f.n = 0;
		len = fenced ? 1 : md_scan(sc, s, n, i, &f);
		if (f.n) {
			put_formula(src, &f);
			start = false;
			continue;
		}
		if (s[i] == '[' && start && may_define(s + i, line))
			buf_addc(&src->text, MD_GUARD);
		if (!memchr(" \t>-+*.)0123456789", s[i], 18))
			start = false;
		if (memchr(s + i, '\n', len) && s[i] != '\n')
			len = 1;	/* code over lines: line by line */
		for (size_t k = i; k < i + len; k++)
			put_char(src, s, n, k);
		if (s[i] == '\n')
			return i + 1;
	}
	return i;
}

/* A guard stands before each '[' that may begin a definition, and behind the
 * backslashes of brackets that are no mathematics.  What is a formula goes
 * around md4c: its number stands for it.  A guard that somebody typed becomes
 * the picture of that control. */
void
md_guard(struct md_source *src, const char *s, size_t n)
{
	struct md_scan sc = { 0 };
	struct item it = { 0 };
	bool fenced = false;
	size_t len, shift;

	src->s = s;
	for (size_t i = 0; i < n; ) {
		const char *nl = memchr(s + i, '\n', n - i);

		len = nl ? (size_t)(nl - s) - i + 1 : n - i;
		if (!fenced && is_table_rule(s + i, len)) {
			put_table_rule(&src->text, s + i, len);
			i += len;
			continue;
		}
		shift = item_shift(&it, s + i, len);
		buf_add(&src->text, "            ", shift < 12 ? shift : 12);
		fenced ^= is_fence(s + i, len);
		i = guard_line(src, &sc, n, i, fenced || is_fence(s + i, len));
	}
}

void
md_source_free(struct md_source *src)
{
	buf_free(&src->text);
	free(src->v);
}

bool
md_is_formula(const char *s, size_t n)
{
	return n >= MD_FORMULA_LEN && !memcmp(s, MD_FORMULA, MD_FORMULA_LEN);
}

const struct md_formula *
md_formula_at(const struct md_source *src, const char *s, size_t n,
    size_t *len)
{
	const char *end;
	unsigned long i;

	if (!md_is_formula(s, n))
		return NULL;
	end = memmem(s + 1, n - 1, MD_FORMULA, MD_FORMULA_LEN);
	if (end == NULL)
		return NULL;
	*len = (size_t)(end - s) + MD_FORMULA_LEN;
	i = strtoul(s + MD_FORMULA_LEN, NULL, 10);
	return i < src->n ? &src->v[i] : NULL;
}

void
md_as_typed(const struct md_source *src, struct buf *out, const char *s,
    size_t n)
{
	const struct md_formula *f;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		len = 1;
		f = md_formula_at(src, s + i, n - i, &len);
		if (f)
			buf_add(out, src->s + f->at, f->n);
		else if (s[i] != MD_GUARD)
			buf_add(out, s + i, len);
	}
}
