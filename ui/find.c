/* find.c -- one pass over text (after Knuth, Morris and Pratt) that remembers
 * where the last characters were. */
#include "find.h"

#include <string.h>

#include <utf8proc.h>

#include "utf8.h"

#define FOLD_MAX 8		/* what one character may become */

enum { BLANK = 1, LINE_END };

static bool
is_blank(uint32_t cp)
{
	return cp <= ' ' || cp == 0xA0;
}

/* What Markdown and its layout put between words. */
static bool
is_mark(uint32_t cp)
{
	return cp == '*' || cp == '_' || cp == '`' || cp == '~' ||
	    cp == '|' || (cp >= 0x2500 && cp <= 0x257F);
}

/* Scripts that wrap between any two characters have no blank there. */
static bool
is_wide(uint32_t cp)
{
	return cp >= 0x2E80;
}

/* What a character is compared as: none, one or a few. */
static int
fold(uint32_t cp, bool marks, uint32_t out[FOLD_MAX])
{
	utf8proc_int32_t v[FOLD_MAX];
	int last = 0;
	utf8proc_ssize_t n;

	if (!marks && is_mark(cp))
		return 0;
	if (cp < 0x80) {
		out[0] = cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
		return 1;
	}
	n = utf8proc_decompose_char((utf8proc_int32_t)cp, v, FOLD_MAX,
	    UTF8PROC_CASEFOLD | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK,
	    &last);
	if (n < 0 || n > FOLD_MAX) {
		out[0] = cp;
		return 1;
	}
	for (int i = 0; i < n; i++)
		out[i] = (uint32_t)v[i];
	return (int)n;
}

static void
needle_read(struct needle *nd, const char *text, size_t len)
{
	uint32_t cp, v[FOLD_MAX];
	bool blank = false;
	int m;

	nd->n = 0;
	for (size_t i = 0; i < len; i += (size_t)m) {
		int k;

		m = utf8_decode(text + i, len - i, &cp, NULL);
		if (is_blank(cp)) {
			blank = true;
			continue;
		}
		k = fold(cp, nd->marks, v);
		if (blank && k > 0 && nd->n > 0 && nd->n < NEEDLE_MAX)
			nd->cp[nd->n++] = ' ';
		if (k > 0)
			blank = false;
		for (int j = 0; j < k && nd->n < NEEDLE_MAX; j++)
			nd->cp[nd->n++] = v[j];
	}
	if (nd->n > 0 && nd->cp[nd->n - 1] == ' ')
		nd->n--;
}

bool
needle_init(struct needle *nd, const char *text)
{
	size_t len = strlen(text);
	int k = 0;

	memset(nd, 0, sizeof(*nd));
	needle_read(nd, text, len);
	if (nd->n == 0) {
		nd->marks = true;
		needle_read(nd, text, len);
	}
	for (int i = 1; i < nd->n; i++) {
		while (k > 0 && nd->cp[i] != nd->cp[k])
			k = nd->fail[k - 1];
		if (nd->cp[i] == nd->cp[k])
			k++;
		nd->fail[i] = (uint8_t)k;
	}
	return nd->n > 0;
}

void
finder_init(struct finder *f, const struct needle *nd)
{
	f->needle = nd;
	f->state = f->blank = 0;
	f->last = 0;
	f->fed = 0;
}

/* One character to compare; true: the needle is complete. */
static bool
step(struct finder *f, uint32_t cp)
{
	const struct needle *nd = f->needle;

	while (f->state > 0 && nd->cp[f->state] != cp)
		f->state = nd->fail[f->state - 1];
	if (nd->cp[f->state] == cp)
		f->state++;
	if (f->state < nd->n)
		return false;
	f->state = 0;
	return true;
}

static struct spot *
push(struct finder *f, size_t row, size_t from, size_t to)
{
	struct spot *at = &f->ring[f->fed++ % (size_t)f->needle->n];

	*at = (struct spot){ row, (uint32_t)from, (uint32_t)to };
	return at;
}

/* The blanks before cp count as one, if they do. */
static void
blanks(struct finder *f, uint32_t cp, size_t row, size_t at)
{
	bool counts = f->blank == BLANK || (f->blank == LINE_END &&
	    !(is_wide(f->last) && is_wide(cp)));

	if (counts && f->fed > 0) {
		push(f, row, at, at);
		step(f, ' ');
	}
	f->blank = 0;
	f->last = cp;
}

/* Most of a text is no beginning of the needle: the bytes of s[0..n) to pass
 * over where nothing has matched so far. */
static size_t
skip(struct finder *f, const char *s, size_t n)
{
	uint32_t want = f->needle->cp[0];
	size_t i;

	if (f->needle->marks)
		return 0;
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c >= 0x80 || c == want || (c >= 'A' && c <= 'Z' &&
		    (uint32_t)(c + 32) == want))
			break;
	}
	if (i > 0) {
		f->last = (unsigned char)s[i - 1];
		f->blank = 0;
	}
	return i;
}

void
finder_row(struct finder *f, bool glue)
{
	if (!glue && f->blank == 0)
		f->blank = LINE_END;
}

void
finder_feed(struct finder *f, size_t row, size_t base, const char *s,
    size_t n, finder_fn *fn, void *ud)
{
	size_t len = (size_t)f->needle->n;
	uint32_t cp, v[FOLD_MAX];
	int m;

	for (size_t i = 0; i < n; i += (size_t)m) {
		int k;

		if (f->state == 0) {
			i += skip(f, s + i, n - i);
			if (i == n)
				break;
		}
		m = utf8_decode(s + i, n - i, &cp, NULL);
		if (is_blank(cp)) {
			if (f->blank != BLANK)
				f->blank = cp == '\n' ? LINE_END : BLANK;
			continue;
		}
		k = fold(cp, f->needle->marks, v);
		if (k > 0)
			blanks(f, cp, row, base + i);
		for (int j = 0; j < k; j++) {
			const struct spot *at = push(f, row, base + i,
			    base + i + (size_t)m);

			if (step(f, v[j]))
				fn(ud, &f->ring[f->fed % len], at);
		}
	}
}

static void
count_one(void *ud, const struct spot *first, const struct spot *last)
{
	(void)first;
	(void)last;
	++*(size_t *)ud;
}

size_t
find_count(const struct needle *nd, const char *s, size_t n)
{
	struct finder f;
	size_t count = 0;

	finder_init(&f, nd);
	finder_feed(&f, 0, 0, s, n, count_one, &count);
	return count;
}
