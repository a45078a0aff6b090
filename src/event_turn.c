/* event_turn.c -- a turn that is over, or what there is of it, as the documents
 * that would have been written while it came. */
#include "event.h"

/* The tokens from i on that came through one channel, with their text. */
static size_t
put_tokens(struct buf *out, const struct turn *t, size_t i,
    size_t at[2], struct err *err)
{
	enum channel ch = t->tok[i].channel;
	const struct buf *b = ch == CHANNEL_THINKING ? &t->thinking : &t->text;
	size_t end = i, bytes = 0, from = at[ch];

	for (; end < t->n_tok && t->tok[end].channel == ch; end++)
		bytes += t->tok[end].bytes;
	if (bytes > b->len - from)
		bytes = b->len - from;
	at[ch] += bytes;
	if (event_put_delta(out, t->id, ch, bytes ? b->data + from : "", bytes,
	    t->tok + i, end - i, err) < 0)
		return 0;
	return end - i;
}

/* An answer as it came: its tokens know of which text they are. */
static int
put_streamed(struct buf *out, const struct turn *t, struct err *err)
{
	struct turn head = *t;
	size_t at[2] = { 0, 0 }, n;

	head.text = head.thinking = (struct buf){ 0 };
	head.n_tok = 0;
	if (event_put_begin(out, &head, err) < 0)
		return -1;
	for (size_t i = 0; i < t->n_tok; i += n)
		if ((n = put_tokens(out, t, i, at, err)) == 0)
			return -1;
	return event_put_end(out, t, at[CHANNEL_ANSWER] != t->text.len,
	    at[CHANNEL_THINKING] != t->thinking.len, err);
}

int
event_put_turn(struct buf *out, const struct turn *t, struct err *err)
{
	bool over = t->role == ROLE_ASSISTANT && t->end != DONE_OPEN;
	int r = over && t->n_tok ? put_streamed(out, t, err) :
	    event_put_begin(out, t, err);

	if (r == 0 && over && !t->n_tok)
		r = event_put_end(out, t, false, false, err);
	if (r == 0 && t->fold != -1)
		r = event_put_fold(out, t, err);
	return r;
}
