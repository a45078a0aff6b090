/* journal.h -- a conversation's file: append-only, a stream of small YAML
 * documents, one an event, mode 0600, written through libyaml; the format is
 * in docs/conversation-format.md.
 * What is promised: a turn that ended is synced before journal_end returns;
 * streamed text reaches the file within a second; a half-written tail is
 * dropped on opening, with a notice, and nothing before it is lost. */
#ifndef FIKR_JOURNAL_H
#define FIKR_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convo.h"
#include "err.h"
#include "store.h"

struct journal;

/* Start the file of a new conversation in the store, whose folder is made if
 * it is missing; locked.  The store must outlive the journal. */
struct journal *journal_create(const struct store *store, struct convo *c,
    struct err *err);
/* Somebody may have locked or unlocked the store since it was opened: then
 * nothing is written there any more. */
int journal_check_store(const struct store *store, struct err *err);
/* Open the file of id, rebuild *c, lock it and be ready to append.  notice gets
 * what a person should know (a dropped tail; opened read-only because another
 * fikr has it), or "" . */
struct journal *journal_open(const struct store *store, const char *id,
    struct convo **c, struct err *notice, struct err *err);
/* The conversation alone, or NULL: takes no lock and changes nothing, so that
 * it can be looked at while a fikr has it open. */
struct convo *journal_read(const struct store *store, const char *id,
    struct err *notice, struct err *err);
bool journal_readonly(const struct journal *j);
/* Something waits in memory because the disk refused it. */
bool journal_failing(const struct journal *j);
/* The file was deleted or replaced while it was open: nothing more is saved;
 * the caller may make a new one. */
bool journal_lost(const struct journal *j);
/* All that was said so far is on the disk. */
int journal_flush(struct journal *j, struct err *err);
void journal_close(struct journal *j);		/* flushes; NULL is fine */

/* Those below return -1 with a sentence when the disk refuses; what is to be
 * saved then waits in memory and every later call tries again.  journal_delta
 * and journal_tick report one such trouble once, the others whenever they do
 * not reach the disk.  SIGXFSZ must be ignored. */

/* What a turn is so far; synced, so that no prompt that was sent is lost. */
int journal_begin(struct journal *j, const struct turn *t, struct err *err);
/* Streamed text of turn t: gathered, written by journal_tick or by size.  The
 * tokens it is of are in t already. */
int journal_delta(struct journal *j, const struct turn *t, enum channel ch,
    const char *text, size_t n, struct err *err);
/* Call at least twice a second while streaming. */
int journal_tick(struct journal *j, int64_t now_ms, struct err *err);
/* Text and thinking of t are the truth: what deltas did not tell is added. */
int journal_end(struct journal *j, const struct turn *t, struct err *err);
/* c's title and other labels are what they are. */
int journal_labels(struct journal *j, const struct convo *c,
    struct err *err);
int journal_fold(struct journal *j, const struct turn *t, struct err *err);
/* That t's branch is shown; that t was removed; what c's system prompt is. */
int journal_head(struct journal *j, const struct turn *t, struct err *err);
int journal_remove(struct journal *j, const struct turn *t, struct err *err);
int journal_system(struct journal *j, const struct convo *c,
    struct err *err);
/* All of c but one turn (NULL: none is left out) into a journal that is new. */
int journal_whole(struct journal *j, const struct convo *c,
    const struct turn *but, struct err *err);

struct convo_info {
	char id[32];
	char *title;
	enum title_by title_by;
	int64_t created, changed;	/* ms since the epoch */
	int turns;
	bool pinned, archived;
	char **tags;		/* [n_tags] */
	size_t n_tags;
	int64_t trashed;	/* ms since the epoch; 0: it is not */
	int64_t size, mtime;	/* of the file: bytes, ns since the epoch; size
				 * -1: what is told here is not of one */
};
/* All conversations of the store, newest change first; a file that cannot be read
 * is listed with its error as the title.  Looks at the ends of each file
 * only, so that thousands are quick.  Returns how many, or -1; a missing
 * folder is none. */
int journal_list(const struct store *store, struct convo_info **out, struct err *err);
/* The same, quicker: files of the size and time of one in known are not read
 * again.  The result is a copy. */
int journal_list_known(const struct store *store,
    const struct convo_info *known, int n_known, struct convo_info **out,
    struct err *err);
void convo_infos_free(struct convo_info *v, int n);
void convo_info_done(struct convo_info *v);	/* what it owns */
char **convo_tags_copy(char *const *tags, size_t n);
/* Refused while a journal has it open, here or in another fikr: close first. */
int journal_delete(const struct store *store, const char *id, struct err *err);

#endif
