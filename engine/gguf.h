/* gguf.h -- a GGUF v2 or v3 model, mapped and checked: one file, or several
 * that make one model.  Every length, offset, count and type is verified
 * against the files' sizes before anything is handed out, so what follows may
 * trust it. */
#ifndef FIKR_GGUF_H
#define FIKR_GGUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "quant.h"

enum gtype { GT_U8, GT_I8, GT_U16, GT_I16, GT_U32, GT_I32, GT_F32, GT_BOOL,
	GT_STR, GT_ARR, GT_U64, GT_I64, GT_F64 };

struct gstr { const char *p; size_t n; };	/* into the mapping, no NUL */

struct gkv {
	struct gstr key;
	enum gtype type;
	enum gtype elem;	/* arrays: the element type, never GT_ARR */
	uint64_t n;		/* arrays: elements; else 1 */
	const void *data;	/* first value, unaligned; strings: see below */
	const void *end;	/* after the last */
};

struct tensor {
	char name[64];
	enum ttype type;
	uint32_t type_id;	/* as the file has it; differs from type only
				 * where that is not known (partial) */
	int n_dims;
	int64_t ne[4];		/* ne[0] contiguous (input), missing dims 1 */
	int part;		/* the file that it lies in */
	const void *data;	/* mapped; NULL: not there (partial) */
	int64_t bytes;		/* 0: not known (partial) */
};

struct gpart {			/* one file */
	char *path;
	const uint8_t *map;	/* NULL: empty or missing (partial) */
	int64_t bytes, data_offset;
	int64_t want;		/* the bytes that its header promises; 0: the
				 * header itself is not all there (partial) */
	int fd, guard;		/* of gguf_file.c */
};

struct gguf {
	int version;
	struct gkv *kv;		/* [n_kv], of the first part, in file order */
	size_t n_kv;
	struct tensor *tensors;	/* [n_tensors], of all parts, in file order */
	size_t n_tensors;
	struct gpart *parts;	/* [n_parts], one at least */
	int n_parts;
	int64_t file_bytes;	/* of all parts together */
	bool partial;		/* opened so, and something is wrong */
	/* private to gguf*.c: sorted by name, for looking up */
	const struct gkv **by_key;
	const struct tensor **by_name;
};

/* A number that is another one once a file was changed or replaced: of its
 * place, its size and its times. */
uint64_t gguf_stamp(const struct gguf *g);

/* What is wrong with a file, a sentence each.  Zero it before use. */
struct gguf_report {
	char **v;
	size_t n;
	size_t more;		/* sentences left out when there were many */
};

/* path is the file, or the first part of several
 * ("NAME-00001-of-00003.gguf"), whose others lie beside it.  All must be there
 * and sound. */
struct gguf *gguf_open(const char *path, struct err *err);
/* For looking at files that are damaged or still arriving: reads as far as
 * the headers go.  What is wrong or missing goes to the report and sets
 * g->partial.  NULL only for what is no GGUF file at all. */
struct gguf *gguf_open_partial(const char *path, struct gguf_report *report,
    struct err *err);
void gguf_close(struct gguf *g);
/* One more sentence; of very many only the number is kept. */
void gguf_report_add(struct gguf_report *r, const char *text);
void gguf_report_done(struct gguf_report *r);

/* A file that is cut short while it is open reads as zeros where it was lost
 * (mapguard.h).  0 while all parts have all their bytes, else -1 with a
 * sentence: what was computed since it last said 0 is not to be trusted. */
int gguf_whole(const struct gguf *g, struct err *err);

const struct gkv *gguf_find(const struct gguf *g, const char *key);
const struct tensor *gguf_tensor(const struct gguf *g, const char *name);
/* Scalars of any integer/float/bool type, converted; -1 if absent or of
 * another kind or out of the result's range. */
int gguf_int(const struct gguf *g, const char *key, int64_t *v);
int gguf_float(const struct gguf *g, const char *key, double *v);
int gguf_str(const struct gguf *g, const char *key, struct gstr *s);
/* Element i of an array (i < kv->n), numbers converted. */
int64_t gkv_int_at(const struct gkv *kv, uint64_t i);
double gkv_float_at(const struct gkv *kv, uint64_t i);
/* Strings of an array are of varying length: walk them.  Start with
 * *cursor = NULL; each call gives the next one.  Lengths are checked again,
 * since the file may have changed meanwhile; a bad one ends in empty ones. */
struct gstr gkv_next_str(const struct gkv *kv, const void **cursor);

#endif
