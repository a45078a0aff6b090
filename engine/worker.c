/* worker.c -- fikr-worker: the engine behind a pipe.  Lines of JSON come in on
 * standard input and go out on standard output; src/proto.h has them all.
 *
 * One thing is computed at a time.  While it is, the stop callback keeps
 * reading the input, so that a cancel or quit works in the middle of it; all
 * else waits in a queue. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "chan.h"
#include "clock.h"
#include "engine.h"
#include "generate.h"
#include "proto.h"

#define QUEUE_MAX 64
#define PROGRESS_MS 40		/* between two progress messages */

struct worker {
	struct chan chan;
	struct engine *engine;
	struct session *session;
	struct msg queue[QUEUE_MAX];	/* [n_queue], oldest first */
	int n_queue;
	int64_t current;	/* id being generated, 0: none */
	bool cancel;		/* the current one is not wanted any more */
	bool refused;		/* the other side speaks another version */
	bool quit;		/* end at once */
	double told;		/* when progress was last sent, ms */
};

/* ---- sending ---------------------------------------------------------- */

/* Nobody reads any more when writing fails: then there is nothing to do. */
static void
send_msg(struct worker *w, const struct msg *m)
{
	struct pollfd p = { .fd = w->chan.out, .events = POLLOUT };
	struct buf line = { 0 };
	int r = 0;

	if (w->quit)
		return;
	msg_format(m, &line);
	chan_put(&w->chan, line.data, line.len);
	buf_free(&line);
	while ((r = chan_flush(&w->chan, NULL)) == 0)
		poll(&p, 1, -1);
	if (r < 0)
		w->quit = true;
}

static void
send_hello(struct worker *w)
{
	struct msg m = { .type = MSG_HELLO, .u.hello = {
		PROTO_VERSION, (char *)"fikr-worker" } };

	send_msg(w, &m);
}

static void
send_error(struct worker *w, int64_t id, const char *text)
{
	struct msg m = { .type = MSG_ERROR, .u.error = { id, (char *)text } };

	send_msg(w, &m);
}

static void
send_done(struct worker *w, int64_t id, enum done_reason why)
{
	struct msg m = { .type = MSG_DONE, .u.done = {
		.id = id, .reason = why } };

	if (w->session)
		m.u.done.context_used = session_used(w->session);
	send_msg(w, &m);
}

static void
send_progress(struct worker *w, enum progress_what what, int64_t done,
    int64_t total)
{
	struct msg m = { .type = MSG_PROGRESS, .u.progress = {
		what, w->current, done, total } };
	double now = clock_now_ms();

	if (done < total && now - w->told < PROGRESS_MS)
		return;
	w->told = now;
	send_msg(w, &m);
}

/* ---- receiving -------------------------------------------------------- */

static void
drop_queued(struct worker *w, int i)
{
	msg_free(&w->queue[i]);
	w->n_queue--;
	memmove(&w->queue[i], &w->queue[i + 1],
	    (size_t)(w->n_queue - i) * sizeof w->queue[0]);
}

/* An id that is not known has just ended: nothing to say about it. */
static void
cancel(struct worker *w, int64_t id)
{
	if (id == w->current)
		w->cancel = true;
	for (int i = 0; i < w->n_queue; i++) {
		if (w->queue[i].type == MSG_GENERATE &&
		    w->queue[i].u.generate.id == id) {
			drop_queued(w, i);
			send_done(w, id, DONE_CANCEL);
			return;
		}
	}
}

static void
enqueue(struct worker *w, struct msg *m)
{
	int64_t id = m->type == MSG_GENERATE ? m->u.generate.id : 0;

	if (w->n_queue < QUEUE_MAX) {
		w->queue[w->n_queue++] = *m;
		return;
	}
	send_error(w, id, "too many messages are waiting; this one was "
	    "dropped");
	if (id)
		send_done(w, id, DONE_ERROR);
	msg_free(m);
}

/* cancel and quit cannot wait; the rest takes its turn. */
static void
accept_msg(struct worker *w, struct msg *m)
{
	switch (m->type) {
	case MSG_CANCEL:
		cancel(w, m->u.cancel.id);
		break;
	case MSG_QUIT:
		w->quit = true;
		break;
	case MSG_HELLO:
	case MSG_LOAD:
	case MSG_GENERATE:
		enqueue(w, m);
		return;		/* it owns m now */
	default:
		send_error(w, 0, "that message goes from the worker, not to "
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
			send_error(w, 0, err.text);
		else
			accept_msg(w, &m);
	}
}

/* Take in what has come, waiting for it if told to.  A reader that went away
 * shows as an error on the output, before anything is written to it. */
static void
receive(struct worker *w, bool wait)
{
	struct pollfd p[2] = {
		{ .fd = w->chan.eof ? -1 : w->chan.in, .events = POLLIN },
		{ .fd = w->chan.out },
	};

	if (poll(p, 2, wait ? -1 : 0) <= 0)
		return;
	if (p[1].revents & (POLLERR | POLLNVAL))
		w->quit = true;
	if (p[0].revents) {
		chan_fill(&w->chan, NULL);
		take_lines(w);
	}
}

static bool
stop_generating(void *ud)
{
	struct worker *w = ud;

	receive(w, false);
	return w->quit || w->cancel;
}

/* ---- loading ---------------------------------------------------------- */

static void
load_progress(int64_t done, int64_t total, void *ud)
{
	send_progress(ud, PROGRESS_LOAD, done, total);
}

static void
unload(struct worker *w)
{
	session_free(w->session);
	engine_close(w->engine);
	w->session = NULL;
	w->engine = NULL;
}

/* A cancel is of an answer that waits for the model: it needs no stop here. */
static bool
stop_loading(void *ud)
{
	struct worker *w = ud;

	receive(w, false);
	return w->quit;
}

static int
open_model(struct worker *w, const struct load *l, struct err *err)
{
	struct engine_lora lora[ADAPTERS_MAX];
	struct engine_opts o = { .threads = l->threads, .kv = l->kv,
		.lora = lora, .n_lora = (int)l->n_lora,
		.chat_format = l->chat_format, .progress = load_progress,
		.stop = stop_loading, .ud = w };

	for (size_t i = 0; i < l->n_lora; i++)
		lora[i] = (struct engine_lora){ l->lora[i].path,
			l->lora[i].scale };
	w->engine = engine_open(l->model, &o, err);
	if (!w->engine || !engine_chatfmt(w->engine, err))
		return -1;
	w->session = session_new(w->engine, l->context, err);
	if (!w->session)
		return -1;
	engine_digest_begin(w->engine);
	return 0;
}

/* What people should know about the model, into notes; how many. */
static size_t
collect_notes(const struct engine *e, char *notes[NOTES_MAX])
{
	const char *const all[] = {
		engine_chatfmt(e, NULL)->note,
		engine_memory_note(e),
		engine_threads_note(e),
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i])
			notes[n++] = (char *)all[i];
	return n;
}

static void
send_loaded(struct worker *w)
{
	const struct engine_info *i = engine_info(w->engine);
	const struct chatfmt *f = engine_chatfmt(w->engine, NULL);
	char *notes[NOTES_MAX];
	struct msg m = { .type = MSG_LOADED, .u.loaded = {
		.name = (char *)i->name, .arch = (char *)i->arch,
		.format = (char *)f->name,
		.context = session_context(w->session), .bytes = i->bytes,
		.thinker = f->thinker == THINKER_NATIVE ? THINKER_NATIVE :
		    THINKER_GUIDED,
		.cpu = (char *)i->cpu, .notes = notes,
		.n_notes = collect_notes(w->engine, notes) } };

	send_msg(w, &m);
}

static void
do_load(struct worker *w, const struct load *l)
{
	struct err err = { "" };

	unload(w);
	if (open_model(w, l, &err) < 0) {
		unload(w);
		send_error(w, 0, err.text);
	} else {
		send_loaded(w);
	}
}

/* ---- generating ------------------------------------------------------- */

static void
read_progress(int done, int total, void *ud)
{
	send_progress(ud, PROGRESS_READ, done, total);
}

static void
delta(enum channel c, const char *text, size_t n, void *ud)
{
	struct worker *w = ud;
	struct msg m = { .type = MSG_DELTA, .u.delta = {
		w->current, c, xstrndup(text, n) } };

	send_msg(w, &m);
	free(m.u.delta.text);
}

static void
do_generate(struct worker *w, struct msg_generate *g)
{
	struct gen_io io = { stop_generating, read_progress, delta, w };
	struct msg m = { .type = MSG_DONE };
	struct err err = { "" };

	if (!w->session) {
		send_error(w, g->id, "no model is loaded");
		send_done(w, g->id, DONE_ERROR);
		return;
	}
	sampling_settle(&g->sampling, engine_chatfmt(w->engine, NULL)->thinker);
	w->current = g->id;
	w->cancel = false;
	if (generate(w->engine, w->session, g, &io, &m.u.done, &err) < 0)
		send_error(w, g->id, err.text);
	else
		m.u.done.digest = (char *)(uintptr_t)engine_digest(w->engine,
		    stop_loading, w);
	w->current = 0;
	send_msg(w, &m);
}

/* ---- the loop --------------------------------------------------------- */

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
	send_error(w, 0, err.text);
}

static void
handle(struct worker *w, struct msg *m)
{
	if (m->type == MSG_HELLO) {
		do_hello(w, &m->u.hello);
	} else if (w->refused) {
		send_error(w, m->type == MSG_GENERATE ? m->u.generate.id : 0,
		    "not before a hello with a version that is known here");
		if (m->type == MSG_GENERATE)
			send_done(w, m->u.generate.id, DONE_ERROR);
	} else if (m->type == MSG_LOAD) {
		do_load(w, &m->u.load);
	} else {
		do_generate(w, &m->u.generate);
	}
}

static void
serve(struct worker *w)
{
	send_hello(w);
	while (!w->quit) {
		if (w->n_queue) {
			struct msg m = w->queue[0];

			memset(&w->queue[0], 0, sizeof m);
			drop_queued(w, 0);
			handle(w, &m);
			msg_free(&m);
		} else if (w->chan.eof) {
			break;
		} else {
			receive(w, true);
		}
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
