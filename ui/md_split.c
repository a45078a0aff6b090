/* md_split.c -- cuts Markdown into pieces that stand alone, line by line. */
#include "md.h"

#include <string.h>

/* They bound what a frame lays out again.  A piece longer than SOFT is cut
 * where nobody can see it: between items of a list, between lines of code;
 * longer than FIRM, at any line end; and a line longer than HARD, anywhere. */
#define PIECE_SOFT 4096
#define PIECE_FIRM 16384
#define PIECE_HARD 16384

static bool
one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

struct line {
	const char *s;
	size_t n;		/* without the line end */
	size_t next;		/* from s to the next line */
	bool whole;		/* has its newline */
	int indent;		/* leading spaces, a tab being 4 */
	size_t text;		/* offset of the first other character */
};

static struct line
line_at(const char *s, size_t n)
{
	const char *nl = memchr(s, '\n', n < PIECE_HARD ? n : PIECE_HARD);
	struct line l = { .s = s, .n = n, .next = n, .whole = nl != NULL };

	if (nl) {
		l.n = (size_t)(nl - s);
		l.next = l.n + 1;
	}
	while (l.n > 0 && one_of(s[l.n - 1], " \t\r"))
		l.n--;
	for (; l.text < l.n && one_of(s[l.text], " \t"); l.text++)
		l.indent += s[l.text] == '\t' ? 4 : 1;
	return l;
}

static bool
is_space(const struct line *l, size_t i)
{
	return i >= l->n || l->s[i] == ' ' || l->s[i] == '\t';
}

static bool
is_list_item(const struct line *l)
{
	size_t i = l->text;

	if (i < l->n && one_of(l->s[i], "-+*"))
		return is_space(l, i + 1);
	while (i < l->n && i - l->text < 9 && l->s[i] >= '0' && l->s[i] <= '9')
		i++;
	return i > l->text && i < l->n && one_of(l->s[i], ".)") &&
	    is_space(l, i + 1);
}

static bool
is_heading(const struct line *l)
{
	size_t i = 0;

	while (i < l->n && l->s[i] == '#')
		i++;
	return i > 0 && i <= 6 && is_space(l, i);
}

/* The length of the run of fence marks that the line begins with, 0 if it is
 * no fence. */
static int
fence(const struct line *l)
{
	size_t i = l->text;
	char c;

	if (i >= l->n || l->indent > 3)
		return 0;
	c = l->s[i];
	if (c != '`' && c != '~')
		return 0;
	while (i < l->n && l->s[i] == c)
		i++;
	if (i - l->text < 3 || i - l->text > 1000)
		return 0;
	if (c == '`' && memchr(l->s + i, '`', l->n - i))
		return 0;	/* inline code */
	return (int)(i - l->text);
}

static bool
closes(const struct md_split *st, const struct line *l)
{
	int count = fence(l);

	return count >= st->count && l->s[l->text] == st->mark &&
	    l->text + (size_t)count == l->n;
}

/* A line without end: cut it between characters. */
static size_t
hard_cut(const char *s, size_t n, size_t from)
{
	size_t at = from + PIECE_HARD;

	while (at < n && at < from + PIECE_HARD + 4 &&
	    ((unsigned char)s[at] & 0xC0) == 0x80)
		at++;
	return at;
}

static bool
too_long(const struct line *l, size_t n)
{
	return !l->whole && n > PIECE_HARD + 4;
}

/* The rest of a piece of code, from its first line of code on. */
static void
code_piece(struct md_split *st, struct md_piece *p, const char *s, size_t n)
{
	struct line l;

	p->code = true;
	p->indent = st->indent;
	for (p->to = p->n = p->from; p->n < n; ) {
		l = line_at(s + p->n, n - p->n);
		if (too_long(&l, n - p->n)) {
			p->to = p->n = hard_cut(s, n, p->n);
			break;
		}
		p->n += l.next;
		if (closes(st, &l)) {
			p->settled = l.whole;
			*st = (struct md_split){ 0 };
			return;
		}
		p->to = p->n;
		if (p->n >= PIECE_SOFT)
			break;
	}
	/* Cut for its length, or the end of the text so far. */
	p->settled = p->n >= PIECE_SOFT && p->n < n;
	st->cut = true;
}

/* May the piece end before this line, with what came so far settled? */
static bool
begins_block(const struct line *l, bool after_blank, bool list)
{
	if (fence(l) && (l->indent < 2 || !list))
		return true;
	if (l->indent > 0)
		return false;
	if (is_heading(l))
		return true;
	return after_blank && !(list && is_list_item(l));
}

struct md_piece
md_next(struct md_split *st, const char *s, size_t n)
{
	struct md_piece p = { .joined = st->cut };
	bool blank = false, loose = false, list = false, content = false;
	struct line l;

	st->cut = false;
	if (st->mark) {
		code_piece(st, &p, s, n);
		return p;
	}
	while (p.n < n) {
		l = line_at(s + p.n, n - p.n);
		if (too_long(&l, n - p.n)) {
			p.n = hard_cut(s, n, p.n);
			break;
		}
		if (l.text == l.n) {
			if (!content)
				p.joined = false;
			blank = true;
			loose = content;
			p.n += l.next;
			if (p.n >= (content ? PIECE_FIRM : PIECE_SOFT)) {
				p.settled = p.n < n;
				return p;
			}
			continue;
		}
		if (content && begins_block(&l, blank, list)) {
			p.settled = l.whole;
			return p;
		}
		if (list && p.n >= PIECE_SOFT && l.indent == 0 &&
		    is_list_item(&l)) {
			p.settled = l.whole;
			st->cut = !loose;
			return p;
		}
		if (!content && fence(&l)) {
			p.opened = true;
			p.joined = false;
			*st = (struct md_split){ .mark = l.s[l.text],
			    .count = fence(&l), .indent = l.indent };
			p.info = p.n + l.text + (size_t)st->count;
			p.from = p.n + l.next;
			code_piece(st, &p, s, n);
			return p;
		}
		content = true;
		list = list || is_list_item(&l);
		blank = false;
		p.n += l.next;
		if (p.n >= PIECE_FIRM)
			break;
	}
	if (p.n < n) {
		p.settled = true;
		st->cut = true;
	}
	return p;
}

/* ---- the unfinished end ---- */

size_t
md_hold(const struct md_piece *p, const char *s, size_t n)
{
	size_t a = n;

	while (a > 0 && s[a - 1] != '\n')
		a--;
	for (size_t i = a; i < n; i++)
		if (!one_of(s[i], p->code ? " `~" : " \t\r-=*_#+`~|:>$\\[("))
			return n;
	return a;
}

/* Inside a fenced block that belongs to a list item or a quote? */
static bool
in_fence(const char *s, size_t n)
{
	bool open = false;
	struct line l;

	for (size_t i = 0; i < n; i += l.next) {
		l = line_at(s + i, n - i);
		if (l.n - l.text >= 3 && (!memcmp(s + i + l.text, "```", 3) ||
		    !memcmp(s + i + l.text, "~~~", 3)))
			open = !open;
	}
	return open;
}

/* Where the last block of s begins: after its last blank line. */
static size_t
last_block(const char *s, size_t n)
{
	size_t at = 0;
	struct line l;

	for (size_t i = 0; i < n; i += l.next) {
		l = line_at(s + i, n - i);
		if (l.text == l.n)
			at = i + l.text;
	}
	return at;
}

static bool
item_at(const char *s, size_t n, size_t i)
{
	struct line l = line_at(s + i, n - i);

	return is_list_item(&l);
}

static size_t
run_at(const char *s, size_t n, size_t i)
{
	size_t len = 1;

	while (i + len < n && s[i + len] == s[i])
		len++;
	return len;
}

/* Marks that are open at the end of a text. */
struct marks {
	size_t star, tick;	/* how many of them, 0: none */
	bool bracket;		/* "[" */
	bool address;		/* "[...](" */
};

/* Inside the address of a link, which ends before any space? */
static void
look_for_link(struct marks *m, const char *s, size_t n, size_t i)
{
	if (m->address)
		m->address = !one_of(s[i], ") \t\n");
	else if (s[i] == ']' && m->bracket && i + 1 < n && s[i + 1] == '(')
		m->address = true;
	if (s[i] == '[')
		m->bracket = true;
	else if (s[i] == ']' || s[i] == '\n')
		m->bracket = false;
}

static void
find_marks(struct buf *text, size_t from, struct marks *m)
{
	struct md_scan sc = { 0 };
	struct md_formula f;
	size_t len;

	for (size_t i = from; i < text->len; i += len) {
		const char *s = text->data;
		size_t n = text->len;
		char before = i > 0 ? s[i - 1] : ' ';
		bool space_after;

		if (before == '\n' && item_at(s, n, i))
			*m = (struct marks){ 0 };
		if (!m->tick)
			look_for_link(m, s, n, i);
		len = m->address ? 1 : run_at(s, n, i);
		space_after = i + len >= n || one_of(s[i + len], " \t\n");
		if (m->address && s[i] != '\\')
			continue;
		if ((s[i] == '\\' || s[i] == '$') && !m->tick) {
			len = md_scan(&sc, s, n, i, &f);
			if (f.n == 0 && md_math_close(text, i))
				return;
		} else if (s[i] == '`' && (m->tick == 0 || m->tick == len))
			m->tick = m->tick ? 0 : len;
		else if (s[i] != '*' || m->tick || len > 3)
			continue;
		else if (m->star && len >= m->star &&
		    !one_of(before, " \t\n"))
			m->star = 0;
		else if (!m->star && !space_after &&
		    (one_of(before, " \t\n(\"'[>_-|") ||
		    (unsigned char)before >= 0x80))
			m->star = len;
	}
}

void
md_close(struct buf *text)
{
	struct marks m = { 0 };

	if (text->len == 0 || in_fence(text->data, text->len))
		return;
	find_marks(text, last_block(text->data, text->len), &m);
	while (text->len && one_of(text->data[text->len - 1], " *"))
		text->data[--text->len] = '\0';
	for (size_t i = 0; i < m.tick && i < 100; i++)
		buf_addc(text, '`');
	if (m.address)
		buf_addc(text, ')');
	for (size_t i = 0; i < m.star; i++)
		buf_addc(text, '*');
}
