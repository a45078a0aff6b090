/* search.c -- see search.h. */
#include "search.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "app.h"
#include "i18n.h"
#include "index.h"
#include "pane.h"
#include "pick.h"
#include "session.h"

#define HITS 60
#define RECENT 200		/* conversations without a word typed */
#define FIRST_BYTES (256u << 10)	/* read before it is shown */
#define PIECE_BYTES (96u << 10)	/* at a time: some hundredths of a second */
#define AGAIN 12		/* pieces between searches meanwhile */
#define BUSY_MS 500		/* another fikr reads it */

struct search {
	struct index *ix;
	enum index_state state;
	int pieces;		/* read since the last search */
	struct index_hit *hits;	/* [n], their places are the list's keys */
	size_t n;
};

void
search_free(struct search *s)
{
	if (!s)
		return;
	index_hits_free(s->hits, s->n);
	index_close(s->ix);
	free(s);
}

/* ---- the list ---- */

static void
put_date(struct buf *b, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char day[32];

	if (localtime_r(&t, &tm) &&
	    strftime(day, sizeof(day), "%Y-%m-%d", &tm) > 0)
		buf_puts(b, day);
}

static void
add_hit(struct pick *p, const struct index_hit *h, size_t i)
{
	char *key = xasprintf("%zu", i);
	struct buf b = { 0 };

	buf_printf(&b, "%s · ", index_where(h));
	put_date(&b, h->time);
	pick_add(p, *h->title ? h->title : _("(untitled)"), b.data, key);
	pick_below(p, h->snippet, h->marks, h->n_marks);
	buf_free(&b);
	free(key);
}

/* Without a word: the conversations, by their last change. */
static void
add_recent(struct app *a)
{
	struct search *s = a->search;

	s->hits = xcalloc(RECENT, sizeof(*s->hits));
	for (int i = 0; i < a->n_list && s->n < RECENT; i++) {
		const struct convo_info *c = &a->list[i];
		struct index_hit *h = &s->hits[s->n];
		struct buf b = { 0 };
		char *key;

		if (c->archived || c->trashed)
			continue;
		key = xasprintf("%zu", s->n);
		memcpy(h->id, c->id, sizeof(h->id));
		s->n++;
		buf_printf(&b, ngettext("%d message", "%d messages",
		    (unsigned long)c->turns), c->turns);
		pick_add(a->pick, *c->title ? c->title : _("(untitled)"),
		    b.data, key);
		buf_free(&b);
		free(key);
	}
}

static void
tell_progress(struct app *a)
{
	struct pick *p = a->pick;
	size_t done, all;

	free(p->note);
	p->note = NULL;
	if (a->search->state == INDEX_READY)
		return;
	index_progress(a->search->ix, &done, &all);
	p->note = a->search->state == INDEX_BUSY ?
	    xstrdup(_("another fikr is reading what is new")) :
	    xasprintf(_("reading what is new: %d %%"),
	    all ? (int)(100 * done / all) : 0);
}

static bool
has_word(const char *s)
{
	return s && s[strspn(s, " \"-")] != '\0';
}

static void
refill(struct app *a)
{
	struct search *s = a->search;
	struct pick *p = a->pick;
	const char *words = p->typed.data;

	index_hits_free(s->hits, s->n);
	s->hits = NULL;
	s->n = 0;
	s->pieces = 0;
	pick_clear(p);
	p->each = has_word(words) ? 2 : 1;
	if (has_word(words)) {
		s->n = index_search(s->ix, words, HITS, &s->hits);
		for (size_t i = 0; i < s->n; i++)
			add_hit(p, &s->hits[i], i);
	} else {
		add_recent(a);
	}
	pick_ready(p, NULL);
	tell_progress(a);
}

/* ---- going there ---- */

/* The hit's turn at the top, and its words looked for from there on. */
static void
go_to_hit(struct app *a, const struct index_hit *h)
{
	struct session *s = a->cur;

	session_show_turn(a, s, h->turn);
	a->focus = FOCUS_VIEW;
	if (a->w < 1)
		return;
	panes_place(a);
	transcript_go_turn(&s->view, h->turn, h->where == WHERE_THINKING);
	transcript_find_in(&s->view, h->found, h->turn,
	    h->where == WHERE_THINKING);
	if (s->view.find.unfolded)
		session_save_fold(a, s, s->view.find.turn);
	panes_find(a);
}

static unsigned
chosen(struct app *a, const char *key)
{
	struct search *s = a->search;
	size_t i = strtoul(key, NULL, 10);
	const struct index_hit *h;

	if (i >= s->n)
		return REACT_DRAW;
	h = &s->hits[i];
	page_close(a);
	if (app_open(a, h->id) < 0)
		return REACT_DRAW;
	if (h->turn > 0)
		go_to_hit(a, h);
	else
		a->focus = FOCUS_PROMPT;
	return REACT_DRAW;
}

/* ---- opening, and reading meanwhile ---- */

void
search_open(struct app *a, const char *words)
{
	struct pick *p;

	if (!a->search) {
		a->search = xcalloc(1, sizeof(*a->search));
		a->search->ix = index_open(a->store);
	}
	index_scan(a->search->ix);
	a->search->state = index_refresh(a->search->ix, FIRST_BYTES);
	p = pick_open(a, _("Search all conversations"), chosen);
	p->retyped = refill;
	buf_puts(&p->typed, words);
	refill(a);
}

static bool
is_open(const struct app *a)
{
	return a->search && a->pick && a->pick->retyped == refill;
}

bool
search_tick(struct app *a)
{
	struct search *s = a->search;

	if (!is_open(a) || s->state == INDEX_READY)
		return false;
	s->state = index_refresh(s->ix, PIECE_BYTES);
	/* What somebody has begun to choose from stays. */
	if ((s->state == INDEX_READY || ++s->pieces >= AGAIN) &&
	    a->pick->at == 0 && has_word(a->pick->typed.data))
		refill(a);
	tell_progress(a);
	return true;
}

int
search_due(const struct app *a)
{
	if (!is_open(a) || a->search->state == INDEX_READY)
		return -1;
	return a->search->state == INDEX_BUSY ? BUSY_MS : 1;
}
