/* cmd_fork.c -- `fikr fork` copies a branch into a conversation of its own;
 * `fikr diff` compares two, or lists them. */
#include "cmd_fork.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "branch_diff.h"
#include "clock.h"
#include "cmd.h"
#include "copy.h"
#include "fork.h"
#include "i18n.h"
#include "journal.h"
#include "out.h"

/* The turn that a word names. */
static struct turn *
find_turn(const struct convo *c, const char *word, struct err *err)
{
	char *end;
	long n = strtol(word, &end, 10);
	struct turn *t = end != word && !*end && n > 0 && n < INT32_MAX ?
	    convo_turn(c, (int)n) : NULL;

	if (t && !t->removed)
		return t;
	err_set(err, "conversation %s has no turn %.20s; fikr diff %s lists "
	    "where its branches end", c->id, word, c->id);
	return NULL;
}

static int
write_fork(const struct store *store, const struct convo *c,
    const struct turn *t, struct out *out, struct err *err)
{
	struct convo *f = fork_at(c, t, clock_wall_ms());
	int r = copy_write(store, f, err);

	if (r == 0)
		r = out_text(out, f->id, strlen(f->id), err);
	if (r == 0)
		r = out_end(out, err);
	convo_free(f);
	return r;
}

int
fork_main(const struct store *store, const struct options *o)
{
	struct out out = { .fd = STDOUT_FILENO };
	const struct turn *t = NULL;
	struct err err;
	struct convo *c;
	int r = -1;

	signal(SIGPIPE, SIG_IGN);
	c = cmd_read(store, o->words[0], &err);
	if (!c)
		return cmd_out_failed(&out, &err);
	if (c->n == 0)
		err_set(&err, "nothing was said in conversation %s", c->id);
	else if (o->n_words < 2 || (t = find_turn(c, o->words[1], &err)))
		r = write_fork(store, c, t, &out, &err);
	convo_free(c);
	return r < 0 ? cmd_out_failed(&out, &err) : 0;
}

/* ---- diff ---- */

static void
put_piece(enum diff_kind kind, const char *s, size_t n, void *ud)
{
	struct buf *b = ud;

	if (kind != DIFF_SAME)
		buf_puts(b, kind == DIFF_REMOVED ? "[-" : "{+");
	buf_add(b, s, n);
	if (kind != DIFF_SAME)
		buf_puts(b, kind == DIFF_REMOVED ? "-]" : "+}");
}

static const char *
heading(const struct branch_pair *p, bool thought)
{
	const struct turn *t = p->a ? p->a : p->b;

	if (thought)
		return _("Thought");
	if (p->a && p->b && p->a->role != p->b->role)
		return _("Message");
	return role_heading(t->role);
}

static void
put_place(struct buf *b, const struct turn *t)
{
	if (t)
		buf_printf(b, "%d", t->id);
	else
		buf_puts(b, "-");
}

static void
put_pair(struct buf *b, const struct branch_pair *p)
{
	for (int i = 0; i < 2; i++) {
		enum channel ch = i ? CHANNEL_ANSWER : CHANNEL_THINKING;
		struct buf pieces = { 0 };

		branch_compare(p, ch, put_piece, &pieces);
		if (pieces.len) {
			buf_printf(b, "# %s (", heading(p, i == 0));
			put_place(b, p->a);
			buf_puts(b, " → ");
			put_place(b, p->b);
			buf_puts(b, ")\n\n");
			buf_add(b, pieces.data, pieces.len);
			buf_puts(b, "\n\n");
		}
		buf_free(&pieces);
	}
}

static void
put_diff(struct buf *b, const struct convo *c, const struct turn *x,
    const struct turn *y)
{
	struct branch_pair *v;
	size_t shared, n = branch_pairs(c, x, y, &v, &shared);

	buf_printf(b, ngettext("%zu message is in both.",
	    "%zu messages are in both.", (unsigned long)shared), shared);
	buf_puts(b, "\n\n");
	for (size_t i = 0; i < n; i++)
		put_pair(b, &v[i]);
	free(v);
}

/* Which branches there are: the turn each ends at, how long it is, and what
 * it says there; a star at the one that is shown. */
static void
put_branches(struct buf *b, const struct convo *c)
{
	struct turn **v, **branch;
	size_t n = branch_ends(c, &v);

	for (size_t i = 0; i < n; i++) {
		size_t length = branch_to(c, v[i], &branch);

		buf_printf(b, "%6d %c ", v[i]->id,
		    v[i]->id == c->head ? '*' : ' ');
		buf_printf(b, ngettext("%3zu message", "%3zu messages",
		    (unsigned long)length), length);
		buf_puts(b, "  ");
		branch_name(v[i], 60, b);
		buf_addc(b, '\n');
		free(branch);
	}
	free(v);
}

int
diff_main(const struct store *store, const struct options *o)
{
	struct out out = { .fd = STDOUT_FILENO };
	const struct turn *x = NULL, *y = NULL;
	struct buf b = { 0 };
	struct err err;
	struct convo *c;
	int r = -1;

	signal(SIGPIPE, SIG_IGN);
	c = cmd_read(store, o->words[0], &err);
	if (!c)
		return cmd_out_failed(&out, &err);
	if (o->n_words == 1)
		put_branches(&b, c);
	else if ((x = find_turn(c, o->words[1], &err)) != NULL &&
	    o->n_words == 2)
		y = convo_turn(c, c->head);
	else if (x)
		y = find_turn(c, o->words[2], &err);
	if (x && y)
		put_diff(&b, c, x, y);
	if (b.len)
		r = out_text(&out, b.data, b.len, &err);
	else if (o->n_words == 1)
		r = 0;
	if (r == 0)
		r = out_end(&out, &err);
	buf_free(&b);
	convo_free(c);
	return r < 0 ? cmd_out_failed(&out, &err) : 0;
}
