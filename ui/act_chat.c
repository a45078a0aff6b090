/* act_chat.c -- what keys and commands do to the conversation. */
#include "act.h"

#include <stdlib.h>
#include <string.h>

#include "action.h"
#include "alloc.h"
#include "app.h"
#include "editor.h"
#include "i18n.h"
#include "pane.h"

unsigned
act_send(struct app *a, const char *arg)
{
	const char *text = editor_text();
	unsigned r;
	bool ok;
	char *sent;

	(void)arg;
	if (text[strspn(text, " \t\n")] == '\0')
		return 0;
	if (action_is_slash(text)) {
		sent = xstrdup(text);
		r = action_slash(a, sent, &ok);
		/* A command that set up a text of its own keeps it. */
		if (ok && a->mode == MODE_CHAT)
			free(editor_take());
		else if (ok) {
			free(a->draft);
			a->draft = NULL;
		}
		free(sent);
		return r;
	}
	if (a->busy) {
		app_notice_busy(a, "Still answering: Esc stops it. "
		    "What you typed stays here.");
		return 0;
	}
	sent = xstrdup(text);
	if (session_send(a, a->cur, sent) == 0)
		free(editor_take());
	free(sent);
	return 0;
}

unsigned
act_think(struct app *a, const char *arg)
{
	enum thinking t = a->thinking == THINKING_OFF ? THINKING_ON :
	    THINKING_OFF;
	static const char *const what[] = {
		[THINKING_AUTO] = "Models that were trained to think will",
		[THINKING_ON] = "Every model is asked to think first",
		[THINKING_OFF] = "Answers come at once, without thinking" };

	if (*arg && thinking_parse(arg, &t) < 0) {
		app_notice(a, STYLE_ERROR,
		    "/think takes on, off or auto, not “%s”", arg);
		return 0;
	}
	a->thinking = t;
	app_notice(a, STYLE_DIM, "%s", what[t]);
	return 0;
}

unsigned
act_model(struct app *a, const char *arg)
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
