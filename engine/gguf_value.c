/* gguf_value.c -- looking up metadata and tensors, and numbers of any type in
 * the widest of their kind. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gguf_priv.h"

const unsigned char gguf_sizes[GGUF_TYPES] = {
	[GT_U8] = 1, [GT_I8] = 1, [GT_U16] = 2, [GT_I16] = 2, [GT_U32] = 4,
	[GT_I32] = 4, [GT_F32] = 4, [GT_BOOL] = 1, [GT_STR] = 8,
	[GT_ARR] = 12, [GT_U64] = 8, [GT_I64] = 8, [GT_F64] = 8,
};

static int
gstr_cmp(const struct gstr *a, const struct gstr *b)
{
	size_t n = a->n < b->n ? a->n : b->n;
	int d = memcmp(a->p, b->p, n);

	return d != 0 ? d : (a->n > b->n) - (a->n < b->n);
}

int
gguf_key_cmp(const void *a, const void *b)
{
	const struct gkv *const *x = a, *const *y = b;

	return gstr_cmp(&(*x)->key, &(*y)->key);
}

const struct gkv *
gguf_find(const struct gguf *g, const char *key)
{
	struct gkv want = { .key = { key, strlen(key) } };
	const struct gkv *k = &want, **found;

	if (g->n_kv == 0)
		return NULL;
	found = bsearch(&k, g->by_key, g->n_kv, sizeof(*g->by_key),
	    gguf_key_cmp);
	return found != NULL ? *found : NULL;
}

static int
lookup_cmp(const void *key, const void *item)
{
	const struct tensor *const *t = item;

	return strcmp(key, (*t)->name);
}

const struct tensor *
gguf_tensor(const struct gguf *g, const char *name)
{
	const struct tensor **found;

	if (g->n_tensors == 0)
		return NULL;
	found = bsearch(name, g->by_name, g->n_tensors, sizeof(*g->by_name),
	    lookup_cmp);
	return found != NULL ? *found : NULL;
}

/* A number of any type, in the widest of its kind. */
struct num {
	enum { NUM_INT, NUM_UINT, NUM_FLOAT, NUM_NONE } kind;
	int64_t i;
	uint64_t u;		/* only above INT64_MAX */
	double f;
};

/* Little-endian bytes, extended to 64 bits by their sign if they have one. */
static int64_t
integer(const uint8_t *p, int bytes, bool is_signed)
{
	uint64_t v = 0;

	memcpy(&v, p, (size_t)bytes);
	if (is_signed && bytes < 8 && (v >> (bytes * 8 - 1) & 1))
		v |= ~0ULL << bytes * 8;
	return (int64_t)v;
}

static struct num
number(enum gtype type, const uint8_t *p)
{
	struct num v = { .kind = NUM_INT };
	float f;

	switch (type) {
	case GT_F32:
		v.kind = NUM_FLOAT;
		memcpy(&f, p, 4);
		v.f = (double)f;
		break;
	case GT_F64:
		v.kind = NUM_FLOAT;
		memcpy(&v.f, p, 8);
		break;
	case GT_STR:
	case GT_ARR:
		v.kind = NUM_NONE;
		break;
	case GT_BOOL:
		v.i = *p != 0;
		break;
	case GT_U64:
		memcpy(&v.u, p, 8);
		v.i = (int64_t)v.u;
		if (v.u > INT64_MAX)
			v.kind = NUM_UINT;
		break;
	default:
		v.i = integer(p, gguf_sizes[type], type == GT_I8 ||
		    type == GT_I16 || type == GT_I32 || type == GT_I64);
	}
	return v;
}

static bool
whole(double f)
{
	return f >= -0x1p63 && f < 0x1p63 && f == floor(f);
}

static struct num
scalar(const struct gguf *g, const char *key)
{
	const struct gkv *kv = gguf_find(g, key);
	struct num none = { .kind = NUM_NONE };

	return kv == NULL ? none : number(kv->type, kv->data);
}

int
gguf_int(const struct gguf *g, const char *key, int64_t *v)
{
	struct num x = scalar(g, key);

	if (x.kind == NUM_FLOAT && whole(x.f))
		*v = (int64_t)x.f;
	else if (x.kind == NUM_INT)
		*v = x.i;
	else
		return -1;
	return 0;
}

static double
as_float(const struct num *x)
{
	if (x->kind == NUM_FLOAT)
		return x->f;
	return x->kind == NUM_UINT ? (double)x->u : (double)x->i;
}

int
gguf_float(const struct gguf *g, const char *key, double *v)
{
	struct num x = scalar(g, key);

	if (x.kind == NUM_NONE)
		return -1;
	*v = as_float(&x);
	return 0;
}

int
gguf_str(const struct gguf *g, const char *key, struct gstr *s)
{
	const struct gkv *kv = gguf_find(g, key);
	const void *cursor = NULL;

	if (kv == NULL || kv->type != GT_STR)
		return -1;
	*s = gkv_next_str(kv, &cursor);
	return 0;
}

int64_t
gkv_int_at(const struct gkv *kv, uint64_t i)
{
	struct num x = number(kv->elem,
	    (const uint8_t *)kv->data + i * gguf_sizes[kv->elem]);

	if (x.kind == NUM_FLOAT)
		return x.f >= 0x1p63 ? INT64_MAX : x.f >= -0x1p63 ?
		    (int64_t)x.f : INT64_MIN;
	return x.kind == NUM_UINT ? INT64_MAX : x.i;
}

double
gkv_float_at(const struct gkv *kv, uint64_t i)
{
	struct num x = number(kv->elem,
	    (const uint8_t *)kv->data + i * gguf_sizes[kv->elem]);

	return as_float(&x);
}

struct gstr
gkv_next_str(const struct gkv *kv, const void **cursor)
{
	const uint8_t *p = *cursor != NULL ? *cursor : kv->data;
	const uint8_t *end = kv->end;
	struct gstr s = { "", 0 };
	uint64_t n;

	if (end - p < 8)
		return s;
	memcpy(&n, p, 8);
	p += 8;
	if (n > (uint64_t)(end - p)) {
		*cursor = end;
		return s;
	}
	s.p = (const char *)p;
	s.n = (size_t)n;
	*cursor = p + n;
	return s;
}
