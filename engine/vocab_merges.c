/* vocab_merges.c -- the merges of a byte-level BPE vocabulary, out of a model
 * file.  There are as many as tokens, and what each refers to lies anywhere in
 * tables larger than the caches: they are taken in blocks, where each step
 * asks for the memory that the next one will read. */
#include <string.h>

#include "vocab_priv.h"

#define BLOCK 16
#define SIDE_MAX 1024			/* bytes */

struct side {
	char s[SIDE_MAX];
	size_t n;
	uint32_t hash;
	int32_t id;			/* the symbol, or -1 */
};

struct pair {
	struct side left, right;
	int32_t into;			/* the token that it makes, or -1 */
};

static void
take_side(const struct vocab *v, const int16_t inv[512], const char *s,
    size_t n, struct side *x)
{
	x->n = vocab_to_bytes(inv, s, n, x->s);
	x->hash = vocab_hash(x->s, x->n);
	vocab_expect(v, x->hash);
}

/* "LEFT RIGHT"; false if it is not that. */
static bool
take_pair(const struct vocab *v, const int16_t inv[512], struct gstr s,
    struct pair *p)
{
	const char *gap = s.n < 3 ? NULL : memchr(s.p + 1, ' ', s.n - 1);
	size_t n;

	if (gap == NULL || s.n > SIDE_MAX)
		return false;
	n = (size_t)(gap - s.p);
	take_side(v, inv, s.p, n, &p->left);
	take_side(v, inv, gap + 1, s.n - n - 1, &p->right);
	return true;
}

/* The symbol of a side, bytes that lack a token included. */
static void
find_side(const struct vocab *v, struct side *x)
{
	x->id = x->n == 1 ? v->byte_sym[(unsigned char)x->s[0]] :
	    vocab_learned_hashed(v, x->s, x->n, x->hash);
}

/* The token that a merge makes, or -1.  Nearly always tokens stand in the
 * order of their merges, so the one after the last is tried first. */
static int32_t
outcome(const struct vocab *v, int32_t last, const struct pair *p)
{
	const struct side *a = &p->left, *b = &p->right;
	int32_t next = last + 1;

	if (!v->twins && next < v->n && v->tok[next].type == TOK_NORMAL &&
	    vocab_is_text(v, next, a->s, a->n, b->s, b->n))
		return next;
	return vocab_learned2(v, a->s, a->n, b->s, b->n);
}

/* last is what the merge before led to. */
static void
find_pair(const struct vocab *v, struct pair *p, int32_t *last)
{
	find_side(v, &p->left);
	find_side(v, &p->right);
	p->into = outcome(v, *last, p);
	if (p->left.id < 0 || p->right.id < 0)
		p->into = -1;
	if (p->into < 0)
		return;
	*last = p->into;
	bpe_expect(v->bpe, p->left.id, p->right.id);
}

static void
take_block(struct vocab *v, struct pair *p, int n, int32_t *last)
{
	int i;

	for (i = 0; i < n; i++) {
		vocab_expect_token(v, p[i].left.hash);
		vocab_expect_token(v, p[i].right.hash);
	}
	for (i = 0; i < n; i++)
		find_pair(v, &p[i], last);
	for (i = 0; i < n; i++)
		if (p[i].into >= 0)
			bpe_merge(v->bpe, p[i].left.id, p[i].right.id,
			    p[i].into);
}

/* Merges that refer to unknown tokens can never apply and are left out. */
int
vocab_load_merges(struct vocab *v, const struct gkv *kv,
    const int16_t inv[512], struct err *err)
{
	struct pair block[BLOCK];
	const void *cur = NULL;
	int32_t last = -1;
	uint64_t i;
	int n = 0;

	if (kv->n > INT32_MAX)
		return err_set(err, "the file lists %llu merges, more than can "
		    "be right; it is damaged", (unsigned long long)kv->n);
	v->bpe = bpe_new((size_t)kv->n);
	for (i = 0; i < kv->n; i++) {
		n += take_pair(v, inv, gkv_next_str(kv, &cur), &block[n]);
		if (n == BLOCK) {
			take_block(v, block, n, &last);
			n = 0;
		}
	}
	take_block(v, block, n, &last);
	return 0;
}
