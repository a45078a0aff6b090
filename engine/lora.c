/* lora.c -- see lora.h.  A file's matrices are unpacked to F32 when it is
 * opened and found by the name of the tensor that they correct. */
#include "lora.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "gguf.h"

#define MAX_WIDTH (1 << 22)	/* of a matrix: a vocabulary, at most */
#define MAX_SLICES (1 << 16)

struct entry {
	char name[64];		/* of the model's tensor */
	struct lora l;
	float *a, *b;		/* owned; what l shows */
	bool used;
};

struct adapter {
	char *path;
	struct entry *entries;	/* [n], by name */
	size_t n;
};

struct lora_set {
	struct adapter *adapters;	/* [n] */
	int n;
};

/* A file that is being read. */
struct reader {
	const struct gguf *g;
	struct adapter *to;
	float user, alpha;	/* alpha 0: not said */
	const struct kern *kn;
};

/* ---- what a file says of itself ---- */

static bool
key_is(const struct gguf *g, const char *key, const char *text)
{
	struct gstr s;

	return gguf_str(g, key, &s) == 0 && s.n == strlen(text) &&
	    memcmp(s.p, text, s.n) == 0;
}

static int
check_kind(const struct reader *r, const char *arch, struct err *err)
{
	const char *path = r->to->path;
	struct gstr s = { "none", 4 };

	if (!key_is(r->g, "general.type", "adapter"))
		return err_set(err, "%.300s is not an adapter (its "
		    "general.type is not \"adapter\"); a LoRA adapter in GGUF "
		    "format is needed", path);
	if (!key_is(r->g, "adapter.type", "lora"))
		return err_set(err, "%.300s is an adapter of another kind than "
		    "\"lora\", the only one that is supported", path);
	if (key_is(r->g, "general.architecture", arch))
		return 0;
	gguf_str(r->g, "general.architecture", &s);
	return err_set(err, "%.300s adapts models of the architecture "
	    "\"%.*s\", but the model's is \"%.64s\"; take an adapter that was "
	    "made for this model", path, (int)(s.n > 64 ? 64 : s.n), s.p,
	    arch);
}

static int
read_alpha(struct reader *r, struct err *err)
{
	double v = 0.0;

	if (gguf_find(r->g, "adapter.lora.alpha") &&
	    gguf_float(r->g, "adapter.lora.alpha", &v))
		return err_set(err, "%.300s: adapter.lora.alpha is not a "
		    "number; the file is damaged", r->to->path);
	r->alpha = (float)v;
	if (!isfinite(r->alpha))
		return err_set(err, "%.300s: adapter.lora.alpha is not a "
		    "finite number; the file is damaged", r->to->path);
	return 0;
}

/* ---- its tensors ---- */

/* The length of the model's tensor name when t's is that with `suffix`
 * behind it; else 0. */
static size_t
stem(const struct tensor *t, const char *suffix)
{
	size_t n = strlen(t->name), k = strlen(suffix);

	return n > k && strcmp(t->name + n - k, suffix) == 0 ? n - k : 0;
}

/* The other half of t, whose stem is n long. */
static const struct tensor *
partner(const struct gguf *g, const struct tensor *t, size_t n,
    const char *suffix)
{
	char name[sizeof t->name];

	if (n + strlen(suffix) >= sizeof name)
		return NULL;
	memcpy(name, t->name, n);
	memcpy(name + n, suffix, strlen(suffix) + 1);
	return gguf_tensor(g, name);
}

/* Unpacked; NULL with a sentence. */
static float *
unpack(const struct reader *r, const struct tensor *t, struct err *err)
{
	int64_t rows = t->ne[1] * t->ne[2], n = t->ne[0] * rows;
	float *v = calloc((size_t)n, sizeof *v);

	if (!v) {
		err_set(err, "%.300s: not enough memory for the adapter's "
		    "%lld values of %s", r->to->path, (long long)n, t->name);
		return NULL;
	}
	r->kn->dequant(t->type, t->data, v, n);
	for (int64_t i = 0; i < n; i++) {
		if (isfinite(v[i]))
			continue;
		err_set(err, "%.300s: tensor %s holds a value that is not a "
		    "finite number; the file is damaged", r->to->path,
		    t->name);
		free(v);
		return NULL;
	}
	return v;
}

/* The matrix [cols][rows] of v [rows][cols], in new memory; v is freed. */
static float *
transpose(float *v, int rows, int cols)
{
	float *o = v ? calloc((size_t)rows * (size_t)cols, sizeof *o) : NULL;

	for (int i = 0; o && i < rows; i++)
		for (int k = 0; k < cols; k++)
			o[(size_t)k * (size_t)rows + (size_t)i] =
			    v[(size_t)i * (size_t)cols + (size_t)k];
	free(v);
	return o;
}

static int
check_size(const struct reader *r, const struct tensor *t, struct err *err)
{
	if (t->ne[0] >= 1 && t->ne[0] <= MAX_WIDTH && t->ne[1] >= 1 &&
	    t->ne[1] <= MAX_WIDTH && t->ne[2] >= 1 &&
	    t->ne[2] <= MAX_SLICES && t->ne[3] == 1)
		return 0;
	return err_set(err, "%.300s: tensor %s is %lld x %lld x %lld x %lld, "
	    "which no matrix of an adapter can be; the file is damaged",
	    r->to->path, t->name, (long long)t->ne[0], (long long)t->ne[1],
	    (long long)t->ne[2], (long long)t->ne[3]);
}

/* Ranks and the shape that the product has, into e->l. */
static int
read_shape(const struct reader *r, struct entry *e, const struct tensor *a,
    const struct tensor *b, bool embd, struct err *err)
{
	int64_t rank = embd ? a->ne[0] : a->ne[1];

	if (check_size(r, a, err) || check_size(r, b, err))
		return -1;
	if (rank != b->ne[0])
		return err_set(err, "%.300s: %s has the rank %lld, but %s has "
		    "%lld; the file is damaged", r->to->path, a->name,
		    (long long)rank, b->name, (long long)b->ne[0]);
	if (rank > LORA_MAX_RANK)
		return err_set(err, "%.300s: %s has the rank %lld; at most %d "
		    "is supported", r->to->path, a->name, (long long)rank,
		    LORA_MAX_RANK);
	e->l = (struct lora){ .rank = (int)rank, .in = (int)a->ne[0],
		.out = (int)b->ne[1], .slices_a = (int)a->ne[2],
		.slices_b = (int)b->ne[2], .kn = r->kn };
	if (embd) {		/* see lora_embed */
		e->l.in = (int)b->ne[1];
		e->l.out = (int)a->ne[1];
	}
	return 0;
}

static int
read_pair(const struct reader *r, struct entry *e, const struct tensor *a,
    const struct tensor *b, struct err *err)
{
	bool embd = strcmp(e->name, "token_embd.weight") == 0;
	struct lora *l = &e->l;

	if (read_shape(r, e, a, b, embd, err))
		return -1;
	l->scale = r->alpha != 0.0f ?
	    r->user * r->alpha / (float)l->rank : r->user;
	if (!isfinite(l->scale))
		return err_set(err, "%.300s: the scale %g with the alpha %g is "
		    "too large", r->to->path, (double)r->user,
		    (double)r->alpha);
	if (embd && (l->slices_a > 1 || l->slices_b > 1))
		return err_set(err, "%.300s: the correction of %s has slices, "
		    "which an embedding has not; the file is damaged",
		    r->to->path, e->name);
	e->a = unpack(r, embd ? b : a, err);
	e->b = e->a ? unpack(r, embd ? a : b, err) : NULL;
	if (!e->b)
		return -1;
	if (embd && !(e->a = transpose(e->a, l->in, l->rank)))
		return err_set(err, "%.300s: not enough memory for the "
		    "adapter", r->to->path);
	l->a = e->a;
	l->b = e->b;
	return 0;
}

/* Why a tensor is neither half of a correction of a matrix. */
static int
odd_tensor(const struct reader *r, const struct tensor *t, struct err *err)
{
	return err_set(err, "%.300s: tensor %s is neither the lora_a nor the "
	    "lora_b of a matrix (NAME.weight); adapters that change norms, "
	    "biases or whole tensors are not supported: merge this one into "
	    "the model instead", r->to->path, t->name);
}

static bool
is_matrix(const char *name, size_t n)
{
	static const char weight[] = ".weight", norm[] = "_norm.weight";
	size_t w = sizeof weight - 1, k = sizeof norm - 1;

	return n > w && memcmp(name + n - w, weight, w) == 0 &&
	    !(n > k && memcmp(name + n - k, norm, k) == 0);
}

static int
read_tensor(struct reader *r, const struct tensor *t, struct err *err)
{
	size_t na = stem(t, ".lora_a"), nb = stem(t, ".lora_b");
	const char *other = na ? ".lora_b" : ".lora_a";
	const struct tensor *p;
	struct entry *e;

	if (!is_matrix(t->name, na + nb))
		return odd_tensor(r, t, err);
	p = partner(r->g, t, na + nb, other);
	if (!p)
		return err_set(err, "%.300s: tensor %s is there without its "
		    "%s; the file is incomplete", r->to->path, t->name,
		    other + 1);
	if (nb)			/* read with its lora_a */
		return 0;
	e = &r->to->entries[r->to->n++];
	memcpy(e->name, t->name, na);	/* a NUL follows: e was zero */
	return read_pair(r, e, t, p, err);
}

static int
by_name(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	return strcmp(a->name, b->name);
}

static int
read_adapter(struct reader *r, const char *arch, struct err *err)
{
	struct adapter *to = r->to;

	if (check_kind(r, arch, err) || read_alpha(r, err))
		return -1;
	to->entries = xcalloc(r->g->n_tensors / 2 + 1, sizeof *to->entries);
	for (size_t i = 0; i < r->g->n_tensors; i++)
		if (read_tensor(r, &r->g->tensors[i], err))
			return -1;
	if (to->n == 0)
		return err_set(err, "%.300s holds no corrections at all; the "
		    "file is incomplete", to->path);
	qsort(to->entries, to->n, sizeof *to->entries, by_name);
	return 0;
}

static int
open_adapter(struct adapter *to, const struct engine_lora *l,
    const char *arch, const struct kern *kn, struct err *err)
{
	struct reader r = { .to = to, .user = l->scale, .kn = kn };
	struct gguf *g;
	int status;

	to->path = xstrdup(l->path);
	if (!isfinite(l->scale))
		return err_set(err, "the scale of the adapter %.300s is not a "
		    "finite number", l->path);
	g = gguf_open(l->path, err);
	if (!g)
		return -1;
	r.g = g;
	status = read_adapter(&r, arch, err) || gguf_whole(g, err) ? -1 : 0;
	gguf_close(g);
	return status;
}

struct lora_set *
lora_open(const struct engine_lora *l, int n, const char *arch,
    struct err *err)
{
	const struct kern *kn = kern_get(err);
	struct lora_set *s;

	if (!kn)
		return NULL;
	if (n < 0 || n > LORA_MAX_FILES) {
		err_set(err, "%d adapters are too many; at most %d are "
		    "supported", n, LORA_MAX_FILES);
		return NULL;
	}
	s = xcalloc(1, sizeof *s);
	s->adapters = xcalloc((size_t)n + 1, sizeof *s->adapters);
	while (s->n < n) {
		int i = s->n++;

		if (open_adapter(&s->adapters[i], &l[i], arch, kn, err)) {
			lora_free(s);
			return NULL;
		}
	}
	return s;
}

void
lora_free(struct lora_set *s)
{
	if (!s)
		return;
	for (int i = 0; i < s->n; i++) {
		struct adapter *a = &s->adapters[i];

		for (size_t k = 0; k < a->n; k++) {
			free(a->entries[k].a);
			free(a->entries[k].b);
		}
		free(a->entries);
		free(a->path);
	}
	free(s->adapters);
	free(s);
}

/* ---- the model's tensors ---- */

static struct entry *
find_entry(const struct adapter *a, const char *name)
{
	size_t lo = 0, hi = a->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int d = strcmp(a->entries[mid].name, name);

		if (d == 0)
			return &a->entries[mid];
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static int
check_fit(const struct adapter *a, const struct entry *e, int in, int out,
    int slices, struct err *err)
{
	const struct lora *l = &e->l;

	if (l->in == in && l->out == out &&
	    (l->slices_a == 1 || l->slices_a == slices) &&
	    (l->slices_b == 1 || l->slices_b == slices))
		return 0;
	return err_set(err, "%.300s corrects %s as %d x %d x %d, but in the "
	    "model it is %d x %d x %d; take an adapter that was made for this "
	    "model", a->path, e->name, l->in, l->out,
	    l->slices_a > l->slices_b ? l->slices_a : l->slices_b, in, out,
	    slices);
}

int
lora_find(struct lora_set *s, const char *name, int in, int out, int slices,
    const struct lora **l, struct err *err)
{
	*l = NULL;
	for (int i = 0; s && i < s->n; i++) {
		struct entry *e = find_entry(&s->adapters[i], name);

		if (!e)
			continue;
		if (check_fit(&s->adapters[i], e, in, out, slices, err))
			return -1;
		e->used = true;
		e->l.next = NULL;
		*l = &e->l;
		l = &e->l.next;
	}
	return 0;
}

int
lora_check_used(const struct lora_set *s, struct err *err)
{
	for (int i = 0; s && i < s->n; i++) {
		const struct adapter *a = &s->adapters[i];

		for (size_t k = 0; k < a->n; k++)
			if (!a->entries[k].used)
				return err_set(err, "%.300s corrects %s, which "
				    "is no matrix of this model; take an "
				    "adapter that was made for it", a->path,
				    a->entries[k].name);
	}
	return 0;
}

/* ---- the products ---- */

static const float *
slice_of(const float *v, int slices, int slice, int rows, int cols)
{
	return slices > 1 ? v + (size_t)slice * (size_t)rows * (size_t)cols :
	    v;
}

static const float *
slice_a(const struct lora *l, int slice)
{
	return slice_of(l->a, l->slices_a, slice, l->rank, l->in);
}

/* Row r of b. */
static const float *
row_b(const struct lora *l, int slice, int r)
{
	return slice_of(l->b, l->slices_b, slice, l->out, l->rank) +
	    (size_t)r * (size_t)l->rank;
}

int
lora_rank(const struct lora *l)
{
	int n = 0;

	for (; l; l = l->next)
		n += l->rank;
	return n;
}

void
lora_down_part(const struct lora *l, int slice, const float *x, int j0,
    int j1, float *t)
{
	/* the first value of l's own is number `at` */
	for (int at = 0; l && at < j1; at += l->rank, l = l->next) {
		const float *a = slice_a(l, slice);
		int j = j0 > at ? j0 - at : 0;

		for (; j < l->rank && at + j < j1; j++)
			t[at + j] = l->kn->dot(a + (size_t)j * (size_t)l->in,
			    x, l->in);
	}
}

void
lora_down(const struct lora *l, int slice, const float *x, int rows, float *t)
{
	int ld = lora_rank(l);

	if (rows == 1) {
		lora_down_part(l, slice, x, 0, ld, t);
		return;
	}
	for (; l; t += l->rank, l = l->next)
		kern_gemm_nt(rows, l->rank, l->in, x, l->in,
		    slice_a(l, slice), l->in, t, ld);
}

static void
up_one(const struct lora *l, const float *t, const float *b, int n,
    float *out)
{
	for (int i = 0; i < n; i++, b += l->rank)
		out[i] += l->scale * l->kn->dot(b, t, l->rank);
}

void
lora_up(const struct lora *l, int slice, const float *t, int rows, int r,
    int n, float *out, int ld)
{
	int t_ld = lora_rank(l);

	for (; l; t += l->rank, l = l->next) {
		const float *b = row_b(l, slice, r);

		if (rows == 1)
			up_one(l, t, b, n, out);
		else
			kern_gemm_nt_add(rows, n, l->rank, l->scale, t, t_ld,
			    b, l->rank, out, ld);
	}
}

void
lora_merge(const struct lora *l, int slice, int r, int n, float *w)
{
	for (; l; l = l->next) {
		const float *b = row_b(l, slice, r);

		for (int i = 0; i < n; i++, b += l->rank) {
			const float *a = slice_a(l, slice);
			float *row = w + (size_t)i * (size_t)l->in;

			for (int j = 0; j < l->rank; j++, a += l->in)
				l->kn->axpy(row, l->scale * b[j], a, l->in);
		}
	}
}

void
lora_embed(const struct lora *l, int token, float *x)
{
	lora_merge(l, 0, token, 1, x);
}
