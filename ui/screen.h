/* screen.h -- the terminal: shows grids, and is always put back as it was.
 * screen_curses.c is the only file that includes <curses.h>; input is not its
 * business (ui.c reads the bytes, keys.c understands them). */
#ifndef FIKR_SCREEN_H
#define FIKR_SCREEN_H

#include <stdbool.h>

#include "cell.h"
#include "clip.h"
#include "conf.h"
#include "err.h"
#include "terminal.h"
#include "theme.h"

/* Enter the alternate screen, raw mode, bracketed paste.  Fails with a
 * sentence when TERM is unknown or standard input/output is no terminal.  The
 * terminal is restored by screen_close, at exit(), from alloc_failed_hook, and
 * by handlers for the fatal signals (SEGV, ABRT, BUS, FPE, ILL), and for TERM,
 * HUP, INT and QUIT where these still have their default action.  setlocale
 * comes first.
 * A terminal that is unknown here and known to be like xterm is taken for one.
 * Colours: see terminal_colors. */
int screen_open(const struct theme *t, struct err *err);
void screen_close(void);		/* may be called twice */
void screen_theme(const struct theme *t);
void screen_size(int *w, int *h);	/* asks the kernel; resizes curses */
void screen_flush(const struct grid *g);	/* sends what changed */
void screen_redraw(void);		/* the next flush sends everything */
/* Restore, e.g. for ^Z or $EDITOR; SIGTSTP has its default action, so for ^Z
 * the caller raises it between suspend and resume. */
void screen_suspend(void);
void screen_resume(void);
/* Between the two, once another program has used the terminal: what it may
 * have left behind is undone. */
void screen_clean(void);
/* What terminfo says of the terminal that TERM names, without opening it. */
struct screen_entry {
	char name[128];		/* of the entry that would be used */
	bool known;		/* there is one ... */
	bool full;		/* ... that a full screen can be had of */
	int colors;
};
void screen_look_up(struct screen_entry *e);
/* Send the questions of terminal.h; their replies go to screen_reply, which
 * says whether it was one, and at once uses what it says (synchronized
 * output, keys that can be told apart). */
void screen_ask(void);
bool screen_reply(const char *s, size_t n);
const struct terminal *screen_terminal(void);	/* while the screen is open */
void screen_mouse(bool on);
/* Who reorders text (not BIDI_AUTO: see bidi_choose), and whether Arabic
 * letters are joined here. */
void screen_bidi(enum bidi_by by, bool forms);
void screen_title(const char *title);	/* OSC 2, made safe here */
void screen_bell(void);
void screen_notify(const char *text);	/* OSC 9, likewise */
/* Text, as it is, to the terminal's clipboard. */
enum clip screen_clipboard(const char *s, size_t n);

#endif
