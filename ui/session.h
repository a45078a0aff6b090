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
	struct journal *journal;	/* NULL until the first message */
	struct transcript view;
	enum phase phase;
	int64_t id;		/* of the generation, 0: none */
	struct turn *ask, *live;	/* the message and its answer */
	enum thinking asked;	/* of the answer */
	bool begun;		/* the answer's turn is in the file */
	bool save_failed;	/* and the reader knows */
	int64_t read_done, read_total;	/* tokens of the prompt */
	int64_t first_ms;	/* when the first token came */
	int tokens;		/* since then */
};

struct session *session_new(struct app *a);
struct session *session_open(struct app *a, const char *id, struct err *err);
/* Ends what is streaming, closes the file. */
void session_free(struct app *a, struct session *s);

/* Send text as the next message.  0, or -1 with a notice or note given and
 * nothing changed: the text is still the caller's. */
int session_send(struct app *a, struct session *s, const char *text);
/* A message about this session's generation (delta, progress, done, error). */
void session_message(struct app *a, struct session *s, const struct msg *m);
void session_stop(struct app *a, struct session *s);
/* The generation is over, for whatever reason. */
void session_end(struct app *a, struct session *s, enum done_reason why);
bool session_empty(const struct session *s);	/* no text has come yet */
/* Nothing came of the last message: take it back out of the conversation and
 * into the prompt, if that is empty. */
void session_take_back(struct app *a, struct session *s);
/* A conversation that was left with a message and no answer: likewise. */
void session_unanswered(struct app *a, struct session *s);
void session_tick(struct app *a, struct session *s);
void session_rename(struct app *a, struct session *s, const char *title);
void session_save_fold(struct app *a, struct session *s,
    const struct turn *t);

#endif
