/* engine_priv.h -- the inside of a struct engine, for engine.c and session.c
 * alone. */
#ifndef FIKR_ENGINE_PRIV_H
#define FIKR_ENGINE_PRIV_H

#include "engine.h"
#include "kern.h"
#include "model.h"
#include "pool.h"

struct engine {
	struct gguf *g;
	struct model *m;
	struct vocab *vocab;		/* NULL: opened without */
	struct pool *pool;
	const struct kern *kn;
	enum kv_type kv;
	char memory_note[512];	/* "": the model fits */
	struct engine_info info;
	struct chatfmt chat;		/* if has_chat, else why not: */
	bool has_chat;
	struct err chat_err;
};

#endif
