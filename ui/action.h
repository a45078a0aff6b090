/* action.h -- the one table of what a person can do: keys, slash commands,
 * completion, the help pane and the manual all come from it. */
#ifndef FIKR_ACTION_H
#define FIKR_ACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct app;

/* A replay has keys of its own, and those of actions that only look. */
enum { IN_PROMPT = 1, IN_VIEW = 2, IN_LIST = 4, IN_THINK = 8, IN_ALL = 15,
	IN_REPLAY = 16 };

struct action {
	const char *name;	/* of the action, for key maps */
	unsigned where;		/* IN_*: where its keys work; 0: no keys */
	const char *keys;	/* default keys (keymap.h), separated by
				 * blanks, or "" */
	const char *slash;	/* "/help", or NULL */
	const char *args;	/* of the slash command, "" for none */
	const char *help;
	/* arg: what follows the slash command, "" from a key.  REACT_*. */
	unsigned (*fn)(struct app *a, const char *arg);
};

/* Where help and the list of keys have them, IN_* by IN_*; 0: commands. */
struct action_section {
	unsigned where;
	const char *title;	/* not translated yet */
};
/* Is it one of a section with keys?  What works everywhere is in that alone,
 * and what a replay shares with others is in theirs. */
bool action_in(const struct action *act, unsigned where);
extern const struct action_section action_sections[];
extern const size_t n_action_sections;

extern const struct action actions[];
extern const size_t n_actions;

/* Is this text a slash command?  "//x", "/tmp/x" and several lines are not. */
bool action_is_slash(const char *text);
/* Run it; an unknown one gives a notice with the nearest name.  Returns
 * REACT_*, and in *ok whether it was one. */
unsigned action_slash(struct app *a, const char *text, bool *ok);
/* The one command that text begins, or the part that all such share; NULL
 * when it adds nothing.  Caller frees. */
char *action_complete(const char *text);
/* While a command is typed: those that text begins, or what the only one is
 * for, appended; nothing for other text. */
void action_hint(const char *text, struct buf *out);
#endif
