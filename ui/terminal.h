/* terminal.h -- what a terminal can do: guessed from its name, then asked.
 * Nothing is written or read here: questions are bytes for whoever has the
 * terminal, replies are what keys.c recognised as such. */
#ifndef FIKR_TERMINAL_H
#define FIKR_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* How long the answers are waited for, in milliseconds. */
#define TERMINAL_WAIT 150

enum terminal_kind {
	TERMINAL_PLAIN,		/* what terminfo says and no more */
	TERMINAL_XTERM,		/* understands xterm's sequences */
	TERMINAL_TMUX,		/* ... those that tmux passes on */
	TERMINAL_SCREEN		/* ... those that GNU screen does */
};

enum answer { ANSWER_NONE, ANSWER_NO, ANSWER_YES };

struct terminal {
	enum terminal_kind kind;
	enum answer sync;	/* mode 2026, synchronized output */
	enum answer paste;	/* mode 2004, bracketed paste */
	enum answer kitty;	/* keys as kitty reports them */
	int32_t background;	/* 0xRRGGBB; -1: not known */
	char attributes[64];	/* primary device attributes: "64;1;2" */
	int cx, cy;		/* the last cursor report, 0-based; -1: none */
	bool complete;		/* the last question has its answer */
};

/* name is TERM's value, xt whether its terminfo entry has the XT flag. */
void terminal_init(struct terminal *t, const char *name, bool xt);
/* Append the questions that such a terminal understands: nothing for
 * TERMINAL_PLAIN. */
void terminal_ask(const struct terminal *t, struct buf *out);
/* The bytes of one reply.  False when it answers none of the questions. */
bool terminal_reply(struct terminal *t, const char *s, size_t n);
const char *terminal_kind_name(enum terminal_kind k);

/* What COLORFGBG says of the background ("15;0"), as a colour, or -1. */
int32_t terminal_colorfgbg(const char *value);

/* How many colours to use: 0 (none), 8, 16, 256 or 1 << 24.  have is what
 * terminfo says.  FORCE_COLOR goes before NO_COLOR; 0..3 are its levels. */
int terminal_colors(int have, const char *force, const char *no,
    const char *colorterm);

#endif
