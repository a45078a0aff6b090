/* profile.c -- see profile.h. */
#include "profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

static const char *const names[STEP_COUNT] = {
	[STEP_EMBED] = "embed", [STEP_NORM] = "norm",
	[STEP_PROJECT] = "q k v", [STEP_ATTEND] = "attention",
	[STEP_OUTPUT] = "output", [STEP_GATE_UP] = "gate up",
	[STEP_DOWN] = "down", [STEP_EXPERTS] = "experts",
	[STEP_HEAD] = "head",
};

void
profile_init(struct profile *p)
{
	const char *told = getenv("FIKR_PROFILE");

	*p = (struct profile){ .on = told && strcmp(told, "1") == 0 };
}

void
profile_start(struct profile *p, bool token, int n)
{
	if (!p->on)
		return;
	p->pass[token].tokens += n;
	p->bytes = 0;
	p->last = clock_now_ms();
}

void
profile_bytes(struct profile *p, int64_t n)
{
	p->bytes += n;
}

void
profile_lap(struct profile *p, bool token, enum step s)
{
	double now;

	if (!p->on)
		return;
	now = clock_now_ms();
	p->pass[token].ms[s] += now - p->last;
	p->pass[token].bytes[s] += p->bytes;
	p->last = now;
	p->bytes = 0;
}

static void
print_pass(const char *what, const struct profile_pass *p)
{
	double all = 0.0;

	for (int s = 0; s < STEP_COUNT; s++)
		all += p->ms[s];
	if (p->tokens == 0 || all == 0.0)
		return;
	fprintf(stderr, "%s: %lld tokens, %.0f ms, %.1f tokens/s\n", what,
	    (long long)p->tokens, all, (double)p->tokens * 1e3 / all);
	for (int s = 0; s < STEP_COUNT; s++)
		if (p->ms[s] > 0.0)
			fprintf(stderr, "  %-10s %8.1f ms %5.1f %% %9.1f MB "
			    "%6.2f GB/s\n", names[s], p->ms[s],
			    100.0 * p->ms[s] / all, (double)p->bytes[s] / 1e6,
			    (double)p->bytes[s] / p->ms[s] / 1e6);
}

void
profile_print(const struct profile *p)
{
	if (!p->on)
		return;
	print_pass("prompts", &p->pass[0]);
	print_pass("single tokens", &p->pass[1]);
}
