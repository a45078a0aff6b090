/* ytree.h -- a YAML document as a tree of nodes that remember their lines.
 * For config, themes and journals; ywrite.h is the other direction. */
#ifndef FIKR_YTREE_H
#define FIKR_YTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

enum ynode_type { YNODE_SCALAR, YNODE_SEQ, YNODE_MAP };

struct ynode {
	enum ynode_type type;
	int line;		/* 1-based */
	char *text;		/* scalar; may hold NUL: see len */
	size_t len;
	bool plain;		/* scalar without quotes */
	struct ynode **items;	/* sequence items, or map values */
	struct ynode **keys;	/* map only, scalars, [n] */
	size_t n;
};

/* The first document of the text; file is for messages ("file:line: ...").
 * Bounded in depth and size; aliases and duplicate keys are refused.  An empty
 * text gives an empty map. */
struct ynode *ytree_load(const char *text, size_t n, const char *file,
    struct err *err);
/* Read a file of at most max bytes, then ytree_load. */
struct ynode *ytree_load_file(const char *path, size_t max, struct err *err);
void ynode_free(struct ynode *y);
struct ynode *ynode_get(const struct ynode *map, const char *key); /* or NULL */

/* Each 0, or -1 when y is NULL, no scalar, or not wholly such a value. */
int ynode_int(const struct ynode *y, int64_t *v);
int ynode_uint(const struct ynode *y, uint64_t *v);
int ynode_float(const struct ynode *y, double *v);	/* finite only */
int ynode_bool(const struct ynode *y, int *v);
/* Nothing was given: an unquoted empty value, ~ or null. */
bool ynode_null(const struct ynode *y);

#endif
