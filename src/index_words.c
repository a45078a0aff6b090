/* index_words.c -- text to words.  Characters are decomposed and folded by
 * utf8proc (Unicode's compatibility forms: full and half width, ligatures,
 * Arabic presentation forms), and what is still written in several ways is
 * made one: marks of vowels and tatweel go, forms of alef, ya, kaf and ta
 * marbuta join. */
#include "index_words.h"

#include <string.h>

#include <utf8proc.h>

#include "letter.h"
#include "utf8.h"

#define FOLD_MAX 18		/* what one character may become: U+FDFA */

enum what {
	SEPARATOR,
	LETTER,			/* of a word with blanks around it */
	WIDE,			/* a word, or part of one, by itself */
	NOTHING			/* as if it was not there */
};

struct walk {
	word_fn *fn;
	void *ud;
	struct word w;
	struct word last;	/* the wide character before this one */
	bool has_last;
	uint32_t at;
};

/* ---- characters ---- */

/* Written or not, the word is the same. */
static bool
is_mark(uint32_t cp)
{
	return (cp >= 0x300 && cp <= 0x36F) ||
	    (cp >= 0x591 && cp <= 0x5C7) ||		/* Hebrew */
	    (cp >= 0x610 && cp <= 0x61A) || cp == 0x640 ||	/* Arabic */
	    (cp >= 0x64B && cp <= 0x65F) || cp == 0x670 ||
	    (cp >= 0x6D6 && cp <= 0x6ED && cp != 0x6DD && cp != 0x6E9) ||
	    (cp >= 0x8D3 && cp <= 0x8FF) || cp == 0xAD ||
	    (cp >= 0x1AB0 && cp <= 0x1AFF) ||
	    (cp >= 0x1DC0 && cp <= 0x1DFF) ||
	    (cp >= 0x200B && cp <= 0x200F) ||
	    (cp >= 0x202A && cp <= 0x202E) ||
	    (cp >= 0x2060 && cp <= 0x2069) ||
	    (cp >= 0x20D0 && cp <= 0x20FF) ||
	    (cp >= 0xFE00 && cp <= 0xFE0F) ||
	    (cp >= 0xFE20 && cp <= 0xFE2F) || cp == 0xFEFF;
}

/* Scripts without blanks between words, and pictures. */
static bool
is_wide(uint32_t cp)
{
	return (cp >= 0x2E80 && cp <= 0x2FDF) || cp == 0x3005 ||
	    cp == 0x3007 || (cp >= 0x3041 && cp <= 0x318F && cp != 0x30FB) ||
	    (cp >= 0x31A0 && cp <= 0x31FF) ||
	    (cp >= 0x3400 && cp <= 0x4DBF) ||
	    (cp >= 0x4E00 && cp <= 0x9FFF) ||
	    (cp >= 0xA960 && cp <= 0xA97F) ||
	    (cp >= 0xAC00 && cp <= 0xD7FF) ||		/* Hangul */
	    (cp >= 0x1100 && cp <= 0x11FF) ||
	    (cp >= 0xF900 && cp <= 0xFAFF) ||
	    (cp >= 0xE00 && cp <= 0xEFF) ||		/* Thai, Lao */
	    (cp >= 0x1000 && cp <= 0x109F) ||		/* Burmese */
	    (cp >= 0x1780 && cp <= 0x17FF) ||		/* Khmer */
	    (cp >= 0x1F000 && cp <= 0x1FAFF) ||
	    (cp >= 0x20000 && cp <= 0x3FFFF);
}

/* One way of writing for letters that have several. */
static uint32_t
one_form(uint32_t cp)
{
	switch (cp) {
	case 0x671:			/* alef wasla, and others */
	case 0x672:
	case 0x673:
	case 0x675:
		return 0x627;
	case 0x649:			/* alef maqsura, Persian ya */
	case 0x6CC:
	case 0x6D2:
		return 0x64A;
	case 0x629:			/* ta marbuta, Urdu he */
	case 0x6BE:
	case 0x6C1:
	case 0x6C3:
	case 0x6D5:
		return 0x647;
	case 0x6A9:			/* Persian kaf */
		return 0x643;
	default:
		break;
	}
	if (cp >= 0x660 && cp <= 0x669)		/* digits */
		return '0' + cp - 0x660;
	if (cp >= 0x6F0 && cp <= 0x6F9)
		return '0' + cp - 0x6F0;
	return cp;
}

static enum what
class_of(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') ?
		    LETTER : SEPARATOR;
	if (is_mark(cp))
		return NOTHING;
	if (is_wide(cp))
		return WIDE;
	return letter_or_digit(cp) ? LETTER : SEPARATOR;
}

/* Letters that are what they are: most of what is written in Arabic and
 * Chinese, for which utf8proc need not be asked. */
static bool
is_plain(uint32_t cp)
{
	return (cp >= 0x627 && cp <= 0x64A && cp != 0x640) ||
	    (cp >= 0x4E00 && cp <= 0x9FFF);
}

static int
fold(uint32_t cp, uint32_t out[FOLD_MAX])
{
	utf8proc_int32_t v[FOLD_MAX];
	utf8proc_ssize_t n = -1;
	int last = 0;

	if (cp < 0x80) {
		out[0] = cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
		return 1;
	}
	/* Hangul stays in syllables, which are what is looked for. */
	if (!is_plain(cp) && !(cp >= 0xAC00 && cp <= 0xD7A3))
		n = utf8proc_decompose_char((utf8proc_int32_t)cp, v, FOLD_MAX,
		    UTF8PROC_CASEFOLD | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
		    &last);
	if (n < 0 || n > FOLD_MAX) {
		out[0] = one_form(cp);
		return 1;
	}
	for (int i = 0; i < n; i++)
		out[i] = one_form((uint32_t)v[i]);
	return (int)n;
}

/* ---- words ---- */

static int
end_word(struct walk *k, size_t to)
{
	struct word *w = &k->w;
	int r;

	k->has_last = false;
	if (w->n == 0)
		return 0;
	w->src[w->n] = (uint32_t)to;
	w->at = k->at++;
	r = k->fn(k->ud, w);
	w->n = 0;
	return r;
}

static void
put_char(struct word *w, const char *s, uint32_t m, size_t from)
{
	for (uint32_t i = 0; i < m; i++) {
		w->src[w->n] = (uint32_t)from;
		w->s[w->n++] = s[i];
	}
}

static int
put_letter(struct walk *k, uint32_t cp, size_t from)
{
	struct word *w = &k->w;
	char s[4];
	uint32_t m;
	int r = 0;

	k->has_last = false;
	if (cp < 0x80 && w->n < WORD_BYTES) {
		w->src[w->n] = (uint32_t)from;
		w->s[w->n++] = (char)cp;
		return 0;
	}
	m = (uint32_t)utf8_encode(cp, s);
	if (w->n + m > WORD_BYTES)
		r = end_word(k, from);
	put_char(w, s, m, from);
	return r;
}

/* A character that is a word, and the pair of it with the one before. */
static int
put_wide(struct walk *k, uint32_t cp, size_t from, size_t to)
{
	struct word *l = &k->last, one = { .wide = true };
	bool follows = k->has_last;
	char s[4];
	uint32_t m = (uint32_t)utf8_encode(cp, s);
	int r = 0;

	if (k->w.n > 0)
		r = end_word(k, from);
	if (follows && r == 0) {
		put_char(l, s, m, from);
		l->src[l->n] = (uint32_t)to;
		l->pair = true;
		r = k->fn(k->ud, l);
	}
	put_char(&one, s, m, from);
	one.src[one.n] = (uint32_t)to;
	one.at = k->at++;
	if (r == 0)
		r = k->fn(k->ud, &one);
	*l = one;
	k->has_last = true;
	return r;
}

static int
put(struct walk *k, uint32_t cp, size_t from, size_t to)
{
	switch (class_of(cp)) {
	case LETTER:
		return put_letter(k, cp, from);
	case WIDE:
		return put_wide(k, cp, from, to);
	case SEPARATOR:
		return end_word(k, from);
	default:
		return 0;
	}
}

int
words_each(const char *s, size_t n, word_fn *fn, void *ud)
{
	struct walk k = { .fn = fn, .ud = ud };
	uint32_t cp, v[FOLD_MAX];
	size_t m;
	int r = 0;

	for (size_t i = 0; i < n && r == 0; i += m) {
		bool good = true;
		int len;

		m = (size_t)utf8_decode(s + i, n - i, &cp, &good);
		if (!good) {
			r = end_word(&k, i);
			continue;
		}
		len = fold(cp, v);
		for (int j = 0; j < len && r == 0; j++)
			r = put(&k, v[j], i, i + m);
	}
	return r ? r : end_word(&k, n);
}
