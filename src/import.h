/* import.h -- conversations out of files that fikr and other programs exported:
 * fikr's own JSON, ChatGPT's and DeepSeek's conversations.json, Open WebUI's
 * JSON.  docs/export.md says what of each is taken.  Nothing in such a file is
 * trusted: a conversation that makes no sense is told of and does not keep the
 * others from coming. */
#ifndef FIKR_IMPORT_H
#define FIKR_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "convo.h"
#include "err.h"
#include "store.h"

#define IMPORT_FILE_MAX (INT64_C(1) << 30)
#define IMPORT_TEXT_MAX (16u << 20)	/* bytes of one message */
#define IMPORT_TURNS_MAX 200000		/* of one conversation */

enum import_state {
	IMPORT_DONE,
	IMPORT_KNOWN,		/* it was imported before, or is here */
	IMPORT_BAD		/* why says what is wrong */
};

struct import_item {
	enum import_state state;
	const struct convo *c;	/* NULL if it is bad */
	const char *why;	/* also what was left out of one that came; or
				 * NULL */
	size_t at, n;		/* this one of how many, from 1 */
};

struct import_opts {
	const struct store *store;
	bool again;		/* take what was imported before, too */
	/* Called for each; may be NULL. */
	void (*told)(const struct import_item *item, void *ud);
	/* Called now and then while the file is read; may be NULL. */
	void (*reading)(int64_t bytes, void *ud);
	void *ud;
};

struct import_total {
	size_t done, known, bad;
};

/* Import what is in f, whose name is for messages.  -1 if nothing could be
 * understood or the store cannot be written; *total is right in any case. */
int import_file(FILE *f, const char *name, const struct import_opts *o,
    struct import_total *total, struct err *err);

#endif
