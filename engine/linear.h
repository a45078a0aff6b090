/* linear.h -- products with weight matrices and what corrects them (biases,
 * LoRA), dealt to the pool: of a few vectors (as answers are written, on 8-bit
 * integers) or of many (prompts). */
#ifndef FIKR_LINEAR_H
#define FIKR_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

#include "few.h"
#include "kern.h"
#include "model.h"
#include "panel.h"
#include "pool.h"

#define LINEAR_MAX 3		/* matrices that share one input */
#define LINEAR_PANEL 128	/* the most rows of a panel, see below */

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
	struct act_rows *x8;	/* room for linear_mat's x in 8 bits or BF16;
				 * NULL: products with many vectors are in
				 * F32 */
};

/* n products with the vectors x, as one step of the pool (two where an adapter
 * is in force).  With a glu, n is 2, of one shape, and l[0].out gets the
 * result; l[1].out is not written.  False when stopped. */
bool linear_few(const struct linear_env *e, const struct few *x,
    const struct linear *l, int n, enum glu glu);
/* The same with many: x [rows][w->in]; rows <= max_rows below. */
bool linear_mat(const struct linear_env *e, const float *x, int rows,
    const struct linear *l, int n, enum glu glu);
/* Floats of scratch that a worker needs for inputs up to max_in wide. */
size_t linear_scratch(int max_in, int max_rows);

/* The matrix that slice i of w is, i < w->slices.  Data, bias and corrections
 * stay w's. */
struct weight weight_slice(const struct weight *w, int i);
/* For those who deal the work themselves: out[rows][ld] = x [rows][w->in]
 * times rows r .. r + n - 1 of w, with bias and corrections, on the calling
 * thread.  n <= linear_panel_rows(e, w); panel: memory for
 * linear_panel_floats(w->in); t: [rows][lora_rank(w->lora)], what lora_down
 * made of x, or NULL where w->lora is.  x8: what act_rows_fill made of x, to
 * be read instead of x where panel_takes() the type; or NULL. */
void linear_panel(const struct kern *kn, const struct weight *w, int r, int n,
    const float *x, const struct act_rows *x8, int rows, const float *t,
    float *panel, float *out, int ld);
/* 16 .. LINEAR_PANEL */
int linear_panel_rows(const struct linear_env *e, const struct weight *w);
size_t linear_panel_floats(int in);
/* What lora_down makes of x [rows][w->in] for w, a slice or a whole matrix: t
 * above, to be freed; NULL without adapters. */
float *linear_down(const struct weight *w, const float *x, int rows);
/* The same for a few vectors, any n: out[x->n][ld]. */
void linear_rows(const struct kern *kn, const struct weight *w, int r, int n,
    const struct few *x, const float *t, float *out, int ld);
/* y = act(y) * u; glu is one of the two. */
void linear_glu(const struct kern *kn, enum glu glu, float *y, const float *u,
    int n);

#endif
