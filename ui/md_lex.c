/* md_lex.c -- code cut into words by a language's table. */
#include "md_lex.h"

#include <string.h>

#include "width.h"

#define WORD_MAX 24		/* no keyword is longer */

void
md_lex_start(struct md_lex *x, const char *lang, size_t n)
{
	/* "{.python}", "python:file.py", "python,linenos" */
	while (n > 0 && memchr("{.", *lang, 2)) {
		lang++;
		n--;
	}
	for (size_t i = 0; i < n; i++)
		if (memchr(":,}({ \t", lang[i], 7))
			n = i;
	*x = (struct md_lex){ .lang = md_lang_find(lang, n) };
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
	return ((c | 32) >= 'a' && (c | 32) <= 'z') || is_digit(c) ||
	    c == '_' || (unsigned char)c >= 0x80;
}

static bool
starts(const char *s, size_t n, size_t i, const char *what)
{
	size_t len = strlen(what);

	return n - i >= len && !memcmp(s + i, what, len);
}

/* ---- regions ---- */

/* From s[i] on, within the region that is open. */
static size_t
in_region(struct md_lex *x, const char *s, size_t n, size_t i)
{
	const struct md_region *r = &x->lang->regions[x->open - 1];
	size_t k = i;

	while (k < n) {
		if (r->escape && s[k] == '\\') {
			k += k + 1 < n ? 2 : 1;
		} else if (r->close && starts(s, n, k, r->close)) {
			k += strlen(r->close);
			if (x->depth > 0)
				x->depth--;
			else {
				x->open = 0;
				break;
			}
		} else if (r->nests && starts(s, n, k, r->open)) {
			k += strlen(r->open);
			if (x->depth < 255)
				x->depth++;
		} else
			k++;
	}
	/* An escaped character may have been cut. */
	while (k < n && ((unsigned char)s[k] & 0xC0) == 0x80)
		k++;
	return k - i;
}

static bool
opens_region(struct md_lex *x, const char *s, size_t n, size_t i)
{
	for (int r = 0; r < 8 && x->lang->regions[r].open; r++) {
		const struct md_region *g = &x->lang->regions[r];

		if (!starts(s, n, i, g->open) ||
		    (g->apart && i > 0 && !memchr(" \t;(&|", s[i - 1], 6)))
			continue;
		x->open = (unsigned char)(r + 1);
		return true;
	}
	return false;
}

/* ---- words ---- */

static bool
is_keyword(const struct md_lang *l, const char *s, size_t n)
{
	char want[WORD_MAX + 3] = " ";

	if (n > WORD_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		want[1 + i] = (l->flags & LEX_ICASE) && s[i] >= 'A' &&
		    s[i] <= 'Z' ? (char)(s[i] | 32) : s[i];
	want[1 + n] = ' ';
	return strstr(l->keywords, want) != NULL;
}

static char
next_char(const char *s, size_t n, size_t i)
{
	while (i < n && s[i] == ' ')
		i++;
	return i < n ? s[i] : '\0';
}

static enum style
word_style(const struct md_lang *l, const char *s, size_t n, size_t i,
    size_t end)
{
	if ((l->flags & LEX_KEYS) && next_char(s, n, end) == ':')
		return STYLE_CODE_NAME;
	if (is_keyword(l, s + i, end - i))
		return STYLE_CODE_KEYWORD;
	if (end < n && s[end] == '(')
		return STYLE_CODE_NAME;
	if ((l->flags & LEX_CAPS) && s[i] >= 'A' && s[i] <= 'Z')
		return STYLE_CODE_NAME;
	return STYLE_CODE_BLOCK;
}

static size_t
word_end(const struct md_lang *l, const char *s, size_t n, size_t i)
{
	while (i < n && (is_word(s[i]) ||
	    ((l->flags & LEX_DASH) && s[i] == '-' && i + 1 < n &&
	    is_word(s[i + 1])) || ((l->flags & LEX_PRIME) && s[i] == '\'')))
		i++;
	return i;
}

static size_t
number_end(const char *s, size_t n, size_t i)
{
	while (i < n && (is_word(s[i]) || (s[i] == '.' && i + 1 < n &&
	    is_digit(s[i + 1])) || ((s[i] == '+' || s[i] == '-') &&
	    (s[i - 1] | 32) == 'e' && i + 1 < n && is_digit(s[i + 1]))))
		i++;
	return i;
}

static bool
only_spaces(const char *s, size_t n)
{
	while (n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		n--;
	}
	return n == 0;
}

/* 'x' or '\n' where a quote alone means something else; its bytes, or 0. */
static size_t
quoted_char(const char *s, size_t n, size_t i)
{
	size_t k = i + 1;
	int c;

	if (k >= n)
		return 0;
	if (s[k] == '\\') {
		const char *end = k + 2 < n ?
		    memchr(s + k + 2, '\'', n - k - 2) : NULL;

		return end && end - (s + i) < 12 ? (size_t)(end - s) + 1 - i :
		    0;
	}
	k += cluster_next(s + k, n - k, &c);
	return k < n && s[k] == '\'' ? k + 1 - i : 0;
}

/* Words that begin with a mark: $x, @x, #include; 0: none here. */
static size_t
marked_word(const struct md_lang *l, const char *s, size_t n, size_t i,
    enum style *st)
{
	size_t end = word_end(l, s, n, i + 1);

	if (end == i + 1)
		return 0;
	if ((l->flags & LEX_SIGILS) && (s[i] == '$' || s[i] == '@'))
		*st = STYLE_CODE_NAME;
	else if ((l->flags & LEX_DIRECTIVE) && s[i] == '#' &&
	    only_spaces(s, i))
		*st = STYLE_CODE_KEYWORD;
	else
		return 0;
	return end - i;
}

/* ---- markup and differences ---- */

static size_t
markup(struct md_lex *x, const char *s, size_t n, size_t i, enum style *st)
{
	size_t end = i;

	if (!x->tag) {
		if (s[i] == '<' && i + 1 < n) {
			x->tag = true;
			end = i + 1 + (memchr("/!?", s[i + 1], 3) != NULL);
			end = word_end(x->lang, s, n, end);
			*st = STYLE_CODE_KEYWORD;
			return end - i;
		}
		if (s[i] == '&' && (end = word_end(x->lang, s, n, i + 1)) < n &&
		    s[end] == ';') {
			*st = STYLE_CODE_NUMBER;
			return end + 1 - i;
		}
		for (end = i + 1; end < n && s[end] != '<' && s[end] != '&';
		    end++)
			;
		return end - i;
	}
	if (s[i] == '>' || s[i] == '/' || s[i] == '?') {
		x->tag = s[i] != '>';
		*st = STYLE_CODE_KEYWORD;
		return 1;
	}
	if (s[i] == '"' || s[i] == '\'') {
		const char *q = memchr(s + i + 1, s[i], n - i - 1);

		*st = STYLE_CODE_STRING;
		return q ? (size_t)(q - s) + 1 - i : n - i;
	}
	end = word_end(x->lang, s, n, i);
	if (end > i)
		*st = STYLE_CODE_NAME;
	return end - i;
}

/* The sign at the line's beginning says it; the colours only repeat it, and
 * are those of code, which fit its background. */
static enum style
diff_style(const char *s, size_t n)
{
	if (starts(s, n, 0, "+++") || starts(s, n, 0, "---") ||
	    starts(s, n, 0, "diff ") || starts(s, n, 0, "index "))
		return STYLE_CODE_NAME;
	if (starts(s, n, 0, "@@"))
		return STYLE_CODE_KEYWORD;
	return *s == '+' ? STYLE_CODE_STRING :
	    *s == '-' ? STYLE_CODE_NUMBER : STYLE_CODE_BLOCK;
}

size_t
md_lex_next(struct md_lex *x, const char *s, size_t n, size_t i,
    enum style *st)
{
	const struct md_lang *l = x->lang;
	const struct md_region *r;
	size_t len, end;
	int c;

	*st = STYLE_CODE_BLOCK;
	if (l == NULL)
		return n - i;
	if (l->flags & LEX_DIFF) {
		*st = diff_style(s, n);
		return n - i;
	}
	len = 0;
	if (x->open == 0 && opens_region(x, s, n, i))
		len = strlen(l->regions[x->open - 1].open);
	if (x->open) {
		r = &l->regions[x->open - 1];
		*st = r->style;
		len += in_region(x, s, n, i + len);
		if ((l->flags & LEX_KEYS) && *st == STYLE_CODE_STRING &&
		    next_char(s, n, i + len) == ':')
			*st = STYLE_CODE_NAME;
		return len;
	}
	if ((l->flags & LEX_MARKUP) && (len = markup(x, s, n, i, st)) > 0)
		return len;
	if ((len = marked_word(l, s, n, i, st)) > 0)
		return len;
	if ((l->flags & LEX_PRIME) && s[i] == '\'' &&
	    (len = quoted_char(s, n, i)) > 0) {
		*st = STYLE_CODE_STRING;
		return len;
	}
	if (is_digit(s[i])) {
		*st = STYLE_CODE_NUMBER;
		return number_end(s, n, i) - i;
	}
	end = word_end(l, s, n, i);
	if (end > i) {
		*st = word_style(l, s, n, i, end);
		return end - i;
	}
	return cluster_next(s + i, n - i, &c);
}

void
md_lex_end_line(struct md_lex *x)
{
	if (x->open && !x->lang->regions[x->open - 1].lines)
		x->open = x->depth = 0;
}
