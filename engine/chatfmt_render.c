/* chatfmt_render.c -- a conversation in a chat format: the pieces of its
 * prompt. */
#include "chatfmt.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "chatfmt_priv.h"
#include "utf8.h"

struct render {
	const struct chatfmt *f;
	const struct chat_family *family;
	const struct chat_thought *thought;	/* or NULL */
	const struct chat_msg *m;
	size_t n;
	const struct render_opts *o;
	struct prompt *p;
	bool asked;		/* the user spoke since the assistant did */
};

static void
scaffold(struct render *r, const char *text)
{
	if (text != NULL)
		prompt_add(r->p, text, strlen(text), true);
}

static void
token(struct render *r, const char *own, const char *usual)
{
	scaffold(r, *own ? own : usual);
}

static void
begin_text(struct render *r)
{
	size_t n = r->p->n;

	if (r->f->no_bos)
		return;
	token(r, r->f->bos, r->family->bos);
	if (r->p->n > n)
		r->p->v[n].bos = true;
}

/* ---- bodies ----------------------------------------------------------- */

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* What templates trim: blanks as Python's str.strip() sees them. */
static bool
is_space(uint32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) ||
	    c == 0x85 || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
	    c == 0x202f || c == 0x205f || c == 0x3000;
}

static size_t
space_before(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		uint32_t c;
		size_t len = (size_t)utf8_decode(s + i, n - i, &c, NULL);

		if (!is_space(c))
			break;
		i += len;
	}
	return i;
}

/* s[0..n) without the space at its end. */
static size_t
without_space(const char *s, size_t n)
{
	while (n > 0) {
		size_t at = n - 1;
		uint32_t c;

		while (at > 0 && n - at < 4 && ((unsigned char)s[at] & 0xc0) ==
		    0x80)
			at--;
		utf8_decode(s + at, n - at, &c, NULL);
		if (!is_space(c))
			break;
		n = at;
	}
	return n;
}

static void
body(struct render *r, enum role role, const char *s)
{
	size_t n = strlen(s), skip;

	if (r->f->trim >> role & 1) {
		skip = space_before(s, n);
		s += skip;
		n = without_space(s, n - skip);
	}
	prompt_add(r->p, s, n, false);
}

/* ---- earlier thoughts ------------------------------------------------- */

static const char *
find_close(const struct chat_thought *t, const char *s)
{
	const char *p = strstr(s, t->close), *q = p;

	while (t->cut == CUT_LAST && q != NULL) {
		p = q;
		q = strstr(q + strlen(t->close), t->close);
	}
	return p;
}

/* In the chat an answer that only quotes the tags stays whole: it is cut only
 * where it begins with a thought. */
static const char *
leading_close(const struct chat_thought *t, const char *s)
{
	while (is_blank(*s))
		s++;
	if (strncmp(s, t->open, strlen(t->open)) != 0)
		return NULL;
	return strstr(s, t->close);
}

/* Where the answer begins in an earlier assistant text. */
static const char *
past_thought(const struct render *r, const char *s)
{
	const struct chat_thought *t = r->thought;
	const char *close;

	if (t == NULL)
		return s;
	close = r->o->literal ? find_close(t, s) : leading_close(t, s);
	if (close != NULL)
		s = close + strlen(t->close);
	if (t->lines == LINES_ALWAYS || (t->lines == LINES_CUT && close))
		while (*s == '\n')
			s++;
	return s;
}

/* ---- the system's ----------------------------------------------------- */

/* "24 Nov 2026", in English whatever the locale. */
static void
put_today(struct render *r)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t now = time(NULL);
	struct tm tm = { 0 };
	char text[32];

	if (r->o->date != NULL) {
		prompt_add(r->p, r->o->date, strlen(r->o->date), false);
		return;
	}
	localtime_r(&now, &tm);
	snprintf(text, sizeof(text), "%02d %s %d", tm.tm_mday,
	    months[tm.tm_mon % 12], tm.tm_year + 1900);
	scaffold(r, text);
}

static void
put_dates(struct render *r)
{
	scaffold(r, "Cutting Knowledge Date: December 2023\nToday Date: ");
	if (r->f->dates == DATES_TODAY)
		put_today(r);
	else
		scaffold(r, r->f->date);
	scaffold(r, "\n\n");
}

/* A system turn; the first one has the dates where there are such. */
static void
system_turn(struct render *r, const char *text, bool first)
{
	scaffold(r, r->family->open[ROLE_SYSTEM]);
	if (first && r->f->dates != DATES_NONE)
		put_dates(r);
	body(r, ROLE_SYSTEM, text);
	scaffold(r, r->family->close[ROLE_SYSTEM]);
}

static void
system_at_start(struct render *r)
{
	bool first = true;
	size_t last = r->n;

	for (size_t i = 0; i < r->n; i++) {
		if (r->m[i].role != ROLE_SYSTEM)
			continue;
		last = i;
		if (r->family->system == SYSTEM_START_LAST)
			continue;
		if (!first)
			scaffold(r, "\n\n");
		first = false;
		body(r, ROLE_SYSTEM, r->m[i].text);
	}
	if (r->family->system == SYSTEM_START_LAST && last < r->n)
		body(r, ROLE_SYSTEM, r->m[last].text);
}

/* The opening, before any message. */
static void
begin(struct render *r)
{
	bool given = r->n > 0 && r->m[0].role == ROLE_SYSTEM;

	if (!r->family->bos_by_user)
		begin_text(r);
	switch (r->family->system) {
	case SYSTEM_TURN:
		if (!given && (r->f->default_system != NULL ||
		    r->f->dates != DATES_NONE))
			system_turn(r, r->f->default_system ?
			    r->f->default_system : "", true);
		break;
	case SYSTEM_START:
	case SYSTEM_START_LAST:
		scaffold(r, r->family->open[ROLE_SYSTEM]);
		if (!given && r->f->default_system != NULL)
			body(r, ROLE_SYSTEM, r->f->default_system);
		else
			system_at_start(r);
		scaffold(r, r->family->close[ROLE_SYSTEM]);
		break;
	default:
		break;
	}
}

/* ---- turns ------------------------------------------------------------ */

/* Texts that are trimmed as one, the system's first. */
static void
joint_bodies(struct render *r, const char *system, const char *text)
{
	const char *close = r->family->close[ROLE_SYSTEM];
	size_t n = without_space(text, strlen(text));

	scaffold(r, r->family->open[ROLE_SYSTEM]);
	prompt_add(r->p, system, strlen(system), false);
	prompt_add(r->p, close, n ? strlen(close) :
	    without_space(close, strlen(close)), true);
	prompt_add(r->p, text, n, false);
}

static void
user_turn(struct render *r, const char *system, const char *text)
{
	if (r->family->bos_by_user)
		begin_text(r);
	scaffold(r, r->family->open[ROLE_USER]);
	if (system != NULL && r->family->trim_joint && r->f->trim)
		joint_bodies(r, system, text);
	else {
		if (system != NULL) {
			scaffold(r, r->family->open[ROLE_SYSTEM]);
			body(r, ROLE_SYSTEM, system);
			scaffold(r, r->family->close[ROLE_SYSTEM]);
		}
		body(r, ROLE_USER, text);
	}
	scaffold(r, r->family->close[ROLE_USER]);
	if (r->f->opens == OPENS_BY_USER)
		scaffold(r, r->family->open[ROLE_ASSISTANT]);
	r->asked = true;
}

/* The opening of the answer that is asked for, unless the user's turn has
 * written it. */
static void
open_answer(struct render *r, const char *text)
{
	if (r->f->opens != OPENS_BY_USER || !r->asked)
		scaffold(r, text);
}

/* ... and of an earlier one. */
static void
open_turn(struct render *r)
{
	if (r->f->opens == OPENS_BY_USER ||
	    (r->f->opens == OPENS_AFTER_USER && !r->asked))
		return;
	scaffold(r, r->family->open[ROLE_ASSISTANT]);
	if (r->thought != NULL)
		scaffold(r, r->thought->past);
}

static void
assistant_turn(struct render *r, const char *text)
{
	open_turn(r);
	r->asked = false;
	body(r, ROLE_ASSISTANT, past_thought(r, text));
	scaffold(r, r->family->close[ROLE_ASSISTANT]);
	if (r->family->eos != NULL)
		token(r, r->f->eos, r->family->eos);
	scaffold(r, r->family->after_eos);
}

static void
unfinished_turn(struct render *r, const char *text)
{
	open_answer(r, r->family->open[ROLE_ASSISTANT]);
	if (r->thought != NULL)
		scaffold(r, r->thought->resume);
	prompt_add(r->p, text, strlen(text), false);
}

static void
turns(struct render *r)
{
	bool late = r->family->system == SYSTEM_IN_LAST_USER;
	bool inside = r->family->system == SYSTEM_IN_USER || late;
	const char *pending = inside ? r->f->default_system : NULL;

	for (size_t i = 0; i < r->n; i++) {
		const char *text = r->m[i].text;
		bool last = i + 1 == r->n;

		if (r->m[i].role == ROLE_ASSISTANT && last)
			unfinished_turn(r, text);
		else if (r->m[i].role == ROLE_ASSISTANT)
			assistant_turn(r, text);
		else if (r->m[i].role == ROLE_USER) {
			user_turn(r, late && !last ? NULL : pending, text);
			pending = late ? pending : NULL;
		} else if (r->family->system == SYSTEM_TURN)
			system_turn(r, text, i == 0);
		else if (inside)
			pending = text;
		if (r->o->ends != NULL)
			r->o->ends[i] = r->p->n;
	}
}

/* ---- where the model goes on ------------------------------------------ */

static bool
is_word(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* The last switch of a text, or AUTO.  One is a word of its own: no part of a
 * path. */
static enum thinking
last_switch(const char *s)
{
	static const char on[] = "/think", off[] = "/no_think";
	enum thinking found = THINKING_AUTO;

	for (const char *p = s; (p = strchr(p, '/')) != NULL; p++) {
		bool no = strncmp(p, off, sizeof(off) - 1) == 0;
		size_t n = no ? sizeof(off) - 1 : sizeof(on) - 1;

		if ((!no && strncmp(p, on, n) != 0) ||
		    (p > s && (is_word(p[-1]) || strchr("/<.~-", p[-1]))) ||
		    is_word(p[n]) || (p[n] && strchr("/>-", p[n])))
			continue;
		found = no ? THINKING_OFF : THINKING_ON;
	}
	return found;
}

static enum thinking
soft_switch(const struct render *r)
{
	enum thinking t = THINKING_AUTO;

	for (size_t i = r->n; i > 0 && t == THINKING_AUTO; i--)
		if (r->m[i - 1].role != ROLE_ASSISTANT)
			t = last_switch(r->m[i - 1].text);
	return t;
}

static enum thinking
wanted(const struct render *r)
{
	if (r->o->literal)
		return r->f->switched ? r->o->thinking : THINKING_AUTO;
	if (r->o->thinking == THINKING_AUTO && r->thought->soft)
		return soft_switch(r);
	return r->o->thinking;
}

static void
go_on(struct render *r)
{
	const char *tail;

	open_answer(r, r->family->go_on ? r->family->go_on :
	    r->family->open[ROLE_ASSISTANT]);
	if (r->thought == NULL)
		return;
	tail = r->thought->tail[wanted(r)];
	scaffold(r, tail);
	r->p->thinking_open = strstr(tail, r->thought->open) != NULL &&
	    strstr(tail, r->thought->close) == NULL;
}

void
chatfmt_render_as(const struct chatfmt *f, const struct chat_msg *m, size_t n,
    const struct render_opts *o, struct prompt *p)
{
	struct render r = { f, f->family, f->thought, m, n, o, p, false };

	*p = (struct prompt){ 0 };
	begin(&r);
	turns(&r);
	if (n == 0 || m[n - 1].role != ROLE_ASSISTANT)
		go_on(&r);
}

void
chatfmt_render(const struct chatfmt *f, const struct chat_msg *m, size_t n,
    enum thinking thinking, struct prompt *p)
{
	const struct render_opts o = { .thinking = thinking };

	chatfmt_render_as(f, m, n, &o, p);
}
