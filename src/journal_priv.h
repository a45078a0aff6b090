/* journal_priv.h -- what the two halves of a journal share: journal.c, which
 * appends, and journal_open.c, which makes and reads the file. */
#ifndef FIKR_JOURNAL_PRIV_H
#define FIKR_JOURNAL_PRIV_H

#include <sys/stat.h>

#include "journal.h"

/* What the file says of a turn's text and thinking, to tell at its end
 * whether the two agree. */
struct written {
	int turn;
	uint64_t text, thinking;	/* hashes */
	size_t n_tok;		/* of its tokens, those streamed, too */
};

struct journal {
	int fd;
	char *path;
	const struct store *store;
	bool readonly;
	bool named;		/* the disk has its name */
	bool lost;		/* the name is gone, or another file's */
	uint64_t synced;	/* offset up to which the disk has it */
	struct buf queue;	/* what follows, whole documents */
	size_t queue_written;	/* bytes of queue that are in the file */
	size_t queue_ready;	/* ... that are as they may be in the file */
	struct buf pending;	/* streamed, not yet a document */
	struct token *pending_tok;	/* [n_pending_tok], of that */
	size_t n_pending_tok;
	enum channel pending_channel;
	int pending_turn;
	struct written *written;
	size_t n_written;
	struct convo *labels;	/* these alone */
	uint64_t title_at;	/* where the file says it last */
	int turns;
	int64_t last_write, last_sync;
	struct timespec changed;	/* the file's time, which never goes
				 * back */
	bool failing;		/* told already */
};

/* The file, or its queue, has t as it is. */
void journal_knows(struct journal *j, const struct turn *t);

/* In journal_disk.c.  The queue sealed, where the store is encrypted; in the
 * file; on the disk. */
int journal_seal_queue(struct journal *j, struct err *err);
int journal_write_queue(struct journal *j, struct err *err);
int journal_sync_queue(struct journal *j, struct err *err);
int journal_put_title(struct journal *j, struct err *err);
/* After each document. */
int journal_repeat_title(struct journal *j, struct err *err);

#endif
