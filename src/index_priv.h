/* index_priv.h -- between the files that make up the index. */
#ifndef FIKR_INDEX_PRIV_H
#define FIKR_INDEX_PRIV_H

#include <sqlite3.h>

#include "buf.h"
#include "index.h"
#include "index_words.h"

/* ---- words there are: index_vocab.c ---- */

/* Each word is followed by one byte below ' ', which parts it from the next
 * and says how frequent it is: 1 + log2 of how many there are. */
struct vocab {
	struct buf known;	/* as in the database */
	int version;		/* of the database, as it was read */
	bool loaded;
	struct vocab_slot *slots;	/* [cap], what came since */
	size_t n, cap;
	struct buf names;	/* of those, as in known */
};

void vocab_add(struct vocab *v, const char *s, size_t n, uint32_t times);
void vocab_free(struct vocab *v);
/* Words with part in them, or that begin with it: at most max, the most
 * frequent first, pointing into v.  *all: no others have it. */
struct vocab_word { const char *s; uint32_t n; int often; };
size_t vocab_find(const struct vocab *v, const char *part, size_t n,
    bool begins, struct vocab_word *out, size_t max, bool *all);

/* The next of those gathered, *at moved behind it; false at the end. */
bool vocab_each(const struct vocab *v, size_t *at, struct vocab_word *out);

/* ---- the database: index_db.c ---- */

#define INDEX_BUSY_MS 400	/* to wait for another fikr */

enum stmt {
	Q_BEGIN, Q_COMMIT, Q_ROLLBACK,
	Q_CONVO, Q_CONVO_PUT, Q_CONVO_SEEN, Q_CONVO_DROP,
	Q_PARTS, Q_PART_PUT, Q_PART_DROP, Q_PART,
	Q_SAID_PUT, Q_SAID_DROP, Q_TITLE_PUT, Q_TITLE_DROP,
	Q_TITLE, Q_FIND_SAID, Q_FIND_TITLES, Q_ANY,
	Q_VOCAB, Q_VOCAB_PUT, Q_VOCAB_CLEAR, Q_CONVOS, Q_VERSION,
	Q_COUNT
};

struct stale { char id[32]; int64_t mtime, size; bool gone; };

struct index {
	const struct store *store;
	char *path;		/* NULL: in memory */
	sqlite3 *db;
	sqlite3_stmt *stmts[Q_COUNT];
	struct vocab vocab;
	bool gather;		/* the words that FTS5 sees go to vocab */
	bool broken;		/* an error that is not of the moment */
	int resets;
	struct stale *stale;	/* [n_stale], to be read from at on */
	size_t n_stale, at;
};

/* Tokens and functions that the statements need. */
int index_fts_register(struct index *ix);
/* Open, or make anew what is damaged or of another version. */
void index_db_open(struct index *ix);
void index_db_close(struct index *ix);
/* Throw it away and begin again; the second time in memory. */
void index_db_reset(struct index *ix);
void index_files_remove(const char *path);
/* Ready to bind; NULL and ix->broken when it cannot be. */
sqlite3_stmt *index_stmt(struct index *ix, enum stmt which);
/* Step: 1 a row, 0 done, -1 an error (busy, or ix->broken). */
int index_step(struct index *ix, sqlite3_stmt *st);
/* Step once and be done with it. */
int index_run(struct index *ix, sqlite3_stmt *st);
int index_exec(struct index *ix, const char *sql);

/* What was gathered, into the database, within a transaction; whole: put
 * together with what was there. */
int index_vocab_save(struct index *ix, bool whole);
/* The words as another fikr may have left them. */
int index_vocab_load(struct index *ix);
/* All that came bit by bit in one piece; but: without those words. */
int index_vocab_merge(struct index *ix, const struct vocab *but);

/* Read one file into the database, or take out what is gone. */
int index_file(struct index *ix, const struct stale *s);
int index_drop(struct index *ix, const char *id, struct vocab *words);

/* ---- what is looked for: index_query.c ---- */

#define TERMS_MAX 12
#define UNITS_MAX 24

struct unit { char s[WORD_BYTES]; uint32_t n; bool wide; };

struct term {
	struct unit unit[UNITS_MAX];	/* words, or single wide characters */
	int n;
	struct buf phrase;	/* its tokens with blanks between them */
	bool excluded;
	bool open;		/* the last word may go on */
	bool whole;		/* quoted: words as they are */
};

struct query {
	struct term term[TERMS_MAX];
	int n;			/* in use */
	int wanted;		/* of them not excluded */
};

void query_parse(struct query *q, const char *text);
void query_free(struct query *q);

enum tier { TIER_PART, TIER_BEGIN, TIER_EXACT };
/* For FTS5, appended; left_out: which terms have so many words that they are
 * to be looked for in the texts (bits); false: nothing to look for. */
bool query_match(const struct query *q, const struct vocab *v,
    enum tier tier, struct buf *out, unsigned *left_out);

/* ---- what is found: index_search.c ---- */

struct cand {
	int64_t row;
	bool title, shown;
	bool across;		/* its conversation has all words, not it */
	enum tier tier;
	int text, thinking;	/* hits */
	int64_t time, convo;
	int turn;
	double score;
};

struct search {
	struct index *ix;
	struct query q;
	struct cand *v;
	size_t n, cap;
	int look;		/* hits of a kind to look at */
	size_t read;		/* bytes looked through so far */
};

void search_add(struct search *s, struct cand c);
/* A row of Q_FIND_SAID or Q_FIND_TITLES. */
struct cand search_cand(sqlite3_stmt *st, bool title, enum tier tier);
/* Unless enough was found: add conversations that have all words, though in
 * none of their turns together. */
void search_across(struct search *s, size_t max);

/* ---- where it is in a text: index_marks.c ---- */

/* A bit for each term that is there. */
unsigned query_terms(const struct query *q, const char *s, size_t n);
/* The snippet of h, its marks, and what was found. */
void index_snippet(struct index_hit *h, const struct query *q, const char *s,
    size_t n);

#endif
