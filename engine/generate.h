/* generate.h -- one answer: from a conversation to a stream of thinking and
 * answer.  Native thinkers think by themselves; any other model can be guided:
 * it is first asked to think, up to a limit, and then to answer. */
#ifndef FIKR_GENERATE_H
#define FIKR_GENERATE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine.h"
#include "proto.h"

struct gen_io {
	/* polled every few milliseconds; true abandons the work */
	bool (*stop)(void *ud);
	/* tokens of the prompt read so far */
	void (*progress)(int done, int total, void *ud);
	/* whole UTF-8, not NUL-terminated */
	void (*delta)(enum channel c, const char *text, size_t n, void *ud);
	void *ud;
};

/* Answer g in s, a session of e.  *out is filled in any case (reason
 * DONE_ERROR with -1).  0, or -1 with a sentence. */
int generate(struct engine *e, struct session *s, const struct msg_generate *g,
    const struct gen_io *io, struct msg_done *out, struct err *err);

#endif
