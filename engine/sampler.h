/* sampler.h -- from logits to a token.  In this order: repetition penalty;
 * at temperature 0 the most likely one; else top-k, top-p and min-p, all on
 * the probabilities at temperature 1; then a draw at the temperature asked
 * for.  The same seed and logits give the same tokens. */
#ifndef FIKR_SAMPLER_H
#define FIKR_SAMPLER_H

#include <stdint.h>

#include "chat.h"

struct sampler;

struct sampler *sampler_new(const struct sampling *s, int n_vocab);
struct vocab;
/* For the tokens of v, of which those that are only padding are forbidden. */
struct sampler *sampler_for(const struct sampling *s, const struct vocab *v);
void sampler_free(struct sampler *s);
uint64_t sampler_seed(const struct sampler *s);	/* the one in use */
/* Note a token of the prompt or of the output, for the penalty. */
void sampler_accept(struct sampler *s, int token);
/* A token that is never to be picked (padding rows of the model). */
void sampler_forbid(struct sampler *s, int token);
/* Pick from logits[n_vocab] (only read).  NaN counts as never; returns -1 if
 * no token is possible. */
int sampler_pick(struct sampler *s, const float *logits);

#endif
