/* journal_whole.c -- a whole conversation into a file that is new: there was no
 * room for one before, or the old one is gone. */
#include "journal_priv.h"

#include "event.h"

static int
put(struct journal *j, int (*event)(struct buf *, const struct turn *,
    struct err *), const struct turn *t, struct err *err)
{
	return event(&j->queue, t, err) < 0 ? -1 :
	    journal_repeat_title(j, err);
}

/* Nothing came of it, so it never was in a file. */
static bool
is_nothing(const struct turn *t)
{
	return t->removed && t->text.len == 0 && t->thinking.len == 0;
}

static int
put_turn(struct journal *j, const struct turn *t, struct err *err)
{
	if (is_nothing(t))
		return 0;
	if (put(j, event_put_turn, t, err) < 0)
		return -1;
	journal_knows(j, t);
	return 0;
}

/* Removing a turn removes what follows it, too. */
static int
put_removals(struct journal *j, const struct convo *c, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct turn *t = c->turns[i];
		const struct turn *up = convo_turn(c, t->parent);

		if (t->removed && !is_nothing(t) && !(up && up->removed) &&
		    put(j, event_put_remove, t, err) < 0)
			return -1;
	}
	return 0;
}

int
journal_whole(struct journal *j, const struct convo *c,
    const struct turn *but, struct err *err)
{
	const struct turn *head = convo_turn(c, c->head);
	const struct turn *last = c->n ? c->turns[c->n - 1] : NULL;

	if ((c->system || c->persona) &&
	    (event_put_system(&j->queue, c, err) < 0 ||
	    journal_repeat_title(j, err) < 0))
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (c->turns[i] != but && put_turn(j, c->turns[i], err) < 0)
			return -1;
	if (last == but && c->n > 1)
		last = c->turns[c->n - 2];
	if (put_removals(j, c, err) < 0)
		return -1;
	/* The last turn begun is shown, unless something else is said. */
	if (head && head != but && head != last && !is_nothing(head) &&
	    put(j, event_put_head, head, err) < 0)
		return -1;
	return journal_flush(j, err);
}
