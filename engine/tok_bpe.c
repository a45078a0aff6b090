/* tok_bpe.c -- byte-pair encoding with a hash of pairs, a linked list of
 * symbols and a heap of possible merges, so that one word of a megabyte costs
 * no more than a megabyte of words. */
#include "tok_bpe.h"

#include <stdlib.h>

#include "alloc.h"
#include "tok_heap.h"

struct merge { int32_t left, right, into; };

struct bpe {
	struct merge *merges;	/* [n], the index is the rank */
	size_t n, max;
	uint32_t *slots;	/* [mask + 1], rank + 1 of a pair, 0: free */
	size_t mask;
};

struct bpe_sym { int32_t id, prev, next; };	/* id -1: merged away */

struct bpe *
bpe_new(size_t max)
{
	struct bpe *b = xcalloc(1, sizeof(*b));
	size_t size = 16;

	while (size < max + max / 2)
		size *= 2;
	b->max = max;
	b->merges = xreallocarray(NULL, max ? max : 1, sizeof(*b->merges));
	b->slots = xcalloc(size, sizeof(*b->slots));
	b->mask = size - 1;
	return b;
}

void
bpe_free(struct bpe *b)
{
	if (b == NULL)
		return;
	free(b->merges);
	free(b->slots);
	free(b);
}

/* Where the search for a pair begins.  The multiplier is 2^64 over the golden
 * ratio (Knuth, 6.4). */
static size_t
first_slot(const struct bpe *b, int32_t left, int32_t right)
{
	uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;

	key = (key ^ key >> 29) * 0x9E3779B97F4A7C15u;
	return (key >> 32) & b->mask;
}

/* The slot of a pair: the one that holds it, or the free one where it would
 * go. */
static uint32_t *
find_slot(const struct bpe *b, int32_t left, int32_t right)
{
	size_t i;

	for (i = first_slot(b, left, right);; i = (i + 1) & b->mask) {
		uint32_t rank = b->slots[i];

		if (rank == 0 || (b->merges[rank - 1].left == left &&
		    b->merges[rank - 1].right == right))
			return &b->slots[i];
	}
}

void
bpe_expect(const struct bpe *b, int32_t left, int32_t right)
{
	__builtin_prefetch(&b->slots[first_slot(b, left, right)], 1);
}

void
bpe_merge(struct bpe *b, int32_t left, int32_t right, int32_t into)
{
	uint32_t *slot = find_slot(b, left, right);

	if (*slot != 0 || b->n >= b->max)
		return;
	b->merges[b->n++] = (struct merge){ left, right, into };
	*slot = (uint32_t)b->n;
}

/* The earliest merge is due first. */
static void
offer(const struct bpe *b, const struct bpe_sym *sym, int32_t left,
    uint64_t *heap, size_t *n)
{
	uint32_t rank;

	if (left < 0 || sym[left].next < 0)
		return;
	rank = *find_slot(b, sym[left].id, sym[sym[left].next].id);
	if (rank != 0)
		heap_push(heap, n, (uint64_t)(rank - 1) << 32 |
		    (uint32_t)left);
}

/* Each symbol is offered once at the start and each merge offers at most two
 * more, so the heap never holds more than 3 n entries. */
static void
reserve(struct bpe_work *w, size_t n)
{
	if (n <= w->cap)
		return;
	w->cap = n < 256 ? 256 : n;
	w->sym = xreallocarray(w->sym, w->cap, sizeof(*w->sym));
	w->heap = xreallocarray(w->heap, w->cap * 3, sizeof(*w->heap));
}

void
bpe_work_done(struct bpe_work *w)
{
	free(w->sym);
	free(w->heap);
	*w = (struct bpe_work){ 0 };
}

void
bpe_encode(const struct bpe *b, const int32_t byte_sym[256],
    const char *word, size_t n, struct bpe_work *w, struct ids *out)
{
	struct bpe_sym *sym;
	size_t heap = 0, i;
	int32_t s;

	if (n == 0)
		return;
	reserve(w, n);
	sym = w->sym;
	for (i = 0; i < n; i++)
		sym[i] = (struct bpe_sym){
			.id = byte_sym[(unsigned char)word[i]],
			.prev = (int32_t)i - 1,
			.next = i + 1 < n ? (int32_t)i + 1 : -1,
		};
	for (i = 0; i + 1 < n; i++)
		offer(b, sym, (int32_t)i, w->heap, &heap);
	while (heap > 0) {
		uint64_t top = heap_pop(w->heap, &heap);
		const struct merge *m = &b->merges[top >> 32];
		int32_t left = (int32_t)(uint32_t)top, right;

		/* either side may have been merged since it was offered */
		if (sym[left].id != m->left || (right = sym[left].next) < 0 ||
		    sym[right].id != m->right)
			continue;
		sym[left].id = m->into;
		sym[left].next = sym[right].next;
		sym[right].id = -1;
		if (sym[right].next >= 0)
			sym[sym[right].next].prev = left;
		offer(b, sym, sym[left].prev, w->heap, &heap);
		offer(b, sym, left, w->heap, &heap);
	}
	for (s = 0; s >= 0; s = sym[s].next)
		ids_add(out, sym[s].id);
}
