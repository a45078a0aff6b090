/* cands.c -- see cands.h. */
#include "cands.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "num.h"

#define BLOCK 256
#define FEW 48			/* sorted by insertion */
#define DIGIT 11		/* bits that are sorted by at once */

void
cands_init(struct cands *c, int n, const struct kern *kn)
{
	size_t room = n > 0 ? (size_t)n : 1, blocks;

	*c = (struct cands){ .n = n, .kn = kn };
	c->n_blocks = n > 0 ? pieces(n, BLOCK) : 0;
	blocks = (size_t)c->n_blocks + 1;
	c->own = xreallocarray(NULL, room, sizeof *c->own);
	c->changed = xcalloc(blocks, sizeof *c->changed);
	c->most = xreallocarray(NULL, blocks, sizeof *c->most);
	c->mass = xreallocarray(NULL, blocks, sizeof *c->mass);
	c->v = xreallocarray(NULL, room, sizeof *c->v);
	c->spare = xreallocarray(NULL, room, sizeof *c->spare);
}

void
cands_done(struct cands *c)
{
	free(c->own);
	free(c->changed);
	free(c->most);
	free(c->mass);
	free(c->v);
	free(c->spare);
}

/* ---- the blocks ---- */

static int
length(const struct cands *c, int block)
{
	return min_int(BLOCK, c->n - block * BLOCK);
}

static const float *
values(const struct cands *c, int block)
{
	return (c->changed[block] ? c->own : c->given) + block * BLOCK;
}

void
cands_take(struct cands *c, const float *logits)
{
	c->given = logits;
	memset(c->changed, 0, (size_t)c->n_blocks * sizeof *c->changed);
}

void
cands_change(struct cands *c, int id, float logit)
{
	int b = id / BLOCK;

	if (!c->changed[b])
		memcpy(c->own + b * BLOCK, c->given + b * BLOCK,
		    (size_t)length(c, b) * sizeof *c->own);
	c->changed[b] = true;
	c->own[id] = logit;
}

/* Eight maxima side by side keep the comparisons from waiting on each
 * other. */
static float
largest_of_block(const float *x)
{
	float m[8], best = -INFINITY;

	for (int k = 0; k < 8; k++)
		m[k] = -INFINITY;
	for (int i = 0; i < BLOCK; i += 8)
		for (int k = 0; k < 8; k++)
			m[k] = x[i + k] > m[k] ? x[i + k] : m[k];
	for (int k = 0; k < 8; k++)
		best = m[k] > best ? m[k] : best;
	return best;
}

static float
largest(const float *x, int n)
{
	float best = -INFINITY;

	for (int i = 0; i < n; i++)
		best = x[i] > best ? x[i] : best;
	return best;
}

float
cands_scan(struct cands *c)
{
	for (int b = 0; b < c->n_blocks; b++) {
		int n = length(c, b);

		c->most[b] = n == BLOCK ? largest_of_block(values(c, b)) :
		    largest(values(c, b), n);
	}
	return largest(c->most, c->n_blocks);
}

int
cands_first(const struct cands *c, float logit)
{
	for (int b = 0; b < c->n_blocks; b++) {
		const float *x = values(c, b);

		for (int i = 0; c->most[b] >= logit && i < length(c, b); i++)
			if (x[i] == logit)
				return b * BLOCK + i;
	}
	return -1;
}

/* ---- order ---- */

/* More likely, and of equals the lower id: a total order, so that the outcome
 * does not depend on how candidates were moved about. */
static bool
before(struct cand a, struct cand b)
{
	return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
}

/* Move the k first of c[0..n) to its front, in no order (Hoare's selection
 * with the median of three); 0 < k < n. */
static void
select_first(struct cand *c, int n, int k)
{
	int lo = 0, hi = n - 1;

	while (lo < hi) {
		struct cand a = c[lo], b = c[lo + (hi - lo) / 2], d = c[hi];
		struct cand pivot = before(a, b) ?
		    (before(b, d) ? b : before(a, d) ? d : a) :
		    (before(a, d) ? a : before(b, d) ? d : b);
		int i = lo, j = hi;

		while (i <= j) {
			while (before(c[i], pivot))
				i++;
			while (before(pivot, c[j]))
				j--;
			if (i <= j) {
				struct cand t = c[i];

				c[i++] = c[j];
				c[j--] = t;
			}
		}
		if (k - 1 <= j)
			hi = j;
		else if (k - 1 >= i)
			lo = i;
		else
			return;
	}
}

static void
insertion_sort(struct cand *v, int n)
{
	for (int i = 1; i < n; i++) {
		struct cand x = v[i];
		int j = i;

		for (; j > 0 && before(x, v[j - 1]); j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

/* A number that is the smaller the larger the logit; both zeros are one. */
static uint32_t
sort_key(float logit)
{
	float x = logit + 0.0f;
	uint32_t u;

	memcpy(&u, &x, sizeof u);
	return u & 0x80000000u ? u : ~u & 0x7FFFFFFFu;
}

/* Candidates that lie in the order of their ids, sorted by their logits, from
 * the lowest digit of the key to the highest; equals stay as they lie. */
static void
digit_sort(struct cands *c, int n)
{
	for (int shift = 0; shift < 32; shift += DIGIT) {
		int at[1 << DIGIT] = { 0 }, sum = 0;
		struct cand *t = c->v;

		for (int i = 0; i < n; i++)
			at[sort_key(c->v[i].logit) >> shift &
			    ((1 << DIGIT) - 1)]++;
		for (int d = 0; d < 1 << DIGIT; d++) {
			int count = at[d];

			at[d] = sum;
			sum += count;
		}
		for (int i = 0; i < n; i++)
			c->spare[at[sort_key(c->v[i].logit) >> shift &
			    ((1 << DIGIT) - 1)]++] = c->v[i];
		c->v = c->spare;
		c->spare = t;
	}
}

/* ---- the likeliest ---- */

/* The k-th largest of the blocks' largest, than which k tokens are no less
 * likely; -inf where there are fewer blocks. */
static float
bar_for(struct cands *c, int k)
{
	float low = INFINITY;

	if (k >= c->n_blocks)
		return -INFINITY;
	for (int b = 0; b < c->n_blocks; b++)
		c->v[b] = (struct cand){ c->most[b], b };
	select_first(c->v, c->n_blocks, k);
	for (int i = 0; i < k; i++)
		low = c->v[i].logit < low ? c->v[i].logit : low;
	return low;
}

/* Those above the bar, and the first `equals` of those that are at it, in
 * order; how many. */
static int
from_bar(struct cands *c, float bar, int equals)
{
	int n = 0;

	for (int b = 0; b < c->n_blocks; b++) {
		const float *x = values(c, b);
		int len = length(c, b);

		if (c->most[b] < bar || c->most[b] == -INFINITY)
			continue;
		for (int i = 0; i < len; i++)
			if (x[i] > bar || (x[i] == bar && bar > -INFINITY &&
			    equals-- > 0))
				c->v[n++] = (struct cand){ x[i],
					b * BLOCK + i };
	}
	if (n <= FEW)
		insertion_sort(c->v, n);
	else
		digit_sort(c, n);
	return n;
}

int
cands_front(struct cands *c, int k)
{
	return from_bar(c, bar_for(c, k), c->n);
}

int
cands_top(struct cands *c, int k)
{
	return min_int(from_bar(c, bar_for(c, k), k), k);
}

/* ---- all of them ---- */

double
cands_mass(struct cands *c, float max, float scale, float bar)
{
	double sum = 0;

	for (int b = 0; b < c->n_blocks; b++) {
		c->mass[b] = c->most[b] < bar || c->most[b] == -INFINITY ? 0 :
		    c->kn->exp_sum(values(c, b), length(c, b), max, scale,
		    bar);
		sum += c->mass[b];
	}
	return sum;
}

int
cands_at(const struct cands *c, float max, float scale, float bar, double at)
{
	const float *x;
	int in = -1, id = -1;

	for (int b = 0; b < c->n_blocks; b++) {
		if (c->mass[b] <= 0)
			continue;
		if (in >= 0)
			at -= c->mass[in];
		in = b;
		if (at < c->mass[b])
			break;
	}
	if (in < 0)
		return -1;
	x = values(c, in);
	for (int i = 0; i < length(c, in) && at >= 0; i++) {
		float w = x[i] >= bar ? expf((x[i] - max) * scale) : 0;

		if (w > 0)
			id = in * BLOCK + i;
		at -= w;
	}
	return id;
}
