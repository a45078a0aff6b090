/* index.h -- searching all conversations of a store: an SQLite database with
 * FTS5 in the cache folder, which is brought up to date by looking at the
 * files and can be deleted at any time.  Where it cannot be kept (a folder
 * that may not be written, an encrypted store) it lives in memory.  docs/
 * search.md says what is found. */
#ifndef FIKR_INDEX_H
#define FIKR_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chat.h"
#include "err.h"
#include "journal.h"
#include "store.h"

struct index;

/* Never NULL.  The store must outlive it. */
struct index *index_open(const struct store *store);
void index_close(struct index *ix);	/* NULL is fine */

enum index_state {
	INDEX_READY,		/* nothing is left to read */
	INDEX_MORE,		/* call again */
	INDEX_BUSY		/* another fikr brings it up to date */
};
/* Look which files have changed since they were read, cheaply, for
 * index_refresh to read. */
void index_scan(struct index *ix);
/* Read about so many bytes of them. */
enum index_state index_refresh(struct index *ix, size_t bytes);
/* Scan, and read all there is; waits for another fikr a few seconds. */
void index_update(struct index *ix);
/* How far index_refresh has come: files read of those to read. */
void index_progress(const struct index *ix, size_t *done, size_t *all);

enum index_where { WHERE_TITLE, WHERE_TEXT, WHERE_THINKING };

struct index_mark { size_t from, to; };	/* bytes of a text */

struct index_hit {
	char id[32];		/* of the conversation */
	int turn;		/* 0: its title */
	enum index_where where;
	enum role role;
	int64_t time;		/* of the turn, or when the conversation
				 * began; ms since the epoch */
	char *title;
	/* A piece of the text as it stands there, on one line, and what in it
	 * was found. */
	char *snippet;
	struct index_mark *marks;	/* [n_marks] in order */
	size_t n_marks;
	char *found;		/* the first of that, without "…" */
	double score;
};
/* The best hits first, at most max of them; returns how many.  All words of
 * the query must be in one turn or title, or, as the last hits, in one
 * conversation; "quoted" ones must follow each other; those after a "-" must
 * not be there. */
size_t index_search(struct index *ix, const char *query, size_t max,
    struct index_hit **out);
const char *index_where(const struct index_hit *h);	/* for people */
void index_hits_free(struct index_hit *v, size_t n);

/* Like journal_list, of what is up to date in the index, and of the files for
 * the rest. */
int index_list(const struct store *store, struct convo_info **out,
    struct err *err);
/* Remove every trace of a conversation; its file must be gone already, or it
 * comes back.  Without an index there is nothing to do. */
int index_forget(const struct store *store, const char *id, struct err *err);

#endif
