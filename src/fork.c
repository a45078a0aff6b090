/* fork.c -- copies of branches, and where they part. */
#include "fork.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

size_t
branch_to(const struct convo *c, const struct turn *t, struct turn ***out)
{
	struct convo as = *c;

	as.head = t ? t->id : c->head;
	return convo_branch(&as, out);
}

size_t
branch_ends(const struct convo *c, struct turn ***out)
{
	struct turn **v = xcalloc(c->n + 1, sizeof(*v));
	size_t n = 0;

	convo_find_newest(c);
	for (size_t i = 0; i < c->n; i++)
		if (!c->turns[i]->removed && !c->turns[i]->newest)
			v[n++] = c->turns[i];
	*out = v;
	return n;
}

size_t
branch_shared(struct turn *const *a, size_t na, struct turn *const *b,
    size_t nb)
{
	size_t n = 0;

	while (n < na && n < nb && a[n] == b[n])
		n++;
	return n;
}

static void
copy_names(struct turn *t, const struct turn *from)
{
	t->model = xstrdup(from->model);
	t->digest = xstrdup(from->digest);
	t->run.engine = xstrdup(from->run.engine);
	t->run.cpu = xstrdup(from->run.cpu);
	t->run.format = xstrdup(from->run.format);
	t->run.adapters = xstrdup(from->run.adapters);
	t->run.system = xstrdup(from->run.system);
}

static void
copy_numbers(int **v, size_t *n, const int *from, size_t count)
{
	*n = count;
	*v = count ? xcalloc(count, sizeof(**v)) : NULL;
	if (count)
		memcpy(*v, from, count * sizeof(**v));
}

static void
copy_turn(struct turn *t, const struct turn *from)
{
	int id = t->id, parent = t->parent;

	*t = *from;
	t->id = id;
	t->parent = parent;
	t->text = t->thinking = (struct buf){ 0 };
	buf_add(&t->text, from->text.data, from->text.len);
	buf_add(&t->thinking, from->thinking.data, from->thinking.len);
	copy_names(t, from);
	t->tok = NULL;
	t->n_tok = 0;
	for (size_t i = 0; i < from->n_tok; i++)
		turn_add_token(t, from->tok[i]);
	copy_numbers(&t->tail, &t->n_tail, from->tail, from->n_tail);
	copy_numbers(&t->left_out, &t->n_left_out, from->left_out,
	    from->n_left_out);
}

/* Ids of the old conversation in the new one, in their order; those of other
 * branches go. */
static void
renumber(struct turn *t, struct turn *const *branch, size_t n)
{
	size_t kept = 0, k = 0;

	for (size_t i = 0; i < t->n_left_out; i++) {
		while (k < n && branch[k]->id < t->left_out[i])
			k++;
		if (k < n && branch[k]->id == t->left_out[i])
			t->left_out[kept++] = (int)++k;
	}
	t->n_left_out = kept;
}

struct convo *
fork_at(const struct convo *c, const struct turn *t, int64_t now_ms)
{
	struct convo *f = convo_new(now_ms);
	struct turn **v;
	size_t n = branch_to(c, t, &v);

	for (size_t i = 0; i < n; i++) {
		struct turn *copy = convo_add(f, v[i]->role, 0);

		copy_turn(copy, v[i]);
		renumber(copy, v, n);
	}
	convo_copy_labels(f, c);
	f->pinned = f->archived = false;
	f->trashed = 0;
	convo_set_system(f, c->persona, c->system);
	f->origin = xasprintf("fork:%s/%d", c->id, n ? v[n - 1]->id : 0);
	convo_recall_dropped(f);
	free(v);
	return f;
}
