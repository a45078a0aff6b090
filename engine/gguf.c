/* gguf.c -- reads and checks a GGUF file.
 *
 * The file is hostile until proved otherwise.  All reading goes through one
 * cursor that knows where the mapping ends; counts are bounded by the bytes
 * that are left before anything is allocated for them; sizes are multiplied
 * with overflow checks.  Names are compared sorted, so that a file of a
 * million tensors takes no quadratic time. */
#include "gguf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

#define VERSION_MIN 2
#define VERSION_MAX 3
#define MAX_KV (1u << 20)
#define MAX_TENSORS (1u << 20)
#define MAX_DIMS 4
#define MIN_ALIGN 8		/* the format's own rule */
#define MAX_ALIGN (1u << 20)
#define DEFAULT_ALIGN 32
/* The least bytes that one entry can take. */
#define KV_BYTES (8 + 1 + 4 + 1)
#define TENSOR_BYTES (8 + 1 + 4 + 8 + 4 + 8)
#define AGAIN "the file is damaged; download it again"

/* Where the reading is, and what a complaint needs. */
struct cur {
	const uint8_t *p, *end;
	const char *path;
	struct err *err;
	struct gguf *g;
	uint64_t *offset;	/* [n_tensors], as they stand in the file */
};

static const unsigned char sizes[] = {
	[GT_U8] = 1, [GT_I8] = 1, [GT_U16] = 2, [GT_I16] = 2, [GT_U32] = 4,
	[GT_I32] = 4, [GT_F32] = 4, [GT_BOOL] = 1, [GT_STR] = 8,
	[GT_ARR] = 12, [GT_U64] = 8, [GT_I64] = 8, [GT_F64] = 8,
};
#define N_TYPES (sizeof(sizes) / sizeof(sizes[0]))

static size_t
left(const struct cur *c)
{
	return (size_t)(c->end - c->p);
}

static void
cut_short(struct cur *c, const char *what)
{
	err_set(c->err, "%s is cut short: it ends within %s, at byte %lld; "
	    "download it again", c->path, what, (long long)c->g->file_bytes);
}

static int
take(struct cur *c, void *v, size_t n, const char *what)
{
	if (left(c) < n) {
		cut_short(c, what);
		return -1;
	}
	memcpy(v, c->p, n);
	c->p += n;
	return 0;
}

static int
take_str(struct cur *c, struct gstr *s, const char *what)
{
	uint64_t n;

	if (take(c, &n, 8, what) < 0)
		return -1;
	if (n > left(c)) {
		cut_short(c, what);
		return -1;
	}
	s->p = (const char *)c->p;
	s->n = (size_t)n;
	c->p += n;
	return 0;
}

static int
gstr_cmp(const struct gstr *a, const struct gstr *b)
{
	size_t n = a->n < b->n ? a->n : b->n;
	int d = memcmp(a->p, b->p, n);

	return d != 0 ? d : (a->n > b->n) - (a->n < b->n);
}

/* ---- header ---- */

static bool
starts(const struct cur *c, const char *s)
{
	size_t n = strlen(s);

	return left(c) >= n && memcmp(c->p, s, n) == 0;
}

static int
not_a_model(struct cur *c)
{
	if (starts(c, "version https://git-lfs"))
		return err_set(c->err, "%s is only a Git LFS pointer to the "
		    "model; fetch the model itself with `git lfs pull`",
		    c->path);
	if (starts(c, "<"))
		return err_set(c->err, "%s is a web page, not a GGUF model; "
		    "download the model file itself", c->path);
	return err_set(c->err, "%s is not a GGUF model: it does not begin "
	    "with \"GGUF\"; fikr reads .gguf files only", c->path);
}

static int
read_header(struct cur *c, uint64_t *n_tensors, uint64_t *n_kv)
{
	uint32_t version;

	if (left(c) == 0)
		return err_set(c->err, "%s is empty; download it again",
		    c->path);
	if (!starts(c, "GGUF"))
		return not_a_model(c);
	c->p += 4;
	if (take(c, &version, 4, "the header") < 0)
		return -1;
	if ((version & 0xffff) == 0)
		return err_set(c->err, "%s is for machines of the other byte "
		    "order (big-endian); download the little-endian file",
		    c->path);
	if (version < VERSION_MIN || version > VERSION_MAX)
		return err_set(c->err, "%s is GGUF version %u, but fikr reads "
		    "versions %d and %d; %s", c->path, version, VERSION_MIN,
		    VERSION_MAX, version < VERSION_MIN ?
		    "convert the model again" : "a newer fikr may read it");
	c->g->version = (int)version;
	if (take(c, n_tensors, 8, "the header") < 0 ||
	    take(c, n_kv, 8, "the header") < 0)
		return -1;
	if (*n_kv > MAX_KV || *n_kv > left(c) / KV_BYTES)
		return err_set(c->err, "%s claims %llu metadata entries, more "
		    "than it has room for; " AGAIN, c->path,
		    (unsigned long long)*n_kv);
	if (*n_tensors > MAX_TENSORS || *n_tensors > left(c) / TENSOR_BYTES)
		return err_set(c->err, "%s claims %llu tensors, more than it "
		    "has room for; " AGAIN, c->path,
		    (unsigned long long)*n_tensors);
	return 0;
}

/* ---- metadata ---- */

static int
bad_type(struct cur *c, const struct gkv *kv, const char *what, uint32_t type)
{
	return err_set(c->err, "%s: metadata entry \"%.*s\" has the %s type "
	    "%u, which the format does not know; " AGAIN, c->path,
	    (int)(kv->key.n < 64 ? kv->key.n : 64), kv->key.p, what, type);
}

/* Step over n values of a type, which must all be there. */
static int
skip_values(struct cur *c, enum gtype type, uint64_t n)
{
	struct gstr s;

	if (n > left(c) / sizes[type]) {
		cut_short(c, "its metadata");
		return -1;
	}
	if (type != GT_STR) {
		c->p += n * sizes[type];
		return 0;
	}
	for (; n > 0; n--)
		if (take_str(c, &s, "its metadata") < 0)
			return -1;
	return 0;
}

static int
read_kv(struct cur *c, struct gkv *kv)
{
	uint32_t type;

	if (take_str(c, &kv->key, "its metadata") < 0)
		return -1;
	if (kv->key.n == 0)
		return err_set(c->err, "%s has a metadata entry without a "
		    "name; " AGAIN, c->path);
	if (take(c, &type, 4, "its metadata") < 0)
		return -1;
	if (type >= N_TYPES)
		return bad_type(c, kv, "value", type);
	kv->type = (enum gtype)type;
	kv->elem = kv->type;
	kv->n = 1;
	if (kv->type == GT_ARR) {
		if (take(c, &type, 4, "its metadata") < 0 ||
		    take(c, &kv->n, 8, "its metadata") < 0)
			return -1;
		if (type >= N_TYPES || type == GT_ARR)
			return bad_type(c, kv, "element", type);
		kv->elem = (enum gtype)type;
	}
	kv->data = c->p;
	return skip_values(c, kv->elem, kv->n);
}

static int
kv_cmp(const void *a, const void *b)
{
	const struct gkv *const *x = a, *const *y = b;

	return gstr_cmp(&(*x)->key, &(*y)->key);
}

static int
read_metadata(struct cur *c, uint64_t n)
{
	struct gguf *g = c->g;
	const struct gkv *kv;
	size_t i;

	g->kv = xcalloc(n + 1, sizeof(*g->kv));
	g->by_key = xcalloc(n + 1, sizeof(*g->by_key));
	for (; g->n_kv < n; g->n_kv++) {
		if (read_kv(c, &g->kv[g->n_kv]) < 0)
			return -1;
		g->by_key[g->n_kv] = &g->kv[g->n_kv];
	}
	qsort(g->by_key, g->n_kv, sizeof(*g->by_key), kv_cmp);
	for (i = 1; i < g->n_kv; i++) {
		kv = g->by_key[i];
		if (gstr_cmp(&g->by_key[i - 1]->key, &kv->key) == 0)
			return err_set(c->err, "%s has the metadata entry "
			    "\"%.*s\" twice; " AGAIN, c->path,
			    (int)(kv->key.n < 64 ? kv->key.n : 64),
			    kv->key.p);
	}
	return 0;
}

/* ---- tensors ---- */

static int
read_name(struct cur *c, struct tensor *t)
{
	struct gstr s;

	if (take_str(c, &s, "its list of tensors") < 0)
		return -1;
	if (s.n == 0 || s.n >= sizeof(t->name) || memchr(s.p, 0, s.n) != NULL)
		return err_set(c->err, "%s has a tensor name that is empty, "
		    "longer than %d bytes or not text; " AGAIN, c->path,
		    (int)sizeof(t->name) - 1);
	memcpy(t->name, s.p, s.n);
	return 0;
}

static int
read_shape(struct cur *c, struct tensor *t)
{
	uint32_t dims;
	uint64_t ne;
	int64_t all = 1;
	int i;

	if (take(c, &dims, 4, "its list of tensors") < 0)
		return -1;
	if (dims < 1 || dims > MAX_DIMS)
		return err_set(c->err, "%s: tensor %s has %u dimensions "
		    "instead of 1 to %d; " AGAIN, c->path, t->name, dims,
		    MAX_DIMS);
	t->n_dims = (int)dims;
	for (i = 0; i < MAX_DIMS; i++) {
		ne = 1;
		if (i < t->n_dims &&
		    take(c, &ne, 8, "its list of tensors") < 0)
			return -1;
		if (ne == 0 || ne > INT64_MAX ||
		    __builtin_mul_overflow(all, (int64_t)ne, &all))
			return err_set(c->err, "%s: tensor %s has an "
			    "impossible size; " AGAIN, c->path, t->name);
		t->ne[i] = (int64_t)ne;
	}
	return 0;
}

/* The type, and with it the bytes that the tensor takes. */
static int
read_type(struct cur *c, struct tensor *t)
{
	const struct ttype_info *info;
	int64_t rows = t->ne[1] * t->ne[2] * t->ne[3];
	uint32_t type;

	if (take(c, &type, 4, "its list of tensors") < 0)
		return -1;
	info = ttype_info(type);
	if (info == NULL)
		return err_set(c->err, "%s: tensor %s has type %u (%s), which "
		    "fikr cannot compute with; use the model in another "
		    "quantisation, such as Q4_K_M or Q8_0", c->path, t->name,
		    type, ttype_name(type));
	t->type = (enum ttype)type;
	if (t->ne[0] % info->block != 0)
		return err_set(c->err, "%s: tensor %s has rows of %lld "
		    "values, no multiple of %s's blocks of %d; " AGAIN,
		    c->path, t->name, (long long)t->ne[0], info->name,
		    info->block);
	if (__builtin_mul_overflow(t->ne[0] / info->block * rows,
	    (int64_t)info->bytes, &t->bytes))
		return err_set(c->err, "%s: tensor %s has an impossible "
		    "size; " AGAIN, c->path, t->name);
	return 0;
}

static int
name_cmp(const void *a, const void *b)
{
	const struct tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static int
read_tensors(struct cur *c, uint64_t n)
{
	struct gguf *g = c->g;
	struct tensor *t;
	size_t i;

	g->tensors = xcalloc(n + 1, sizeof(*g->tensors));
	g->by_name = xcalloc(n + 1, sizeof(*g->by_name));
	c->offset = xcalloc(n + 1, sizeof(*c->offset));
	for (; g->n_tensors < n; g->n_tensors++) {
		t = &g->tensors[g->n_tensors];
		if (read_name(c, t) < 0 || read_shape(c, t) < 0 ||
		    read_type(c, t) < 0 ||
		    take(c, &c->offset[g->n_tensors], 8,
		    "its list of tensors") < 0)
			return -1;
		g->by_name[g->n_tensors] = t;
	}
	qsort(g->by_name, g->n_tensors, sizeof(*g->by_name), name_cmp);
	for (i = 1; i < g->n_tensors; i++)
		if (strcmp(g->by_name[i - 1]->name, g->by_name[i]->name) == 0)
			return err_set(c->err, "%s has the tensor %s twice; "
			    AGAIN, c->path, g->by_name[i]->name);
	return 0;
}

/* ---- where the data lies ---- */

static int
read_alignment(struct cur *c, int64_t *align)
{
	*align = DEFAULT_ALIGN;
	if (gguf_find(c->g, "general.alignment") == NULL)
		return 0;
	if (gguf_int(c->g, "general.alignment", align) < 0 ||
	    *align < MIN_ALIGN || *align > MAX_ALIGN ||
	    (*align & (*align - 1)) != 0)
		return err_set(c->err, "%s: general.alignment is no power of "
		    "two from %d to %u; " AGAIN, c->path, MIN_ALIGN,
		    MAX_ALIGN);
	return 0;
}

static int
place(struct cur *c, struct tensor *t, uint64_t offset, int64_t align)
{
	struct gguf *g = c->g;
	uint64_t room = g->data_offset < g->file_bytes ?
	    (uint64_t)(g->file_bytes - g->data_offset) : 0;
	uint64_t end;

	if (offset % (uint64_t)align != 0)
		return err_set(c->err, "%s: tensor %s begins at byte %llu of "
		    "the data, no multiple of %lld; " AGAIN, c->path, t->name,
		    (unsigned long long)offset, (long long)align);
	if (__builtin_add_overflow(offset, (uint64_t)t->bytes, &end) ||
	    end > (uint64_t)(INT64_MAX - g->data_offset))
		return err_set(c->err, "%s: tensor %s lies beyond any file; "
		    AGAIN, c->path, t->name);
	if (end > room)
		return err_set(c->err, "%s is cut short: tensor %s ends at "
		    "byte %lld but the file has %lld bytes; download it again",
		    c->path, t->name, (long long)end +
		    (long long)g->data_offset, (long long)g->file_bytes);
	t->data = g->map + g->data_offset + offset;
	return 0;
}

static int
data_cmp(const void *a, const void *b)
{
	const struct tensor *const *x = a, *const *y = b;
	uintptr_t p = (uintptr_t)(*x)->data, q = (uintptr_t)(*y)->data;

	return (p > q) - (p < q);
}

static int
check_overlaps(struct cur *c)
{
	size_t i, n = c->g->n_tensors;
	const struct tensor **v = xcalloc(n + 1, sizeof(*v));
	int r = 0;

	for (i = 0; i < n; i++)
		v[i] = &c->g->tensors[i];
	qsort(v, n, sizeof(*v), data_cmp);
	for (i = 1; i < n && r == 0; i++)
		if ((const uint8_t *)v[i - 1]->data + v[i - 1]->bytes >
		    (const uint8_t *)v[i]->data)
			r = err_set(c->err, "%s: the tensors %s and %s lie "
			    "over each other; " AGAIN, c->path,
			    v[i - 1]->name, v[i]->name);
	free(v);
	return r;
}

static int
place_tensors(struct cur *c)
{
	struct gguf *g = c->g;
	int64_t align, pos = c->p - g->map;
	size_t i;

	if (read_alignment(c, &align) < 0)
		return -1;
	g->data_offset = (pos + align - 1) & ~(align - 1);
	for (i = 0; i < g->n_tensors; i++)
		if (place(c, &g->tensors[i], c->offset[i], align) < 0)
			return -1;
	return check_overlaps(c);
}

/* ---- opening ---- */

/* A model cut into several files names how many there are. */
static int
refuse_split(struct cur *c)
{
	int64_t n;

	if (gguf_int(c->g, "split.count", &n) < 0 || n <= 1)
		return 0;
	return err_set(c->err, "%s is one of %lld parts of a model; join them "
	    "into one file first (gguf-split --merge)", c->path,
	    (long long)n);
}

static int
parse(struct cur *c)
{
	uint64_t n_tensors = 0, n_kv = 0;

	if (read_header(c, &n_tensors, &n_kv) < 0 ||
	    read_metadata(c, n_kv) < 0 || refuse_split(c) < 0 ||
	    read_tensors(c, n_tensors) < 0)
		return -1;
	return place_tensors(c);
}

static int
map_file(struct gguf *g, const char *path, struct err *err)
{
	struct stat st;
	void *map;
	int fd;

	/* without waiting, should the path be a pipe that nobody writes */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(err, "cannot open the model %s: %s", path,
		    strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, "%s is not a file; give the path of a "
		    ".gguf file", path);
	}
	g->file_bytes = st.st_size;
	if (st.st_size == 0) {
		close(fd);
		return 0;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return err_set(err, "cannot map the model %s into memory: %s",
		    path, strerror(errno));
	g->map = map;
	return 0;
}

struct gguf *
gguf_open(const char *path, struct err *err)
{
	struct gguf *g = xcalloc(1, sizeof(*g));
	struct cur c = { .path = path, .err = err, .g = g };
	int r;

	r = map_file(g, path, err);
	if (r == 0) {
		c.p = c.end = g->map;
		if (g->map != NULL)	/* not empty */
			c.end += g->file_bytes;
		r = parse(&c);
	}
	free(c.offset);
	if (r < 0) {
		gguf_close(g);
		return NULL;
	}
	return g;
}

void
gguf_close(struct gguf *g)
{
	if (g == NULL)
		return;
	if (g->map != NULL)
		munmap((void *)(uintptr_t)g->map, (size_t)g->file_bytes);
	free(g->kv);
	free(g->by_key);
	free(g->tensors);
	free(g->by_name);
	free(g);
}

/* ---- looking up ---- */

const struct gkv *
gguf_find(const struct gguf *g, const char *key)
{
	struct gkv want = { .key = { key, strlen(key) } };
	const struct gkv *k = &want, **found;

	found = bsearch(&k, g->by_key, g->n_kv, sizeof(*g->by_key), kv_cmp);
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
		v.i = integer(p, sizes[type], type == GT_I8 ||
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
	    (const uint8_t *)kv->data + i * sizes[kv->elem]);

	if (x.kind == NUM_FLOAT)
		return x.f >= 0x1p63 ? INT64_MAX : x.f >= -0x1p63 ?
		    (int64_t)x.f : INT64_MIN;
	return x.kind == NUM_UINT ? INT64_MAX : x.i;
}

double
gkv_float_at(const struct gkv *kv, uint64_t i)
{
	struct num x = number(kv->elem,
	    (const uint8_t *)kv->data + i * sizes[kv->elem]);

	return as_float(&x);
}

struct gstr
gkv_next_str(const struct gkv *kv, const void **cursor)
{
	const uint8_t *p = *cursor != NULL ? *cursor : kv->data;
	struct gstr s;
	uint64_t n;

	memcpy(&n, p, 8);
	s.p = (const char *)p + 8;
	s.n = (size_t)n;
	*cursor = p + 8 + n;
	return s;
}
