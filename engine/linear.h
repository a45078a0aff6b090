/* linear.h -- products with weight matrices, dealt to the pool: of one vector
 * (decode, on 8-bit integers) or of many (prefill, through BLAS). */
#ifndef FIKR_LINEAR_H
#define FIKR_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

#include "kern.h"
#include "model.h"
#include "pool.h"

#define LINEAR_MAX 3		/* matrices that share one input */

/* out = w x + bias, or out += w x + bias. */
struct linear {
	const struct weight *w;
	float *out;		/* [w->out], or [rows] of them */
	bool add;
};

/* What all products of a step share. */
struct linear_env {
	struct pool *pool;
	const struct kern *kn;
	float *const *scratch;	/* a worker's own linear_scratch() floats */
};

/* n products with the vector x, as one step of the pool.  glu: n is 2, of one
 * shape, and l[0].out becomes silu(l[0]) * l[1]; l[1].out is not written.
 * False when stopped. */
bool linear_vec(const struct linear_env *e, const struct act *x,
    const struct linear *l, int n, bool glu);
/* The same with rows vectors x [rows][w->in]; rows <= max_rows below. */
bool linear_mat(const struct linear_env *e, const float *x, int rows,
    const struct linear *l, int n, bool glu);
/* Floats of scratch that a worker needs for inputs up to max_in wide. */
size_t linear_scratch(int max_in, int max_rows);

#endif
