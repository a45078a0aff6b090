/* load.h -- what a model is opened with: as a person has set it, and, with
 * names turned into paths, as the worker is told. */
#ifndef FIKR_LOAD_H
#define FIKR_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "chat.h"
#include "err.h"

#define ADAPTERS_MAX 16

struct adapter {
	char *path;		/* of a GGUF file */
	float scale;
};

struct load {
	char *model;		/* path or name; NULL: the default model */
	int context;		/* tokens; 0: the model's own, at most 8192 */
	int threads;		/* 0: one a core */
	enum kv_type kv;
	struct adapter *lora;	/* [n_lora], all applied together */
	size_t n_lora;
	char *chat_format;	/* name, or path of a file that describes one;
				 * NULL: recognised from the model */
	char *snapshots;	/* folder for what was read of conversations
				 * (snapshots.h); NULL: nothing is kept */
	int snapshot_mib;	/* that it may take; 0: none is wanted */
};

/* Copies path.  -1 when there is no room, no path, or a scale out of bounds;
 * where starts the sentence ("config.yaml:3: lora", "--lora"). */
int load_add_adapter(struct load *l, const char *path, double scale,
    const char *where, struct err *err);
/* "FILE" or "FILE=SCALE": the length of the name; a scale that is no number
 * gives NaN, none 1. */
size_t load_split_adapter(const char *text, double *scale);
/* Adds such an adapter. */
int load_add_adapter_text(struct load *l, const char *text,
    const char *where, struct err *err);
void load_clear_adapters(struct load *l);
void load_copy(struct load *to, const struct load *from);
/* As load_copy, with the paths of files that are there, and the folder of
 * snapshots if they are wanted. */
int load_resolve(struct load *to, const struct load *from, struct err *err);
void load_done(struct load *l);

#endif
