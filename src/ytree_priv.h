/* ytree_priv.h -- between the two ways of reading YAML. */
#ifndef FIKR_YTREE_PRIV_H
#define FIKR_YTREE_PRIV_H

#include "ytree.h"

/* A map that owns neither key nor value yet grows by them. */
void ynode_append(struct ynode *parent, struct ynode *key,
    struct ynode *value);
/* A document of exactly the shape that ywrite.h gives to journals, read in one
 * go, as libyaml would read it but many times as fast; NULL for all else, which
 * is then libyaml's. */
struct ynode *ytree_quick(const char *text, size_t n);

/* By libyaml: ytree_load for all the rest. */
struct ynode *ytree_thorough(const char *text, size_t n, const char *file,
    struct err *err);

#endif
