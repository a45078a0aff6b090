/* worker_say.c -- what fikr-worker says. */
#include <poll.h>
#include <stdlib.h>

#include "clock.h"
#include "worker.h"

#define PROGRESS_MS 40		/* between two progress messages */

/* It waits for a slow reader, so that no more is computed than is read.
 * Nobody reads any more when writing fails: then there is nothing to do. */
void
say(struct worker *w, const struct msg *m)
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

void
say_hello(struct worker *w)
{
	struct msg m = { .type = MSG_HELLO, .u.hello = {
		PROTO_VERSION, (char *)"fikr-worker" } };

	say(w, &m);
}

void
say_error(struct worker *w, int64_t id, const char *text)
{
	struct msg m = { .type = MSG_ERROR, .u.error = { id, (char *)text } };

	say(w, &m);
}

void
say_done(struct worker *w, const struct msg_generate *g, enum done_reason why)
{
	struct msg m = { .type = MSG_DONE, .u.done = {
		.id = g->id, .reason = why } };

	if (w->session[g->slot])
		m.u.done.context_used = session_used(w->session[g->slot]);
	say(w, &m);
}

void
say_progress(struct worker *w, enum progress_what what, int64_t done,
    int64_t total)
{
	struct job *j = w->current;
	struct msg m = { .type = MSG_PROGRESS, .u.progress = {
		what, j ? j->m.u.generate.id : 0, done, total } };
	double now = clock_now_ms(), *told = j ? &j->told : &w->told;

	if (done < total && now - *told < PROGRESS_MS)
		return;
	*told = now;
	say(w, &m);
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

void
say_loaded(struct worker *w)
{
	const struct engine_info *i = engine_info(w->engine);
	const struct chatfmt *f = engine_chatfmt(w->engine, NULL);
	char *notes[NOTES_MAX];
	struct msg m = { .type = MSG_LOADED, .u.loaded = {
		.name = (char *)i->name, .arch = (char *)i->arch,
		.format = (char *)f->name,
		.context = session_context(w->session[0]), .bytes = i->bytes,
		.thinker = f->thinker == THINKER_NATIVE ? THINKER_NATIVE :
		    THINKER_GUIDED,
		.cpu = (char *)i->cpu,
		.engine = (char *)"fikr-worker " PACKAGE_VERSION, .notes = notes,
		.n_notes = collect_notes(w->engine, notes) } };

	say(w, &m);
}
