/* generate.c -- one answer: from a conversation to a stream of thinking and
 * answer. */
#include "generate.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "sampler.h"
#include "think.h"

/* Room that must be left for an answer before one is begun. */
#define ANSWER_ROOM 32

/* How a model that was not trained to think is guided: the question is asked
 * once with these words before it, and what the model replies is its thought;
 * then it is asked again as it is.  Of several ways tried on small models this
 * one made most wrong answers right. */
#define GUIDE_ASK "Think step by step: "
#define GUIDE_BUDGET 120
#define THOUGHT_ROOM 16		/* tokens that a thought must have at least */

struct run {
	struct session *s;
	const struct vocab *v;
	const struct chatfmt *f;
	const struct msg_generate *g;
	const struct gen_io *io;
	struct watch watch;
	struct sampler *sampler;
	struct think *think;
	struct ids line;	/* the timeline: prompt, then output */
	struct buf text;	/* gathered for the next delta ... */
	enum channel channel;	/* ... of this channel */
	int thought;		/* tokens of the thought, for its budget */
	struct buf thinking;	/* the text of it */
	struct msg_done *out;
};

/* ---- text out --------------------------------------------------------- */

static void
send_text(struct run *r)
{
	if (r->text.len)
		r->io->delta(r->channel, r->text.data, r->text.len, r->io->ud);
	buf_clear(&r->text);
}

/* A token can end the thought and begin the answer: one delta for each. */
static void
gather(enum channel c, const char *text, size_t n, void *ud)
{
	struct run *r = ud;

	if (c != r->channel)
		send_text(r);
	r->channel = c;
	if (c == CHANNEL_THINKING)
		buf_add(&r->thinking, text, n);
	buf_add(&r->text, text, n);
}

/* ---- the timeline ----------------------------------------------------- */

static bool
room_for(const struct run *r, size_t n)
{
	return r->line.n + n <= (size_t)session_context(r->s);
}

/* Render and encode the conversation into the timeline. */
static int
make_prompt(struct run *r, const struct chat_msg *m, size_t n,
    enum thinking thinking, bool *open, struct err *err)
{
	struct prompt p = { 0 };
	int ret;

	r->line.n = 0;
	chatfmt_render(r->f, m, n, thinking, &p);
	*open = p.thinking_open;
	ret = prompt_encode(&p, r->v, &r->line, err);
	prompt_free(&p);
	if (ret < 0)
		return -1;
	if (r->line.n == 0)
		return err_set(err, "the conversation is empty");
	if (!room_for(r, ANSWER_ROOM))
		return err_set(err, "the conversation needs %zu tokens and %d "
		    "for an answer, but the context holds %d; shorten it, "
		    "start a new one, or raise the context", r->line.n,
		    ANSWER_ROOM, session_context(r->s));
	return 0;
}

/* Read the prompt; fills the counts and times of out.  As append below. */
static int
read_prompt(struct run *r, struct err *err)
{
	struct watch w = r->watch;
	bool first = r->out->prompt_tokens == 0;
	double t = clock_now_ms();
	int kept = 0, ret;

	if (!first)		/* a thought was shown already */
		w.progress = NULL;
	ret = session_sync(r->s, r->line.v, r->line.n, &kept, &w, err);
	if (ret == 1)
		r->out->reason = DONE_CANCEL;
	if (first) {
		r->out->prompt_tokens = (int)r->line.n;
		r->out->cached_tokens = kept;
	}
	r->out->prompt_ms += clock_now_ms() - t;
	return ret;
}

/* ---- tokens ----------------------------------------------------------- */

static int
written(const struct run *r)
{
	return r->out->thinking_tokens + r->out->answer_tokens;
}

static void
count(struct run *r, bool thinking, double ms)
{
	if (thinking) {
		r->thought++;
		r->out->thinking_tokens++;
		r->out->thinking_ms += ms;
	} else {
		r->out->answer_tokens++;
		r->out->answer_ms += ms;
	}
}

/* Evaluate a token as the next one of the timeline.  0; 1 when the turn is
 * over for r->out->reason; -1. */
static int
append(struct run *r, int tok, struct err *err)
{
	int ret;

	if (!room_for(r, 1)) {
		r->out->reason = DONE_CONTEXT;
		return 1;
	}
	ids_add(&r->line, tok);
	ret = session_eval(r->s, tok, &r->watch, err);
	if (ret == 1)
		r->out->reason = DONE_CANCEL;
	return ret;
}

/* Pick the next token, show it and evaluate it.  0 to go on; 1 when the turn
 * is over for r->out->reason; -1. */
static int
step(struct run *r, struct err *err)
{
	int max = r->g->sampling.max_tokens, tok, ret;
	double t = clock_now_ms();
	bool thinking;

	if (max && written(r) >= max) {
		r->out->reason = DONE_LENGTH;
		return 1;
	}
	if (!room_for(r, 1)) {
		r->out->reason = DONE_CONTEXT;
		return 1;
	}
	tok = sampler_pick(r->sampler, session_logits(r->s));
	if (tok < 0)
		return err_set(err, "the model gives no usable next token; "
		    "its file may be damaged");
	if (vocab_is_eog(r->v, tok)) {
		r->out->reason = DONE_STOP;
		return 1;
	}
	thinking = think_open(r->think);
	sampler_accept(r->sampler, tok);
	think_put(r->think, tok);
	send_text(r);
	if (think_stopped(r->think)) {
		r->out->reason = DONE_STOP;
		ret = 1;
	} else
		ret = append(r, tok, err);
	count(r, thinking || think_open(r->think), clock_now_ms() - t);
	return ret;
}

/* Put words of ours into the model's mouth, not shown.  As append. */
static int
append_words(struct run *r, const char *words, bool special, struct err *err)
{
	struct ids l = { 0 };
	int ret;

	/* how words begin depends on what they follow */
	ids_add(&l, r->line.n > 0 ? r->line.v[r->line.n - 1] : -1);
	ret = vocab_encode(r->v, words, strlen(words), special, &l, err);
	for (size_t i = 1; i < l.n && ret == 0; i++)
		ret = append(r, l.v[i], err);
	ids_free(&l);
	return ret;
}

/* ---- native thinkers, and answers at once ----------------------------- */

/* The budget is spent: close the thought in the model's own words. */
static int
cut_thought(struct run *r, struct err *err)
{
	int ret;

	think_close(r->think);
	send_text(r);
	if (!r->f->think_close)
		return 0;
	ret = append_words(r, "\n", false, err);
	if (ret == 0)
		ret = append_words(r, r->f->think_close, true, err);
	return ret ? ret : append_words(r, "\n\n", false, err);
}

static int
run_plain(struct run *r, struct err *err)
{
	bool open;
	int ret;

	if (make_prompt(r, r->g->messages, r->g->n_messages, r->g->thinking,
	    &open, err) < 0)
		return -1;
	ret = read_prompt(r, err);
	if (ret)
		return ret;
	r->think = think_new(r->v, r->f, open, gather, r);
	while (ret == 0) {
		if (r->g->budget && r->thought >= r->g->budget &&
		    think_open(r->think))
			ret = cut_thought(r, err);
		if (ret == 0)
			ret = step(r, err);
	}
	return ret;
}

/* ---- guided thinking -------------------------------------------------- */

/* The conversation as it asks for a thought; or for the answer, once there is
 * one. */
static int
guided_prompt(struct run *r, const char *thought, struct err *err)
{
	size_t n = r->g->n_messages;
	struct chat_msg *m = xcalloc(n + 2, sizeof *m);
	struct chat_msg asked = r->g->messages[n - 1];
	struct buf ask = { 0 };
	bool open;
	int ret;

	memcpy(m, r->g->messages, n * sizeof *m);
	buf_printf(&ask, "%s%s", GUIDE_ASK, asked.text);
	m[n - 1].text = ask.data;
	m[n] = (struct chat_msg){ ROLE_ASSISTANT, (char *)thought };
	m[n + 1] = asked;
	ret = make_prompt(r, m, thought ? n + 2 : n, THINKING_OFF, &open, err);
	buf_free(&ask);
	free(m);
	return ret;
}

/* The tokens that a thought may have; 0 where the question is too long to be
 * asked twice. */
static int
thought_budget(struct run *r)
{
	int budget = r->g->budget ? r->g->budget : GUIDE_BUDGET, room;

	if (guided_prompt(r, "", NULL) < 0)
		return 0;
	room = session_context(r->s) - (int)r->line.n - ANSWER_ROOM;
	if (room < THOUGHT_ROOM)
		return 0;
	return budget < room ? budget : room;
}

/* In the last quarter of the budget a thought ends with a sentence. */
static bool
thought_over(const struct run *r, int budget)
{
	const char *s;
	size_t n;

	if (r->thought >= budget || !think_open(r->think))
		return true;
	if (r->thought < budget - budget / 4 || r->thought == 0)
		return false;
	s = vocab_piece(r->v, r->line.v[r->line.n - 1], false, &n);
	return n && strchr(".!?\n", s[n - 1]);
}

static int
run_guided(struct run *r, int budget, struct err *err)
{
	int ret;

	if (guided_prompt(r, NULL, err) < 0)
		return -1;
	ret = read_prompt(r, err);
	if (ret)
		return ret;
	r->think = think_new(r->v, r->f, true, gather, r);
	while (ret == 0 && !thought_over(r, budget))
		ret = step(r, err);
	if (ret < 0 || (ret == 1 && r->out->reason != DONE_STOP))
		return ret;
	think_close(r->think);
	send_text(r);
	buf_addc(&r->thinking, '\0');
	if (guided_prompt(r, r->thinking.data, NULL) < 0) {
		r->out->reason = DONE_CONTEXT;
		return 1;
	}
	ret = read_prompt(r, err);
	while (ret == 0)
		ret = step(r, err);
	return ret;
}

/* ---- all of it -------------------------------------------------------- */

static bool
guided(const struct run *r)
{
	const struct msg_generate *g = r->g;

	/* a reply that is to be continued has left its thought behind */
	return g->thinking == THINKING_ON && g->n_messages > 0 &&
	    g->messages[g->n_messages - 1].role == ROLE_USER &&
	    r->f->thinker != THINKER_NATIVE;
}

int
generate(struct engine *e, struct session *s, const struct msg_generate *g,
    const struct gen_io *io, struct msg_done *out, struct err *err)
{
	struct run r = {
		.s = s, .v = engine_vocab(e), .f = engine_chatfmt(e, err),
		.g = g, .io = io, .out = out,
		.watch = { io->stop, io->progress, io->ud },
	};
	int ret, budget;

	memset(out, 0, sizeof *out);
	out->id = g->id;
	out->reason = DONE_ERROR;
	if (!r.f)
		return -1;
	r.sampler = sampler_for(&g->sampling, r.v);
	out->seed = sampler_seed(r.sampler);
	budget = guided(&r) ? thought_budget(&r) : 0;
	engine_digest_rest(e, true);
	ret = budget ? run_guided(&r, budget, err) : run_plain(&r, err);
	engine_digest_rest(e, false);
	if (r.think) {
		think_flush(r.think);
		send_text(&r);
	}
	if (ret < 0)
		out->reason = DONE_ERROR;
	out->context_used = session_used(s);
	think_free(r.think);
	sampler_free(r.sampler);
	ids_free(&r.line);
	buf_free(&r.text);
	buf_free(&r.thinking);
	return ret < 0 ? -1 : 0;
}
