/* attn.h -- attention: the mix of values that each query's likeness to the
 * keys in the cache gives. */
#ifndef FIKR_ATTN_H
#define FIKR_ATTN_H

#include "forward.h"

/* f->att from f->q and the cache of layer il, for the token of one row at pos
 * or n from pos on, whose own keys and values are in the cache already.
 * Queries have the scale of the scores in them.  False when stopped. */
bool attn_token(struct forward *f, int il, int row, int pos);
bool attn_batch(struct forward *f, int il, int n, int pos);
size_t attn_scratch(const struct hparams *hp);	/* floats for a worker */
size_t attn_parts(const struct hparams *hp);	/* floats of f->parts */

#endif
