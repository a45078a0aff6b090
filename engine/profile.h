/* profile.h -- where the time of the forward pass goes, step by step, with
 * FIKR_PROFILE=1 in the environment; without it, all of this does nothing. */
#ifndef FIKR_PROFILE_H
#define FIKR_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

enum step {
	STEP_EMBED, STEP_NORM, STEP_PROJECT, STEP_ATTEND, STEP_OUTPUT,
	STEP_GATE_UP, STEP_DOWN, STEP_EXPERTS, STEP_HEAD, STEP_COUNT
};

struct profile {
	bool on;
	double last;			/* end of the last lap, ms */
	int64_t bytes;			/* of weights, since then */
	struct profile_pass {		/* of prompts; of single tokens */
		int64_t tokens;
		double ms[STEP_COUNT];
		int64_t bytes[STEP_COUNT];
	} pass[2];
};

void profile_init(struct profile *p);
/* A pass of n tokens begins. */
void profile_start(struct profile *p, bool token, int n);
/* Weights that the step under way reads. */
void profile_bytes(struct profile *p, int64_t n);
/* What was done since the last lap was this step. */
void profile_lap(struct profile *p, bool token, enum step s);
void profile_print(const struct profile *p);	/* to standard error */

#endif
