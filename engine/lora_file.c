/* lora_file.c -- reading adapters (lora.h).  A file's matrices are copied when
 * it is opened, the quantised ones as F32, and found by the name of the tensor
 * that they correct. */
#include "lora.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "gguf.h"
#include "sum64.h"

#define MAX_WIDTH (1 << 22)	/* of a matrix: a vocabulary, at most */
#define MAX_SLICES (1 << 16)

struct entry {
	char name[64];		/* of the model's tensor */
	struct lora l;
	void *a, *b;		/* owned; what l shows */
	bool used;
};

struct adapter {
	char *path;
	uint64_t sum;		/* of its file and its scale */
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

static bool
is_plain(enum ttype t)
{
	return t == TT_F32 || t == TT_F16 || t == TT_BF16;
}

/* All values of t, in new memory; NULL with a sentence. */
static float *
unpack(const struct reader *r, const struct tensor *t, struct err *err)
{
	int64_t n = t->ne[0] * t->ne[1] * t->ne[2];
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

/* The values as they will be kept: half the bytes are half the time, where
 * the file is content with them.  *type gets what they are. */
static void *
take_values(const struct reader *r, const struct tensor *t, enum ttype *type,
    struct err *err)
{
	float *v = unpack(r, t, err);
	void *half;

	*type = v && is_plain(t->type) ? t->type : TT_F32;
	if (*type == TT_F32)
		return v;
	half = realloc(v, (size_t)t->bytes);
	if (!half)
		half = v;
	memcpy(half, t->data, (size_t)t->bytes);
	return half;
}

/* The matrix [cols][rows] of t [rows][cols], in new memory. */
static float *
take_turned(const struct reader *r, const struct tensor *t, struct err *err)
{
	size_t rows = (size_t)t->ne[1], cols = (size_t)t->ne[0];
	float *v = unpack(r, t, err);
	float *o = v ? calloc(rows * cols, sizeof *o) : NULL;

	for (size_t i = 0; o && i < rows; i++)
		for (size_t k = 0; k < cols; k++)
			o[k * rows + i] = v[i * cols + k];
	if (v && !o)
		err_set(err, "%.300s: not enough memory for the adapter",
		    r->to->path);
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
	e->a = embd ? take_turned(r, b, err) :
	    take_values(r, a, &l->type_a, err);
	e->b = e->a ? take_values(r, embd ? a : b, &l->type_b, err) : NULL;
	l->a = e->a;
	l->b = e->b;
	return e->b ? 0 : -1;
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

static uint64_t
sum_adapter(const struct gguf *g, float scale)
{
	struct sum64 sum;

	sum64_init(&sum);
	sum64_add(&sum, &scale, sizeof scale);
	for (int i = 0; i < g->n_parts; i++)
		sum64_add(&sum, g->parts[i].map, (size_t)g->parts[i].bytes);
	return sum64_end(&sum);
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
	to->sum = sum_adapter(g, l->scale);
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

void
lora_skip(struct lora_set *s, const char *name)
{
	for (int i = 0; i < s->n; i++) {
		struct entry *e = find_entry(&s->adapters[i], name);

		if (e)
			e->used = true;
	}
}

int
lora_check_used(const struct lora_set *s, struct err *err)
{
	for (int i = 0; s && i < s->n; i++) {
		const struct adapter *a = &s->adapters[i];

		for (size_t k = 0; k < a->n; k++)
			if (!a->entries[k].used)
				return err_set(err, "%.300s corrects %s, which "
				    "is no matrix that this model computes "
				    "with; take an adapter that was made for "
				    "it", a->path, a->entries[k].name);
	}
	return 0;
}

uint64_t
lora_sum(const struct lora_set *s)
{
	struct sum64 sum;

	if (!s || s->n == 0)
		return 0;
	sum64_init(&sum);
	for (int i = 0; i < s->n; i++)
		sum64_add(&sum, &s->adapters[i].sum, sizeof(uint64_t));
	return sum64_end(&sum);
}
