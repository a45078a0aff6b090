/* vocab_priv.h -- what a vocabulary is made of; for vocab*.c and tok_spm.c
 * alone. */
#ifndef FIKR_VOCAB_PRIV_H
#define FIKR_VOCAB_PRIV_H

#include "tok_bpe.h"
#include "tok_split.h"
#include "vocab.h"

#define VOCAB_SPACE "\xE2\x96\x81"	/* SentencePiece's space, U+2581 */

enum token_type { TOK_NORMAL = 1, TOK_UNKNOWN, TOK_CONTROL, TOK_USER,
	TOK_UNUSED, TOK_BYTE };

struct token {
	uint32_t off;		/* into bytes */
	uint16_t n;
	uint8_t type;
	bool eog;
	bool marker;		/* found in a text, it steers the model */
};

/* A hash of byte strings, open addressing. */
struct slot { uint32_t hash, id; };	/* id + 1, 0 is free */
struct table {
	struct slot *slot;
	uint32_t mask;
};

struct vocab {
	struct token *tok;	/* [n] */
	int n;
	char *bytes;		/* the texts; a space is one byte everywhere */
	struct table learned;	/* the tokens that are not special */
	bool twins;		/* ... some of which have the same bytes */
	size_t longest;		/* ... and the length of the longest */
	int32_t *special;	/* [n_special], ordered by their bytes */
	int n_special;
	bool starts[256];	/* some special token starts with this byte */
	/* a byte's token; n + byte where the vocabulary lacks it, which takes
	 * part in merges but comes out as nothing */
	int32_t byte_sym[256];
	/* BPE */
	struct bpe *bpe;
	const struct split_rule *rule;
	/* SentencePiece */
	float *score;		/* [n], NULL: this is BPE */
	int unk;		/* for what has no token, or -1 */
	bool space_prefix;	/* text starts with a space of its own */
	bool joins[256];	/* this byte, then a space, inside a token */
	/* both */
	int bos;
	bool add_bos;
};

/* vocab_load.c: fill v from the file's lists. */
int vocab_load(struct vocab *v, const struct gguf *g, struct err *err);

/* GPT-2's alphabet: decode s[0..n) from it, inv[c] being the byte of character
 * c or -1, into out[n]; the bytes written, or n with s as it is when s is not
 * in the alphabet. */
size_t vocab_to_bytes(const int16_t inv[512], const char *s, size_t n,
    char *out);

/* vocab_merges.c: fill v->bpe from the file's list. */
int vocab_load_merges(struct vocab *v, const struct gkv *kv,
    const int16_t inv[512], struct err *err);

/* vocab.c: the learned token of the string a b, or of s, or -1. */
int vocab_learned2(const struct vocab *v, const char *a, size_t na,
    const char *b, size_t nb);
int vocab_learned(const struct vocab *v, const char *s, size_t n);
/* The same in steps, for many strings at once: the hash, by which the memory
 * that is needed is asked for, first of the table and then of the token. */
uint32_t vocab_hash(const char *s, size_t n);
void vocab_expect(const struct vocab *v, uint32_t hash);
void vocab_expect_token(const struct vocab *v, uint32_t hash);
int vocab_learned_hashed(const struct vocab *v, const char *s, size_t n,
    uint32_t hash);
bool vocab_is_text(const struct vocab *v, int id, const char *a, size_t na,
    const char *b, size_t nb);
/* Build the hash and the list of special tokens, once all are in. */
void vocab_index(struct vocab *v);

/* vocab_special.c: which special tokens are looked for in a text. */
enum recognise { FIND_ALL, FIND_USER, FIND_PLAIN };
void vocab_sort_special(struct vocab *v);
/* The longest special token that s[0..n) starts with, or -1.  A marker must
 * lie in the first room bytes. */
int vocab_special_at(const struct vocab *v, const char *s, size_t n,
    enum recognise what, size_t room);

/* vocab_encode.c: append s to b, VOCAB_SPACE turned into a space. */
void vocab_plain_spaces(struct buf *b, const char *s, size_t n);

#endif
