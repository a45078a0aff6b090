/* width.c -- columns, clusters, and text made safe to show. */
#include "width.h"

#include <utf8proc.h>

#include "utf8.h"

#define ZWNJ 0x200C
#define ZWJ 0x200D
#define DOTTED_CIRCLE 0x25CC

struct range { uint32_t lo, hi; };

/* Where utf8proc's width is not wcwidth()'s. */
static const struct range one_col[] = {
	/* signs written over or before a number: visible, though "format" */
	{ 0x600, 0x605 }, { 0x6DD, 0x6DD }, { 0x70F, 0x70F }, { 0x890, 0x891 },
	{ 0x8E2, 0x8E2 }, { 0x110BD, 0x110BD }, { 0x110CD, 0x110CD },
};
static const struct range no_cols[] = {
	/* Hangul vowels and finals, drawn into the syllable's cell */
	{ 0x1160, 0x11FF }, { 0xD7B0, 0xD7C6 }, { 0xD7CB, 0xD7FB },
};
static const struct range two_cols[] = {
	{ 0x302E, 0x302F }, { 0x3248, 0x324F }, { 0x4DC0, 0x4DFF },
	{ 0x16FF0, 0x16FF1 },
};

/* Characters newer than Unicode 14, for where the C library cannot be asked. */
static const struct range too_new[] = {
	{ 0xCF3, 0xCF3 }, { 0xECE, 0xECE }, { 0x10EFD, 0x10EFF },
	{ 0x1123F, 0x11241 }, { 0x11B00, 0x11B09 }, { 0x11F00, 0x11F59 },
	{ 0x1342F, 0x1342F }, { 0x13439, 0x13455 }, { 0x1B132, 0x1B132 },
	{ 0x1B155, 0x1B155 }, { 0x1D2C0, 0x1D2D3 }, { 0x1DF25, 0x1DF2A },
	{ 0x1E030, 0x1E08F }, { 0x1E4D0, 0x1E4F9 }, { 0x1F6DC, 0x1F6DC },
	{ 0x1F774, 0x1F776 }, { 0x1F77B, 0x1F77F }, { 0x1F7D9, 0x1F7D9 },
	{ 0x1FA75, 0x1FA77 }, { 0x1FA87, 0x1FA88 }, { 0x1FAAD, 0x1FAAF },
	{ 0x1FABB, 0x1FABF }, { 0x1FACE, 0x1FACF }, { 0x1FADA, 0x1FADB },
	{ 0x1FAE8, 0x1FAE8 }, { 0x1FAF7, 0x1FAF8 }, { 0x2B739, 0x2B739 },
	{ 0x31350, 0x323AF },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
in_ranges(uint32_t cp, const struct range *r, size_t n)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (cp > r[mid].hi)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n && cp >= r[lo].lo;
}

#define IN(cp, table) in_ranges(cp, table, COUNT(table))

static bool
is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7F && cp < 0xA0);
}

/* Columns of one code point: 0, 1 or 2. */
static int
cp_cols(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (IN(cp, no_cols))
		return 0;
	if (IN(cp, two_cols))
		return 2;
	if (IN(cp, one_col) ||
	    utf8proc_category((utf8proc_int32_t)cp) == UTF8PROC_CATEGORY_MC)
		return 1;
	return utf8proc_charwidth((utf8proc_int32_t)cp);
}

size_t
mark_next(const char *s, size_t n)
{
	uint32_t cp;
	bool ok;
	int len;

	if (n == 0 || (unsigned char)s[0] < 0x80)
		return 0;
	len = utf8_decode(s, n, &cp, &ok);
	return ok && !is_control(cp) && cp_cols(cp) == 0 ? (size_t)len : 0;
}

size_t
cluster_next(const char *s, size_t n, int *cols)
{
	uint32_t cp;
	bool ok;
	size_t i, m;

	i = (size_t)utf8_decode(s, n, &cp, &ok);
	*cols = 1;
	if (!ok || is_control(cp))
		return i;
	if (cp_cols(cp) == 2)
		*cols = 2;
	while ((m = mark_next(s + i, n - i)) > 0)
		i += m;
	return i;
}

size_t
grapheme_next(const char *s, size_t n, int *cols)
{
	utf8proc_int32_t state = 0;
	uint32_t cp, next;
	size_t i, m;
	int c;

	i = (size_t)utf8_decode(s, n, &cp, NULL);
	/* Two ASCII characters in a row never belong together, and most text
	 * is ASCII. */
	if (cp < 0x80 && (n == i || (unsigned char)s[i] < 0x80)) {
		*cols = 1;
		return i;
	}
	i = cluster_next(s, n, cols);
	if (is_control(cp))
		return i;
	for (size_t k = 0; k < n; k += m, cp = next) {
		m = (size_t)utf8_decode(s + k, n - k, &next, NULL);
		if (k == 0)
			continue;
		if (is_control(next) ||
		    utf8proc_grapheme_break_stateful((utf8proc_int32_t)cp,
		    (utf8proc_int32_t)next, &state))
			return k > i ? k : i;
		if (k >= i) {
			i = k + cluster_next(s + k, n - k, &c);
			*cols += c;
		}
	}
	return n;
}

int
text_cols(const char *s, size_t n)
{
	int cols = 0, c;

	for (size_t i = 0; i < n; cols += c)
		i += cluster_next(s + i, n - i, &c);
	return cols;
}

size_t
text_fit(const char *s, size_t n, int cols, int *used)
{
	size_t i = 0, m;
	int c, sum = 0;

	while (i < n) {
		m = cluster_next(s + i, n - i, &c);
		if (sum + c > cols)
			break;
		sum += c;
		i += m;
	}
	if (used)
		*used = sum;
	return i;
}

/* ---- safe text ---- */

struct safe {
	struct buf *out;
	uint32_t prev;		/* last character put out, 0: none on this line */
	bool pictograph;	/* the base before is an emoji */
	int marks;		/* after the base */
	int col;
};

static void
put(struct safe *z, uint32_t cp)
{
	char b[4];

	buf_add(z->out, b, (size_t)utf8_encode(cp, b));
	z->prev = cp;
}

static void
put_base(struct safe *z, uint32_t cp)
{
	const utf8proc_property_t *p;

	put(z, cp);
	p = utf8proc_get_property((utf8proc_int32_t)cp);
	z->pictograph =
	    p->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
	z->marks = 0;
	z->col += cp_cols(cp);
}

static void
put_code(struct safe *z, uint32_t cp)
{
	size_t before = z->out->len;

	buf_printf(z->out, "<U+%04X>", (unsigned)cp);
	z->col += (int)(z->out->len - before);
	z->prev = '>';
	z->pictograph = false;
	z->marks = 0;
}

static void
put_mark(struct safe *z, uint32_t cp)
{
	if (z->prev == 0)
		put_base(z, DOTTED_CIRCLE);
	if (z->marks++ < MARKS_MAX)
		put(z, cp);
}

static void
put_control(struct safe *z, uint32_t cp)
{
	if (cp == '\n') {
		buf_addc(z->out, '\n');
		z->prev = 0;
		z->col = 0;
		z->pictograph = false;
		z->marks = 0;
	} else if (cp == '\t') {
		do
			put_base(z, ' ');
		while (z->col % 8);
	} else if (cp < 0x20)
		put_base(z, 0x2400 + cp);
	else if (cp == 0x7F)
		put_base(z, 0x2421);
	else
		put_code(z, cp);
}

static bool
is_letter(uint32_t cp)
{
	utf8proc_category_t c = utf8proc_category((utf8proc_int32_t)cp);

	return cp && ((c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) ||
	    (c >= UTF8PROC_CATEGORY_MN && c <= UTF8PROC_CATEGORY_ME));
}

static bool
is_selector(uint32_t cp)
{
	return (cp >= 0xFE00 && cp <= 0xFE0F) ||
	    (cp >= 0xE0100 && cp <= 0xE01EF);
}

bool
width_unknown(uint32_t cp, int (*cols)(wchar_t c))
{
	if (cp < 0x300 || cols((wchar_t)cp) >= 0)
		return false;
	/* A locale without Unicode knows nothing of the kind. */
	return cols((wchar_t)UTF8_BAD) >= 0 || IN(cp, too_new);
}

/* Would it be drawn as nothing, or as something else than it is? */
static bool
is_hidden(uint32_t cp)
{
	switch (utf8proc_category((utf8proc_int32_t)cp)) {
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	case UTF8PROC_CATEGORY_CF:
		return !IN(cp, one_col);
	default:
		return utf8proc_get_property((utf8proc_int32_t)cp)->ignorable ||
		    width_unknown(cp, wcwidth);
	}
}

/* rest: what follows cp. */
static void
put_wide(struct safe *z, uint32_t cp, const char *rest, size_t n)
{
	uint32_t next = 0;

	if (is_selector(cp))
		return;
	if (z->pictograph && (cp == ZWJ || (cp >= 0x1F3FB && cp <= 0x1F3FF)))
		return;
	if (cp == ZWJ || cp == ZWNJ) {
		if (n > 0)
			utf8_decode(rest, n, &next, NULL);
		if (is_letter(z->prev) && is_letter(next))
			put_mark(z, cp);
		else
			put_code(z, cp);
	} else if (is_hidden(cp))
		put_code(z, cp);
	else if (cp_cols(cp) == 0)
		put_mark(z, cp);
	else
		put_base(z, cp);
}

void
text_safe(struct buf *out, const char *s, size_t n)
{
	struct safe z = { .out = out };
	uint32_t cp;

	for (size_t i = 0; i < n; ) {
		size_t run = i;

		while (run < n && s[run] >= 0x20 && s[run] < 0x7F)
			run++;
		if (run > i) {
			buf_add(out, s + i, run - i);
			z.col += (int)(run - i);
			z.prev = (unsigned char)s[run - 1];
			z.pictograph = false;
			z.marks = 0;
			i = run;
			continue;
		}
		if (s[i] == '\r' && i + 1 < n && s[i + 1] == '\n') {
			i++;
			continue;
		}
		i += (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		if (is_control(cp))
			put_control(&z, cp);
		else
			put_wide(&z, cp, s + i, n - i);
	}
}

size_t
picture_next(const char *s, size_t n)
{
	size_t i = 3;

	if (n >= 3 && s[0] == '\xE2' && s[1] == '\x90' &&
	    (unsigned char)s[2] >= 0x80 && (unsigned char)s[2] <= 0xA1)
		return 3;
	if (n < 8 || s[0] != '<' || s[1] != 'U' || s[2] != '+')
		return 0;
	while (i < n && i < 9 && ((s[i] >= '0' && s[i] <= '9') ||
	    (s[i] >= 'A' && s[i] <= 'F')))
		i++;
	return i >= 7 && i < n && s[i] == '>' ? i + 1 : 0;
}
