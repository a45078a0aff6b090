/* bidi.c -- levels and display order, by FriBidi. */
#include "bidi.h"

#include <stdlib.h>
#include <string.h>

#include <fribidi.h>

#include "alloc.h"
#include "utf8.h"
#include "width.h"

#define LRI 0x2066
#define FSI 0x2068
#define PDI 0x2069

/* A paragraph as FriBidi wants it, with isolates put around what is to be
 * kept apart. */
struct para {
	FriBidiChar *ch;
	FriBidiCharType *type;
	FriBidiStrIndex n, cap;
};

bool
bidi_any(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i], d;

		if (c < 0xD6 || (c >= 0xE1 && c < 0xEF) || c > 0xF0)
			continue;
		if (c <= 0xDF)
			return true;		/* U+0580.. U+07FF */
		d = i + 1 < n ? (unsigned char)s[i + 1] : 0;
		if (c == 0xE0 ? d >= 0xA0 && d <= 0xA3 :
		    c == 0xEF ? d >= 0xAC && d <= 0xBB :
		    d == 0x90 || d == 0x9E)
			return true;
	}
	return false;
}

static void
add(struct para *p, uint32_t cp)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 128;
		p->ch = xreallocarray(p->ch, (size_t)p->cap, sizeof(*p->ch));
	}
	p->ch[p->n++] = cp;
}

static void
open_para(struct para *p, const char *s, size_t n, const uint8_t *apart)
{
	uint8_t in = 0;
	uint32_t cp;

	*p = (struct para){ 0 };
	for (size_t i = 0; i < n; ) {
		uint8_t now = apart ? apart[i] : 0;

		if (now != in && in != 0)
			add(p, PDI);
		if (now != in && now != 0)
			add(p, now & BIDI_LTR ? LRI : FSI);
		in = now;
		i += (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		add(p, cp);
	}
	if (in != 0)
		add(p, PDI);
	p->type = xcalloc((size_t)p->n + 1, sizeof(*p->type));
	fribidi_get_bidi_types(p->ch, p->n, p->type);
}

static void
close_para(struct para *p)
{
	free(p->ch);
	free(p->type);
}

int
bidi_dir(const char *s, size_t n, const uint8_t *apart)
{
	uint32_t cp;

	for (size_t i = 0, len; i < n; i += len) {
		FriBidiCharType type;

		len = (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		if (apart != NULL && apart[i] != 0)
			continue;
		type = fribidi_get_bidi_type(cp);
		if (FRIBIDI_IS_STRONG(type))
			return FRIBIDI_IS_RTL(type) ? 1 : 0;
	}
	return BIDI_NONE;
}

/* Back from characters to bytes: the same walk as open_para's. */
static void
spread(const FriBidiLevel *from, const char *s, size_t n,
    const uint8_t *apart, uint8_t *level)
{
	uint8_t in = 0, last = 0;
	uint32_t cp;
	size_t len;

	for (size_t i = 0; i < n; i += len) {
		uint8_t now = apart ? apart[i] : 0;

		if (now != in)
			from += (in != 0) + (now != 0);
		in = now;
		len = (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		/* A mark goes with its letter, whatever stands between. */
		if (i == 0 || mark_next(s + i, n - i) == 0)
			last = (uint8_t)*from;
		memset(level + i, last, len);
		from++;
	}
}

void
bidi_levels(const char *s, size_t n, const uint8_t *apart, int dir,
    uint8_t *level)
{
	FriBidiParType base = dir == 1 ? FRIBIDI_PAR_RTL : FRIBIDI_PAR_LTR;
	FriBidiBracketType *brackets;
	FriBidiLevel *levels;
	struct para p;

	memset(level, dir == 1, n);
	if (n == 0)
		return;
	open_para(&p, s, n, apart);
	brackets = xcalloc((size_t)p.n, sizeof(*brackets));
	levels = xcalloc((size_t)p.n, sizeof(*levels));
	fribidi_get_bracket_types(p.ch, p.n, p.type, brackets);
	/* 0 means that there was no memory: then nothing is reordered. */
	if (fribidi_get_par_embedding_levels_ex(p.type, brackets, p.n, &base,
	    levels) > 0)
		spread(levels, s, n, apart, level);
	free(levels);
	free(brackets);
	close_para(&p);
}

static bool
one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* s[a..b) is read by itself, without the signs and blanks at its ends: those
 * belong to the code, or mark where a comment or string is. */
static void
keep_apart(const char *s, size_t a, size_t b, uint8_t *apart)
{
	while (a < b && s[a] > 0 && s[a] < '0')
		a++;
	while (b > a && one_of(s[b - 1], " \"'`*/"))
		b--;
	memset(apart + a, BIDI_FIRST, b - a);
}

void
bidi_code(const char *s, size_t n, const uint8_t *text, uint8_t *level)
{
	uint8_t *apart = xcalloc(n + 1, 1);
	size_t a = 0, b;

	for (; a < n; a = b > a ? b : a + 1) {
		for (b = a; b < n && text[b] == text[a]; b++)
			if (text[a] == 0 && one_of(s[b],
			    "\"'`()[]{}<>=+-*/%&|^~;:@#$\\,"))
				break;
		keep_apart(s, a, b, apart);
	}
	bidi_levels(s, n, apart, 0, level);
	free(apart);
}

static void
reverse(size_t *v, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		size_t t = v[i];

		v[i] = v[n - 1 - i];
		v[n - 1 - i] = t;
	}
}

void
bidi_order(const uint8_t *level, size_t n, size_t *order)
{
	uint8_t max = 0;

	for (size_t i = 0; i < n; i++) {
		order[i] = i;
		if (level[i] > max)
			max = level[i];
	}
	for (; max > 0; max--)
		for (size_t i = 0, k; i < n; i = k + 1) {
			for (k = i; k < n && level[k] >= max; k++)
				continue;
			reverse(order + i, k - i);
		}
}

uint32_t
bidi_mirror(uint32_t cp)
{
	FriBidiChar c;

	return fribidi_get_mirror_char(cp, &c) ? c : cp;
}

/* Is variable there, and does it begin with start? */
static bool
says(char *(*env)(const char *name), const char *name, const char *start)
{
	const char *s = env(name);

	return s != NULL && *s != '\0' && strncmp(s, start, strlen(start)) == 0;
}

enum bidi_by
bidi_choose(enum bidi_by want, char *(*env)(const char *name))
{
	if (want != BIDI_AUTO)
		return want;
	/* Inside tmux and screen, names tell of what they were started in. */
	if (says(env, "TERM", "xterm-kitty") || says(env, "KITTY_WINDOW_ID", ""))
		return BIDI_WORDS;
	if (says(env, "KONSOLE_VERSION", "") ||
	    says(env, "TERM_PROGRAM", "Apple_Terminal"))
		return BIDI_TERMINAL;
	return BIDI_EXPLICIT;
}
