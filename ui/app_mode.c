/* app_mode.c -- while the prompt is for something else than the next message: a
 * title, an edited message, the answer to "really?". */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "app_priv.h"
#include "editor.h"
#include "forget.h"
#include "i18n.h"
#include "message.h"
#include "pane.h"

void
app_draft_restore(struct app *a)
{
	a->mode = MODE_CHAT;
	editor_set(a->draft ? a->draft : "");
	free(a->draft);
	a->draft = NULL;
}

static void
target_set(struct app *a, const char *id)
{
	size_t n = strlen(id);

	if (n >= sizeof(a->target))
		n = sizeof(a->target) - 1;
	memcpy(a->target, id, n);
	a->target[n] = '\0';
}

void
app_rename_begin(struct app *a, const char *id, const char *title)
{
	target_set(a, id);
	a->draft = xstrdup(editor_text());
	editor_set(title);
	a->mode = MODE_RENAME;
	a->focus = FOCUS_PROMPT;
}

void
app_rename(struct app *a, const char *id, const char *title)
{
	struct session *s = app_session(a, id);
	struct err err;
	bool mine = false;

	if (!s) {
		s = session_open(a, id, &err);
		mine = true;
	}
	if (!s) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return;
	}
	session_rename(a, s, title);
	if (s->save_failed)
		app_notice(a, STYLE_ERROR, _("The new title is not saved"));
	if (mine)
		session_leave(a, s);
}

/* "work, ideas" */
static void
put_tags(struct buf *out, char *const *tags, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s", i ? ", " : "", tags[i]);
}

void
app_tag_begin(struct app *a, const struct convo_info *c)
{
	struct buf b = { 0 };

	put_tags(&b, c->tags, c->n_tags);
	app_rename_begin(a, c->id, b.data ? b.data : "");
	a->mode = MODE_TAG;
	buf_free(&b);
}

bool
app_may_delete(struct app *a, const char *id)
{
	struct session *s = app_session(a, id);

	if (!s || !s->live)
		return true;
	app_notice(a, STYLE_NOTICE, _("Still answering there: stop it before "
	    "deleting"));
	return false;
}

void
app_forget_begin(struct app *a, const char *id, const char *title)
{
	if (!app_may_delete(a, id))
		return;
	target_set(a, id);
	a->edited = 0;
	a->mode = MODE_DELETE;
	app_notice(a, STYLE_NOTICE, _("Press y to forget “%s” with every trace "
	    "of it, n to keep it"), *title ? title : _("this conversation"));
	a->notice_until = INT64_MAX;
}

void
app_delete_begin(struct app *a, const char *id, const char *title)
{
	/* It can be brought back, so there is no question. */
	if (a->lists.what == LIST_TRASH && a->focus == FOCUS_LIST)
		app_forget_begin(a, id, title);
	else
		app_trash(a, id, *title ? title : _("this conversation"));
}

void
app_remove_begin(struct app *a, const struct turn *t)
{
	a->edited = t->id;
	a->mode = MODE_DELETE;
	app_notice(a, STYLE_NOTICE, _("Press y to remove this turn and all "
	    "that follows it, n to keep it"));
	a->notice_until = INT64_MAX;
}

void
app_edit_begin(struct app *a, const struct turn *t)
{
	a->edited = t->id;
	a->draft = xstrdup(editor_text());
	editor_set(t->text.data ? t->text.data : "");
	a->mode = MODE_EDIT;
	a->focus = FOCUS_PROMPT;
	a->cost.known = false;
	if (session_measure(a, a->cur, t->parent, editor_text(),
	    &a->cost.id) < 0)
		a->cost.id = 0;
}

static void
forget_it(struct app *a)
{
	struct forgotten f;
	struct err err;

	session_forget(a, a->target);
	if (forget_convo(a->store, a->target, &f, &err) < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	else
		app_notice(a, STYLE_DIM, _("Forgotten. The disk may keep old "
		    "blocks all the same"));
}

/* Remove a turn, or delete a conversation, as it was asked for. */
static void
delete_it(struct app *a)
{
	struct turn *t = convo_turn(a->cur->convo, a->edited);

	if (a->edited) {
		if (t)
			session_remove(a, a->cur, t);
		return;
	}
	if (a->other && strcmp(a->other->convo->id, a->target) == 0)
		app_unsplit(a);
	if (strcmp(a->cur->convo->id, a->target) == 0)
		app_show(a, session_new(a));
	forget_it(a);
	app_list_refresh(a);
}

unsigned
app_delete_key(struct app *a, const struct key *k)
{
	a->mode = MODE_CHAT;
	app_notice_clear(a);
	if (k->code != KEY_CHAR || (k->ch != 'y' && k->ch != 'Y') || k->mod) {
		app_notice(a, STYLE_DIM, _("Kept"));
		return REACT_DRAW;
	}
	delete_it(a);
	return REACT_DRAW;
}

/* Esc gives the prompt's text back, Enter sends; all else edits. */
bool
app_edit_key(struct app *a, const struct key *k)
{
	struct turn *t = convo_turn(a->cur->convo, a->edited);
	struct buf b = { 0 };
	struct err err;

	if (k->code == KEY_ESC_ || (k->code == KEY_CHAR && k->ch == 'c' &&
	    k->mod == MOD_CTRL)) {
		app_draft_restore(a);
		return true;
	}
	if (k->code != KEY_ENTER_ || k->mod || editor_busy() || !t)
		return false;
	if (message_build(a, editor_text(), &b, &err) < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	else if (session_edit(a, a->cur, t, b.data ? b.data : "") == 0)
		app_draft_restore(a);
	buf_free(&b);
	return true;
}

unsigned
app_rename_key(struct app *a, const struct key *k)
{
	bool tagging;
	char *title;

	if (k->code == KEY_ESC_ || (k->code == KEY_CHAR && k->ch == 'c' &&
	    k->mod == MOD_CTRL)) {
		app_draft_restore(a);
		return REACT_DRAW;
	}
	if (k->code == KEY_ENTER_ || (k->code == KEY_CHAR && k->ch == 'j' &&
	    k->mod == MOD_CTRL)) {
		title = xstrdup(editor_text());
		tagging = a->mode == MODE_TAG;
		app_draft_restore(a);
		if (tagging)
			app_tag(a, a->target, title);
		else if (*title)
			app_rename(a, a->target, title);
		free(title);
		return REACT_DRAW;
	}
	if (k->code == KEY_PASTE_)
		editor_insert(k->text, strcspn(k->text, "\r\n") < k->n ?
		    strcspn(k->text, "\r\n") : k->n);
	else if (k->code != KEY_UP_ && k->code != KEY_DOWN_ &&
	    k->code != KEY_F_ && k->code != KEY_TAB_)
		editor_key(k);
	return REACT_DRAW;
}
