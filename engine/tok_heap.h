/* tok_heap.h -- what can be joined next: a binary heap of numbers, the
 * smallest on top (Knuth, 5.2.3).
 *
 * The upper 32 bits of a number say when its turn is, the lower ones where in
 * the text: of two pairs that are due together the left one goes first. */
#ifndef FIKR_TOK_HEAP_H
#define FIKR_TOK_HEAP_H

#include <stddef.h>
#include <stdint.h>

static inline void
heap_push(uint64_t *heap, size_t *n, uint64_t x)
{
	size_t i = (*n)++;

	while (i > 0 && heap[(i - 1) / 2] > x) {
		heap[i] = heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	heap[i] = x;
}

/* Of at least one. */
static inline uint64_t
heap_pop(uint64_t *heap, size_t *n)
{
	uint64_t top = heap[0], x = heap[--*n];
	size_t i = 0, kid;

	while ((kid = 2 * i + 1) < *n) {
		if (kid + 1 < *n && heap[kid + 1] < heap[kid])
			kid++;
		if (heap[kid] >= x)
			break;
		heap[i] = heap[kid];
		i = kid;
	}
	heap[i] = x;
	return top;
}

#endif
