/* index_vocab.c -- the words that are in the index, as one long string that is
 * looked through for parts of words: a few megabytes, which take a
 * millisecond. */
#include "index_priv.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define PIECES_MAX 16		/* in the database, before they are put
				 * together */
#define OFTEN_MAX 31

struct vocab_slot { uint32_t at, n, times; };	/* in names; n 0: free */

/* ---- gathering ---- */

static uint32_t
hash(const char *s, size_t n)
{
	uint32_t h = 0x811C9DC5;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)s[i]) * 0x01000193;
	return h ^ (h >> 15);
}

static struct vocab_slot *
slot_of(const struct vocab *v, const char *s, size_t n)
{
	size_t i = hash(s, n) & (v->cap - 1);

	while (v->slots[i].n > 0 && (v->slots[i].n != n ||
	    memcmp(v->names.data + v->slots[i].at, s, n) != 0))
		i = (i + 1) & (v->cap - 1);
	return &v->slots[i];
}

static void
grow(struct vocab *v)
{
	struct vocab_slot *old = v->slots;
	size_t cap = v->cap;

	v->cap = cap ? 2 * cap : 1024;
	v->slots = xcalloc(v->cap, sizeof(*v->slots));
	for (size_t i = 0; i < cap; i++)
		if (old[i].n > 0)
			*slot_of(v, v->names.data + old[i].at, old[i].n) =
			    old[i];
	free(old);
}

void
vocab_add(struct vocab *v, const char *s, size_t n, uint32_t times)
{
	struct vocab_slot *slot;

	if (n == 0 || v->names.len > UINT32_MAX - WORD_BYTES)
		return;
	if (4 * v->n >= 3 * v->cap)
		grow(v);
	slot = slot_of(v, s, n);
	if (slot->n == 0) {
		*slot = (struct vocab_slot){ (uint32_t)v->names.len,
			(uint32_t)n, 0 };
		buf_add(&v->names, s, n);
		v->n++;
	}
	slot->times = times > UINT32_MAX - slot->times ? UINT32_MAX :
	    slot->times + times;
}

bool
vocab_each(const struct vocab *v, size_t *at, struct vocab_word *out)
{
	while (*at < v->cap && v->slots[*at].n == 0)
		++*at;
	if (*at >= v->cap)
		return false;
	*out = (struct vocab_word){ v->names.data + v->slots[*at].at,
		v->slots[*at].n, 0 };
	++*at;
	return true;
}

static void
forget_gathered(struct vocab *v)
{
	free(v->slots);
	v->slots = NULL;
	v->n = v->cap = 0;
	buf_free(&v->names);
}

void
vocab_free(struct vocab *v)
{
	forget_gathered(v);
	buf_free(&v->known);
	v->loaded = false;
}

static char
often_of(uint32_t times)
{
	int k = 1;

	while (times >>= 1)
		k++;
	return (char)(k > OFTEN_MAX ? OFTEN_MAX : k);
}

/* Those gathered, appended in the form of known. */
static void
put_gathered(const struct vocab *v, const struct vocab *but, struct buf *out)
{
	for (size_t i = 0; i < v->cap; i++) {
		const struct vocab_slot *s = &v->slots[i];
		const char *name = v->names.data + s->at;

		if (s->n == 0 || (but && but->cap > 0 &&
		    slot_of(but, name, s->n)->n > 0))
			continue;
		buf_add(out, name, s->n);
		buf_addc(out, often_of(s->times));
	}
}

/* ---- looking ---- */

static bool
is_end(char c)
{
	return (unsigned char)c < ' ';
}

static int
by_often(const void *a, const void *b)
{
	const struct vocab_word *x = a, *y = b;

	if (x->often != y->often)
		return y->often - x->often;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return memcmp(x->s, y->s, x->n);
}

/* The same word may have come in several pieces. */
static size_t
unique(struct vocab_word *v, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < m && (v[k].n != v[i].n ||
		    memcmp(v[k].s, v[i].s, v[i].n) != 0))
			k++;
		if (k == m)
			v[m++] = v[i];
	}
	return m;
}

/* What has the part, counted by how frequent it is, or kept. */
struct look {
	const char *part;
	size_t n;
	bool begins;
	size_t count[OFTEN_MAX + 1];
	struct vocab_word *v;	/* NULL: counted only */
	size_t n_v, max;
	int least;		/* those less frequent are left out */
};

static void
look_word(struct look *k, const char *from, const char *to)
{
	if (!k->v)
		k->count[(unsigned char)*to]++;
	else if (*to >= k->least && k->n_v < k->max)
		k->v[k->n_v++] = (struct vocab_word){ from,
			(uint32_t)(to - from), *to };
}

static void
look(const struct buf *known, struct look *k)
{
	const char *base = known->data, *p = base;
	const char *last = base ? base + known->len : NULL;

	while (p < last &&
	    (p = memmem(p, (size_t)(last - p), k->part, k->n))) {
		const char *from = p, *to = p + k->n;

		while (!k->begins && from > base && !is_end(from[-1]))
			from--;
		while (!is_end(*to))
			to++;
		if (!k->begins || from == base || is_end(from[-1]))
			look_word(k, from, to);
		p = to;
	}
}

/* How frequent a word has to be for no more than max to be so; the most
 * frequent kind is taken whatever it is. */
static int
least_often(const struct look *k, size_t max)
{
	size_t sum = 0;
	int often = OFTEN_MAX;

	for (; often > 0; often--) {
		if (sum > 0 && sum + k->count[often] > max)
			break;
		sum += k->count[often];
	}
	return often + 1;
}

size_t
vocab_find(const struct vocab *v, const char *part, size_t n, bool begins,
    struct vocab_word *out, size_t max, bool *all)
{
	struct look k = { .part = part, .n = n, .begins = begins,
		.max = 2 * max };
	size_t sum = 0, got;

	*all = true;
	if (n == 0)
		return 0;
	look(&v->known, &k);
	for (int i = 0; i <= OFTEN_MAX; i++)
		sum += k.count[i];
	if (sum == 0)
		return 0;
	k.least = least_often(&k, k.max);
	k.v = xcalloc(k.max, sizeof(*k.v));
	look(&v->known, &k);
	qsort(k.v, k.n_v, sizeof(*k.v), by_often);
	got = unique(k.v, k.n_v);
	*all = k.n_v == sum && got <= max;
	got = got < max ? got : max;
	memcpy(out, k.v, got * sizeof(*out));
	free(k.v);
	return got;
}

/* ---- in the database ---- */

int
index_vocab_save(struct index *ix, bool whole)
{
	struct vocab *v = &ix->vocab;
	struct buf b = { 0 };
	sqlite3_stmt *st;
	int r = 0;

	if (v->n == 0)
		return 0;
	put_gathered(v, NULL, &b);
	forget_gathered(v);
	v->loaded = false;
	st = index_stmt(ix, Q_VOCAB_PUT);
	if (st) {
		sqlite3_bind_blob64(st, 1, b.data, b.len, SQLITE_STATIC);
		r = index_run(ix, st);
		if (r == 0 && (whole ? sqlite3_last_insert_rowid(ix->db) > 1 :
		    sqlite3_last_insert_rowid(ix->db) > PIECES_MAX))
			r = index_vocab_merge(ix, NULL);
	}
	buf_free(&b);
	return st ? r : -1;
}

static int
db_version(struct index *ix)
{
	sqlite3_stmt *st = index_stmt(ix, Q_VERSION);
	int v = 0;

	if (st && index_step(ix, st) > 0)
		v = sqlite3_column_int(st, 0);
	if (st)
		sqlite3_reset(st);
	return v;
}

/* A piece that does not end with the end of a word is damaged. */
static void
take_piece(struct buf *known, const char *p, size_t n)
{
	if (n > 0 && is_end(p[n - 1]))
		buf_add(known, p, n);
}

int
index_vocab_load(struct index *ix)
{
	struct vocab *v = &ix->vocab;
	int version = db_version(ix), r;
	sqlite3_stmt *st;

	if (v->loaded && v->version == version)
		return 0;
	buf_clear(&v->known);
	st = index_stmt(ix, Q_VOCAB);
	if (!st)
		return -1;
	while ((r = index_step(ix, st)) > 0)
		take_piece(&v->known, sqlite3_column_blob(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0));
	sqlite3_reset(st);
	v->version = version;
	v->loaded = r == 0;
	return r;
}

static void
gather_known(struct vocab *to, const struct buf *known)
{
	const char *p = known->data, *last = p ? p + known->len : NULL;

	while (p < last) {
		const char *end = p;

		while (!is_end(*end))
			end++;
		vocab_add(to, p, (size_t)(end - p),
		    UINT32_C(1) << ((*end - 1) & 31));
		p = end + 1;
	}
}

int
index_vocab_merge(struct index *ix, const struct vocab *but)
{
	struct vocab all = { 0 };
	struct buf b = { 0 };
	sqlite3_stmt *st;
	int r = -1;

	ix->vocab.loaded = false;
	if (index_vocab_load(ix) < 0)
		return -1;
	gather_known(&all, &ix->vocab.known);
	put_gathered(&all, but, &b);
	vocab_free(&all);
	st = index_stmt(ix, Q_VOCAB_CLEAR);
	if (st && index_run(ix, st) == 0 &&
	    (st = index_stmt(ix, Q_VOCAB_PUT))) {
		sqlite3_bind_blob64(st, 1, b.data, b.len, SQLITE_STATIC);
		r = index_run(ix, st);
	}
	buf_free(&b);
	ix->vocab.loaded = false;
	return r;
}
