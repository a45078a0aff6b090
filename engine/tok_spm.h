/* tok_spm.h -- SentencePiece's way to cut text into tokens: neighbours are
 * joined while their joint text is a token, the best score first. */
#ifndef FIKR_TOK_SPM_H
#define FIKR_TOK_SPM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "vocab.h"

/* Memory that spm_encode reuses from text to text; start it zeroed. */
struct spm_work {
	struct buf text;
	struct spm_sym *sym;
	uint64_t *heap;
	size_t cap;
};
void spm_work_done(struct spm_work *w);

/* Append the ids of s[0..n), n < 2^30, plain text whose spaces are spaces;
 * prefix: with one more of them in front.  Characters without a token come out
 * as their bytes' tokens, or where those are lacking as one unknown token for
 * all that are side by side.  O(n log n). */
void spm_encode(const struct vocab *v, const char *s, size_t n, bool prefix,
    struct spm_work *w, struct ids *out);

#endif
