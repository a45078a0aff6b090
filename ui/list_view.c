/* list_view.c -- see list_view.h. */
#include "list_view.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "app.h"
#include "app_priv.h"
#include "i18n.h"

static void
groups_free(struct list_view *l)
{
	for (size_t i = 0; i < l->n_groups; i++)
		free(l->groups[i].name);
	free(l->groups);
	l->groups = NULL;
	l->n_groups = 0;
}

void
list_view_done(struct app *a)
{
	struct list_view *l = &a->lists;

	groups_free(l);
	convo_infos_free(l->all, l->n_all);
	free(a->list);
	free(l->tag);
	buf_free(&l->typed);
}

/* ---- which ---- */

static bool
has_tag(const struct convo_info *c, const char *tag)
{
	for (size_t i = 0; i < c->n_tags; i++)
		if (strcmp(c->tags[i], tag) == 0)
			return true;
	return false;
}

static bool
is_shown(const struct list_view *l, const struct convo_info *c)
{
	if (l->what != LIST_TRASH && (c->trashed != 0 ||
	    c->archived != (l->what == LIST_ARCHIVE)))
		return false;
	if (l->tag && !has_tag(c, l->tag))
		return false;
	return l->typed.len == 0 || strcasestr(c->title, l->typed.data);
}

/* Those that are pinned, or those that are not, in their order. */
static void
add_shown(struct app *a, bool pinned)
{
	const struct list_view *l = &a->lists;

	for (int i = 0; i < l->n_all; i++)
		if ((l->all[i].pinned && l->what == LIST_USUAL) == pinned &&
		    is_shown(l, &l->all[i]))
			a->list[a->n_list++] = l->all[i];
}

/* ---- groups ---- */

/* Midnight at the beginning of a day, `back` days before now's. */
static int64_t
day_begin(int64_t now, int back)
{
	time_t t = (time_t)(now / 1000);
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return 0;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday -= back;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * 1000;
}

/* The month of a time: its name, and where it begins.  strftime() knows no
 * names where the language's locale is not installed. */
static char *
month_of(int64_t ms, int64_t *begin)
{
	static const char *const months[] = {
		N_("January %d"), N_("February %d"), N_("March %d"),
		N_("April %d"), N_("May %d"), N_("June %d"), N_("July %d"),
		N_("August %d"), N_("September %d"), N_("October %d"),
		N_("November %d"), N_("December %d"),
	};
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	*begin = INT64_MIN;
	if (!localtime_r(&t, &tm))
		return xstrdup(_("Older"));
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday = 1;
	tm.tm_isdst = -1;
	*begin = (int64_t)mktime(&tm) * 1000;
	return xasprintf(_(months[tm.tm_mon]), tm.tm_year + 1900);
}

/* The group of a conversation that was changed at ms, and where that group
 * begins in time: what comes behind and is not older is in it, too. */
static char *
group_of(int64_t now, int64_t ms, int64_t *begin)
{
	static const struct {
		int back;
		const char *name;
	} days[] = {
		{ 0, N_("Today") }, { 1, N_("Yesterday") },
		{ 7, N_("The last 7 days") }, { 30, N_("The last 30 days") },
	};

	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		*begin = day_begin(now, days[i].back);
		if (ms >= *begin)
			return xstrdup(_(days[i].name));
	}
	return month_of(ms, begin);
}

static void
add_group(struct list_view *l, int first, char *name)
{
	l->groups = xreallocarray(l->groups, l->n_groups + 1,
	    sizeof(*l->groups));
	l->groups[l->n_groups++] = (struct list_group){ first, name };
}

static void
make_groups(struct app *a)
{
	struct list_view *l = &a->lists;
	int64_t begin = INT64_MAX;
	int i = 0;

	groups_free(l);
	l->until = day_begin(a->now, -1);
	if (l->what == LIST_TRASH)
		return;
	if (a->n_list > 0 && a->list[0].pinned && l->what == LIST_USUAL)
		add_group(l, 0, xstrdup(_("Pinned")));
	while (l->what == LIST_USUAL && i < a->n_list && a->list[i].pinned)
		i++;
	for (; i < a->n_list; i++)
		if (a->list[i].changed < begin)
			add_group(l, i, group_of(a->now, a->list[i].changed,
			    &begin));
}

int
list_view_heads(const struct app *a, int from, int to)
{
	int n = 0;

	for (size_t i = 0; i < a->lists.n_groups; i++)
		n += a->lists.groups[i].first > from &&
		    a->lists.groups[i].first <= to;
	return n;
}

const struct list_group *
list_view_group(const struct app *a, int i)
{
	const struct list_view *l = &a->lists;

	for (size_t k = l->n_groups; k-- > 0; )
		if (l->groups[k].first <= i)
			return &l->groups[k];
	return NULL;
}

/* ---- all together ---- */

void
list_view_make(struct app *a)
{
	char id[32] = "";

	if (a->list_at < a->n_list)
		memcpy(id, a->list[a->list_at].id, sizeof(id));
	free(a->list);
	a->list = xcalloc((size_t)a->lists.n_all + 1, sizeof(*a->list));
	a->n_list = 0;
	add_shown(a, true);
	add_shown(a, false);
	make_groups(a);
	if (a->list_at >= a->n_list)
		a->list_at = a->n_list > 0 ? a->n_list - 1 : 0;
	app_list_point(a, id);
}

void
list_view_set(struct app *a, struct convo_info *all, int n)
{
	struct list_view *l = &a->lists;
	struct convo_info *old = l->all;
	int n_old = l->n_all;

	l->all = all;
	l->n_all = n;
	list_view_make(a);
	convo_infos_free(old, n_old);
}

void
list_view_what(struct app *a, enum list_what what)
{
	a->lists.what = what;
	/* The trash is another folder: what is known is not of there. */
	list_view_set(a, NULL, 0);
	a->list_at = a->list_top = 0;
	list_view_clear(a);
	app_list_refresh(a);
}

void
list_view_tag(struct app *a, const char *tag)
{
	char *copy = tag ? xstrdup(tag) : NULL;

	free(a->lists.tag);
	a->lists.tag = copy;
	list_view_make(a);
}

void
list_view_type(struct app *a, const char *s, size_t n)
{
	buf_add(&a->lists.typed, s, n);
	list_view_make(a);
}

bool
list_view_sifted(const struct app *a)
{
	const struct list_view *l = &a->lists;

	return l->what != LIST_USUAL || l->tag || l->typed.len > 0;
}

void
list_view_found(struct app *a)
{
	a->lists.typing = false;
	if (a->lists.typed.len == 0)
		return;
	buf_clear(&a->lists.typed);
	list_view_make(a);
}

void
list_view_clear(struct app *a)
{
	a->lists.typing = false;
	buf_clear(&a->lists.typed);
	list_view_tag(a, NULL);
}
