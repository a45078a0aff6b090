/* sampler.c -- the rules of sampling; what they need to know of a vocabulary
 * too long to be sorted for each token, cands.c finds. */
#include "sampler.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "alloc.h"
#include "cands.h"
#include "vocab.h"

#define SEED_MASK 0x1FFFFFFFFFFFFFu	/* 53 bits: exact in any JSON reader */
#define FIRST_MASS 32			/* candidates tried first for top-p */

struct sampler {
	struct sampling set;
	int n;			/* tokens of the vocabulary */
	uint64_t rng[4];
	struct cands c;		/* of the vocabulary */
	float *weights;		/* [n] of candidates */
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
	const struct kern *kn;
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
	kn = kern_get(NULL);
	cands_init(&s->c, n_vocab, kn ? kn : kern_scalar());
	s->weights = xreallocarray(NULL, n, sizeof(*s->weights));
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
	cands_done(&s->c);
	free(s->weights);
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

/* Take the logits, with what must not be drawn at -inf and the penalty on
 * each recent token once: l / p above zero, l * p below (Keskar 2019).
 * Computed from the original logit, so that a repeated token counts once. */
static void
prepare(struct sampler *s, const float *logits)
{
	float p = s->set.repeat_penalty;
	int i;

	cands_take(&s->c, logits);
	for (i = 0; i < s->n_recent; i++) {
		float l = logits[s->recent[i]];

		cands_change(&s->c, s->recent[i], l > 0 ? l / p : l * p);
	}
	for (i = 0; i < s->n_forbidden; i++)
		cands_change(&s->c, s->forbidden[i], -INFINITY);
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

/* How many of the ordered candidates c[0..n) it takes to reach the mass; n + 1:
 * they do not. */
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
	return n + 1;
}

/* top-p of the whole vocabulary: the front is ordered in growing parts until
 * it holds the mass, which nearly always is at once. */
static int
nucleus(struct sampler *s, float max)
{
	double want = s->set.top_p * cands_mass(&s->c, max, 1, -INFINITY);
	int k, n, m, last = s->c.n_blocks - 1;

	for (k = FIRST_MASS;; k = k < last ? last : s->n) {
		n = cands_front(&s->c, k);
		m = reach(s->c.v, n, max, want);
		if (m <= n || k >= s->n)
			return m <= n ? m : n;
	}
}

/* top-k, and top-p of what it leaves. */
static int
top(struct sampler *s, float max)
{
	int n = cands_top(&s->c, s->set.top_k < s->n ? s->set.top_k : s->n);
	int m;

	if (s->set.top_p >= 1)
		return n;
	m = reach(s->c.v, n, max, s->set.top_p * total_mass(s->c.v, n, max));
	return m <= n ? m : n;
}

/* Draw from the first n candidates at the temperature: p is as
 * exp((l - max) / t). */
static int
draw(struct sampler *s, int n, float max)
{
	const struct cand *c = s->c.v;
	float *w = s->weights, t = s->set.temperature;
	double sum = 0, at;
	int i, id = -1;

	for (i = 0; i < n; i++) {
		w[i] = expf((c[i].logit - max) / t);
		sum += w[i];
	}
	at = uniform(s->rng) * sum;
	for (i = 0; i < n && at >= 0; i++) {
		if (w[i] > 0)
			id = c[i].id;
		at -= w[i];
	}
	return id;
}

/* The same from all tokens that are likely enough for min-p. */
static int
draw_any(struct sampler *s, float max, float bar)
{
	float scale = 1 / s->set.temperature;
	double sum = cands_mass(&s->c, max, scale, bar);

	return cands_at(&s->c, max, scale, bar, uniform(s->rng) * sum);
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
	max = cands_scan(&s->c);
	if (max == -INFINITY)
		return -1;
	if (set->temperature <= 0 || max == INFINITY)
		return cands_first(&s->c, max);
	bar = set->min_p > 0 ? max + logf(set->min_p) : -INFINITY;
	if (set->top_k <= 0 && set->top_p >= 1)
		return draw_any(s, max, bar);
	n = set->top_k > 0 ? top(s, max) : nucleus(s, max);
	while (n > 1 && s->c.v[n - 1].logit < bar)
		n--;
	return draw(s, n, max);
}
