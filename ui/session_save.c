/* session_save.c -- what becomes of a conversation when the disk refuses it:
 * it stays in memory, is tried again as long as the program runs, and nothing
 * is left without a word. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "i18n.h"
#include "session.h"

void
session_saved(struct app *a, struct session *s, int rc, const struct err *err)
{
	bool lost = s->journal && journal_lost(s->journal);

	if (rc == 0)
		return;
	if (!s->journal || journal_failing(s->journal))
		s->waits = true;
	if (!s->save_failed || lost)
		app_note(a, s, STYLE_ERROR, _("Not saved: %s"), err->text);
	s->save_failed = true;
	if (!lost)
		return;
	journal_close(s->journal);
	s->journal = NULL;
	session_make_file(a, s);
}

/* The answer that streams goes along once its model is known. */
bool
session_make_file(struct app *a, struct session *s)
{
	const struct turn *but = s->begun ? NULL : s->live;
	struct err err = { .text = "" };

	if (s->temporary)
		return false;
	s->journal = journal_create(a->store, s->convo, &err);
	session_saved(a, s, s->journal ? journal_whole(s->journal, s->convo,
	    but, &err) : -1, &err);
	return s->journal != NULL;
}

/* Was all of it refused that was to be saved once more? */
static bool
try_again(struct app *a, struct session *s)
{
	struct err err = { .text = "" };

	if (s->waits && s->temporary)
		s->waits = false;
	if (!s->waits)
		return false;
	if (!s->journal) {
		if (!session_make_file(a, s))
			return true;
	} else {
		session_saved(a, s, journal_flush(s->journal, &err), &err);
	}
	if (!s->journal || journal_failing(s->journal))
		return true;
	s->waits = s->save_failed = false;
	return false;
}

void
session_tick(struct app *a, struct session *s)
{
	struct err err = { .text = "" };

	if (s->waits) {
		if (a->now >= s->try_at && a->now - s->try_at < RETRY_MS)
			return;
		s->try_at = a->now;
		if (!try_again(a, s))
			app_note(a, s, STYLE_NOTICE, "%s",
			    _("All of it is saved now"));
	} else if (s->journal && s->live) {
		session_saved(a, s, journal_tick(s->journal, a->now, &err),
		    &err);
	}
}

int
session_flush(struct app *a, struct session *s, struct err *err)
{
	if (s->waits && try_again(a, s))
		return err_set(err, "“%s” is not saved: the disk refuses it",
		    s->convo->title);
	return s->journal ? journal_flush(s->journal, err) : 0;
}

/* ---- those that nobody looks at ---- */

void
session_leave(struct app *a, struct session *s)
{
	if (!s || s->live)
		return;
	if (session_flush(a, s, NULL) == 0) {
		session_free(a, s);
		return;
	}
	a->unsaved = xreallocarray(a->unsaved, a->n_unsaved + 1,
	    sizeof(*a->unsaved));
	a->unsaved[a->n_unsaved++] = s;
}

void
session_return(struct app *a, struct session *s)
{
	for (size_t i = 0; i < a->n_unsaved; i++)
		if (a->unsaved[i] == s) {
			a->unsaved[i] = a->unsaved[--a->n_unsaved];
			return;
		}
}

/* Those that are open, each once: fills v and returns how many. */
static size_t
open_sessions(const struct app *a, struct session ***out)
{
	size_t n = 0, most = a->n_unsaved + RUNS_MAX + 2;
	struct session **v = xcalloc(most, sizeof(struct session *));

	if (a->cur)
		v[n++] = a->cur;
	if (a->other)
		v[n++] = a->other;
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i] && !app_shown(a, a->run[i]))
			v[n++] = a->run[i];
	for (size_t i = 0; i < a->n_unsaved; i++)
		v[n++] = a->unsaved[i];
	*out = v;
	return n;
}

void
sessions_tick(struct app *a)
{
	struct session **v;
	size_t n = open_sessions(a, &v);

	for (size_t i = 0; i < n; i++)
		session_tick(a, v[i]);
	free(v);
	for (size_t i = a->n_unsaved; i-- > 0; )
		if (!a->unsaved[i]->waits) {
			struct session *s = a->unsaved[i];

			session_return(a, s);
			session_free(a, s);
		}
}

bool
sessions_wait(const struct app *a)
{
	struct session **v;
	size_t n = open_sessions(a, &v);
	bool wait = false;

	for (size_t i = 0; i < n; i++)
		wait |= v[i]->waits;
	free(v);
	return wait;
}

int
sessions_flush(struct app *a, bool end, struct err *err)
{
	struct session **v;
	size_t n = open_sessions(a, &v);
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		if (end && v[i]->live)
			session_end(a, v[i], DONE_CANCEL);
		if (session_flush(a, v[i], r == 0 ? err : NULL) < 0)
			r = -1;
	}
	free(v);
	return r;
}
