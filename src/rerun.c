/* rerun.c -- see rerun.h. */
#include "rerun.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "i18n.h"
#include "link.h"
#include "proto.h"

struct rerun {
	const struct rerun_opts *o;
	struct link *link;
	struct load load;	/* what link has open */
	char *engine, *cpu;	/* of the worker */
	int64_t last_id;
	enum { LOADING, READY, MEASURING, WRITING } phase;
	int cached;		/* as measured */
	const struct turn *t;	/* that is being written again */
	size_t matched;
	bool differs, stopped, cancelled, ended;
	struct rerun_told *told;
	struct err *err;
	bool failed;
};

/* ---- talking ---------------------------------------------------------- */

static void
fail(struct rerun *r, const char *text)
{
	if (!r->failed)
		err_set(r->err, "%s", text);
	r->failed = true;
}

static void
cancel(struct rerun *r)
{
	struct msg m = { .type = MSG_CANCEL, .u.cancel = { r->last_id } };

	if (!r->cancelled && link_send(r->link, &m, r->err) < 0)
		r->failed = true;
	r->cancelled = true;
}

/* The text of the next recorded token. */
static void
recorded_text(const struct turn *t, size_t i, struct buf *out)
{
	enum channel ch;
	size_t at = 0;
	const struct buf *b;

	if (i >= t->n_tok)
		return;
	ch = t->tok[i].channel;
	b = ch == CHANNEL_THINKING ? &t->thinking : &t->text;
	for (size_t k = 0; k < i; k++)
		if (t->tok[k].channel == ch)
			at += t->tok[k].bytes;
	if (at < b->len)
		buf_add(out, b->data + at, t->tok[i].bytes < b->len - at ?
		    t->tok[i].bytes : b->len - at);
}

static void
differ(struct rerun *r, const char *now)
{
	r->differs = true;
	r->told->at = r->matched;
	recorded_text(r->t, r->matched, &r->told->was);
	buf_puts(&r->told->is, now);
}

/* An answer that was broken off: what came behind it then is not known. */
static bool
broke_off(const struct turn *t)
{
	return t->end == DONE_CANCEL || t->end == DONE_LOST ||
	    t->end == DONE_ERROR;
}

static void
on_delta(struct rerun *r, const struct msg_delta *d)
{
	for (size_t i = 0; i < d->n_ids && !r->cancelled; i++) {
		if (r->matched == r->t->n_tok && broke_off(r->t)) {
			cancel(r);
		} else if (r->matched == r->t->n_tok ||
		    r->t->tok[r->matched].id != d->ids[i]) {
			differ(r, d->text);
			cancel(r);
		} else {
			r->matched++;
		}
	}
	if (!r->cancelled && r->o->stop &&
	    r->o->stop(r->matched, r->t->n_tok, r->o->ud)) {
		r->stopped = true;
		cancel(r);
	}
}

static void
on_done(struct rerun *r, const struct msg_done *d)
{
	r->phase = READY;
	r->told->cached = d->cached_tokens;
	r->told->digest = d->digest ? xstrdup(d->digest) : NULL;
	if (r->cancelled || r->failed)
		return;
	if (r->matched < r->t->n_tok || (!broke_off(r->t) &&
	    d->reason != r->t->end))
		differ(r, "");
}

static void
set_name(char **to, const char *s)
{
	free(*to);
	*to = s ? xstrdup(s) : NULL;
}

static void
on_msg(const struct msg *m, void *ud)
{
	struct rerun *r = ud;

	switch (m->type) {
	case MSG_LOADED:
		set_name(&r->engine, m->u.loaded.engine);
		set_name(&r->cpu, m->u.loaded.cpu);
		r->phase = READY;
		break;
	case MSG_MEASURED:
		r->cached = m->u.measured.cached;
		r->phase = READY;
		break;
	case MSG_DELTA:
		if (r->phase == WRITING)
			on_delta(r, &m->u.delta);
		break;
	case MSG_DONE:
		on_done(r, &m->u.done);
		break;
	case MSG_ERROR:
		fail(r, m->u.error.text);
		break;
	default:
		break;
	}
}

static int
wait_ready(struct rerun *r, struct err *err)
{
	r->err = err;
	r->failed = false;
	while (r->phase != READY && !r->failed) {
		struct pollfd p[2] = {
			{ .fd = link_fd(r->link), .events = POLLIN },
			{ .fd = link_wants_write(r->link) ?
			    link_out_fd(r->link) : -1, .events = POLLOUT },
		};

		if (poll(p, 2, 200) < 0 && errno != EINTR)
			return err_set(err, "cannot wait for the worker: %s",
			    strerror(errno));
		if (p[1].revents)
			link_flush(r->link, NULL);
		if (p[0].revents && link_read(r->link, on_msg, r, err) < 0)
			return -1;
		if (r->phase == LOADING && r->o->stop &&
		    r->o->stop(0, 0, r->o->ud))
			return err_set(err, "interrupted");
	}
	return r->failed ? -1 : 0;
}

/* ---- the model -------------------------------------------------------- */

struct rerun *
rerun_new(const struct rerun_opts *o)
{
	struct rerun *r = xcalloc(1, sizeof(*r));

	r->o = o;
	return r;
}

static void
close_model(struct rerun *r)
{
	link_free(r->link);
	r->link = NULL;
	load_done(&r->load);
	r->load = (struct load){ 0 };
}

void
rerun_free(struct rerun *r)
{
	if (!r)
		return;
	close_model(r);
	free(r->engine);
	free(r->cpu);
	free(r);
}

/* "PATH=SCALE, ..." */
static int
take_adapters(struct load *l, const char *text, struct err *err)
{
	load_clear_adapters(l);
	while (*text) {
		const char *end = strstr(text, ", ");
		size_t n = end ? (size_t)(end - text) : strlen(text);
		char *one = xstrndup(text, n);
		int ret = load_add_adapter_text(l, one, _("an adapter of the "
		    "recording"), err);

		free(one);
		if (ret < 0)
			return -1;
		text += n + (end ? 2 : 0);
	}
	return 0;
}

/* What t was written with, as far as it is recorded; the rest is o's. */
static int
wanted(const struct rerun *r, const struct turn *t, struct load *l,
    struct err *err)
{
	struct load want = { 0 };
	int ret = 0;

	load_copy(&want, r->o->load);
	if (!r->o->keep_model && t->model) {
		free(want.model);
		want.model = xstrdup(t->model);
	}
	if (t->run.engine) {
		want.context = t->run.context;
		want.kv = t->run.kv;
		ret = take_adapters(&want, t->run.adapters ?
		    t->run.adapters : "", err);
	}
	if (ret == 0)
		ret = load_resolve(l, &want, err);
	load_done(&want);
	return ret;
}

static bool
same_load(const struct load *a, const struct load *b)
{
	if (!a->model || strcmp(a->model, b->model) != 0 ||
	    a->context != b->context || a->kv != b->kv ||
	    a->n_lora != b->n_lora)
		return false;
	for (size_t i = 0; i < a->n_lora; i++)
		if (strcmp(a->lora[i].path, b->lora[i].path) != 0 ||
		    a->lora[i].scale != b->lora[i].scale)
			return false;
	return true;
}

static int
open_model(struct rerun *r, const struct turn *t, bool anew, struct err *err)
{
	struct link_opts lo = { .log = r->o->log };
	struct load l = { 0 };

	if (wanted(r, t, &l, err) < 0)
		return -1;
	if (r->link && !anew && same_load(&r->load, &l)) {
		load_done(&l);
		return 0;
	}
	close_model(r);
	r->load = l;
	lo.load = &r->load;
	r->link = link_new(&lo);
	r->phase = LOADING;
	if (link_start(r->link, err) < 0)
		return -1;
	return wait_ready(r, err);
}

/* ---- asking again ----------------------------------------------------- */

const char *
rerun_cannot(const struct turn *t)
{
	if (t->n_tok == 0)
		return _("its tokens are not recorded");
	if (t->end == DONE_OPEN || (t->sampling.seed == 0 &&
	    t->sampling.temperature != 0))
		return _("it never ended, so its seed is not known");
	if (t->run.touched)
		return _("somebody changed its course while it was written");
	return NULL;
}

/* The branch before t, as it was sent. */
static void
fill(struct convo *c, const struct turn *t, struct msg_generate *g)
{
	int head = c->head;

	for (size_t i = 0; i < c->n; i++)
		c->turns[i]->dropped = false;
	for (size_t i = 0; i < t->n_left_out; i++) {
		struct turn *out = convo_turn(c, t->left_out[i]);

		if (out)
			out->dropped = true;
	}
	c->head = t->parent;
	g->n_messages = convo_messages(c, t->run.system ? t->run.system :
	    c->system, &g->messages);
	c->head = head;
	g->sampling = t->sampling;
	g->thinking = t->run.engine ? t->run.thinking :
	    t->guided ? THINKING_ON : THINKING_AUTO;
	g->budget = t->run.budget;
	g->budget_ms = t->run.budget_ms;
}

static int
measure(struct rerun *r, const struct msg_generate *g, struct err *err)
{
	struct msg m = { .type = MSG_MEASURE, .u.measure = *g };

	m.u.measure.id = ++r->last_id;
	r->phase = MEASURING;
	if (link_send(r->link, &m, err) < 0)
		return -1;
	return wait_ready(r, err);
}

/* The slot whose cache has as much of the prompt as there was then: numbers of
 * a prompt's tokens hang on which are read together.  1: none has. */
static int
pick_slot(struct rerun *r, const struct turn *t, struct msg_generate *g,
    struct err *err)
{
	int best = 0, least = -1;

	for (int i = 0; i < PROTO_SLOTS; i++) {
		int off;

		g->slot = i;
		if (measure(r, g, err) < 0)
			return -1;
		off = abs(r->cached - t->cached_tokens);
		if (least < 0 || off < least) {
			least = off;
			best = i;
		}
	}
	g->slot = best;
	return least > 0;
}

static int
write_again(struct rerun *r, const struct turn *t, struct msg_generate *g,
    struct rerun_told *told, struct err *err)
{
	struct msg m = { .type = MSG_GENERATE, .u.generate = *g };

	m.u.generate.id = ++r->last_id;
	r->t = t;
	r->told = told;
	r->matched = 0;
	r->differs = r->stopped = r->cancelled = false;
	r->phase = WRITING;
	if (link_send(r->link, &m, err) < 0 || wait_ready(r, err) < 0)
		return -1;
	told->result = r->differs ? RERUN_DIFFERS : r->stopped ?
	    RERUN_STOPPED : RERUN_SAME;
	if (!r->differs)
		told->at = r->matched;
	set_name(&told->engine, r->engine);
	set_name(&told->cpu, r->cpu);
	return 0;
}

int
rerun_turn(struct rerun *r, struct convo *c, const struct turn *t,
    struct rerun_told *told, struct err *err)
{
	struct msg_generate g = { 0 };
	int ret;

	*told = (struct rerun_told){ 0 };
	fill(c, t, &g);
	ret = open_model(r, t, false, err);
	if (ret == 0)
		ret = pick_slot(r, t, &g, err);
	if (ret == 1 && t->cached_tokens == 0)
		ret = open_model(r, t, true, err);	/* empty slots */
	if (ret >= 0)
		ret = write_again(r, t, &g, told, err);
	chat_msgs_free(g.messages, g.n_messages);
	if (ret < 0)
		rerun_told_done(told);
	return ret;
}

void
rerun_told_done(struct rerun_told *told)
{
	buf_free(&told->was);
	buf_free(&told->is);
	free(told->digest);
	free(told->engine);
	free(told->cpu);
	*told = (struct rerun_told){ 0 };
}
