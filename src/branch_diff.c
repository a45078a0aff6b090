/* branch_diff.c -- two branches of a conversation, side by side. */
#include "branch_diff.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "fork.h"
#include "utf8.h"

size_t
branch_pairs(const struct convo *c, const struct turn *a,
    const struct turn *b, struct branch_pair **out, size_t *shared)
{
	struct turn **va, **vb;
	size_t na = branch_to(c, a, &va), nb = branch_to(c, b, &vb);
	size_t from = branch_shared(va, na, vb, nb);
	size_t n = (na > nb ? na : nb) - from;

	*shared = from;
	*out = xcalloc(n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++)
		(*out)[i] = (struct branch_pair){
			from + i < na ? va[from + i] : NULL,
			from + i < nb ? vb[from + i] : NULL };
	free(va);
	free(vb);
	return n;
}

static const char *
said(const struct turn *t, enum channel ch, size_t *n)
{
	const struct buf *b = !t ? NULL :
	    ch == CHANNEL_THINKING ? &t->thinking : &t->text;

	*n = b ? b->len : 0;
	return *n ? b->data : "";
}

void
branch_compare(const struct branch_pair *p, enum channel ch,
    void (*fn)(enum diff_kind kind, const char *s, size_t n, void *ud),
    void *ud)
{
	size_t na, nb;
	const char *a = said(p->a, ch, &na), *b = said(p->b, ch, &nb);

	if (na || nb)
		worddiff(a, na, b, nb, fn, ud);
}

void
branch_name(const struct turn *t, size_t max, struct buf *out)
{
	const char *s = t->text.len ? t->text.data : "";
	size_t n = t->text.len, line;

	while (n && (*s == '\n' || *s == ' ')) {
		s++;
		n--;
	}
	line = n ? strcspn(s, "\n") : 0;
	if (line > n)
		line = n;
	if (line <= max) {
		buf_add(out, s, line);
		return;
	}
	buf_add(out, s, max - utf8_tail(s, max));
	buf_puts(out, "…");
}
