/* md_text.c -- characters before and after md4c: what it would swallow is
 * guarded, what it leaves encoded is decoded. */
#include "md.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static bool
is_fence(const char *s, size_t n)
{
	while (n > 0 && *s == ' ') {
		s++;
		n--;
	}
	return n >= 3 && (!memcmp(s, "```", 3) || !memcmp(s, "~~~", 3));
}

/* math: the bracket that ends the mathematics we are in, or 0. */
static void
guard_line(struct buf *out, const char *s, size_t n, char *math)
{
	bool start = true;	/* nothing but marks so far */

	for (size_t i = 0; i < n; i++) {
		char next = i + 1 < n ? s[i + 1] : '\n';

		if (s[i] == '[' && start && may_define(s + i, n - i))
			buf_addc(out, MD_GUARD);
		if (!memchr(" \t>-+*.)0123456789", s[i], 18))
			start = false;
		if (s[i] == MD_GUARD) {
			buf_puts(out, "\u2401");
			continue;
		}
		buf_addc(out, s[i]);
		if (s[i] != '\\')
			continue;
		if (next != '\n' && (*math || memchr("()[]", next, 4)))
			buf_addc(out, MD_GUARD);
		if (next == '(' || next == '[')
			*math = next == '(' ? ')' : ']';
		else if (next == *math)
			*math = 0;
	}
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

/* The text as md4c gets it.  A guard stands before each '[' that may begin a
 * definition, and behind the backslashes of mathematics, \( \) and \[ \] with
 * all between them: there they are no Markdown.  A guard that somebody typed
 * becomes the picture of that control. */
void
md_guard(struct buf *out, const char *s, size_t n)
{
	struct item it = { 0 };
	bool fenced = false;
	char math = 0;
	size_t len, shift;

	for (size_t i = 0; i < n; i += len) {
		const char *nl = memchr(s + i, '\n', n - i);

		len = nl ? (size_t)(nl - s) - i + 1 : n - i;
		if (len == 1)
			math = 0;	/* it does not outlive its paragraph */
		if (!fenced && is_table_rule(s + i, len)) {
			put_table_rule(out, s + i, len);
			continue;
		}
		shift = item_shift(&it, s + i, len);
		buf_add(out, "            ", shift < 12 ? shift : 12);
		fenced ^= is_fence(s + i, len);
		guard_line(out, s + i, len, &math);
	}
}
