/* replay_show.c -- a conversation that holds as much as there was at a moment
 * of the timeline. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define NOTHING SIZE_MAX	/* no step is shown yet */

/* What can be told of an answer before its first token. */
static struct turn *
copy_turn(struct convo *to, const struct turn *t)
{
	struct turn *n = convo_add(to, t->role, t->t_start);

	n->guided = t->guided;
	n->model = xstrdup(t->model);
	n->digest = xstrdup(t->digest);
	n->sampling = t->sampling;
	n->run.context = t->run.context;
	n->run.touched = t->run.touched;
	n->prompt_tokens = t->prompt_tokens;
	n->end = DONE_OPEN;
	return n;
}

static void
copy_end(struct turn *to, const struct turn *t)
{
	to->t_first = t->t_first;
	to->t_think_end = t->t_think_end;
	to->t_end = t->t_end;
	to->end = t->end;
	to->thinking_tokens = t->thinking_tokens;
	to->answer_tokens = t->answer_tokens;
}

/* The branch, without what happened on it. */
static struct convo *
copy_convo(const struct convo *c, struct turn ***turns, size_t *n)
{
	struct convo *to = convo_new_as(c->id, c->created);

	convo_set_title(to, c->title);
	convo_set_system(to, c->persona, c->system);
	*n = convo_branch(c, turns);
	for (size_t i = 0; i < *n; i++)
		copy_turn(to, (*turns)[i]);
	return to;
}

struct convo *
replay_copy(const struct convo *c)
{
	struct turn **turns;
	size_t n;
	struct convo *to = copy_convo(c, &turns, &n);

	for (size_t i = 0; i < n; i++) {
		struct turn *t = to->turns[i];

		copy_end(t, turns[i]);
		buf_add(&t->text, turns[i]->text.data, turns[i]->text.len);
		buf_add(&t->thinking, turns[i]->thinking.data,
		    turns[i]->thinking.len);
		t->n_tok = turns[i]->n_tok;
		t->tok = xreallocarray(NULL, t->n_tok + 1, sizeof(*t->tok));
		if (t->n_tok > 0)
			memcpy(t->tok, turns[i]->tok, t->n_tok *
			    sizeof(*t->tok));
	}
	free(turns);
	return to;
}

void
replay_show_init(struct replay_shown *s, const struct convo *c)
{
	struct turn **turns;
	size_t n;

	memset(s, 0, sizeof(*s));
	s->c = copy_convo(c, &turns, &n);
	s->c->head = 0;
	s->step = NOTHING;
	free(turns);
}

void
replay_show_done(struct replay_shown *s)
{
	convo_free(s->c);
	buf_free(&s->typed);
	memset(s, 0, sizeof(*s));
}

/* The first n bytes of a text. */
static void
set_text(struct buf *to, const struct buf *whole, size_t n)
{
	if (n > to->len) {
		buf_add(to, whole->data + to->len, n - to->len);
	} else if (n < to->len) {
		to->len = n;
		to->data[n] = '\0';
	}
}

static void
set_turn(struct turn *to, const struct turn *t, const struct replay_step *s)
{
	bool some = s->thinking > 0 || s->text > 0 || s->n_thinking > 0 ||
	    s->n_text > 0;

	set_text(&to->thinking, &t->thinking, s->thinking);
	set_text(&to->text, &t->text, s->text);
	if (s->over) {
		copy_end(to, t);
		return;
	}
	to->end = DONE_OPEN;
	to->t_end = 0;
	to->t_first = !some ? 0 : t->t_first > 0 ? t->t_first : s->when;
	to->t_think_end = s->phase != REPLAY_ANSWERING || s->thinking == 0 ?
	    0 : t->t_think_end > 0 ? t->t_think_end : s->when;
	to->thinking_tokens = (int)s->n_thinking;
	to->answer_tokens = (int)s->n_text;
}

static void
set_whole(struct turn *to, const struct turn *t)
{
	set_text(&to->thinking, &t->thinking, t->thinking.len);
	set_text(&to->text, &t->text, t->text.len);
	copy_end(to, t);
}

/* Its fold goes with what was read. */
static void
set_empty(struct turn *to)
{
	set_text(&to->thinking, &to->thinking, 0);
	set_text(&to->text, &to->text, 0);
	to->fold = -1;
}

static size_t
turns_at(const struct replay *r, size_t step)
{
	if (step == NOTHING)
		return 0;
	return r->v[step].turn + (r->v[step].phase == REPLAY_TYPING ? 0u : 1u);
}

bool
replay_show(struct replay_shown *s, const struct replay *r, size_t step)
{
	size_t was = turns_at(r, s->step), is = turns_at(r, step);
	const struct replay_step *st = &r->v[step];
	bool back = s->step != NOTHING && step < s->step;

	for (size_t i = was > 0 ? was - 1 : 0; i + 1 < is; i++)
		set_whole(s->c->turns[i], r->turns[i]);
	for (size_t i = is; i < was; i++)
		set_empty(s->c->turns[i]);
	if (back && is > 0)
		s->c->turns[is - 1]->fold = -1;
	buf_clear(&s->typed);
	if (st->phase == REPLAY_TYPING) {
		buf_add(&s->typed, r->turns[st->turn]->text.data, st->text);
		if (is > 0)
			set_whole(s->c->turns[is - 1], r->turns[is - 1]);
	} else {
		set_turn(s->c->turns[is - 1], r->turns[is - 1], st);
	}
	s->c->head = is > 0 ? s->c->turns[is - 1]->id : 0;
	s->live = st->over || st->phase == REPLAY_TYPING ? NULL :
	    s->c->turns[is - 1];
	s->step = step;
	return is != was || back;
}
