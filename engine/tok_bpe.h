/* tok_bpe.h -- byte-pair encoding of one word: a table of merges in the order
 * they were learned, and the loop that applies them. */
#ifndef FIKR_TOK_BPE_H
#define FIKR_TOK_BPE_H

#include <stddef.h>
#include <stdint.h>

#include "vocab.h"

struct bpe;

/* Memory that bpe_encode reuses from word to word; start it zeroed. */
struct bpe_work {
	struct bpe_sym *sym;
	uint64_t *heap;
	size_t cap;
};
void bpe_work_done(struct bpe_work *w);

/* A table for at most max merges, max < 2^31. */
struct bpe *bpe_new(size_t max);
void bpe_free(struct bpe *b);
/* Add the next merge: left and right side by side become into.  Of two merges
 * of the same pair the first counts. */
void bpe_merge(struct bpe *b, int32_t left, int32_t right, int32_t into);
/* The merge of this pair is added soon: have its memory brought near. */
void bpe_expect(const struct bpe *b, int32_t left, int32_t right);

/* Append the ids of word[0..n), n < 2^30, starting from one symbol a byte and
 * always applying the earliest merge, leftmost first.  O(n log n). */
void bpe_encode(const struct bpe *b, const int32_t byte_sym[256],
    const char *word, size_t n, struct bpe_work *w, struct ids *out);

#endif
