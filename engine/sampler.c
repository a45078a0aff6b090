/* sampler.c -- sampling without sorting the vocabulary: one pass finds the
 * maximum, another collects the few candidates that can be drawn, and only
 * those are put in order. */
#include "sampler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "alloc.h"
#include "vocab.h"

#define SEED_MASK 0x1FFFFFFFFFFFFFu	/* 53 bits: exact in any JSON reader */
#define FIRST_MASS 256			/* candidates tried first for top-p */

struct cand { float logit; int id; };

struct sampler {
	struct sampling set;
	int n;			/* tokens of the vocabulary */
	uint64_t rng[4];
	float *logits;		/* [n] the working copy */
	struct cand *cand;	/* [n] */
	int *recent;		/* [repeat_last] a ring */
	int n_recent, at;
	int *forbidden;		/* [n_forbidden] */
	int n_forbidden;
};

/* splitmix64 (Steele, Lea, Flood 2014), to spread the seed. */
static uint64_t
splitmix(uint64_t *x)
{
	uint64_t z = *x += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static uint64_t
rotl(uint64_t x, int k)
{
	return x << k | x >> (64 - k);
}

/* xoshiro256++ (Blackman, Vigna 2019), as a number in [0, 1). */
static double
uniform(uint64_t s[4])
{
	uint64_t r = rotl(s[0] + s[3], 23) + s[0], t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return (double)(r >> 11) * 0x1p-53;
}

static uint64_t
fresh_seed(void)
{
	uint64_t x = 0;

	if (getrandom(&x, sizeof(x), GRND_NONBLOCK) != sizeof(x)) {
		struct timespec t;

		clock_gettime(CLOCK_REALTIME, &t);
		x = (uint64_t)t.tv_sec * 1000000007u ^ (uint64_t)t.tv_nsec;
	}
	x &= SEED_MASK;
	return x ? x : 1;
}

struct sampler *
sampler_new(const struct sampling *set, int n_vocab)
{
	struct sampler *s = xcalloc(1, sizeof(*s));
	size_t n = n_vocab > 0 ? (size_t)n_vocab : 1;
	uint64_t x;
	int i;

	s->set = *set;
	s->n = n_vocab;
	if (s->set.seed == 0)
		s->set.seed = fresh_seed();
	if (s->set.repeat_last < 0 || s->set.repeat_penalty == 1.0f)
		s->set.repeat_last = 0;
	x = s->set.seed;
	for (i = 0; i < 4; i++)
		s->rng[i] = splitmix(&x);
	s->logits = xreallocarray(NULL, n, sizeof(*s->logits));
	s->cand = xreallocarray(NULL, n, sizeof(*s->cand));
	s->recent = xreallocarray(NULL, (size_t)s->set.repeat_last + 1,
	    sizeof(*s->recent));
	return s;
}

struct sampler *
sampler_for(const struct sampling *set, const struct vocab *v)
{
	int n = vocab_size(v);
	struct sampler *s = sampler_new(set, n);

	for (int i = 0; i < n; i++)
		if (vocab_is_unused(v, i))
			sampler_forbid(s, i);
	return s;
}

void
sampler_free(struct sampler *s)
{
	if (s == NULL)
		return;
	free(s->logits);
	free(s->cand);
	free(s->recent);
	free(s->forbidden);
	free(s);
}

uint64_t
sampler_seed(const struct sampler *s)
{
	return s->set.seed;
}

void
sampler_accept(struct sampler *s, int token)
{
	if (s->set.repeat_last == 0 || token < 0 || token >= s->n)
		return;
	s->recent[s->at] = token;
	s->at = (s->at + 1) % s->set.repeat_last;
	if (s->n_recent < s->set.repeat_last)
		s->n_recent++;
}

void
sampler_forbid(struct sampler *s, int token)
{
	if (token < 0 || token >= s->n)
		return;
	if ((s->n_forbidden & (s->n_forbidden - 1)) == 0)
		s->forbidden = xreallocarray(s->forbidden, s->n_forbidden ?
		    (size_t)s->n_forbidden * 2 : 1, sizeof(*s->forbidden));
	s->forbidden[s->n_forbidden++] = token;
}

/* Copy the logits, with what must not be drawn at -inf and the penalty on
 * each recent token once: l / p above zero, l * p below (Keskar 2019).
 * Computed from the original logit, so that a repeated token counts once. */
static void
prepare(struct sampler *s, const float *logits)
{
	float p = s->set.repeat_penalty;
	int i;

	memcpy(s->logits, logits, (size_t)s->n * sizeof(*logits));
	for (i = 0; i < s->n_recent; i++) {
		float l = logits[s->recent[i]];

		s->logits[s->recent[i]] = l > 0 ? l / p : l * p;
	}
	for (i = 0; i < s->n_forbidden; i++)
		s->logits[s->forbidden[i]] = -INFINITY;
}

/* The largest value, NaN left out; -inf if there is none.  Eight maxima side
 * by side keep the comparisons from waiting on each other. */
static float
largest(const float *x, int n)
{
	float m[8], best = -INFINITY;
	int i, k;

	for (k = 0; k < 8; k++)
		m[k] = -INFINITY;
	for (i = 0; i + 8 <= n; i += 8)
		for (k = 0; k < 8; k++)
			m[k] = x[i + k] > m[k] ? x[i + k] : m[k];
	for (; i < n; i++)
		best = x[i] > best ? x[i] : best;
	for (k = 0; k < 8; k++)
		best = m[k] > best ? m[k] : best;
	return best;
}

static int
first_of(const float *x, int n, float value)
{
	int i;

	for (i = 0; i < n; i++)
		if (x[i] == value)
			return i;
	return -1;
}

/* More likely, and of equals the lower id: a total order, so that the outcome
 * does not depend on how candidates were moved about. */
static bool
before(struct cand a, struct cand b)
{
	return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
}

static int
cand_cmp(const void *a, const void *b)
{
	const struct cand *x = a, *y = b;

	return before(*x, *y) ? -1 : before(*y, *x);
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

static float
lowest(const struct cand *c, int n)
{
	float low = c[0].logit;
	int i;

	for (i = 1; i < n; i++)
		low = c[i].logit < low ? c[i].logit : low;
	return low;
}

/* Fill s->cand with the k most likely tokens, in order; how many there are.
 * Candidates gather until there are four times as many as asked for; then the
 * first k are kept and their last is the bar that later ones must pass. */
static int
top(struct sampler *s, int k)
{
	int64_t room = (int64_t)k * 4 + 64;
	int cap = room < s->n ? (int)room : s->n, n = 0, i;
	float bar = -INFINITY;

	for (i = 0; i < s->n; i++) {
		if (!(s->logits[i] > bar))
			continue;
		if (n == cap) {
			select_first(s->cand, n, k);
			n = k;
			bar = lowest(s->cand, n);
			if (!(s->logits[i] > bar))
				continue;
		}
		s->cand[n++] = (struct cand){ s->logits[i], i };
	}
	if (n > k) {
		select_first(s->cand, n, k);
		n = k;
	}
	qsort(s->cand, (size_t)n, sizeof(*s->cand), cand_cmp);
	return n;
}

/* How many of the ordered candidates c[0..n) it takes to reach the mass. */
static int
reach(const struct cand *c, int n, float max, double mass)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++) {
		sum += expf(c[i].logit - max);
		if (sum >= mass)
			return i + 1;
	}
	return n;
}

static double
total_mass(const struct cand *c, int n, float max)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		sum += expf(c[i].logit - max);
	return sum;
}

/* The mass of the whole vocabulary.  What is 40 below the maximum adds less
 * than 1e-17 of it each and is not worth an exponential. */
static double
whole_mass(const float *x, int n, float max)
{
	double sum = 0;
	int i;

	for (i = 0; i < n; i++)
		if (x[i] > max - 40)
			sum += expf(x[i] - max);
	return sum;
}

/* top-p of the whole vocabulary: the front is ordered in growing parts until
 * it holds the mass, which nearly always is at once. */
static int
nucleus(struct sampler *s, float max)
{
	double want = s->set.top_p * whole_mass(s->logits, s->n, max);
	int k, n, m;

	for (k = FIRST_MASS;; k = k > s->n / 8 ? s->n : k * 8) {
		if (k > s->n)
			k = s->n;
		n = top(s, k);
		m = reach(s->cand, n, max, want);
		if (m < n || n < k || k == s->n)
			return m;
	}
}

/* Every token that is likely enough for min-p, in the vocabulary's order. */
static int
above(struct sampler *s, float bar)
{
	int i, n = 0;

	for (i = 0; i < s->n; i++)
		if (s->logits[i] >= bar && s->logits[i] > -INFINITY)
			s->cand[n++] = (struct cand){ s->logits[i], i };
	return n;
}

/* Draw from the first n candidates at the temperature: p is as
 * exp((l - max) / t).  The weights take the place of the working logits. */
static int
draw(struct sampler *s, int n, float max)
{
	float *w = s->logits, t = s->set.temperature;
	double sum = 0, at;
	int i, id = -1;

	for (i = 0; i < n; i++) {
		w[i] = expf((s->cand[i].logit - max) / t);
		sum += w[i];
	}
	at = uniform(s->rng) * sum;
	for (i = 0; i < n && at >= 0; i++) {
		if (w[i] > 0)
			id = s->cand[i].id;
		at -= w[i];
	}
	return id;
}

int
sampler_pick(struct sampler *s, const float *logits)
{
	const struct sampling *set = &s->set;
	float max, bar;
	int n;

	if (s->n <= 0)
		return -1;
	prepare(s, logits);
	max = largest(s->logits, s->n);
	if (max == -INFINITY)
		return -1;
	if (set->temperature <= 0 || max == INFINITY)
		return first_of(s->logits, s->n, max);
	bar = set->min_p > 0 ? max + logf(set->min_p) : -INFINITY;
	if (set->top_k > 0) {
		n = top(s, set->top_k < s->n ? set->top_k : s->n);
		if (set->top_p < 1)
			n = reach(s->cand, n, max, set->top_p *
			    total_mass(s->cand, n, max));
	} else if (set->top_p < 1)
		n = nucleus(s, max);
	else
		return draw(s, above(s, bar), max);
	while (n > 1 && s->cand[n - 1].logit < bar)
		n--;
	return draw(s, n, max);
}
