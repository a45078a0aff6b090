/* numbers.c -- see numbers.h. */
#include "numbers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

void
numbers_put(struct buf *out, const int *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, i ? " %d" : "%d", v[i]);
}

/* The next number, and *s behind it. */
static bool
next_number(const char **s, uint32_t *v)
{
	char *end;
	unsigned long x;

	*s += strspn(*s, " ");
	if (**s < '0' || **s > '9')
		return false;
	errno = 0;
	x = strtoul(*s, &end, 10);
	if (errno || x > INT32_MAX)
		return false;
	*v = (uint32_t)x;
	*s = end;
	return true;
}

void
numbers_get(const char *text, int **v, size_t *n)
{
	uint32_t x;

	free(*v);
	*v = xcalloc(strlen(text) / 2 + 1, sizeof(**v));
	for (*n = 0; next_number(&text, &x); (*n)++)
		(*v)[*n] = (int)x;
}

void
tokens_put(struct token_lists *out, const struct token *tok, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *format = i ? " %" PRIu32 : "%" PRIu32;

		buf_printf(&out->ids, format, (uint32_t)tok[i].id);
		buf_printf(&out->ms, format, tok[i].ms);
		buf_printf(&out->bytes, format, tok[i].bytes);
	}
}

void
token_lists_free(struct token_lists *l)
{
	buf_free(&l->ids);
	buf_free(&l->ms);
	buf_free(&l->bytes);
}

void
tokens_get(struct turn *t, enum channel channel, const char *ids,
    const char *ms, const char *bytes)
{
	struct token tok = { .channel = channel };
	uint32_t id;

	while (ids && ms && bytes && next_number(&ids, &id) &&
	    next_number(&ms, &tok.ms) && next_number(&bytes, &tok.bytes)) {
		tok.id = (int32_t)id;
		turn_add_token(t, tok);
	}
}
