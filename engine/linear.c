/* linear.c -- see linear.h. */
#include "linear.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "lane_store.h"
#include "num.h"

/* A worker's share of a step is cut into about this many chunks, so that the
 * one who is late (a stolen virtual CPU) leaves only a small tail. */
#define CHUNKS_EACH 8
#define FEW_ROWS 64		/* rows per kernel call */

/* Panels of weights are unpacked to F32 for BLAS: large enough that packing
 * the activations again for each is cheap, small enough for the L2 cache and
 * for a stop to be heard within milliseconds. */
#define PANEL_FLOATS (128 << 10)
#define PANEL_MIN 16

/* The thin products of adapters are dealt in chunks of these. */
#define DOWN_VALUES 8		/* a few vectors: values of t */
#define DOWN_ROWS 32		/* many: vectors */

struct job {
	const struct linear_env *e;
	const struct linear *l;
	int n;			/* matrices that are dealt */
	enum glu glu;
	int step;		/* rows in a chunk */
	int first[LINEAR_MAX + 1];	/* first chunk of each matrix */
	const struct few *x;		/* linear_few */
	const float *xs;		/* linear_mat */
	int rows;
	float *t[LINEAR_MAX];	/* of each matrix: a x, or NULL */
};

static bool
deal(struct job *j, void (*fn)(void *ud, int chunk, int worker))
{
	return pool_each(j->e->pool, j->first[j->n], fn, j);
}

/* The matrix that chunk c belongs to; *c becomes its number there. */
static int
matrix_of(const struct job *j, int *c)
{
	int i = 0;

	while (*c >= j->first[i + 1])
		i++;
	*c -= j->first[i];
	return i;
}

static int
locate(const struct job *j, int c, int *r0, int *r1)
{
	int i = matrix_of(j, &c);

	*r0 = c * j->step;
	*r1 = min_int(*r0 + j->step, j->l[i].w->out);
	return i;
}

static bool
deal_rows(struct job *j, void (*fn)(void *ud, int chunk, int worker))
{
	j->n = j->glu ? 1 : j->n;
	j->first[0] = 0;
	for (int i = 0; i < j->n; i++)
		j->first[i + 1] = j->first[i] + pieces(j->l[i].w->out,
		    j->step);
	return deal(j, fn);
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

struct weight
weight_slice(const struct weight *w, int i)
{
	struct weight s = *w;

	s.data = w->data + (int64_t)i * w->slice_bytes;
	s.slices = 1;
	s.slice = i;
	return s;
}

void
linear_glu(const struct kern *kn, enum glu glu, float *y, const float *u,
    int n)
{
	if (glu == GLU_GELU)
		kn->geglu(y, u, n);
	else
		kn->swiglu(y, u, n);
}

/* Products with those rows that are kept in lanes; gives how many. */
static int
sixteens(const struct kern *kn, const struct weight *w, int r, int n,
    const struct act_rows *x, int vectors, float *out, int ld)
{
	int i;

	if (!w->lanes)
		return 0;
	for (i = 0; i + LANES <= n; i += LANES)
		kn->lanes(w->type, lane_rows(kn, w, r + i), x, vectors,
		    out + i, ld);
	return i;
}

/* Whether products of a batch with rows in lanes are lanes()'s, too: not where
 * there are tiles, or panels made of lanes, and not where what rounding took
 * has to be added, which only panels do. */
static bool
lanes_take(const struct kern *kn, const struct act_rows *x)
{
	return !kn->tiles && !kn->pack_lanes && !x->rest;
}

/* ---- what adapters need of the input ---- */

float *
linear_down(const struct weight *w, const float *x, int rows)
{
	float *t;

	if (!w->lora)
		return NULL;
	t = xcalloc((size_t)rows * (size_t)lora_rank(w->lora), sizeof *t);
	lora_down(w->lora, w->slice, x, rows, t);
	return t;
}

static int
down_values(const struct job *j, int i)
{
	return pieces(lora_rank(j->l[i].w->lora), DOWN_VALUES);
}

static int
down_rows(const struct job *j, int i)
{
	return j->l[i].w->lora ? pieces(j->rows, DOWN_ROWS) : 0;
}

static void
few_down(void *ud, int chunk, int worker)
{
	const struct job *j = ud;
	int i = matrix_of(j, &chunk);
	const struct weight *w = j->l[i].w;

	(void)worker;
	for (int v = 0; v < j->rows; v++)
		lora_down_part(w->lora, w->slice, j->x->act[v].f,
		    chunk * DOWN_VALUES, (chunk + 1) * DOWN_VALUES,
		    j->t[i] + v * lora_rank(w->lora));
}

static void
mat_down(void *ud, int chunk, int worker)
{
	const struct job *j = ud;
	int i = matrix_of(j, &chunk), at = chunk * DOWN_ROWS;
	const struct weight *w = j->l[i].w;
	int n = min_int(j->rows - at, DOWN_ROWS);

	(void)worker;
	lora_down(w->lora, w->slice, j->xs + (size_t)at * (size_t)w->in, n,
	    j->t[i] + (size_t)at * (size_t)lora_rank(w->lora));
}

/* Memory for all t of a step, to be freed; NULL where nothing is corrected. */
static float *
share_out(struct job *j)
{
	size_t n = 0, at[LINEAR_MAX];
	float *t;

	for (int i = 0; i < j->n; i++) {
		at[i] = n;
		n += (size_t)j->rows * (size_t)lora_rank(j->l[i].w->lora);
	}
	if (n == 0)
		return NULL;
	t = xcalloc(n, sizeof *t);
	for (int i = 0; i < j->n; i++)
		if (j->l[i].w->lora)
			j->t[i] = t + at[i];
	return t;
}

static bool
deal_down(struct job *j, int (*chunks)(const struct job *j, int i),
    void (*fn)(void *ud, int chunk, int worker))
{
	j->first[0] = 0;
	for (int i = 0; i < j->n; i++)
		j->first[i + 1] = j->first[i] + chunks(j, i);
	return deal(j, fn);
}

/* ---- a few vectors, each as it would be alone ---- */

void
linear_rows(const struct kern *kn, const struct weight *w, int r, int n,
    const struct few *x, const float *t, float *out, int ld)
{
	int rank = lora_rank(w->lora);
	int done = sixteens(kn, w, r, n, &x->rows, x->n, out, ld);

	for (int v = 0; v < x->n; v++, out += ld) {
		if (done < n)
			kn->gemv(w->type, weight_row(w, r + done),
			    w->row_bytes, &x->act[v], out + done, n - done);
		if (w->bias)
			add_to(out, w->bias + r, n);
		if (t)
			lora_up(w->lora, w->slice, t + v * rank, 1, r, n, out,
			    n);
	}
}

static void
product(const struct job *j, int i, int r, int n, float *out, int ld)
{
	linear_rows(j->e->kn, j->l[i].w, r, n, j->x, j->t[i], out, ld);
}

static void
few_chunk(void *ud, int chunk, int worker)
{
	const struct job *j = ud;
	float tmp[FEW_MAX * FEW_ROWS];
	int r, r1, i = locate(j, chunk, &r, &r1);
	const struct linear *l = &j->l[i];
	int ld = l->w->out;

	(void)worker;
	for (; r < r1; r += FEW_ROWS) {
		int n = min_int(r1 - r, FEW_ROWS);
		float *out = l->out + r;

		if (!l->add)
			product(j, i, r, n, out, ld);
		if (l->add || j->glu)
			product(j, j->glu ? 1 : i, r, n, tmp, n);
		for (int v = 0; v < j->rows; v++, out += ld) {
			if (l->add)
				add_to(out, tmp + v * n, n);
			if (j->glu)
				linear_glu(j->e->kn, j->glu, out, tmp + v * n,
				    n);
		}
	}
}

static int
few_step(const struct job *j)
{
	int total = 0, step;

	for (int i = 0; i < (j->glu ? 1 : j->n); i++)
		total += j->l[i].w->out;
	step = total / (pool_threads(j->e->pool) * CHUNKS_EACH);
	/* whole cache lines of output */
	return max_int(16, round_up(step, 16));
}

bool
linear_few(const struct linear_env *e, const struct few *x,
    const struct linear *l, int n, enum glu glu)
{
	struct job j = { .e = e, .l = l, .n = n, .glu = glu, .x = x,
		.rows = x->n };
	float *t = share_out(&j);
	bool done;

	j.step = few_step(&j);
	done = (!t || deal_down(&j, down_values, few_down)) &&
	    deal_rows(&j, few_chunk);
	free(t);
	return done;
}

/* ---- many vectors ---- */

int
linear_panel_rows(const struct linear_env *e, const struct weight *w)
{
	/* tiles need no room for whole rows, and the more of these there are,
	 * the less often the vectors have to be read */
	if (e->x8 && e->kn->tiles && panel_takes(e->kn, w->type))
		return LINEAR_PANEL;
	return max_int(PANEL_MIN, min_int(PANEL_FLOATS / w->in & ~15,
	    LINEAR_PANEL));
}

size_t
linear_panel_floats(int in)
{
	size_t n = (size_t)in * PANEL_MIN;

	return n < PANEL_FLOATS ? PANEL_FLOATS : n;
}

size_t
linear_scratch(int max_in, int max_rows)
{
	return linear_panel_floats(max_in) + (size_t)max_rows * LINEAR_PANEL;
}

void
linear_panel(const struct kern *kn, const struct weight *w, int r, int n,
    const float *x, const struct act_rows *x8, int rows, const float *t,
    float *panel, float *out, int ld)
{
	if (x8 && w->lanes && lanes_take(kn, x8)) {
		sixteens(kn, w, r, n, x8, rows, out, ld);
	} else if (x8 && panel_takes(kn, w->type)) {
		panel_product(kn, w, r, n, x8, rows, panel, out, ld);
	} else {
		/* rows of every type are whole blocks: one run of values */
		kn->dequant(w->type, weight_row(w, r), panel,
		    (int64_t)n * w->in);
		kern_gemm_nt(rows, n, w->in, x, w->in, panel, w->in, out, ld);
	}
	for (int i = 0; w->bias && i < rows; i++)
		add_to(out + (size_t)i * (size_t)ld, w->bias + r, n);
	if (t)
		lora_up(w->lora, w->slice, t, rows, r, n, out, ld);
}

static void
mat_chunk(void *ud, int chunk, int worker)
{
	const struct job *j = ud;
	int r, r1, i = locate(j, chunk, &r, &r1), k = j->glu ? 1 : i;
	const struct linear *l = &j->l[i];
	int n = r1 - r, ld = l->w->out;
	float *tmp = j->e->scratch[worker];
	float *panel = tmp + (size_t)j->rows * LINEAR_PANEL;
	float *out = l->out + r;

	if (!l->add)
		linear_panel(j->e->kn, l->w, r, n, j->xs, j->e->x8, j->rows,
		    j->t[i], panel, out, ld);
	if (l->add || j->glu)
		linear_panel(j->e->kn, j->l[k].w, r, n, j->xs, j->e->x8,
		    j->rows, j->t[k], panel, tmp, n);
	for (i = 0; i < j->rows; i++, out += ld, tmp += n) {
		if (l->add)
			add_to(out, tmp, n);
		if (j->glu)
			linear_glu(j->e->kn, j->glu, out, tmp, n);
	}
}

/* As many rows as all the matrices' panels may have, but not so many that some
 * threads get nothing. */
static int
mat_step(const struct job *j)
{
	int step = LINEAR_PANEL, total = 0;

	for (int i = 0; i < j->n; i++) {
		step = min_int(step, linear_panel_rows(j->e, j->l[i].w));
		total += j->glu && i > 0 ? 0 : j->l[i].w->out;
	}
	if (!j->e->kn->tiles)
		return step;
	total /= pool_threads(j->e->pool) * CHUNKS_EACH;
	return min_int(step, max_int(round_up(total, 32), 32));
}

bool
linear_mat(const struct linear_env *e, const float *x, int rows,
    const struct linear *l, int n, enum glu glu)
{
	struct job j = { .e = e, .l = l, .n = n, .glu = glu, .xs = x,
		.rows = rows };
	float *t = share_out(&j);
	bool panels = false, done;

	j.step = mat_step(&j);
	for (int i = 0; i < n; i++)
		panels = panels || (e->x8 && panel_takes(e->kn,
		    l[i].w->type));
	done = (!panels || act_rows_fill(e->x8, e->pool, e->kn, x, rows,
	    l[0].w->in)) && (!t || deal_down(&j, down_rows, mat_down)) &&
	    deal_rows(&j, mat_chunk);

	free(t);
	return done;
}
