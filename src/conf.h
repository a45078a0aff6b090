/* conf.h -- what a person has set: $XDG_CONFIG_HOME/fikr/config.yaml, then
 * the command line over it.  A wrong key or value is an error that names file
 * and line. */
#ifndef FIKR_CONF_H
#define FIKR_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "chat.h"
#include "err.h"
#include "load.h"

enum think_view { VIEW_FULL, VIEW_BRIEF, VIEW_HIDDEN };

/* Who puts right-to-left text in display order: by what the terminal is known
 * to do, fikr, fikr but for the letters of a word, the terminal, or nobody. */
enum bidi_by { BIDI_AUTO, BIDI_EXPLICIT, BIDI_WORDS, BIDI_TERMINAL, BIDI_OFF };

/* How somebody who has gone to another window is called back. */
enum notify_by { NOTIFY_BELL, NOTIFY_OFF, NOTIFY_OSC9 };

/* Who gives conversations a title, if no person does. */
enum titles_by { TITLES_MODEL, TITLES_FIRST };

struct conf {
	struct load load;
	char *theme;		/* name or path; never NULL; "auto" */
	char *language;		/* of the interface (lang.h); never NULL */
	char *system;		/* system prompt, or NULL */
	struct sampling sampling;
	enum thinking thinking;	/* of the screen; `ask` has its own default */
	int budget;		/* thinking tokens; 0: the default */
	int budget_time;	/* seconds of thinking; 0: no limit */
	enum think_view view;
	bool list_pane, think_pane;
	bool fold_answered;	/* fold a thought when its answer begins */
	enum bidi_by bidi;
	bool arabic_forms;	/* Arabic letters joined by fikr */
	bool animations;	/* something may move while it works */
	bool visual_arrows;	/* arrows go where they point */
	enum titles_by titles;
	enum notify_by notify;
	int notify_after;	/* seconds that an answer took */
	bool plain;		/* the linear mode instead of the screen */
};

const char *think_view_name(enum think_view v);	/* "full" "brief" "hidden" */
int think_view_parse(const char *s, enum think_view *v);

void conf_init(struct conf *c);		/* the defaults */
void conf_done(struct conf *c);
/* Read path; a missing file leaves the defaults. */
int conf_load(struct conf *c, const char *path, struct err *err);

/* The fields of struct sampling under their YAML names: one table for the
 * config and for what a conversation's file records. */
struct sampling_field {
	const char *name;
	enum { SAMPLING_TEMPERATURE, SAMPLING_FLOAT, SAMPLING_INT,
	    SAMPLING_SEED } kind;
	size_t offset;
};
extern const struct sampling_field sampling_fields[];	/* name NULL ends it */

struct ynode;
/* Set one field; -1 if y is no such value.  Its bounds are another question:
 * sampling_check. */
int sampling_field_set(struct sampling *s, const struct sampling_field *f,
    const struct ynode *y);

#endif
