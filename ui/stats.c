/* stats.c -- see stats.h. */
#include "stats.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "app.h"
#include "i18n.h"

#define NOW_SECONDS 3		/* that tell how fast it is now */
#define GUESS_MS 500		/* before this an estimate is none */

void
stats_done(struct stats *st)
{
	prices_done(&st->prices);
	free(st->prices_why);
	free(st->energy_why);
	*st = (struct stats){ 0 };
}

/* ---- by the second ---- */

void
stats_move(struct app *a)
{
	struct stats *st = &a->stats;
	int64_t second = a->now / 1000;

	/* Far ahead, or a clock that was set back: nothing of it holds. */
	if (second < st->second || second >= st->second + STATS_SECONDS) {
		if (st->second && second > st->second &&
		    st->written[st->second % STATS_SECONDS] > st->best)
			st->best = st->written[st->second % STATS_SECONDS];
		memset(st->written, 0, sizeof(st->written));
		st->second = second;
	}
	while (st->second < second) {
		if (st->written[st->second % STATS_SECONDS] > st->best)
			st->best = st->written[st->second % STATS_SECONDS];
		st->second++;
		st->written[st->second % STATS_SECONDS] = 0;
	}
}

int
stats_second(const struct stats *st, int i)
{
	return st->written[(st->second - 1 - i + STATS_SECONDS) %
	    STATS_SECONDS];
}

void
stats_tokens(struct app *a, int n)
{
	stats_move(a);
	a->stats.written[a->stats.second % STATS_SECONDS] += n;
}

double
stats_rate_now(struct app *a, const struct session *s)
{
	int sum = 0;

	stats_move(a);
	if (s->first_ms == 0)
		return 0;
	if (a->now - s->first_ms < (NOW_SECONDS + 1) * 1000)
		return a->rate;
	for (int i = 0; i < NOW_SECONDS; i++)
		sum += stats_second(&a->stats, i);
	return (double)sum / NOW_SECONDS;
}

/* ---- answers ---- */

void
stats_asked(struct app *a, const struct session *s)
{
	bool alone = true;

	a->stats.asked_ms[s->slot] = a->now;
	for (int i = 0; i < RUNS_MAX; i++)
		if (a->run[i] && a->run[i] != s)
			alone = false;
	/* Two at once share what they use; it is told with the last one. */
	if (alone)
		a->stats.last.joules = 0;
}

static int64_t
first_ms(const struct app *a, const struct session *s)
{
	return s->first_ms ? s->first_ms - a->stats.asked_ms[s->slot] : -1;
}

void
stats_over(struct app *a, const struct session *s, const struct msg_done *d)
{
	struct stats_sum *last = &a->stats.last, *all = &a->stats.all;

	*last = (struct stats_sum){
		.answers = 1,
		.prompt = d->prompt_tokens,
		.read = d->prompt_tokens - d->cached_tokens,
		.thinking = d->thinking_tokens,
		.answer = d->answer_tokens,
		.read_ms = d->prompt_ms,
		.thinking_ms = d->thinking_ms,
		.answer_ms = d->answer_ms,
		.joules = last->joules,
		.first_ms = first_ms(a, s),
	};
	all->answers++;
	all->prompt += last->prompt;
	all->read += last->read;
	all->thinking += last->thinking;
	all->answer += last->answer;
	all->read_ms += last->read_ms;
	all->thinking_ms += last->thinking_ms;
	all->answer_ms += last->answer_ms;
}

void
stats_running(const struct app *a, const struct session *s,
    struct stats_sum *sum)
{
	const struct turn *t = s->live;
	int64_t end = t->t_think_end ? t->t_think_end : a->now;

	*sum = (struct stats_sum){
		.answers = 1,
		.prompt = s->read_total,
		.read = s->read_done - s->read_from,
		.thinking = t->thinking_tokens - s->base_thinking,
		.answer = t->answer_tokens - s->base_answer,
		.joules = a->stats.last.joules,
		.first_ms = first_ms(a, s),
	};
	if (s->read_start)
		sum->read_ms = (s->first_ms ? s->first_ms : a->now) -
		    s->read_start;
	if (s->first_ms == 0)
		return;
	if (end > s->first_ms && sum->thinking > 0)
		sum->thinking_ms = end - s->first_ms;
	if (sum->answer > 0)
		sum->answer_ms = a->now - s->first_ms - sum->thinking_ms;
}

void
stats_convo(const struct convo *c, const struct turn *live, int64_t now,
    struct stats_sum *sum)
{
	*sum = (struct stats_sum){ .first_ms = -1 };
	for (size_t i = 0; i < c->n; i++) {
		const struct turn *t = c->turns[i];
		int64_t end = t == live ? now : t->t_end;
		int64_t thought = t->t_think_end ? t->t_think_end :
		    t->thinking.len > 0 ? end : t->t_first;

		if (t->role != ROLE_ASSISTANT || t->removed || !t->t_first)
			continue;
		sum->answers++;
		sum->prompt += t->prompt_tokens;
		sum->thinking += t->thinking_tokens;
		sum->answer += t->answer_tokens;
		if (thought > t->t_first)
			sum->thinking_ms += thought - t->t_first;
		if (end > thought && t->answer_tokens > 0)
			sum->answer_ms += end - thought;
	}
}

/* ---- the machine ---- */

void
stats_energy(struct app *a, double joules, double ms)
{
	struct stats *st = &a->stats;

	st->energy_known = true;
	st->last.joules += joules;
	st->all.joules += joules;
	if (ms > 0)
		st->watts = joules * 1000 / ms;
}

void
stats_no_energy(struct app *a, const char *why)
{
	a->stats.energy_known = false;
	free(a->stats.energy_why);
	a->stats.energy_why = xstrdup(why);
}

void
stats_forget(struct app *a)
{
	a->stats.limits_asked = a->stats.limits_known = false;
}

void
stats_ask(struct app *a)
{
	struct msg m = { .type = MSG_LIMITS };
	struct err err;

	if (a->page.fill != stats_fill || a->stats.limits_asked ||
	    !a->model.loaded || app_busy(a))
		return;
	a->stats.limits_asked = a->port.send(a->port.ud, &m, &err) == 0;
}

void
stats_limits(struct app *a, const struct msg_limits *l)
{
	a->stats.limits = *l;
	a->stats.limits_known = true;
}

void
stats_read_prices(struct app *a)
{
	struct stats *st = &a->stats;
	struct err err = { .text = "" };

	prices_done(&st->prices);
	free(st->prices_why);
	st->prices_why = NULL;
	if (prices_load(&st->prices, &err) < 0)
		st->prices_why = xstrdup(err.text);
}

/* ---- estimates ---- */

double
stats_read_seconds(const struct app *a, int tokens)
{
	const struct stats *st = &a->stats;

	if (a->read_rate > 0)
		return tokens / a->read_rate;
	if (st->limits_known && st->limits.read_bytes_s > 0 &&
	    st->limits.decode_bytes > 0)
		return tokens * (double)st->limits.decode_bytes /
		    st->limits.read_bytes_s;
	return -1;
}

void
stats_put_read(const struct app *a, int tokens, struct buf *out)
{
	double s = stats_read_seconds(a, tokens);

	if (s >= 0)
		buf_printf(out, a->read_rate > 0 ? _(", about %.0f s") :
		    _(", at most %.0f s"), s);
}

double
stats_left(int64_t now, int64_t start, int64_t from, int64_t done,
    int64_t total, double rate)
{
	if (total <= 0 || done > total)
		return -1;
	if (now - start >= GUESS_MS && done > from)
		rate = (double)(done - from) * 1000 / (double)(now - start);
	return rate > 0 ? (double)(total - done) / rate : -1;
}
