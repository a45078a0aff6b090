/* ytree_quick.c -- reads what fikr itself wrote into conversations without a
 * scanner of all of YAML: a map of words, quoted texts, literal blocks and one
 * level of {words}.  Anything that is not plainly that is left alone. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "utf8.h"
#include "ytree_priv.h"

#define INDENT 2
#define KEYS_MAX 64

struct quick {
	const char *p, *end;
	int line;
};

static bool
starts(const struct quick *q, const char *s)
{
	size_t n = strlen(s);

	return (size_t)(q->end - q->p) >= n && memcmp(q->p, s, n) == 0;
}

/* Eight bytes at s that are all from ' ' to '~'? */
static bool
plain8(const char *s)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t high = UINT64_C(0x8080808080808080);
	uint64_t v;

	memcpy(&v, s, sizeof(v));
	return ((v | (v - 0x20 * ones) | (v + ones)) & high) == 0;
}

/* Characters that mean the same everywhere in a document. */
static bool
is_harmless(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (n - i >= 8 && plain8(s + i)) {
			i += 7;
			continue;
		}

		if ((c < 0x20 && c != '\n') || c == 0x7F)
			return false;
		/* C1, line separators, byte order marks and the like */
		if ((c == 0xC2 && i + 1 < n && (unsigned char)s[i + 1] <
		    0xA0) || (c == 0xE2 && i + 2 < n &&
		    (unsigned char)s[i + 1] == 0x80 &&
		    ((unsigned char)s[i + 2] | 1) == 0xA9) ||
		    (c == 0xEF && i + 1 < n &&
		    (unsigned char)s[i + 1] >= 0xBB))
			return false;
	}
	return utf8_valid(s, n);
}

static struct ynode *
scalar(const char *s, size_t n, int line, bool plain)
{
	struct ynode *y = xcalloc(1, sizeof(*y));

	y->type = YNODE_SCALAR;
	y->line = line;
	y->text = xstrndup(s, n);
	y->len = n;
	y->plain = plain;
	return y;
}

static struct ynode *
map_new(int line)
{
	struct ynode *y = xcalloc(1, sizeof(*y));

	y->type = YNODE_MAP;
	y->line = line;
	return y;
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '+';
}

/* The length of a word: '-' and ':' only where nothing could be meant by
 * them. */
static size_t
word(const char *s, const char *end)
{
	size_t n = 0;

	while (s + n < end && (is_word_char(s[n]) || ((s[n] == '-' ||
	    s[n] == ':') && n > 0 && s + n + 1 < end &&
	    is_word_char(s[n + 1]))))
		n++;
	return n;
}

/* Add "key: value" to map; -1 when the key is there. */
static int
add(struct ynode *map, struct ynode *key, struct ynode *value)
{
	bool twice = ynode_get(map, key->text) != NULL;

	ynode_append(map, key, value);
	return twice || map->n > KEYS_MAX ? -1 : 0;
}

/* "key: " at q->p, moved behind it; NULL: none. */
static struct ynode *
take_key(struct quick *q)
{
	size_t n = 0;
	struct ynode *key;

	while (q->p + n < q->end && ((q->p[n] >= 'a' && q->p[n] <= 'z') ||
	    (q->p[n] == '-' && n > 0)))
		n++;
	if (n == 0 || q->p + n + 1 >= q->end || q->p[n] != ':' ||
	    q->p[n + 1] != ' ')
		return NULL;
	key = scalar(q->p, n, q->line, true);
	q->p += n + 2;
	return key;
}

static struct ynode *
take_word(struct quick *q)
{
	size_t n = word(q->p, q->end);
	struct ynode *y;

	if (n == 0)
		return NULL;
	y = scalar(q->p, n, q->line, true);
	q->p += n;
	return y;
}

/* 'text' on one line, without a quote in it. */
static struct ynode *
take_quoted(struct quick *q)
{
	const char *from = q->p + 1;
	size_t n = 0;
	struct ynode *y;

	while (from + n < q->end && from[n] != '\'' && from[n] != '\n')
		n++;
	if (from + n + 1 >= q->end || from[n] != '\'' || from[n + 1] != '\n')
		return NULL;
	y = scalar(from, n, q->line, false);
	q->p = from + n + 1;
	return y;
}

/* Digits hexadecimal digits at s as a character; false: there are none, or it
 * is none. */
static bool
take_hex(const char *s, const char *end, int digits, uint32_t *cp)
{
	*cp = 0;
	if (end - s < digits)
		return false;
	for (int i = 0; i < digits; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			*cp = *cp << 4 | (uint32_t)(c - '0');
		else if (c >= 'A' && c <= 'F')
			*cp = *cp << 4 | (uint32_t)(c - 'A' + 10);
		else
			return false;
	}
	return *cp <= 0x10FFFF && (*cp < 0xD800 || *cp > 0xDFFF);
}

/* What stands behind a backslash at s, appended; the bytes it takes, 0: not for
 * here. */
static size_t
take_escape(const char *s, const char *end, struct buf *b)
{
	static const char names[] = "0abtnvfre\"\\", chars[] = "\0\a\b\t\n\v"
	    "\f\r\033\"\\";
	const char *at = s < end && *s ? strchr(names, *s) : NULL;
	char utf8[4];
	uint32_t cp;
	int digits;

	if (at) {
		buf_addc(b, chars[at - names]);
		return 1;
	}
	digits = s >= end ? 0 : *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ?
	    8 : 0;
	if (!digits || !take_hex(s + 1, end, digits, &cp))
		return 0;
	buf_add(b, utf8, (size_t)utf8_encode(cp, utf8));
	return (size_t)digits + 1;
}

/* "text" on one line. */
static struct ynode *
take_escaped(struct quick *q)
{
	const char *s = q->p + 1;
	struct buf b = { 0 };
	struct ynode *y = NULL;
	size_t n;

	while (s < q->end && *s != '"' && *s != '\n') {
		if (*s != '\\') {
			buf_addc(&b, *s++);
			continue;
		}
		n = take_escape(s + 1, q->end, &b);
		if (n == 0)
			break;
		s += n + 1;
	}
	if (s + 1 < q->end && s[0] == '"' && s[1] == '\n') {
		y = xcalloc(1, sizeof(*y));
		y->line = q->line;
		y->len = b.len;
		y->text = b.len ? buf_take(&b) : xstrdup("");
		q->p = s + 1;
	}
	buf_free(&b);
	return y;
}

/* {key: word, ...} on one line. */
static struct ynode *
take_flow(struct quick *q)
{
	struct ynode *map = map_new(q->line), *key, *value;

	q->p++;
	while ((key = take_key(q)) != NULL) {
		value = take_word(q);
		if (!value) {
			ynode_free(key);
			break;
		}
		if (add(map, key, value) < 0)
			break;
		if (starts(q, "}\n")) {
			q->p++;
			return map;
		}
		if (!starts(q, ", "))
			break;
		q->p += 2;
	}
	ynode_free(map);
	return NULL;
}

/* The header of a literal block, "|2-\n", behind which q->p moves; its chomping
 * or 0. */
static char
take_header(struct quick *q, bool *told)
{
	const char *s = q->p + 1;
	char chomp = '=';

	*told = s < q->end && *s == '0' + INDENT;
	s += *told;
	if (s < q->end && (*s == '-' || *s == '+'))
		chomp = *s++;
	if (s >= q->end || *s != '\n')
		return 0;
	q->p = s + 1;
	return chomp;
}

static struct ynode *
take_block(struct quick *q)
{
	int line = q->line;
	bool told;
	char chomp = take_header(q, &told);
	struct buf b = { 0 };
	struct ynode *y;

	if (!chomp)
		return NULL;
	q->line++;
	while (q->p < q->end && (*q->p == '\n' || starts(q, "  "))) {
		const char *nl = memchr(q->p, '\n', (size_t)(q->end - q->p));
		size_t n = nl ? (size_t)(nl - q->p) : 0;

		/* Blanks alone, or more of them where the indentation is
		 * found out: not for here. */
		if (!nl || (n > 0 && n <= INDENT) || (n > 0 && !told &&
		    q->p[INDENT] == ' ')) {
			buf_free(&b);
			return NULL;
		}
		told |= n > 0;
		if (n > 0)
			buf_add(&b, q->p + INDENT, n - INDENT);
		buf_addc(&b, '\n');
		q->p = nl + 1;
		q->line++;
	}
	q->p--;			/* the last line end ends the value, too */
	q->line--;
	while (chomp == '-' && b.len > 0 && b.data[b.len - 1] == '\n')
		b.len--;
	while (chomp == '=' && b.len > 0 && b.data[b.len - 1] == '\n' &&
	    (b.len == 1 || b.data[b.len - 2] == '\n'))
		b.len--;
	y = scalar(b.data ? b.data : "", b.len, line, false);
	buf_free(&b);
	return y;
}

static struct ynode *
take_value(struct quick *q)
{
	if (q->p >= q->end)
		return NULL;
	switch (*q->p) {
	case '\'':
		return take_quoted(q);
	case '"':
		return take_escaped(q);
	case '{':
		return take_flow(q);
	case '|':
		return take_block(q);
	default:
		return take_word(q);
	}
}

struct ynode *
ytree_quick(const char *text, size_t n)
{
	struct quick q = { text, text + n, 1 };
	struct ynode *map, *key, *value;

	if (!starts(&q, "---\n") || n < 8 ||
	    memcmp(text + n - 5, "\n...\n", 5) != 0 || !is_harmless(text, n))
		return NULL;
	q.p += 4;
	q.line = 2;
	q.end -= 4;		/* "...\n" */
	map = map_new(q.line);
	while (q.p < q.end && (key = take_key(&q)) != NULL) {
		value = take_value(&q);
		if (!value) {
			ynode_free(key);
			break;
		}
		if (add(map, key, value) < 0 || q.p >= q.end || *q.p != '\n')
			break;
		q.p++;
		q.line++;
		if (q.p == q.end)
			return map;
	}
	ynode_free(map);
	return NULL;
}
