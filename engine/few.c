/* few.c -- see few.h. */
#include "few.h"

#include <stdlib.h>
#include <string.h>

#include "num.h"

bool
few_init(struct few *x, int most, int width)
{
	size_t n = (size_t)most * (size_t)round_up(width, ACT_GROUP);

	*x = (struct few){ 0 };
	x->rows.q = calloc(n, sizeof *x->rows.q);
	x->rows.d = calloc(n / ACT_GROUP, sizeof *x->rows.d);
	x->rows.sum = calloc(n / 16, sizeof *x->rows.sum);
	x->sum = calloc(n / 16, sizeof *x->sum);
	x->pad = calloc(n, sizeof *x->pad);
	return x->rows.q && x->rows.d && x->rows.sum && x->sum && x->pad;
}

void
few_done(struct few *x)
{
	free(x->rows.q);
	free(x->rows.d);
	free(x->rows.sum);
	free(x->sum);
	free(x->pad);
}

static void
fill_one(struct few *x, int i, const struct kern *kn, const float *f,
    int width)
{
	int64_t n = x->rows.n, at = i * n;
	struct act *a = &x->act[i];
	float *pad = x->pad + at;

	*a = (struct act){ .n = n, .f = f, .q = x->rows.q + at,
		.d = x->rows.d + at / ACT_GROUP, .sum = x->sum + at / 16 };
	if (n != width) {
		memcpy(pad, f, (size_t)width * sizeof *f);
		memset(pad + width, 0, (size_t)(n - width) * sizeof *f);
		a->f = pad;
	}
	kn->quantize(a);
	for (int64_t k = 0; k < n / 16; k++)
		x->rows.sum[at / 16 + k] = a->sum[k];
}

void
few_fill(struct few *x, const struct kern *kn, const float *f, int n,
    int width)
{
	x->n = n;
	x->rows.n = round_up(width, ACT_GROUP);
	for (int i = 0; i < n; i++, f += width)
		fill_one(x, i, kn, f, width);
}
