/* stats.h -- what the statistics page and the estimates live on: tokens by the
 * second, sums since the start, the machine's limits, energy and prices. */
#ifndef FIKR_STATS_H
#define FIKR_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "convo.h"
#include "prices.h"
#include "proto.h"

#define STATS_SECONDS 60

struct app;
struct session;

/* Of one answer, or the sum over many. */
struct stats_sum {
	int answers;
	int64_t prompt;		/* tokens of whole prompts ... */
	int64_t read;		/* ... that were not in the cache */
	int64_t thinking, answer;	/* tokens written */
	double read_ms, thinking_ms, answer_ms;
	double joules;		/* while it was written */
	int64_t first_ms;	/* from the question to the first token; -1 */
};

struct stats {
	int written[STATS_SECONDS];	/* tokens, by second modulo that */
	int64_t second;		/* the newest of them, since 1970; 0: none */
	int best;		/* tokens of the best whole second */
	struct stats_sum last, all;	/* answer; since the start */
	int64_t asked_ms[PROTO_SLOTS];	/* when, by slot */
	bool limits_asked, limits_known;
	struct msg_limits limits;
	struct prices prices;
	char *prices_why;	/* a sentence, or NULL */
	bool energy_known;	/* joules are measured */
	char *energy_why;	/* a sentence why not, or NULL */
	double watts;		/* as measured last */
};

void stats_done(struct stats *st);

/* What the sessions tell: an answer was asked for, tokens came, it is over. */
void stats_asked(struct app *a, const struct session *s);
void stats_tokens(struct app *a, int n);
void stats_over(struct app *a, const struct session *s,
    const struct msg_done *d);
/* Whoever owns the machine: joules used in the last ms milliseconds, while
 * something was computed; or the sentence why that is not known. */
void stats_energy(struct app *a, double joules, double ms);
void stats_no_energy(struct app *a, const char *why);

/* A model was loaded: what was known of another does not hold. */
void stats_forget(struct app *a);
/* Ask the worker for its limits, once, when the page is open and nothing is
 * being computed. */
void stats_ask(struct app *a);
void stats_limits(struct app *a, const struct msg_limits *l);
/* Read the prices anew. */
void stats_read_prices(struct app *a);

/* Move on to the present second; then the whole seconds before it, i = 0 the
 * newest, can be asked for. */
void stats_move(struct app *a);
int stats_second(const struct stats *st, int i);	/* i < STATS_SECONDS - 1 */
/* Tokens a second in the last whole seconds of s, an answer being written; 0:
 * not known yet. */
double stats_rate_now(struct app *a, const struct session *s);
/* The answer that is being written (s->live) as far as it is. */
void stats_running(const struct app *a, const struct session *s,
    struct stats_sum *sum);
/* All answers of a conversation, on all its branches; live, if among them, is
 * being written at now. */
void stats_convo(const struct convo *c, const struct turn *live, int64_t now,
    struct stats_sum *sum);

/* Seconds that reading so many tokens takes: as fast as it was measured, else
 * no slower than writing them would be at the machine's limit; -1: not known. */
double stats_read_seconds(const struct app *a, int tokens);
/* The same in words, ", about 41 s" or ", at most 41 s", if it is known. */
void stats_put_read(const struct app *a, int tokens, struct buf *out);
/* Seconds until total is reached, of which done is there at now, and from was
 * at start; rate: a second, as known from before, or 0.  -1: not known yet. */
double stats_left(int64_t now, int64_t start, int64_t from, int64_t done,
    int64_t total, double rate);

#endif
