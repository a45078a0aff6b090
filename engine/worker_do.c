/* worker_do.c -- what fikr-worker does: loading, generating in several slots,
 * measuring. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "worker.h"

/* ---- generating ------------------------------------------------------- */

static void
read_progress(int done, int total, void *ud)
{
	say_progress(ud, PROGRESS_READ, done, total);
}

static void
delta(enum channel c, const char *text, size_t n, const struct ids *written,
    void *ud)
{
	struct worker *w = ud;
	struct msg m = { .type = MSG_DELTA, .u.delta = {
		w->current->m.u.generate.id, c, xstrndup(text, n),
		written->v, written->n } };

	say(w, &m);
	free(m.u.delta.text);
}

static void
looping(int period, void *ud)
{
	struct worker *w = ud;
	struct msg m = { .type = MSG_LOOPING, .u.looping = {
		w->current->m.u.generate.id, period } };

	say(w, &m);
}

bool
jobs_running(const struct worker *w)
{
	for (int i = 0; i < PROTO_SLOTS; i++)
		if (w->job[i].gen)
			return true;
	return false;
}

/* The slot's timeline; NULL, with a sentence. */
static struct session *
slot_session(struct worker *w, int slot, struct err *err)
{
	if (!w->session[0])
		err_set(err, "no model is loaded");
	else if (!w->session[slot])
		w->session[slot] = session_new(w->engine,
		    session_context(w->session[0]), err);
	return w->session[slot];
}

/* Its done, with the model's fingerprint, which is waited for. */
static void
end_job(struct worker *w, struct job *j)
{
	struct msg m = { .type = MSG_DONE, .u.done = *gen_result(j->gen) };
	int tail[TAIL_MAX];

	if (m.u.done.n_tail)
		memcpy(tail, m.u.done.tail, m.u.done.n_tail * sizeof *tail);
	m.u.done.tail = tail;
	w->current = NULL;
	gen_free(j->gen);
	j->gen = NULL;
	if (m.u.done.reason != DONE_ERROR)
		m.u.done.digest = (char *)(uintptr_t)engine_digest(w->engine,
		    stop_loading, w);
	engine_digest_rest(w->engine, jobs_running(w));
	say(w, &m);
	keep_after(w, j->m.u.generate.slot);
	msg_free(&j->m);
}

static void
step_job(struct worker *w, struct job *j)
{
	struct err err = { "" };
	int r;

	w->current = j;
	r = gen_step(j->gen, &err);
	if (r < 0)
		say_error(w, j->m.u.generate.id, err.text);
	if (r <= 0)
		end_job(w, j);
	w->current = NULL;
}

/* A long prompt is read by one: the others go on writing, and what can be
 * measured is. */
static void
between(void *ud)
{
	struct worker *w = ud;
	struct job *reader = w->current;

	for (int i = 0; i < PROTO_SLOTS && !w->quit; i++) {
		struct job *j = &w->job[i];

		if (j != reader && j->gen && gen_writing(j->gen))
			step_job(w, j);
	}
	take_measures(w);
	w->current = reader;
}

void
begin_job(struct worker *w, struct msg *m)
{
	struct msg_generate *g = &m->u.generate;
	struct job *j = &w->job[g->slot];
	struct gen_io io = { stop_generating, read_progress, delta, looping,
		between, w };
	struct err err = { "" };

	if (!slot_session(w, g->slot, &err)) {
		say_error(w, g->id, err.text);
		say_done(w, g, DONE_ERROR);
		msg_free(m);
		return;
	}
	keep_before(w, g);
	sampling_settle(&g->sampling,
	    engine_chatfmt(w->engine, NULL)->thinker);
	*j = (struct job){ .m = *m };
	memset(m, 0, sizeof *m);
	g = &j->m.u.generate;
	j->gen = gen_new(w->engine, w->session[g->slot], g, &io);
	w->current = j;		/* it can be cancelled from now on */
	keep_restore(w, g);
	w->current = NULL;
	engine_digest_rest(w->engine, true);
}

void
step_jobs(struct worker *w)
{
	for (int i = 0; i < PROTO_SLOTS && !w->quit; i++)
		if (w->job[i].gen)
			step_job(w, &w->job[i]);
}

/* ---- loading ---------------------------------------------------------- */

static void
load_progress(int64_t done, int64_t total, void *ud)
{
	say_progress(ud, PROGRESS_LOAD, done, total);
}

void
unload(struct worker *w)
{
	for (int i = 0; i < PROTO_SLOTS; i++) {
		struct job *j = &w->job[i];

		if (j->gen) {
			gen_cancel(j->gen);
			step_job(w, j);
		}
	}
	keep_end(w);
	for (int i = 0; i < PROTO_SLOTS; i++) {
		session_free(w->session[i]);
		w->session[i] = NULL;
	}
	engine_close(w->engine);
	w->engine = NULL;
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
	w->session[0] = session_new(w->engine, l->context, err);
	if (!w->session[0])
		return -1;
	engine_digest_begin(w->engine);
	keep_start(w, l);
	return 0;
}

/* Nobody asks for what came of one that another one takes the place of. */
void
do_load(struct worker *w, const struct load *l)
{
	struct err err = { "" };

	unload(w);
	w->reload = false;
	if (open_model(w, l, &err) == 0) {
		say_loaded(w);
		return;
	}
	unload(w);
	if (!w->reload)
		say_error(w, 0, err.text);
}

/* ---- measuring -------------------------------------------------------- */

void
do_measure(struct worker *w, const struct msg_generate *g)
{
	struct msg m = { .type = MSG_MEASURED };
	struct err err = { "" };

	if (!w->session[0]) {
		say_error(w, g->id, "no model is loaded");
		return;
	}
	if (gen_measure(w->engine, w->session[g->slot],
	    session_context(w->session[0]), g, &m.u.measured, &err) < 0) {
		say_error(w, g->id, err.text);
		return;
	}
	m.u.measured.cached = keep_cached(w, g, m.u.measured.cached);
	say(w, &m);
	msg_free(&m);
}

void
do_limits(struct worker *w)
{
	struct msg m = { .type = MSG_LIMITS };
	struct msg_limits *l = &m.u.limits;

	if (w->engine) {
		engine_digest_rest(w->engine, true);
		l->read_bytes_s = engine_read_rate(w->engine);
		engine_digest_rest(w->engine, false);
		l->decode_bytes = engine_info(w->engine)->decode_bytes;
		l->kv_bytes_token = engine_kv_bytes(w->engine, 1);
		l->threads = engine_info(w->engine)->threads;
	}
	say(w, &m);
}
