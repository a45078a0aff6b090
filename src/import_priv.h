/* import_priv.h -- what the readers of the formats share.  Only for
 * src/import*.c. */
#ifndef FIKR_IMPORT_PRIV_H
#define FIKR_IMPORT_PRIV_H

#include <jansson.h>
#include <stdbool.h>

#include "buf.h"
#include "convo.h"
#include "err.h"
#include "import.h"

/* ---- import_read.c ---- */

/* The JSON in f.  Bytes that are no UTF-8 and halves of surrogate pairs become
 * U+FFFD, since one of them is no reason to refuse years of conversations. */
json_t *import_read(FILE *f, const char *name, const struct import_opts *o,
    struct err *err);

/* Values that are not there, or of another kind, are "" or 0. */
const char *json_word(const json_t *o, const char *key);
/* Seconds since the epoch, a number or ISO 8601, as ms; 0: not known. */
int64_t json_moment(const json_t *o, const char *key);
/* Append a string's bytes, NULs too. */
void json_text(const json_t *s, struct buf *out);
/* Append text as a paragraph of its own. */
void import_paragraph(struct buf *out, const char *s, size_t n);
/* "[image]", likewise. */
void import_mark(struct buf *out, const char *what, const char *name);

/* ---- import_tree.c ---- */

/* A message where it stands; strings and JSON are borrowed. */
struct node {
	const char *id, *parent;	/* parent NULL: see children */
	const json_t *children;	/* ids in their order, or NULL */
	enum role role;
	bool hidden;		/* not part of what was said */
	struct buf text, thinking;
	int64_t started, ended;	/* ms since the epoch, 0: not known */
	const char *model;	/* or "" */
	enum done_reason end;
	/* import_tree.c's own */
	int up, first, last, next;	/* indexes, -1: none */
	bool listed, seen, kept;
	int anchor;		/* the turn that what follows hangs from */
};

struct tree {
	struct node *v;		/* [n] */
	size_t n;
	json_t *index;		/* of id */
};

void tree_init(struct tree *t);
void tree_done(struct tree *t);
/* A zeroed node, valid until the next one. */
struct node *tree_add(struct tree *t, const char *id);
/* Make c's turns of it.  head: the id of the message that was shown last, or
 * NULL.  0 with what was left out in notice, or -1. */
int tree_build(struct tree *t, struct convo *c, const char *head,
    struct err *notice, struct err *err);
/* A conversation whose "mapping" has its messages by their ids, as ChatGPT and
 * DeepSeek write them; read puts what one says into its node. */
int import_mapping(const json_t *from, struct convo *c,
    void (*read)(struct node *, const json_t *), struct err *notice,
    struct err *err);

/* ---- the formats: a conversation of each ---- */

typedef int import_reader(const json_t *from, struct convo *c,
    struct err *notice, struct err *err);
import_reader import_chatgpt, import_deepseek, import_openwebui, import_fikr;

#endif
