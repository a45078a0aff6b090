/* attn.c -- causal attention over the cache, for a batch; attn_token.c does one
 * token.
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
#include "attn_priv.h"

#include <stdlib.h>
#include <string.h>

#include "tiles.h"

/* From row to row of what has a column for each key: not a power of two, or
 * the rows would meet in the same lines of the cache. */
#define APART 16
#define KEY_LD (KEY_BLOCK + APART)
#define KEY_STEP 32		/* columns that kern->gemm likes */
#define QUERY_BLOCK 48		/* and rows: a multiple of three */

void
attn_take(const struct kern *kn, struct attn_state *st, float *score, int n,
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
mask_and_weigh(const struct attn_job *j, struct block *b, int h)
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
			attn_take(f->env.kn, state_of(f, h, row), s + from,
			    to - from, out_row(f, h, row), f->m->hp.dv);
		memset(s, 0, (size_t)from * sizeof *s);
		memset(s + to, 0, (size_t)(b->nk - to) * sizeof *s);
	}
}

/* Keys and values are in kt and v. */
static void
keys_ready(const struct attn_job *j, struct block *b)
{
	const struct hparams *hp = &j->f->m->hp;
	const struct kern_tiles *t = j->f->env.kn->tiles;

	if (!t)
		return;
	tiles_put(t, b->nk, hp->dk, b->kt, KEY_LD, b->tiles_k);
	tiles_put(t, hp->dv, b->nk, b->v, hp->dv + APART, b->tiles_v);
}

static void
score_block(const struct attn_job *j, struct block *b, const float *q, int ldq)
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
mix_block(const struct attn_job *j, struct block *b, float *out)
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
block_head(const struct attn_job *j, struct block *b, int h)
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
		*state_of(f, h, q0 + i) = ATTN_NOTHING;
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
	const struct attn_job *j = ud;
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
expand(const struct attn_job *j, struct block *b)
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
	const struct attn_job *j = ud;
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
	struct attn_job j = { .f = f, .l = &f->m->layers[il], .il = il, .n = n,
		.pos = pos };

	if (hp->mla.kv_rank)
		return pool_each(f->env.pool, hp->n_head, latent_batch_task,
		    &j);
	j.part = divisor(hp->n_head / hp->n_head_kv, TASK_HEADS);
	return pool_each(f->env.pool, blocks * (hp->n_head / j.part),
	    batch_task, &j);
}
