/* utf8.c -- decoding, checking and joining UTF-8 (RFC 3629). */
#include "utf8.h"

#include <string.h>

/* The length that a lead byte announces and the bounds of the second byte,
 * which is where overlong forms, surrogates and the end of Unicode show
 * (Unicode, table 3-7).  0: no lead byte. */
static int
lead(unsigned char c, unsigned char *lo, unsigned char *hi)
{
	*lo = 0x80;
	*hi = 0xbf;
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	if (c < 0xe0)
		return 2;
	if (c < 0xf0) {
		if (c == 0xe0)
			*lo = 0xa0;
		if (c == 0xed)
			*hi = 0x9f;
		return 3;
	}
	if (c == 0xf0)
		*lo = 0x90;
	if (c == 0xf4)
		*hi = 0x8f;
	return 4;
}

/* How many bytes of s[0..n) fit the beginning of one sequence; *want gets the
 * length of the whole, 0 when the first byte begins none. */
static int
match(const char *s, size_t n, int *want)
{
	unsigned char lo, hi;
	int i;

	*want = lead((unsigned char)s[0], &lo, &hi);
	for (i = 1; i < *want && (size_t)i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < lo || c > hi)
			break;
		lo = 0x80;
		hi = 0xbf;
	}
	return i;
}

bool
utf8_steers(uint32_t cp)
{
	return cp == 0x061c || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) ||
	    (cp >= 0xe0000 && cp <= 0xe007f);
}

int
utf8_decode(const char *s, size_t n, uint32_t *cp, bool *ok)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	int want, have = match(s, n, &want);

	if (ok)
		*ok = want > 0 && have == want;
	if (want == 0 || have < want) {
		*cp = UTF8_BAD;
		return 1;
	}
	*cp = (unsigned char)s[0] & mask[want];
	for (int i = 1; i < want; i++)
		*cp = *cp << 6 | ((unsigned char)s[i] & 0x3f);
	return want;
}

int
utf8_encode(uint32_t cp, char out[4])
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000))
		cp = UTF8_BAD;
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* Eight bytes of ASCII at s? */
static bool
ascii8(const char *s)
{
	uint64_t v;

	memcpy(&v, s, sizeof(v));
	return (v & UINT64_C(0x8080808080808080)) == 0;
}

/* The first malformed byte of s[from..n), or n. */
static size_t
first_bad(const char *s, size_t from, size_t n)
{
	while (from < n) {
		uint32_t cp;
		bool ok;
		int k;

		if (n - from >= 8 && ascii8(s + from)) {
			from += 8;
			continue;
		}
		k = utf8_decode(s + from, n - from, &cp, &ok);
		if (!ok)
			return from;
		from += (size_t)k;
	}
	return n;
}

bool
utf8_valid(const char *s, size_t n)
{
	return first_bad(s, 0, n) == n;
}

void
utf8_scrub(struct buf *out, const char *s, size_t n)
{
	size_t from = 0;

	for (;;) {
		size_t bad = first_bad(s, from, n);

		buf_add(out, s + from, bad - from);
		if (bad == n)
			return;
		buf_puts(out, "\xef\xbf\xbd");
		from = bad + 1;
	}
}

size_t
utf8_tail(const char *s, size_t n)
{
	for (size_t k = 1; k <= 3 && k <= n; k++) {
		int want, have;

		if (((unsigned char)s[n - k] & 0xc0) == 0x80)
			continue;
		have = match(s + n - k, k, &want);
		return want > (int)k && have == (int)k ? k : 0;
	}
	return 0;
}

void
utf8_join_put(struct utf8_join *j, const char *s, size_t n, struct buf *out)
{
	size_t tail;

	/* Finish the character that was cut, a byte at a time. */
	while (j->n && n) {
		j->tail[j->n++] = *s++;
		n--;
		if (utf8_tail(j->tail, j->n) == j->n)
			continue;
		tail = utf8_tail(j->tail, j->n);
		utf8_scrub(out, j->tail, j->n - tail);
		memmove(j->tail, j->tail + j->n - tail, tail);
		j->n = tail;
	}
	if (!n)
		return;
	tail = utf8_tail(s, n);
	utf8_scrub(out, s, n - tail);
	memcpy(j->tail, s + n - tail, tail);
	j->n = tail;
}

void
utf8_join_flush(struct utf8_join *j, struct buf *out)
{
	utf8_scrub(out, j->tail, j->n);
	j->n = 0;
}

void
utf8_chop(struct buf *b)
{
	if (b->len == 0)
		return;
	do
		b->len--;
	while (b->len > 0 && (b->data[b->len] & 0xC0) == 0x80);
	b->data[b->len] = '\0';
}
