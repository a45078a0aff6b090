/* act_label.c -- what keys and commands do to arrange conversations: pins,
 * the archive, tags, the trash; and what of that the list shows. */
#include "act.h"

#include <stdio.h>
#include <string.h>

#include "app.h"
#include "i18n.h"
#include "pane.h"
#include "pick.h"
#include "trash.h"

/* ---- one conversation ---- */

/* The one that is meant: under the list's cursor, or the one shown, as the list
 * knows it; else a notice. */
static const struct convo_info *
meant(struct app *a)
{
	const struct list_view *l = &a->lists;

	if (l->what == LIST_TRASH && a->focus == FOCUS_LIST) {
		app_notice(a, STYLE_NOTICE, _("It is in the trash; u brings it "
		    "back"));
		return NULL;
	}
	if (a->focus == FOCUS_LIST)
		return pane_list_at(a);
	for (int i = 0; i < l->n_all; i++)
		if (strcmp(l->all[i].id, a->cur->convo->id) == 0)
			return &l->all[i];
	app_notice(a, STYLE_NOTICE, _("Nothing is saved here yet"));
	return NULL;
}

/* c goes with the list that the change makes anew. */
static unsigned
change(struct app *a, const struct convo_info *c, const struct label_change *l,
    const char *done)
{
	char id[32];

	memcpy(id, c->id, sizeof(id));
	if (app_label(a, id, l) == 0)
		app_notice(a, STYLE_DIM, "%s", done);
	return 0;
}

unsigned
act_pin(struct app *a, const char *arg)
{
	const struct convo_info *c = meant(a);
	struct label_change l = LABELS_AS_THEY_ARE;

	(void)arg;
	if (!c)
		return 0;
	l.pinned = !c->pinned;
	return change(a, c, &l, l.pinned ? _("Pinned on top") :
	    _("No longer pinned"));
}

unsigned
act_archive(struct app *a, const char *arg)
{
	const struct convo_info *c = meant(a);
	struct label_change l = LABELS_AS_THEY_ARE;

	(void)arg;
	if (!c)
		return 0;
	l.archived = !c->archived;
	return change(a, c, &l, l.archived ? _("Archived; /archived shows "
	    "it") : _("Out of the archive"));
}

/* "+work -ideas", or nothing to have them edited. */
unsigned
act_tag(struct app *a, const char *arg)
{
	const struct convo_info *c = meant(a);
	struct label_change l = LABELS_AS_THEY_ARE;
	char *word = (char *)arg, id[32];

	if (c && !*arg)
		app_tag_begin(a, c);
	if (!c || !*arg)
		return 0;
	memcpy(id, c->id, sizeof(id));
	l.tags = &word;
	l.n_tags = 1;
	if (app_label(a, id, &l) == 0)
		app_notice(a, STYLE_DIM, *arg == '+' ? _("Tagged “%s”") :
		    _("No longer tagged “%s”"), arg + 1);
	return 0;
}

unsigned
act_restore(struct app *a, const char *arg)
{
	const struct convo_info *c = pane_list_at(a);
	char id[32];

	(void)arg;
	memcpy(id, c && a->lists.what == LIST_TRASH ? c->id :
	    a->lists.deleted, sizeof(id));
	app_restore(a, id);
	return 0;
}

/* ---- what the list shows ---- */

static unsigned
show(struct app *a, enum list_what what)
{
	a->list_pane = true;
	list_view_what(a, a->lists.what == what ? LIST_USUAL : what);
	if (a->lists.what != LIST_USUAL && a->w >= LAYOUT_LIST_MIN)
		a->focus = FOCUS_LIST;
	return 0;
}

/* Line by line there is no list that stays, but one to choose from: of all, or
 * of those that are archived. */
static void
choose_from(struct pick *p, const struct convo_info *v, int n, bool all)
{
	for (int i = 0; i < n; i++)
		if (all || v[i].archived)
			pick_add(p, *v[i].title ? v[i].title :
			    _("(untitled)"), NULL, v[i].id);
	pick_ready(p, NULL);
}

static unsigned
choose_archived(struct app *a, const char *id)
{
	app_open(a, id);
	return REACT_DRAW;
}

static unsigned
choose_trashed(struct app *a, const char *id)
{
	app_restore(a, id);
	return REACT_DRAW;
}

static unsigned
pick_trashed(struct app *a)
{
	struct convo_info *v;
	struct err err;
	int n = trash_list(a->store, &v, &err);

	if (n < 0) {
		app_notice(a, STYLE_ERROR, "%s", err.text);
		return 0;
	}
	choose_from(pick_open(a, _("In the trash: bring back"),
	    choose_trashed), v, n, true);
	convo_infos_free(v, n);
	return 0;
}

unsigned
act_archived(struct app *a, const char *arg)
{
	(void)arg;
	if (!a->lines)
		return show(a, LIST_ARCHIVE);
	choose_from(pick_open(a, _("Archive"), choose_archived), a->lists.all,
	    a->lists.n_all, false);
	return 0;
}

unsigned
act_trash(struct app *a, const char *arg)
{
	(void)arg;
	return a->lines ? pick_trashed(a) : show(a, LIST_TRASH);
}

unsigned
act_list_type(struct app *a, const char *arg)
{
	(void)arg;
	a->lists.typing = true;
	return 0;
}

static unsigned
choose_tag(struct app *a, const char *tag)
{
	list_view_tag(a, *tag ? tag : NULL);
	a->list_at = a->list_top = 0;
	return REACT_DRAW;
}

/* How many have it; 0 if one before i has it, too, so that it was counted. */
static int
count_tag(const struct list_view *l, int i, const char *tag)
{
	int n = 0;

	for (int k = 0; k < l->n_all; k++)
		for (size_t t = 0; t < l->all[k].n_tags; t++)
			if (strcmp(l->all[k].tags[t], tag) == 0) {
				if (k < i)
					return 0;
				n++;
			}
	return n;
}

unsigned
act_tags(struct app *a, const char *arg)
{
	const struct list_view *l = &a->lists;
	struct pick *p = pick_open(a, _("Tags"), choose_tag);
	char detail[32];

	(void)arg;
	pick_add(p, _("all conversations"), NULL, "");
	for (int i = 0; i < l->n_all; i++)
		for (size_t t = 0; t < l->all[i].n_tags; t++) {
			const char *tag = l->all[i].tags[t];
			int n = count_tag(l, i, tag);

			snprintf(detail, sizeof(detail), "%d", n);
			if (n > 0)
				pick_add(p, tag, detail, tag);
		}
	pick_ready(p, l->tag);
	return 0;
}
