/* tiny_vocab.h -- a vocabulary for tests: written as a GGUF file of a few
 * kilobytes, read back through the engine's own reader, and removed.
 *
 * Token b is byte b for 0..255; what the test adds follows from 256 on. */
#ifndef FIKR_TINY_VOCAB_H
#define FIKR_TINY_VOCAB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "gguf.h"
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

static void
tiny_u32(struct buf *b, uint32_t x)
{
	buf_add(b, &x, sizeof(x));
}

static void
tiny_str(struct buf *b, const char *s, size_t n)
{
	uint64_t len = n;

	buf_add(b, &len, sizeof(len));
	buf_add(b, s, n);
}

static void
tiny_key(struct buf *b, const char *key, enum gtype type)
{
	tiny_str(b, key, strlen(key));
	tiny_u32(b, type);
}

static void
tiny_array(struct buf *b, const char *key, uint32_t elem, uint64_t n)
{
	tiny_key(b, key, GT_ARR);
	tiny_u32(b, elem);
	buf_add(b, &n, sizeof(n));
}

/* The character that GPT-2's alphabet has for a byte. */
static size_t
tiny_letter(int byte, char out[4])
{
	int c = 0, b, next = 256;

	for (b = 0; b <= byte; b++)
		c = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) ||
		    b >= 174 ? b : next++;
	return (size_t)utf8_encode((uint32_t)c, out);
}

static void
tiny_text(struct buf *b, uint64_t *n_kv, const char *key, const char *s)
{
	if (s == NULL || strcmp(s, "-") == 0)
		return;
	tiny_key(b, key, GT_STR);
	tiny_str(b, s, strlen(s));
	++*n_kv;
}

/* A number that is one more than it says, or left out. */
static void
tiny_num(struct buf *b, uint64_t *n_kv, const char *key, enum gtype type,
    int x)
{
	if (x == 0)
		return;
	tiny_key(b, key, type);
	if (type == GT_BOOL)
		buf_addc(b, (char)(x - 1));
	else
		tiny_u32(b, (uint32_t)x - 1);
	++*n_kv;
}

static void
tiny_tokens(const struct tiny *t, struct buf *b, uint64_t *n_kv, int n_bytes,
    int n)
{
	int i;

	tiny_array(b, "tokenizer.ggml.tokens", GT_STR,
	    (uint64_t)(n_bytes + n));
	for (i = 0; i < n_bytes; i++) {
		char c[4];

		tiny_str(b, c, tiny_letter(i, c));
	}
	for (i = 0; i < n; i++)
		tiny_str(b, t->tok[i].text, strlen(t->tok[i].text));
	++*n_kv;
}

static void
tiny_types(const struct tiny *t, struct buf *b, uint64_t *n_kv, int n_bytes,
    int n)
{
	int i;

	tiny_array(b, "tokenizer.ggml.token_type", GT_U32,
	    (uint64_t)(n_bytes + n + t->extra_types));
	for (i = 0; i < n_bytes; i++)
		tiny_u32(b, T_NORMAL);
	for (i = 0; i < n + t->extra_types; i++)
		tiny_u32(b, i < n ? (uint32_t)t->tok[i].type : T_NORMAL);
	++*n_kv;
}

static void
tiny_merges(const struct tiny *t, struct buf *b, uint64_t *n_kv)
{
	int n = 0, i;

	while (t->merges && t->merges[n])
		n++;
	tiny_array(b, "tokenizer.ggml.merges", GT_STR, (uint64_t)n);
	for (i = 0; i < n; i++)
		tiny_str(b, t->merges[i], strlen(t->merges[i]));
	++*n_kv;
}

/* The whole file; how many keys went in is counted in *n_kv. */
static void
tiny_body(const struct tiny *t, struct buf *b, uint64_t *n_kv)
{
	int n_bytes = t->no_bytes ? 0 : 256, n = 0;

	while (t->tok && t->tok[n].text)
		n++;
	*n_kv = 0;
	tiny_text(b, n_kv, "general.architecture", t->arch);
	tiny_text(b, n_kv, "tokenizer.ggml.model",
	    t->model ? t->model : "gpt2");
	tiny_text(b, n_kv, "tokenizer.ggml.pre", t->pre ? t->pre : "gpt-2");
	if (!t->no_tokens)
		tiny_tokens(t, b, n_kv, n_bytes, n);
	if (!t->no_types)
		tiny_types(t, b, n_kv, n_bytes, n);
	if (t->score) {
		tiny_array(b, "tokenizer.ggml.scores", GT_F32,
		    (uint64_t)(n + t->extra_scores));
		buf_add(b, t->score, (size_t)(n + t->extra_scores) *
		    sizeof(*t->score));
		++*n_kv;
	}
	if (!t->no_merges)
		tiny_merges(t, b, n_kv);
	tiny_num(b, n_kv, "tokenizer.ggml.bos_token_id", GT_U32, t->bos);
	tiny_num(b, n_kv, "tokenizer.ggml.eos_token_id", GT_U32, t->eos);
	tiny_num(b, n_kv, "tokenizer.ggml.unknown_token_id", GT_U32, t->unk);
	tiny_num(b, n_kv, "tokenizer.ggml.add_bos_token", GT_BOOL,
	    t->add_bos);
	tiny_num(b, n_kv, "tokenizer.ggml.add_space_prefix", GT_BOOL,
	    t->space_prefix);
}

/* The vocabulary of t, or NULL with the reason in err. */
static struct vocab *
tiny_vocab(const struct tiny *t, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	struct buf body = { 0 }, file = { 0 };
	char dir[4096], path[4200];
	uint64_t n_kv, none = 0;
	struct vocab *v = NULL;
	struct gguf *g;
	FILE *f;

	tiny_body(t, &body, &n_kv);
	buf_add(&file, "GGUF", 4);
	tiny_u32(&file, 3);
	buf_add(&file, &none, sizeof(none));
	buf_add(&file, &n_kv, sizeof(n_kv));
	buf_add(&file, body.data, body.len);
	snprintf(dir, sizeof(dir), "%s/fikr-vocab-XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		abort();
	snprintf(path, sizeof(path), "%s/v.gguf", dir);
	f = fopen(path, "wb");
	if (f == NULL || fwrite(file.data, 1, file.len, f) != file.len ||
	    fclose(f) != 0)
		abort();
	g = gguf_open(path, err);
	if (g != NULL) {
		v = vocab_new(g, err);
		gguf_close(g);
	}
	unlink(path);
	rmdir(dir);
	buf_free(&body);
	buf_free(&file);
	return v;
}

#endif
