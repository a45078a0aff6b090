/* session_priv.h -- the inside of a struct session, for session.c and
 * snapshot.c alone. */
#ifndef FIKR_SESSION_PRIV_H
#define FIKR_SESSION_PRIV_H

#include "engine_priv.h"
#include "forward.h"

#define ENDINGS 2	/* a guided turn has two prompts */

struct session {
	struct engine *e;
	struct forward f;
	int context, used;
	int end;		/* tokens of tok, those not read yet, too */
	int single;		/* if so few are to be read, one by one */
	int32_t *tok;		/* [context]; [used] are in the cache */
	bool has_logits;	/* f.logits are those of the last token */
	/* What the last prompts ended with: asked again they cost nothing, and
	 * are answered from the very same numbers. */
	struct ending {
		int n;		/* tokens before it, still in the cache; 0:
				 * none */
		float *logits;	/* [n_vocab] */
	} endings[ENDINGS];
};

/* The timeline is empty from now on. */
void session_clear(struct session *s);

#endif
