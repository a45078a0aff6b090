/* ask_save.c -- see ask_save.h. */
#include "ask_save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "hear.h"
#include "i18n.h"
#include "journal.h"
#include "paths.h"

struct ask_save {
	struct convo *c;
	struct journal *j;	/* NULL: it could not be created */
	const struct conf *conf;
	struct turn *t;		/* the answer; NULL: not begun, or over */
	enum thinking thinking;
	bool told;
};

static void
check(struct ask_save *s, int ret, const struct err *err)
{
	if (ret == 0 || s->told)
		return;
	s->told = true;
	fprintf(stderr, _("fikr: not saved: %s\n"), err->text);
}

struct ask_save *
ask_save_new(const struct store *store, const struct conf *c,
    const struct msg_generate *g)
{
	struct ask_save *s = xcalloc(1, sizeof(*s));
	int64_t now = clock_wall_ms();
	struct err err = { "" };
	struct turn *t;

	s->conf = c;
	s->thinking = g->thinking;
	s->c = convo_new(now);
	t = convo_add(s->c, ROLE_USER, now);
	buf_puts(&t->text, g->messages[g->n_messages - 1].text);
	t->t_end = now;
	convo_auto_title(s->c);
	s->j = journal_create(store, s->c, &err);
	check(s, s->j ? journal_begin(s->j, t, &err) : -1, &err);
	if (!s->told)
		fprintf(stderr, _("fikr: saved as %s\n"), s->c->id);
	return s;
}

char *
ask_save_keep(const struct ask_save *s, const struct store *store)
{
	return s->j && !store->vault ? xstrdup(s->c->id) : NULL;
}

void
ask_save_loaded(struct ask_save *s, const char *model,
    const struct msg_loaded *l)
{
	struct err err = { "" };
	struct heard_model m = { .load = NULL };

	if (!s)
		return;
	m = (struct heard_model){ l->engine, l->cpu, l->format,
		s->conf->system, l->context, &s->conf->load };
	s->t = convo_add(s->c, ROLE_ASSISTANT, clock_wall_ms());
	s->t->model = path_model_name(model);
	s->t->guided = l->thinker == THINKER_GUIDED &&
	    s->thinking == THINKING_ON;
	s->t->sampling = s->conf->sampling;
	sampling_settle(&s->t->sampling, l->thinker);
	hear_run(s->c, s->t, &m);
	s->t->run.thinking = s->thinking;
	s->t->run.budget = s->conf->budget;
	s->t->run.budget_ms = s->conf->budget_time * 1000;
	if (s->j)
		check(s, journal_begin(s->j, s->t, &err), &err);
}

void
ask_save_delta(struct ask_save *s, const struct msg_delta *d)
{
	struct err err = { "" };

	if (!s || !s->t)
		return;
	hear_delta(s->t, d, clock_wall_ms());
	if (s->j)
		check(s, journal_delta(s->j, s->t, d->channel, d->text,
		    strlen(d->text), &err), &err);
}

void
ask_save_tick(struct ask_save *s)
{
	struct err err = { "" };

	if (s && s->j)
		check(s, journal_tick(s->j, clock_wall_ms(), &err), &err);
}

static void
end(struct ask_save *s, enum done_reason why)
{
	struct err err = { "" };

	s->t->end = why;
	s->t->t_end = clock_wall_ms();
	if (s->t->thinking.len > 0 && s->t->t_think_end == 0)
		s->t->t_think_end = s->t->t_end;
	if (s->j)
		check(s, journal_end(s->j, s->t, &err), &err);
	s->t = NULL;
}

void
ask_save_done(struct ask_save *s, const struct msg_done *d)
{
	if (!s || !s->t)
		return;
	hear_done(s->t, d);
	s->t->thinking_tokens = d->thinking_tokens;
	s->t->answer_tokens = d->answer_tokens;
	if (d->digest) {
		free(s->t->digest);
		s->t->digest = xstrdup(d->digest);
	}
	end(s, d->reason);
}

void
ask_save_free(struct ask_save *s, bool lost)
{
	if (!s)
		return;
	if (s->t)
		end(s, lost ? DONE_LOST : DONE_CANCEL);
	journal_close(s->j);
	convo_free(s->c);
	free(s);
}
