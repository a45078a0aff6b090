/* linear.c -- see linear.h. */
#include "linear.h"

#include <string.h>

/* A worker's share of a step is cut into about this many chunks, so that the
 * one who is late (a stolen virtual CPU) leaves only a small tail. */
#define CHUNKS_EACH 8
#define VEC_ROWS 64		/* rows per kernel call */

/* Panels of weights are unpacked to F32 for BLAS: large enough that packing
 * the activations again for each is cheap, small enough for the L2 cache and
 * for a stop to be heard within milliseconds. */
#define PANEL_FLOATS (128 << 10)
#define PANEL_MIN 16
#define PANEL_MAX 128

struct job {
	const struct linear_env *e;
	const struct linear *l;
	int n;			/* matrices that are dealt */
	bool glu;
	int step;		/* rows in a chunk */
	int first[LINEAR_MAX + 1];	/* first chunk of each matrix */
	const struct act *x;		/* linear_vec */
	const float *xs;		/* linear_mat */
	int rows;
};

static int
chunks_of(const struct linear *l, int step)
{
	return (l->w->out + step - 1) / step;
}

static bool
deal(struct job *j, void (*fn)(void *ud, int chunk, int worker))
{
	j->first[0] = 0;
	for (int i = 0; i < j->n; i++)
		j->first[i + 1] = j->first[i] + chunks_of(&j->l[i], j->step);
	return pool_each(j->e->pool, j->first[j->n], fn, j);
}

/* Which rows of which matrix chunk c is. */
static const struct linear *
locate(const struct job *j, int c, int *r0, int *r1)
{
	int i = 0;

	while (c >= j->first[i + 1])
		i++;
	*r0 = (c - j->first[i]) * j->step;
	*r1 = *r0 + j->step;
	if (*r1 > j->l[i].w->out)
		*r1 = j->l[i].w->out;
	return &j->l[i];
}

static void
add_to(float *y, const float *x, int n)
{
	for (int i = 0; i < n; i++)
		y[i] += x[i];
}

static const uint8_t *
weight_row(const struct weight *w, int r)
{
	return w->data + (int64_t)r * w->row_bytes;
}

/* ---- one vector ---- */

static void
product(const struct job *j, const struct weight *w, int r, int n, float *out)
{
	j->e->kn->gemv(w->type, weight_row(w, r), w->row_bytes, j->x, out, n);
	if (w->bias)
		add_to(out, w->bias + r, n);
}

static void
vec_chunk(void *ud, int chunk, int worker)
{
	const struct job *j = ud;
	float tmp[VEC_ROWS];
	int r, r1;
	const struct linear *l = locate(j, chunk, &r, &r1);

	(void)worker;
	for (; r < r1; r += VEC_ROWS) {
		int n = r1 - r < VEC_ROWS ? r1 - r : VEC_ROWS;

		if (l->add) {
			product(j, l->w, r, n, tmp);
			add_to(l->out + r, tmp, n);
			continue;
		}
		product(j, l->w, r, n, l->out + r);
		if (j->glu) {
			product(j, j->l[1].w, r, n, tmp);
			j->e->kn->swiglu(l->out + r, tmp, n);
		}
	}
}

bool
linear_vec(const struct linear_env *e, const struct act *x,
    const struct linear *l, int n, bool glu)
{
	struct job j = { .e = e, .l = l, .n = glu ? 1 : n, .glu = glu, .x = x };
	int total = 0;

	for (int i = 0; i < j.n; i++)
		total += l[i].w->out;
	j.step = total / (pool_threads(e->pool) * CHUNKS_EACH);
	j.step = (j.step + 15) & ~15;	/* whole cache lines of output */
	if (j.step < 16)
		j.step = 16;
	return deal(&j, vec_chunk);
}

/* ---- many vectors ---- */

static int
panel_rows(int in)
{
	int n = PANEL_FLOATS / in & ~15;

	return n < PANEL_MIN ? PANEL_MIN : n > PANEL_MAX ? PANEL_MAX : n;
}

size_t
linear_scratch(int max_in, int max_rows)
{
	size_t panel = (size_t)max_in * PANEL_MIN;

	if (panel < PANEL_FLOATS)
		panel = PANEL_FLOATS;
	return panel + (size_t)max_rows * PANEL_MAX;
}

/* out[rows][ld] = xs times n rows of w from r on. */
static void
panel_product(const struct job *j, const struct weight *w, int r, int n,
    float *panel, float *out, int ld)
{
	/* rows of every type are whole blocks: one run of n * in values */
	j->e->kn->dequant(w->type, weight_row(w, r), panel,
	    (int64_t)n * w->in);
	kern_gemm_nt(j->rows, n, w->in, j->xs, w->in, panel, w->in, out, ld);
	for (int i = 0; w->bias && i < j->rows; i++)
		add_to(out + (size_t)i * (size_t)ld, w->bias + r, n);
}

static void
mat_chunk(void *ud, int chunk, int worker)
{
	const struct job *j = ud;
	int r, r1;
	const struct linear *l = locate(j, chunk, &r, &r1);
	int n = r1 - r, ld = l->w->out;
	float *tmp = j->e->scratch[worker];
	float *panel = tmp + (size_t)j->rows * PANEL_MAX;
	float *out = l->out + r;

	if (!l->add)
		panel_product(j, l->w, r, n, panel, out, ld);
	if (l->add || j->glu)
		panel_product(j, j->glu ? j->l[1].w : l->w, r, n, panel, tmp,
		    n);
	for (int i = 0; i < j->rows; i++, out += ld, tmp += n) {
		if (l->add)
			add_to(out, tmp, n);
		if (j->glu)
			j->e->kn->swiglu(out, tmp, n);
	}
}

bool
linear_mat(const struct linear_env *e, const float *x, int rows,
    const struct linear *l, int n, bool glu)
{
	struct job j = { .e = e, .l = l, .n = glu ? 1 : n, .glu = glu, .xs = x,
		.rows = rows };

	j.step = panel_rows(l[0].w->in);
	return deal(&j, mat_chunk);
}
