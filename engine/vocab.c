/* vocab.c -- the tokens of a model and what each of them is.
 *
 * GGUF stores learned tokens in an alphabet of their own: byte-level BPE has a
 * printable character for each byte, SentencePiece writes U+2581 for a space.
 * They are turned into their bytes while loading, so that afterwards a token
 * is a byte string and nothing else.  Special tokens are looked up apart. */
#include "vocab.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "vocab_priv.h"

#define BLOCK 16

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

struct vocab *
vocab_new(const struct gguf *g, struct err *err)
{
	struct vocab *v = xcalloc(1, sizeof(*v));

	if (vocab_load(v, g, err) < 0) {
		vocab_free(v);
		return NULL;
	}
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
	free(v->score);
	bpe_free(v->bpe);
	free(v);
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

bool
vocab_is_text(const struct vocab *v, int id, const char *a, size_t na,
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
find_slot(const struct vocab *v, uint32_t hash, const char *a, size_t na,
    const char *b, size_t nb)
{
	const struct table *t = &v->learned;
	uint32_t i;

	for (i = hash & t->mask;; i = (i + 1) & t->mask) {
		struct slot *x = &t->slot[i];

		if (x->id == 0 || (x->hash == hash &&
		    vocab_is_text(v, (int)x->id - 1, a, na, b, nb)))
			return x;
	}
}

int
vocab_learned2(const struct vocab *v, const char *a, size_t na, const char *b,
    size_t nb)
{
	if (na + nb > v->longest)
		return -1;
	return (int)find_slot(v, hash2(a, na, b, nb), a, na, b, nb)->id - 1;
}

uint32_t
vocab_hash(const char *s, size_t n)
{
	return hash2(s, n, "", 0);
}

void
vocab_expect(const struct vocab *v, uint32_t hash)
{
	__builtin_prefetch(&v->learned.slot[hash & v->learned.mask]);
}

void
vocab_expect_token(const struct vocab *v, uint32_t hash)
{
	const struct slot *x = &v->learned.slot[hash & v->learned.mask];

	if (x->id)
		__builtin_prefetch(&v->tok[x->id - 1]);
}

int
vocab_learned_hashed(const struct vocab *v, const char *s, size_t n,
    uint32_t hash)
{
	return (int)find_slot(v, hash, s, n, "", 0)->id - 1;
}

int
vocab_learned(const struct vocab *v, const char *s, size_t n)
{
	return vocab_learned2(v, s, n, "", 0);
}

/* The first of several tokens with the same bytes counts. */
static void
learned_add(struct vocab *v, int id, uint32_t hash)
{
	const struct token *k = &v->tok[id];
	struct slot *x = find_slot(v, hash, v->bytes + k->off, k->n, "", 0);

	if (k->n > v->longest)
		v->longest = k->n;
	if (x->id == 0)
		*x = (struct slot){ hash, (uint32_t)id + 1 };
	else
		v->twins = true;
}

static bool
is_learned(const struct vocab *v, int id)
{
	const struct token *k = &v->tok[id];

	return k->n > 0 && (k->type == TOK_NORMAL ||
	    (k->type == TOK_BYTE && !v->score));
}

/* The learned ones of the tokens id..id + n - 1, n <= BLOCK: what each needs
 * of the table is asked for before the first is put there. */
static void
add_block(struct vocab *v, int id, int n)
{
	uint32_t hash[BLOCK];
	int i;

	for (i = 0; i < n; i++) {
		const struct token *k = &v->tok[id + i];

		hash[i] = vocab_hash(v->bytes + k->off, k->n);
		vocab_expect(v, hash[i]);
	}
	for (i = 0; i < n; i++)
		if (is_learned(v, id + i))
			learned_add(v, id + i, hash[i]);
}

void
vocab_index(struct vocab *v)
{
	size_t size = 16;
	int i;

	while (size < (size_t)v->n + (size_t)v->n / 2)
		size *= 2;
	v->learned.slot = xcalloc(size, sizeof(*v->learned.slot));
	v->learned.mask = (uint32_t)size - 1;
	for (i = 0; i < v->n; i += BLOCK)
		add_block(v, i, v->n - i < BLOCK ? v->n - i : BLOCK);
	vocab_sort_special(v);
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

bool
vocab_space_prefix(const struct vocab *v)
{
	return v->space_prefix;
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
	return known(v, id) && (v->tok[id].type == TOK_CONTROL ||
	    v->tok[id].type == TOK_USER);
}

bool
vocab_is_unused(const struct vocab *v, int id)
{
	return !known(v, id) || v->tok[id].type == TOK_UNUSED;
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
