/* gguf_priv.h -- what the gguf*.c files share. */
#ifndef FIKR_GGUF_PRIV_H
#define FIKR_GGUF_PRIV_H

#include "gguf.h"

#define GGUF_MAX_TENSORS (1u << 20)
#define GGUF_TYPES 13		/* of metadata values */
#define GGUF_ODD_TYPES 8	/* unknown types of tensors that are counted */
#define GGUF_TENSOR_BYTES (8 + 1 + 4 + 8 + 4 + 8)	/* of an entry, least */
#define GGUF_AGAIN "the file is damaged; download it again"

/* Where complaints go: the report of a partial opening or, when there is
 * none, the error of a strict one. */
struct gguf_sink {
	struct gguf_report *report;
	struct err *err;
	struct gguf *g;		/* made partial by a complaint */
};

/* Where the reading of a file is, and what a complaint needs. */
struct gguf_cur {
	const uint8_t *p, *end;
	const char *path;
	struct gguf *g;
	struct gpart *part;
	struct gguf_sink sink;
	uint64_t *offset;	/* [n_tensors], as they stand in the file */
	/* types that cannot be computed with, and their tensors */
	struct { uint32_t type; size_t n; } odd[GGUF_ODD_TYPES];
};

size_t gguf_left(const struct gguf_cur *c);
/* Take bytes or a string, or complain that the file ends within `what`. */
int gguf_take(struct gguf_cur *c, void *v, size_t n, const char *what);
int gguf_take_str(struct gguf_cur *c, struct gstr *s, const char *what);
int gguf_cut_short(struct gguf_cur *c, const char *what);		/* -1 */

/* Something that a partial opening lives with: 0 there, -1 in a strict one. */
int gguf_flaw(struct gguf_sink *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Something that reading cannot go on after: -1 either way. */
int gguf_stop(struct gguf_sink *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes of a value of each type; of a string or an array the least. */
extern const unsigned char gguf_sizes[GGUF_TYPES];

int gguf_key_cmp(const void *a, const void *b);	/* of struct gkv ** */
/* Fill by_name and complain about names that come twice. */
int gguf_index_tensors(struct gguf *g, struct gguf_sink *s);

/* gguf_file.c: map a part whose path is set, or undo it. */
int gpart_open(struct gpart *p, struct err *err);
void gpart_done(struct gpart *p);

/* gguf_tensor.c: read the list of n tensors; find their data, which begin
 * behind the cursor. */
int gguf_read_tensors(struct gguf_cur *c, uint64_t n);
int gguf_place_tensors(struct gguf_cur *c);

/* gguf.c: one file, of which report may be NULL (strict). */
struct gguf *gguf_read(const char *path, struct gguf_report *report,
    struct err *err);
/* gguf_split.c: add the other parts of the model whose first part g is. */
int gguf_join(struct gguf *g, struct gguf_sink *s);

#endif
