/* index_fts.c -- what FTS5 is taught: to take texts apart as index_words.h
 * does, and to count what was found in a row. */
#include "index_priv.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

static fts5_api *
api_of(sqlite3 *db)
{
	sqlite3_stmt *st = NULL;
	fts5_api *api = NULL;

	if (sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &st, NULL) ==
	    SQLITE_OK) {
		sqlite3_bind_pointer(st, 1, &api, "fts5_api_ptr", NULL);
		sqlite3_step(st);
	}
	sqlite3_finalize(st);
	return api;
}

/* ---- the tokenizer ---- */

typedef int token_fn(void *ctx, int flags, const char *s, int n, int from,
    int to);

struct to_fts {
	struct index *ix;
	void *ctx;
	token_fn *fn;
};

static int
put_word(void *ud, const struct word *w)
{
	struct to_fts *t = ud;

	if (t->ix->gather && !w->wide)
		vocab_add(&t->ix->vocab, w->s, w->n, 1);
	return t->fn(t->ctx, w->pair ? FTS5_TOKEN_COLOCATED : 0, w->s,
	    (int)w->n, (int)w->src[0], (int)w->src[w->n]);
}

/* A query's tokens come ready, with blanks between them. */
static int
put_ready(const struct to_fts *t, const char *s, int n)
{
	int r = SQLITE_OK;

	for (int from = 0, to; from < n && r == SQLITE_OK; from = to + 1) {
		const char *end = memchr(s + from, ' ', (size_t)(n - from));

		to = end ? (int)(end - s) : n;
		if (to > from)
			r = t->fn(t->ctx, 0, s + from, to - from, from, to);
	}
	return r;
}

static int
tokenize(Fts5Tokenizer *self, void *ctx, int flags, const char *s, int n,
    token_fn *fn)
{
	struct to_fts t = { (struct index *)self, ctx, fn };

	if (!s || n <= 0)
		return SQLITE_OK;
	if (flags & FTS5_TOKENIZE_QUERY)
		return put_ready(&t, s, n);
	return words_each(s, (size_t)n, put_word, &t);
}

/* It has no state of its own. */
static int
create(void *ud, const char **args, int n, Fts5Tokenizer **out)
{
	(void)args;
	(void)n;
	*out = ud;
	return SQLITE_OK;
}

static void
delete(Fts5Tokenizer *self)
{
	(void)self;
}

/* ---- hits(table): how many in the row ---- */

/* Those in the first column, and 1000 for each in the second, at most 999
 * each. */
static void
hits(const Fts5ExtensionApi *api, Fts5Context *ctx, sqlite3_context *out,
    int n_args, sqlite3_value **args)
{
	int count[2] = { 0 }, n = 0, r, phrase, column, offset;

	(void)n_args;
	(void)args;
	r = api->xInstCount(ctx, &n);
	for (int i = 0; i < n && r == SQLITE_OK; i++) {
		r = api->xInst(ctx, i, &phrase, &column, &offset);
		if (r == SQLITE_OK && column < 2 && count[column] < 999)
			count[column]++;
	}
	if (r != SQLITE_OK)
		sqlite3_result_error_code(out, r);
	else
		sqlite3_result_int(out, count[0] + 1000 * count[1]);
}

int
index_fts_register(struct index *ix)
{
	fts5_tokenizer t = { create, delete, tokenize };
	fts5_api *api = api_of(ix->db);

	if (!api || api->iVersion < 2 ||
	    api->xCreateTokenizer(api, "fikr", ix, &t, NULL) != SQLITE_OK ||
	    api->xCreateFunction(api, "hits", NULL, hits, NULL) != SQLITE_OK)
		return -1;
	return 0;
}
