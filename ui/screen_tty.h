/* screen_tty.h -- the terminal below curses: bytes written by hand, the modes
 * that terminfo does not know, and all of it undone on every way out.  For
 * screen_curses.c and its neighbours alone. */
#ifndef FIKR_SCREEN_TTY_H
#define FIKR_SCREEN_TTY_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* In the order in which they are turned on; undone backwards. */
enum tty_mode {
	TTY_PASTE,		/* bracketed paste */
	TTY_FOCUS,		/* reports of the window's focus */
	TTY_KEYS_KITTY,		/* kitty's keys: one level of a stack */
	TTY_KEYS_OTHER,		/* xterm's modifyOtherKeys */
	TTY_MOUSE,		/* clicks, wheel, drags */
	TTY_BIDI_OURS,		/* text comes in display order */
	TTY_BIDI_THEIRS,	/* the terminal reorders, line by line */
	TTY_TITLE,		/* the window's title is ours */
	TTY_SYNC,		/* a frame is on its way */
	TTY_MODES
};

void tty_put(const char *s, size_t n);
void tty_puts(const char *s);

/* Remember how the terminal is now, and undo everything when the program ends
 * by a signal or for want of memory: polite signals (TERM, HUP, INT, QUIT)
 * only where they still have their default action. */
int tty_open(struct err *err);
/* cap(name) gives terminfo's strings: what curses turned on is undone too. */
void tty_undo(const char *(*cap)(const char *name));
void tty_close(void);		/* forget all of it; nothing is sent */
/* Turn a mode on or off; while the terminal is left, only for later. */
void tty_mode(enum tty_mode m, bool on);
/* It is off and no longer wanted; nothing is sent. */
void tty_mode_forget(enum tty_mode m);
/* Around curses' own work: tty_enter, refresh(), tty_modes_on; then
 * tty_modes_off, endwin(), tty_left.  From enter to left the terminal counts as changed. */
void tty_enter(void);
void tty_modes_on(void);
void tty_modes_off(void);
void tty_left(void);
bool tty_entered(void);
/* Undo what another program may have left behind; xterm: also what terminfo
 * has no word for. */
void tty_clean(bool xterm);

#endif
