/* replay.h -- a conversation as it happened: a timeline of what was there when,
 * made once, so that any moment is found at once, in long conversations too.
 * Times of the timeline are ms from its beginning; the recorded ones are ms
 * since the epoch.  The branch that is shown is what gets played.
 * A message is typed within the pause before it, in at most REPLAY_TYPE ms,
 * since nobody recorded how it was.  Tokens come when they came; where that
 * was not recorded, evenly from t_first over t_think_end to t_end; turns
 * without times are there at once. */
#ifndef FIKR_REPLAY_H
#define FIKR_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convo.h"
#include "err.h"

#define REPLAY_TYPE 800		/* ms */
#define REPLAY_GAP 2000		/* ms: what a pause is shortened to */
#define REPLAY_STALL 30000	/* ms between two tokens: it stood still */

enum replay_phase {
	REPLAY_PAUSE,		/* nobody does anything that is known */
	REPLAY_TYPING,		/* the turn's text is in the prompt */
	REPLAY_SENT,
	REPLAY_WAITING,		/* for the first token */
	REPLAY_THINKING,
	REPLAY_ANSWERING
};

/* What holds from a moment on, until the next step. */
struct replay_step {
	int64_t at;		/* of the timeline */
	int64_t when;		/* recorded; 0: not known */
	int64_t pause;		/* > 0: what follows took that long, and is
				 * shortened to REPLAY_GAP */
	uint32_t turn;		/* of the branch; those before are whole */
	uint32_t thinking, text;	/* bytes of it */
	uint32_t n_thinking, n_text;	/* tokens of it */
	uint8_t phase;		/* an enum replay_phase */
	bool over;		/* the turn has ended */
};

struct replay {
	struct turn **turns;	/* [n] of the branch, borrowed */
	size_t n;
	struct replay_step *v;	/* [n_steps], by time */
	size_t n_steps, cap;
	int64_t length;
	size_t shortened;	/* pauses that are */
};

/* gaps: pauses are as long as they were.  c must outlive r. */
void replay_init(struct replay *r, const struct convo *c, bool gaps);
void replay_done(struct replay *r);
/* The step that holds at a moment; r->n_steps when there is none at all. */
size_t replay_find(const struct replay *r, int64_t at);
/* What the recorded time is at a moment, or 0. */
int64_t replay_when(const struct replay *r, int64_t at);
/* The first moment of the next (dir > 0) or previous (dir < 0) thought or
 * answer, or of a message and what it brought; -1: there is none.  A moment
 * that has just passed is no previous one, so that going back twice goes on. */
enum replay_mark { REPLAY_THOUGHT, REPLAY_ANSWER, REPLAY_EITHER, REPLAY_TURN };
int64_t replay_mark(const struct replay *r, int64_t at,
    enum replay_mark what, int dir);
/* Where message n (1: the first) begins, or -1. */
int64_t replay_message(const struct replay *r, int n);
/* Where to begin: NULL: at message n (0: the beginning); "thinking", "answer":
 * there, behind that; "90", "1:30", "1:02:03": there. -1 with a sentence. */
int64_t replay_from(const struct replay *r, int n, const char *from,
    struct err *err);
/* "0:12", "1:02:03", appended. */
void replay_put_time(struct buf *out, int64_t ms);

/* ---- replay_show.c: a conversation that fills as it did ---- */

struct replay_shown {
	struct convo *c;	/* owned; turns in the order of the branch */
	size_t step;		/* that it shows */
	const struct turn *live;	/* being written, or NULL */
	struct buf typed;	/* what is in the prompt */
};

/* A copy of the branch that is shown, with its texts, and nothing that is not
 * needed to read it. */
struct convo *replay_copy(const struct convo *c);
void replay_show_init(struct replay_shown *s, const struct convo *c);
void replay_show_done(struct replay_shown *s);
/* Show the moment of a step.  What that costs is proportional to what comes or
 * goes.  True if turns came or went, or text went: what was made of them has
 * to be made again; else the last turn has only grown. */
bool replay_show(struct replay_shown *s, const struct replay *r, size_t step);

#endif
