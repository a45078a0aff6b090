/* forward.c -- see forward.h.  The model is written down once, in layer():
 * a pass is one token, in which products are with a vector in 8 bits, or a
 * batch, in which they go through BLAS.  Each step is dealt to the pool; what
 * costs less than waking the others is done by the calling thread. */
#include "forward.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "attn.h"
#include "moe.h"
#include "num.h"

#define WIDE 1024		/* n_embd from which prompts are in 8 bits */
#define TOKEN_CHUNK 16		/* tokens in a chunk of the elementwise steps */

/* ---- inputs of products ---- */

bool
forward_input_init(struct input *in, int n)
{
	size_t room = (size_t)round_up(n, ACT_GROUP);

	in->act = (struct act){ 0 };
	in->act.q = calloc(room, sizeof *in->act.q);
	in->act.d = calloc(room / ACT_GROUP, sizeof *in->act.d);
	in->act.sum = calloc(room / 16, sizeof *in->act.sum);
	in->pad = calloc(room, sizeof *in->pad);
	return in->act.q && in->act.d && in->act.sum && in->pad;
}

void
forward_input_done(struct input *in)
{
	free(in->act.q);
	free(in->act.d);
	free(in->act.sum);
	free(in->pad);
}

const struct act *
forward_input(const struct kern *kn, struct input *in, const float *x, int n)
{
	struct act *a = &in->act;

	a->n = round_up(n, ACT_GROUP);
	a->f = x;
	if (a->n != n) {
		memcpy(in->pad, x, (size_t)n * sizeof *x);
		memset(in->pad + n, 0, (size_t)(a->n - n) * sizeof *x);
		a->f = in->pad;
	}
	kn->quantize(a);
	return a;
}

/* ---- memory ---- */

/* The widest vector that any product takes. */
static int
widest(const struct hparams *hp)
{
	int n = max_int(hp->n_embd, hp->n_head * max_int(hp->dk, hp->dv));

	n = max_int(n, max_int(hp->n_ff, hp->moe.n_ff_shared));
	n = max_int(n, max_int(hp->moe.n_ff, hp->mla.q_rank));
	return max_int(n, hp->mla.kv_rank);
}

static size_t
scratch_floats(const struct hparams *hp, int batch)
{
	size_t n = linear_scratch(widest(hp), batch);
	size_t attn = attn_scratch(hp), moe = moe_scratch(hp, batch);

	n = n > attn ? n : attn;
	return n > moe ? n : moe;
}

/* An array of the pass: a row for each token of a batch. */
struct room {
	float **at;
	int width;
};
#define ROOMS 8

static void
rooms(struct forward *f, const struct hparams *hp, struct room r[ROOMS])
{
	bool latent = hp->mla.kv_rank > 0;
	const struct room all[ROOMS] = {
		{ &f->x, hp->n_embd }, { &f->xn, hp->n_embd },
		{ &f->q, hp->n_head * hp->dk }, { &f->q_a, hp->mla.q_rank },
		{ &f->k, latent ? hp->mla.kv_rank + hp->rope.n_rot :
		    hp->n_head_kv * hp->dk },
		{ &f->v, latent ? 0 : hp->n_head_kv * hp->dv },
		{ &f->att, hp->n_head * hp->dv },
		{ &f->ff, max_int(hp->n_ff, hp->moe.n_ff_shared) },
	};

	memcpy(r, all, sizeof all);
}

/* Whether prompts are read in 8 bits, too, as answers are written.  Narrow
 * models are quick enough, and there the rounding shows.  FIKR_PANELS=on or
 * off decides for all, for tests and measurements. */
static bool
in_8_bits(const struct forward *f)
{
	const char *told = getenv("FIKR_PANELS");

	if (!f->env.kn->tile || (told && strcmp(told, "off") == 0))
		return false;
	return f->m->hp.n_embd >= WIDE || (told && strcmp(told, "on") == 0);
}

static int
alloc_buffers(struct forward *f, int threads)
{
	const struct hparams *hp = &f->m->hp;
	size_t b = (size_t)f->batch;
	struct room r[ROOMS];
	bool ok = true;

	rooms(f, hp, r);
	for (int i = 0; i < ROOMS; i++) {
		*r[i].at = calloc(b, (size_t)max_int(r[i].width, 1) *
		    sizeof(float));
		ok = ok && *r[i].at;
	}
	f->logits = calloc((size_t)hp->n_vocab, sizeof *f->logits);
	f->state = calloc(b * (size_t)hp->n_head, sizeof *f->state);
	f->scratch = xcalloc((size_t)threads, sizeof *f->scratch);
	f->inputs = xcalloc((size_t)threads, sizeof *f->inputs);
	for (int i = 0; i < threads; i++) {
		f->scratch[i] = calloc(scratch_floats(hp, f->batch),
		    sizeof(float));
		ok = forward_input_init(&f->inputs[i], widest(hp)) &&
		    f->scratch[i] && ok;
	}
	ok = forward_input_init(&f->input, widest(hp)) && ok;
	ok = (!in_8_bits(f) || act_rows_init(&f->x8, f->batch,
	    widest(hp)) == 0) && ok;
	ok = moe_init(&f->moe, hp, f->batch) == 0 && ok;
	return ok && f->logits && f->state ? 0 : -1;
}

/* Rows that a sliding layer keeps: its window, a batch, and some that may be
 * taken back without reading everything again. */
static int
ring_rows(const struct hparams *hp, int context)
{
	int64_t rows = 2 * (int64_t)hp->window + FORWARD_BATCH;

	return rows < context ? (int)rows : context;
}

static void
kv_specs(const struct model *m, int context, struct kv_spec *s)
{
	const struct hparams *hp = &m->hp;
	int rank = hp->mla.kv_rank;

	for (int il = 0; il < hp->n_layer; il++) {
		s[il] = (struct kv_spec){ .n_head = hp->n_head_kv,
			.dk = hp->dk, .dv = hp->dv, .rows = context };
		if (m->layers[il].sliding)
			s[il].rows = ring_rows(hp, context);
		if (rank)
			s[il] = (struct kv_spec){ .n_head = 1,
				.dk = rank + hp->rope.n_rot, .dv = rank,
				.shared = true, .rows = context };
	}
}

static int
init_cache(struct forward *f, enum kv_type kv, int context, struct err *err)
{
	const struct hparams *hp = &f->m->hp;
	struct kv_spec *s = xcalloc((size_t)hp->n_layer, sizeof *s);
	int r;

	kv_specs(f->m, context, s);
	r = kv_init(&f->kv, kv, s, hp->n_layer, err);
	free(s);
	if (r || rope_init(&f->rope, &hp->rope, f->m->rope_freqs, context,
	    err))
		return -1;
	return hp->window ? rope_init(&f->rope_sliding, &hp->rope_sliding,
	    NULL, context, err) : 0;
}

int
forward_init(struct forward *f, const struct model *m, const struct kern *kn,
    struct pool *pool, enum kv_type kv, int context, bool paged,
    struct err *err)
{
	*f = (struct forward){ .m = m, .env = { .pool = pool, .kn = kn },
		.context = context, .ring = ring_rows(&m->hp, context),
		.paged = paged, .batch = min_int(context, FORWARD_BATCH) };
	if (alloc_buffers(f, pool_threads(pool))) {
		forward_done(f);
		return err_set(err, "not enough memory to compute with this "
		    "model; close other programs or take a smaller model");
	}
	f->env.scratch = f->scratch;
	f->env.x8 = in_8_bits(f) ? &f->x8 : NULL;
	if (init_cache(f, kv, context, err)) {
		forward_done(f);
		return -1;
	}
	return 0;
}

void
forward_done(struct forward *f)
{
	int threads = f->scratch ? pool_threads(f->env.pool) : 0;
	struct room r[ROOMS];

	if (!f->m)
		return;
	kv_done(&f->kv);
	rope_done(&f->rope);
	rope_done(&f->rope_sliding);
	rooms(f, &f->m->hp, r);
	for (int i = 0; i < ROOMS; i++)
		free(*r[i].at);
	for (int i = 0; i < threads; i++) {
		free(f->scratch[i]);
		forward_input_done(&f->inputs[i]);
	}
	forward_input_done(&f->input);
	act_rows_done(&f->x8);
	moe_done(&f->moe, &f->m->hp);
	free(f->scratch);
	free(f->inputs);
	free(f->state);
	free(f->logits);
	free(f->rows);
	*f = (struct forward){ 0 };
}

void
model_needs(const struct model *m, enum kv_type kv, int context,
    struct model_needs *out)
{
	const struct hparams *hp = &m->hp;
	struct kv_spec *s = xcalloc((size_t)hp->n_layer, sizeof *s);
	struct forward none = { 0 };
	struct room r[ROOMS];
	int batch = min_int(context, FORWARD_BATCH);
	int64_t floats = hp->n_vocab + moe_floats(hp, batch) +
	    (int64_t)context * hp->rope.n_rot * (hp->window ? 2 : 1) +
	    (int64_t)scratch_floats(hp, batch);

	rooms(&none, hp, r);
	for (int i = 0; i < ROOMS; i++)
		floats += (int64_t)batch * r[i].width;
	kv_specs(m, context, s);
	*out = (struct model_needs){
		.dense = m->bytes - m->expert_bytes - m->draft_bytes,
		.experts = m->expert_bytes,
		.kv = kv_bytes(kv, s, hp->n_layer),
		.work = floats * (int64_t)sizeof(float) + m->own_bytes };
	free(s);
}

/* ---- a pass: the same steps for one token and for a batch ---- */

struct pass {
	struct forward *f;
	const struct layer *l;
	int il, n, pos;		/* layer; tokens, from position pos on */
	bool token;		/* n is 1, through 8-bit products */
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
		for (int k = 0; k < w->in; k++)
			x[k] *= f->m->hp.embd_scale;
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

	if (!p->token)
		return linear_mat(&f->env, x, p->n, l, n, glu);
	return linear_vec(&f->env, forward_input(f->env.kn, &f->input, x,
	    l[0].w->in), l, n, glu);
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

/* ---- attention ---- */

static void
norm_heads(const struct forward *f, float *x, const float *w, int n)
{
	const struct hparams *hp = &f->m->hp;

	for (int h = 0; w && h < n; h++, x += hp->dk)
		f->env.kn->rms_norm(x, x, w, hp->dk, hp->eps);
}

static void
scale(float *x, float by, int n)
{
	for (int i = 0; i < n; i++)
		x[i] *= by;
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
	scale(q, hp->attn_scale, nq);
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
	scale(q, hp->attn_scale, nq);
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
attend(struct pass *p)
{
	struct forward *f = p->f;
	const struct layer *l = p->l;

	return norm(p, f->x, l->attn_norm, f->m->hp.n_embd, f->xn) &&
	    (f->m->hp.mla.kv_rank ? project_latent(p) : project(p)) &&
	    (p->token ? attn_token(f, p->il, p->pos) :
	    attn_batch(f, p->il, p->n, p->pos)) &&
	    add_product(p, f->att, &l->wo, l->attn_post_norm);
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
	    add_product(p, f->ff, down, p->l->ffn_post_norm);
}

static bool
feed(struct pass *p)
{
	struct forward *f = p->f;
	const struct layer *l = p->l;

	if (!norm(p, f->x, l->ffn_norm, f->m->hp.n_embd, f->xn))
		return false;
	if (!l->router.in)
		return gated(p, &l->gate, &l->up, &l->down);
	if (l->gate_shared.in && !gated(p, &l->gate_shared, &l->up_shared,
	    &l->down_shared))
		return false;
	return p->token ? moe_token(f, l) : moe_batch(f, l, p->n);
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
	return each_row((struct rows_job){ .p = p, .row = embed_row,
	    .tok = tok });
}

int
forward_keeps(struct forward *f, int n)
{
	bool lost = f->m->hp.window > 0 &&
	    max_int(0, n - f->m->hp.window + 1) < f->lost;

	return lost ? 0 : n;
}

static void
cap(const struct forward *f, float *logits)
{
	float c = f->m->hp.logit_cap;

	for (int i = 0; c > 0.0f && i < f->m->hp.n_vocab; i++)
		logits[i] = c * tanhf(logits[i] / c);
}

/* The scores of what is in row 0 of xn. */
static bool
score(struct pass *p)
{
	struct forward *f = p->f;
	const struct linear head = { &f->m->output, f->logits, false };

	if (!multiply(p, f->xn, &head, 1, GLU_NONE))
		return false;
	cap(f, f->logits);
	return true;
}

bool
forward_token(struct forward *f, int32_t tok, int pos)
{
	struct pass p = { .f = f, .n = 1, .pos = pos, .token = true };

	if (!embed(&p, &tok))
		return false;
	for (int il = 0; il < f->m->hp.n_layer; il++)
		if (!layer(&p, il))
			return false;
	return norm(&p, f->x, f->m->output_norm, f->m->hp.n_embd, f->xn) &&
	    score(&p);
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
forward_logits(struct forward *f, int row)
{
	const struct hparams *hp = &f->m->hp;
	/* in panels one vector would be slow, and is no more exact */
	struct pass p = { .f = f, .n = 1, .token = f->env.x8 != NULL };

	f->env.kn->rms_norm(f->xn, f->x + (size_t)row * (size_t)hp->n_embd,
	    f->m->output_norm, hp->n_embd, hp->eps);
	return score(&p);
}

int
forward_logits_all(struct forward *f, int n, int pos,
    void (*row)(int pos, const float *logits, void *ud), void *ud,
    struct err *err)
{
	const struct hparams *hp = &f->m->hp;
	size_t vocab = (size_t)hp->n_vocab, embd = (size_t)hp->n_embd;
	struct pass p = { .f = f, .n = n, .pos = pos };

	if (!f->rows)
		f->rows = calloc(FORWARD_ROWS, vocab * sizeof *f->rows);
	if (!f->rows)
		return err_set(err, "not enough memory for the scores of %d "
		    "positions", FORWARD_ROWS);
	if (!norm(&p, f->x, f->m->output_norm, hp->n_embd, f->xn))
		return 1;
	for (int i = 0; i < n; i += FORWARD_ROWS) {
		int rows = min_int(n - i, FORWARD_ROWS);
		const struct linear head = { &f->m->output, f->rows, false };

		if (!linear_mat(&f->env, f->xn + (size_t)i * embd, rows, &head,
		    1, GLU_NONE))
			return 1;
		for (int r = 0; r < rows; r++) {
			cap(f, f->rows + (size_t)r * vocab);
			row(pos + i + r, f->rows + (size_t)r * vocab, ud);
		}
	}
	return 0;
}
