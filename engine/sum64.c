/* sum64.c -- see sum64.h.  Every step is a one-to-one function of the lane, so
 * that a single word that changes changes its lane for certain. */
#include "sum64.h"

#include <string.h>

#define ODD UINT64_C(0x9e3779b97f4a7c15)	/* 2^64 / the golden ratio */
#define BLOCK (SUM64_LANES * sizeof(uint64_t))

static uint64_t
mix(uint64_t lane, uint64_t word)
{
	lane = (lane ^ word) * ODD;
	return lane ^ lane >> 32;
}

void
sum64_init(struct sum64 *s)
{
	for (int i = 0; i < SUM64_LANES; i++)
		s->lane[i] = (uint64_t)(i + 1) * ODD;
}

static void
add_block(uint64_t *lane, const uint64_t *word)
{
	for (int i = 0; i < SUM64_LANES; i++)
		lane[i] = mix(lane[i], word[i]);
}

void
sum64_add(struct sum64 *s, const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t word[SUM64_LANES];
	struct sum64 t = *s;

	t.lane[0] = mix(t.lane[0], n);
	for (; n >= BLOCK; b += BLOCK, n -= BLOCK) {
		memcpy(word, b, BLOCK);
		add_block(t.lane, word);
	}
	if (n > 0) {
		memset(word, 0, BLOCK);
		memcpy(word, b, n);
		add_block(t.lane, word);
	}
	*s = t;
}

uint64_t
sum64_end(const struct sum64 *s)
{
	uint64_t sum = 0;

	for (int i = 0; i < SUM64_LANES; i++)
		sum = mix(sum, s->lane[i]);
	return sum;
}
