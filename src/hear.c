/* hear.c -- see hear.h. */
#include "hear.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

static void
set_name(char **to, const char *name)
{
	char *copy = name && *name ? xstrdup(name) : NULL;

	free(*to);
	*to = copy;
}

static void
note_left_out(const struct convo *c, struct turn *t)
{
	struct turn **v;
	size_t n = convo_branch(c, &v);

	free(t->left_out);
	t->left_out = xcalloc(n ? n : 1, sizeof(*t->left_out));
	t->n_left_out = 0;
	for (size_t i = 0; i < n; i++)
		if (v[i]->dropped)
			t->left_out[t->n_left_out++] = v[i]->id;
	free(v);
}

void
hear_run(const struct convo *c, struct turn *t, const struct heard_model *m)
{
	const struct load *l = m->load;
	struct run *r = &t->run;
	struct buf b = { 0 };

	set_name(&r->engine, m->engine);
	set_name(&r->cpu, m->cpu);
	set_name(&r->format, m->format);
	set_name(&r->system, m->system);
	for (size_t i = 0; i < l->n_lora; i++)
		buf_printf(&b, "%s%s=%.9g", i ? ", " : "", l->lora[i].path,
		    (double)l->lora[i].scale);
	set_name(&r->adapters, b.data);
	buf_free(&b);
	r->context = m->context;
	r->threads = l->threads;
	r->kv = l->kv;
	note_left_out(c, t);
}

/* The text came with the last of the tokens. */
static void
take_tokens(struct turn *t, const struct msg_delta *d, size_t n, int64_t now)
{
	int64_t ms = now > t->t_start ? now - t->t_start : 0;

	for (size_t i = 0; i < d->n_ids; i++)
		turn_add_token(t, (struct token){ .id = d->ids[i],
		    .ms = (uint32_t)(ms < INT32_MAX ? ms : INT32_MAX),
		    .bytes = i + 1 == d->n_ids ? (uint32_t)n : 0,
		    .channel = d->channel });
}

void
hear_delta(struct turn *t, const struct msg_delta *d, int64_t now)
{
	bool thinking = d->channel == CHANNEL_THINKING;
	size_t n = strlen(d->text);

	if (t->t_first == 0)
		t->t_first = now;
	if (!thinking && t->t_think_end == 0 && t->thinking.len > 0)
		t->t_think_end = now;
	buf_add(thinking ? &t->thinking : &t->text, d->text, n);
	if (thinking)
		t->thinking_tokens += (int)d->n_ids;
	else
		t->answer_tokens += (int)d->n_ids;
	take_tokens(t, d, n, now);
}

void
hear_done(struct turn *t, const struct msg_done *d)
{
	t->prompt_tokens = d->prompt_tokens;
	t->cached_tokens = d->cached_tokens;
	t->sampling.seed = d->seed;
	free(t->tail);
	t->tail = xcalloc(d->n_tail + 1, sizeof(*t->tail));
	t->n_tail = d->n_tail;
	if (d->n_tail)
		memcpy(t->tail, d->tail, d->n_tail * sizeof(*t->tail));
}
