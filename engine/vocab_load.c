/* vocab_load.c -- a vocabulary out of a model file: the lists are checked
 * against each other, and what merely cannot be used is left out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "vocab_priv.h"

#define TOKENS_MAX (1 << 24)
#define TOKEN_BYTES_MAX 65535

/* GPT-2's bytes_to_unicode, backwards: inv[c] is the byte of character c, or
 * -1.  Printable bytes stand for themselves, the others are numbered from
 * U+0100 on. */
static void
alphabet(int16_t inv[512])
{
	int b, next = 256;

	for (b = 0; b < 512; b++)
		inv[b] = -1;
	for (b = 0; b < 256; b++) {
		bool printable = (b >= 33 && b <= 126) ||
		    (b >= 161 && b <= 172) || b >= 174;

		inv[printable ? b : next++] = (int16_t)b;
	}
}

size_t
vocab_to_bytes(const int16_t inv[512], const char *s, size_t n, char *out)
{
	size_t i, k = 0;

	for (i = 0; i < n; k++) {
		unsigned c = (unsigned char)s[i++];

		if (c >= 0xC0 && c <= 0xC7 && i < n)
			c = (c & 7) << 6 | ((unsigned char)s[i++] & 0x3F);
		else if (c >= 0x80)
			c = 511;
		if (inv[c] < 0) {
			memcpy(out, s, n);
			return n;
		}
		out[k] = (char)inv[c];
	}
	return k;
}

static const struct gkv *
find_array(const struct gguf *g, const char *key, bool strings)
{
	const struct gkv *kv = gguf_find(g, key);

	if (kv == NULL || kv->type != GT_ARR ||
	    (kv->elem == GT_STR) != strings)
		return NULL;
	return kv;
}

/* ---- tokens ----------------------------------------------------------- */

/* "[PAD151646]": how converters fill rows that have no token. */
static bool
is_padding(const char *s, size_t n)
{
	size_t i;

	if (n < 6 || memcmp(s, "[PAD", 4) != 0 || s[n - 1] != ']')
		return false;
	for (i = 4; i < n - 1; i++)
		if (s[i] < '0' || s[i] > '9')
			return false;
	return true;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "<0x0A>", SentencePiece's way to write a byte, or -1. */
static int
byte_of(struct gstr s)
{
	int hi, lo;

	if (s.n != 6 || memcmp(s.p, "<0x", 3) != 0 || s.p[5] != '>')
		return -1;
	hi = hex(s.p[3]);
	lo = hex(s.p[4]);
	return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}

static int
check_tokens(const struct gkv *toks, const struct gkv *types, size_t *total,
    struct err *err)
{
	const void *cur = NULL;
	uint64_t i;

	if (toks == NULL || toks->n == 0)
		return err_set(err, "the file has no list of tokens "
		    "(tokenizer.ggml.tokens); take a complete one");
	if (toks->n > TOKENS_MAX)
		return err_set(err, "the file lists %llu tokens, more than the "
		    "%d that can be right; it is damaged",
		    (unsigned long long)toks->n, TOKENS_MAX);
	if (types != NULL && types->n != toks->n)
		return err_set(err, "the file gives %llu token types for %llu "
		    "tokens; it is damaged",
		    (unsigned long long)types->n,
		    (unsigned long long)toks->n);
	for (i = 0; i < toks->n; i++) {
		struct gstr s = gkv_next_str(toks, &cur);

		if (s.n > TOKEN_BYTES_MAX)
			return err_set(err, "token %llu is %zu bytes long; the "
			    "file is damaged", (unsigned long long)i, s.n);
		*total += s.n;
	}
	if (*total > UINT32_MAX)
		return err_set(err, "the tokens are %zu bytes long together, "
		    "more than can be right; the file is damaged", *total);
	return 0;
}

/* The text of token id, appended to v->bytes + off. */
static void
take_bpe(struct vocab *v, int id, const int16_t inv[512], struct gstr s)
{
	struct token *k = &v->tok[id];
	char *out = v->bytes + k->off;

	if (k->type == TOK_NORMAL || k->type == TOK_BYTE)
		k->n = (uint16_t)vocab_to_bytes(inv, s.p, s.n, out);
	else {
		memcpy(out, s.p, s.n);
		k->n = (uint16_t)s.n;
	}
}

/* The same for SentencePiece.  A file without types still has bytes. */
static void
take_spm(struct vocab *v, int id, bool typed, struct gstr s)
{
	struct token *k = &v->tok[id];
	char *out = v->bytes + k->off;
	int byte = k->type == TOK_BYTE || !typed ? byte_of(s) : -1;
	struct buf b = { 0 };
	size_t i;

	if (byte >= 0) {
		k->type = TOK_BYTE;
		k->n = 1;
		out[0] = (char)byte;
		if (v->byte_sym[byte] >= v->n)
			v->byte_sym[byte] = id;
		return;
	}
	if (k->type == TOK_BYTE)
		k->type = TOK_NORMAL;
	if (memchr(s.p, VOCAB_SPACE[0], s.n) == NULL) {
		memcpy(out, s.p, s.n);
		k->n = (uint16_t)s.n;
	} else {
		vocab_plain_spaces(&b, s.p, s.n);
		memcpy(out, b.data, b.len);
		k->n = (uint16_t)b.len;
		buf_free(&b);
	}
	if (k->type != TOK_NORMAL)
		return;
	for (i = 1; i < k->n; i++)
		if (out[i] == ' ' && out[i - 1] != ' ')
			v->joins[(unsigned char)out[i - 1]] = true;
}

static int
load_tokens(struct vocab *v, const struct gguf *g, const int16_t inv[512],
    struct err *err)
{
	const struct gkv *toks = find_array(g, "tokenizer.ggml.tokens", true);
	const struct gkv *types =
	    find_array(g, "tokenizer.ggml.token_type", false);
	const void *cur = NULL;
	size_t total = 0, used = 0;
	int i;

	if (check_tokens(toks, types, &total, err) < 0)
		return -1;
	v->n = (int)toks->n;
	v->tok = xcalloc(toks->n, sizeof(*v->tok));
	v->bytes = xmalloc(total + 1);
	for (i = 0; i < 256; i++)
		v->byte_sym[i] = v->n + i;
	for (i = 0; i < v->n; i++) {
		struct gstr s = gkv_next_str(toks, &cur);
		int64_t type = types ? gkv_int_at(types, (uint64_t)i) : 1;
		struct token *k = &v->tok[i];

		if (type < TOK_NORMAL || type > TOK_BYTE)
			type = TOK_NORMAL;
		if (type == TOK_USER && is_padding(s.p, s.n))
			type = TOK_UNUSED;
		k->type = (uint8_t)type;
		k->off = (uint32_t)used;
		if (v->rule != NULL)
			take_bpe(v, i, inv, s);
		else
			take_spm(v, i, types != NULL, s);
		used += k->n;
	}
	return 0;
}

/* ---- merges and scores ------------------------------------------------ */

static int
load_merges(struct vocab *v, const struct gguf *g, const int16_t inv[512],
    struct err *err)
{
	const struct gkv *kv = find_array(g, "tokenizer.ggml.merges", true);
	int i;

	if (kv == NULL)
		return err_set(err, "the file has no list of merges "
		    "(tokenizer.ggml.merges); take a complete one");
	for (i = 0; i < 256; i++) {
		char c = (char)i;
		int id = vocab_learned(v, &c, 1);

		if (id >= 0)
			v->byte_sym[i] = id;
	}
	return vocab_load_merges(v, kv, inv, err);
}

static int
load_scores(struct vocab *v, const struct gguf *g, struct err *err)
{
	const struct gkv *kv = find_array(g, "tokenizer.ggml.scores", false);
	int i;

	if (kv == NULL)
		return err_set(err, "the file has no scores of its tokens "
		    "(tokenizer.ggml.scores); take a complete one");
	if (kv->n != (uint64_t)v->n)
		return err_set(err, "the file gives %llu scores for %d tokens; "
		    "it is damaged", (unsigned long long)kv->n, v->n);
	v->score = xreallocarray(NULL, (size_t)v->n, sizeof(*v->score));
	for (i = 0; i < v->n; i++) {
		v->score[i] = (float)gkv_float_at(kv, (uint64_t)i);
		if (isnan(v->score[i]))
			return err_set(err, "the score of token %d is not a "
			    "number; the file is damaged", i);
	}
	return 0;
}

/* ---- ids -------------------------------------------------------------- */

/* A token that a key names; where it does not, def if that is of type. */
static int
named(const struct vocab *v, const struct gguf *g, const char *key, int def,
    enum token_type type)
{
	int64_t id;

	if (gguf_int(g, key, &id) == 0)
		return id >= 0 && id < v->n ? (int)id : -1;
	return v->score != NULL && def < v->n && v->tok[def].type == type ?
	    def : -1;
}

/* The file's keys count over what its kind of tokenizer does by default. */
static void
load_ids(struct vocab *v, const struct gguf *g)
{
	struct gstr arch = { "", 0 };
	int64_t x;

	v->unk = named(v, g, "tokenizer.ggml.unknown_token_id", 0,
	    TOK_UNKNOWN);
	v->bos = named(v, g, "tokenizer.ggml.bos_token_id", 1, TOK_CONTROL);
	v->add_bos = v->rule == NULL || split_adds_bos(v->rule);
	if (gguf_int(g, "tokenizer.ggml.add_bos_token", &x) == 0)
		v->add_bos = x != 0;
	if (v->bos < 0)
		v->add_bos = false;
	if (v->score == NULL)
		return;
	gguf_str(g, "general.architecture", &arch);
	v->space_prefix = arch.n < 5 || memcmp(arch.p, "gemma", 5) != 0;
	if (gguf_int(g, "tokenizer.ggml.add_space_prefix", &x) == 0)
		v->space_prefix = x != 0;
}

static void
mark_eog(struct vocab *v, const struct gguf *g)
{
	static const char *const keys[] = { "tokenizer.ggml.eos_token_id",
		"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id" };
	static const char *const texts[] = { "<|eot_id|>", "<|im_end|>",
		"<|end|>", "<end_of_turn>", "<|endoftext|>",
		"<|end_of_text|>", "<|eom_id|>", "<|EOT|>", "<EOT>",
		"<｜end▁of▁sentence｜>", "</s>" };
	size_t i;
	int k;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if ((k = named(v, g, keys[i], i == 0 ? 2 : v->n,
		    TOK_CONTROL)) >= 0)
			v->tok[k].eog = true;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		bool html = strcmp(texts[i], "</s>") == 0;

		k = vocab_find(v, texts[i]);
		if (html ? vocab_is_control(v, k) : vocab_is_special(v, k))
			v->tok[k].eog = true;
	}
}

/* ---- all of it -------------------------------------------------------- */

static int
check_rule(struct vocab *v, const struct gguf *g, struct err *err)
{
	struct gstr s;

	if (gguf_str(g, "tokenizer.ggml.pre", &s) < 0 ||
	    (s.n == 7 && memcmp(s.p, "default", 7) == 0))
		return err_set(err, "the file does not say how its tokenizer "
		    "splits text (tokenizer.ggml.pre), and a guess would make "
		    "the model dull; take a newer conversion of it");
	v->rule = split_find(s.p, s.n);
	if (v->rule == NULL)
		return err_set(err, "the model's way to split text, \"%.*s\", "
		    "is not supported; supported are: %s",
		    (int)(s.n < 64 ? s.n : 64), s.p, split_names());
	return 0;
}

int
vocab_load(struct vocab *v, const struct gguf *g, struct err *err)
{
	int16_t inv[512];
	struct gstr s;
	bool spm;

	alphabet(inv);
	if (gguf_str(g, "tokenizer.ggml.model", &s) < 0)
		return err_set(err, "the file has no tokenizer "
		    "(tokenizer.ggml.model); take a complete one");
	spm = s.n == 5 && memcmp(s.p, "llama", 5) == 0;
	if (!spm && (s.n != 4 || memcmp(s.p, "gpt2", 4) != 0))
		return err_set(err, "the model's tokenizer, \"%.*s\", is not "
		    "supported; take a model with a byte-level BPE one "
		    "(\"gpt2\") or a SentencePiece one (\"llama\")",
		    (int)(s.n < 64 ? s.n : 64), s.p);
	if ((!spm && check_rule(v, g, err) < 0) ||
	    load_tokens(v, g, inv, err) < 0 ||
	    (spm && load_scores(v, g, err) < 0))
		return -1;
	vocab_index(v);
	if (!spm && load_merges(v, g, inv, err) < 0)
		return -1;
	load_ids(v, g);
	mark_eog(v, g);
	return 0;
}
