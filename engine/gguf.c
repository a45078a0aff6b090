/* gguf.c -- reads and checks one GGUF file.
 *
 * The file is hostile until proved otherwise.  All reading goes through one
 * cursor that knows where the mapping ends; counts are bounded by the bytes
 * that are left before anything is allocated for them; sizes are multiplied
 * with overflow checks.  Names are compared sorted, so that a file of a
 * million tensors takes no quadratic time.
 *
 * A strict reading ends at the first complaint.  A partial one writes it down
 * and goes on where what follows can still be found. */
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "gguf_priv.h"

#define VERSION_MIN 2
#define VERSION_MAX 3
#define MAX_KV (1u << 20)
/* The least bytes that an entry of the metadata can take. */
#define KV_BYTES (8 + 1 + 4 + 1)

/* ---- header ---- */

static bool
starts(const struct gguf_cur *c, const char *s)
{
	size_t n = strlen(s);

	return gguf_left(c) >= n && memcmp(c->p, s, n) == 0;
}

static int
not_a_model(struct gguf_cur *c)
{
	if (starts(c, "version https://git-lfs"))
		return gguf_stop(&c->sink, "%s is only a Git LFS pointer "
		    "to the model; fetch the model itself with `git lfs pull`",
		    c->path);
	if (starts(c, "<"))
		return gguf_stop(&c->sink, "%s is a web page, not a GGUF "
		    "file; download the file itself", c->path);
	return gguf_stop(&c->sink, "%s is not a GGUF file: it does not begin "
	    "with \"GGUF\"; fikr reads .gguf files only", c->path);
}

static int
read_header(struct gguf_cur *c, uint64_t *n_tensors, uint64_t *n_kv)
{
	uint32_t version;

	if (gguf_left(c) == 0)
		return gguf_stop(&c->sink, "%s is empty; download it again",
		    c->path);
	if (!starts(c, "GGUF"))
		return not_a_model(c);
	c->p += 4;
	if (gguf_take(c, &version, 4, "the header") < 0)
		return -1;
	if ((version & 0xffff) == 0)
		return gguf_stop(&c->sink, "%s is for machines of the other "
		    "byte order (big-endian); download the little-endian file",
		    c->path);
	if (version < VERSION_MIN || version > VERSION_MAX)
		return gguf_stop(&c->sink, "%s is GGUF version %u, but fikr "
		    "reads versions %d and %d; %s", c->path, version,
		    VERSION_MIN, VERSION_MAX, version < VERSION_MIN ?
		    "convert the model again" : "a newer fikr may read it");
	c->g->version = (int)version;
	if (gguf_take(c, n_tensors, 8, "the header") < 0 ||
	    gguf_take(c, n_kv, 8, "the header") < 0)
		return -1;
	return 0;
}

/* A partial reading takes more than there is room for as well: it will find
 * where the file ends. */
static int
check_counts(struct gguf_cur *c, uint64_t n_tensors, uint64_t n_kv)
{
	bool strict = c->sink.report == NULL;

	if (n_kv > MAX_KV || (strict && n_kv > gguf_left(c) / KV_BYTES))
		return gguf_stop(&c->sink, "%s claims %llu metadata entries, "
		    "more than it has room for; " GGUF_AGAIN, c->path,
		    (unsigned long long)n_kv);
	if (n_tensors > GGUF_MAX_TENSORS ||
	    (strict && n_tensors > gguf_left(c) / GGUF_TENSOR_BYTES))
		return gguf_stop(&c->sink, "%s claims %llu tensors, more than "
		    "it has room for; " GGUF_AGAIN, c->path,
		    (unsigned long long)n_tensors);
	return 0;
}

/* ---- metadata ---- */

static int
bad_type(struct gguf_cur *c, const struct gkv *kv, const char *what,
    uint32_t type)
{
	return gguf_stop(&c->sink, "%s: metadata entry \"%.*s\" has the %s "
	    "type %u, which the format does not know; " GGUF_AGAIN, c->path,
	    (int)(kv->key.n < 64 ? kv->key.n : 64), kv->key.p, what, type);
}

/* Step over n values of a type, which must all be there. */
static int
skip_values(struct gguf_cur *c, enum gtype type, uint64_t n)
{
	struct gstr s;

	if (n > gguf_left(c) / gguf_sizes[type])
		return gguf_cut_short(c, "its metadata");
	if (type != GT_STR) {
		c->p += n * gguf_sizes[type];
		return 0;
	}
	for (; n > 0; n--)
		if (gguf_take_str(c, &s, "its metadata") < 0)
			return -1;
	return 0;
}

static int
read_kv(struct gguf_cur *c, struct gkv *kv)
{
	uint32_t type;

	if (gguf_take_str(c, &kv->key, "its metadata") < 0)
		return -1;
	if (kv->key.n == 0)
		return gguf_stop(&c->sink, "%s has a metadata entry without a "
		    "name; " GGUF_AGAIN, c->path);
	if (gguf_take(c, &type, 4, "its metadata") < 0)
		return -1;
	if (type >= GGUF_TYPES)
		return bad_type(c, kv, "value", type);
	kv->type = (enum gtype)type;
	kv->elem = kv->type;
	kv->n = 1;
	if (kv->type == GT_ARR) {
		if (gguf_take(c, &type, 4, "its metadata") < 0 ||
		    gguf_take(c, &kv->n, 8, "its metadata") < 0)
			return -1;
		if (type >= GGUF_TYPES || type == GT_ARR)
			return bad_type(c, kv, "element", type);
		kv->elem = (enum gtype)type;
	}
	kv->data = c->p;
	if (skip_values(c, kv->elem, kv->n) < 0)
		return -1;
	kv->end = c->p;
	return 0;
}

/* Sort the keys; complain about those that come twice. */
static int
index_metadata(struct gguf_cur *c)
{
	struct gguf *g = c->g;
	const struct gkv *kv;
	size_t i;

	for (i = 0; i < g->n_kv; i++)
		g->by_key[i] = &g->kv[i];
	qsort(g->by_key, g->n_kv, sizeof(*g->by_key), gguf_key_cmp);
	for (i = 1; i < g->n_kv; i++) {
		kv = g->by_key[i];
		if (gguf_key_cmp(&g->by_key[i - 1], &kv) == 0 &&
		    gguf_flaw(&c->sink, "%s has the metadata entry \"%.*s\" "
		    "twice; " GGUF_AGAIN, c->path,
		    (int)(kv->key.n < 64 ? kv->key.n : 64), kv->key.p) < 0)
			return -1;
	}
	return 0;
}

static int
read_metadata(struct gguf_cur *c, uint64_t n)
{
	struct gguf *g = c->g;
	size_t room = gguf_left(c) / KV_BYTES;	/* more cannot be read */
	int r = 0;

	if (n < room)
		room = (size_t)n;
	g->kv = xcalloc(room + 1, sizeof(*g->kv));
	g->by_key = xcalloc(room + 1, sizeof(*g->by_key));
	while (g->n_kv < n && (r = read_kv(c, &g->kv[g->n_kv])) == 0)
		g->n_kv++;
	return index_metadata(c) < 0 ? -1 : r;
}

/* ---- opening ---- */

static int
parse(struct gguf_cur *c, struct gguf_report *r)
{
	uint64_t n_tensors = 0, n_kv = 0;

	if (read_header(c, &n_tensors, &n_kv) < 0)
		return -1;
	c->sink.report = r;	/* from here on there is something to show */
	if (check_counts(c, n_tensors, n_kv) < 0 ||
	    read_metadata(c, n_kv) < 0 || gguf_read_tensors(c, n_tensors) < 0 ||
	    gguf_place_tensors(c) < 0)
		return r != NULL ? 0 : -1;
	return 0;
}

struct gguf *
gguf_read(const char *path, struct gguf_report *r, struct err *err)
{
	struct gguf *g = xcalloc(1, sizeof(*g));
	struct gpart *p = xcalloc(1, sizeof(*p));
	struct gguf_cur c = { .path = path, .g = g, .part = p,
		.sink = { .err = err, .g = g } };
	int ret;

	g->parts = p;
	g->n_parts = 1;
	p->path = xstrdup(path);
	ret = gpart_open(p, err);
	if (ret == 0) {
		g->file_bytes = p->data_offset = p->bytes;
		c.p = c.end = p->map;
		if (p->map != NULL)	/* not empty */
			c.end += p->bytes;
		ret = parse(&c, r);
	}
	free(c.offset);
	if (ret < 0) {
		gguf_close(g);
		return NULL;
	}
	return g;
}

static struct gguf *
open_all(const char *path, struct gguf_report *r, struct err *err)
{
	struct gguf *g = gguf_read(path, r, err);
	struct gguf_sink sink = { .report = r, .err = err, .g = g };

	if (g != NULL && gguf_join(g, &sink) < 0 && r == NULL) {
		gguf_close(g);
		return NULL;
	}
	return g;
}

struct gguf *
gguf_open(const char *path, struct err *err)
{
	return open_all(path, NULL, err);
}

struct gguf *
gguf_open_partial(const char *path, struct gguf_report *r, struct err *err)
{
	return open_all(path, r, err);
}

void
gguf_close(struct gguf *g)
{
	if (g == NULL)
		return;
	for (int i = 0; i < g->n_parts; i++)
		gpart_done(&g->parts[i]);
	free(g->parts);
	free(g->kv);
	free(g->by_key);
	free(g->tensors);
	free(g->by_name);
	free(g);
}
