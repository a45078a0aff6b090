/* gguf_tensor.c -- the tensors of one GGUF file: their list, and where their
 * data lie. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "gguf_priv.h"

#define MAX_DIMS 4
#define MIN_ALIGN 8		/* the format's own rule */
#define MAX_ALIGN (1u << 20)
#define DEFAULT_ALIGN 32

static int
read_name(struct gguf_cur *c, struct tensor *t)
{
	struct gstr s;

	if (gguf_take_str(c, &s, "its list of tensors") < 0)
		return -1;
	if (s.n == 0 || s.n >= sizeof(t->name) || memchr(s.p, 0, s.n) != NULL)
		return gguf_stop(&c->sink, "%s has a tensor name that is "
		    "empty, longer than %d bytes or not text; " GGUF_AGAIN,
		    c->path, (int)sizeof(t->name) - 1);
	memcpy(t->name, s.p, s.n);
	return 0;
}

static int
read_shape(struct gguf_cur *c, struct tensor *t)
{
	uint32_t dims;
	uint64_t ne;
	int64_t all = 1;
	int i;

	if (gguf_take(c, &dims, 4, "its list of tensors") < 0)
		return -1;
	if (dims < 1 || dims > MAX_DIMS)
		return gguf_stop(&c->sink, "%s: tensor %s has %u dimensions "
		    "instead of 1 to %d; " GGUF_AGAIN, c->path, t->name, dims,
		    MAX_DIMS);
	t->n_dims = (int)dims;
	for (i = 0; i < MAX_DIMS; i++) {
		ne = 1;
		if (i < t->n_dims &&
		    gguf_take(c, &ne, 8, "its list of tensors") < 0)
			return -1;
		if (ne == 0 || ne > INT64_MAX ||
		    __builtin_mul_overflow(all, (int64_t)ne, &all))
			return gguf_stop(&c->sink, "%s: tensor %s has an "
			    "impossible size; " GGUF_AGAIN, c->path, t->name);
		t->ne[i] = (int64_t)ne;
	}
	return 0;
}

/* A partial reading counts the tensors of unknown types, to say it once. */
static int
unknown_type(struct gguf_cur *c, const struct tensor *t)
{
	size_t i;

	if (c->sink.report == NULL)
		return gguf_stop(&c->sink, "%s: tensor %s has type %u (%s), "
		    "which fikr cannot compute with; use the model in another "
		    "quantisation, such as Q4_K_M or Q8_0", c->path, t->name,
		    t->type_id, ttype_name(t->type_id));
	for (i = 0; i < GGUF_ODD_TYPES - 1; i++)
		if (c->odd[i].n == 0 || c->odd[i].type == t->type_id)
			break;
	c->odd[i].type = t->type_id;
	c->odd[i].n++;
	return 0;
}

static void
report_types(struct gguf_cur *c)
{
	size_t i;

	for (i = 0; i < GGUF_ODD_TYPES && c->odd[i].n > 0; i++)
		gguf_flaw(&c->sink, "%s: %zu tensor%s type %u (%s), which "
		    "fikr cannot compute with; use the model in another "
		    "quantisation, such as Q4_K_M or Q8_0", c->path,
		    c->odd[i].n, c->odd[i].n == 1 ? " has" : "s have",
		    c->odd[i].type,
		    ttype_name(c->odd[i].type));
}

/* The type, and with it the bytes that the tensor takes. */
static int
read_type(struct gguf_cur *c, struct tensor *t)
{
	const struct ttype_info *info;
	int64_t rows = t->ne[1] * t->ne[2] * t->ne[3];

	if (gguf_take(c, &t->type_id, 4, "its list of tensors") < 0)
		return -1;
	info = ttype_info(t->type_id);
	if (info == NULL)
		return unknown_type(c, t);
	t->type = (enum ttype)t->type_id;
	if (t->ne[0] % info->block != 0)
		return gguf_flaw(&c->sink, "%s: tensor %s has rows of %lld "
		    "values, no multiple of %s's blocks of %d; " GGUF_AGAIN,
		    c->path, t->name, (long long)t->ne[0], info->name,
		    info->block);
	if (__builtin_mul_overflow(t->ne[0] / info->block * rows,
	    (int64_t)info->bytes, &t->bytes)) {
		t->bytes = 0;
		return gguf_flaw(&c->sink, "%s: tensor %s has an impossible "
		    "size; " GGUF_AGAIN, c->path, t->name);
	}
	return 0;
}

static int
read_tensor(struct gguf_cur *c, struct tensor *t)
{
	if (read_name(c, t) < 0 || read_shape(c, t) < 0 ||
	    read_type(c, t) < 0)
		return -1;
	return gguf_take(c, &c->offset[c->g->n_tensors], 8,
	    "its list of tensors");
}

static int
name_cmp(const void *a, const void *b)
{
	const struct tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int
twice(const struct gguf *g, const struct tensor *a, const struct tensor *b,
    struct gguf_sink *s)
{
	if (a->part == b->part)
		return gguf_flaw(s, "%s has the tensor %s twice; " GGUF_AGAIN,
		    g->parts[a->part].path, a->name);
	return gguf_flaw(s, "%s and %s both have the tensor %s; download all "
	    "parts from one place", g->parts[a->part].path,
	    g->parts[b->part].path, a->name);
}

int
gguf_index_tensors(struct gguf *g, struct gguf_sink *s)
{
	const struct tensor **v = g->by_name;
	size_t i;

	for (i = 0; i < g->n_tensors; i++)
		v[i] = &g->tensors[i];
	qsort(v, g->n_tensors, sizeof(*v), name_cmp);
	for (i = 1; i < g->n_tensors; i++)
		if (strcmp(v[i - 1]->name, v[i]->name) == 0 &&
		    twice(g, v[i - 1], v[i], s) < 0)
			return -1;
	return 0;
}

int
gguf_read_tensors(struct gguf_cur *c, uint64_t n)
{
	struct gguf *g = c->g;
	size_t room = gguf_left(c) / GGUF_TENSOR_BYTES;
	int r = 0;

	if (n < room)
		room = (size_t)n;
	g->tensors = xcalloc(room + 1, sizeof(*g->tensors));
	g->by_name = xcalloc(room + 1, sizeof(*g->by_name));
	c->offset = xcalloc(room + 1, sizeof(*c->offset));
	while (g->n_tensors < n &&
	    (r = read_tensor(c, &g->tensors[g->n_tensors])) == 0)
		g->n_tensors++;
	report_types(c);
	return gguf_index_tensors(g, &c->sink) < 0 ? -1 : r;
}

/* ---- where the data lies ---- */

static int
read_alignment(struct gguf_cur *c, int64_t *align)
{
	*align = DEFAULT_ALIGN;
	if (gguf_find(c->g, "general.alignment") == NULL)
		return 0;
	if (gguf_int(c->g, "general.alignment", align) < 0 ||
	    *align < MIN_ALIGN || *align > MAX_ALIGN ||
	    (*align & (*align - 1)) != 0)
		return gguf_stop(&c->sink, "%s: general.alignment is no power "
		    "of two from %d to %u; " GGUF_AGAIN, c->path, MIN_ALIGN,
		    MAX_ALIGN);
	return 0;
}

/* Find where a tensor ends; what is not there gets no data. */
static int
place(struct gguf_cur *c, struct tensor *t, uint64_t offset, int64_t align)
{
	struct gpart *p = c->part;
	uint64_t end;

	if (t->bytes == 0)
		return 0;
	if (offset % (uint64_t)align != 0)
		return gguf_flaw(&c->sink, "%s: tensor %s begins at byte %llu "
		    "of the data, no multiple of %lld; " GGUF_AGAIN, c->path,
		    t->name, (unsigned long long)offset, (long long)align);
	if (__builtin_add_overflow(offset, (uint64_t)t->bytes, &end) ||
	    end > (uint64_t)(INT64_MAX - p->data_offset))
		return gguf_flaw(&c->sink, "%s: tensor %s lies beyond any "
		    "file; " GGUF_AGAIN, c->path, t->name);
	end += (uint64_t)p->data_offset;
	if ((int64_t)end > p->want)
		p->want = (int64_t)end;
	if ((int64_t)end <= p->bytes)
		t->data = p->map + p->data_offset + offset;
	return 0;
}

static int
check_room(struct gguf_cur *c)
{
	const struct tensor *first = NULL;
	char others[40] = " is";
	size_t i, n = 0;

	if (c->part->want <= c->part->bytes)
		return 0;
	for (i = c->g->n_tensors; i-- > 0;)
		if (c->g->tensors[i].bytes > 0 &&
		    c->g->tensors[i].data == NULL) {
			first = &c->g->tensors[i];
			n++;
		}
	if (n > 1)
		snprintf(others, sizeof(others), " and %zu more are", n - 1);
	return gguf_flaw(&c->sink, "%s is cut short: the file has %lld of "
	    "%lld bytes, so that tensor %s%s not all there; download the rest "
	    "of it", c->path, (long long)c->part->bytes,
	    (long long)c->part->want, first->name, others);
}

static int
data_cmp(const void *a, const void *b)
{
	const struct tensor *const *x = a, *const *y = b;
	uintptr_t p = (uintptr_t)(*x)->data, q = (uintptr_t)(*y)->data;

	return (p > q) - (p < q);
}

static int
check_overlaps(struct gguf_cur *c)
{
	size_t i, m = 0, n = c->g->n_tensors;
	const struct tensor **v = xcalloc(n + 1, sizeof(*v));
	int r = 0;

	for (i = 0; i < n; i++)
		if (c->g->tensors[i].data != NULL)
			v[m++] = &c->g->tensors[i];
	qsort(v, m, sizeof(*v), data_cmp);
	for (i = 1; i < m && r == 0; i++)
		if ((const uint8_t *)v[i - 1]->data + v[i - 1]->bytes >
		    (const uint8_t *)v[i]->data)
			r = gguf_flaw(&c->sink, "%s: the tensors %s and %s "
			    "lie over each other; " GGUF_AGAIN, c->path,
			    v[i - 1]->name, v[i]->name);
	free(v);
	return r;
}

int
gguf_place_tensors(struct gguf_cur *c)
{
	struct gpart *p = c->part;
	int64_t align, pos = c->p - p->map;
	size_t i;

	if (read_alignment(c, &align) < 0)
		return -1;
	p->data_offset = (pos + align - 1) & ~(align - 1);
	p->want = pos;
	for (i = 0; i < c->g->n_tensors; i++)
		if (place(c, &c->g->tensors[i], c->offset[i], align) < 0)
			return -1;
	return check_room(c) < 0 ? -1 : check_overlaps(c);
}
