/* options.h -- fikr's command line, understood and checked. */
#ifndef FIKR_OPTIONS_H
#define FIKR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf.h"
#include "err.h"

enum command {
	CMD_CHAT, CMD_ASK, CMD_LIST, CMD_SHOW, CMD_THEME, CMD_DOCTOR,
	CMD_KEYS, CMD_VERIFY, CMD_REPLAY, CMD_SEARCH,
	CMD_FORGET, CMD_LOCK, CMD_UNLOCK,
	CMD_PIN, CMD_UNPIN, CMD_ARCHIVE, CMD_UNARCHIVE, CMD_TAG, CMD_RENAME,
	CMD_RM, CMD_TRASH, CMD_EXPORT, CMD_IMPORT, CMD_FORK, CMD_DIFF,
	CMD_HELP, CMD_VERSION
};

struct opt_spec;		/* a row of the table in options.c */

struct options {
	enum command command;
	char *text;		/* the words in one, or NULL */
	char **line;		/* all words that are no options */
	char **words;		/* of them, what follows the command */
	int n_words;
	bool resume;		/* --continue ... */
	const char *resume_id;	/* ... of this one, or NULL: the last */
	const char *config;	/* instead of the usual file, or NULL */
	const char *script;	/* run headless (for the tests), or NULL */
	bool thinking_stderr;	/* --thinking=stderr */
	/* of single commands */
	const char *speed, *from, *cast, *size;	/* of a replay */
	int message;
	const char *tag;	/* of a list */
	bool all;
	int count;		/* of a search; 0: not given */
	bool gaps;
	const char *format, *output;	/* of an export; or NULL */
	bool no_thinking, force, again;
	bool json, save, temporary, yes, change;
	bool think_given, model_given;	/* --think was, --model was */
	/* what goes over the configuration, in the order given */
	struct { const struct opt_spec *spec; const char *value; } *set;
	size_t n_set;
	const struct opt_spec *special;	/* the last one given that only some
					 * commands have, or NULL */
};

/* Borrows from argv.  -1: a usage error in one sentence. */
int options_parse(struct options *o, int argc, char **argv, struct err *err);
void options_done(struct options *o);
/* Put the settings over c. */
int options_apply(const struct options *o, struct conf *c, struct err *err);
void options_help(void);	/* to standard output */

#endif
