/* attn.c -- causal attention over the cache, for one token or a batch.
 *
 * Keys are taken in blocks, so that scratch is bounded whatever the context;
 * partial results are joined by their log-sum-exp (Milakov and Gimelshein,
 * arXiv 1805.02867). */
#include "forward.h"

#include <math.h>
#include <string.h>

#define KEY_BLOCK 256
#define QUERY_BLOCK 64
#define TASK_HEADS 8		/* heads in a task of prefill at most */
#define SMALL_WORK (1 << 15)	/* multiply-adds not worth waking others for */

static int
min_int(int a, int b)
{
	return a < b ? a : b;
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

static void
scale(float *x, float by, int n)
{
	for (int i = 0; i < n; i++)
		x[i] *= by;
}

/* ---- one token ---- */

struct job {
	struct forward *f;
	int il, n, pos;
	int part;		/* heads in a task; they share a kv head */
};

static void
token_head(const struct job *j, int h, int p0, int n, float *score)
{
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	const struct kern *kn = f->env.kn;
	int kvh = h / (hp->n_head / hp->n_head_kv);
	float *out = f->att + h * hp->dv;
	struct share sh;

	kv_scores(&f->kv, kn, j->il, kvh, p0, n, f->q + h * hp->dk, score);
	sh = take_block(kn, &f->state[h], score, n);
	if (p0 == 0) {
		memset(out, 0, (size_t)hp->dv * sizeof *out);
	} else {
		scale(out, sh.old, hp->dv);
		scale(score, sh.block, n);
	}
	kv_mix(&f->kv, kn, j->il, kvh, p0, n, score, out);
}

static void
token_task(void *ud, int task, int worker)
{
	const struct job *j = ud;
	float score[KEY_BLOCK];
	int h0 = task * j->part, end = j->pos + 1;

	(void)worker;
	for (int h = h0; h < h0 + j->part; h++)
		j->f->state[h].sum = 0.0f;
	for (int p = 0; p < end; p += KEY_BLOCK)
		for (int h = h0; h < h0 + j->part; h++)
			token_head(j, h, p, min_int(KEY_BLOCK, end - p),
			    score);
}

bool
attn_token(struct forward *f, int il, int pos)
{
	const struct hparams *hp = &f->m->hp;
	int group = hp->n_head / hp->n_head_kv;
	bool coarse = hp->n_head_kv >= 4 * pool_threads(f->env.pool);
	struct job j = { .f = f, .il = il, .n = 1, .pos = pos,
		.part = coarse ? group : 1 };
	int tasks = hp->n_head / j.part;

	if ((int64_t)hp->n_head * (pos + 1) * (hp->dk + hp->dv) > SMALL_WORK)
		return pool_each(f->env.pool, tasks, token_task, &j);
	for (int t = 0; t < tasks; t++)
		token_task(&j, t, 0);
	return true;
}

/* ---- a batch ---- */

size_t
attn_scratch(const struct hparams *hp)
{
	return (size_t)KEY_BLOCK * (size_t)(hp->dk + hp->dv) +
	    (size_t)QUERY_BLOCK * (size_t)(KEY_BLOCK + hp->dv);
}

/* A block of queries against a block of keys. */
struct block {
	int q0, nq;		/* rows of the batch */
	int p0, nk;		/* positions of the keys */
	float *k;		/* [nk][dk] */
	float *vt;		/* [dv][KEY_BLOCK] */
	float *score;		/* [nq][KEY_BLOCK] */
	float *mix;		/* [nq][dv] */
	struct share share[QUERY_BLOCK];
};

/* Causal: query i sees the keys up to its own position. */
static void
mask_and_weigh(const struct job *j, struct block *b, int h)
{
	struct forward *f = j->f;

	for (int i = 0; i < b->nq; i++) {
		int row = b->q0 + i;
		int seen = min_int(b->nk, j->pos + row + 1 - b->p0);
		float *s = b->score + i * KEY_BLOCK;

		b->share[i] = (struct share){ 1.0f, 0.0f };
		if (seen > 0)
			b->share[i] = take_block(f->env.kn,
			    &f->state[h * f->batch + row], s, seen);
		else
			seen = 0;
		memset(s + seen, 0, (size_t)(b->nk - seen) * sizeof *s);
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
	if (b->p0 == 0) {	/* the first block is all there is so far */
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
batch_task(void *ud, int task, int worker)
{
	const struct job *j = ud;
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	const struct kern *kn = f->env.kn;
	int parts = hp->n_head / j->part;
	int blocks = (j->n + QUERY_BLOCK - 1) / QUERY_BLOCK;
	/* later queries see more keys: dealt first, they leave no long tail */
	int q0 = (blocks - 1 - task / parts) * QUERY_BLOCK;
	int h0 = task % parts * j->part;
	int kvh = h0 / (hp->n_head / hp->n_head_kv);
	struct block b = { .q0 = q0, .nq = min_int(QUERY_BLOCK, j->n - q0) };
	int end = j->pos + q0 + b.nq;

	b.k = f->scratch[worker];
	b.vt = b.k + KEY_BLOCK * hp->dk;
	b.score = b.vt + KEY_BLOCK * hp->dv;
	b.mix = b.score + QUERY_BLOCK * KEY_BLOCK;
	for (int h = h0; h < h0 + j->part; h++)
		for (int i = 0; i < b.nq; i++)
			f->state[h * f->batch + q0 + i].sum = 0.0f;
	for (b.p0 = 0; b.p0 < end; b.p0 += KEY_BLOCK) {
		b.nk = min_int(KEY_BLOCK, end - b.p0);
		kv_load_k(&f->kv, kn, j->il, kvh, b.p0, b.nk, b.k);
		kv_load_v(&f->kv, kn, j->il, kvh, b.p0, b.nk, b.vt, KEY_BLOCK);
		for (int h = h0; h < h0 + j->part; h++)
			block_head(j, &b, h);
		/* with many keys a task alone takes longer than a stop may */
		if (!pool_goes_on(f->env.pool, worker))
			return;
	}
}

bool
attn_batch(struct forward *f, int il, int n, int pos)
{
	const struct hparams *hp = &f->m->hp;
	int group = hp->n_head / hp->n_head_kv;
	int blocks = (n + QUERY_BLOCK - 1) / QUERY_BLOCK;
	struct job j = { .f = f, .il = il, .n = n, .pos = pos,
		.part = min_int(TASK_HEADS, group) };

	while (group % j.part)
		j.part--;
	return pool_each(f->env.pool, blocks * (hp->n_head / j.part),
	    batch_task, &j);
}
