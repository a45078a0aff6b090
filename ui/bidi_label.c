/* bidi_label.c -- see bidi_label.h. */
#include "bidi_label.h"

#include <stdbool.h>
#include <string.h>

#include "bidi.h"
#include "utf8.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
has_digit(const char *s, size_t n)
{
	while (n > 0 && !is_digit(*s)) {
		s++;
		n--;
	}
	return n > 0;
}

/* Where the word with the first letter or digit begins. */
static size_t
first_letter(const char *s, size_t n)
{
	size_t i = 0, len;

	for (; i < n && !is_digit(s[i]); i += len) {
		uint32_t cp;

		len = (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		if (bidi_dir(s + i, len, NULL) != BIDI_NONE)
			break;
	}
	while (i > 0 && i < n && s[i - 1] != ' ')
		i--;
	return i;
}

static void
mark(const char *s, size_t from, size_t to, const char *without,
    uint8_t *apart)
{
	while (to > from && strchr(without, s[to - 1]) != NULL)
		to--;
	memset(apart + from, BIDI_LTR, to - from);
}

/* The word s[i..end) without the Arabic commas and such behind it. */
static size_t
without_marks(const char *s, size_t i, size_t end)
{
	static const char marks[][3] = { "،", "؛", "؟" };
	bool cut = true;

	while (cut && end >= i + 2) {
		cut = false;
		for (size_t k = 0; k < sizeof(marks) / sizeof(marks[0]); k++)
			cut |= memcmp(s + end - 2, marks[k], 2) == 0;
		end -= cut ? 2 : 0;
	}
	return end;
}

/* Words that run to the right, together with numbers behind them, up to the
 * next word that does not. */
static void
label_words(const char *s, size_t n, uint8_t *apart)
{
	size_t from = n, to = 0, i = 0, end, word;
	bool left, latin;

	for (; i < n; i = end) {
		while (i < n && s[i] == ' ')
			i++;
		for (end = i; end < n && s[end] != ' '; end++)
			;
		word = without_marks(s, i, end);
		left = bidi_any(s + i, word - i);
		latin = !left && bidi_dir(s + i, word - i, NULL) == 0;
		if (latin && from == n)
			from = i;
		if (latin || (from != n && !left && has_digit(s + i, word - i)))
			to = word;
		else
			left = true;
		if (from != n && (left || word < end)) {
			mark(s, from, to, " .,:;!?", apart);
			from = n;
		}
	}
	if (from != n)
		mark(s, from, to, " .,:;!?", apart);
}

void
bidi_label(const char *s, size_t n, uint8_t *apart)
{
	memset(apart, 0, n);
	if (bidi_any(s, n))
		label_words(s, n, apart);
	else
		mark(s, first_letter(s, n), n, " ", apart);
}

uint32_t
bidi_turned(uint32_t cp)
{
	static const struct { uint32_t one, other; } pairs[] = {
		{ 0x250C, 0x2510 },	/* corners of a frame */
		{ 0x2514, 0x2518 },
		{ 0x251C, 0x2524 },
		{ 0x25B8, 0x25C2 },	/* small triangles */
		{ 0x258E, 0x2595 },	/* a bar at a side */
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		if (cp == pairs[i].one)
			return pairs[i].other;
		if (cp == pairs[i].other)
			return pairs[i].one;
	}
	return cp;
}
