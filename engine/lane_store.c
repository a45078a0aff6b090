/* lane_store.c -- see lane_store.h. */
#include "lane_store.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc.h"
#include "model.h"

#define LINE 64			/* where a matrix begins */

/* All matrices of a model; the memory is taken as rows are turned. */
struct lane_stores {
	const struct model *m;
	const struct kern *kn;
	struct lane_store *v;
	int n;
	uint8_t *mem;
	size_t bytes;
};

/* ---- which matrices, and where ---- */

static bool
in_file(const struct gguf *g, const uint8_t *p)
{
	for (int i = 0; i < g->n_parts; i++) {
		const struct gpart *part = &g->parts[i];

		if (part->map && p >= part->map && p < part->map + part->bytes)
			return true;
	}
	return false;
}

static bool
is_kept(const struct lane_stores *s, const struct weight *w)
{
	return w->data && w->out % LANES == 0 && s->kn->in_lanes(w->type) &&
	    in_file(s->m->g, w->data);
}

static size_t
room(const struct weight *w)
{
	size_t n = (size_t)w->slice_bytes * (size_t)w->slices;

	return (n + LINE - 1) & ~(size_t)(LINE - 1);
}

static void
count_one(struct weight *w, void *ud)
{
	struct lane_stores *s = ud;

	if (is_kept(s, w)) {
		s->n++;
		s->bytes += room(w);
	}
}

/* Advise the kernel on the whole pages within n bytes from p on. */
static void
advise(const uint8_t *p, int64_t n, int advice)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)p + page - 1) & ~(page - 1);
	uintptr_t to = ((uintptr_t)p + (uintptr_t)n) & ~(page - 1);

	if (from < to)
		madvise((void *)from, to - from, advice);
}

/* n and bytes count up again. */
static void
place_one(struct weight *w, void *ud)
{
	struct lane_stores *s = ud;
	struct lane_store *to;

	if (!is_kept(s, w))
		return;
	to = &s->v[s->n++];
	*to = (struct lane_store){ .lanes = s->mem + s->bytes,
		.slice_bytes = w->slice_bytes,
		.per_slice = w->out / LANES };
	s->bytes += room(w);
	/* a large page would bring the experts beside the one that is used */
	if (w->slices == 1)
		advise(to->lanes, w->slice_bytes, MADV_HUGEPAGE);
	to->ready = xcalloc((size_t)w->slices * (size_t)to->per_slice,
	    sizeof *to->ready);
	to->missing = xcalloc((size_t)w->slices, sizeof *to->missing);
	for (int i = 0; i < w->slices; i++)
		atomic_init(&to->missing[i], to->per_slice);
	w->lanes = to;
}

static uint8_t *
reserve(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void
lane_store_add(struct model *m, const struct kern *kn)
{
	struct lane_stores *s;

	if (!kn->in_lanes)
		return;
	s = xcalloc(1, sizeof *s);
	s->m = m;
	s->kn = kn;
	model_each_matrix(m, count_one, s);
	s->mem = s->n ? reserve(s->bytes) : NULL;
	if (!s->mem) {
		free(s);
		return;
	}
	m->lanes = s;
	s->v = xcalloc((size_t)s->n, sizeof *s->v);
	s->n = 0;
	s->bytes = 0;
	model_each_matrix(m, place_one, s);
}

void
lane_store_done(struct model *m)
{
	struct lane_stores *s = m->lanes;

	if (!s)
		return;
	for (int i = 0; i < s->n; i++) {
		free((void *)s->v[i].ready);
		free(s->v[i].missing);
	}
	munmap(s->mem, s->bytes);
	free(s->v);
	free(s);
	m->lanes = NULL;
}

/* ---- turning ---- */

static void
turn(const struct kern *kn, const struct weight *w, int r, uint8_t *lanes)
{
	struct lane_store *s = w->lanes;
	int block = ttype_info(w->type)->block;

	kn->to_lanes(w->type, w->data + r * w->row_bytes, w->row_bytes,
	    w->in / block, lanes);
	/* whoever looks up a single row later gets its page again */
	if (atomic_fetch_sub(&s->missing[w->slice], 1) == 1)
		advise(w->data, w->slice_bytes, MADV_DONTNEED);
}

const void *
lane_rows(const struct kern *kn, const struct weight *w, int r)
{
	struct lane_store *s = w->lanes;
	int i = w->slice * s->per_slice + r / LANES;
	uint8_t *lanes = s->lanes + w->slice * s->slice_bytes +
	    r * w->row_bytes;

	if (!atomic_load_explicit(&s->ready[i], memory_order_acquire)) {
		turn(kn, w, r, lanes);
		atomic_store_explicit(&s->ready[i], 1, memory_order_release);
	}
	return lanes;
}
