/* vocab_special.c -- special tokens in a text: those added to a vocabulary by
 * hand.  Some are language that the model was to read in one piece (line
 * breaks, "<table>"); the others are markers that steer it, and must not take
 * effect when a person writes them. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "tok_class.h"
#include "utf8.h"
#include "vocab_priv.h"

#define SPECIAL_BYTES_MAX 255	/* longer ones are not looked for in text */

/* The elements of HTML that tokenizers keep whole, apart from <s>, which is a
 * marker elsewhere. */
static bool
is_html(const char *s, size_t n)
{
	static const char *const names[] = { "a", "b", "blockquote", "body",
		"caption", "code", "div", "em", "footer", "h1", "h2", "h3",
		"h4", "h5", "h6", "html", "i", "iframe", "img", "li", "ol",
		"p", "pre", "span", "strong", "sub", "sup", "table", "tbody",
		"td", "tfoot", "th", "thead", "tr", "u", "ul" };
	size_t i;

	if (n < 3 || s[0] != '<' || s[n - 1] != '>')
		return false;
	s++;
	n -= 2;
	if (*s == '/') {
		s++;
		n--;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && memcmp(names[i], s, n) == 0)
			return true;
	return false;
}

/* Words, blanks and single characters are language; so is HTML.  All else that
 * someone added ("<think>", "[INST]", "<|User|>") steers. */
static bool
is_marker(const char *s, size_t n)
{
	size_t i = 0, chars;
	bool words = true;
	uint32_t c;

	for (chars = 0; i < n; chars++) {
		i += (size_t)utf8_decode(s + i, n - i, &c, NULL);
		if (!(tok_class(c) & (C_L | C_N | C_M | C_WS)))
			words = false;
	}
	return !words && chars > 1 && !is_html(s, n);
}

/* ---- the ordered list ------------------------------------------------- */

struct special_key { const char *s; size_t n; int32_t id; };

static int
special_cmp(const void *pa, const void *pb)
{
	const struct special_key *a = pa, *b = pb;
	int c = memcmp(a->s, b->s, a->n < b->n ? a->n : b->n);

	if (c != 0)
		return c;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->id < b->id ? -1 : 1;
}

static bool
is_listed(const struct token *k)
{
	return k->n > 0 && (k->type == TOK_CONTROL || k->type == TOK_USER ||
	    k->type == TOK_UNKNOWN);
}

void
vocab_sort_special(struct vocab *v)
{
	struct special_key *keys;
	int i, n = 0;

	for (i = 0; i < v->n; i++)
		n += is_listed(&v->tok[i]);
	keys = xreallocarray(NULL, (size_t)n + 1, sizeof(*keys));
	for (i = n = 0; i < v->n; i++) {
		struct token *k = &v->tok[i];
		const char *s = v->bytes + k->off;

		if (!is_listed(k))
			continue;
		k->marker = k->type != TOK_USER || is_marker(s, k->n);
		keys[n++] = (struct special_key){ s, k->n, i };
	}
	qsort(keys, (size_t)n, sizeof(*keys), special_cmp);
	v->special = xreallocarray(NULL, (size_t)n + 1, sizeof(*v->special));
	for (i = 0; i < n; i++) {
		v->starts[(unsigned char)keys[i].s[0]] = true;
		v->special[v->n_special++] = keys[i].id;
	}
	free(keys);
}

/* The first of the special tokens [lo, hi), all alike in their first d bytes
 * and longer than that from lo on, whose byte d is not below c. */
static int
special_bound(const struct vocab *v, int lo, int hi, size_t d, int c)
{
	while (lo < hi) {
		int mid = lo + (hi - lo) / 2;
		const struct token *k = &v->tok[v->special[mid]];

		if ((unsigned char)v->bytes[k->off + d] < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
may_find(const struct token *k, enum recognise what, size_t room)
{
	if (!k->marker)
		return true;
	return k->n <= room && (what == FIND_ALL ||
	    (what == FIND_USER && k->type == TOK_USER));
}

/* The ordered list is walked like a trie: each byte narrows the range. */
int
vocab_special_at(const struct vocab *v, const char *s, size_t n,
    enum recognise what, size_t room)
{
	int lo = 0, hi = v->n_special, best = -1;
	size_t d;

	if (n == 0 || !v->starts[(unsigned char)s[0]])
		return -1;
	for (d = 0; d < n && d < SPECIAL_BYTES_MAX; d++) {
		int c = (unsigned char)s[d], id;

		/* tokens that end here come first in their range */
		while (lo < hi && v->tok[v->special[lo]].n == d)
			lo++;
		lo = special_bound(v, lo, hi, d, c);
		hi = special_bound(v, lo, hi, d, c + 1);
		if (lo == hi)
			break;
		id = v->special[lo];
		if (v->tok[id].n == d + 1 && may_find(&v->tok[id], what, room))
			best = id;
	}
	return best;
}

static int
find(const struct vocab *v, const char *s, size_t n)
{
	int id = vocab_special_at(v, s, n, FIND_ALL, n);

	return id >= 0 && v->tok[id].n == n ? id : vocab_learned(v, s, n);
}

int
vocab_find(const struct vocab *v, const char *text)
{
	struct buf b = { 0 };
	int id;

	if (v->score == NULL)
		return find(v, text, strlen(text));
	vocab_plain_spaces(&b, text, strlen(text));
	id = find(v, b.data ? b.data : "", b.len);
	buf_free(&b);
	return id;
}
