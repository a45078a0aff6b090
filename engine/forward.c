/* forward.c -- see forward.h.  Each layer is a few steps of the pool; what
 * costs less than waking the others is done by the calling thread between
 * them. */
#include "forward.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define TOKEN_CHUNK 16		/* tokens in a chunk of the elementwise steps */

/* ---- memory ---- */

static float *
floats(size_t rows, size_t width)
{
	/* rows and width are bounded by model.h: no overflow */
	return calloc(rows * width, sizeof(float));
}

static void
act_init(struct act *a, int n)
{
	*a = (struct act){ .n = n };
	a->q = xcalloc((size_t)n, sizeof *a->q);
	a->d = xcalloc((size_t)n / ACT_GROUP, sizeof *a->d);
	a->sum = xcalloc((size_t)n / 16, sizeof *a->sum);
}

static void
act_done(struct act *a)
{
	free(a->q);
	free(a->d);
	free(a->sum);
}

static int
max_int(int a, int b)
{
	return a > b ? a : b;
}

static size_t
scratch_floats(const struct hparams *hp, int batch)
{
	int in = max_int(max_int(hp->n_embd, hp->n_ff), hp->n_head * hp->dv);
	size_t linear = linear_scratch(in, batch);
	size_t attn = attn_scratch(hp);

	return linear > attn ? linear : attn;
}

static int
alloc_buffers(struct forward *f, int threads)
{
	const struct hparams *hp = &f->m->hp;
	size_t b = (size_t)f->batch;
	size_t head = (size_t)hp->n_head, head_kv = (size_t)hp->n_head_kv;

	f->x = floats(b, (size_t)hp->n_embd);
	f->xn = floats(b, (size_t)hp->n_embd);
	f->q = floats(b, head * (size_t)hp->dk);
	f->k = floats(b, head_kv * (size_t)hp->dk);
	f->v = floats(b, head_kv * (size_t)hp->dv);
	f->att = floats(b, head * (size_t)hp->dv);
	f->ff = floats(b, (size_t)hp->n_ff);
	f->logits = floats(1, (size_t)hp->n_vocab);
	f->state = calloc(b * head, sizeof *f->state);
	f->scratch = xcalloc((size_t)threads, sizeof *f->scratch);
	for (int i = 0; i < threads; i++) {
		f->scratch[i] = floats(1, scratch_floats(hp, f->batch));
		if (!f->scratch[i])
			return -1;
	}
	return f->x && f->xn && f->q && f->k && f->v && f->att && f->ff &&
	    f->logits && f->state ? 0 : -1;
}

int
forward_init(struct forward *f, const struct model *m, const struct kern *kn,
    struct pool *pool, enum kv_type kv, int context, struct err *err)
{
	const struct hparams *hp = &m->hp;

	*f = (struct forward){ .m = m, .env = { .pool = pool, .kn = kn },
		.batch = context < FORWARD_BATCH ? context : FORWARD_BATCH };
	act_init(&f->act_embd, hp->n_embd);
	act_init(&f->act_att, hp->n_head * hp->dv);
	act_init(&f->act_ff, hp->n_ff);
	if (alloc_buffers(f, pool_threads(pool))) {
		forward_done(f);
		return err_set(err, "not enough memory to compute with this "
		    "model; close other programs or take a smaller model");
	}
	f->env.scratch = f->scratch;
	if (kv_init(&f->kv, kv, hp->n_layer, hp->n_head_kv, hp->dk, hp->dv,
	    context, err) ||
	    rope_init(&f->rope, &hp->rope, m->rope_freqs, context, err)) {
		forward_done(f);
		return -1;
	}
	return 0;
}

void
forward_done(struct forward *f)
{
	int threads = f->scratch ? pool_threads(f->env.pool) : 0;

	kv_done(&f->kv);
	rope_done(&f->rope);
	act_done(&f->act_embd);
	act_done(&f->act_att);
	act_done(&f->act_ff);
	for (int i = 0; i < threads; i++)
		free(f->scratch[i]);
	free(f->scratch);
	free(f->x);
	free(f->xn);
	free(f->q);
	free(f->k);
	free(f->v);
	free(f->att);
	free(f->ff);
	free(f->state);
	free(f->logits);
	free(f->rows);
	*f = (struct forward){ 0 };
}

/* ---- one token ---- */

static void
embed(struct forward *f, int32_t tok, float *x)
{
	const struct weight *w = &f->m->tok_embd;

	f->env.kn->dequant(w->type, w->data + tok * w->row_bytes, x, w->in);
}

/* Norm row x into y and put it into 8 bits. */
static void
norm_act(struct forward *f, const float *x, const float *w, struct act *a)
{
	const struct kern *kn = f->env.kn;

	kn->rms_norm(f->xn, x, w, (int)a->n, f->m->hp.eps);
	a->f = f->xn;
	kn->quantize(a);
}

/* Rotate what the projections gave for row `row`, at position pos; keys and
 * values go to the cache, queries take the scale of the scores. */
static void
place(struct forward *f, int il, int row, int pos)
{
	const struct hparams *hp = &f->m->hp;
	int nq = hp->n_head * hp->dk;
	float *q = f->q + (size_t)row * (size_t)nq;
	float *k = f->k + (size_t)row * (size_t)(hp->n_head_kv * hp->dk);
	float *v = f->v + (size_t)row * (size_t)(hp->n_head_kv * hp->dv);

	rope_turn(&f->rope, q, hp->n_head, hp->dk, pos);
	rope_turn(&f->rope, k, hp->n_head_kv, hp->dk, pos);
	for (int i = 0; i < nq; i++)
		q[i] *= hp->attn_scale;
	for (int h = 0; h < hp->n_head_kv; h++)
		kv_put(&f->kv, f->env.kn, il, h, pos, k + h * hp->dk,
		    v + h * hp->dv);
}

static bool
token_layer(struct forward *f, int il, int pos)
{
	const struct layer *l = &f->m->layers[il];
	const struct linear qkv[] = { { &l->wq, f->q, false },
		{ &l->wk, f->k, false }, { &l->wv, f->v, false } };
	const struct linear o = { &l->wo, f->x, true };
	const struct linear gate_up[] = { { &l->gate, f->ff, false },
		{ &l->up, NULL, false } };
	const struct linear down = { &l->down, f->x, true };

	norm_act(f, f->x, l->attn_norm, &f->act_embd);
	if (!linear_vec(&f->env, &f->act_embd, qkv, 3, GLU_NONE))
		return false;
	place(f, il, 0, pos);
	if (!attn_token(f, il, pos))
		return false;
	f->act_att.f = f->att;
	f->env.kn->quantize(&f->act_att);
	if (!linear_vec(&f->env, &f->act_att, &o, 1, GLU_NONE))
		return false;

	norm_act(f, f->x, l->ffn_norm, &f->act_embd);
	if (!linear_vec(&f->env, &f->act_embd, gate_up, 2, GLU_SILU))
		return false;
	f->act_ff.f = f->ff;
	f->env.kn->quantize(&f->act_ff);
	return linear_vec(&f->env, &f->act_ff, &down, 1, GLU_NONE);
}

bool
forward_token(struct forward *f, int32_t tok, int pos)
{
	const struct linear head = { &f->m->output, f->logits, false };

	rope_fill(&f->rope, pos + 1);
	embed(f, tok, f->x);
	for (int il = 0; il < f->m->hp.n_layer; il++)
		if (!token_layer(f, il, pos))
			return false;
	norm_act(f, f->x, f->m->output_norm, &f->act_embd);
	return linear_vec(&f->env, &f->act_embd, &head, 1, GLU_NONE);
}

bool
forward_logits(struct forward *f, int row)
{
	const struct model *m = f->m;
	const struct linear head = { &m->output, f->logits, false };

	f->env.kn->rms_norm(f->xn, f->x + (size_t)row * (size_t)m->hp.n_embd,
	    m->output_norm, m->hp.n_embd, m->hp.eps);
	return linear_mat(&f->env, f->xn, 1, &head, 1, GLU_NONE);
}

/* ---- a batch ---- */

struct rows_job {
	struct forward *f;
	const int32_t *tok;
	const float *norm;
	int il, n, pos;
};

static int
rows_end(const struct rows_job *j, int chunk)
{
	int end = (chunk + 1) * TOKEN_CHUNK;

	return end < j->n ? end : j->n;
}

static void
embed_rows(void *ud, int chunk, int worker)
{
	const struct rows_job *j = ud;
	size_t n = (size_t)j->f->m->hp.n_embd;

	(void)worker;
	for (int i = chunk * TOKEN_CHUNK; i < rows_end(j, chunk); i++)
		embed(j->f, j->tok[i], j->f->x + (size_t)i * n);
}

static void
norm_rows(void *ud, int chunk, int worker)
{
	const struct rows_job *j = ud;
	const struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;

	(void)worker;
	for (int i = chunk * TOKEN_CHUNK; i < rows_end(j, chunk); i++) {
		size_t at = (size_t)i * (size_t)hp->n_embd;

		f->env.kn->rms_norm(f->xn + at, f->x + at, j->norm,
		    hp->n_embd, hp->eps);
	}
}

static void
place_rows(void *ud, int chunk, int worker)
{
	const struct rows_job *j = ud;

	(void)worker;
	for (int i = chunk * TOKEN_CHUNK; i < rows_end(j, chunk); i++)
		place(j->f, j->il, i, j->pos + i);
}

static bool
each_row(struct rows_job *j, void (*fn)(void *ud, int chunk, int worker))
{
	return pool_each(j->f->env.pool,
	    (j->n + TOKEN_CHUNK - 1) / TOKEN_CHUNK, fn, j);
}

static bool
norm_batch(struct forward *f, const float *norm, int n)
{
	struct rows_job j = { .f = f, .norm = norm, .n = n };

	return each_row(&j, norm_rows);
}

static bool
batch_layer(struct forward *f, int il, int n, int pos)
{
	const struct layer *l = &f->m->layers[il];
	const struct linear qkv[] = { { &l->wq, f->q, false },
		{ &l->wk, f->k, false }, { &l->wv, f->v, false } };
	const struct linear o = { &l->wo, f->x, true };
	const struct linear gate_up[] = { { &l->gate, f->ff, false },
		{ &l->up, NULL, false } };
	const struct linear down = { &l->down, f->x, true };
	struct rows_job j = { .f = f, .il = il, .n = n, .pos = pos };

	return norm_batch(f, l->attn_norm, n) &&
	    linear_mat(&f->env, f->xn, n, qkv, 3, GLU_NONE) &&
	    each_row(&j, place_rows) && attn_batch(f, il, n, pos) &&
	    linear_mat(&f->env, f->att, n, &o, 1, GLU_NONE) &&
	    norm_batch(f, l->ffn_norm, n) &&
	    linear_mat(&f->env, f->xn, n, gate_up, 2, GLU_SILU) &&
	    linear_mat(&f->env, f->ff, n, &down, 1, GLU_NONE);
}

bool
forward_batch(struct forward *f, const int32_t *tok, int n, int pos,
    void (*layer)(int done, void *ud), void *ud)
{
	struct rows_job j = { .f = f, .tok = tok, .n = n };

	rope_fill(&f->rope, pos + n);
	if (!each_row(&j, embed_rows))
		return false;
	for (int il = 0; il < f->m->hp.n_layer; il++) {
		if (!batch_layer(f, il, n, pos))
			return false;
		if (layer)
			layer(il + 1, ud);
	}
	return true;
}

int
forward_logits_all(struct forward *f, int n, int pos,
    void (*row)(int pos, const float *logits, void *ud), void *ud,
    struct err *err)
{
	const struct hparams *hp = &f->m->hp;
	size_t vocab = (size_t)hp->n_vocab, embd = (size_t)hp->n_embd;

	if (!f->rows)
		f->rows = floats(FORWARD_ROWS, vocab);
	if (!f->rows)
		return err_set(err, "not enough memory for the scores of %d "
		    "positions", FORWARD_ROWS);
	if (!norm_batch(f, f->m->output_norm, n))
		return 1;
	for (int i = 0; i < n; i += FORWARD_ROWS) {
		int rows = n - i < FORWARD_ROWS ? n - i : FORWARD_ROWS;
		const struct linear head = { &f->m->output, f->rows, false };

		if (!linear_mat(&f->env, f->xn + (size_t)i * embd, rows, &head,
		    1, GLU_NONE))
			return 1;
		for (int r = 0; r < rows; r++)
			row(pos + i + r, f->rows + (size_t)r * vocab, ud);
	}
	return 0;
}
