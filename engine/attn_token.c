/* attn_token.c -- attention of one token, see attn.h.  Its cost is reading
 * the cache, so each row is read once for all heads that share it. */
#include "attn_priv.h"

#include <stdlib.h>
#include <string.h>

#define RANGES 16		/* of a token's keys, at most */
#define SMALL_WORK (1 << 15)	/* multiply-adds not worth waking others for */

/* What the heads of a task made of some keys. */
struct mixed {
	struct attn_state state[TASK_HEADS];
	float *out;		/* [part][dv] */
};

/* Heads of one kv head, whose queries lie dq apart, and the keys from..end-1:
 * each block of keys is read once for all of them. */
static void
token_heads(const struct attn_job *j, int kvh, const float *q, int dq, int from,
    int end, struct mixed *m, float *scratch)
{
	struct forward *f = j->f;
	const struct kern *kn = f->env.kn;
	const struct kv_spec *s = &f->kv.layers[j->il].s;
	float *score = scratch + KEY_BLOCK * max_int(s->dk, s->dv);
	int n;

	for (int i = 0; i < j->part; i++)
		m->state[i] = ATTN_NOTHING;
	memset(m->out, 0, (size_t)j->part * (size_t)s->dv * sizeof *m->out);
	for (int p = from; p < end; p += n) {
		n = kv_run(&f->kv, j->il, p, min_int(KEY_BLOCK, end - p));
		kv_scores(&f->kv, kn, j->il, kvh, p, n, q, dq, j->part, score,
		    KEY_BLOCK, scratch);
		for (int i = 0; i < j->part; i++)
			attn_take(kn, &m->state[i], score + i * KEY_BLOCK, n,
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
	const struct attn_job *j = ud;
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
join_ranges(const struct attn_job *j, int ranges, int h)
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
	const struct attn_job *j = ud;
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

/* All tasks of a token; on the calling thread if that is quicker. */
static bool
each_task(struct attn_job *j, void (*task)(void *, int, int), int tasks,
    bool small)
{
	if (!small)
		return pool_each(j->f->env.pool, tasks, task, j);
	for (int t = 0; t < tasks; t++)
		task(j, t, 0);
	return true;
}

static bool
latent_token(struct attn_job *j)
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
	struct attn_job j = { .f = f, .l = &f->m->layers[il], .il = il, .n = 1,
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
