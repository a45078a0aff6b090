/* inspect.h -- `fikr-engine inspect`: the facts about a model file, gathered
 * once, and the forms that they are shown in. */
#ifndef FIKR_INSPECT_H
#define FIKR_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chatfmt.h"
#include "gguf.h"
#include "model.h"
#include "paging.h"
#include "vocab.h"

#define FACT_TYPES 64		/* types of tensors that are told apart */
#define FACT_MARKS 4

/* A number that layers may differ in; lo < 0: the file does not say. */
struct range { int64_t lo, hi; };

struct type_fact {
	uint32_t id;
	int64_t tensors, bytes, params;
};

/* A token with a part to play. */
struct mark {
	const char *name;	/* "bos" "eos" "eot" "pad" */
	int64_t id;
	struct gstr text;	/* into the file; p is NULL: no such token */
};

struct facts {
	struct gguf *g;
	struct model *m;	/* NULL: fikr does not run it */
	struct vocab *v;	/* NULL: nor knows its tokens */
	struct chatfmt chat;
	bool has_chat;
	bool runs;		/* fikr loads it */
	bool adapter;		/* a LoRA adapter, no model of its own */
	struct gguf_report wrong;
	int64_t want;		/* bytes of all parts; -1: not known */
	int64_t n_params, n_active;
	struct type_fact types[FACT_TYPES];	/* by bytes, the most first */
	int n_types;
	struct mark marks[FACT_MARKS];
	int n_marks;
	int context;		/* what memory was asked for */
	enum kv_type kv;
	struct model_needs needs;	/* if there is m */
	struct paging paging;		/* ... against this machine */
};

/* -1 only for what is no GGUF file at all. */
int facts_read(struct facts *f, const char *path, int context,
    enum kv_type kv, struct err *err);
void facts_done(struct facts *f);
/* Key without the leading "arch.": a number, or the least and most of an
 * array. */
struct range facts_range(const struct gguf *g, const char *key);

/* To standard output. */
void inspect_text(const char *s, size_t n);	/* safe, one line, cut */
void inspect_people(const struct facts *f);
void inspect_json(const struct facts *f);
void inspect_metadata(const struct gguf *g);
void inspect_tensors(const struct gguf *g);

#endif
