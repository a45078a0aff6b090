/* tiny_vocab.h -- a vocabulary for tests: written as a GGUF file of a few
 * kilobytes, read back through the engine's own reader, and removed.
 *
 * Token b is byte b for 0..255; what the test adds follows from 256 on. */
#ifndef FIKR_TINY_VOCAB_H
#define FIKR_TINY_VOCAB_H

#include "gguf_writer.h"
#include "utf8.h"
#include "vocab.h"

enum { T_NORMAL = 1, T_UNKNOWN, T_CONTROL, T_USER, T_UNUSED, T_BYTE };

struct tiny_tok { const char *text; int type; };	/* ends with NULL */

struct tiny {
	const char *model, *pre;	/* NULL: gpt2, gpt-2; "-": left out */
	const char *arch;		/* NULL: left out */
	const struct tiny_tok *tok;
	const char *const *merges;	/* ends with NULL */
	const float *score;		/* of tok and extra_scores */
	/* 0: left out, else value + 1 */
	int bos, eos, unk, add_bos, space_prefix;
	int extra_types, extra_scores;	/* more than tokens */
	bool no_tokens, no_merges, no_bytes, no_types;
};

/* The character that GPT-2's alphabet has for a byte. */
static void
tiny_letter(int byte, char out[5])
{
	int c = 0, b, next = 256;

	for (b = 0; b <= byte; b++)
		c = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) ||
		    b >= 174 ? b : next++;
	out[utf8_encode((uint32_t)c, out)] = '\0';
}

static void
tiny_text(struct gguf_out *o, const char *key, const char *s)
{
	if (s != NULL && strcmp(s, "-") != 0)
		put_str(o, key, s);
}

/* A number that is one more than it says, or left out. */
static void
tiny_num(struct gguf_out *o, const char *key, enum gtype type, int x)
{
	uint32_t v = (uint32_t)x - 1;
	uint8_t b = (uint8_t)v;

	if (x != 0 && type == GT_BOOL)
		put_kv(o, key, type, &b, sizeof(b));
	else if (x != 0)
		put_kv(o, key, type, &v, sizeof(v));
}

static void
tiny_tokens(const struct tiny *t, struct gguf_out *o, int n_bytes, int n)
{
	int i;

	put_arr(o, "tokenizer.ggml.tokens", GT_STR, (uint64_t)(n_bytes + n));
	for (i = 0; i < n_bytes; i++) {
		char c[5];

		tiny_letter(i, c);
		wstr(&o->kv, c);
	}
	for (i = 0; i < n; i++)
		wstr(&o->kv, t->tok[i].text);
}

static void
tiny_types(const struct tiny *t, struct gguf_out *o, int n_bytes, int n)
{
	int i;

	put_arr(o, "tokenizer.ggml.token_type", GT_U32,
	    (uint64_t)(n_bytes + n + t->extra_types));
	for (i = 0; i < n_bytes; i++)
		w32(&o->kv, T_NORMAL);
	for (i = 0; i < n + t->extra_types; i++)
		w32(&o->kv, i < n ? (uint32_t)t->tok[i].type : T_NORMAL);
}

static void
tiny_merges(const struct tiny *t, struct gguf_out *o)
{
	int n = 0, i;

	while (t->merges && t->merges[n])
		n++;
	put_arr(o, "tokenizer.ggml.merges", GT_STR, (uint64_t)n);
	for (i = 0; i < n; i++)
		wstr(&o->kv, t->merges[i]);
}

static void
tiny_body(const struct tiny *t, struct gguf_out *o)
{
	int n_bytes = t->no_bytes ? 0 : 256, n = 0;

	while (t->tok && t->tok[n].text)
		n++;
	tiny_text(o, "general.architecture", t->arch);
	tiny_text(o, "tokenizer.ggml.model", t->model ? t->model : "gpt2");
	tiny_text(o, "tokenizer.ggml.pre", t->pre ? t->pre : "gpt-2");
	if (!t->no_tokens)
		tiny_tokens(t, o, n_bytes, n);
	if (!t->no_types)
		tiny_types(t, o, n_bytes, n);
	if (t->score) {
		put_arr(o, "tokenizer.ggml.scores", GT_F32,
		    (uint64_t)(n + t->extra_scores));
		buf_add(&o->kv, t->score, (size_t)(n + t->extra_scores) *
		    sizeof(*t->score));
	}
	if (!t->no_merges)
		tiny_merges(t, o);
	tiny_num(o, "tokenizer.ggml.bos_token_id", GT_U32, t->bos);
	tiny_num(o, "tokenizer.ggml.eos_token_id", GT_U32, t->eos);
	tiny_num(o, "tokenizer.ggml.unknown_token_id", GT_U32, t->unk);
	tiny_num(o, "tokenizer.ggml.add_bos_token", GT_BOOL, t->add_bos);
	tiny_num(o, "tokenizer.ggml.add_space_prefix", GT_BOOL,
	    t->space_prefix);
}

/* The vocabulary of t, or NULL with the reason in err. */
static struct vocab *
tiny_vocab(const struct tiny *t, struct err *err)
{
	struct gguf_out out = { 0 };
	struct vocab *v = NULL;
	struct gguf *g;
	char path[256];

	tiny_body(t, &out);
	write_temp(&out, path);
	g = gguf_open(path, err);
	if (g != NULL) {
		v = vocab_new(g, err);
		gguf_close(g);
	}
	unlink(path);
	return v;
}

enum how { PLAIN, SPECIAL, BODY };

/* These are the ids of s. */
static inline void
check_n(const struct vocab *v, const char *s, size_t n, enum how how,
    const int32_t *want, size_t n_want)
{
	struct ids l = { 0 };
	size_t i;

	if (how == BODY)
		assert_int_equal(vocab_encode_body(v, s, n, &l, NULL), 0);
	else
		assert_int_equal(vocab_encode(v, s, n, how == SPECIAL, &l,
		    NULL), 0);
	assert_int_equal(l.n, n_want);
	for (i = 0; i < n_want; i++)
		assert_int_equal(l.v[i], want[i]);
	ids_free(&l);
}

#define CHECK(v, s, how, ...) do { \
	const int32_t want_[] = { __VA_ARGS__ }; \
	check_n(v, s, sizeof(s) - 1, how, want_, \
	    sizeof(want_) / sizeof(want_[0])); \
} while (0)

#endif
