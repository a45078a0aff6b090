/* forward.c -- see forward.h.  The model is written down once, in layer():
 * a pass is a few tokens, each of which is computed as it would be alone, or a
 * batch, whose products go through panels or BLAS.  Each step is dealt to the
 * pool; what costs less than waking the others is done by the calling
 * thread. */
#include "forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "attn.h"
#include "moe.h"
#include "num.h"

#define TOKEN_CHUNK 16		/* tokens in a chunk of the elementwise steps */

/* ---- a pass: the same steps for a few tokens and for a batch ---- */

struct pass {
	struct forward *f;
	const struct layer *l;
	int il, n, pos;		/* layer; tokens, from position pos on */
	bool few;		/* each as it would be alone */
};

/* A step on every row by itself. */
struct rows_job {
	struct pass *p;
	void (*row)(const struct rows_job *j, int i);
	const int32_t *tok;
	const float *src, *w;
	float *dst;
	int width;
};

static void
rows_chunk(void *ud, int chunk, int worker)
{
	const struct rows_job *j = ud;
	int i = chunk * TOKEN_CHUNK, end = min_int(i + TOKEN_CHUNK, j->p->n);

	(void)worker;
	for (; i < end; i++)
		j->row(j, i);
}

static bool
each_row(struct rows_job j)
{
	if (j.p->n <= TOKEN_CHUNK) {
		rows_chunk(&j, 0, 0);
		return true;
	}
	return pool_each(j.p->f->env.pool, pieces(j.p->n, TOKEN_CHUNK),
	    rows_chunk, &j);
}

static void
embed_row(const struct rows_job *j, int i)
{
	struct forward *f = j->p->f;
	const struct weight *w = &f->m->tok_embd;
	float *x = f->x + (size_t)i * (size_t)w->in;

	f->env.kn->dequant(w->type, w->data + j->tok[i] * w->row_bytes, x,
	    w->in);
	lora_embed(w->lora, j->tok[i], x);
	if (f->m->hp.embd_scale != 1.0f)
		scale_row(x, f->m->hp.embd_scale, w->in);
}

static void
norm_row(const struct rows_job *j, int i)
{
	size_t at = (size_t)i * (size_t)j->width;

	j->p->f->env.kn->rms_norm(j->dst + at, j->src + at, j->w, j->width,
	    j->p->f->m->hp.eps);
}

static bool
norm(struct pass *p, const float *src, const float *w, int width, float *dst)
{
	return each_row((struct rows_job){ .p = p, .row = norm_row,
	    .src = src, .w = w, .dst = dst, .width = width });
}

/* x += xn, normed. */
static void
add_normed_row(const struct rows_job *j, int i)
{
	struct forward *f = j->p->f;
	int n = f->m->hp.n_embd;
	float *x = f->x + (size_t)i * (size_t)n;
	float *y = f->xn + (size_t)i * (size_t)n;

	f->env.kn->rms_norm(y, y, j->w, n, f->m->hp.eps);
	f->env.kn->axpy(x, 1.0f, y, n);
}

/* Products of the rows x with matrices that share them. */
static bool
multiply(struct pass *p, const float *x, const struct linear *l, int n,
    enum glu glu)
{
	struct forward *f = p->f;

	for (int i = 0; i < n; i++)
		profile_bytes(&f->profile, l[i].w->slice_bytes);
	if (!p->few)
		return linear_mat(&f->env, x, p->n, l, n, glu);
	few_fill(&f->input, f->env.kn, x, p->n, l[0].w->in);
	return linear_few(&f->env, &f->input, l, n, glu);
}

/* x += w y; or, on models that norm what is added, x += norm(w y). */
static bool
add_product(struct pass *p, const float *y, const struct weight *w,
    const float *post_norm)
{
	const struct linear l = { w, post_norm ? p->f->xn : p->f->x,
		!post_norm };

	if (!multiply(p, y, &l, 1, GLU_NONE))
		return false;
	return !post_norm || each_row((struct rows_job){ .p = p,
	    .row = add_normed_row, .w = post_norm });
}

/* The time since the last lap was step s's. */
static bool
lap(const struct pass *p, enum step s)
{
	profile_lap(&p->f->profile, p->few, s);
	return true;
}

/* ---- attention ---- */

static void
norm_heads(const struct forward *f, float *x, const float *w, int n)
{
	const struct hparams *hp = &f->m->hp;

	for (int h = 0; w && h < n; h++, x += hp->dk)
		f->env.kn->rms_norm(x, x, w, hp->dk, hp->eps);
}

/* Rotate what the projections gave for a row; keys and values go to the
 * cache, queries take the scale of the scores. */
static void
place_row(const struct rows_job *j, int i)
{
	const struct pass *p = j->p;
	struct forward *f = p->f;
	const struct hparams *hp = &f->m->hp;
	const struct rope *r = p->l->sliding ? &f->rope_sliding : &f->rope;
	int nq = hp->n_head * hp->dk, pos = p->pos + i;
	float *q = f->q + (size_t)i * (size_t)nq;
	float *k = f->k + (size_t)i * (size_t)(hp->n_head_kv * hp->dk);
	float *v = f->v + (size_t)i * (size_t)(hp->n_head_kv * hp->dv);

	norm_heads(f, q, p->l->q_norm, hp->n_head);
	norm_heads(f, k, p->l->k_norm, hp->n_head_kv);
	rope_turn(r, q, hp->n_head, hp->dk, pos);
	rope_turn(r, k, hp->n_head_kv, hp->dk, pos);
	scale_row(q, hp->attn_scale, nq);
	for (int h = 0; h < hp->n_head_kv; h++)
		kv_put(&f->kv, f->env.kn, p->il, h, pos, k + h * hp->dk,
		    v + h * hp->dv);
}

static bool
project(struct pass *p)
{
	struct forward *f = p->f;
	const struct layer *l = p->l;
	const struct linear qkv[] = { { &l->wq, f->q, false },
		{ &l->wk, f->k, false }, { &l->wv, f->v, false } };

	return multiply(p, f->xn, qkv, 3, GLU_NONE) &&
	    each_row((struct rows_job){ .p = p, .row = place_row });
}

/* Latent attention: what is cached is the normed latent and the one key that
 * turns; of a query its last values turn. */
static void
place_latent_row(const struct rows_job *j, int i)
{
	const struct pass *p = j->p;
	struct forward *f = p->f;
	const struct hparams *hp = &f->m->hp;
	int nq = hp->n_head * hp->dk, pos = p->pos + i, rank = hp->mla.kv_rank;
	float *q = f->q + (size_t)i * (size_t)nq;
	float *k = f->k + (size_t)i * (size_t)(rank + hp->rope.n_rot);

	f->env.kn->rms_norm(k, k, p->l->kv_a_norm, rank, hp->eps);
	rope_turn(&f->rope, k + rank, 1, hp->rope.n_rot, pos);
	rope_turn(&f->rope, q + hp->mla.nope, hp->n_head, hp->dk, pos);
	scale_row(q, hp->attn_scale, nq);
	kv_put(&f->kv, f->env.kn, p->il, 0, pos, k, NULL);
}

static bool
project_latent(struct pass *p)
{
	struct forward *f = p->f;
	const struct layer *l = p->l;
	bool factors = f->m->hp.mla.q_rank > 0;
	const struct linear in[] = {
		{ &l->wkv_a, f->k, false },
		{ factors ? &l->wq_a : &l->wq, factors ? f->q_a : f->q, false }
	};
	const struct linear q = { &l->wq_b, f->q, false };

	return multiply(p, f->xn, in, 2, GLU_NONE) &&
	    (!factors || (norm(p, f->q_a, l->q_a_norm, f->m->hp.mla.q_rank,
	    f->q_a) && multiply(p, f->q_a, &q, 1, GLU_NONE))) &&
	    each_row((struct rows_job){ .p = p, .row = place_latent_row });
}

static bool
attend_each(struct pass *p)
{
	if (!p->few)
		return attn_batch(p->f, p->il, p->n, p->pos);
	for (int i = 0; i < p->n; i++)
		if (!attn_token(p->f, p->il, i, p->pos + i))
			return false;
	return true;
}

static bool
attend(struct pass *p)
{
	struct forward *f = p->f;
	const struct layer *l = p->l;

	return norm(p, f->x, l->attn_norm, f->m->hp.n_embd, f->xn) &&
	    lap(p, STEP_NORM) &&
	    (f->m->hp.mla.kv_rank ? project_latent(p) : project(p)) &&
	    lap(p, STEP_PROJECT) &&
	    attend_each(p) && lap(p, STEP_ATTEND) &&
	    add_product(p, f->att, &l->wo, l->attn_post_norm) &&
	    lap(p, STEP_OUTPUT);
}

/* ---- feed-forward ---- */

static bool
gated(struct pass *p, const struct weight *gate, const struct weight *up,
    const struct weight *down)
{
	struct forward *f = p->f;
	const struct linear gate_up[] = { { gate, f->ff, false },
		{ up, NULL, false } };

	return multiply(p, f->xn, gate_up, 2, f->m->hp.glu) &&
	    lap(p, STEP_GATE_UP) &&
	    add_product(p, f->ff, down, p->l->ffn_post_norm) &&
	    lap(p, STEP_DOWN);
}

static bool
experts(struct pass *p)
{
	if (!p->few)
		return moe_batch(p->f, p->l, p->n);
	for (int i = 0; i < p->n; i++)
		if (!moe_token(p->f, p->l, i))
			return false;
	return true;
}

static bool
feed(struct pass *p)
{
	struct forward *f = p->f;
	const struct layer *l = p->l;

	if (!norm(p, f->x, l->ffn_norm, f->m->hp.n_embd, f->xn))
		return false;
	lap(p, STEP_NORM);
	if (!l->router.in)
		return gated(p, &l->gate, &l->up, &l->down);
	if (l->gate_shared.in && !gated(p, &l->gate_shared, &l->up_shared,
	    &l->down_shared))
		return false;
	if (f->profile.on)
		profile_bytes(&f->profile, (l->gate_exps.slice_bytes +
		    l->up_exps.slice_bytes + l->down_exps.slice_bytes) *
		    moe_touched(&f->m->hp.moe, p->n));
	return experts(p) && lap(p, STEP_EXPERTS);
}

/* ---- the model ---- */

static bool
layer(struct pass *p, int il)
{
	p->il = il;
	p->l = &p->f->m->layers[il];
	return attend(p) && feed(p);
}

static bool
embed(struct pass *p, const int32_t *tok)
{
	struct forward *f = p->f;

	rope_fill(&f->rope, p->pos + p->n);
	if (f->m->hp.window)
		rope_fill(&f->rope_sliding, p->pos + p->n);
	if (p->pos == 0)
		f->top = f->lost = 0;
	f->top = max_int(f->top, p->pos + p->n);
	f->lost = max_int(f->lost, f->top - f->ring);
	profile_start(&f->profile, p->few, p->n);
	return each_row((struct rows_job){ .p = p, .row = embed_row,
	    .tok = tok }) && lap(p, STEP_EMBED);
}

int
forward_keeps(struct forward *f, int n)
{
	bool lost = f->m->hp.window > 0 &&
	    max_int(0, n - f->m->hp.window + 1) < f->lost;

	return lost ? 0 : n;
}

static void
cap(const struct hparams *hp, float *logits)
{
	float c = hp->logit_cap;

	for (int i = 0; c > 0.0f && i < hp->n_vocab; i++)
		logits[i] = c * tanhf(logits[i] / c);
}

/* The scores of the first p->n rows of xn. */
static bool
score(struct pass *p, float *logits)
{
	const struct hparams *hp = &p->f->m->hp;
	const struct linear head = { &p->f->m->output, logits, false };

	if (!multiply(p, p->f->xn, &head, 1, GLU_NONE))
		return false;
	for (int i = 0; i < p->n; i++)
		cap(hp, logits + (size_t)i * (size_t)hp->n_vocab);
	return lap(p, STEP_HEAD);
}

/* Rows from x on are normed into xn. */
static bool
norm_output(struct pass *p, const float *x)
{
	return norm(p, x, p->f->m->output_norm, p->f->m->hp.n_embd, p->f->xn);
}

bool
forward_few(struct forward *f, const int32_t *tok, int n, int pos,
    float *logits)
{
	struct pass p = { .f = f, .n = n, .pos = pos, .few = true };

	if (!embed(&p, tok))
		return false;
	for (int il = 0; il < f->m->hp.n_layer; il++)
		if (!layer(&p, il))
			return false;
	return norm_output(&p, f->x) && score(&p, logits);
}

bool
forward_batch(struct forward *f, const int32_t *tok, int n, int pos,
    void (*done)(int layers, void *ud), void *ud)
{
	struct pass p = { .f = f, .n = n, .pos = pos };

	if (!embed(&p, tok))
		return false;
	for (int il = 0; il < f->m->hp.n_layer; il++) {
		if (!layer(&p, il))
			return false;
		if (done)
			done(il + 1, ud);
	}
	return true;
}

bool
forward_logits_rows(struct forward *f, int first, int n, float *logits)
{
	/* one vector in panels is slow, and no more exact but with the rest */
	struct pass p = { .f = f, .n = n, .few = n == 1 && f->env.x8 &&
		!f->env.x8->rest };

	return norm_output(&p, f->x + (size_t)first *
	    (size_t)f->m->hp.n_embd) && score(&p, logits);
}

bool
forward_logits(struct forward *f, int row)
{
	return forward_logits_rows(f, row, 1, f->logits);
}
