/* attn.c -- causal attention over the cache, for one token or a batch.
 *
 * Keys are taken in blocks, so that scratch is bounded whatever the context.
 * A query keeps its largest score and the sum of its weights so far, all
 * against that score; a larger one scales down what was mixed before (Milakov
 * and Gimelshein, arXiv 1805.02867).  The division by the sum comes last.
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
#include "tiles.h"

#define KEY_BLOCK 256
/* From row to row of what has a column for each key: not a power of two, or
 * the rows would meet in the same lines of the cache. */
#define APART 16
#define KEY_LD (KEY_BLOCK + APART)
#define KEY_STEP 32		/* columns that kern->gemm likes */
#define QUERY_BLOCK 48		/* and rows: a multiple of three */
#define TASK_HEADS 8		/* heads in a task at most */
#define RANGES 16		/* of one token's keys, at most */
#define SMALL_WORK (1 << 15)	/* multiply-adds not worth waking others for */

/* The first position that a query at pos sees. */
static int
first_seen(const struct hparams *hp, const struct layer *l, int pos)
{
	return l->sliding ? max_int(0, pos - hp->window + 1) : 0;
}

static const struct attn_state nothing = { -INFINITY, 0.0f };

/* Turn the scores of a block of keys into weights; out, the mix of the earlier
 * blocks, becomes what it is beside them. */
static void
take_block(const struct kern *kn, struct attn_state *st, float *score, int n,
    float *out, int dv)
{
	float old = st->max, sum = kn->exps(score, n, &st->max), scale;

	if (st->sum == 0.0f) {
		st->sum = sum;
		return;
	}
	scale = expf(old - st->max);
	st->sum = st->sum * scale + sum;
	if (scale != 1.0f)
		scale_row(out, scale, dv);
}

/* ---- one token ---- */

struct job {
	struct forward *f;
	const struct layer *l;
	int il, n, pos;
	int part;		/* heads in a task */
	int range;		/* keys in a task */
	float *q, *att;		/* of the one token */
};

/* What the heads of a task made of some keys. */
struct mixed {
	struct attn_state state[TASK_HEADS];
	float *out;		/* [part][dv] */
};

/* Heads of one kv head, whose queries lie dq apart, and the keys from..end-1:
 * each block of keys is read once for all of them. */
static void
token_heads(const struct job *j, int kvh, const float *q, int dq, int from,
    int end, struct mixed *m, float *scratch)
{
	struct forward *f = j->f;
	const struct kern *kn = f->env.kn;
	const struct kv_spec *s = &f->kv.layers[j->il].s;
	float *score = scratch + KEY_BLOCK * max_int(s->dk, s->dv);
	int n;

	for (int i = 0; i < j->part; i++)
		m->state[i] = nothing;
	memset(m->out, 0, (size_t)j->part * (size_t)s->dv * sizeof *m->out);
	for (int p = from; p < end; p += n) {
		n = kv_run(&f->kv, j->il, p, min_int(KEY_BLOCK, end - p));
		kv_scores(&f->kv, kn, j->il, kvh, p, n, q, dq, j->part, score,
		    KEY_BLOCK, scratch);
		for (int i = 0; i < j->part; i++)
			take_block(kn, &m->state[i], score + i * KEY_BLOCK, n,
			    m->out + i * s->dv, s->dv);
		kv_mix(&f->kv, kn, j->il, kvh, p, n, score, KEY_BLOCK, j->part,
		    m->out, s->dv, scratch);
	}
}

/* f->parts: of each range of keys, and each head, the mix and its state. */
static float *
part_of(const struct forward *f, int range, int h)
{
	const struct hparams *hp = &f->m->hp;

	return f->parts + (size_t)(range * hp->n_head + h) *
	    (size_t)(hp->dv + 2);
}

size_t
attn_parts(const struct hparams *hp)
{
	return hp->mla.kv_rank ? 0 : (size_t)RANGES * (size_t)hp->n_head *
	    (size_t)(hp->dv + 2);
}

/* Some heads and one range of keys.  Ranges hang on the position alone, so
 * that the result does not on the number of threads. */
static void
token_task(void *ud, int task, int worker)
{
	const struct job *j = ud;
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	int parts = hp->n_head / j->part, h0 = task % parts * j->part;
	int kvh = h0 / (hp->n_head / hp->n_head_kv);
	int from = first_seen(hp, j->l, j->pos) + task / parts * j->range;
	struct mixed m = { .out = f->scratch[worker] };

	token_heads(j, kvh, j->q + h0 * hp->dk, hp->dk, from,
	    min_int(from + j->range, j->pos + 1), &m,
	    m.out + j->part * hp->dv);
	for (int i = 0; i < j->part; i++) {
		float *p = part_of(f, task / parts, h0 + i);

		memcpy(p, m.out + i * hp->dv, (size_t)hp->dv * sizeof *p);
		p[hp->dv] = m.state[i].max;
		p[hp->dv + 1] = m.state[i].sum;
	}
}

/* One head's result from those of the ranges, in their order. */
static void
join_ranges(const struct job *j, int ranges, int h)
{
	struct forward *f = j->f;
	int dv = f->m->hp.dv;
	float *out = j->att + h * dv, max = -INFINITY, sum = 0.0f;

	for (int r = 0; r < ranges; r++)
		max = fmaxf(max, part_of(f, r, h)[dv]);
	memset(out, 0, (size_t)dv * sizeof *out);
	for (int r = 0; r < ranges; r++) {
		const float *p = part_of(f, r, h);
		float w = expf(p[dv] - max);

		sum += w * p[dv + 1];
		f->env.kn->axpy(out, w, p, dv);
	}
	scale_row(out, 1.0f / sum, dv);
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
	float *q = f->scratch[worker];
	struct mixed m = { .out = q + j->part * row };

	for (int i = 0; i < j->part; i++) {
		const float *x = j->q + (h0 + i) * hp->dk;

		through_slice(f, worker, &j->l->wk_b, h0 + i, x, q + i * row);
		memcpy(q + i * row + rank, x + nope,
		    (size_t)hp->rope.n_rot * sizeof *x);
	}
	token_heads(j, 0, q, row, 0, j->pos + 1, &m, m.out + j->part * rank);
	for (int i = 0; i < j->part; i++) {
		scale_row(m.out + i * rank, 1.0f / m.state[i].sum, rank);
		through_slice(f, worker, &j->l->wv_b, h0 + i, m.out + i * rank,
		    j->att + (h0 + i) * hp->dv);
	}
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

/* All tasks of a token; on the calling thread if that is quicker. */
static bool
each_task(struct job *j, void (*task)(void *, int, int), int tasks, bool small)
{
	if (!small)
		return pool_each(j->f->env.pool, tasks, task, j);
	for (int t = 0; t < tasks; t++)
		task(j, t, 0);
	return true;
}

static bool
latent_token(struct job *j)
{
	const struct hparams *hp = &j->f->m->hp;

	/* as many heads together as leave each worker something to do */
	j->part = divisor(hp->n_head, min_int(TASK_HEADS, hp->n_head /
	    pool_threads(j->f->env.pool)));
	return each_task(j, latent_task, hp->n_head / j->part, false);
}

bool
attn_token(struct forward *f, int il, int row, int pos)
{
	const struct hparams *hp = &f->m->hp;
	struct job j = { .f = f, .l = &f->m->layers[il], .il = il, .n = 1,
		.pos = pos, .q = f->q + row * hp->n_head * hp->dk,
		.att = f->att + row * hp->n_head * hp->dv };
	int group = hp->n_head / hp->n_head_kv, n, ranges;
	int threads = pool_threads(f->env.pool);

	if (hp->mla.kv_rank)
		return latent_token(&j);
	n = pos + 1 - first_seen(hp, j.l, pos);
	j.range = round_up(pieces(n, RANGES), KEY_BLOCK);
	ranges = pieces(n, j.range);
	j.part = divisor(group, min_int(TASK_HEADS,
	    hp->n_head_kv * ranges < threads ? hp->n_head / threads : group));
	if (!each_task(&j, token_task, hp->n_head / j.part * ranges,
	    (int64_t)hp->n_head * n * (hp->dk + hp->dv) <= SMALL_WORK))
		return false;
	for (int h = 0; h < hp->n_head; h++)
		join_ranges(&j, ranges, h);
	return true;
}

/* ---- a batch ---- */

/* Bytes for queries or weights of keys on their way through tiles. */
static size_t
room_bytes(const struct hparams *hp)
{
	return tiles_rows_bytes(QUERY_BLOCK, max_int(hp->dk, KEY_BLOCK));
}

static size_t
tiles_bytes(const struct hparams *hp)
{
	return tiles_matrix_bytes(KEY_BLOCK, hp->dk) +
	    tiles_matrix_bytes(hp->dv, KEY_BLOCK) + room_bytes(hp);
}

size_t
attn_scratch(const struct hparams *hp)
{
	size_t dk = (size_t)hp->dk, dv = (size_t)hp->dv;
	size_t block = KEY_LD * dk + KEY_BLOCK * (dv + APART) +
	    (size_t)QUERY_BLOCK * KEY_LD +
	    (tiles_bytes(hp) + 63) / sizeof(float);
	size_t token = KEY_BLOCK * (dk + dv + TASK_HEADS) + TASK_HEADS * dv;
	size_t rank = (size_t)hp->mla.kv_rank;
	size_t row = rank + (size_t)hp->rope.n_rot;
	size_t latent = KEY_BLOCK * row + rank * (dk + dv);

	if (rank == 0)
		return block > token ? block : token;
	/* or the queries and mixes of a token */
	return block + latent + (size_t)TASK_HEADS * (row + rank + KEY_BLOCK);
}

/* A block of queries against a block of keys. */
struct block {
	int q0, nq;		/* rows of the batch */
	int p0, nk;		/* positions of the keys */
	bool first;		/* nothing was mixed before */
	float *kt;		/* [dk][KEY_LD] */
	float *v;		/* [nk][dv + APART] */
	float *score;		/* [nq][KEY_LD] */
	/* on tiles (tiles.h): kt, v, and what is multiplied with them */
	uint8_t *tiles_k, *tiles_v, *room;
	/* latent attention: */
	float *rows;		/* [nk][kv_rank + n_rot] */
	float *wk;		/* [kv_rank][nope] of the head */
	float *wv;		/* [dv][kv_rank] */
};

static void
block_init(struct block *b, const struct hparams *hp, float *scratch)
{
	*b = (struct block){ .tiles_k = (uint8_t *)
		(((uintptr_t)scratch + 63) & ~(uintptr_t)63) };
	b->tiles_v = b->tiles_k + tiles_matrix_bytes(KEY_BLOCK, hp->dk);
	b->room = b->tiles_v + tiles_matrix_bytes(hp->dv, KEY_BLOCK);
	b->kt = (void *)(b->room + room_bytes(hp));
	b->v = b->kt + KEY_LD * hp->dk;
	b->score = b->v + KEY_BLOCK * (hp->dv + APART);
	b->rows = b->score + QUERY_BLOCK * KEY_LD;
	b->wk = b->rows + KEY_BLOCK * (hp->mla.kv_rank + hp->rope.n_rot);
	b->wv = b->wk + (size_t)hp->mla.kv_rank * (size_t)hp->dk;
}

static struct attn_state *
state_of(const struct forward *f, int h, int row)
{
	return &f->state[h * f->batch + row];
}

static float *
out_row(const struct forward *f, int h, int row)
{
	const struct hparams *hp = &f->m->hp;

	return f->att + (size_t)row * (size_t)(hp->n_head * hp->dv) +
	    h * hp->dv;
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
		float *s = b->score + i * KEY_LD;

		if (from >= to)
			from = to = 0;
		else
			take_block(f->env.kn, state_of(f, h, row), s + from,
			    to - from, out_row(f, h, row), f->m->hp.dv);
		memset(s, 0, (size_t)from * sizeof *s);
		memset(s + to, 0, (size_t)(b->nk - to) * sizeof *s);
	}
}

/* Keys and values are in kt and v. */
static void
keys_ready(const struct job *j, struct block *b)
{
	const struct hparams *hp = &j->f->m->hp;
	const struct kern_tiles *t = j->f->env.kn->tiles;

	if (!t)
		return;
	tiles_put(t, b->nk, hp->dk, b->kt, KEY_LD, b->tiles_k);
	tiles_put(t, hp->dv, b->nk, b->v, hp->dv + APART, b->tiles_v);
}

static void
score_block(const struct job *j, struct block *b, const float *q, int ldq)
{
	const struct kern *kn = j->f->env.kn;
	int dk = j->f->m->hp.dk;

	if (kn->tiles)
		tiles_gemm(kn->tiles, b->nq, b->nk, dk, q, ldq, b->tiles_k,
		    b->room, b->score, KEY_LD, false);
	else	/* some columns more hold nothing, and are not read */
		kn->gemm(b->nq, round_up(b->nk, KEY_STEP), dk, q, ldq, b->kt,
		    KEY_LD, b->score, KEY_LD, false);
}

static void
mix_block(const struct job *j, struct block *b, float *out)
{
	const struct kern *kn = j->f->env.kn;
	int dv = j->f->m->hp.dv, ldo = j->f->m->hp.n_head * dv;

	/* whole tiles are written: not over the next head */
	if (kn->tiles && dv % 16 == 0)
		tiles_gemm(kn->tiles, b->nq, dv, b->nk, b->score, KEY_LD,
		    b->tiles_v, b->room, out, ldo, !b->first);
	else
		kn->gemm(b->nq, dv, b->nk, b->score, KEY_LD, b->v, dv + APART,
		    out, ldo, !b->first);
}

static void
block_head(const struct job *j, struct block *b, int h)
{
	struct forward *f = j->f;
	const struct hparams *hp = &f->m->hp;
	int ldq = hp->n_head * hp->dk;
	const float *q = f->q + (size_t)b->q0 * (size_t)ldq + h * hp->dk;

	score_block(j, b, q, ldq);
	mask_and_weigh(j, b, h);
	mix_block(j, b, out_row(f, h, b->q0));
}

static void
clear_states(struct forward *f, int h, int q0, int n)
{
	for (int i = 0; i < n; i++)
		*state_of(f, h, q0 + i) = nothing;
}

static void
divide_by_sums(struct forward *f, int h, int q0, int n)
{
	for (int i = q0; i < q0 + n; i++)
		scale_row(out_row(f, h, i), 1.0f / state_of(f, h, i)->sum,
		    f->m->hp.dv);
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
		kv_load_kt(&f->kv, kn, j->il, kvh, b.p0, b.nk, b.kt, KEY_LD);
		kv_load_v(&f->kv, kn, j->il, kvh, b.p0, b.nk, b.v,
		    hp->dv + APART);
		keys_ready(j, &b);
		for (int h = h0; h < h0 + j->part; h++)
			block_head(j, &b, h);
		/* with many keys a task alone takes longer than a stop may */
		if (!pool_goes_on(f->env.pool, worker))
			return;
	}
	for (int h = h0; h < h0 + j->part; h++)
		divide_by_sums(f, h, b.q0, b.nq);
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
	kern_gemm_tt(nope, b->nk, rank, b->wk, nope, b->rows, row, b->kt,
	    KEY_LD);
	for (int k = 0; k < hp->rope.n_rot; k++)
		for (int i = 0; i < b->nk; i++)
			b->kt[(nope + k) * KEY_LD + i] =
			    b->rows[i * row + rank + k];
	kern_gemm_nt(b->nk, hp->dv, rank, b->rows, row, b->wv, rank, b->v,
	    hp->dv + APART);
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
		keys_ready(j, &b);
		for (b.q0 = 0; b.q0 < j->n; b.q0 += QUERY_BLOCK) {
			b.nq = min_int(QUERY_BLOCK, j->n - b.q0);
			if (j->pos + b.q0 + b.nq > b.p0)
				block_head(j, &b, h);
		}
		if (!pool_goes_on(f->env.pool, worker))
			return;
	}
	divide_by_sums(f, h, 0, j->n);
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
