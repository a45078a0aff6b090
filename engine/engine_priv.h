/* engine_priv.h -- the inside of a struct engine, for engine.c and who sees
 * a session's (session_priv.h) alone. */
#ifndef FIKR_ENGINE_PRIV_H
#define FIKR_ENGINE_PRIV_H

#include "digest.h"
#include "engine.h"
#include "kern.h"
#include "model.h"
#include "paging.h"
#include "pool.h"

#define CONTEXT_DEFAULT 8192	/* unless another one is asked for */

struct engine {
	struct gguf *g;
	struct model *m;
	struct vocab *vocab;		/* NULL: opened without */
	struct pool *pool;
	const struct kern *kn;
	enum kv_type kv;
	struct warm *warm;		/* under way while opening */
	struct digest_job *digest_job;	/* under way, or NULL */
	char digest[DIGEST_MAX];	/* "": not known yet */
	uint64_t stamp;			/* of the files as they were opened */
	struct paging paging;
	double read_rate;		/* 0: not measured yet */
	char threads_note[160];		/* "": as many as were asked for */
	struct engine_info info;
	struct chatfmt chat;		/* if has_chat */
	bool has_chat;
};

#endif
