/* kv.c -- see kv.h. */
#include "kv.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc.h"
#include "num.h"

#define Q8_BLOCK 32
#define Q8_BYTES 34

static size_t
row_bytes(enum kv_type type, int n)
{
	switch (type) {
	case KV_F32:
		return (size_t)n * sizeof(float);
	case KV_F16:
		return (size_t)n * sizeof(uint16_t);
	case KV_Q8_0:
		break;
	}
	return (size_t)pieces(n, Q8_BLOCK) * Q8_BYTES;
}

/* Rounded so that layers begin on cache lines. */
static size_t
plane_bytes(size_t row, const struct kv_spec *s)
{
	return (row * (size_t)s->n_head * (size_t)s->rows + 63) & ~(size_t)63;
}

int64_t
kv_bytes(enum kv_type type, const struct kv_spec *s, int n_layer)
{
	size_t sum = 0;

	/* bounds of model.h keep this far below 2^63 */
	for (int i = 0; i < n_layer; i++) {
		sum += plane_bytes(row_bytes(type, s[i].dk), &s[i]);
		if (!s[i].shared)
			sum += plane_bytes(row_bytes(type, s[i].dv), &s[i]);
	}
	return (int64_t)sum;
}

int
kv_init(struct kv *c, enum kv_type type, const struct kv_spec *s, int n_layer,
    struct err *err)
{
	double have = (double)sysconf(_SC_PHYS_PAGES) *
	    (double)sysconf(_SC_PAGESIZE);
	unsigned char *p = MAP_FAILED;

	*c = (struct kv){ .type = type, .n_layer = n_layer,
		.bytes = (size_t)kv_bytes(type, s, n_layer) };
	if ((double)c->bytes < have)
		p = mmap(NULL, c->bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return err_set(err, "the key-value cache needs %.0f MiB, which "
		    "this machine (%.0f MiB in all) does not have; ask for a "
		    "smaller context, or a smaller cache (--kv q8_0)",
		    (double)c->bytes / 1048576, have / 1048576);
	c->mem = p;
	c->layers = xcalloc((size_t)n_layer, sizeof *c->layers);
	for (int i = 0; i < n_layer; i++) {
		struct kv_layer *l = &c->layers[i];

		*l = (struct kv_layer){ .s = s[i], .k = p };
		l->k_row = row_bytes(type, s[i].dk);
		p += plane_bytes(l->k_row, &s[i]);
		if (s[i].shared)
			continue;
		l->v = p;
		l->v_row = row_bytes(type, s[i].dv);
		p += plane_bytes(l->v_row, &s[i]);
	}
	return 0;
}

void
kv_done(struct kv *c)
{
	if (c->mem)
		munmap(c->mem, c->bytes);
	free(c->layers);
	*c = (struct kv){ 0 };
}

int
kv_run(const struct kv *c, int layer, int pos, int n)
{
	int rows = c->layers[layer].s.rows;

	return min_int(n, rows - pos % rows);
}

static size_t
row_index(const struct kv_layer *l, int head, int pos)
{
	return (size_t)head * (size_t)l->s.rows + (size_t)(pos % l->s.rows);
}

static unsigned char *
k_row(const struct kv *c, int layer, int head, int pos)
{
	const struct kv_layer *l = &c->layers[layer];

	return l->k + row_index(l, head, pos) * l->k_row;
}

static unsigned char *
v_row(const struct kv *c, int layer, int head, int pos, size_t *stride)
{
	const struct kv_layer *l = &c->layers[layer];

	*stride = l->s.shared ? l->k_row : l->v_row;
	return l->s.shared ? l->k + row_index(l, head, pos) * l->k_row :
	    l->v + row_index(l, head, pos) * l->v_row;
}

unsigned char *
kv_rows(const struct kv *c, int layer, int head, int pos, bool values,
    size_t *row)
{
	const struct kv_layer *l = &c->layers[layer];

	*row = values ? l->v_row : l->k_row;
	if (!values)
		return k_row(c, layer, head, pos);
	return l->s.shared ? NULL : v_row(c, layer, head, pos, row);
}

/* ---- one row ---- */

static void
put_row(const struct kv *c, const struct kern *kn, void *dst, const float *src,
    int n)
{
	float last[Q8_BLOCK] = { 0 };
	int whole = n / Q8_BLOCK * Q8_BLOCK;

	if (c->type == KV_F32) {
		memcpy(dst, src, (size_t)n * sizeof *src);
	} else if (c->type == KV_F16) {
		kn->to_f16(dst, src, n);
	} else {
		kn->to_q8_0(dst, src, whole);
		if (whole == n)
			return;
		memcpy(last, src + whole, (size_t)(n - whole) * sizeof *src);
		kn->to_q8_0((char *)dst + whole / Q8_BLOCK * Q8_BYTES, last,
		    Q8_BLOCK);
	}
}

/* Values from..from+n-1 of a row; from a multiple of 32. */
static void
get_row(const struct kv *c, const struct kern *kn, const void *row, int from,
    int n, float *dst)
{
	const char *src = (const char *)row + row_bytes(c->type, from);
	float last[Q8_BLOCK];
	int whole = n / Q8_BLOCK * Q8_BLOCK;

	if (c->type == KV_F32) {
		memcpy(dst, src, (size_t)n * sizeof *dst);
	} else if (c->type == KV_F16) {
		kn->dequant(TT_F16, src, dst, n);
	} else {
		kn->dequant(TT_Q8_0, src, dst, whole);
		if (whole == n)
			return;
		kn->dequant(TT_Q8_0, src + whole / Q8_BLOCK * Q8_BYTES, last,
		    Q8_BLOCK);
		memcpy(dst + whole, last, (size_t)(n - whole) * sizeof *dst);
	}
}

void
kv_put(struct kv *c, const struct kern *kn, int layer, int head, int pos,
    const float *k, const float *v)
{
	const struct kv_spec *s = &c->layers[layer].s;
	size_t stride;

	put_row(c, kn, k_row(c, layer, head, pos), k, s->dk);
	if (!s->shared)
		put_row(c, kn, v_row(c, layer, head, pos, &stride), v, s->dv);
}

/* ---- products ---- */

void
kv_scores(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, const float *q, int ldq, int heads, float *score, int lds,
    float *scratch)
{
	const struct kv_layer *l = &c->layers[layer];
	enum ttype t = c->type == KV_F16 ? TT_F16 : TT_F32;
	const void *rows = k_row(c, layer, head, pos);
	size_t stride = l->k_row;

	if (c->type == KV_Q8_0) {
		kv_load_k(c, kn, layer, head, pos, n, scratch);
		rows = scratch;
		stride = (size_t)l->s.dk * sizeof *scratch;
	}
	kn->scores(t, q, ldq, heads, rows, stride, l->s.dk, n, score, lds);
}

void
kv_mix(const struct kv *c, const struct kern *kn, int layer, int head, int pos,
    int n, const float *weight, int ldw, int heads, float *out, int ldo,
    float *scratch)
{
	enum ttype t = c->type == KV_F16 ? TT_F16 : TT_F32;
	int dv = c->layers[layer].s.dv;
	size_t stride;
	const void *rows = v_row(c, layer, head, pos, &stride);

	if (c->type == KV_Q8_0) {
		kv_load_v(c, kn, layer, head, pos, n, scratch, dv);
		rows = scratch;
		stride = (size_t)dv * sizeof *scratch;
	}
	kn->mix(t, weight, ldw, heads, rows, stride, dv, n, out, ldo);
}

void
kv_load_k(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *k)
{
	const struct kv_layer *l = &c->layers[layer];
	const unsigned char *row = k_row(c, layer, head, pos);

	for (int i = 0; i < n; i++, row += l->k_row, k += l->s.dk)
		get_row(c, kn, row, 0, l->s.dk, k);
}

void
kv_load_v(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *v, int ld)
{
	size_t stride;
	const unsigned char *row = v_row(c, layer, head, pos, &stride);
	int dv = c->layers[layer].s.dv;

	for (int i = 0; i < n; i++, row += stride, v += ld)
		get_row(c, kn, row, 0, dv, v);
}

void
kv_load_kt(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *kt, int ld)
{
	/* eight rows at a time, so that each line of kt is written whole */
	float tmp[8 * 64];
	const struct kv_layer *l = &c->layers[layer];
	const unsigned char *row = k_row(c, layer, head, pos);
	int dk = l->s.dk;

	for (int i0 = 0; i0 < n; i0 += 8)
		for (int j0 = 0; j0 < dk; j0 += 64) {
			int ni = min_int(n - i0, 8);
			int nj = min_int(dk - j0, 64);

			for (int i = 0; i < ni; i++)
				get_row(c, kn, row + (size_t)(i0 + i) *
				    l->k_row, j0, nj, tmp + i * 64);
			for (int j = 0; j < nj; j++)
				for (int i = 0; i < ni; i++)
					kt[(size_t)(j0 + j) * (size_t)ld +
					    (size_t)(i0 + i)] = tmp[i * 64 + j];
		}
}
