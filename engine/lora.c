/* lora.c -- see lora.h: the products, for the files see lora_file.c. */
#include "lora.h"

#include <stdlib.h>

#include "alloc.h"
#include "num.h"

#define ROWS 64			/* of a thin matrix, at once */

static const void *
row_of(const void *v, enum ttype t, int64_t row, int cols)
{
	return (const uint8_t *)v + row * ttype_row_bytes(t, cols);
}

static const void *
row_a(const struct lora *l, int slice, int j)
{
	return row_of(l->a, l->type_a, j + (l->slices_a > 1 ?
	    (int64_t)slice * l->rank : 0), l->in);
}

static const void *
row_b(const struct lora *l, int slice, int r)
{
	return row_of(l->b, l->type_b, r + (l->slices_b > 1 ?
	    (int64_t)slice * l->out : 0), l->rank);
}

/* n values as F32: where they are, or in new memory, which is *own then. */
static const float *
floats(const struct kern *kn, enum ttype t, const void *v, int64_t n,
    float **own)
{
	*own = NULL;
	if (t == TT_F32)
		return v;
	*own = xmalloc((size_t)n * sizeof **own);
	kn->dequant(t, v, *own, n);
	return *own;
}

/* out[rows] = rows of n values times x, without the 8 bits of other inputs. */
static void
multiply(const struct kern *kn, enum ttype t, const void *w, int n,
    const float *x, float *out, int rows)
{
	const struct act a = { .f = x, .n = round_up(n, ACT_GROUP) };

	kn->gemv(t, w, ttype_row_bytes(t, n), &a, out, rows);
}

int
lora_rank(const struct lora *l)
{
	int n = 0;

	for (; l; l = l->next)
		n += l->rank;
	return n;
}

void
lora_down_part(const struct lora *l, int slice, const float *x, int j0,
    int j1, float *t)
{
	/* the first value of l's own is number `at` */
	for (int at = 0; l && at < j1; at += l->rank, l = l->next) {
		int from = max_int(j0 - at, 0);
		int to = min_int(j1 - at, l->rank);

		if (from < to)
			multiply(l->kn, l->type_a, row_a(l, slice, from),
			    l->in, x, t + at + from, to - from);
	}
}

static void
down_rows(const struct lora *l, int slice, const float *x, int rows, float *t,
    int ld)
{
	for (int j = 0; j < l->rank; j += ROWS) {
		int n = min_int(l->rank - j, ROWS);
		float *own;
		const float *a = floats(l->kn, l->type_a,
		    row_a(l, slice, j), (int64_t)n * l->in, &own);

		kern_gemm_nt(rows, n, l->in, x, l->in, a, l->in, t + j, ld);
		free(own);
	}
}

void
lora_down(const struct lora *l, int slice, const float *x, int rows, float *t)
{
	int ld = lora_rank(l);

	if (rows == 1) {
		lora_down_part(l, slice, x, 0, ld, t);
		return;
	}
	for (; l; t += l->rank, l = l->next)
		down_rows(l, slice, x, rows, t, ld);
}

static void
up_one(const struct lora *l, int slice, const float *t, int r, int n,
    float *out)
{
	float tmp[ROWS];

	for (int i = 0; i < n; i += ROWS) {
		int k = min_int(n - i, ROWS);

		multiply(l->kn, l->type_b, row_b(l, slice, r + i), l->rank, t,
		    tmp, k);
		l->kn->axpy(out + i, l->scale, tmp, k);
	}
}

static void
up_rows(const struct lora *l, int slice, const float *t, int t_ld, int rows,
    int r, int n, float *out, int ld)
{
	float *own;
	const float *b = floats(l->kn, l->type_b, row_b(l, slice, r),
	    (int64_t)n * l->rank, &own);

	kern_gemm_nt_add(rows, n, l->rank, l->scale, t, t_ld, b, l->rank, out,
	    ld);
	free(own);
}

void
lora_up(const struct lora *l, int slice, const float *t, int rows, int r,
    int n, float *out, int ld)
{
	int t_ld = lora_rank(l);

	for (; l; t += l->rank, l = l->next)
		if (rows == 1)
			up_one(l, slice, t, r, n, out);
		else
			up_rows(l, slice, t, t_ld, rows, r, n, out, ld);
}

static void
merge_one(const struct lora *l, int slice, int r, int n, float *w)
{
	const struct kern *kn = l->kn;
	float *row = xmalloc((size_t)l->in * sizeof *row), *own;
	const float *b = floats(kn, l->type_b, row_b(l, slice, r),
	    (int64_t)n * l->rank, &own);

	for (int j = 0; j < l->rank; j++) {
		kn->dequant(l->type_a, row_a(l, slice, j), row, l->in);
		for (int i = 0; i < n; i++)
			kn->axpy(w + (size_t)i * (size_t)l->in, l->scale *
			    b[(size_t)i * (size_t)l->rank + (size_t)j], row,
			    l->in);
	}
	free(row);
	free(own);
}

void
lora_merge(const struct lora *l, int slice, int r, int n, float *w)
{
	for (; l; l = l->next)
		merge_one(l, slice, r, n, w);
}

void
lora_embed(const struct lora *l, int token, float *x)
{
	lora_merge(l, 0, token, 1, x);
}
