/* plain_say.c -- what is new in a conversation, printed once: who speaks, the
 * thought and the answer word by word as they come, notes and notices. */
#include "plain_priv.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "editor.h"
#include "i18n.h"
#include "transcript_priv.h"
#include "width.h"

#define HELD_MAX 400		/* bytes without a blank or newline */
#define BRIEF_LINES 3
#define READ_LONG 256		/* tokens worth a word */

static struct told *
told_of(struct plain *p, const struct turn *t)
{
	size_t n = (size_t)t->id + 1;

	if (n > p->n_told) {
		p->told = xreallocarray(p->told, n + 32, sizeof(*p->told));
		memset(p->told + p->n_told, 0, (n + 32 - p->n_told) *
		    sizeof(*p->told));
		p->n_told = n + 32;
	}
	return &p->told[t->id];
}

/* ---- text that grows ---- */

/* How much of s[0..n) can go out: whole words, or whole lines while somebody
 * types below it. */
static size_t
ready(const struct plain *p, const char *s, size_t n)
{
	size_t i = n, at = 0;
	int cols;

	while (i > 0 && s[i - 1] != '\n' && (p->asked || s[i - 1] != ' '))
		i--;
	if (i > 0 || n < HELD_MAX)
		return i;
	/* Text without blanks: all but its last character. */
	while (at < n) {
		i = at;
		at += grapheme_next(s + at, n - at, &cols);
	}
	return i;
}

static void
flow(struct plain *p, const struct buf *text, size_t *at, bool whole)
{
	struct buf b = { 0 };
	size_t n = text->len > *at ? text->len - *at : 0;

	if (n > 0 && !whole)
		n = ready(p, text->data + *at, n);
	if (n == 0)
		return;
	text_safe(&b, text->data + *at, n);
	plain_put(p, b.data ? b.data : "", b.len);
	*at += n;
	buf_free(&b);
}

/* ---- a turn ---- */

static void
put_versions(struct buf *out, const struct convo *c, const struct turn *t)
{
	struct turn **v;
	size_t n = convo_siblings(c, t, &v);

	for (size_t i = 0; i < n && n > 1; i++)
		if (v[i] == t)
			buf_printf(out, _(", version %d of %d"), (int)i + 1,
			    (int)n);
	free(v);
}

static void
say_thought(struct plain *p, const struct turn *t)
{
	int64_t end = t->t_think_end ? t->t_think_end : t->t_end;
	int s = t->t_first && end > t->t_first ?
	    (int)((end - t->t_first) / 1000) : 0;
	struct buf b = { 0 };

	if (s < 1)
		buf_puts(&b, _("Thought briefly"));
	else
		buf_printf(&b, ngettext("Thought for %d second",
		    "Thought for %d seconds", (unsigned long)s), s);
	if (t->thinking_tokens > 0)
		buf_printf(&b, ngettext(", %d token", ", %d tokens",
		    (unsigned long)t->thinking_tokens), t->thinking_tokens);
	plain_say(p, "%s.", b.data);
	buf_free(&b);
}

static void
say_last_lines(struct plain *p, const struct turn *t)
{
	const char *s = t->thinking.data;
	size_t end = t->thinking.len, at;
	int lines = 0;

	while (end > 0 && s[end - 1] == '\n')
		end--;
	for (at = end; at > 0 && lines < BRIEF_LINES; at--)
		if (s[at - 1] == '\n' && ++lines == BRIEF_LINES)
			break;
	plain_say(p, "%.*s", (int)(end - at), s + at);
}

static void
tell_thought(struct plain *p, const struct turn *t, struct told *d, bool going)
{
	enum think_view view = t->fold < 0 ? p->app.view :
	    (enum think_view)t->fold;
	bool over = !going || t->text.len > 0 || t->t_think_end != 0;

	if (d->think_over && over)
		return;
	d->think_over = false;		/* gone on with, perhaps */
	if (!d->think_head)
		plain_say(p, "%s", view == VIEW_FULL ? _("Thinking:") :
		    _("Thinking…"));
	d->think_head = true;
	if (view == VIEW_FULL)
		flow(p, &t->thinking, &d->thinking, over);
	if (!over)
		return;
	if (view == VIEW_BRIEF)
		say_last_lines(p, t);
	d->thinking = t->thinking.len;
	say_thought(p, t);
	d->think_over = true;
}

static void
tell_answer(struct plain *p, const struct turn *t, bool going)
{
	struct told *d = told_of(p, t);
	struct buf b = { 0 };
	const char *mark;

	if (t->thinking.len > 0)
		tell_thought(p, t, d, going);
	if (t->text.len > 0 && !d->answer_head) {
		put_versions(&b, p->app.cur->convo, t);
		plain_say(p, _("Answer%s:"), b.data ? b.data : "");
		buf_free(&b);
		d->answer_head = true;
	}
	flow(p, &t->text, &d->text, !going);
	if (going)
		return;
	plain_end_line(p);
	mark = block_end_mark(t);
	if (mark)
		plain_say(p, _("Note: %s"), mark);
	d->over = true;
}

static void
tell_message(struct plain *p, const struct turn *t, bool seen)
{
	struct told *d = told_of(p, t);

	if (!seen)
		plain_say(p, _("You: %s"), t->text.data ? t->text.data : "");
	d->over = true;
}

static void
tell_turn(struct plain *p, const struct turn *t)
{
	const struct session *s = p->app.cur;
	struct told *d = told_of(p, t);

	if (t == s->live && d->over)
		/* Gone on with: what comes needs a name once more. */
		d->over = d->answer_head = d->think_head = false;
	if (d->over)
		return;
	if (t->role == ROLE_USER)
		tell_message(p, t, p->mute);
	else
		tell_answer(p, t, t == s->live);
}

/* ---- which turns ---- */

/* What a version leads to is told again when one goes back to it. */
static void
other_branch(struct plain *p, struct turn *const *v, size_t n)
{
	const struct convo *c = p->app.cur->convo;
	const struct turn *t = convo_turn(c, p->head);
	size_t same = 0;

	if (p->head == c->head || !t)
		return;
	for (; t; t = convo_turn(c, t->parent))
		for (size_t i = same; i < n; i++)
			if (v[i] == t)
				same = i + 1;
	for (size_t i = same; i < n; i++)
		if (told_of(p, v[i])->over)
			*told_of(p, v[i]) = (struct told){ 0 };
}

void
plain_history(struct plain *p, size_t exchanges)
{
	struct turn **v;
	size_t n = convo_branch(p->app.cur->convo, &v), from = n, met = 0;
	bool was = p->mute;

	while (from > 0)
		if (v[--from]->role == ROLE_USER && ++met == exchanges)
			break;
	p->mute = false;
	for (size_t i = from; i < n; i++)
		if (v[i] != p->app.cur->live) {
			*told_of(p, v[i]) = (struct told){ 0 };
			tell_turn(p, v[i]);
		}
	p->mute = was;
	free(v);
}

/* Another conversation: its name, and how it ended. */
static void
new_convo(struct plain *p)
{
	struct session *s = p->app.cur;
	const struct convo *c = s->convo;
	bool first = p->convo[0] == '\0';
	struct turn **v;
	size_t n;

	memcpy(p->convo, c->id, sizeof(p->convo));
	free(p->told);
	p->told = NULL;
	p->n_told = 0;
	p->notes = p->waiting = 0;
	p->head = c->head;
	n = convo_branch(c, &v);
	if (n == 0 && !first)
		plain_say(p, _("Note: A new conversation."));
	for (size_t i = 0; i < n; i++)
		told_of(p, v[i])->over = v[i] != s->live;
	free(v);
	if (n == 0)
		return;
	plain_say(p, ngettext("Note: The conversation is “%s”: %d message; "
	    "/show prints all of it, and its end is:", "Note: The "
	    "conversation is “%s”: %d messages; /show prints all of them, "
	    "and the last are:", (unsigned long)n), c->title, (int)n);
	plain_history(p, 1);
}

static void
tell_turns(struct plain *p)
{
	struct session *s = p->app.cur;
	struct turn **v;
	size_t n = convo_branch(s->convo, &v);

	other_branch(p, v, n);
	for (size_t i = 0; i < n; i++)
		tell_turn(p, v[i]);
	p->head = s->convo->head;
	free(v);
}

/* ---- all the rest ---- */

static const char *
kind(enum style st)
{
	return st == STYLE_ERROR ? _("Error: %s") : _("Note: %s");
}

static void
tell_notes(struct plain *p)
{
	const struct transcript *t = &p->app.cur->view;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].kind == BLOCK_NOTE && n++ >= p->notes)
			plain_say(p, kind(t->v[i].style), t->v[i].note);
	p->notes = n;
}

static void
tell_notice(struct plain *p)
{
	const struct app *a = &p->app;

	if (!a->notice || (p->notice && strcmp(p->notice, a->notice) == 0))
		return;
	plain_say(p, kind(a->notice_style), a->notice);
	free(p->notice);
	p->notice = xstrdup(a->notice);
}

static void
tell_reading(struct plain *p, const struct session *s)
{
	const struct app *a = &p->app;
	int left = (int)(s->read_total - s->read_done), quarter;

	if (s->phase != PHASE_READING || s->read_total < READ_LONG) {
		p->reading = false;
		p->quarter = 0;
		return;
	}
	if (!p->reading && a->read_rate > 0)
		plain_say(p, _("Reading %d tokens, about %d seconds."), left,
		    (int)(left / a->read_rate) + 1);
	else if (!p->reading)
		plain_say(p, _("Reading %d tokens."), left);
	quarter = (int)(4 * s->read_done / s->read_total);
	if (p->reading && quarter > p->quarter && quarter < 4)
		plain_say(p, _("Read %d %%."), 25 * quarter);
	p->quarter = quarter;
	p->reading = true;
}

static void
tell_state(struct plain *p)
{
	const struct app *a = &p->app;
	const struct session *s = a->cur;

	if (a->model.loading && !p->loading)
		plain_say(p, _("Note: Loading %s."), a->model.name);
	p->loading = a->model.loading;
	tell_reading(p, s);
	if (s->n_queue > p->waiting)
		plain_say(p, ngettext("Note: %d message waits for its turn.",
		    "Note: %d messages wait for their turn.",
		    (unsigned long)s->n_queue), (int)s->n_queue);
	p->waiting = s->n_queue;
}

/* Told before the words that it then says: a line of them stays whole. */
static void
tell_ready(struct plain *p)
{
	if (!p->loading || p->app.model.loading || !p->app.model.loaded)
		return;
	plain_say(p, _("Note: The model is ready."));
	p->loading = false;
}

/* A text that the app has put into the prompt, where nobody would see it. */
static void
tell_draft(struct plain *p)
{
	const char *s = editor_text();

	if (p->raw || p->app.pick || (p->draft && strcmp(s, p->draft) == 0))
		return;
	if (*s) {
		plain_say(p, _("In the prompt: %s"), s);
		plain_say(p, _("Note: Enter alone takes it as it is; what you "
		    "write stands instead of it; Ctrl-C forgets it."));
	}
	free(p->draft);
	p->draft = xstrdup(s);
}

void
plain_news(struct plain *p)
{
	if (strcmp(p->convo, p->app.cur->convo->id) != 0)
		new_convo(p);
	tell_ready(p);
	tell_turns(p);
	p->mute = false;
	tell_notes(p);
	tell_notice(p);
	tell_state(p);
	tell_draft(p);
}
