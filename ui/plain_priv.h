/* plain_priv.h -- what the files of the linear mode share.  The app is the same
 * as on the screen: events in, and what is new in it printed after each turn of
 * the loop. */
#ifndef FIKR_PLAIN_PRIV_H
#define FIKR_PLAIN_PRIV_H

#include <stdbool.h>
#include <stddef.h>

#include "app.h"
#include "link.h"
#include "plain.h"
#include "rows.h"
#include "signals.h"

/* What was printed of a turn. */
struct told {
	bool head;		/* who speaks */
	bool think_head, think_over, answer_head, over;
	size_t thinking, text;	/* bytes */
};

struct plain {
	const struct ui_opts *o;
	struct app app;
	struct link *link;
	struct keys *keys;
	/* The terminal hands over single keys, and the line that is typed is
	 * drawn here; false: it hands over whole lines. */
	bool raw;
	struct signals signals;
	bool quit;
	int status;
	struct err unsaved;	/* at the end; "": nothing is */

	/* ---- the line at the bottom (plain_line.c) ---- */
	bool mid;		/* what was printed last has no newline yet */
	bool asked;		/* the prompt stands there */
	struct buf label;	/* it, */
	struct buf shown;	/* what is drawn behind it, */
	int at;			/* and the column of the cursor there */
	bool more;		/* the line before ended in a backslash */
	struct buf typed;	/* raw: the reply to a question; else bytes
				 * that are no line yet */

	/* ---- what was printed (plain_say.c) ---- */
	char convo[32];		/* of this conversation */
	struct told *told;	/* [n_told] by the turn's id */
	size_t n_told;
	int head;		/* the turn at its end then */
	size_t notes;
	char *notice, *draft;
	const struct pick *pick;
	size_t picked;		/* how many it had */
	bool loading, reading;	/* was said */
	int quarter;		/* of the prompt that was read */
	size_t waiting;		/* prompts in the queue */
	bool mute;		/* the person sees what is sent: it was typed */
};

/* ---- plain_line.c ---- */

/* Print, over the prompt if it stands there; safe text. */
void plain_put(struct plain *p, const char *s, size_t n);
/* A line of its own; the text is made safe. */
void plain_say(struct plain *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void plain_end_line(struct plain *p);	/* if one is open */
/* Bring the prompt and what is typed behind it up to date. */
void plain_prompt(struct plain *p);
/* The line is given in: it stays where it is. */
void plain_enter(struct plain *p);
void plain_erase(struct plain *p);	/* the prompt, for a while */

/* ---- plain_say.c ---- */

void plain_news(struct plain *p);	/* print what is new */
/* The turns of what is shown, from the last n exchanges on (0: all). */
void plain_history(struct plain *p, size_t n);

/* ---- plain_ask.c ---- */

/* Questions and pages that the app has opened. */
void plain_pages(struct plain *p);
/* The reply to the question that is open, if one is. */
bool plain_reply(struct plain *p, const char *line);
/* Commands that are different here; false: the app's. */
bool plain_command(struct plain *p, const char *line, unsigned *react);

/* ---- plain_term.c ---- */

int plain_open(struct plain *p, struct err *err);
void plain_close(struct plain *p);
void plain_signals(struct plain *p);	/* those that came */
void plain_react(struct plain *p, unsigned r);	/* REACT_* */
void plain_event(struct plain *p, struct ui_event ev);
void plain_key(struct plain *p, const char *name);	/* "ctrl+c" */
int plain_width(void);			/* columns */
/* What the app says next is news, even if it is what it said before. */
void plain_forget_notice(struct plain *p);

#endif
