/* bidi_cells.c -- a row in display order, as a terminal wants it. */
#include "bidi_cells.h"

#include <stdlib.h>
#include <string.h>

#include <fribidi.h>

#include "alloc.h"
#include "utf8.h"

#define ZWNJ 0x200C

static uint32_t
base(const struct cell *c)
{
	uint32_t cp = 0;

	if (c->text[0] != '\0')
		utf8_decode(c->text, strnlen(c->text, CELL_TEXT), &cp, NULL);
	return cp;
}

static bool
joins(const struct cell *c)
{
	uint32_t cp = base(c);

	return cp >= 0x600 && fribidi_get_joining_type(cp) !=
	    FRIBIDI_JOINING_TYPE_U;
}

static bool
runs_left(const struct cell *c)
{
	uint32_t cp = base(c);

	return cp >= 0x590 && FRIBIDI_IS_LETTER(fribidi_get_bidi_type(cp)) &&
	    FRIBIDI_IS_RTL(fribidi_get_bidi_type(cp));
}

bool
cells_need(const struct cell *row, int n)
{
	for (int i = 0; i < n; i++)
		if ((unsigned char)row[i].text[0] >= 0xD6 &&
		    runs_left(&row[i]))
			return true;
	return false;
}

/* Does the letter keep the next one from joining it? */
static bool
parted(const struct cell *c)
{
	return memmem(c->text, strnlen(c->text, CELL_TEXT), "\u200C", 3) !=
	    NULL;
}

/* The cell with another base, its marks kept but for the non-joiner. */
static void
rebase(struct cell *c, uint32_t cp)
{
	struct cell out = *c;
	size_t n = strnlen(c->text, CELL_TEXT), used;
	uint32_t mark;
	int len;

	memset(out.text, 0, sizeof(out.text));
	used = (size_t)utf8_encode(cp, out.text);
	for (size_t i = (size_t)utf8_decode(c->text, n, &mark, NULL); i < n;
	    i += (size_t)len) {
		len = utf8_decode(c->text + i, n - i, &mark, NULL);
		if (mark == ZWNJ || used + (size_t)len >= CELL_TEXT)
			continue;
		memcpy(out.text + used, c->text + i, (size_t)len);
		used += (size_t)len;
	}
	*c = out;
}

/* The run row[a..b) of letters that join, read from its right end. */
static void
join_run(struct cell *row, int a, int b)
{
	size_t max = 2 * (size_t)(b - a);
	FriBidiChar *ch = xcalloc(max, sizeof(*ch));
	FriBidiCharType *type = xcalloc(max, sizeof(*type));
	FriBidiArabicProp *prop = xcalloc(max, sizeof(*prop));
	FriBidiLevel *level = xcalloc(max, sizeof(*level));
	FriBidiStrIndex n = 0;

	for (int x = b - 1; x >= a; x--) {
		ch[n++] = base(&row[x]);
		if (parted(&row[x]))
			ch[n++] = ZWNJ;
	}
	memset(level, 1, max * sizeof(*level));
	fribidi_get_bidi_types(ch, n, type);
	fribidi_get_joining_types(ch, n, prop);
	fribidi_join_arabic(type, n, level, prop);
	fribidi_shape_arabic(FRIBIDI_FLAG_SHAPE_ARAB_PRES, level, n, prop, ch);
	for (int x = b - 1, i = 0; x >= a; x--) {
		i += ch[i] == ZWNJ;
		rebase(&row[x], ch[i++]);
	}
	free(ch);
	free(type);
	free(prop);
	free(level);
}

void
cells_join(struct cell *row, int n)
{
	for (int a = 0, b; a < n; a = b + 1) {
		for (b = a; b < n && joins(&row[b]); b++)
			continue;
		if (b > a)
			join_run(row, a, b);
	}
}

void
cells_words(struct cell *row, int n)
{
	for (int a = 0, b; a < n; a = b + 1) {
		for (b = a; b < n && runs_left(&row[b]); b++)
			continue;
		for (int i = 0; i < (b - a) / 2; i++) {
			struct cell t = row[a + i];

			row[a + i] = row[b - 1 - i];
			row[b - 1 - i] = t;
		}
	}
}
