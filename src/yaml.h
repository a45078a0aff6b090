/* yaml.h -- a YAML document as a tree of nodes that remember their lines, and
 * a writer; the only files that know libyaml.  For config, themes and
 * journals. */
#ifndef FIKR_YAML_H
#define FIKR_YAML_H

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
	struct ynode **items;	/* sequence items, or map values */
	struct ynode **keys;	/* map only, scalars, [n] */
	size_t n;
};

/* The first document of the text; file is for messages ("file:line: ...").
 * Bounded in depth and size; aliases and duplicate keys are refused.  An empty
 * text gives an empty map. */
struct ynode *yaml_load(const char *text, size_t n, const char *file,
    struct err *err);
/* Read a file of at most max bytes, then yaml_load. */
struct ynode *yaml_load_file(const char *path, size_t max, struct err *err);
void ynode_free(struct ynode *y);
struct ynode *ynode_get(const struct ynode *map, const char *key); /* or NULL */
int ynode_int(const struct ynode *y, int64_t *v);	/* 0 or -1 */
int ynode_float(const struct ynode *y, double *v);
int ynode_bool(const struct ynode *y, int *v);

#endif
