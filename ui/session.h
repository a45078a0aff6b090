/* session.h -- one conversation while it is open: its turns, its file, its
 * transcript, and the answer that is being streamed into all three. */
#ifndef FIKR_SESSION_H
#define FIKR_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "convo.h"
#include "journal.h"
#include "proto.h"
#include "transcript.h"

struct app;

enum phase {
	PHASE_IDLE,
	PHASE_WAITING,		/* for the worker: it may still be loading */
	PHASE_READING,
	PHASE_THINKING,
	PHASE_ANSWERING,
	PHASE_STOPPING
};

struct session {
	struct convo *convo;
	struct journal *journal;	/* NULL until the first message, and of
					 * a temporary conversation */
	bool temporary;		/* nothing of it is saved */
	struct transcript view;
	enum phase phase;
	int64_t id;		/* of the generation, or of the measuring
				 * before it; 0: none */
	int slot;		/* of the worker, that id runs in */
	bool measuring;
	struct turn *ask, *live;	/* the message and its answer */
	struct turn *retract;	/* a message taken back into the prompt */
	int was_head;		/* shown before live was asked for */
	bool again;		/* live had text before: it is gone on with */
	bool close_thought;	/* ... by answering at once */
	int base_thinking, base_answer;	/* tokens it had then */
	enum thinking asked;	/* of the answer */
	bool begun;		/* the answer's turn is in the file */
	bool save_failed;	/* and the reader knows */
	bool waits;		/* to be saved: the disk refuses it */
	int64_t try_at;		/* when it was tried last, ms */
	int64_t read_start;	/* when reading the prompt began, ms */
	int64_t read_from;	/* tokens that were there then */
	int64_t read_done, read_total;	/* tokens of the prompt */
	int64_t first_ms;	/* when the first token came */
	int tokens;		/* since then */
	int looping;		/* tokens that repeat; 0: none do */
	char **queue;		/* [n_queue] prompts that wait, oldest first */
	size_t n_queue;
	bool held;		/* the queue waits for the person */
};

struct session *session_new(struct app *a);
struct session *session_open(struct app *a, const char *id, struct err *err);
/* Ends what is streaming, closes the file. */
void session_free(struct app *a, struct session *s);

/* Send text as the next message.  0, or -1 with a notice or note given and
 * nothing changed: the text is still the caller's. */
int session_send(struct app *a, struct session *s, const char *text);
/* In session_ask.c: have the branch that is shown answered, in a new turn or
 * by going on with t, an answer at its end.  was_head: id of what to show again
 * when nothing comes of it.  0, or -1 with a notice. */
int session_answer(struct app *a, struct session *s, struct turn *t,
    int was_head);
void session_measured(struct app *a, struct session *s,
    const struct msg_measured *m);
/* What it would cost to have text (NULL: nothing more) answered behind the turn
 * `parent` (0: the beginning): the answer to this measure has *id. */
int session_measure(struct app *a, struct session *s, int parent,
    const char *text, int64_t *id);

/* In session_turns.c; each gives a notice when it cannot. */
void session_regenerate(struct app *a, struct session *s, struct turn *t);
void session_continue(struct app *a, struct session *s, struct turn *t);
int session_edit(struct app *a, struct session *s, struct turn *t,
    const char *text);
/* The branch with a turn, if that is not the one shown. */
void session_show_turn(struct app *a, struct session *s, int turn);
void session_version(struct app *a, struct session *s, struct turn *t,
    int dir);
void session_remove(struct app *a, struct session *s, struct turn *t);
void session_answer_now(struct app *a, struct session *s);
int session_steer(struct app *a, struct session *s, const char *text);
void session_persona(struct app *a, struct session *s, const char *name,
    const char *text);
void session_queue(struct session *s, const char *text);	/* at its end */
char *session_unqueue(struct session *s, size_t i);	/* caller frees */
/* Send what waits, if nothing is being answered. */
void session_next(struct app *a, struct session *s);
/* The last turn of the shown branch with this role, or NULL. */
struct turn *session_last(const struct session *s, enum role role);

bool session_writable(struct app *a, struct session *s);	/* else a notice */
/* A message about this session's generation (delta, progress, done, error,
 * measured, looping). */
void session_message(struct app *a, struct session *s, const struct msg *m);
void session_stop(struct app *a, struct session *s);
/* The generation is over, for whatever reason. */
void session_end(struct app *a, struct session *s, enum done_reason why);
bool session_empty(const struct session *s);	/* no text has come yet */
/* Nothing came of what was asked: show what was shown before, and take the
 * message, if there was one, back into the prompt, if that is empty. */
void session_take_back(struct app *a, struct session *s);
/* A conversation that was left with a message and no answer: likewise. */
void session_unanswered(struct app *a, struct session *s);
void session_rename(struct app *a, struct session *s, const char *title);
void session_save_fold(struct app *a, struct session *s,
    const struct turn *t);
/* Have the worker delete what it keeps on disk of a conversation, and keep
 * nothing more of it; when it is deleted for good.  -1: it cannot be told. */
int session_forget(struct app *a, const char *id);

/* In session_save.c. */
#define RETRY_MS 2000		/* until what the disk refused is tried again */
/* Report a failed save, once until the next turn begins. */
void session_saved(struct app *a, struct session *s, int rc,
    const struct err *err);
/* Make the file, with all that was said so far in it. */
bool session_make_file(struct app *a, struct session *s);
void session_tick(struct app *a, struct session *s);
/* 0: all of it is on the disk. */
int session_flush(struct app *a, struct session *s, struct err *err);
/* It is not shown any more: free it, unless it generates, or is not saved yet;
 * then it is kept until it is.  And: it is shown again. */
void session_leave(struct app *a, struct session *s);
void session_return(struct app *a, struct session *s);
/* Of all that are open: try to save; is any refused?; save all, and with end,
 * end what is streaming: -1 with what is not saved. */
void sessions_tick(struct app *a);
bool sessions_wait(const struct app *a);
int sessions_flush(struct app *a, bool end, struct err *err);

#endif
