/* model_state.h -- what the screen knows of the model: is it there, and what is
 * it. */
#ifndef FIKR_MODEL_STATE_H
#define FIKR_MODEL_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "proto.h"

struct model_state {
	bool loading, loaded;
	/* While loading: bytes of its file that are there now, and at load_start,
	 * when the first word of that came; load_total 0: none did yet. */
	int64_t load_start, load_from, load_done, load_total;
	char *path;		/* of its file */
	char *name;		/* of it, too: what people know it by */
	/* As the worker said when it had loaded it; NULL and 0 before. */
	char *arch, *format, *cpu;
	char *engine;		/* program and version */
	char *digest;		/* as it said with the last answer; or NULL */
	int64_t bytes;
	int context;		/* tokens */
	enum thinker thinker;
	char **notes;		/* [n_notes] */
	size_t n_notes;
	bool told;		/* they were shown */
};

void model_init(struct model_state *m, const char *path);
void model_done(struct model_state *m);
void model_progress(struct model_state *m, const struct msg_progress *p,
    int64_t now);
void model_loaded(struct model_state *m, const struct msg_loaded *l);
void model_digest(struct model_state *m, const char *digest);	/* or NULL */
/* A few lines for people, without the notes; l is what it was to be opened
 * with. */
void model_describe(const struct model_state *m, const struct load *l,
    struct buf *out);

#endif
