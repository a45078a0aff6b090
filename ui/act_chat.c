/* act_chat.c -- what keys and commands do to the conversation. */
#include "act.h"

#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "editor.h"
#include "i18n.h"
#include "markdown.h"
#include "message.h"
#include "page.h"
#include "pane.h"

static unsigned
run_slash(struct app *a)
{
	char *text = xstrdup(editor_text());
	unsigned r;
	bool ok;

	r = action_slash(a, text, &ok);
	/* A command that set up a text of its own keeps it. */
	if (ok && strcmp(editor_text(), text) == 0 && (a->mode == MODE_CHAT ||
	    a->mode == MODE_DELETE)) {
		free(editor_take());
	} else if (ok && a->mode != MODE_CHAT) {
		free(a->draft);
		a->draft = NULL;
	}
	free(text);
	return r;
}

/* The message goes out, or into the queue. */
static void
send_message(struct app *a, const char *text)
{
	struct buf whole = { 0 }, sent = { 0 };
	struct err err;
	bool done = true;

	if (message_build(a, text, &whole, &err) < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return;
	}
	if (a->cur->live)
		session_queue(a->cur, whole.data);
	else
		done = session_send(a, a->cur, whole.data) == 0;
	if (done) {
		message_unfold(a, text, &sent);
		editor_sent(sent.data);
	}
	buf_free(&whole);
	buf_free(&sent);
}

unsigned
act_send(struct app *a, const char *arg)
{
	const char *text = editor_text();

	(void)arg;
	if (text[strspn(text, " \t\n")] == '\0') {
		a->cur->held = false;
		session_next(a, a->cur);
		return 0;
	}
	if (action_is_slash(text))
		return run_slash(a);
	send_message(a, text);
	return 0;
}

/* "200" or "low" to "max": tokens, "90s": seconds of thinking at most; "off": no
 * limit.  -1 if it is none of these. */
static int
parse_budget(const char *s, int *tokens, int *ms)
{
	static const struct { const char *name; int tokens; } efforts[] = {
		{ "off", 0 }, { "low", 250 }, { "medium", 1000 },
		{ "high", 4000 }, { "max", 100000 },
	};
	char *end;
	long n = strtol(s, &end, 10);

	*tokens = *ms = 0;
	for (size_t i = 0; i < sizeof(efforts) / sizeof(*efforts); i++)
		if (strcmp(s, efforts[i].name) == 0) {
			*tokens = efforts[i].tokens;
			return 0;
		}
	if (end == s || n < 1 || n > 1000000)
		return -1;
	if (strcmp(end, "s") == 0 && n <= 86400)
		*ms = (int)n * 1000;
	else if (!*end)
		*tokens = (int)n;
	else
		return -1;
	return 0;
}

static void
tell_thinking(struct app *a)
{
	static const char *const what[] = {
		[THINKING_AUTO] =
		    N_("Models that were trained to think will"),
		[THINKING_ON] = N_("Every model is asked to think first"),
		[THINKING_OFF] =
		    N_("Answers come at once, without thinking") };

	if (a->thinking != THINKING_OFF && a->budget_ms > 0)
		app_notice(a, STYLE_DIM, ngettext("It thinks for at most %d "
		    "second", "It thinks for at most %d seconds",
		    (unsigned long)(a->budget_ms / 1000)),
		    a->budget_ms / 1000);
	else if (a->thinking != THINKING_OFF && a->budget > 0)
		app_notice(a, STYLE_DIM, ngettext("It thinks for at most %d "
		    "token", "It thinks for at most %d tokens",
		    (unsigned long)a->budget), a->budget);
	else
		app_notice(a, STYLE_DIM, "%s", _(what[a->thinking]));
}

unsigned
act_think(struct app *a, const char *arg)
{
	enum thinking t = a->thinking == THINKING_OFF ? THINKING_ON :
	    THINKING_OFF;
	int tokens, ms;

	if (*arg && parse_budget(arg, &tokens, &ms) == 0 &&
	    strcmp(arg, "off") != 0) {
		a->budget = tokens;
		a->budget_ms = ms;
		t = a->thinking == THINKING_OFF ? THINKING_ON : a->thinking;
	} else if (*arg && thinking_parse(arg, &t) < 0) {
		app_notice(a, STYLE_ERROR, _("/think takes on, off, auto, "
		    "tokens or seconds (90s), not “%s”"),
		    arg);
		return 0;
	}
	a->thinking = t;
	tell_thinking(a);
	return 0;
}

unsigned
act_budget(struct app *a, const char *arg)
{
	int tokens, ms;

	if (*arg && parse_budget(arg, &tokens, &ms) < 0) {
		app_notice(a, STYLE_ERROR, _("/budget takes a number of "
		    "tokens, or of seconds such as 90s, or off, not “%s”"),
		    arg);
		return 0;
	}
	if (*arg) {
		a->budget = tokens;
		a->budget_ms = ms;
	}
	tell_thinking(a);
	return 0;
}

/* ---- turns ---- */

/* The turn that is meant: at the transcript's cursor when that has the focus,
 * else the last one of its kind. */
static struct turn *
turn_meant(struct app *a, enum role role)
{
	struct turn *t = a->focus == FOCUS_PROMPT ? NULL :
	    transcript_at(&a->cur->view);

	if (t && t->role == role)
		return t;
	if (t && role == ROLE_USER)		/* the question of an answer */
		return convo_turn(a->cur->convo, t->parent);
	t = session_last(a->cur, role);
	if (!t)
		app_notice(a, STYLE_DIM, _("There is none yet"));
	return t;
}

unsigned
act_regenerate(struct app *a, const char *arg)
{
	struct turn *t = session_last(a->cur, ROLE_USER);

	(void)arg;
	if (a->focus != FOCUS_PROMPT)
		t = turn_meant(a, ROLE_ASSISTANT);
	else if (t && t->id != a->cur->convo->head)
		t = session_last(a->cur, ROLE_ASSISTANT);
	if (t)
		session_regenerate(a, a->cur, t);
	return 0;
}

unsigned
act_continue(struct app *a, const char *arg)
{
	(void)arg;
	session_continue(a, a->cur, turn_meant(a, ROLE_ASSISTANT));
	return 0;
}

unsigned
act_edit(struct app *a, const char *arg)
{
	struct turn *t = turn_meant(a, ROLE_USER);

	(void)arg;
	if (!t || !session_writable(a, a->cur))
		return 0;
	if (a->cur->live) {
		app_notice_busy(a, _("Still answering: Esc stops it"));
		return 0;
	}
	app_edit_begin(a, t);
	return 0;
}

unsigned
act_version_before(struct app *a, const char *arg)
{
	(void)arg;
	session_version(a, a->cur, turn_meant(a, ROLE_ASSISTANT), -1);
	return 0;
}

unsigned
act_version_after(struct app *a, const char *arg)
{
	(void)arg;
	session_version(a, a->cur, turn_meant(a, ROLE_ASSISTANT), 1);
	return 0;
}

unsigned
act_remove(struct app *a, const char *arg)
{
	struct turn *t = a->focus == FOCUS_PROMPT ?
	    session_last(a->cur, ROLE_USER) : transcript_at(&a->cur->view);

	(void)arg;
	if (!t)
		app_notice(a, STYLE_DIM, _("There is none yet"));
	else if (a->cur->live)
		app_notice_busy(a, _("Still answering: Esc stops it"));
	else if (session_writable(a, a->cur))
		app_remove_begin(a, t);
	return 0;
}

unsigned
act_answer_now(struct app *a, const char *arg)
{
	(void)arg;
	session_answer_now(a, a->cur);
	return 0;
}

unsigned
act_steer(struct app *a, const char *arg)
{
	const char *text = *arg ? arg : editor_text();

	if (!text[strspn(text, " \t\n")])
		app_notice(a, STYLE_NOTICE, _("Write what it should think of, "
		    "then Alt-S puts it into the thought"));
	else if (session_steer(a, a->cur, text) == 0 && !*arg)
		free(editor_take());
	return 0;
}

unsigned
act_queue_edit(struct app *a, const char *arg)
{
	struct session *s = a->cur;
	char *text;

	(void)arg;
	if (s->n_queue == 0)
		app_notice(a, STYLE_DIM, _("No prompt is waiting"));
	else if (*editor_text())
		app_notice(a, STYLE_NOTICE, _("Send or clear what is in the "
		    "prompt first"));
	else {
		text = session_unqueue(s, s->n_queue - 1);
		editor_set(text);
		free(text);
	}
	return 0;
}

/* ---- copying and comparing ---- */

static unsigned
copy(struct app *a, struct buf *b)
{
	free(a->clip);
	a->clip = buf_take(b);
	return REACT_COPY;
}

/* The answer, with its thought before it as a quotation if wanted. */
static unsigned
copy_answer(struct app *a, bool thinking)
{
	struct turn *t = turn_meant(a, ROLE_ASSISTANT);
	struct buf b = { 0 };

	if (!t)
		return 0;
	if (thinking && t->thinking.len > 0) {
		buf_puts(&b, "> ");
		for (size_t i = 0; i < t->thinking.len; i++) {
			buf_addc(&b, t->thinking.data[i]);
			if (t->thinking.data[i] == '\n')
				buf_puts(&b, "> ");
		}
		buf_puts(&b, "\n\n");
	}
	buf_add(&b, t->text.data ? t->text.data : "", t->text.len);
	return copy(a, &b);
}

static unsigned
copy_code(struct app *a, int k)
{
	struct turn *t = turn_meant(a, ROLE_ASSISTANT);
	struct buf b = { 0 };
	size_t n;

	if (!t)
		return 0;
	n = markdown_code_block(t->text.data ? t->text.data : "",
	    t->text.len, k, &b);
	if (k == 0 && n > 0) {		/* the last one */
		buf_clear(&b);
		markdown_code_block(t->text.data, t->text.len, (int)n, &b);
	}
	if (n == 0)
		app_notice(a, STYLE_DIM, _("There is no block of code here"));
	else if (k > (int)n)
		app_notice(a, STYLE_DIM, ngettext("There is only %zu block "
		    "of code here", "There are only %zu blocks of code here",
		    (unsigned long)n), n);
	else
		return copy(a, &b);
	buf_free(&b);
	return 0;
}

unsigned
act_copy(struct app *a, const char *arg)
{
	if (strncmp(arg, "code", 4) == 0)
		return copy_code(a, atoi(arg + 4));
	if (strcmp(arg, "all") == 0)
		return copy_answer(a, true);
	if (*arg && strcmp(arg, "answer") != 0) {
		app_notice(a, STYLE_ERROR, _("/copy takes answer, all, or "
		    "code and a number, not “%s”"), arg);
		return 0;
	}
	return copy_answer(a, false);
}

unsigned
act_copy_all(struct app *a, const char *arg)
{
	(void)arg;
	return copy_answer(a, true);
}

unsigned
act_copy_code(struct app *a, const char *arg)
{
	return copy_code(a, atoi(arg));
}

unsigned
act_diff(struct app *a, const char *arg)
{
	struct turn *t = turn_meant(a, ROLE_ASSISTANT), **v;
	size_t n;

	(void)arg;
	if (!t)
		return 0;
	n = convo_siblings(a->cur->convo, t, &v);
	free(v);
	a->edited = t->id;
	if (n < 2)
		app_notice(a, STYLE_DIM, _("There is one version only"));
	else
		page_toggle(a, _("What changed since the version before"),
		    diff_fill, false);
	return 0;
}

unsigned
act_context(struct app *a, const char *arg)
{
	(void)arg;
	page_toggle(a, _("What the model sees"), context_fill, false);
	a->map.known = false;
	if (a->page.fill && session_measure(a, a->cur, a->cur->convo->head,
	    NULL, &a->map.id) < 0)
		a->map.id = 0;
	return 0;
}

unsigned
act_stats(struct app *a, const char *arg)
{
	(void)arg;
	page_toggle(a, _("Statistics"), stats_fill, false);
	if (a->page.fill)
		stats_read_prices(a);
	stats_ask(a);
	return 0;
}

/* ---- the conversation ---- */

unsigned
act_temporary(struct app *a, const char *arg)
{
	(void)arg;
	if (a->store->temporary) {
		app_notice(a, STYLE_NOTICE, _("This fikr saves nothing; "
		    "start it without --temporary to keep what is said"));
		return 0;
	}
	if (a->cur->convo->n > 0)
		app_show(a, session_new(a));
	a->cur->temporary = !a->cur->temporary;
	a->focus = FOCUS_PROMPT;
	app_notice(a, STYLE_NOTICE, a->cur->temporary ?
	    _("Nothing of this conversation is saved") :
	    _("This conversation is saved"));
	return 0;
}

unsigned
act_system(struct app *a, const char *arg)
{
	const struct convo *c = a->cur->convo;
	const char *text = c->system ? c->system : a->conf->system;

	if (!session_writable(a, a->cur))
		return 0;
	if (!*arg) {
		app_note(a, a->cur, STYLE_NOTICE, text && *text ?
		    _("The system prompt is: %s") :
		    _("There is no system prompt; /system TEXT sets one"),
		    text);
		return 0;
	}
	session_persona(a, a->cur, NULL, arg);
	app_notice(a, STYLE_DIM, _("The system prompt of this conversation "
	    "is set"));
	return 0;
}

unsigned
act_split(struct app *a, const char *arg)
{
	(void)arg;
	if (a->other)
		app_unsplit(a);
	else
		app_split(a);
	a->focus = FOCUS_PROMPT;
	return 0;
}

unsigned
act_switch(struct app *a, const char *arg)
{
	(void)arg;
	if (!a->other)
		app_split(a);
	else
		app_switch(a);
	return 0;
}

unsigned
act_info(struct app *a, const char *arg)
{
	struct buf b = { 0 };

	(void)arg;
	model_describe(&a->model, &a->conf->load, &b);
	app_note(a, a->cur, STYLE_NOTICE, "%s", b.data);
	for (size_t i = 0; i < a->model.n_notes; i++)
		app_note(a, a->cur, STYLE_NOTICE, "%s", a->model.notes[i]);
	transcript_bottom(&a->cur->view);
	buf_free(&b);
	return 0;
}
