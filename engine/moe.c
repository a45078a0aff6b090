/* moe.c -- see moe.h.  A token goes through its experts one row of weights
 * after the other; a batch is sorted by expert, so that each expert's weights
 * are unpacked once for all its tokens. */
#include "moe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "forward.h"
#include "num.h"
#include "paging.h"

#define ROWS 64			/* of a weight, in a task of one token */
#define WEIGHT_SUM_MIN 6.103515625e-5f	/* what sums of weights are held
					 * above: the least normal F16 */

/* ---- memory ---- */

int64_t
moe_floats(const struct hparams *hp, int batch)
{
	const struct moe_params *p = &hp->moe;
	int64_t rows = (int64_t)batch * p->n_used;

	return p->n_expert ? rows * (hp->n_embd + p->n_ff) +
	    (int64_t)batch * p->n_expert : 0;
}

size_t
moe_scratch(const struct hparams *hp, int batch)
{
	return linear_panel_floats(max_int(hp->n_embd, hp->moe.n_ff)) +
	    (size_t)batch * LINEAR_PANEL;
}

int
moe_init(struct moe *m, const struct kern *kn, const struct hparams *hp,
    int batch, bool panels)
{
	const struct moe_params *p = &hp->moe;
	size_t rows = (size_t)batch * (size_t)p->n_used;
	bool ok = true;

	*m = (struct moe){ 0 };
	if (p->n_expert == 0)
		return 0;
	m->logits = calloc((size_t)batch * (size_t)p->n_expert,
	    sizeof *m->logits);
	m->route = calloc(rows, sizeof *m->route);
	m->first = calloc((size_t)p->n_expert + 1, sizeof *m->first);
	m->row = calloc(rows, sizeof *m->row);
	m->weight = calloc(rows, sizeof *m->weight);
	m->in = calloc(rows, (size_t)hp->n_embd * sizeof *m->in);
	m->ff = calloc(rows, (size_t)p->n_ff * sizeof *m->ff);
	m->act = xcalloc((size_t)p->n_used, sizeof *m->act);
	for (int i = 0; i < p->n_used; i++)
		ok = few_init(&m->act[i], 1, p->n_ff) && ok;
	if (panels)
		ok = act_rows_init(&m->in8, kn, (int)rows, hp->n_embd) == 0 &&
		    act_rows_init(&m->ff8, kn, (int)rows, p->n_ff) == 0 && ok;
	return ok && m->logits && m->route && m->first && m->row &&
	    m->weight && m->in && m->ff ? 0 : -1;
}

void
moe_done(struct moe *m, const struct hparams *hp)
{
	for (int i = 0; m->act && i < hp->moe.n_used; i++)
		few_done(&m->act[i]);
	free(m->act);
	act_rows_done(&m->in8);
	act_rows_done(&m->ff8);
	free(m->logits);
	free(m->route);
	free(m->first);
	free(m->row);
	free(m->weight);
	free(m->in);
	free(m->ff);
	*m = (struct moe){ 0 };
}

/* ---- routing (DeepSeek-V3, arXiv 2412.19437, section 2.1.2) ---- */

/* What a group of n experts is worth: its best two together where there is a
 * bias (DeepSeek-V3), else its best (DeepSeek-V2). */
static float
group_score(const float *s, int n, bool two)
{
	float best = -INFINITY, second = -INFINITY;

	for (int i = 0; i < n; i++) {
		if (s[i] > best) {
			second = best;
			best = s[i];
		} else if (s[i] > second) {
			second = s[i];
		}
	}
	return two && n > 1 ? best + second : best;
}

/* Index of the largest of n values, the first of equals; any if there are
 * only infinities and NaN. */
static int
best_of(const float *x, int n, const bool *taken)
{
	int best = -1;

	for (int i = 0; i < n; i++)
		if (!taken[i] && (best < 0 || x[i] > x[best]))
			best = i;
	return best;
}

/* Put all groups but the best out of the choice. */
static void
limit_groups(const struct moe_params *p, float *choice, bool two)
{
	float score[MODEL_MAX_EXPERT];
	bool kept[MODEL_MAX_EXPERT] = { false };
	int size = p->n_expert / p->n_group;

	for (int g = 0; g < p->n_group; g++)
		score[g] = group_score(choice + g * size, size, two);
	for (int i = 0; i < p->n_group_used; i++)
		kept[best_of(score, p->n_group, kept)] = true;
	for (int e = 0; e < p->n_expert; e++)
		if (!kept[e / size])
			choice[e] = -INFINITY;
}

static void
softmax(float *x, int n)
{
	float max = -INFINITY;
	float sum = kern_scalar()->exps(x, n, &max);

	scale_row(x, 1.0f / sum, n);
}

void
moe_route(const struct moe_params *p, float *logits, const float *bias,
    struct route *out)
{
	float choice[MODEL_MAX_EXPERT], sum = 0.0f;
	bool taken[MODEL_MAX_EXPERT] = { false };

	if (p->sigmoid)
		for (int e = 0; e < p->n_expert; e++)
			logits[e] = 1.0f / (1.0f + expf(-logits[e]));
	else
		softmax(logits, p->n_expert);
	for (int e = 0; e < p->n_expert; e++)
		choice[e] = logits[e] + (bias ? bias[e] : 0.0f);
	if (p->n_group > 1)
		limit_groups(p, choice, bias != NULL);
	for (int i = 0; i < p->n_used; i++) {
		int e = best_of(choice, p->n_expert, taken);

		taken[e] = true;
		out[i] = (struct route){ e, logits[e] };
		sum += logits[e];
	}
	if (p->norm)
		for (int i = 0; i < p->n_used; i++)
			out[i].weight /= sum > WEIGHT_SUM_MIN ? sum :
			    WEIGHT_SUM_MIN;
	for (int i = 0; i < p->n_used; i++)
		out[i].weight *= p->scale;
}

/* Were they chosen evenly. */
int
moe_touched(const struct moe_params *p, int n)
{
	double missed = pow(1.0 - (double)p->n_used / p->n_expert, n);

	return (int)(p->n_expert * (1.0 - missed) + 0.5);
}

/* ---- experts that come from the disk ---- */

/* Have the kernel read an expert while others are computed. */
static void
will_need(const struct weight *w, int expert)
{
	paging_fetch(weight_slice(w, expert).data, w->slice_bytes);
}

static void
fetch_expert(const struct forward *f, const struct layer *l, int e)
{
	if (!f->paged)
		return;
	will_need(&l->gate_exps, e);
	will_need(&l->up_exps, e);
	will_need(&l->down_exps, e);
}

/* ---- one token ---- */

struct token_job {
	struct forward *f;
	const struct layer *l;
	const float *xn;	/* the token's */
	float *x;
	float *t_gate[MODEL_MAX_EXPERT_USED], *t_up[MODEL_MAX_EXPERT_USED];
	float *t_down[MODEL_MAX_EXPERT_USED];
};

static void
gate_up_task(void *ud, int task, int worker)
{
	const struct token_job *j = ud;
	struct forward *f = j->f;
	const struct kern *kn = f->env.kn;
	int n_ff = f->m->hp.moe.n_ff, per = pieces(n_ff, ROWS);
	int slot = task / per, e = f->moe.route[slot].expert;
	int r = task % per * ROWS, n = min_int(n_ff - r, ROWS);
	struct weight gate = weight_slice(&j->l->gate_exps, e);
	struct weight up = weight_slice(&j->l->up_exps, e);
	float *out = f->moe.ff + (size_t)slot * (size_t)n_ff + r, tmp[ROWS];

	(void)worker;
	linear_rows(kn, &gate, r, n, &f->input, j->t_gate[slot], out, n);
	linear_rows(kn, &up, r, n, &f->input, j->t_up[slot], tmp, n);
	linear_glu(kn, f->m->hp.glu, out, tmp, n);
}

static void
down_task(void *ud, int task, int worker)
{
	const struct token_job *j = ud;
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	int r = task * ROWS, n = min_int(hp->n_embd - r, ROWS);
	float tmp[ROWS];

	(void)worker;
	for (int i = 0; i < hp->moe.n_used; i++) {
		const struct route *to = &f->moe.route[i];
		struct weight w = weight_slice(&j->l->down_exps, to->expert);

		linear_rows(f->env.kn, &w, r, n, &f->moe.act[i],
		    j->t_down[i], tmp, n);
		f->env.kn->axpy(j->x + r, to->weight, tmp, n);
	}
}

static bool
token_steps(struct token_job *j)
{
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	const struct moe_params *p = &hp->moe;
	int per = pieces(p->n_ff, ROWS);

	for (int i = 0; i < p->n_used; i++) {
		int e = f->moe.route[i].expert;
		struct weight gate = weight_slice(&j->l->gate_exps, e);
		struct weight up = weight_slice(&j->l->up_exps, e);

		j->t_gate[i] = linear_down(&gate, j->xn, 1);
		j->t_up[i] = linear_down(&up, j->xn, 1);
	}
	if (!pool_each(f->env.pool, p->n_used * per, gate_up_task, j))
		return false;
	for (int i = 0; i < p->n_used; i++) {
		const float *ff = f->moe.ff + (size_t)i * (size_t)p->n_ff;
		struct weight w = weight_slice(&j->l->down_exps,
		    f->moe.route[i].expert);

		few_fill(&f->moe.act[i], f->env.kn, ff, 1, p->n_ff);
		j->t_down[i] = linear_down(&w, ff, 1);
	}
	return pool_each(f->env.pool, pieces(hp->n_embd, ROWS), down_task, j);
}

bool
moe_token(struct forward *f, const struct layer *l, int row)
{
	const struct moe_params *p = &f->m->hp.moe;
	const struct linear router = { &l->router, f->moe.logits, false };
	size_t at = (size_t)row * (size_t)f->m->hp.n_embd;
	struct token_job j = { .f = f, .l = l, .xn = f->xn + at,
		.x = f->x + at };
	bool done;

	few_fill(&f->input, f->env.kn, j.xn, 1, f->m->hp.n_embd);
	if (!linear_few(&f->env, &f->input, &router, 1, GLU_NONE))
		return false;
	moe_route(p, f->moe.logits, l->router_bias, f->moe.route);
	for (int i = 0; i < p->n_used; i++)
		fetch_expert(f, l, f->moe.route[i].expert);
	done = token_steps(&j);
	for (int i = 0; i < p->n_used; i++) {
		free(j.t_gate[i]);
		free(j.t_up[i]);
		free(j.t_down[i]);
	}
	return done;
}

/* ---- a batch ---- */

struct batch_job {
	struct forward *f;
	const struct layer *l;
	int step, per;		/* rows of a panel, panels of an expert */
};

/* Sort the n * n_used ways by expert and put their inputs side by side. */
static void
sort_by_expert(struct forward *f, int n)
{
	const struct moe_params *p = &f->m->hp.moe;
	struct moe *m = &f->moe;
	size_t width = (size_t)f->m->hp.n_embd;
	int ways = n * p->n_used;

	memset(m->first, 0, ((size_t)p->n_expert + 1) * sizeof *m->first);
	for (int i = 0; i < ways; i++)
		m->first[m->route[i].expert + 1]++;
	for (int e = 0; e < p->n_expert; e++)
		m->first[e + 1] += m->first[e];
	for (int i = 0; i < ways; i++) {
		/* first[e] runs through e's rows, then is put back */
		int at = m->first[m->route[i].expert]++;

		m->row[at] = i / p->n_used;
		m->weight[at] = m->route[i].weight;
		memcpy(m->in + (size_t)at * width,
		    f->xn + (size_t)(i / p->n_used) * width,
		    width * sizeof *m->in);
	}
	for (int e = p->n_expert; e > 0; e--)
		m->first[e] = m->first[e - 1];
	m->first[0] = 0;
}

/* The rows x of experts' inputs as panels need them, where their products go
 * through these. */
static bool
fill_8(const struct forward *f, struct act_rows *x8, const float *x, int rows,
    const struct weight *a, const struct weight *b)
{
	const struct kern *kn = f->env.kn;

	if (!f->env.x8 || !(panel_takes(kn, a->type) ||
	    panel_takes(kn, b->type)))
		return true;
	return act_rows_fill(x8, f->env.pool, kn, x, rows, a->in);
}

/* Those of one expert, from row `first` on, through *view; NULL where prompts
 * are in F32. */
static const struct act_rows *
view_8(const struct forward *f, const struct act_rows *x8, int first,
    struct act_rows *view)
{
	if (!f->env.x8)
		return NULL;
	*view = act_rows_from(x8, first);
	return view;
}

static void
panel_gate_up(void *ud, int task, int worker)
{
	const struct batch_job *j = ud;
	struct forward *f = j->f;
	const struct kern *kn = f->env.kn;
	const struct hparams *hp = &f->m->hp;
	int e = task / j->per, r = task % j->per * j->step, n_ff = hp->moe.n_ff;
	int first = f->moe.first[e], rows = f->moe.first[e + 1] - first;
	int n = min_int(n_ff - r, j->step);
	struct weight gate, up;
	struct act_rows view;
	const struct act_rows *x8;
	const float *x = f->moe.in + (size_t)first * (size_t)hp->n_embd;
	float *out = f->moe.ff + (size_t)first * (size_t)n_ff + r;
	float *panel = f->scratch[worker];
	float *tmp = panel + linear_panel_floats(hp->n_embd), *t;

	if (rows == 0)
		return;
	x8 = view_8(f, &f->moe.in8, first, &view);
	gate = weight_slice(&j->l->gate_exps, e);
	up = weight_slice(&j->l->up_exps, e);
	t = linear_down(&gate, x, rows);
	linear_panel(kn, &gate, r, n, x, x8, rows, t, panel, out, n_ff);
	free(t);
	t = linear_down(&up, x, rows);
	linear_panel(kn, &up, r, n, x, x8, rows, t, panel, tmp, n);
	free(t);
	for (int i = 0; i < rows; i++, out += n_ff, tmp += n)
		linear_glu(kn, hp->glu, out, tmp, n);
}

/* Some columns of the result, for all experts one after the other. */
static void
panel_down(void *ud, int task, int worker)
{
	const struct batch_job *j = ud;
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	struct moe *m = &f->moe;
	int r = task * j->step, n_ff = hp->moe.n_ff;
	int n = min_int(hp->n_embd - r, j->step);
	float *panel = f->scratch[worker];
	float *tmp = panel + linear_panel_floats(n_ff);

	for (int e = 0; e < hp->moe.n_expert; e++) {
		int first = m->first[e], rows = m->first[e + 1] - first;
		const float *ff = m->ff + (size_t)first * (size_t)n_ff;
		struct act_rows view;
		struct weight w;
		float *t;

		if (rows == 0)
			continue;
		w = weight_slice(&j->l->down_exps, e);
		t = linear_down(&w, ff, rows);
		linear_panel(f->env.kn, &w, r, n, ff, view_8(f, &m->ff8,
		    first, &view), rows, t, panel, tmp, n);
		free(t);
		for (int i = 0; i < rows; i++)
			f->env.kn->axpy(f->x + (size_t)m->row[first + i] *
			    (size_t)hp->n_embd + r, m->weight[first + i],
			    tmp + (size_t)i * (size_t)n, n);
		if (!pool_goes_on(f->env.pool, worker))
			return;
	}
}

bool
moe_batch(struct forward *f, const struct layer *l, int n)
{
	const struct hparams *hp = &f->m->hp;
	const struct moe_params *p = &hp->moe;
	const struct linear router = { &l->router, f->moe.logits, false };
	struct batch_job j = { .f = f, .l = l };

	if (!linear_mat(&f->env, f->xn, n, &router, 1, GLU_NONE))
		return false;
	for (int i = 0; i < n; i++)
		moe_route(p, f->moe.logits + (size_t)i * (size_t)p->n_expert,
		    l->router_bias, f->moe.route + (size_t)i *
		    (size_t)p->n_used);
	sort_by_expert(f, n);
	for (int e = 0; e < p->n_expert; e++)
		if (f->moe.first[e + 1] > f->moe.first[e])
			fetch_expert(f, l, e);
	if (!fill_8(f, &f->moe.in8, f->moe.in, n * p->n_used, &l->gate_exps,
	    &l->up_exps))
		return false;
	j.step = min_int(linear_panel_rows(&f->env, &l->gate_exps),
	    linear_panel_rows(&f->env, &l->up_exps));
	j.per = pieces(p->n_ff, j.step);
	if (!pool_each(f->env.pool, p->n_expert * j.per, panel_gate_up, &j))
		return false;
	if (!fill_8(f, &f->moe.ff8, f->moe.ff, n * p->n_used, &l->down_exps,
	    &l->down_exps))
		return false;
	j.step = linear_panel_rows(&f->env, &l->down_exps);
	return pool_each(f->env.pool, pieces(hp->n_embd, j.step), panel_down,
	    &j);
}
