/* gguf.h -- a GGUF v2 or v3 file, mapped and checked: every length, offset,
 * count and type is verified against the file's size before anything is
 * handed out, so what follows may trust it. */
#ifndef FIKR_GGUF_H
#define FIKR_GGUF_H

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
};

struct tensor {
	char name[64];
	enum ttype type;
	int n_dims;
	int64_t ne[4];		/* ne[0] contiguous (input), missing dims 1 */
	const void *data;	/* into the mapping */
	int64_t bytes;
};

struct gguf {
	int version;
	struct gkv *kv;		/* [n_kv], in file order */
	size_t n_kv;
	struct tensor *tensors;	/* [n_tensors], in file order */
	size_t n_tensors;
	int64_t file_bytes, data_offset;
	const uint8_t *map;
	/* private to gguf.c: sorted by name, for looking up */
	const struct gkv **by_key;
	const struct tensor **by_name;
};

/* The file must keep its size while it is open: one that shrinks raises
 * SIGBUS in whoever reads the lost part. */
struct gguf *gguf_open(const char *path, struct err *err);
void gguf_close(struct gguf *g);

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
 * *cursor = NULL; each call gives the next one. */
struct gstr gkv_next_str(const struct gkv *kv, const void **cursor);

#endif
