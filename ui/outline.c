/* outline.c -- sections of a thought, found by how they begin. */
#include "outline.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "utf8.h"
#include "width.h"

#define PLAIN_MIN 240		/* bytes; shorter paragraphs go together */
#define LINES_MIN 1000		/* without an empty line between them */
#define SECTION_MIN 24		/* bytes between two of any kind */
#define LABEL_BYTES 160
#define OPENING_MAX 32		/* bytes that an opening takes at most */

struct opening {
	const char *text;	/* in small letters */
	enum section_kind kind;
	bool anywhere;		/* also where a sentence begins, not only a
				 * paragraph */
};

/* The longer one first where one begins another. */
static const struct opening openings[] = {
	{ "wait", SECTION_DOUBT, true },
	{ "hmm", SECTION_DOUBT, true },
	{ "hold on", SECTION_DOUBT, true },
	{ "actually", SECTION_DOUBT, true },
	{ "oh", SECTION_DOUBT, false },
	{ "no", SECTION_DOUBT, false },
	{ "but", SECTION_DOUBT, false },
	{ "however", SECTION_DOUBT, false },
	{ "alternatively", SECTION_OTHER, true },
	{ "another way", SECTION_OTHER, true },
	{ "another approach", SECTION_OTHER, true },
	{ "let me try", SECTION_OTHER, true },
	{ "let's try", SECTION_OTHER, true },
	{ "let me check", SECTION_CHECK, true },
	{ "let me verify", SECTION_CHECK, true },
	{ "let me double-check", SECTION_CHECK, true },
	{ "let me double check", SECTION_CHECK, true },
	{ "let's check", SECTION_CHECK, true },
	{ "let's verify", SECTION_CHECK, true },
	{ "to verify", SECTION_CHECK, false },
	{ "so the answer", SECTION_RESULT, true },
	{ "therefore", SECTION_SO, false },
	{ "thus", SECTION_SO, false },
	{ "hence", SECTION_SO, false },
	{ "so", SECTION_SO, false },
	{ "the final answer", SECTION_RESULT, true },
	{ "final answer", SECTION_RESULT, true },
	{ "**final answer", SECTION_RESULT, true },
	{ "the answer is", SECTION_RESULT, true },
	{ "in conclusion", SECTION_RESULT, true },
	{ "in summary", SECTION_RESULT, false },
	{ "等等", SECTION_DOUBT, true },
	{ "等一下", SECTION_DOUBT, true },
	{ "嗯", SECTION_DOUBT, false },
	{ "不过", SECTION_DOUBT, false },
	{ "但是", SECTION_DOUBT, false },
	{ "其实", SECTION_DOUBT, false },
	{ "或者", SECTION_OTHER, false },
	{ "另一种", SECTION_OTHER, true },
	{ "另外一种", SECTION_OTHER, true },
	{ "换一种", SECTION_OTHER, true },
	{ "让我检查", SECTION_CHECK, true },
	{ "让我验证", SECTION_CHECK, true },
	{ "验证一下", SECTION_CHECK, true },
	{ "检查一下", SECTION_CHECK, true },
	{ "所以", SECTION_SO, false },
	{ "因此", SECTION_SO, false },
	{ "最终答案", SECTION_RESULT, true },
	{ "答案是", SECTION_RESULT, true },
	{ "综上", SECTION_RESULT, true },
	{ "انتظر", SECTION_DOUBT, true },
	{ "مهلا", SECTION_DOUBT, true },
	{ "لحظة", SECTION_DOUBT, true },
	{ "لكن", SECTION_DOUBT, false },
	{ "ولكن", SECTION_DOUBT, false },
	{ "في الواقع", SECTION_DOUBT, false },
	{ "بدلا من ذلك", SECTION_OTHER, true },
	{ "طريقة أخرى", SECTION_OTHER, true },
	{ "دعني أتحقق", SECTION_CHECK, true },
	{ "دعني أتأكد", SECTION_CHECK, true },
	{ "للتحقق", SECTION_CHECK, false },
	{ "إذن", SECTION_SO, false },
	{ "لذلك", SECTION_SO, false },
	{ "وبالتالي", SECTION_SO, false },
	{ "الجواب النهائي", SECTION_RESULT, true },
	{ "الإجابة النهائية", SECTION_RESULT, true },
};
#define N_OPENINGS (sizeof(openings) / sizeof(openings[0]))

const char *
section_mark(enum section_kind kind)
{
	static const char *const marks[] = {
		[SECTION_PLAIN] = "·", [SECTION_DOUBT] = "?",
		[SECTION_OTHER] = "~", [SECTION_CHECK] = "✓",
		[SECTION_SO] = "→", [SECTION_RESULT] = "=" };

	return marks[kind];
}

static bool
is_letter(char c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool
begins(const char *s, size_t n, const char *with)
{
	size_t i;

	for (i = 0; with[i]; i++) {
		char c = i < n ? s[i] : '\0';

		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		if (c != with[i])
			return false;
	}
	/* A whole word: "so", not "some". */
	return !(is_letter(with[i - 1]) && i < n && is_letter(s[i]));
}

static const struct opening *
opening_of(const char *s, size_t n, bool paragraph)
{
	for (size_t i = 0; i < N_OPENINGS; i++)
		if ((paragraph || openings[i].anywhere) &&
		    begins(s, n, openings[i].text))
			return &openings[i];
	return NULL;
}

static void
add(struct outline *o, size_t from, enum section_kind kind)
{
	struct section *last = o->n ? &o->v[o->n - 1] : NULL;

	if (last && from - last->from < SECTION_MIN) {
		/* Too short to stand alone: it gives its kind to that. */
		if (last->kind == SECTION_PLAIN)
			last->kind = kind;
		return;
	}
	if (o->n == o->cap) {
		o->cap = o->cap ? o->cap * 2 : 16;
		o->v = xreallocarray(o->v, o->cap, sizeof(*o->v));
	}
	o->v[o->n++] = (struct section){ from, kind };
}

/* Does a sentence, a line or a paragraph begin at byte i > 0? */
static bool
starts(const char *s, size_t i, bool *line, bool *paragraph)
{
	size_t k = i;
	bool mark;

	while (k > 0 && (s[k - 1] == ' ' || s[k - 1] == '\n'))
		k--;
	*paragraph = *line = false;
	for (size_t j = k, nl = 0; j < i; j++) {
		nl += s[j] == '\n';
		*line = nl > 0;
		*paragraph = nl > 1;
	}
	if (k == 0) {
		*line = *paragraph = true;
		return true;
	}
	mark = s[k - 1] == '.' || s[k - 1] == '!' || s[k - 1] == '?' ||
	    s[k - 1] == ')';
	/* Also the full stops of Chinese and Arabic. */
	if (k >= 3 && (memcmp(s + k - 3, "。", 3) == 0 ||
	    memcmp(s + k - 3, "？", 3) == 0 || memcmp(s + k - 3, "！", 3) == 0))
		return true;
	if (k >= 2 && memcmp(s + k - 2, "؟", 2) == 0)
		return true;
	return *line || (mark && k < i);
}

static void
look(struct outline *o, const char *s, size_t n, size_t i)
{
	bool line, paragraph;
	const struct opening *open;

	if (s[i] == ' ' || s[i] == '\n' || (s[i] & 0xC0) == 0x80 ||
	    !starts(s, i, &line, &paragraph))
		return;
	open = opening_of(s + i, n - i, line);
	if (open)
		add(o, i, open->kind);
	else if (o->n == 0 || (line && i - o->v[o->n - 1].from >=
	    (paragraph ? PLAIN_MIN : LINES_MIN)))
		add(o, i, SECTION_PLAIN);
}

void
outline_update(struct outline *o, const char *s, size_t n)
{
	/* An opening that is still being written waits. */
	size_t end = n > OPENING_MAX ? n - OPENING_MAX : 0;

	if (n < o->read)
		outline_free(o);
	for (; o->read < end; o->read++)
		look(o, s, n, o->read);
}

void
outline_free(struct outline *o)
{
	free(o->v);
	*o = (struct outline){ 0 };
}

size_t
outline_at(const struct outline *o, size_t at)
{
	size_t lo = 0, hi = o->n;

	while (lo + 1 < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (o->v[mid].from <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

void
outline_label(const struct section *sec, const char *s, size_t n,
    struct buf *out)
{
	size_t left = n - sec->from, len;
	const char *nl = memchr(s + sec->from, '\n', left);

	len = nl ? (size_t)(nl - (s + sec->from)) : left;
	if (len > LABEL_BYTES) {
		len = LABEL_BYTES;
		while (len > 0 && (s[sec->from + len] & 0xC0) == 0x80)
			len--;
	}
	text_safe(out, s + sec->from, len);
}
