/* vocab.h -- the tokens of a model: text to ids and ids to bytes. */
#ifndef FIKR_VOCAB_H
#define FIKR_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "gguf.h"

struct vocab;

struct ids {			/* a growing list of token ids */
	int32_t *v;
	size_t n, cap;
};
void ids_add(struct ids *l, int32_t id);
void ids_free(struct ids *l);

/* Copies what it needs out of g.  Fails, in a sentence, on tokenizers that
 * are not supported and on inconsistent ones. */
struct vocab *vocab_new(const struct gguf *g, struct err *err);
void vocab_free(struct vocab *v);

int vocab_size(const struct vocab *v);
int vocab_bos(const struct vocab *v);		/* -1: none */
bool vocab_add_bos(const struct vocab *v);	/* one wanted before text */
/* Text starts with a space that is not its own, as the model learned it: so
 * may an answer, whose first piece is to be shown without it. */
bool vocab_space_prefix(const struct vocab *v);
bool vocab_is_eog(const struct vocab *v, int id);	/* ends a turn */
bool vocab_is_control(const struct vocab *v, int id);
/* Added to the vocabulary by hand (control or user defined), not learned. */
bool vocab_is_special(const struct vocab *v, int id);
/* Padding rows of the model that stand for nothing: never to be sampled. */
bool vocab_is_unused(const struct vocab *v, int id);
/* The id of exactly this token text (as stored for special tokens), or -1. */
int vocab_find(const struct vocab *v, const char *text);
/* The bytes of a token, not NUL-terminated, maybe part of a character;
 * control tokens give their text only when special is true, else nothing. */
const char *vocab_piece(const struct vocab *v, int id, bool special,
    size_t *n);

/* Append the ids of text.  special: recognise control tokens in it; false
 * leaves them text, as the published tokenizers do for plain text, which takes
 * user defined tokens ("<think>" often is one) for what they are all the same.
 * No BOS is added.  Where vocab_space_prefix(), text gets its space at the
 * beginning and after special tokens; what is in out already counts.
 * Linear in n up to a log factor, no recursion. */
int vocab_encode(const struct vocab *v, const char *text, size_t n,
    bool special, struct ids *out, struct err *err);
/* The same for what a person or a file says in a conversation: no marker,
 * control or user defined, is anything but text ("<|im_end|>", "<think>").
 * Added words, blanks and HTML are language and stay what they are. */
int vocab_encode_body(const struct vocab *v, const char *text, size_t n,
    struct ids *out, struct err *err);
/* The same for a prompt made of both, as one text: tokens may cross from part
 * to part, as they do where the published tokenizers read it, but markers must
 * lie within a part that is not body. */
struct vocab_part {
	const char *s;
	size_t n;
	bool body;
};
int vocab_encode_parts(const struct vocab *v, const struct vocab_part *part,
    size_t n, struct ids *out, struct err *err);

#endif
