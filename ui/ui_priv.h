/* ui_priv.h -- what the loop (ui.c) and its dealings with the terminal
 * (ui_term.c) share. */
#ifndef FIKR_UI_PRIV_H
#define FIKR_UI_PRIV_H

#include "app.h"
#include "energy.h"
#include "keys.h"
#include "link.h"
#include "notify.h"
#include "screen.h"
#include "signals.h"
#include "ui.h"

/* A frame may come so often; one that shows what was typed does not wait for
 * its time, and those after it come later instead. */
#define FRAME_MS 33
#define KEY_FRAME_MS 5		/* between any two */
#define KEY_FRAMES 2		/* so many may be ahead of their time */

struct ui {
	const struct ui_opts *o;
	struct app app;
	struct link *link;
	struct keys *keys;
	struct grid grid;
	struct signals signals;
	char *log;		/* where standard error goes meanwhile */
	int saved_stderr;
	char *title;		/* as last told to the terminal */
	double last_frame, next_frame;	/* of clock_now_ms() */
	double asked_until;	/* replies are due until then; 0: none are */
	struct notify notify;
	struct energy energy;
	int64_t energy_at;	/* when it was read last, ms; 0: not, as nothing
				 * was computed */
	bool no_energy;		/* it cannot be read, and the app knows */
	bool dirty, quit;
	bool typed;		/* a key has changed what is to be drawn */
	bool stopped;		/* by ourselves; its SIGCONT is still to come */
	struct err theme, history;	/* what was wrong */
	struct err unsaved;	/* at the end; "": nothing is */
	int status;
};

/* The signals that came since: quitting, stopping, another size. */
void ui_signals_read(struct ui *u);

void ui_size(struct ui *u);	/* ask for it, and tell the app */
void ui_event(struct ui *u, struct ui_event ev);	/* to the app, now */
void ui_react(struct ui *u, unsigned r);		/* REACT_* */
/* Call back whoever is not looking, when an answer is there at last. */
void ui_notify(struct ui *u);

/* Ask the terminal what it can do, once the first frame is out, so that this
 * waits for nothing; ui_reply gets the answers.  ui_asked: no more of them are
 * waited for. */
void ui_ask(struct ui *u);
void ui_asked(struct ui *u);
void ui_reply(struct ui *u, const struct key *k);

#endif
