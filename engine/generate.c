/* generate.c -- one answer, a step at a time. */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "asked.h"
#include "clock.h"
#include "loop.h"
#include "sampler.h"
#include "think.h"

/* Tokens that a step reads: as many as are computed together anyway. */
#define PART 512

struct gen {
	struct engine *e;
	struct session *s;
	const struct vocab *v;
	const struct chatfmt *f;
	const struct msg_generate *g;
	struct gen_io io;
	struct watch watch;
	enum { BEGIN, READ, WRITE } phase;
	enum asked_for what;	/* the prompt that is being answered */
	struct asked asked;	/* the timeline: prompt, then output */
	struct sampler *sampler;
	struct think *think;
	struct loop loop;
	bool told_loop;
	struct buf text;	/* gathered for the next delta ... */
	enum channel channel;	/* ... of this channel ... */
	struct ids written;	/* ... and the tokens that it is */
	struct buf thinking;	/* the text of the thought */
	int thought;		/* its tokens, for its budget ... */
	int budget;		/* ... which is this; 0: none */
	double began;		/* when it began, in ms; 0: not yet */
	struct ids forced;	/* words that are not the model's, to be read */
	size_t n_forced;	/* of them are read */
	struct buf steer;	/* what it is to be told */
	bool hurry, cancelled;
	int tail[TAIL_MAX];	/* of the prompt, for out */
	struct msg_done out;
};

/* ---- text out --------------------------------------------------------- */

static void
send_text(struct gen *r)
{
	if (!r->text.len)
		return;
	r->io.delta(r->channel, r->text.data, r->text.len, &r->written,
	    r->io.ud);
	r->written.n = 0;
	buf_clear(&r->text);
}

/* A token can end the thought and begin the answer: one delta for each. */
static void
gather(enum channel c, const char *text, size_t n, void *ud)
{
	struct gen *r = ud;

	if (c != r->channel)
		send_text(r);
	r->channel = c;
	if (c == CHANNEL_THINKING)
		buf_add(&r->thinking, text, n);
	buf_add(&r->text, text, n);
}

/* ---- beginnings ------------------------------------------------------- */

static bool
room_for(const struct gen *r, size_t n)
{
	return r->asked.line.n + n <= (size_t)session_context(r->s);
}

/* What is there of the reply counts as written. */
static void
accept_reply(struct gen *r)
{
	const struct asked *a = &r->asked;

	for (size_t i = a->reply; i < a->line.n; i++) {
		sampler_accept(r->sampler, a->line.v[i]);
		loop_put(&r->loop, a->line.v[i]);
	}
}

/* A guided thought is not in the timeline of its answer. */
static void
accept_thought(struct gen *r)
{
	struct ids l = { 0 };

	if (vocab_encode_body(r->v, r->g->thought, strlen(r->g->thought), &l,
	    NULL) == 0)
		for (size_t i = 0; i < l.n; i++)
			sampler_accept(r->sampler, l.v[i]);
	ids_free(&l);
}

static void
tell_tail(struct gen *r)
{
	const struct ids *l = &r->asked.line;
	size_t n = l->n < TAIL_MAX ? l->n : TAIL_MAX;

	for (size_t i = 0; i < n; i++)
		r->tail[i] = l->v[l->n - n + i];
	r->out.tail = r->tail;
	r->out.n_tail = n;
}

/* Make the prompt and begin to read it. */
static int
ask(struct gen *r, struct err *err)
{
	struct asked *a = &r->asked;
	int kept;

	if (asked_make(a, r->e, r->s, r->g, r->what, r->thinking.data ?
	    r->thinking.data : "", false, err) < 0)
		return -1;
	if (!room_for(r, ANSWER_ROOM))
		return err_set(err, "the conversation needs %zu tokens and %d "
		    "for an answer, but the context holds %d; shorten it, "
		    "start a new one, or raise the context", a->line.n,
		    ANSWER_ROOM, session_context(r->s));
	if (session_begin(r->s, a->line.v, a->line.n, a->line.n - a->reply,
	    &kept, err) < 0)
		return -1;
	if (r->out.prompt_tokens == 0) {
		r->out.prompt_tokens = (int)a->line.n;
		r->out.cached_tokens = kept;
		tell_tail(r);
	}
	accept_reply(r);
	r->phase = READ;
	return 1;
}

static int
begin(struct gen *r, struct err *err)
{
	r->what = asked_first(r->e, r->g, session_context(r->s), &r->budget);
	if (r->what == ASKED_THOUGHT && r->hurry)
		r->what = asked_has_thought(r->g) ? ASKED_ANSWER :
		    ASKED_PLAIN;
	if (r->what == ASKED_PLAIN)
		r->budget = r->g->budget;
	if (asked_has_thought(r->g) && r->what != ASKED_PLAIN)
		buf_puts(&r->thinking, r->g->thought);
	if (r->what == ASKED_ANSWER)
		accept_thought(r);
	return ask(r, err);
}

/* The splitter starts in the state that the prompt leaves the model in. */
static void
begin_reply(struct gen *r)
{
	const struct asked *a = &r->asked;
	bool open = a->open || r->what == ASKED_THOUGHT;
	bool thought = !open && (r->what == ASKED_ANSWER ||
	    (asked_goes_on(r->g) && r->f->think_open));

	r->phase = WRITE;
	if (r->think)		/* the answer to a guided thought */
		return;
	r->think = think_new(r->v, r->f, open || thought, gather, r);
	if (thought)
		think_close(r->think);
	if (a->reply < a->line.n &&
	    (open || *r->g->messages[r->g->n_messages - 1].text))
		think_go_on(r->think, open);
}

static int
read_part(struct gen *r, struct err *err)
{
	struct watch w = r->watch;
	double t = clock_now_ms();
	int ret;

	if (r->think)		/* a thought was shown already */
		w.progress = NULL;
	ret = session_read(r->s, PART, &w, err);
	r->out.prompt_ms += clock_now_ms() - t;
	if (ret < 0)
		return -1;
	if (ret == 1) {
		r->out.reason = DONE_CANCEL;
		return 0;
	}
	if (session_unread(r->s) == 0)
		begin_reply(r);
	return 1;
}

/* ---- tokens ----------------------------------------------------------- */

static int
over(struct gen *r, enum done_reason why)
{
	r->out.reason = why;
	return 0;
}

static void
count(struct gen *r, bool thinking, double ms)
{
	if (thinking) {
		r->thought++;
		r->out.thinking_tokens++;
		r->out.thinking_ms += ms;
	} else {
		r->out.answer_tokens++;
		r->out.answer_ms += ms;
	}
}

static void
watch_loop(struct gen *r, int tok)
{
	int period = loop_put(&r->loop, tok);

	if (period && !r->told_loop) {
		r->told_loop = true;
		r->io.looping(period, r->io.ud);
	}
}

/* Evaluate a token as the next one of the timeline. */
static int
append(struct gen *r, int tok, struct err *err)
{
	int ret;

	if (!room_for(r, 1))
		return over(r, DONE_CONTEXT);
	ids_add(&r->asked.line, tok);
	ret = session_eval(r->s, tok, &r->watch, err);
	return ret < 0 ? -1 : ret == 1 ? over(r, DONE_CANCEL) : 1;
}

/* Show a token and evaluate it. */
static int
put(struct gen *r, int tok, struct err *err)
{
	bool thinking = think_open(r->think);
	double t = clock_now_ms();
	int ret;

	sampler_accept(r->sampler, tok);
	ids_add(&r->written, tok);
	think_put(r->think, tok);
	send_text(r);
	ret = think_stopped(r->think) ? over(r, DONE_STOP) :
	    append(r, tok, err);
	count(r, thinking || think_open(r->think), clock_now_ms() - t);
	watch_loop(r, tok);
	return ret;
}

/* Pick the next token, show it and evaluate it. */
static int
write_token(struct gen *r, struct err *err)
{
	int max = r->g->sampling.max_tokens, tok;

	if (max && r->out.thinking_tokens + r->out.answer_tokens >= max)
		return over(r, DONE_LENGTH);
	if (!room_for(r, 1))
		return over(r, DONE_CONTEXT);
	tok = sampler_pick(r->sampler, session_logits(r->s));
	if (tok < 0)
		return err_set(err, "the model gives no usable next token; "
		    "its file may be damaged");
	if (vocab_is_eog(r->v, tok))
		return over(r, DONE_STOP);
	return put(r, tok, err);
}

/* ---- words that are not the model's ----------------------------------- */

/* Have words read as if the model had written them, a token a step.  special:
 * tags in them count. */
static int
force(struct gen *r, const char *words, bool special, struct err *err)
{
	struct ids l = { 0 };
	const struct ids *before = r->forced.n ? &r->forced : &r->asked.line;
	int ret;

	/* how words begin depends on what they follow */
	ids_add(&l, before->n ? before->v[before->n - 1] : -1);
	ret = special ? vocab_encode(r->v, words, strlen(words), true, &l,
	    err) : vocab_encode_body(r->v, words, strlen(words), &l, err);
	for (size_t i = 1; i < l.n && ret == 0; i++)
		ids_add(&r->forced, l.v[i]);
	ids_free(&l);
	return ret < 0 ? -1 : 1;
}

static int
read_forced(struct gen *r, struct err *err)
{
	int tok = r->forced.v[r->n_forced++];

	if (r->n_forced == r->forced.n)
		r->forced.n = r->n_forced = 0;
	return append(r, tok, err);
}

/* What it is told goes into its thought, as soon as that is open and no
 * character is cut in two; into nothing else. */
static int
take_steer(struct gen *r, struct err *err)
{
	int ret;

	if (!think_open(r->think) || !think_whole(r->think))
		return 1;
	think_say(r->think, r->steer.data, r->steer.len);
	send_text(r);
	ret = force(r, r->steer.data, false, err);
	buf_clear(&r->steer);
	return ret;
}

/* ---- the end of a thought --------------------------------------------- */

static double
time_left(const struct gen *r)
{
	return r->began > 0 && r->g->budget_ms ?
	    r->began + r->g->budget_ms - clock_now_ms() : 1;
}

/* What may be thought is thought. */
static bool
spent(const struct gen *r)
{
	return r->hurry || (r->budget && r->thought >= r->budget) ||
	    time_left(r) <= 0;
}

/* In the last quarter of its budget a guided thought ends with a sentence. */
static bool
thought_over(const struct gen *r)
{
	const struct ids *l = &r->asked.line;
	const char *s;
	size_t n;

	if (spent(r) || !think_open(r->think))
		return true;
	if (r->thought == 0 || (r->thought < r->budget - r->budget / 4 &&
	    (!r->g->budget_ms || time_left(r) > r->g->budget_ms / 4.0)))
		return false;
	s = vocab_piece(r->v, l->v[l->n - 1], false, &n);
	return n && strchr(".!?\n", s[n - 1]);
}

/* Close a native thought in the model's own words. */
static int
cut_thought(struct gen *r, struct err *err)
{
	think_close(r->think);
	send_text(r);
	if (!r->f->think_close)
		return 1;
	if (force(r, "\n", false, err) < 0 ||
	    force(r, r->f->think_close, true, err) < 0)
		return -1;
	return force(r, "\n\n", false, err);
}

/* From a guided thought to its answer; from none, where there was no time for
 * one, to an answer without. */
static int
ask_answer(struct gen *r)
{
	think_close(r->think);
	send_text(r);
	r->forced.n = r->n_forced = 0;
	r->loop = (struct loop){ 0 };
	r->what = r->hurry && r->thinking.len == 0 ? ASKED_PLAIN :
	    ASKED_ANSWER;
	return ask(r, NULL) == 1 ? 1 : over(r, DONE_CONTEXT);
}

/* A step of writing the thought of a guided model. */
static int
write_thought(struct gen *r, struct err *err)
{
	int ret;

	if (thought_over(r))
		return ask_answer(r);
	ret = write_token(r, err);
	return ret == 0 && r->out.reason == DONE_STOP ? ask_answer(r) : ret;
}

static int
write_step(struct gen *r, struct err *err)
{
	if (r->forced.n)
		return read_forced(r, err);
	if (r->began == 0 && think_open(r->think))
		r->began = clock_now_ms();
	if (r->steer.len && take_steer(r, err) < 0)
		return -1;
	if (r->forced.n)
		return 1;
	if (r->what == ASKED_THOUGHT)
		return write_thought(r, err);
	if (think_open(r->think) && spent(r))
		return cut_thought(r, err);
	return write_token(r, err);
}

/* ---- all of it -------------------------------------------------------- */

struct gen *
gen_new(struct engine *e, struct session *s, const struct msg_generate *g,
    const struct gen_io *io)
{
	struct gen *r = xcalloc(1, sizeof *r);

	r->e = e;
	r->s = s;
	r->v = engine_vocab(e);
	r->f = engine_chatfmt(e, NULL);
	r->g = g;
	r->io = *io;
	r->watch = (struct watch){ io->stop, io->progress, io->ud,
		io->between };
	r->out.id = g->id;
	r->out.reason = DONE_ERROR;
	r->sampler = sampler_for(&g->sampling, r->v);
	r->out.seed = sampler_seed(r->sampler);
	return r;
}

void
gen_free(struct gen *r)
{
	if (!r)
		return;
	asked_done(&r->asked);
	sampler_free(r->sampler);
	think_free(r->think);
	ids_free(&r->forced);
	ids_free(&r->written);
	buf_free(&r->text);
	buf_free(&r->thinking);
	buf_free(&r->steer);
	free(r);
}

/* What is still held back is shown. */
static void
finish(struct gen *r)
{
	if (r->think && r->out.reason == DONE_CANCEL)
		think_break(r->think);
	else if (r->think)
		think_flush(r->think);
	send_text(r);
	if (r->written.n)
		r->io.delta(r->channel, "", 0, &r->written, r->io.ud);
	r->written.n = 0;
	r->out.context_used = session_used(r->s);
}

int
gen_step(struct gen *r, struct err *err)
{
	int ret;

	if (!r->f)
		ret = err_set(err, "the model has no vocabulary to chat with");
	else if (r->cancelled)
		ret = over(r, DONE_CANCEL);
	else if (r->phase == BEGIN)
		ret = begin(r, err);
	else if (r->phase == READ)
		ret = read_part(r, err);
	else
		ret = write_step(r, err);
	if (ret < 0)
		r->out.reason = DONE_ERROR;
	if (ret <= 0)
		finish(r);
	return ret;
}

bool
gen_writing(const struct gen *r)
{
	return r->phase == WRITE;
}

const struct msg_done *
gen_result(const struct gen *r)
{
	return &r->out;
}

void
gen_cancel(struct gen *r)
{
	r->cancelled = true;
}

void
gen_answer_now(struct gen *r)
{
	r->hurry = true;
}

void
gen_steer(struct gen *r, const char *text)
{
	buf_puts(&r->steer, text);
}

/* What is asked first. */
static int
first_prompt(struct engine *e, struct session *s, int context,
    const struct msg_generate *g, bool ends, struct asked *a, struct err *err)
{
	int budget;
	enum asked_for what = asked_first(e, g, context, &budget);

	return asked_make(a, e, s, g, what, g->thought ? g->thought : "",
	    ends, err);
}

int
gen_prompt(struct engine *e, struct session *s, const struct msg_generate *g,
    struct ids *prompt, struct err *err)
{
	struct asked a = { 0 };
	int ret = first_prompt(e, s, session_context(s), g, false, &a, err);

	if (ret == 0) {
		*prompt = a.line;
		a.line = (struct ids){ 0 };
	}
	asked_done(&a);
	return ret;
}

int
gen_measure(struct engine *e, struct session *s, int context,
    const struct msg_generate *g, struct msg_measured *out, struct err *err)
{
	struct asked a = { 0 };

	if (first_prompt(e, s, context, g, true, &a, err) < 0) {
		asked_done(&a);
		return -1;
	}
	*out = (struct msg_measured){ .id = g->id, .tokens = (int)a.line.n,
		.cached = s ? session_common(s, a.line.v, a.line.n) : 0,
		.ends = a.ends, .n_ends = g->n_messages, .context = context };
	a.ends = NULL;
	asked_done(&a);
	return 0;
}
