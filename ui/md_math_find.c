/* md_math_find.c -- where a formula begins and ends in a text, whole or still
 * being written.  The rules of single dollars are pandoc's, and stricter where
 * sums of money would be taken for formulas. */
#include "md_math.h"

#include <string.h>

enum kind { K_DOLLAR, K_DISPLAY, K_PAREN, K_BRACKET, K_ENV, K_BOXED, K_NONE };

static const char *const openers[] = {
	"$", "$$", "\\(", "\\[", "\\begin{", "\\boxed{",
};
static const char *const closers[] = {
	"$", "$$", "\\)", "\\]", "\\end{", "}",
};

static bool
begins(const char *s, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !memcmp(s, with, len);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

/* The name that "\begin{" at s begins, if it is an environment of
 * mathematics. */
static size_t
env_name(const char *s, size_t n, const char **name)
{
	const char *end;

	*name = s + strlen("\\begin{");
	n -= strlen("\\begin{");
	end = memchr(*name, '}', n < 20 ? n : 20);
	if (end == NULL || !md_math_env_known(*name, (size_t)(end - *name)))
		return 0;
	return (size_t)(end - *name);
}

static enum kind
kind_at(const char *s, size_t n, size_t at)
{
	const char *name;

	if (s[at] == '$') {
		if (at + 1 < n && s[at + 1] == '$')
			return K_DISPLAY;
		if (at + 1 == n || is_space(s[at + 1]) ||
		    (at > 0 && (is_alnum(s[at - 1]) || s[at - 1] == '$')))
			return K_NONE;
		return K_DOLLAR;
	}
	for (int k = K_PAREN; k < K_NONE; k++)
		if (begins(s + at, n - at, openers[k]))
			return k != K_ENV || env_name(s + at, n - at, &name) ?
			    (enum kind)k : K_NONE;
	return K_NONE;
}

/* Is the line that follows s[i] == '\n' blank, but for marks of a quote? */
static bool
paragraph_ends(const char *s, size_t n, size_t i)
{
	for (i++; i < n && s[i] != '\n'; i++)
		if (!is_space(s[i]) && s[i] != '>')
			return false;
	return i < n;
}

/* May a single dollar's formula go on in the line that follows s[i] == '\n'? */
static bool
line_goes_on(const char *s, size_t n, size_t i)
{
	for (i++; i < n && (s[i] == ' ' || s[i] == '\t'); i++)
		;
	return i < n && !memchr("|#>-*+`~\n\r", s[i], 10) &&
	    !(s[i] >= '0' && s[i] <= '9');
}

static bool
in_table(const char *s, size_t at)
{
	while (at > 0 && s[at - 1] != '\n')
		at--;
	while (s[at] == ' ')
		at++;
	return s[at] == '|';
}

/* Does a single dollar at i end what it began before? */
static bool
dollar_ends(const char *s, size_t n, size_t i)
{
	char next = i + 1 < n ? s[i + 1] : ' ';

	return !is_space(s[i - 1]) && next != '_' &&
	    !(next >= '0' && next <= '9') && !(next >= 'A' && next <= 'Z');
}

/* Where the closing mark of what opened at from stands, n for nowhere.  *stop:
 * where the search ended. */
static size_t
find_end(enum kind k, const char *s, size_t n, size_t at, size_t from,
    size_t *stop)
{
	int depth = 1;
	const char *name = NULL;
	size_t len = k == K_ENV ? env_name(s + at, n - at, &name) : 0, i;

	for (i = from; i < n; i++) {
		if (s[i] == '\n' && (paragraph_ends(s, n, i) ||
		    (k == K_DOLLAR && !line_goes_on(s, n, i)) ||
		    in_table(s, at)))
			break;
		if (k == K_DOLLAR && s[i] == '`')
			break;
		if (k == K_BOXED && s[i] == '{')
			depth++;
		if (k == K_ENV && begins(s + i, n - i, "\\begin{") &&
		    begins(s + i + 7, n - i - 7, name) &&
		    !memcmp(s + i + 7, name, len))
			depth++;
		if (begins(s + i, n - i, closers[k])) {
			if (k == K_DOLLAR && !dollar_ends(s, n, i))
				break;
			if (k == K_ENV && (n - i - 5 <= len ||
			    memcmp(s + i + 5, name, len) ||
			    s[i + 5 + len] != '}'))
				continue;
			if ((k != K_ENV && k != K_BOXED) || --depth == 0)
				return i;
		}
		if (s[i] == '\\' && i + 1 < n && s[i + 1] != '\n')
			i++;
	}
	*stop = i;
	return n;
}

/* "\[1\]" among text is a bracket that somebody escaped. */
static bool
only_digits(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(s[i] >= '0' && s[i] <= '9') && !is_space(s[i]))
			return false;
	return true;
}

bool
md_math_at(struct md_math_scan *m, const char *s, size_t n, size_t at,
    struct md_formula *f)
{
	enum kind k = kind_at(s, n, at);
	size_t from, end, stop = 0;

	if (k == K_NONE || at < m->none[k])
		return false;
	from = at + strlen(openers[k]);
	end = find_end(k, s, n, at, from, &stop);
	if (end == n) {
		m->none[k] = stop;
		return false;
	}
	*f = (struct md_formula){ .at = at, .from = from, .to = end,
	    .n = end + strlen(closers[k]) - at,
	    .display = k == K_DISPLAY || k == K_BRACKET || k == K_ENV };
	if (k == K_ENV) {
		const char *close = memchr(s + end, '}', n - end);

		f->n = (size_t)(close - s) + 1 - at;
	}
	if (k == K_ENV || k == K_BOXED) {
		f->from = at;
		f->to = at + f->n;
	}
	return (k == K_BRACKET && !only_digits(s + from, end - from)) ||
	    (k != K_BRACKET && end > from);
}

/* ---- while it is being written ---- */

/* Does what is behind a single dollar look like mathematics so far? */
static bool
looks_like_math(const char *s, size_t n)
{
	size_t run = 0;
	bool digit = n > 0 && s[0] >= '0' && s[0] <= '9';

	for (size_t i = 0; i < n; i++) {
		if (memchr("\\^_{", s[i], 4))
			return true;
		run = is_alnum(s[i]) && (s[i] | 32) >= 'a' ? run + 1 : 0;
		if (run > 2)
			return false;
	}
	return n > 0 && !digit;
}

/* Where a command half typed at the end begins, or an opening mark of scripts
 * without anything in it; else n. */
static size_t
hold(const char *s, size_t n)
{
	size_t i = n, at;

	while (i > 0 && (s[i - 1] == '^' || s[i - 1] == '_' ||
	    s[i - 1] == ' ' || s[i - 1] == '\n'))
		i--;
	at = i;
	while (at > 0 && (is_alnum(s[at - 1]) || s[at - 1] == '*'))
		at--;
	if (at > 0 && s[at - 1] == '{' && (
	    (at >= 7 && !memcmp(s + at - 7, "\\begin{", 7)) ||
	    (at >= 5 && !memcmp(s + at - 5, "\\end{", 5))))
		return at - (s[at - 2] == 'd' ? 5 : 7);
	if (i > 0 && s[i - 1] == '{' && i > 1) {
		if (i >= 7 && !memcmp(s + i - 7, "\\begin{", 7))
			return i - 7;
		if (i >= 5 && !memcmp(s + i - 5, "\\end{", 5))
			return i - 5;
	}
	for (at = i; at > 0 && (s[at - 1] | 32) >= 'a' &&
	    (s[at - 1] | 32) <= 'z'; at--)
		;
	if (at > 0 && s[at - 1] == '\\' && !(at > 1 && s[at - 2] == '\\'))
		return at - 1;
	return i;
}

/* Braces of s that are still open. */
static void
close_braces(struct buf *out, const char *s, size_t n)
{
	int depth = 0;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\')
			i++;
		else if (s[i] == '{')
			depth++;
		else if (s[i] == '}' && depth > 0)
			depth--;
	}
	for (; depth > 0; depth--)
		buf_addc(out, '}');
}

static void
cut(struct buf *b, size_t n)
{
	b->len = n;
	b->data[n] = '\0';
}

/* Is s[0..n) the first part of an opening mark? */
static bool
half_opener(const char *s, size_t n)
{
	for (int i = 0; i < K_NONE; i++)
		if (n < strlen(openers[i]) && !memcmp(openers[i], s, n))
			return true;
	return n < 24 && begins(s, n, "\\begin{") && !memchr(s, '}', n);
}

bool
md_math_close(struct buf *out, size_t at)
{
	const char *s = out->data;
	size_t n = out->len, from, stop, len = 0;
	enum kind k = kind_at(s, n, at);
	const char *name = NULL;
	struct buf env = { 0 };

	if (k == K_NONE) {
		if (!half_opener(s + at, n - at))
			return false;
		cut(out, at);
		return true;
	}
	from = at + strlen(openers[k]);
	find_end(k, s, n, at, from, &stop);
	if (stop < n || (k == K_DOLLAR && !looks_like_math(s + from, n - from)))
		return false;
	if (k == K_DISPLAY && n > from && s[n - 1] == '$')
		n--;
	if (k == K_ENV) {
		len = env_name(s + at, n - at, &name);
		buf_add(&env, name, len);
		from += len + 1;
	}
	len = from + hold(s + from, n - from);
	while (len > from && is_space(s[len - 1]))
		len--;
	cut(out, len > from || k == K_ENV ? len : at);
	if (len > from || k == K_ENV) {
		struct buf braces = { 0 };

		close_braces(&braces, out->data + from, out->len - from);
		buf_add(out, braces.data, braces.len);
		buf_free(&braces);
		buf_puts(out, closers[k]);
		if (k == K_ENV)
			buf_printf(out, "%s}", env.data);
	}
	buf_free(&env);
	return true;
}
