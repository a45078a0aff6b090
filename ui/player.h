/* player.h -- a conversation played as it happened, on a screen of its own: an
 * app that is drawn and told nothing, whose one session is filled from a
 * timeline (src/replay.h) and whose time is the recorded one, so that whatever
 * shows a live chat shows this, too.  Nothing is written by it, and the app
 * behind it goes on meanwhile. */
#ifndef FIKR_PLAYER_H
#define FIKR_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "cell.h"
#include "convo.h"
#include "err.h"
#include "keys.h"
#include "replay.h"
#include "replay_how.h"

struct app;

struct player {
	struct app *app;	/* what is drawn */
	struct convo *convo;	/* what is played, owned */
	struct replay line;
	struct replay_shown shown;
	double at;		/* where in it, ms */
	double speed;
	bool paused;
	bool alone;		/* leaving it is quitting */
	bool bare;		/* the line above the prompt is as it was */
	int64_t ticked;		/* when time passed last, of the app behind */
	char *draft;		/* the prompt's text and cursor before it */
	size_t point;
};

#define PLAYER_SLOWEST 0.25
#define PLAYER_FASTEST 64.0

/* Play a copy of c instead of what a shows.  -1 with a sentence when there is
 * nothing to play, or not from there; a->player is NULL then. */
int player_open(struct app *a, const struct convo *c,
    const struct replay_how *how, struct err *err);
/* The same where there is nothing else: leaving it quits.  Whether it can be
 * played from there was looked at before. */
void player_begin(struct app *a, const struct convo *c,
    const struct replay_how *how);
/* Back to what was shown, with the prompt as it was. */
void player_close(struct app *a);

/* In the events' time; REACT_*. */
unsigned player_key(struct app *a, const struct key *k);
void player_tick(struct app *a);
int64_t player_deadline(const struct app *a);	/* -1: none */

void player_seek(struct app *a, double at);
void player_speed(struct app *a, int dir);	/* the next faster or slower */
void player_pause(struct app *a);		/* or go on; at the end: again */
bool player_over(const struct player *p);	/* at the end */

/* The text that a person has in the prompt of a, behind a replay, too. */
const char *player_prompt(const struct app *a);
void player_prompt_set(struct app *a, const char *text);

/* ---- player_draw.c ---- */

void player_draw(struct app *a, struct grid *g);
/* "Replay 0:12 of 3:40 · 2x · thinking", appended. */
void player_put_state(const struct player *p, struct buf *out);

#endif
