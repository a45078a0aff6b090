/* attn.c -- causal attention over the cache, for one token or a batch.
 *
 * Keys are taken in blocks, so that scratch is bounded whatever the context;
 * partial results are joined by their log-sum-exp (Milakov and Gimelshein,
 * arXiv 1805.02867).
 *
 * Latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1.2) caches for
 * all heads one vector c and one key that turns.  For one token the
 * projections are absorbed: queries go to the latent space and the mix of
 * latents comes back from it, so that the cache is read as it is.  For a batch
 * each head's keys and values are expanded, which costs less than a third of
 * the products. */
#include "attn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"

#define KEY_BLOCK 256
#define QUERY_BLOCK 64
#define TASK_HEADS 8		/* heads in a task at most */
#define SMALL_WORK (1 << 15)	/* multiply-adds not worth waking others for */

/* The first position that a query at pos sees. */
static int
first_seen(const struct hparams *hp, const struct layer *l, int pos)
{
	return l->sliding ? max_int(0, pos - hp->window + 1) : 0;
}

/* How the result so far and that of one more block make the new result. */
struct share {
	float old, block;
};

static inline float
larger(float a, float b)
{
	return a > b ? a : b;
}

/* Where the largest of n > 0 values is.  In four strands, as one would wait
 * for each comparison before the next. */
static int
find_max(const float *x, int n)
{
	float a = x[0], b = x[0], c = x[0], d = x[0];
	int i = 0;

	for (; i + 4 <= n; i += 4) {
		a = larger(x[i], a);
		b = larger(x[i + 1], b);
		c = larger(x[i + 2], c);
		d = larger(x[i + 3], d);
	}
	for (; i < n; i++)
		a = larger(x[i], a);
	a = larger(larger(a, b), larger(c, d));
	for (i = 0; i < n - 1 && x[i] != a; i++)
		;
	return i;
}

/* Turn the scores of a block of keys into weights within the block, and
 * return what its values and those of the earlier blocks are worth. */
static struct share
take_block(const struct kern *kn, struct attn_state *st, float *score, int n)
{
	int top = find_max(score, n);
	float max = score[top], sum, all;
	struct share sh;

	kn->softmax(score, n);
	sum = 1.0f / score[top];	/* softmax of the top is exp(0)/sum */
	if (st->sum == 0.0f) {
		*st = (struct attn_state){ max, sum };
		return (struct share){ 0.0f, 1.0f };
	}
	if (max > st->max) {
		st->sum *= expf(st->max - max);
		st->max = max;
	} else {
		sum *= expf(max - st->max);
	}
	all = st->sum + sum;
	sh = (struct share){ st->sum / all, sum / all };
	st->sum = all;
	return sh;
}

/* ---- one token ---- */

struct job {
	struct forward *f;
	const struct layer *l;
	int il, n, pos;
	int part;		/* heads in a task */
	float *q, *att;		/* of the one token */
};

/* Heads of one kv head, h0..h0+part-1, whose queries and results lie dq and
 * dout apart: each block of keys is read once for all of them. */
static void
token_heads(const struct job *j, int h0, int kvh, const float *q, int dq,
    float *out, int dout, float *scratch)
{
	struct forward *f = j->f;
	const struct kern *kn = f->env.kn;
	const struct kv_spec *s = &f->kv.layers[j->il].s;
	float *score = scratch + KEY_BLOCK * max_int(s->dk, s->dv);
	int end = j->pos + 1, n;

	for (int i = 0; i < j->part; i++) {
		f->state[h0 + i].sum = 0.0f;
		memset(out + i * dout, 0, (size_t)s->dv * sizeof *out);
	}
	for (int p = first_seen(&f->m->hp, j->l, j->pos); p < end; p += n) {
		n = kv_run(&f->kv, j->il, p, min_int(KEY_BLOCK, end - p));
		kv_scores(&f->kv, kn, j->il, kvh, p, n, q, dq, j->part, score,
		    KEY_BLOCK, scratch);
		for (int i = 0; i < j->part; i++) {
			float *sc = score + i * KEY_BLOCK;
			struct share sh = take_block(kn, &f->state[h0 + i],
			    sc, n);

			if (sh.old > 0.0f) {
				scale_row(out + i * dout, sh.old, s->dv);
				scale_row(sc, sh.block, n);
			}
		}
		kv_mix(&f->kv, kn, j->il, kvh, p, n, score, KEY_BLOCK, j->part,
		    out, dout, scratch);
	}
}

static void
token_task(void *ud, int task, int worker)
{
	const struct job *j = ud;
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	int h0 = task * j->part, group = hp->n_head / hp->n_head_kv;

	token_heads(j, h0, h0 / group, j->q + h0 * hp->dk, hp->dk,
	    j->att + h0 * hp->dv, hp->dv, f->scratch[worker]);
}

/* One vector through slice h of w: out[w->out]. */
static void
through_slice(struct forward *f, int worker, const struct weight *w, int h,
    const float *x, float *out)
{
	struct weight s = weight_slice(w, h);
	const struct kern *kn = f->env.kn;
	struct few *in = &f->inputs[worker];
	float *t = linear_down(&s, x, 1);

	few_fill(in, kn, x, 1, s.in);
	linear_rows(kn, &s, 0, s.out, in, t, out, s.out);
	free(t);
}

/* A query is nope values, then those that turn; what is compared with the
 * cache is kv_rank values instead of the first. */
static void
latent_task(void *ud, int task, int worker)
{
	const struct job *j = ud;
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	int rank = hp->mla.kv_rank, nope = hp->mla.nope;
	int row = rank + hp->rope.n_rot, h0 = task * j->part;
	float *q = f->scratch[worker], *mix = q + j->part * row;

	for (int i = 0; i < j->part; i++) {
		const float *x = j->q + (h0 + i) * hp->dk;

		through_slice(f, worker, &j->l->wk_b, h0 + i, x, q + i * row);
		memcpy(q + i * row + rank, x + nope,
		    (size_t)hp->rope.n_rot * sizeof *x);
	}
	token_heads(j, h0, 0, q, row, mix, rank, mix + j->part * rank);
	for (int i = 0; i < j->part; i++)
		through_slice(f, worker, &j->l->wv_b, h0 + i, mix + i * rank,
		    j->att + (h0 + i) * hp->dv);
}

/* The largest divisor of n that is at most `most`. */
static int
divisor(int n, int most)
{
	int d = max_int(1, min_int(n, most));

	while (n % d)
		d--;
	return d;
}

bool
attn_token(struct forward *f, int il, int row, int pos)
{
	const struct hparams *hp = &f->m->hp;
	bool latent = hp->mla.kv_rank > 0;
	int group = hp->n_head / hp->n_head_kv;
	int threads = pool_threads(f->env.pool);
	struct job j = { .f = f, .l = &f->m->layers[il], .il = il, .n = 1,
		.pos = pos, .q = f->q + row * hp->n_head * hp->dk,
		.att = f->att + row * hp->n_head * hp->dv };
	void (*task)(void *, int, int) = latent ? latent_task : token_task;
	int tasks;

	/* as many heads together as leave each worker something to do */
	j.part = divisor(latent ? hp->n_head : group, min_int(TASK_HEADS,
	    latent || hp->n_head_kv < threads ? hp->n_head / threads :
	    group));
	tasks = hp->n_head / j.part;
	if (latent || (int64_t)hp->n_head * (pos + 1) * (hp->dk + hp->dv) >
	    SMALL_WORK)
		return pool_each(f->env.pool, tasks, task, &j);
	for (int t = 0; t < tasks; t++)
		task(&j, t, 0);
	return true;
}

/* ---- a batch ---- */

size_t
attn_scratch(const struct hparams *hp)
{
	size_t dk = (size_t)hp->dk, dv = (size_t)hp->dv;
	size_t block = KEY_BLOCK * (dk + dv) +
	    (size_t)QUERY_BLOCK * (KEY_BLOCK + dv);
	size_t rank = (size_t)hp->mla.kv_rank;
	size_t row = rank + (size_t)hp->rope.n_rot;
	size_t latent = KEY_BLOCK * row + rank * (dk + dv);

	if (rank == 0)
		return block;
	/* or the queries and mixes of a token */
	return block + latent + (size_t)TASK_HEADS * (row + rank);
}

/* A block of queries against a block of keys. */
struct block {
	int q0, nq;		/* rows of the batch */
	int p0, nk;		/* positions of the keys */
	bool first;		/* nothing was mixed before */
	float *k;		/* [nk][dk] */
	float *vt;		/* [dv][KEY_BLOCK] */
	float *score;		/* [nq][KEY_BLOCK] */
	float *mix;		/* [nq][dv] */
	/* latent attention: */
	float *rows;		/* [nk][kv_rank + n_rot] */
	float *wk;		/* [kv_rank][nope] of the head */
	float *wv;		/* [dv][kv_rank] */
	struct share share[QUERY_BLOCK];
};

static void
block_init(struct block *b, const struct hparams *hp, float *scratch)
{
	*b = (struct block){ .k = scratch };
	b->vt = b->k + KEY_BLOCK * hp->dk;
	b->score = b->vt + KEY_BLOCK * hp->dv;
	b->mix = b->score + QUERY_BLOCK * KEY_BLOCK;
	b->rows = b->mix + QUERY_BLOCK * hp->dv;
	b->wk = b->rows + KEY_BLOCK * (hp->mla.kv_rank + hp->rope.n_rot);
	b->wv = b->wk + (size_t)hp->mla.kv_rank * (size_t)hp->dk;
}

/* Causal: query i sees the keys up to its own position, on a sliding layer
 * only the last of them. */
static void
mask_and_weigh(const struct job *j, struct block *b, int h)
{
	struct forward *f = j->f;

	for (int i = 0; i < b->nq; i++) {
		int row = b->q0 + i, pos = j->pos + row;
		int from = max_int(0, first_seen(&f->m->hp, j->l, pos) -
		    b->p0);
		int to = min_int(b->nk, pos + 1 - b->p0);
		float *s = b->score + i * KEY_BLOCK;

		b->share[i] = (struct share){ 1.0f, 0.0f };
		if (from >= to)
			from = to = 0;
		else
			b->share[i] = take_block(f->env.kn,
			    &f->state[h * f->batch + row], s + from,
			    to - from);
		memset(s, 0, (size_t)from * sizeof *s);
		memset(s + to, 0, (size_t)(b->nk - to) * sizeof *s);
	}
}

static void
join(float *out, const float *mix, struct share sh, int n)
{
	for (int i = 0; i < n; i++)
		out[i] = out[i] * sh.old + mix[i] * sh.block;
}

static void
block_head(const struct job *j, struct block *b, int h)
{
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	int ldq = hp->n_head * hp->dk, ldo = hp->n_head * hp->dv;
	const float *q = f->q + (size_t)b->q0 * (size_t)ldq + h * hp->dk;
	float *out = f->att + (size_t)b->q0 * (size_t)ldo + h * hp->dv;

	kern_gemm_nt(b->nq, b->nk, hp->dk, q, ldq, b->k, hp->dk, b->score,
	    KEY_BLOCK);
	mask_and_weigh(j, b, h);
	if (b->first) {
		kern_gemm_nt(b->nq, hp->dv, b->nk, b->score, KEY_BLOCK, b->vt,
		    KEY_BLOCK, out, ldo);
		return;
	}
	kern_gemm_nt(b->nq, hp->dv, b->nk, b->score, KEY_BLOCK, b->vt,
	    KEY_BLOCK, b->mix, hp->dv);
	for (int i = 0; i < b->nq; i++, out += ldo)
		join(out, b->mix + i * hp->dv, b->share[i], hp->dv);
}

static void
clear_states(struct forward *f, int h, int q0, int n)
{
	for (int i = 0; i < n; i++)
		f->state[h * f->batch + q0 + i].sum = 0.0f;
}

/* Some heads that share keys, and one block of queries. */
static void
batch_task(void *ud, int task, int worker)
{
	const struct job *j = ud;
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	const struct kern *kn = f->env.kn;
	int parts = hp->n_head / j->part;
	int blocks = pieces(j->n, QUERY_BLOCK);
	/* later queries see more keys: dealt first, they leave no long tail */
	int q0 = (blocks - 1 - task / parts) * QUERY_BLOCK;
	int h0 = task % parts * j->part, kvh = h0 / (hp->n_head /
	    hp->n_head_kv);
	struct block b;
	int end;

	block_init(&b, hp, f->scratch[worker]);
	b.q0 = q0;
	b.nq = min_int(QUERY_BLOCK, j->n - q0);
	b.p0 = first_seen(hp, j->l, j->pos + q0);
	b.first = true;
	end = j->pos + q0 + b.nq;
	for (int h = h0; h < h0 + j->part; h++)
		clear_states(f, h, b.q0, b.nq);
	for (; b.p0 < end; b.p0 += b.nk, b.first = false) {
		b.nk = kv_run(&f->kv, j->il, b.p0,
		    min_int(KEY_BLOCK, end - b.p0));
		kv_load_k(&f->kv, kn, j->il, kvh, b.p0, b.nk, b.k);
		kv_load_v(&f->kv, kn, j->il, kvh, b.p0, b.nk, b.vt, KEY_BLOCK);
		for (int h = h0; h < h0 + j->part; h++)
			block_head(j, &b, h);
		/* with many keys a task alone takes longer than a stop may */
		if (!pool_goes_on(f->env.pool, worker))
			return;
	}
}

/* A block of cached rows c, k_pe to this head's keys and values. */
static void
expand(const struct job *j, struct block *b)
{
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	int rank = hp->mla.kv_rank, nope = hp->mla.nope;
	int row = rank + hp->rope.n_rot;

	kv_load_k(&f->kv, f->env.kn, j->il, 0, b->p0, b->nk, b->rows);
	kern_gemm_nn(b->nk, nope, rank, b->rows, row, b->wk, nope, b->k,
	    hp->dk);
	for (int i = 0; i < b->nk; i++)
		memcpy(b->k + i * hp->dk + nope, b->rows + i * row + rank,
		    (size_t)hp->rope.n_rot * sizeof *b->k);
	kern_gemm_nt(hp->dv, b->nk, rank, b->wv, rank, b->rows, row, b->vt,
	    KEY_BLOCK);
}

static void
load_slice(const struct forward *f, const struct weight *w, int h, float *out)
{
	struct weight s = weight_slice(w, h);

	for (int r = 0; r < s.out; r++) {
		float *row = out + (size_t)r * (size_t)s.in;

		f->env.kn->dequant(s.type, s.data + r * s.row_bytes, row,
		    s.in);
	}
	lora_merge(s.lora, s.slice, 0, s.out, out);
}

/* One head and all queries, so that its keys are expanded once. */
static void
latent_batch_task(void *ud, int h, int worker)
{
	const struct job *j = ud;
	struct forward *f = j->f;
	struct block b;
	int end = j->pos + j->n;

	block_init(&b, &f->m->hp, f->scratch[worker]);
	load_slice(f, &j->l->wk_b, h, b.wk);
	load_slice(f, &j->l->wv_b, h, b.wv);
	clear_states(f, h, 0, j->n);
	for (b.p0 = 0; b.p0 < end; b.p0 += b.nk) {
		b.nk = min_int(KEY_BLOCK, end - b.p0);
		b.first = b.p0 == 0;
		expand(j, &b);
		for (b.q0 = 0; b.q0 < j->n; b.q0 += QUERY_BLOCK) {
			b.nq = min_int(QUERY_BLOCK, j->n - b.q0);
			if (j->pos + b.q0 + b.nq > b.p0)
				block_head(j, &b, h);
		}
		if (!pool_goes_on(f->env.pool, worker))
			return;
	}
}

bool
attn_batch(struct forward *f, int il, int n, int pos)
{
	const struct hparams *hp = &f->m->hp;
	int blocks = pieces(n, QUERY_BLOCK);
	struct job j = { .f = f, .l = &f->m->layers[il], .il = il, .n = n,
		.pos = pos };

	if (hp->mla.kv_rank)
		return pool_each(f->env.pool, hp->n_head, latent_batch_task,
		    &j);
	j.part = divisor(hp->n_head / hp->n_head_kv, TASK_HEADS);
	return pool_each(f->env.pool, blocks * (hp->n_head / j.part),
	    batch_task, &j);
}
