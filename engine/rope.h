/* rope.h -- rotary position embedding: the rotation of every position,
 * computed exactly (in double) once and kept in a table. */
#ifndef FIKR_ROPE_H
#define FIKR_ROPE_H

#include "err.h"

/* Which values of a head form pair i of n_rot/2. */
enum rope_pairs {
	ROPE_NORM,	/* 2i and 2i+1 */
	ROPE_NEOX	/* i and i + n_rot/2 */
};

enum rope_scaling { ROPE_SCALING_NONE, ROPE_SCALING_LINEAR, ROPE_SCALING_YARN };

struct rope_params {
	enum rope_pairs pairs;
	int n_rot;		/* values of a head that turn; even */
	float base;
	enum rope_scaling scaling;
	float factor;		/* by which the context was stretched */
	int n_ctx_orig;		/* YaRN: the context before stretching */
	float attn_factor;	/* YaRN: extra magnitude */
	float beta_fast, beta_slow;	/* YaRN: where its ramp lies */
};

struct rope {
	struct rope_params p;
	double *freq;		/* [n_rot/2] radians a position */
	double mag;		/* multiplies cos and sin */
	int context, filled;	/* positions: in all, in the table */
	float *table;		/* [context][n_rot/2] pairs of cos, sin */
};

/* divisors: [n_rot/2] or NULL (rope_freqs.weight). */
int rope_init(struct rope *r, const struct rope_params *p,
    const float *divisors, int context, struct err *err);
void rope_done(struct rope *r);
/* Make the table reach position end - 1; end <= context.  Not to be called
 * while others turn. */
void rope_fill(struct rope *r, int end);
/* Turn n heads of width dim that lie one after the other, at position pos. */
void rope_turn(const struct rope *r, float *x, int n, int dim, int pos);

#endif
