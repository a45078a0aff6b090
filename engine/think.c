/* think.c -- the splitter of a reply.
 *
 * A reply goes through at most three states: START, where nothing but blanks
 * was seen and a thought may still be opened; THOUGHT; and ANSWER, which stays.
 * Text waits in `held` only while it may turn out to be something not to be
 * shown: blanks at the edges of the thought, or the beginning of a tag. */
#include "think.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define GUIDED_CLOSE "</think>"

enum state { START, THOUGHT, ANSWER };

struct think {
	const struct vocab *v;
	void (*emit)(enum channel c, const char *text, size_t n, void *ud);
	void *ud;
	const char *open_tag;		/* NULL: the model opens none */
	const char *close_tag;
	int open_id, close_id;		/* -1: found in the text instead */
	enum state state;
	bool edge;			/* blank lines here are not shown */
	bool spaced;			/* a reply begins with a space that is
					 * not its own */
	bool space;			/* ... which is still to come */
	const char *const *stop;	/* texts that end the turn; or NULL */
	bool stopped;
	struct utf8_join join;
	struct buf held;
};

static int
tag_id(const struct vocab *v, const char *tag)
{
	int id = vocab_find(v, tag);

	return vocab_is_special(v, id) ? id : -1;
}

struct think *
think_new(const struct vocab *v, const struct chatfmt *f, bool open,
    void (*emit)(enum channel c, const char *text, size_t n, void *ud),
    void *ud)
{
	struct think *t = xcalloc(1, sizeof(*t));

	t->v = v;
	t->space = t->spaced = vocab_space_prefix(v) || f->lead_space;
	t->emit = emit;
	t->ud = ud;
	t->open_id = t->close_id = -1;
	t->open_tag = f->think_open;
	t->close_tag = f->think_close ? f->think_close : GUIDED_CLOSE;
	if (t->open_tag != NULL) {
		t->open_id = tag_id(v, t->open_tag);
		t->close_id = tag_id(v, t->close_tag);
		if (t->open_id < 0 || t->close_id < 0)
			t->open_id = t->close_id = -1;
	}
	t->state = open ? THOUGHT : t->open_tag != NULL ? START : ANSWER;
	t->edge = open;
	t->stop = f->stop;
	return t;
}

void
think_free(struct think *t)
{
	if (t == NULL)
		return;
	buf_free(&t->held);
	free(t);
}

bool
think_open(const struct think *t)
{
	return t->state == THOUGHT;
}

bool
think_whole(const struct think *t)
{
	return t->join.n == 0;
}

void
think_go_on(struct think *t, bool open)
{
	t->state = open ? THOUGHT : ANSWER;
	t->edge = t->space = false;
}

bool
think_stopped(const struct think *t)
{
	return t->stopped;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t
leading_blanks(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && is_blank(s[i]))
		i++;
	return i;
}

/* s[0..n) without the blanks at its end. */
static size_t
without_blanks(const char *s, size_t n)
{
	while (n > 0 && is_blank(s[n - 1]))
		n--;
	return n;
}

/* Show the first n held bytes and let go of drop. */
static void
show(struct think *t, size_t n, size_t drop)
{
	if (n > 0)
		t->emit(t->state == THOUGHT ? CHANNEL_THINKING :
		    CHANNEL_ANSWER, t->held.data, n, t->ud);
	buf_drop(&t->held, drop);
}

/* Whether s[0..n) begins with the tag: 1 yes, 0 no, -1 so far. */
static int
begins(const char *s, size_t n, const char *tag)
{
	size_t len = strlen(tag);

	if (n >= len)
		return memcmp(s, tag, len) == 0;
	return memcmp(s, tag, n) == 0 ? -1 : 0;
}

/* The tags count as text where they are no tokens. */
static bool
by_text(const struct think *t)
{
	return t->close_id < 0;
}

static void
enter(struct think *t, enum state state, bool edge)
{
	t->state = state;
	t->edge = edge;
}

/* Drop the blank lines in front of what comes, but keep its indentation.
 * False while there is nothing else yet. */
static bool
pass_edge(struct think *t)
{
	size_t n = leading_blanks(t->held.data, t->held.len), line = n;

	if (n == t->held.len)
		return false;
	while (line > 0 && t->held.data[line - 1] != '\n')
		line--;
	buf_drop(&t->held, line);
	return true;
}

/* Each of these looks at the held text and returns true if the state changed
 * so that the rest is to be looked at again. */
static bool
step_start(struct think *t)
{
	const char *s = t->held.data;
	size_t n = t->held.len, blank = leading_blanks(s, n);
	int tag = by_text(t) ? begins(s + blank, n - blank, t->open_tag) :
	    blank == n ? -1 : 0;

	if (tag < 0)
		return false;
	if (tag == 0) {
		enter(t, ANSWER, false);
		return true;
	}
	buf_drop(&t->held, blank + strlen(t->open_tag));
	enter(t, THOUGHT, true);
	return true;
}

/* The first byte from which the held text is the close tag, or may become it:
 * its length if nowhere. */
static size_t
close_at(const struct think *t)
{
	const char *s = t->held.data;
	size_t i;

	for (i = 0; by_text(t) && i < t->held.len; i++)
		if (begins(s + i, t->held.len - i, t->close_tag) != 0)
			return i;
	return t->held.len;
}

/* The edge of a thought: blank lines, and the open tag where a model repeats
 * the one that its prompt ended with.  False while more is needed to tell. */
static bool
pass_thought_edge(struct think *t)
{
	while (pass_edge(t)) {
		size_t n = leading_blanks(t->held.data, t->held.len);
		int tag = !by_text(t) || t->open_tag == NULL ? 0 :
		    begins(t->held.data + n, t->held.len - n, t->open_tag);

		if (tag <= 0)
			return tag == 0;
		buf_drop(&t->held, n + strlen(t->open_tag));
	}
	return false;
}

/* Whether the held text from byte i is a stop text: as begins(). */
static int
stops_at(const struct think *t, size_t i)
{
	int found = 0;

	for (const char *const *s = t->stop; *s && found <= 0; s++) {
		int r = begins(t->held.data + i, t->held.len - i, *s);

		found = r ? r : found;
	}
	return found;
}

/* The first byte from which the held text is a stop text, or may become one:
 * its length if nowhere.  Notes when it is. */
static size_t
stop_at(struct think *t)
{
	for (size_t i = 0; t->stop != NULL && i < t->held.len; i++) {
		int r = stops_at(t, i);

		t->stopped = r > 0;
		if (r != 0)
			return i;
	}
	return t->held.len;
}

/* Show what comes before a stop text; false if there is one. */
static bool
show_until_stop(struct think *t, size_t at)
{
	if (!t->stopped)
		return true;
	show(t, t->state == THOUGHT ? without_blanks(t->held.data, at) : at,
	    t->held.len);
	return false;
}

static bool
step_thought(struct think *t)
{
	size_t at, n, stop;

	if (t->edge && !pass_thought_edge(t))
		return false;
	t->edge = false;
	at = close_at(t);
	stop = stop_at(t);
	if (stop < at)
		at = stop;
	else
		t->stopped = false;
	if (!show_until_stop(t, at))
		return false;
	n = without_blanks(t->held.data, at);
	if (at < t->held.len &&
	    begins(t->held.data + at, t->held.len - at, t->close_tag) > 0) {
		show(t, n, at + strlen(t->close_tag));
		enter(t, ANSWER, true);
		return true;
	}
	show(t, n, n);
	return false;
}

static bool
step_answer(struct think *t)
{
	size_t at;

	if (t->edge) {
		if (!pass_edge(t))
			return false;
		t->edge = false;
	}
	at = stop_at(t);
	if (show_until_stop(t, at))
		show(t, at, at);
	return false;
}

static void
advance(struct think *t)
{
	bool again = true;

	while (again && !t->stopped && t->held.len > 0)
		switch (t->state) {
		case START:
			again = step_start(t);
			break;
		case THOUGHT:
			again = step_thought(t);
			break;
		case ANSWER:
			again = step_answer(t);
			break;
		}
}

static void
end_character(struct think *t)
{
	utf8_join_flush(&t->join, &t->held);
	advance(t);
}

/* A tag that is a token; false where it is to be shown as text. */
static bool
put_tag(struct think *t, int token)
{
	end_character(t);
	if (token == t->close_id) {
		if (t->state != THOUGHT)
			return false;
		think_close(t);
		return true;
	}
	if (t->state == START || (t->state == THOUGHT && t->edge)) {
		buf_clear(&t->held);
		enter(t, THOUGHT, true);
		return true;
	}
	return false;
}

void
think_put(struct think *t, int token)
{
	const char *s;
	bool tag;
	size_t n;

	if (t->stopped)
		return;
	tag = token >= 0 && (token == t->open_id || token == t->close_id);
	if (tag && put_tag(t, token))
		return;
	s = vocab_piece(t->v, token, tag, &n);
	if (t->space && n > 0) {
		t->space = false;
		if (*s == ' ') {
			s++;
			n--;
		}
	}
	utf8_join_put(&t->join, s, n, &t->held);
	advance(t);
}

void
think_close(struct think *t)
{
	end_character(t);
	if (t->state != THOUGHT)
		return;
	t->stopped = false;
	t->space = t->spaced;
	show(t, without_blanks(t->held.data, t->held.len), t->held.len);
	enter(t, ANSWER, true);
}

void
think_say(struct think *t, const char *text, size_t n)
{
	end_character(t);
	show(t, t->held.len, t->held.len);
	think_go_on(t, true);
	if (n > 0)
		t->emit(CHANNEL_THINKING, text, n, t->ud);
}

void
think_break(struct think *t)
{
	t->join = (struct utf8_join){ 0 };
	think_flush(t);
}

void
think_flush(struct think *t)
{
	size_t n;

	end_character(t);
	if (t->stopped)
		return;
	n = t->held.len;
	if (t->edge && leading_blanks(t->held.data, n) == n)
		n = 0;
	show(t, n, t->held.len);
}
