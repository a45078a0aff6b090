/* md_math_char.c -- single characters of mathematics: raised and lowered ones,
 * other alphabets, accents, fractions. */
#include "md_math.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"
#include "width.h"

/* Characters and what stands for them, one after the other. */
static const char raised[] =
    "0⁰1¹2²3³4⁴5⁵6⁶7⁷8⁸9⁹+⁺-⁻−⁻=⁼(⁽)⁾aᵃbᵇcᶜdᵈeᵉfᶠgᵍhʰiⁱjʲkᵏlˡmᵐnⁿoᵒpᵖrʳsˢtᵗ"
    "uᵘvᵛwʷxˣyʸzᶻAᴬBᴮDᴰEᴱGᴳHᴴIᴵJᴶKᴷLᴸMᴹNᴺOᴼPᴾRᴿTᵀUᵁVⱽWᵂαᵅβᵝγᵞδᵟεᵋθᶿιᶥφᵠϕᵠχᵡ"
    "⊤ᵀ∘°°°′′''**";
static const char lowered[] =
    "0₀1₁2₂3₃4₄5₅6₆7₇8₈9₉+₊-₋−₋=₌(₍)₎aₐeₑhₕiᵢjⱼkₖlₗmₘnₙoₒpₚrᵣsₛtₜuᵤvᵥxₓβᵦγᵧρᵨφᵩ"
    "ϕᵩχᵪ";

static size_t
char_at(const char *s, size_t n)
{
	uint32_t cp;

	return n ? (size_t)utf8_decode(s, n, &cp, NULL) : 0;
}

/* What follows the character s[0..n) in a list of pairs, or NULL. */
static const char *
partner(const char *list, const char *s, size_t n, size_t *len)
{
	size_t total = strlen(list), a, b;

	for (size_t i = 0; i < total; i += a + b) {
		a = char_at(list + i, total - i);
		b = char_at(list + i + a, total - i - a);
		if (a == n && !memcmp(list + i, s, n)) {
			*len = b;
			return list + i + a;
		}
	}
	return NULL;
}

bool
md_math_script(struct buf *out, const char *s, size_t n, bool up)
{
	size_t was = out->len, len, m;
	const char *p;

	for (size_t i = 0; i < n; i += len) {
		len = char_at(s + i, n - i);
		p = partner(up ? raised : lowered, s + i, len, &m);
		if (p == NULL) {
			out->len = was;
			if (out->data)
				out->data[was] = '\0';
			return false;
		}
		buf_add(out, p, m);
	}
	return n > 0;
}

/* ---- alphabets ---- */

/* Unicode's blocks of letters leave out those that it had before. */
static const char *const odd_letters[] = {
	[M_BB] = "CℂHℍNℕPℙQℚRℝZℤ",
	[M_CAL] = "BℬEℰFℱHℋIℐLℒMℳRℛeℯgℊoℴ",
	[M_FRAK] = "CℭHℌIℑRℜZℨ",
};
static const uint32_t first_letter[] = {
	[M_BB] = 0x1D538, [M_CAL] = 0x1D49C, [M_FRAK] = 0x1D504,
};

void
md_math_letters(struct buf *out, const char *s, size_t n, enum malphabet a)
{
	size_t len, m;
	const char *p;
	char b[4];

	for (size_t i = 0; i < n; i += len) {
		uint32_t low = (uint32_t)(s[i] | 32) - 'a';

		len = char_at(s + i, n - i);
		p = partner(odd_letters[a], s + i, len, &m);
		if (p)
			buf_add(out, p, m);
		else if (len == 1 && low < 26)
			buf_add(out, b, (size_t)utf8_encode(first_letter[a] +
			    low + (s[i] & 32 ? 26 : 0), b));
		else if (len == 1 && a == M_BB && s[i] >= '0' && s[i] <= '9')
			buf_add(out, b, (size_t)utf8_encode(
			    0x1D7D8 + (uint32_t)(s[i] - '0'), b));
		else
			buf_add(out, s + i, len);
	}
}

/* ---- accents ---- */

static const struct { const char *name, *mark; bool wide; } accents[] = {
	{ "hat", "\u0302", false }, { "widehat", "\u0302", false },
	{ "tilde", "\u0303", false }, { "widetilde", "\u0303", false },
	{ "bar", "\u0304", true }, { "overline", "\u0305", true },
	{ "vec", "\u20D7", false }, { "overrightarrow", "\u20D7", false },
	{ "dot", "\u0307", false }, { "ddot", "\u0308", false },
	{ "dddot", "\u20DB", false }, { "check", "\u030C", false },
	{ "breve", "\u0306", false }, { "acute", "\u0301", false },
	{ "grave", "\u0300", false }, { "mathring", "\u030A", false },
	{ "underline", "\u0332", true }, { "cancel", "\u0338", true },
	{ "bcancel", "\u0338", true }, { "xcancel", "\u0338", true },
	{ "overleftarrow", "\u20D6", false }, { "not", "\u0338", true },
};

const char *
md_math_accent(const char *name, size_t n, bool *wide)
{
	for (size_t i = 0; i < sizeof(accents) / sizeof(accents[0]); i++)
		if (strlen(accents[i].name) == n &&
		    !memcmp(accents[i].name, name, n)) {
			*wide = accents[i].wide;
			return accents[i].mark;
		}
	return NULL;
}

int
md_math_count(const char *s, size_t n)
{
	int count = 0, c;

	for (size_t i = 0; i < n; i += grapheme_next(s + i, n - i, &c))
		count++;
	return count;
}

void
md_math_mark(struct buf *out, const char *s, size_t n, const char *mark)
{
	size_t len;
	int c;

	for (size_t i = 0; i < n; i += len) {
		len = grapheme_next(s + i, n - i, &c);
		buf_add(out, s + i, len);
		if (s[i] != ' ')
			buf_puts(out, mark);
	}
}

/* ---- fractions ---- */

const char *
md_math_vulgar(const char *num, const char *den)
{
	static const char *const list[][2] = {
		{ "12", "½" }, { "13", "⅓" }, { "23", "⅔" }, { "14", "¼" },
		{ "34", "¾" }, { "15", "⅕" }, { "25", "⅖" }, { "35", "⅗" },
		{ "45", "⅘" }, { "16", "⅙" }, { "56", "⅚" }, { "17", "⅐" },
		{ "18", "⅛" }, { "38", "⅜" }, { "58", "⅝" }, { "78", "⅞" },
		{ "19", "⅑" },
	};

	if (strlen(num) != 1 || strlen(den) != 1)
		return NULL;
	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i][0][0] == *num && list[i][0][1] == *den)
			return list[i][1];
	return NULL;
}
