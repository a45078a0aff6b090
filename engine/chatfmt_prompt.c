/* chatfmt_prompt.c -- prompts in pieces: gathered, encoded, shown.  What a
 * person typed can never become a special token here. */
#include "chatfmt.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

void
prompt_add(struct prompt *p, const char *text, size_t n, bool special)
{
	if (n == 0)
		return;
	/* doubles at each power of two */
	if ((p->n & (p->n - 1)) == 0)
		p->v = xreallocarray(p->v, p->n ? p->n * 2 : 1,
		    sizeof(*p->v));
	p->v[p->n++] = (struct piece){ xstrndup(text, n), n, special, false };
}

void
prompt_free(struct prompt *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		free(p->v[i].text);
	free(p->v);
	*p = (struct prompt){ 0 };
}

void
prompt_text(const struct prompt *p, struct buf *out)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		buf_add(out, p->v[i].text, p->v[i].n);
}

/* A format's BOS that this vocabulary does not have is not spelled out. */
static bool
is_foreign_bos(const struct piece *x, const struct vocab *v)
{
	return x->bos && vocab_find(v, x->text) < 0;
}

int
prompt_encode(const struct prompt *p, const struct vocab *v, struct ids *out,
    struct err *err)
{
	struct vocab_part *part = xcalloc(p->n + 1, sizeof(*part));
	struct ids l = { 0 };
	size_t i, n = 0;
	int ret;

	for (i = 0; i < p->n; i++) {
		const struct piece *x = &p->v[i];

		if (!is_foreign_bos(x, v))
			part[n++] = (struct vocab_part){ x->text, x->n,
				!x->special };
	}
	ret = vocab_encode_parts(v, part, n, &l, err);
	if (ret == 0) {
		if (vocab_add_bos(v) && (l.n == 0 || l.v[0] != vocab_bos(v)))
			ids_add(out, vocab_bos(v));
		for (i = 0; i < l.n; i++)
			ids_add(out, l.v[i]);
	}
	ids_free(&l);
	free(part);
	return ret;
}
