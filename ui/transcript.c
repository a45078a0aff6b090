/* transcript.c -- the blocks of a conversation. */
#include "transcript.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "transcript_priv.h"

void
transcript_init(struct transcript *t, enum think_view view)
{
	memset(t, 0, sizeof(*t));
	t->view = view;
	t->follow = true;
}

void
block_forget(struct block *b)
{
	flow_free(&b->flow);
	if (b->md) {
		mdview_free(b->md);
		b->md = mdview_new(STYLE_TEXT);
	}
	b->md_rows = NULL;
}

static void
blocks_free(struct block *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		flow_free(&v[i].flow);
		mdview_free(v[i].md);
		free(v[i].note);
	}
	free(v);
}

/* No blocks, and no place in them. */
static void
empty(struct transcript *t)
{
	t->v = NULL;
	t->n = t->cap = t->at = t->placed = t->kept = 0;
	t->anchor = t->home.at = (struct place){ 0 };
	t->home.width = 0;
	t->find.some = false;
	/* What they show is gone. */
	for (int y = 0; y < t->lines_cap; y++)
		t->lines[y].shown = false;
	sums_free(&t->sums);
}

void
transcript_done(struct transcript *t)
{
	blocks_free(t->v, t->n);
	empty(t);
	free(t->lines);
	free(t->find.v);
	t->lines = NULL;
	t->find.v = NULL;
	t->lines_cap = 0;
	t->find.n = t->find.cap = 0;
}

static struct block *
block_add(struct transcript *t, enum block_kind kind, struct turn *turn)
{
	struct block *b;

	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->v = xreallocarray(t->v, t->cap, sizeof(*t->v));
	}
	b = &t->v[t->n++];
	memset(b, 0, sizeof(*b));
	b->kind = kind;
	b->turn = turn;
	return b;
}

void
transcript_add(struct transcript *t, struct turn *turn)
{
	if (turn->role == ROLE_USER) {
		block_add(t, BLOCK_USER, turn);
	} else if (turn->role == ROLE_ASSISTANT) {
		block_add(t, BLOCK_NAME, turn);
		block_add(t, BLOCK_THINK, turn);
		block_add(t, BLOCK_ANSWER, turn);
	}
	t->at = t->n ? t->n - 1 : 0;
}

void
transcript_solo(struct transcript *t, struct turn *turn)
{
	blocks_free(t->v, t->n);
	empty(t);
	t->solo = true;
	t->follow = true;
	if (turn)
		block_add(t, BLOCK_THINK, turn);
}

void
transcript_note(struct transcript *t, enum style st, const char *text)
{
	struct block *b = block_add(t, BLOCK_NOTE, NULL);

	b->note = xstrdup(text);
	b->style = st;
}

/* Number the versions of the turns that have some: one pass over all, since
 * long conversations have thousands of turns without. */
static void
number_versions(struct transcript *t, const struct convo *c)
{
	unsigned char *many;
	int top = 0;

	for (size_t i = 0; i < c->n; i++)
		if (c->turns[i]->parent > top)
			top = c->turns[i]->parent;
	many = xcalloc((size_t)top + 1, 1);
	for (size_t i = 0; i < c->n; i++)
		if (!c->turns[i]->removed && many[c->turns[i]->parent] < 2)
			many[c->turns[i]->parent]++;
	for (size_t i = 0; i < t->n; i++) {
		struct block *b = &t->v[i];
		struct turn **all;
		size_t n;

		if ((b->kind != BLOCK_USER && b->kind != BLOCK_NAME) ||
		    many[b->turn->parent] < 2)
			continue;
		n = convo_siblings(c, b->turn, &all);
		b->versions = n > 1 ? (int)n : 0;
		for (size_t k = 0; k < n; k++)
			if (all[k] == b->turn)
				b->version = (int)k + 1;
		free(all);
	}
	free(many);
}

void
transcript_load(struct transcript *t, const struct convo *c)
{
	struct block *old = t->v;
	size_t n_old = t->n, n;
	struct turn **turns;

	n = convo_branch(c, &turns);
	empty(t);
	for (size_t i = 0; i < n; i++)
		transcript_add(t, turns[i]);
	number_versions(t, c);
	for (size_t i = 0; i < n_old; i++)
		if (old[i].kind == BLOCK_NOTE)
			transcript_note(t, old[i].style, old[i].note);
	blocks_free(old, n_old);
	free(turns);
	t->follow = true;
}

void
transcript_set_view(struct transcript *t, enum think_view v)
{
	t->view = v;
	t->recount = true;
}

void
transcript_set_away(struct transcript *t, bool away)
{
	t->recount |= t->away != away;
	t->away = away;
}

bool
transcript_empty(const struct transcript *t)
{
	return t->n == 0;
}
