/* replay_build.c -- the timeline: from the recorded times of turns and tokens
 * to steps that follow one another. */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define TYPE_STEPS 40		/* of a message that is typed, at most */
#define TOKEN_BYTES 4		/* where nobody counted them */
#define TIME_MOST INT64_C(100000000000000)	/* ms: the year 5138 */

/* Where the building is. */
struct build {
	struct replay *r;
	bool gaps;
	int64_t at, when;	/* of the last step */
};

static struct replay_step *
push(struct build *b, struct replay_step s)
{
	struct replay *r = b->r;

	if (r->n_steps == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 64;
		r->v = xreallocarray(r->v, r->cap, sizeof(*r->v));
	}
	s.at = b->at;
	s.when = b->when;
	r->v[r->n_steps] = s;
	return &r->v[r->n_steps++];
}

/* A time of a file may be anything. */
static int64_t
known(int64_t when)
{
	return when > 0 && when < TIME_MOST ? when : 0;
}

/* Let time pass until a recorded moment: as long as it took, or shortened when
 * it is longer than most.  A clock that went back stands still. */
static void
pass(struct build *b, int64_t when, int64_t most)
{
	int64_t gap = b->when > 0 ? when - b->when : 0;
	struct replay *r = b->r;

	if (when <= 0)
		return;
	if (gap < 0)
		when = b->when;
	if (gap > most && !b->gaps) {
		if (r->n_steps > 0)
			r->v[r->n_steps - 1].pause = gap;
		r->shortened++;
		gap = REPLAY_GAP;
	}
	b->at += gap > 0 ? gap : 0;
	b->when = when;
}

/* Back to where a character begins. */
static uint32_t
whole_chars(const struct buf *b, size_t n)
{
	if (n >= b->len)
		return (uint32_t)b->len;
	while (n > 0 && ((unsigned char)b->data[n] & 0xC0) == 0x80)
		n--;
	return (uint32_t)n;
}

/* ---- messages ---- */

/* The pause before a message, the last part of which it is typed in. */
static void
add_typing(struct build *b, uint32_t turn)
{
	const struct turn *t = b->r->turns[turn];
	int64_t sent = known(t->t_start);
	int64_t from = b->at, type = REPLAY_TYPE, to;
	uint32_t steps = t->text.len < TYPE_STEPS ? (uint32_t)t->text.len :
	    TYPE_STEPS;

	if (sent == 0)
		return;
	if (turn == 0) {
		b->at += type;
	} else {
		pass(b, sent, REPLAY_GAP);
		if (b->at - from < type)
			type = b->at - from;
	}
	to = b->at;
	b->when = sent;
	for (uint32_t i = 0; i < steps && type > 0; i++) {
		b->at = to - type + type * i / steps;
		push(b, (struct replay_step){ .turn = turn,
		    .phase = REPLAY_TYPING,
		    .text = whole_chars(&t->text, t->text.len * (i + 1) /
		    steps) });
	}
	b->at = to;
}

static void
add_message(struct build *b, uint32_t turn)
{
	const struct turn *t = b->r->turns[turn];

	add_typing(b, turn);
	push(b, (struct replay_step){ .turn = turn, .phase = REPLAY_SENT,
	    .text = (uint32_t)t->text.len, .over = true });
}

/* ---- answers ---- */

/* What has come of an answer, to be pushed. */
static void
add_piece(struct build *b, struct replay_step *s, enum channel ch,
    uint32_t bytes, int tokens)
{
	const struct turn *t = b->r->turns[s->turn];
	struct replay_step out;

	if (ch == CHANNEL_THINKING) {
		s->thinking = bytes > t->thinking.len - s->thinking ?
		    (uint32_t)t->thinking.len : s->thinking + bytes;
		s->n_thinking += (uint32_t)tokens;
		s->phase = REPLAY_THINKING;
	} else {
		s->text = bytes > t->text.len - s->text ?
		    (uint32_t)t->text.len : s->text + bytes;
		s->n_text += (uint32_t)tokens;
		s->phase = REPLAY_ANSWERING;
	}
	out = *s;
	out.thinking = whole_chars(&t->thinking, s->thinking);
	out.text = whole_chars(&t->text, s->text);
	push(b, out);
}

/* What came before the first token that was recorded: an answer that was gone
 * on with may be older than such records. */
static uint32_t
unrecorded(const struct turn *t, enum channel ch)
{
	size_t len = ch == CHANNEL_THINKING ? t->thinking.len : t->text.len;
	uint64_t sum = 0;

	for (size_t i = 0; i < t->n_tok; i++)
		if (t->tok[i].channel == ch)
			sum += t->tok[i].bytes;
	return t->run.touched && sum < len ? (uint32_t)(len - sum) : 0;
}

static void
add_tokens(struct build *b, struct replay_step *s)
{
	const struct turn *t = b->r->turns[s->turn];
	int64_t start = known(t->t_start);

	s->thinking = unrecorded(t, CHANNEL_THINKING);
	s->text = unrecorded(t, CHANNEL_ANSWER);
	for (size_t i = 0; i < t->n_tok; i++) {
		const struct token *k = &t->tok[i];

		/* The first one waits for its prompt to be read. */
		pass(b, start > 0 ? start + k->ms : 0,
		    i == 0 ? INT64_MAX : REPLAY_STALL);
		add_piece(b, s, k->channel, k->bytes, 1);
	}
}

/* A text evenly between two moments. */
static void
add_evenly(struct build *b, struct replay_step *s, enum channel ch,
    int64_t from, int64_t to)
{
	const struct turn *t = b->r->turns[s->turn];
	const struct buf *text = ch == CHANNEL_THINKING ? &t->thinking :
	    &t->text;
	int counted = ch == CHANNEL_THINKING ? t->thinking_tokens :
	    t->answer_tokens;
	uint32_t n = (uint32_t)(text->len / TOKEN_BYTES + 1), before = 0, now;

	if (counted > 0 && (size_t)counted <= text->len)
		n = (uint32_t)counted;
	if (text->len == 0 || from <= 0 || to < from)
		return;
	for (uint32_t i = 0; i < n; i++) {
		now = whole_chars(text, (size_t)((uint64_t)text->len *
		    (i + 1) / n));
		pass(b, from + (int64_t)((double)(to - from) * i / n),
		    INT64_MAX);
		add_piece(b, s, ch, now - before, 1);
		before = now;
	}
}

static void
add_spread(struct build *b, struct replay_step *s)
{
	const struct turn *t = b->r->turns[s->turn];
	int64_t first = known(t->t_first), end = known(t->t_end);
	int64_t think_end = known(t->t_think_end);

	if (first == 0 || end < first)
		return;
	/* A thought that nobody saw the end of: a share by its length. */
	if (think_end < first || think_end > end)
		think_end = first + (int64_t)((double)(end - first) *
		    (double)t->thinking.len /
		    (double)(t->thinking.len + t->text.len + 1));
	add_evenly(b, s, CHANNEL_THINKING, first, think_end);
	add_evenly(b, s, CHANNEL_ANSWER, t->thinking.len > 0 ? think_end :
	    first, end);
}

static void
add_answer(struct build *b, uint32_t turn)
{
	const struct turn *t = b->r->turns[turn];
	struct replay_step s = { .turn = turn, .phase = REPLAY_WAITING };

	pass(b, known(t->t_start), REPLAY_GAP);
	if (known(t->t_start) > 0)
		push(b, s);
	if (t->n_tok > 0)
		add_tokens(b, &s);
	else
		add_spread(b, &s);
	pass(b, known(t->t_end), REPLAY_STALL);
	push(b, (struct replay_step){ .turn = turn, .phase = REPLAY_PAUSE,
	    .thinking = (uint32_t)t->thinking.len,
	    .text = (uint32_t)t->text.len,
	    .n_thinking = (uint32_t)t->thinking_tokens,
	    .n_text = (uint32_t)t->answer_tokens, .over = true });
}

void
replay_init(struct replay *r, const struct convo *c, bool gaps)
{
	struct build b = { .r = r, .gaps = gaps };

	memset(r, 0, sizeof(*r));
	r->n = convo_branch(c, &r->turns);
	for (size_t i = 0; i < r->n; i++)
		if (r->turns[i]->role == ROLE_ASSISTANT)
			add_answer(&b, (uint32_t)i);
		else
			add_message(&b, (uint32_t)i);
	r->length = b.at;
}

void
replay_done(struct replay *r)
{
	free(r->turns);
	free(r->v);
	memset(r, 0, sizeof(*r));
}
