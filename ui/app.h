/* app.h -- the chat as a state that events change and that can be drawn: no
 * terminal, no file descriptor and no clock in here, so that tests and scripts
 * drive it exactly as a person does. */
#ifndef FIKR_APP_H
#define FIKR_APP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cell.h"
#include "conf.h"
#include "journal.h"
#include "keymap.h"
#include "keys.h"
#include "labels.h"
#include "layout.h"
#include "list_view.h"
#include "model_state.h"
#include "page.h"
#include "panes.h"
#include "proto.h"
#include "session.h"
#include "stats.h"
#include "theme.h"
#include "titles.h"

enum ui_event_type {
	UI_KEY,		/* key */
	UI_MSG,		/* msg, from the worker */
	UI_LOST,		/* why: the worker is gone */
	UI_RESIZE,		/* w, h */
	UI_TICK		/* time has passed */
};

struct ui_event {
	enum ui_event_type type;
	int64_t now;		/* ms since the epoch; all the app knows of
				 * time */
	const struct key *key;
	const struct msg *msg;
	const char *why;
	int w, h;
};

/* What whoever owns the terminal has to do after an event. */
enum {
	REACT_DRAW = 1,
	REACT_QUIT = 2,
	REACT_REDRAW = 4,	/* send the whole frame again */
	REACT_SUSPEND = 8,
	REACT_MOUSE = 16,	/* app->mouse has changed */
	REACT_THEME = 32,	/* app->theme has changed */
	REACT_BELL = 64,
	REACT_COPY = 128,	/* app->clip is for the clipboard */
	REACT_EDITOR = 256	/* the prompt's text, in the person's editor */
};

/* The way to the worker. */
struct app_port {
	void *ud;
	bool (*alive)(void *ud);
	int (*start)(void *ud, struct err *err);	/* loads too */
	int (*load)(void *ud, struct err *err);		/* once more */
	int (*send)(void *ud, const struct msg *m, struct err *err);
	/* From now on this model, a path; load or start opens it. */
	void (*choose)(void *ud, const char *model);
};

enum focus {
	FOCUS_PROMPT, FOCUS_VIEW, FOCUS_THINK, FOCUS_LIST, FOCUS_COUNT
};

/* What the prompt's text is for. */
enum mode { MODE_CHAT, MODE_RENAME, MODE_TAG, MODE_DELETE, MODE_EDIT };

#define RUNS_MAX 2		/* answers written at the same time */

/* What it would cost to send what is being written. */
struct cost {
	int64_t id;		/* of the measure; 0: none is on its way */
	bool known;
	int tokens, cached;	/* of the prompt */
	int context;
	int *ends;		/* [n_ends], one a message: tokens up to it */
	size_t n_ends;
};

struct app {
	/* Borrowed for the app's life. */
	const struct conf *conf;
	const struct store *store;
	struct app_port port;

	struct keymap keys;
	int64_t now, last_tick;
	int w, h;
	struct layout lay;
	struct rect prompt;	/* where its text was drawn last, */
	int prompt_top;		/* from which row on, */
	bool bidi;		/* and whether in display order */
	bool mirror;		/* the frame is: see struct grid */
	struct theme theme;
	struct theme theme_before;	/* the one chosen, while others are
					 * looked at */
	int32_t background;	/* the terminal's, 0xRRGGBB; -1: not known */

	struct model_state model;
	struct session *cur;	/* shown, where the keys go; never NULL */
	struct session *other;	/* shown beside it, or NULL */
	bool at_second;		/* cur is the second of the two */
	struct session *run[RUNS_MAX];	/* generating, by slot, or NULL */
	struct session *slot_of[RUNS_MAX];	/* whose cache it has, or NULL */
	struct session **unsaved;	/* [n_unsaved] that are not shown, and
					 * wait for room on the disk */
	size_t n_unsaved;
	bool quit_unsaved;	/* the person was told, and may quit all the
				 * same */
	int64_t last_id;	/* of a generation */
	int context_used;	/* tokens, as last heard */
	double rate;		/* tokens a second, 0: not known */
	double read_rate;	/* of prompts, likewise */
	struct stats stats;
	bool animations;	/* something may move while it works */
	struct cost cost;	/* of what is being written */
	struct cost map;	/* of the conversation as it is */

	struct titles titles;

	enum thinking thinking;
	int budget, budget_ms;	/* of thinking; 0: the default, no limit */
	enum think_view view;
	enum focus focus;
	bool list_pane, mouse;
	struct panes panes;

	struct search *search;	/* of all conversations, once opened; or
				 * NULL */
	struct pick *pick;	/* a list to choose from, over the panes; or
				 * NULL */
	struct convo_info *list;	/* [n_list] that are shown; their
					 * contents are those of lists.all */
	int n_list, list_at, list_top;
	struct list_view lists;

	enum mode mode;
	char target[32];	/* conversation to rename or delete */
	char *draft;		/* the prompt's text while renaming or
				 * editing */
	int edited;		/* id of the turn being edited or removed */
	char *clip;		/* text for the clipboard */
	char **pastes;		/* [n_pastes] that stand as tokens in the
				 * prompt */
	size_t n_pastes;
	char *attached;		/* the files the prompt names; NULL: none */

	char *notice;		/* NULL: none */
	enum style notice_style;
	int64_t notice_until;
	bool notice_busy;	/* goes with the answer */
	/* The key before this one asked to quit, and another such would. */
	bool armed, was_armed;
	struct page page;
	struct player *player;	/* plays a conversation instead of all this;
				 * or NULL */
	bool lines;		/* shown line by line (see plain.h) */
	bool played;		/* it is what a player draws */
};

/* model: path of its file, which names it.  open: id of a conversation, or
 * NULL for a new one.  A conversation that cannot be opened becomes a notice
 * in a new one. */
void app_init(struct app *a, const struct conf *conf, const char *model,
    const struct store *store, const char *open, struct app_port port,
    int64_t now);
/* The person's keys.yaml; what is wrong with it becomes a note. */
void app_load_keys(struct app *a);
/* That, and notes on what was wrong with the theme (may be NULL) and the
 * history, and on a locale that is missing. */
void app_begin(struct app *a, const struct err *theme,
    const struct err *history);
/* Ends and saves what is streaming: 0, or -1 with what could not be saved. */
int app_finish(struct app *a, struct err *err);
/* The same, without a word.  The editor is not the app's. */
void app_done(struct app *a);
/* Start the worker if none runs, and let it load the model again if it could
 * not; a failure becomes a note. */
int app_start_worker(struct app *a);

/* See that the prompt's history keeps nothing of what is not to be kept. */
void app_guard_history(const struct app *a);
unsigned app_event(struct app *a, const struct ui_event *ev);	/* REACT_* */
/* Compose the frame; g has the size last told through UI_RESIZE. */
void app_draw(struct app *a, struct grid *g);
/* When the next UI_TICK is due, in the events' time; -1: none. */
int64_t app_deadline(const struct app *a);

/* For panes, actions and sessions. */
void app_notice(struct app *a, enum style st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Into the transcript, where it stays. */
void app_note(struct app *a, struct session *s, enum style st,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* One that has no point once the answer has come. */
void app_notice_busy(struct app *a, const char *text);
void app_busy_over(struct app *a);
bool app_shown(const struct app *a, const struct session *s);
/* Some session that generates: the one shown, if it does; or NULL. */
struct session *app_busy(const struct app *a);
/* The open session of a conversation, shown or generating; or NULL. */
struct session *app_session(const struct app *a, const char *id);
void app_list_refresh(struct app *a);
/* c has another title, or something was said there: the same for it alone. */
void app_list_update(struct app *a, const struct convo *c, bool said);
void app_list_drop(struct app *a, const char *id);	/* it was deleted */
void app_show(struct app *a, struct session *s);	/* takes s */
void app_new(struct app *a);
/* Two conversations side by side: a new one beside what is shown; the keys go
 * to the other one; only the one with the keys is left. */
void app_split(struct app *a);
void app_switch(struct app *a);
void app_unsplit(struct app *a);
int app_open(struct app *a, const char *id);
/* Answers come from another model from now on: a path. */
void app_choose_model(struct app *a, const char *path);
void app_stop(struct app *a);		/* what is shown with the focus */
/* The prompt's text becomes a title's; Enter and Esc give it back. */
void app_rename_begin(struct app *a, const char *id, const char *title);
void app_rename(struct app *a, const char *id, const char *title);
/* The prompt's text becomes that of a message, to be sent instead of it. */
void app_edit_begin(struct app *a, const struct turn *t);
void app_remove_begin(struct app *a, const struct turn *t);
/* As app_delete_begin, but every trace of it goes: forget.h. */
/* Not while it answers: else a notice. */
bool app_may_delete(struct app *a, const char *id);
void app_forget_begin(struct app *a, const char *id, const char *title);
/* The prompt's text becomes its tags. */
void app_tag_begin(struct app *a, const struct convo_info *c);
/* In app_label.c; each gives a notice, of what it did or why it could not.  The
 * title is for that.  0 or -1. */
int app_label(struct app *a, const char *id, const struct label_change *l);
void app_trash(struct app *a, const char *id, const char *title);
void app_restore(struct app *a, const char *id);	/* "": nothing to */
/* text: the tags it is to have, with commas between them. */
void app_tag(struct app *a, const char *id, const char *text);
void app_delete_begin(struct app *a, const char *id, const char *title);
const char *app_title(const struct app *a);	/* for the terminal's */

#endif
