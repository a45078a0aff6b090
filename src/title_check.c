/* title_check.c -- is what a model said a title, and of this conversation?
 * Small models answer instead, say they are sorry, or make things up: rather
 * the first line than such a title. */
#include "title.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include "alloc.h"
#include "buf.h"
#include "letter.h"
#include "utf8.h"

#define CHARS_MIN 3
#define CHARS_MAX 60
#define WORDS_MAX 10
#define SEEN_BYTES 2000		/* of question and answer */
#define WORD_MIN 3		/* letters of one that says something */

/* ---- letters ---- */

enum script {
	SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_GREEK, SCRIPT_CYRILLIC, SCRIPT_HEBREW,
	SCRIPT_ARABIC, SCRIPT_INDIC, SCRIPT_KANA, SCRIPT_HAN, SCRIPT_HANGUL,
	SCRIPT_OTHER
};

static const struct {
	uint32_t from, to;
	enum script script;
} scripts[] = {
	{ 'A', 'Z', SCRIPT_LATIN }, { 'a', 'z', SCRIPT_LATIN },
	{ 0xc0, 0x24f, SCRIPT_LATIN }, { 0x370, 0x3ff, SCRIPT_GREEK },
	{ 0x400, 0x52f, SCRIPT_CYRILLIC }, { 0x590, 0x5ff, SCRIPT_HEBREW },
	{ 0x600, 0x77f, SCRIPT_ARABIC }, { 0x8a0, 0x8ff, SCRIPT_ARABIC },
	{ 0x900, 0xdff, SCRIPT_INDIC }, { 0x1e00, 0x1eff, SCRIPT_LATIN },
	{ 0x1f00, 0x1fff, SCRIPT_GREEK }, { 0x3041, 0x30ff, SCRIPT_KANA },
	{ 0x3400, 0x9fff, SCRIPT_HAN }, { 0xac00, 0xd7a3, SCRIPT_HANGUL },
	{ 0xf900, 0xfaff, SCRIPT_HAN }, { 0x20000, 0x3ffff, SCRIPT_HAN },
};

static enum script
script_of(uint32_t cp)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (cp >= scripts[i].from && cp <= scripts[i].to)
			return scripts[i].script;
	return cp >= 0x80 && letter_or_digit(cp) ? SCRIPT_OTHER : SCRIPT_NONE;
}

/* One bit a script. */
static unsigned
scripts_in(const char *s, size_t n)
{
	unsigned found = 0;
	uint32_t cp;

	for (size_t i = 0; i < n; ) {
		i += (size_t)utf8_decode(s + i, n - i, &cp, NULL);
		found |= 1u << script_of(cp);
	}
	return found & ~(1u << SCRIPT_NONE);
}

/* ---- words ---- */

/* The next word of s from *at on, in small letters: a run of letters and
 * digits, or one character of a script that writes no blanks.  How many
 * letters, 0 at the end. */
static int
next_word(const char *s, size_t n, size_t *at, struct buf *word)
{
	int letters = 0;
	char utf8[4];
	uint32_t cp;

	buf_clear(word);
	while (*at < n) {
		int k = utf8_decode(s + *at, n - *at, &cp, NULL);
		enum script sc = script_of(cp);
		bool alone = sc == SCRIPT_HAN || sc == SCRIPT_KANA;

		if (letters > 0 && (alone || !letter_or_digit(cp)))
			break;
		*at += (size_t)k;
		if (!letter_or_digit(cp))
			continue;
		cp = (uint32_t)utf8proc_tolower((utf8proc_int32_t)cp);
		buf_add(word, utf8, (size_t)utf8_encode(cp, utf8));
		letters++;
		if (alone)
			break;
	}
	return letters;
}

/* Of a word: without what changes at its end ("Solving", "solve"). */
static size_t
stem(const struct buf *word, int letters)
{
	size_t n = word->len;

	for (int cut = letters > 5 ? 3 : letters > 4; cut > 0; cut--)
		while (n > 1 && ((unsigned char)word->data[--n] & 0xc0) == 0x80)
			;
	return n;
}

/* Does some word of the text begin so? */
static bool
occurs(const struct buf *text, const char *word, size_t n)
{
	struct buf w = { 0 };
	size_t at = 0;
	bool found = false;

	while (!found && next_word(text->data, text->len, &at, &w) > 0)
		found = w.len >= n && memcmp(w.data, word, n) == 0;
	buf_free(&w);
	return found;
}

static bool
says_something(const struct buf *word, int letters)
{
	static const char *const empty[] = { "the", "and", "for", "how", "why",
		"are", "you", "can", "its", "what", "with", "that", "this",
		"from", "your", "does", "have", "into", "about", "when" };
	uint32_t cp;

	utf8_decode(word->data, word->len, &cp, NULL);
	if (script_of(cp) >= SCRIPT_KANA)
		return true;
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		if (strcmp(word->data, empty[i]) == 0)
			return false;
	return letters >= WORD_MIN;
}

/* Two thirds of what says something was said before: of a title, which sums up,
 * a word may be new, but one that is made of such is about something else. */
static bool
is_about(const char *title, const struct buf *text, bool strict)
{
	struct buf word = { 0 };
	size_t at = 0, n = strlen(title);
	int letters, all = 0, new = 0;

	while ((letters = next_word(title, n, &at, &word)) > 0) {
		if (!says_something(&word, letters))
			continue;
		all++;
		new += !occurs(text, word.data, stem(&word, letters));
	}
	buf_free(&word);
	return all > 0 && new * 3 <= (strict ? 0 : all);
}

/* ---- the whole ---- */

/* The only line that says something, without what models put around titles. */
static char *
bare(const char *s)
{
	static const char *const around[] = { "\"", "'", "`", "*", "#", "_",
		" ", "“", "”", "«", "»", "‘", "’", "「", "」", "《", "》" };
	size_t n = strlen(s), k, was;

	do {
		was = n;
		for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
			k = strlen(around[i]);
			if (n >= k && strncmp(s, around[i], k) == 0) {
				s += k;
				n -= k;
			}
			if (n >= k && memcmp(s + n - k, around[i], k) == 0)
				n -= k;
		}
		while (n > 0 && (unsigned char)*s <= ' ') {
			s++;
			n--;
		}
		while (n > 0 && ((unsigned char)s[n - 1] <= ' ' ||
		    s[n - 1] == '.'))
			n--;
		if (n > 6 && strncasecmp(s, "title:", 6) == 0) {
			s += 6;
			n -= 6;
		}
	} while (n != was);
	return xstrndup(s, n);
}

static bool
well_formed(const char *s)
{
	static const char *const marks[] = { "\n", "**", "`", "http", "...",
		"\xef\xbf\xbd", "#", "|" };
	size_t n = strlen(s), chars = 0, words = 1;

	for (size_t i = 0; i < n; i++) {
		chars += ((unsigned char)s[i] & 0xc0) != 0x80;
		words += s[i] == ' ';
	}
	if (chars < CHARS_MIN || chars > CHARS_MAX || words > WORDS_MAX ||
	    s[n - 1] == ':' || s[n - 1] == ',')
		return false;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (strstr(s, marks[i]))
			return false;
	return true;
}

/* Words to the person, with which no title begins. */
static bool
is_speech(const char *s)
{
	static const char *const begin[] = { "i'm ", "i am ", "i can", "i have",
		"i need", "i want", "i do", "i apolog", "i understand",
		"sorry", "as an ai", "sure", "certainly", "of course",
		"here is", "here's", "here are", "the answer", "the title",
		"this is", "you are", "you can", "dear ", "my name", "message",
		"title", "question", "thank" };

	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (strncasecmp(s, begin[i], strlen(begin[i])) == 0)
			return true;
	return false;
}

/* The same words, whatever stands around them. */
static bool
same_words(const char *a, const char *b)
{
	struct buf x = { 0 }, y = { 0 };
	size_t i = 0, k = 0, n = strlen(a), m = strlen(b);
	int more;
	bool same;

	do {
		more = next_word(a, n, &i, &x);
		same = next_word(b, m, &k, &y) == more && x.len == y.len &&
		    (x.len == 0 || memcmp(x.data, y.data, x.len) == 0);
	} while (same && more > 0);
	buf_free(&x);
	buf_free(&y);
	return same;
}

static void
add_part(struct buf *to, const struct buf *text)
{
	buf_add(to, text->data ? text->data : "",
	    text->len < SEEN_BYTES ? text->len : SEEN_BYTES);
	buf_addc(to, '\n');
}

char *
title_from_reply(const char *reply, const struct convo *c, bool strict)
{
	const struct turn *t = convo_first_user(c);
	struct buf said = { 0 };
	char *title = bare(reply);
	bool good;

	if (t)
		add_part(&said, &t->text);
	good = t && well_formed(title) && !is_speech(title) &&
	    !same_words(title, c->title) &&
	    (scripts_in(title, strlen(title)) &
	    ~scripts_in(said.data, said.len)) == 0;
	for (size_t i = 0; good && i < c->n; i++)
		if (c->turns[i]->parent == t->id)
			add_part(&said, &c->turns[i]->text);
	good = good && is_about(title, &said, strict);
	buf_free(&said);
	if (good)
		return title;
	free(title);
	return NULL;
}
