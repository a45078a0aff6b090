/* editor.h -- the prompt: GNU readline in callback mode, fed with keys that
 * keys.c has already understood.  It draws nothing; whoever shows it asks for
 * the text and the cursor.  Multi-line: a newline is an ordinary character
 * here, and Enter is the app's (it calls editor_take).  There is one readline
 * in a process, so there is one editor. */
#ifndef FIKR_EDITOR_H
#define FIKR_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "keys.h"

/* history: file, or NULL for none.  Reads the person's inputrc.  -1 when the
 * history cannot be read or written: err says why, and the editor works all
 * the same, without a file. */
int editor_init(const char *history, struct err *err);
void editor_done(void);		/* trims the history file */
/* Give a key to readline (its raw bytes, or CSI/emacs equivalents). */
void editor_key(const struct key *k);
void editor_insert(const char *s, size_t n);	/* as one undoable edit */
const char *editor_text(void);		/* valid UTF-8, borrowed */
size_t editor_point(void);		/* cursor, byte offset into the text */
void editor_move(size_t point);		/* put the cursor there */
void editor_set(const char *s);		/* begins anew: nothing to undo */
void editor_clear(void);		/* ^Y brings it back */
/* Whether what is taken goes into no file: it is only remembered here. */
void editor_private(bool private);
/* The text for sending: scrubbed, kept in the history (and its file, mode
 * 0600, a multi-line entry as one) and cleared.  Caller frees. */
char *editor_take(void);
/* The same for a text that stands for what was sent: that is kept. */
void editor_sent(const char *sent);
/* In the middle of something (^R search, a prefix key): Esc and Enter belong
 * to readline then; editor_message is what to show ("(search)`foo': "). */
bool editor_busy(void);
/* Esc belongs to readline: busy, or inserting in vi mode. */
bool editor_wants_esc(void);
const char *editor_message(void);	/* "" when none */
/* Up/Down: move between lines of a multi-line text; at its first or last line,
 * through the history. */
void editor_up(void);
void editor_down(void);

#endif
