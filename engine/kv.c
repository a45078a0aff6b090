/* kv.c -- see kv.h. */
#include "kv.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *
reserve(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int
kv_init(struct kv *c, enum kv_type type, int n_layer, int n_head, int dk,
    int dv, int context, struct err *err)
{
	size_t elem = type == KV_F32 ? sizeof(float) : sizeof(uint16_t);
	/* bounds of model.h keep these products far below 2^63 */
	double rows = (double)n_layer * n_head * context;
	double need = rows * (dk + dv) * (double)elem;
	double have = (double)sysconf(_SC_PHYS_PAGES) *
	    (double)sysconf(_SC_PAGESIZE);

	*c = (struct kv){ .type = type, .n_layer = n_layer, .n_head = n_head,
		.context = context, .dk = dk, .dv = dv, .elem = elem };
	if (need < have) {
		c->k_bytes = (size_t)rows * (size_t)dk * elem;
		c->v_bytes = (size_t)rows * (size_t)dv * elem;
		c->k = reserve(c->k_bytes);
		c->v = reserve(c->v_bytes);
	}
	if (c->k && c->v)
		return 0;
	kv_done(c);
	return err_set(err, "the key-value cache for a context of %d tokens "
	    "needs %.0f MiB, which this machine (%.0f MiB in all) does not "
	    "have; ask for a smaller context", context, need / 1048576,
	    have / 1048576);
}

void
kv_done(struct kv *c)
{
	if (c->k)
		munmap(c->k, c->k_bytes);
	if (c->v)
		munmap(c->v, c->v_bytes);
	c->k = c->v = NULL;
}

static size_t
row_index(const struct kv *c, int layer, int head, int pos)
{
	return ((size_t)layer * (size_t)c->n_head + (size_t)head) *
	    (size_t)c->context + (size_t)pos;
}

static unsigned char *
k_row(const struct kv *c, int layer, int head, int pos)
{
	return c->k + row_index(c, layer, head, pos) * (size_t)c->dk * c->elem;
}

static unsigned char *
v_row(const struct kv *c, int layer, int head, int pos)
{
	return c->v + row_index(c, layer, head, pos) * (size_t)c->dv * c->elem;
}

static void
put_row(const struct kv *c, const struct kern *kn, void *dst, const float *src,
    int n)
{
	if (c->type == KV_F32)
		memcpy(dst, src, (size_t)n * sizeof *src);
	else
		kn->to_f16(dst, src, n);
}

static void
get_rows(const struct kv *c, const struct kern *kn, const void *src,
    float *dst, int n)
{
	if (c->type == KV_F32)
		memcpy(dst, src, (size_t)n * sizeof *dst);
	else
		kn->dequant(TT_F16, src, dst, n);
}

void
kv_put(struct kv *c, const struct kern *kn, int layer, int head, int pos,
    const float *k, const float *v)
{
	put_row(c, kn, k_row(c, layer, head, pos), k, c->dk);
	put_row(c, kn, v_row(c, layer, head, pos), v, c->dv);
}

void
kv_scores(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, const float *q, float *score)
{
	const void *k = k_row(c, layer, head, pos);
	const uint16_t *h = k;
	const float *f = k;

	if (c->type == KV_F32)
		for (int i = 0; i < n; i++, f += c->dk)
			score[i] = kn->dot(q, f, c->dk);
	else
		for (int i = 0; i < n; i++, h += c->dk)
			score[i] = kn->dot_f16(q, h, c->dk);
}

void
kv_mix(const struct kv *c, const struct kern *kn, int layer, int head, int pos,
    int n, const float *weight, float *out)
{
	const void *v = v_row(c, layer, head, pos);
	const uint16_t *h = v;
	const float *f = v;

	if (c->type == KV_F32)
		for (int i = 0; i < n; i++, f += c->dv)
			kn->axpy(out, weight[i], f, c->dv);
	else
		for (int i = 0; i < n; i++, h += c->dv)
			kn->axpy_f16(out, weight[i], h, c->dv);
}

void
kv_load_k(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *k)
{
	/* the rows of a head lie one after the other */
	get_rows(c, kn, k_row(c, layer, head, pos), k, n * c->dk);
}

void
kv_load_v(const struct kv *c, const struct kern *kn, int layer, int head,
    int pos, int n, float *vt, int ld)
{
	/* eight rows at a time, so that each line of vt is written whole */
	float tmp[8 * 64];

	for (int i0 = 0; i0 < n; i0 += 8)
		for (int j0 = 0; j0 < c->dv; j0 += 64) {
			int ni = n - i0 < 8 ? n - i0 : 8;
			int nj = c->dv - j0 < 64 ? c->dv - j0 : 64;

			for (int i = 0; i < ni; i++)
				get_rows(c, kn, v_row(c, layer, head,
				    pos + i0 + i) + (size_t)j0 * c->elem,
				    tmp + i * 64, nj);
			for (int j = 0; j < nj; j++)
				for (int i = 0; i < ni; i++)
					vt[(size_t)(j0 + j) * (size_t)ld +
					    (size_t)(i0 + i)] = tmp[i * 64 + j];
		}
}
