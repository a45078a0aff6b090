/* torture_truth.h -- what a program was told to save and what it has promised
 * by now: torture_truth.c hears it, torture_check.c compares. */
#ifndef FIKR_TESTS_TORTURE_TRUTH_H
#define FIKR_TESTS_TORTURE_TRUTH_H

#include "torture.h"

struct said {			/* a turn */
	char convo[32];		/* "": of whichever conversation */
	int turn;
	enum role role;
	struct buf text, thinking;
	size_t n_tok;
	bool begun, ending, ended;	/* saved; its end was said; saved */
	size_t sure_text, sure_thinking;	/* bytes that must be there */
	char *needle;		/* on the screen: it is saved */
};

struct told {			/* a conversation */
	char convo[32];
	char *labels;		/* the last ones that were confirmed, and */
	char *offered;		/* that were said at all */
	bool gone;		/* deleted on purpose, or about to be */
	uint64_t version;
};

struct truth {
	struct said *said;
	size_t n_said;
	struct told *told;
	size_t n_told;
	struct buf printed;
	uint64_t version;	/* of what counts for all conversations */
};

/* The last turn of that number, or NULL. */
struct said *truth_said(const struct truth *t, const char *id, int turn);

#endif
