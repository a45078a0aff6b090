/* keymap.h -- which keys do what: the defaults of the table of actions, and
 * over them the person's keys.yaml.  A key is one press ("ctrl+t") or two, one
 * after the other ("ctrl+x>ctrl+e"). */
#ifndef FIKR_KEYMAP_H
#define FIKR_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "action.h"
#include "buf.h"
#include "err.h"
#include "keys.h"

struct binding {
	struct key first, second;
	bool two;		/* second counts */
	const struct action *act;
};

struct keymap {
	struct binding *v;
	size_t n;
	struct key held;	/* the first of two, pressed just now ... */
	bool holding;		/* ... if so */
};

void keymap_init(struct keymap *m);		/* the defaults */
void keymap_done(struct keymap *m);
/* Read "action: key", "action: [key, key]" or "action: none"; a missing file
 * changes nothing.  An action that is named has those keys and no others; a
 * key that is given away belongs to no other action in the same place.  On
 * failure, which names file and line, m is as it was. */
int keymap_load(struct keymap *m, const char *path, struct err *err);

enum keymap_found { KEYMAP_NONE, KEYMAP_ACTION, KEYMAP_MORE };
/* What key k does in a place (one IN_ bit): *act with KEYMAP_ACTION;
 * KEYMAP_MORE when it is the first of two, which m then remembers. */
enum keymap_found keymap_key(struct keymap *m, const struct key *k,
    unsigned where, const struct action **act);
/* "Ctrl-T, F1" as people write keys, appended to an empty buffer. */
void keymap_text(const struct keymap *m, const struct action *act,
    struct buf *out);
/* The first of them only. */
void keymap_short(const struct keymap *m, const struct action *act,
    struct buf *out);

#endif
