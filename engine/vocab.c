/* vocab.c -- a byte-level BPE vocabulary.
 *
 * GGUF stores learned tokens in GPT-2's alphabet, which has a printable
 * character for each byte.  They are turned into their bytes while loading, so
 * that afterwards a token is a byte string and nothing else; special tokens
 * are stored as they are and looked up apart. */
#include "vocab.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "tok_bpe.h"
#include "tok_split.h"

#define TOKENS_MAX (1 << 24)
#define TOKEN_BYTES_MAX 65535
#define SPECIAL_BYTES_MAX 255	/* longer ones are not looked for in text */
#define TEXT_MAX ((size_t)1 << 29)

enum token_type { TOK_NORMAL = 1, TOK_UNKNOWN, TOK_CONTROL, TOK_USER,
	TOK_UNUSED, TOK_BYTE };

struct token {
	uint32_t off;		/* into bytes */
	uint16_t n;
	uint8_t type;
	bool eog;
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
	char *bytes;
	struct table learned;	/* the tokens that are not special */
	bool twins;		/* ... some of which have the same bytes */
	int32_t *special;	/* [n_special], ordered by their bytes */
	int n_special;
	bool starts[256];	/* some special token starts with this byte */
	/* a byte's token; n + byte where the vocabulary lacks it, which takes
	 * part in merges but comes out as nothing */
	int32_t byte_sym[256];
	struct bpe *bpe;
	const struct split_rule *rule;
	int bos;
	bool add_bos;
};

/* Which special tokens are looked for in a text. */
enum recognise { FIND_ALL, FIND_USER, FIND_PLAIN };

void
ids_add(struct ids *l, int32_t id)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 64;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = id;
}

void
ids_free(struct ids *l)
{
	free(l->v);
	*l = (struct ids){ 0 };
}

/* ---- learned tokens by their bytes ------------------------------------ */

/* FNV-1a, 64 bits folded to 32, over two strings side by side. */
static uint32_t
hash2(const char *a, size_t na, const char *b, size_t nb)
{
	uint64_t h = 0xCBF29CE484222325u;
	size_t i;

	for (i = 0; i < na; i++)
		h = (h ^ (unsigned char)a[i]) * 0x100000001B3u;
	for (i = 0; i < nb; i++)
		h = (h ^ (unsigned char)b[i]) * 0x100000001B3u;
	return (uint32_t)(h ^ h >> 32);
}

static void
table_init(struct table *t, size_t n)
{
	size_t size = 16;

	while (size < n * 2)
		size *= 2;
	t->slot = xcalloc(size, sizeof(*t->slot));
	t->mask = (uint32_t)size - 1;
}

static bool
is_token(const struct vocab *v, int id, const char *a, size_t na,
    const char *b, size_t nb)
{
	const struct token *k = &v->tok[id];
	const char *s = v->bytes + k->off;

	return k->n == na + nb && memcmp(s, a, na) == 0 &&
	    memcmp(s + na, b, nb) == 0;
}

/* The slot of the string a b: the one that holds it, or the free one where it
 * would go. */
static struct slot *
learned_slot(const struct vocab *v, uint32_t hash, const char *a, size_t na,
    const char *b, size_t nb)
{
	const struct table *t = &v->learned;
	uint32_t i;

	for (i = hash & t->mask;; i = (i + 1) & t->mask) {
		struct slot *x = &t->slot[i];

		if (x->id == 0 || (x->hash == hash &&
		    is_token(v, (int)x->id - 1, a, na, b, nb)))
			return x;
	}
}

/* The id of the string a b, or -1. */
static int
learned_find2(const struct vocab *v, const char *a, size_t na, const char *b,
    size_t nb)
{
	uint32_t h = hash2(a, na, b, nb);

	return (int)learned_slot(v, h, a, na, b, nb)->id - 1;
}

static int
learned_find(const struct vocab *v, const char *s, size_t n)
{
	return learned_find2(v, s, n, "", 0);
}

/* The first of several tokens with the same bytes counts. */
static void
learned_add(struct vocab *v, int id)
{
	const struct token *k = &v->tok[id];
	const char *s = v->bytes + k->off;
	uint32_t h = hash2(s, k->n, "", 0);
	struct slot *x = learned_slot(v, h, s, k->n, "", 0);

	if (x->id == 0)
		*x = (struct slot){ h, (uint32_t)id + 1 };
	else
		v->twins = true;
}

/* ---- loading ---------------------------------------------------------- */

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

/* Decode s from the alphabet into out[n]; the bytes written, or n with s as
 * it is when s is not in the alphabet. */
static size_t
to_bytes(const int16_t inv[512], const char *s, size_t n, char *out)
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

static bool
is_special_type(int type)
{
	return type == TOK_CONTROL || type == TOK_USER;
}

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
load_tokens(struct vocab *v, const struct gguf *g, const int16_t inv[512],
    struct err *err)
{
	const struct gkv *toks = find_array(g, "tokenizer.ggml.tokens", true);
	const struct gkv *types =
	    find_array(g, "tokenizer.ggml.token_type", false);
	const void *cur = NULL;
	size_t total = 0, used = 0;
	int i;

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
	v->n = (int)toks->n;
	v->tok = xcalloc(toks->n, sizeof(*v->tok));
	for (i = 0; i < v->n; i++) {
		struct gstr s = gkv_next_str(toks, &cur);

		if (s.n > TOKEN_BYTES_MAX)
			return err_set(err, "token %d is %zu bytes long; the "
			    "file is damaged", i, s.n);
		total += s.n;
	}
	if (total > UINT32_MAX)
		return err_set(err, "the tokens are %zu bytes long together, "
		    "more than can be right; the file is damaged", total);
	v->bytes = xmalloc(total + 1);
	for (i = 0, cur = NULL; i < v->n; i++) {
		struct gstr s = gkv_next_str(toks, &cur);
		int64_t type = types ? gkv_int_at(types, (uint64_t)i) : 1;
		struct token *k = &v->tok[i];

		if (type < TOK_NORMAL || type > TOK_BYTE)
			type = TOK_NORMAL;
		if (type == TOK_USER && is_padding(s.p, s.n))
			type = TOK_UNUSED;
		k->type = (uint8_t)type;
		k->off = (uint32_t)used;
		if (type == TOK_NORMAL || type == TOK_BYTE)
			k->n = (uint16_t)to_bytes(inv, s.p, s.n,
			    v->bytes + used);
		else {
			memcpy(v->bytes + used, s.p, s.n);
			k->n = (uint16_t)s.n;
		}
		used += k->n;
	}
	return 0;
}

/* The symbol of a merge's side or outcome, bytes that lack a token included;
 * -1 if there is none. */
static int32_t
symbol(const struct vocab *v, const char *s, size_t n)
{
	return n == 1 ? v->byte_sym[(unsigned char)*s] : learned_find(v, s, n);
}

/* The token that a merge makes, or -1.  Nearly always tokens stand in the
 * order of their merges, so the one after the last is tried first. */
static int32_t
outcome(const struct vocab *v, int32_t last, const char *a, size_t na,
    const char *b, size_t nb)
{
	int32_t next = last + 1;

	if (!v->twins && next < v->n && v->tok[next].type == TOK_NORMAL &&
	    is_token(v, next, a, na, b, nb))
		return next;
	return learned_find2(v, a, na, b, nb);
}

/* Merges that refer to unknown tokens can never apply and are left out. */
static int
load_merges(struct vocab *v, const struct gguf *g, const int16_t inv[512],
    struct err *err)
{
	const struct gkv *kv = find_array(g, "tokenizer.ggml.merges", true);
	const void *cur = NULL;
	char a[1024], b[1024];
	int32_t last = -1;
	uint64_t i;

	if (kv == NULL)
		return err_set(err, "the file has no list of merges "
		    "(tokenizer.ggml.merges); take a complete one");
	if (kv->n > INT32_MAX)
		return err_set(err, "the file lists %llu merges, more than can "
		    "be right; it is damaged", (unsigned long long)kv->n);
	v->bpe = bpe_new((size_t)kv->n);
	for (i = 0; i < kv->n; i++) {
		struct gstr s = gkv_next_str(kv, &cur);
		const char *gap = s.n < 3 ? NULL :
		    memchr(s.p + 1, ' ', s.n - 1);
		size_t na, nb;
		int32_t left, right, into;

		if (gap == NULL || s.n > sizeof(a))
			continue;
		na = (size_t)(gap - s.p);
		nb = s.n - na - 1;
		na = to_bytes(inv, s.p, na, a);
		nb = to_bytes(inv, gap + 1, nb, b);
		left = symbol(v, a, na);
		right = symbol(v, b, nb);
		into = outcome(v, last, a, na, b, nb);
		if (left < 0 || right < 0 || into < 0)
			continue;
		bpe_merge(v->bpe, left, right, into);
		last = into;
	}
	return 0;
}

struct special_key { const char *s; size_t n; int32_t id; };

static int
special_cmp(const void *pa, const void *pb)
{
	const struct special_key *a = pa, *b = pb;
	int c = memcmp(a->s, b->s, a->n < b->n ? a->n : b->n);

	if (c != 0)
		return c;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return a->id < b->id ? -1 : 1;
}

static void
index_tokens(struct vocab *v)
{
	struct special_key *keys;
	int i, n = 0;

	table_init(&v->learned, (size_t)v->n);
	keys = xreallocarray(NULL, (size_t)v->n, sizeof(*keys));
	for (i = 0; i < v->n; i++) {
		const struct token *k = &v->tok[i];

		if (k->n == 0)
			continue;
		if (is_special_type(k->type))
			keys[n++] = (struct special_key){
				v->bytes + k->off, k->n, i };
		else if (k->type != TOK_UNUSED)
			learned_add(v, i);
	}
	qsort(keys, (size_t)n, sizeof(*keys), special_cmp);
	v->special = xreallocarray(NULL, (size_t)n + 1, sizeof(*v->special));
	for (i = 0; i < n; i++) {
		v->starts[(unsigned char)keys[i].s[0]] = true;
		v->special[v->n_special++] = keys[i].id;
	}
	free(keys);
	for (i = 0; i < 256; i++) {
		char c = (char)i;
		int id = learned_find(v, &c, 1);

		v->byte_sym[i] = id >= 0 ? id : v->n + i;
	}
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
	int64_t id;
	size_t i;
	int k;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (gguf_int(g, keys[i], &id) == 0 && id >= 0 && id < v->n)
			v->tok[id].eog = true;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if ((k = vocab_find(v, texts[i])) >= 0 &&
		    is_special_type(v->tok[k].type))
			v->tok[k].eog = true;
}

/* The file's keys count over what its kind of tokenizer does by default. */
static void
load_bos(struct vocab *v, const struct gguf *g)
{
	int64_t x;

	v->bos = -1;
	if (gguf_int(g, "tokenizer.ggml.bos_token_id", &x) == 0 && x >= 0 &&
	    x < v->n)
		v->bos = (int)x;
	v->add_bos = split_adds_bos(v->rule);
	if (gguf_int(g, "tokenizer.ggml.add_bos_token", &x) == 0)
		v->add_bos = x != 0;
	if (v->bos < 0)
		v->add_bos = false;
}

static int
check_kind(struct vocab *v, const struct gguf *g, struct err *err)
{
	struct gstr s;

	if (gguf_str(g, "tokenizer.ggml.model", &s) < 0)
		return err_set(err, "the file has no tokenizer "
		    "(tokenizer.ggml.model); take a complete one");
	if (s.n != 4 || memcmp(s.p, "gpt2", 4) != 0)
		return err_set(err, "the model's tokenizer, \"%.*s\", is not "
		    "supported; take a model with a byte-level BPE one "
		    "(\"gpt2\")", (int)(s.n < 64 ? s.n : 64), s.p);
	if (gguf_str(g, "tokenizer.ggml.pre", &s) < 0)
		return err_set(err, "the file does not say how its tokenizer "
		    "splits text (tokenizer.ggml.pre); take a newer "
		    "conversion of it");
	v->rule = split_find(s.p, s.n);
	if (v->rule == NULL)
		return err_set(err, "the model's way to split text, \"%.*s\", "
		    "is not supported; supported are: %s",
		    (int)(s.n < 64 ? s.n : 64), s.p, split_names());
	return 0;
}

struct vocab *
vocab_new(const struct gguf *g, struct err *err)
{
	struct vocab *v = xcalloc(1, sizeof(*v));
	int16_t inv[512];

	alphabet(inv);
	if (check_kind(v, g, err) < 0 || load_tokens(v, g, inv, err) < 0) {
		vocab_free(v);
		return NULL;
	}
	index_tokens(v);
	if (load_merges(v, g, inv, err) < 0) {
		vocab_free(v);
		return NULL;
	}
	load_bos(v, g);
	mark_eog(v, g);
	return v;
}

void
vocab_free(struct vocab *v)
{
	if (v == NULL)
		return;
	free(v->tok);
	free(v->bytes);
	free(v->learned.slot);
	free(v->special);
	bpe_free(v->bpe);
	free(v);
}

/* ---- what a token is -------------------------------------------------- */

int
vocab_size(const struct vocab *v)
{
	return v->n;
}

int
vocab_bos(const struct vocab *v)
{
	return v->bos;
}

bool
vocab_add_bos(const struct vocab *v)
{
	return v->add_bos;
}

static bool
known(const struct vocab *v, int id)
{
	return id >= 0 && id < v->n;
}

bool
vocab_is_eog(const struct vocab *v, int id)
{
	return known(v, id) && v->tok[id].eog;
}

bool
vocab_is_control(const struct vocab *v, int id)
{
	return known(v, id) && v->tok[id].type == TOK_CONTROL;
}

bool
vocab_is_special(const struct vocab *v, int id)
{
	return known(v, id) && is_special_type(v->tok[id].type);
}

bool
vocab_is_unused(const struct vocab *v, int id)
{
	return !known(v, id) || v->tok[id].type == TOK_UNUSED;
}

/* ---- special tokens in a text ----------------------------------------- */

/* The first of the special tokens [lo, hi), all alike in their first d bytes
 * and longer than that from lo on, whose byte d is not below c. */
static int
special_bound(const struct vocab *v, int lo, int hi, size_t d, int c)
{
	while (lo < hi) {
		int mid = lo + (hi - lo) / 2;
		const struct token *k = &v->tok[v->special[mid]];

		if ((unsigned char)v->bytes[k->off + d] < c)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
may_find(const struct token *k, const char *s, enum recognise what)
{
	if (what == FIND_ALL)
		return true;
	if (k->type != TOK_USER)
		return false;
	/* added words ("ø", line breaks) are language, "<...>" is not */
	return what == FIND_USER || k->n < 3 || s[0] != '<' ||
	    s[k->n - 1] != '>';
}

/* The longest special token that s[0..n) starts with, or -1.  The ordered
 * list is walked like a trie: each byte narrows the range. */
static int
special_at(const struct vocab *v, const char *s, size_t n,
    enum recognise what)
{
	int lo = 0, hi = v->n_special, best = -1;
	size_t d;

	for (d = 0; d < n && d < SPECIAL_BYTES_MAX; d++) {
		int c = (unsigned char)s[d], id;

		/* tokens that end here come first in their range */
		while (lo < hi && v->tok[v->special[lo]].n == d)
			lo++;
		lo = special_bound(v, lo, hi, d, c);
		hi = special_bound(v, lo, hi, d, c + 1);
		if (lo == hi)
			break;
		id = v->special[lo];
		if (v->tok[id].n == d + 1 && may_find(&v->tok[id], s, what))
			best = id;
	}
	return best;
}

int
vocab_find(const struct vocab *v, const char *text)
{
	size_t n = strlen(text);
	int id = special_at(v, text, n, FIND_ALL);

	if (id >= 0 && v->tok[id].n == n)
		return id;
	return learned_find(v, text, n);
}

const char *
vocab_piece(const struct vocab *v, int id, bool special, size_t *n)
{
	*n = 0;
	if (!known(v, id) || v->tok[id].type == TOK_UNUSED)
		return "";
	if (!special && (v->tok[id].type == TOK_CONTROL ||
	    v->tok[id].type == TOK_UNKNOWN))
		return "";
	*n = v->tok[id].n;
	return v->bytes + v->tok[id].off;
}

/* ---- encoding --------------------------------------------------------- */

struct encoder {
	struct split split;
	struct bpe_work work;
};

static void
encode_plain(const struct vocab *v, struct encoder *e, const char *s,
    size_t n, struct ids *out)
{
	size_t i, start = 0, first = out->n, k;

	split_run(&e->split, v->rule, s, n);
	for (i = 0; i < e->split.n; i++) {
		const char *word = s + start;
		size_t len = e->split.end[i] - start;
		int id = split_ignores_merges(v->rule) ?
		    learned_find(v, word, len) : -1;

		if (id >= 0)
			ids_add(out, id);
		else
			bpe_encode(v->bpe, v->byte_sym, word, len, &e->work,
			    out);
		start += len;
	}
	/* drop the bytes that the vocabulary has no token for */
	for (i = k = first; i < out->n; i++)
		if (out->v[i] < v->n)
			out->v[k++] = out->v[i];
	out->n = k;
}

static int
encode(const struct vocab *v, const char *s, size_t n, enum recognise what,
    struct ids *out, struct err *err)
{
	struct encoder e = { 0 };
	size_t i, start = 0;

	if (n > TEXT_MAX)
		return err_set(err, "the text is %zu bytes long, but at most "
		    "%zu can be read at once; shorten it", n, TEXT_MAX);
	for (i = 0; i < n;) {
		int id = v->starts[(unsigned char)s[i]] ?
		    special_at(v, s + i, n - i, what) : -1;

		if (id < 0) {
			i++;
			continue;
		}
		encode_plain(v, &e, s + start, i - start, out);
		ids_add(out, id);
		i += v->tok[id].n;
		start = i;
	}
	encode_plain(v, &e, s + start, n - start, out);
	split_done(&e.split);
	bpe_work_done(&e.work);
	return 0;
}

int
vocab_encode(const struct vocab *v, const char *text, size_t n, bool special,
    struct ids *out, struct err *err)
{
	return encode(v, text, n, special ? FIND_ALL : FIND_USER, out, err);
}

int
vocab_encode_body(const struct vocab *v, const char *text, size_t n,
    struct ids *out, struct err *err)
{
	return encode(v, text, n, FIND_PLAIN, out, err);
}
