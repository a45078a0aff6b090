/* tok_split.h -- how a tokenizer cuts text into words before merging: the
 * published regular expressions as hand-written scanners that take one pass
 * and constant stack whatever the text. */
#ifndef FIKR_TOK_SPLIT_H
#define FIKR_TOK_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct split_rule;

/* The rule of a tokenizer.ggml.pre name, or NULL. */
const struct split_rule *split_find(const char *pre, size_t n);
/* A name for each of the rules, for messages: "gpt-2, smollm, ...". */
const char *split_names(void);
/* What files of this kind mean when they do not say: a whole word that is a
 * token is taken as it is; BOS goes before the text. */
bool split_ignores_merges(const struct split_rule *r);
bool split_adds_bos(const struct split_rule *r);

/* The words of a text, by the byte where each ends; start it zeroed. */
struct split {
	uint32_t *end;		/* [n], ascending; the last is the length */
	size_t n;
	/* private: one entry a character */
	uint32_t *cp, *off;
	uint8_t *cls;
	size_t cap;
};
/* Cut s[0..n), n < 2^30, replacing what sp held.  Malformed bytes count as
 * symbols of one byte each. */
void split_run(struct split *sp, const struct split_rule *r, const char *s,
    size_t n);
void split_done(struct split *sp);

#endif
