/* replay.c -- finding a moment of the timeline, and places worth going to. */
#include "replay.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define JUST 1000		/* ms that have just passed */

size_t
replay_find(const struct replay *r, int64_t at)
{
	size_t lo = 0, hi = r->n_steps;

	/* The last one that is not behind it; several may be at once. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->v[mid].at <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 ? lo - 1 : r->n_steps > 0 ? 0 : r->n_steps;
}

int64_t
replay_when(const struct replay *r, int64_t at)
{
	size_t i = replay_find(r, at);
	const struct replay_step *s = &r->v[i], *next = s + 1;
	int64_t when;

	if (i == r->n_steps || s->when == 0)
		return 0;
	when = s->when + (at > s->at ? at - s->at : 0);
	if (i + 1 < r->n_steps && next->when >= s->when && when > next->when)
		when = next->when;
	return when;
}

/* Does step i begin what is looked for? */
static bool
begins(const struct replay *r, size_t i, enum replay_mark what)
{
	const struct replay_step *s = &r->v[i], *before = s - 1;
	bool same = i > 0 && before->turn == s->turn;

	if (what == REPLAY_TURN)
		return !same && r->turns[s->turn]->role != ROLE_ASSISTANT;
	if (s->phase != REPLAY_THINKING && s->phase != REPLAY_ANSWERING)
		return false;
	if ((what == REPLAY_THOUGHT && s->phase != REPLAY_THINKING) ||
	    (what == REPLAY_ANSWER && s->phase != REPLAY_ANSWERING))
		return false;
	return !same || before->phase != s->phase;
}

int64_t
replay_mark(const struct replay *r, int64_t at, enum replay_mark what,
    int dir)
{
	size_t i = replay_find(r, at);

	if (dir > 0) {
		for (i++; i < r->n_steps; i++)
			if (r->v[i].at > at && begins(r, i, what))
				return r->v[i].at;
		return -1;
	}
	for (i = i < r->n_steps ? i + 1 : i; i > 0; i--)
		if (begins(r, i - 1, what) && r->v[i - 1].at + JUST <= at)
			return r->v[i - 1].at;
	return -1;
}

int64_t
replay_message(const struct replay *r, int n)
{
	for (size_t i = 0; i < r->n_steps && n > 0; i++)
		if (begins(r, i, REPLAY_TURN) && --n == 0)
			return r->v[i].at;
	return -1;
}

/* "90", "1:30", "1:02:03"; -1: it is none of them. */
static int64_t
parse_time(const char *s)
{
	int64_t sum = 0;
	char *end;
	long v;

	for (int i = 0; i < 3; i++) {
		if (!isdigit((unsigned char)*s))
			return -1;
		v = strtol(s, &end, 10);
		if (v < 0 || v > 1000000)
			return -1;
		sum = sum * 60 + v;
		if (*end == '\0')
			return sum * 1000;
		if (*end != ':')
			return -1;
		s = end + 1;
	}
	return -1;
}

static int64_t
from_message(const struct replay *r, int n, struct err *err)
{
	int64_t at = n > 0 ? replay_message(r, n) : 0;

	if (at < 0)
		err_set(err, "there is no message %d in this conversation", n);
	return at;
}

/* The first step at or behind `at` that begins it. */
static int64_t
from_mark(const struct replay *r, int64_t at, enum replay_mark what,
    struct err *err)
{
	for (size_t i = 0; i < r->n_steps; i++)
		if (r->v[i].at >= at && begins(r, i, what))
			return r->v[i].at;
	if (what == REPLAY_THOUGHT)
		return err_set(err, "no time is recorded of any thinking from "
		    "there on");
	return err_set(err, "no time is recorded of any answer from there on");
}

int64_t
replay_from(const struct replay *r, int n, const char *from, struct err *err)
{
	int64_t at = from_message(r, n, err), time;

	if (at < 0 || !from)
		return at;
	if (strcmp(from, "thinking") == 0)
		return from_mark(r, at, REPLAY_THOUGHT, err);
	if (strcmp(from, "answer") == 0)
		return from_mark(r, at, REPLAY_ANSWER, err);
	time = parse_time(from);
	if (time < 0)
		return err_set(err, "a replay begins at thinking, answer, "
		    "seconds or a time such as 1:30, not \"%.40s\"", from);
	at += time;
	return at < r->length ? at : r->length;
}

void
replay_put_time(struct buf *out, int64_t ms)
{
	int64_t s = ms > 0 ? ms / 1000 : 0;

	if (s >= 3600)
		buf_printf(out, "%d:%02d:%02d", (int)(s / 3600),
		    (int)(s / 60 % 60), (int)(s % 60));
	else
		buf_printf(out, "%d:%02d", (int)(s / 60), (int)(s % 60));
}
