/* worker.c -- fikr-worker: the engine behind a pipe.  Lines of JSON come in on
 * standard input and go out on standard output; src/proto.h has them all.
 *
 * One thread computes, a token (or a part of a prompt) of each generation in
 * turn.  While it does, the stop callback keeps reading the input, so that a
 * cancel or quit works in the middle of it; what has to wait does so in a
 * queue. */
#include "worker.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- receiving -------------------------------------------------------- */

static void
drop_queued(struct worker *w, int i)
{
	msg_free(&w->queue[i]);
	w->n_queue--;
	memmove(&w->queue[i], &w->queue[i + 1],
	    (size_t)(w->n_queue - i) * sizeof w->queue[0]);
}

/* The one that runs, or NULL.  An id that is not known has just ended: nothing
 * to say about it. */
static struct job *
find_job(struct worker *w, int64_t id)
{
	for (int i = 0; i < PROTO_SLOTS; i++)
		if (w->job[i].gen && w->job[i].m.u.generate.id == id)
			return &w->job[i];
	return NULL;
}

/* Where one waits in the queue, or -1. */
static int
find_queued(const struct worker *w, int64_t id)
{
	for (int i = 0; i < w->n_queue; i++)
		if (w->queue[i].type == MSG_GENERATE &&
		    w->queue[i].u.generate.id == id)
			return i;
	return -1;
}

static void
cancel(struct worker *w, int64_t id)
{
	struct job *j = find_job(w, id);
	int i = find_queued(w, id);

	if (j) {
		j->cancelled = true;
		gen_cancel(j->gen);
	}
	if (i >= 0) {
		say_done(w, &w->queue[i].u.generate, DONE_CANCEL);
		drop_queued(w, i);
	}
}

static void
answer_now(struct worker *w, int64_t id)
{
	struct job *j = find_job(w, id);
	int i = find_queued(w, id);

	if (j)
		gen_answer_now(j->gen);
	if (i >= 0) {
		w->queue[i].u.generate.thinking = THINKING_OFF;
		w->queue[i].u.generate.thought_open = false;
	}
}

static void
steer(struct worker *w, const struct msg_steer *s)
{
	struct job *j = find_job(w, s->id);

	if (j)
		gen_steer(j->gen, s->text);
}

static void
enqueue(struct worker *w, struct msg *m)
{
	bool asked = m->type == MSG_GENERATE;

	if (w->n_queue < QUEUE_MAX) {
		w->reload |= m->type == MSG_LOAD;
		w->queue[w->n_queue++] = *m;
		return;
	}
	say_error(w, asked || m->type == MSG_MEASURE ? m->u.generate.id : 0,
	    "too many messages are waiting; this one was dropped");
	if (asked)
		say_done(w, &m->u.generate, DONE_ERROR);
	msg_free(m);
}

/* What is about something under way cannot wait; the rest takes its turn. */
static void
accept_msg(struct worker *w, struct msg *m)
{
	switch (m->type) {
	case MSG_CANCEL:
		cancel(w, m->u.cancel.id);
		break;
	case MSG_ANSWER_NOW:
		answer_now(w, m->u.answer_now.id);
		break;
	case MSG_STEER:
		steer(w, &m->u.steer);
		break;
	case MSG_FORGET:
		keep_forget(w, m->u.forget.keep);
		break;
	case MSG_QUIT:
		w->quit = true;
		break;
	case MSG_HELLO:
	case MSG_LOAD:
	case MSG_GENERATE:
	case MSG_MEASURE:
	case MSG_LIMITS:
		enqueue(w, m);
		return;		/* it owns m now */
	default:
		say_error(w, 0, "that message goes from the worker, not to "
		    "it");
	}
	msg_free(m);
}

static void
take_lines(struct worker *w)
{
	struct err err;
	char *line;
	size_t n;
	int r;

	while (!w->quit && (r = chan_line(&w->chan, &line, &n, &err)) != 0) {
		struct msg m;

		if (r > 0 && n == 0)
			continue;
		if (r < 0 || msg_parse(&m, line, n, &err) < 0)
			say_error(w, 0, err.text);
		else
			accept_msg(w, &m);
	}
}

/* A reader that went away shows as an error on the output, before anything is
 * written to it. */
void
receive(struct worker *w, int ms)
{
	struct pollfd p[2] = {
		{ .fd = w->chan.eof ? -1 : w->chan.in, .events = POLLIN },
		{ .fd = w->chan.out },
	};

	if (poll(p, 2, ms) <= 0)
		return;
	if (p[1].revents & (POLLERR | POLLNVAL))
		w->quit = true;
	if (p[0].revents) {
		chan_fill(&w->chan, NULL);
		take_lines(w);
	}
}

/* A cancel is of an answer that waits for the model: it needs no stop here. */
bool
stop_loading(void *ud)
{
	struct worker *w = ud;

	receive(w, 0);
	return w->quit || w->reload;
}

bool
stop_generating(void *ud)
{
	struct worker *w = ud;

	return stop_loading(w) || (w->current && w->current->cancelled);
}

/* ---- taking turns ----------------------------------------------------- */

static void
do_hello(struct worker *w, const struct msg_hello *h)
{
	struct err err;

	w->refused = h->version != PROTO_VERSION;
	if (!w->refused)
		return;
	err_set(&err, "this worker speaks version %d of the protocol, not %d; "
	    "install fikr and fikr-worker from the same release",
	    PROTO_VERSION, h->version);
	say_error(w, 0, err.text);
}

static void
refuse(struct worker *w, const struct msg *m)
{
	bool asked = m->type == MSG_GENERATE;

	if (m->type == MSG_LOAD)
		w->reload = false;
	say_error(w, asked || m->type == MSG_MEASURE ? m->u.generate.id : 0,
	    "not before a hello with a version that is known here");
	if (asked)
		say_done(w, &m->u.generate, DONE_ERROR);
}

/* What waits before the i-th message waits for the model that was. */
static void
switch_model(struct worker *w, int i)
{
	struct msg m = w->queue[i];

	memset(&w->queue[i], 0, sizeof w->queue[i]);
	while (i > 0) {
		i--;
		if (w->queue[i].type == MSG_GENERATE)
			say_done(w, &w->queue[i].u.generate, DONE_CANCEL);
		drop_queued(w, i);
	}
	drop_queued(w, 0);
	do_load(w, &m.u.load);
	msg_free(&m);
}

/* Whether a message can be done now.  busy: slots that an earlier one waits
 * for, or that are at work. */
static bool
ready(const struct worker *w, const struct msg *m, const bool *busy)
{
	if (w->refused)
		return true;
	if (m->type == MSG_GENERATE)
		return !busy[m->u.generate.slot];
	return m->type != MSG_LIMITS || !jobs_running(w);
}

static void
handle(struct worker *w, struct msg *m)
{
	if (m->type == MSG_HELLO)
		do_hello(w, &m->u.hello);
	else if (w->refused)
		refuse(w, m);
	else if (m->type == MSG_GENERATE)
		begin_job(w, m);
	else if (m->type == MSG_MEASURE)
		do_measure(w, &m->u.measure);
	else
		do_limits(w);
}

void
take_measures(struct worker *w)
{
	int i = 0;

	while (i < w->n_queue && !w->reload && !w->quit) {
		if (w->queue[i].type == MSG_MEASURE) {
			do_measure(w, &w->queue[i].u.measure);
			drop_queued(w, i);
		} else
			i++;
	}
}

/* Do what waits and can be done. */
static void
take_queue(struct worker *w)
{
	bool busy[PROTO_SLOTS];
	int i = 0;

	for (int k = 0; k < PROTO_SLOTS; k++)
		busy[k] = w->job[k].gen != NULL;
	while (i < w->n_queue && !w->quit) {
		struct msg m = w->queue[i];

		if (m.type == MSG_LOAD && !w->refused) {
			switch_model(w, i);
			memset(busy, 0, sizeof busy);
			i = 0;
			continue;
		}
		if (!ready(w, &m, busy)) {
			i++;
			continue;
		}
		memset(&w->queue[i], 0, sizeof m);
		drop_queued(w, i);
		if (m.type == MSG_GENERATE)
			busy[m.u.generate.slot] = true;
		handle(w, &m);
		msg_free(&m);
	}
}

static void
serve(struct worker *w)
{
	say_hello(w);
	while (!w->quit) {
		bool idle;

		take_queue(w);
		step_jobs(w);
		idle = !jobs_running(w) && w->n_queue == 0;
		if (w->quit || (idle && w->chan.eof))
			break;
		if (idle)
			keep_idle(w);
		receive(w, idle ? keep_wait(w) : 0);
	}
}

int
main(void)
{
	struct worker w = { 0 };
	int out = dup(STDOUT_FILENO);

	/* Whatever a library prints by itself goes to the log, not between
	 * the messages. */
	if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	chan_init(&w.chan, STDIN_FILENO, out, PROTO_LINE_MAX);
	serve(&w);
	while (w.n_queue)
		drop_queued(&w, 0);
	unload(&w);
	chan_done(&w.chan);
	close(out);
	return 0;
}
