/* clip.h -- text for the terminal's clipboard as OSC 52, which also reaches
 * the clipboard of the machine that one has logged in from. */
#ifndef FIKR_CLIP_H
#define FIKR_CLIP_H

#include <stddef.h>

#include "buf.h"

#define CLIP_MAX 100000		/* bytes: what terminals are known to take */

enum clip {
	CLIP_SENT,		/* whether it was taken, no terminal says */
	CLIP_LONG,		/* more than CLIP_MAX: not sent */
	CLIP_NONE		/* a terminal without a clipboard, or no screen */
};

enum clip_through { CLIP_DIRECT, CLIP_TMUX, CLIP_SCREEN };

/* Append the sequence; in tmux and screen it is wrapped so that they hand it
 * on to the terminal they run in. */
void clip_sequence(struct buf *out, const char *s, size_t n,
    enum clip_through through);

#endif
