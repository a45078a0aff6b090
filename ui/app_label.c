/* app_label.c -- conversations arranged on the screen: pinned, archived, tagged,
 * put into the trash and brought back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "i18n.h"
#include "session.h"
#include "trash.h"

/* Who asked that nothing be saved does not want files moved about either. */
static bool
may_arrange(struct app *a)
{
	if (!a->store->temporary)
		return true;
	app_notice(a, STYLE_NOTICE, _("This fikr saves nothing; start it "
	    "without --temporary to arrange conversations"));
	return false;
}

/* One that is not open. */
static int
label_closed(struct app *a, const char *id, const struct label_change *l,
    struct err *err)
{
	struct convo *c;
	struct journal *j = labels_open(a->store, id, &c, err);
	int r;

	if (!j)
		return -1;
	r = labels_apply(c, l, err);
	if (r == 0)
		r = journal_labels(j, c, err);
	if (r == 0)
		app_list_update(a, c, false);
	journal_close(j);
	convo_free(c);
	return r;
}

static int
label_open(struct app *a, struct session *s, const struct label_change *l,
    struct err *err)
{
	int r = labels_apply(s->convo, l, err);

	if (r == 0)
		r = journal_labels(s->journal, s->convo, err);
	app_list_update(a, s->convo, false);
	return r;
}

int
app_label(struct app *a, const char *id, const struct label_change *l)
{
	struct session *s = app_session(a, id);
	struct err err;
	int r;

	if (!may_arrange(a))
		return -1;
	if (s && !s->journal) {
		app_notice(a, STYLE_NOTICE, "%s", _("Nothing is saved here "
		    "yet"));
		return -1;
	}
	if (s && !session_writable(a, s))
		return -1;
	r = s ? label_open(a, s, l, &err) : label_closed(a, id, l, &err);
	if (r < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	return r;
}

/* "-old" for each tag that there is. */
static size_t
take_away(const struct app *a, const char *id, char **v)
{
	size_t n = 0;

	for (int i = 0; i < a->n_list; i++) {
		const struct convo_info *c = &a->list[i];

		for (size_t k = 0; strcmp(c->id, id) == 0 && k < c->n_tags &&
		    n < TAGS_MAX; k++)
			v[n++] = xasprintf("-%s", c->tags[k]);
	}
	return n;
}

void
app_tag(struct app *a, const char *id, const char *text)
{
	struct label_change l = LABELS_AS_THEY_ARE;
	char *v[2 * TAGS_MAX], *copy = xstrdup(text), *save = NULL;
	size_t n = take_away(a, id, v);

	for (char *t = strtok_r(copy, ",", &save); t && n < 2 * TAGS_MAX;
	    t = strtok_r(NULL, ",", &save)) {
		size_t len;

		t += strspn(t, " ");
		for (len = strlen(t); len > 0 && t[len - 1] == ' '; len--)
			;
		if (len > 0)
			v[n++] = xasprintf("+%.*s", (int)len, t);
	}
	l.tags = v;
	l.n_tags = (int)n;
	app_label(a, id, &l);
	while (n > 0)
		free(v[--n]);
	free(copy);
}

/* Nobody shows it any more. */
static void
put_away(struct app *a, const char *id)
{
	if (a->other && strcmp(a->other->convo->id, id) == 0)
		app_unsplit(a);
	if (strcmp(a->cur->convo->id, id) == 0)
		app_show(a, session_new(a));
}

static void
tell_trashed(struct app *a, const char *title)
{
	app_notice(a, STYLE_NOTICE, a->focus == FOCUS_LIST ?
	    _("“%s” is in the trash for %d days; u brings it back") :
	    _("“%s” is in the trash for %d days; /restore brings it back"),
	    title, TRASH_DAYS);
}

void
app_trash(struct app *a, const char *given, const char *given_title)
{
	struct session *s = app_session(a, given);
	/* Both may be of what is freed here. */
	char *id = xstrdup(given), *title = xstrdup(given_title);
	struct list_view *l = &a->lists;
	struct err err;

	if (app_may_delete(a, id) && may_arrange(a) &&
	    (!s || session_writable(a, s))) {
		put_away(a, id);
		if (trash_put(a->store, id, a->now, &err) < 0) {
			app_notice(a, STYLE_ERROR, "%s", err.text);
		} else {
			snprintf(l->deleted, sizeof(l->deleted), "%s", id);
			tell_trashed(a, title);
			app_list_drop(a, id);
		}
	}
	free(id);
	free(title);
}

void
app_restore(struct app *a, const char *id)
{
	struct err err;

	if (!may_arrange(a))
		return;
	if (!*id) {
		app_notice(a, STYLE_NOTICE, _("Nothing was deleted since the "
		    "start; /trash shows what was before"));
		return;
	}
	if (trash_restore(a->store, id, &err) < 0)
		app_notice(a, STYLE_ERROR, "%s", err.text);
	else
		app_notice(a, STYLE_DIM, _("Brought back"));
	if (strcmp(a->lists.deleted, id) == 0)
		a->lists.deleted[0] = '\0';
	app_list_refresh(a);
}
