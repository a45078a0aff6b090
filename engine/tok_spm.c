/* tok_spm.c -- joining by score, with a linked list of symbols and a heap of
 * possible pairs: a megabyte without a space costs no more than one with.
 *
 * The text is first cut before its runs of spaces, wherever no token has such
 * a place inside: nothing could be joined across. */
#include "tok_spm.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "tok_heap.h"
#include "utf8.h"
#include "vocab_priv.h"

/* No learned token is longer by far; looking longer ones up would make a
 * hostile vocabulary slow. */
#define JOIN_MAX 1024

struct spm_sym {
	uint32_t off, n;	/* its text */
	int32_t prev, next;
	int32_t id;		/* -1: not joined, so not looked up yet */
	int32_t joint;		/* the token of this and the next, or -1 */
};

void
spm_work_done(struct spm_work *w)
{
	buf_free(&w->text);
	free(w->sym);
	free(w->heap);
	*w = (struct spm_work){ 0 };
}

/* As many symbols as n bytes can need.  Each is offered once at the start and
 * each joint offers at most two more: the heap never holds 3 n. */
static void
reserve(struct spm_work *w, size_t n)
{
	if (n <= w->cap)
		return;
	w->cap = n < 256 ? 256 : n;
	w->sym = xreallocarray(w->sym, w->cap, sizeof(*w->sym));
	w->heap = xreallocarray(w->heap, w->cap * 3, sizeof(*w->heap));
}

/* Order of floats as order of integers, the highest score first. */
static uint64_t
turn_of(float score, int32_t left)
{
	uint32_t u;

	score += 0.0f;		/* -0 is 0 */
	memcpy(&u, &score, sizeof(u));
	u = u & 0x80000000u ? u : ~u & 0x7FFFFFFFu;
	return (uint64_t)u << 32 | (uint32_t)left;
}

static void
offer(const struct vocab *v, const char *text, struct spm_sym *sym,
    int32_t left, uint64_t *heap, size_t *n)
{
	int32_t right, id = -1;

	if (left < 0)
		return;
	right = sym[left].next;
	if (right >= 0 && sym[left].n + sym[right].n <= JOIN_MAX)
		id = vocab_learned2(v, text + sym[left].off, sym[left].n,
		    text + sym[right].off, sym[right].n);
	sym[left].joint = id;
	if (id >= 0)
		heap_push(heap, n, turn_of(v->score[id], left));
}

/* One symbol a character, a malformed byte being one; how many. */
static size_t
characters(const char *s, size_t n, struct spm_sym *sym)
{
	size_t i = 0, k, len;
	uint32_t c;

	for (k = 0; i < n; k++) {
		len = (unsigned char)s[i] < 128 ? 1 :
		    (size_t)utf8_decode(s + i, n - i, &c, NULL);
		sym[k] = (struct spm_sym){ (uint32_t)i, (uint32_t)len,
			(int32_t)k - 1, (int32_t)k + 1, -1, -1 };
		i += len;
	}
	if (k > 0)
		sym[k - 1].next = -1;
	return k;
}

static void
join(const struct vocab *v, const char *text, struct spm_sym *sym, size_t n,
    uint64_t *heap)
{
	size_t h = 0, i;

	for (i = 0; i + 1 < n; i++)
		offer(v, text, sym, (int32_t)i, heap, &h);
	while (h > 0) {
		uint64_t top = heap_pop(heap, &h);
		int32_t left = (int32_t)(uint32_t)top, right;
		int32_t id = sym[left].joint;

		/* either side may have been joined since it was offered; the
		 * pair that is there now has a turn of its own */
		if (id < 0 || turn_of(v->score[id], left) != top)
			continue;
		right = sym[left].next;
		sym[left].n += sym[right].n;
		sym[left].next = sym[right].next;
		sym[left].id = id;
		sym[right].joint = -1;	/* it is no more */
		if (sym[right].next >= 0)
			sym[sym[right].next].prev = left;
		offer(v, text, sym, sym[left].prev, heap, &h);
		offer(v, text, sym, left, heap, &h);
	}
}

/* What has no token of its own; first is where this text's ids start. */
static void
add_bytes(const struct vocab *v, const char *s, size_t n, size_t first,
    struct ids *out)
{
	size_t i;

	if (n == 1 && *s == ' ') {	/* bytes of what it was trained on */
		s = VOCAB_SPACE;
		n = strlen(s);
	}
	for (i = 0; i < n; i++) {
		int32_t id = v->byte_sym[(unsigned char)s[i]];

		if (id < v->n)
			ids_add(out, id);
		else if (v->unk >= 0 && (out->n == first ||
		    out->v[out->n - 1] != v->unk))
			ids_add(out, v->unk);
	}
}

static void
encode_word(const struct vocab *v, const char *s, size_t n, size_t first,
    struct spm_work *w, struct ids *out)
{
	size_t chars;
	int32_t i;

	reserve(w, n);
	chars = characters(s, n, w->sym);
	join(v, s, w->sym, chars, w->heap);
	for (i = 0; i >= 0; i = w->sym[i].next) {
		const struct spm_sym *x = &w->sym[i];
		int id = x->id >= 0 ? x->id : vocab_learned(v, s + x->off,
		    x->n);

		if (id >= 0)
			ids_add(out, id);
		else
			add_bytes(v, s + x->off, x->n, first, out);
	}
}

void
spm_encode(const struct vocab *v, const char *s, size_t n, bool prefix,
    struct spm_work *w, struct ids *out)
{
	size_t first = out->n, start = 0, i;

	if (n == 0)
		return;
	if (prefix) {
		buf_clear(&w->text);
		buf_addc(&w->text, ' ');
		buf_add(&w->text, s, n);
		s = w->text.data;
		n = w->text.len;
	}
	for (i = 1; i < n; i++)
		if (s[i] == ' ' && s[i - 1] != ' ' &&
		    !v->joins[(unsigned char)s[i - 1]]) {
			encode_word(v, s + start, i - start, first, w, out);
			start = i;
		}
	encode_word(v, s + start, n - start, first, w, out);
}
