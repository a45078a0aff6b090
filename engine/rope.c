/* rope.c -- see rope.h. */
#include "rope.h"

#include <math.h>
#include <stdlib.h>

#include "alloc.h"

/* YaRN (Peng et al., arXiv 2309.00071, eq. 17): the pair whose wave turns
 * `turns` times within the original context. */
static double
yarn_pair(const struct rope_params *p, double turns)
{
	return p->n_rot * log(p->n_ctx_orig / (turns * 2.0 * M_PI)) /
	    (2.0 * log(p->base));
}

/* How far pair i is interpolated: 1 wholly, 0 not at all. */
static double
yarn_interpolation(const struct rope_params *p, int i)
{
	double low = fmax(0.0, floor(yarn_pair(p, p->beta_fast)));
	double high = fmin(p->n_rot - 1.0, ceil(yarn_pair(p, p->beta_slow)));
	double t = (i - low) / fmax(0.001, high - low);

	return fmin(1.0, fmax(0.0, t));
}

int
rope_init(struct rope *r, const struct rope_params *p, const float *divisors,
    int context, struct err *err)
{
	int half = p->n_rot / 2;
	size_t n = (size_t)context * (size_t)half * 2;

	*r = (struct rope){ .p = *p, .mag = 1.0, .context = context };
	r->table = calloc(n, sizeof *r->table);
	if (!r->table)
		return err_set(err, "not enough memory for the position table "
		    "of %d tokens; ask for a smaller context", context);
	r->freq = xcalloc((size_t)half, sizeof *r->freq);
	for (int i = 0; i < half; i++) {
		double f = pow(p->base, -2.0 * i / p->n_rot);
		double t;

		if (divisors)
			f /= divisors[i];
		if (p->scaling == ROPE_SCALING_LINEAR)
			f /= p->factor;
		if (p->scaling == ROPE_SCALING_YARN) {
			t = yarn_interpolation(p, i);
			f = f / p->factor * t + f * (1.0 - t);
		}
		r->freq[i] = f;
	}
	if (p->scaling == ROPE_SCALING_YARN)
		r->mag = p->attn_factor * (1.0 + 0.1 * log(p->factor));
	return 0;
}

void
rope_done(struct rope *r)
{
	free(r->freq);
	free(r->table);
	*r = (struct rope){ 0 };
}

void
rope_fill(struct rope *r, int end)
{
	int half = r->p.n_rot / 2;

	for (; r->filled < end; r->filled++) {
		float *t = r->table + (size_t)r->filled * (size_t)half * 2;

		for (int i = 0; i < half; i++) {
			double a = r->filled * r->freq[i];

			t[2 * i] = (float)(cos(a) * r->mag);
			t[2 * i + 1] = (float)(sin(a) * r->mag);
		}
	}
}

void
rope_turn(const struct rope *r, float *x, int n, int dim, int pos)
{
	int half = r->p.n_rot / 2;
	const float *t = r->table + (size_t)pos * (size_t)half * 2;
	/* distance of the two values of a pair, and of pair from pair */
	int apart = r->p.pairs == ROPE_NORM ? 1 : half;
	int step = r->p.pairs == ROPE_NORM ? 2 : 1;

	for (int h = 0; h < n; h++, x += dim)
		for (int i = 0; i < half; i++) {
			float *a = x + i * step, *b = a + apart;
			float c = t[2 * i], s = t[2 * i + 1];
			float va = *a, vb = *b;

			*a = va * c - vb * s;
			*b = va * s + vb * c;
		}
}
