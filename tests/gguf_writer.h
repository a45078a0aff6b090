/* gguf_writer.h -- GGUF files for tests, sound and otherwise, written entry by
 * entry into a temporary folder; included after <cmocka.h>. */
#ifndef FIKR_GGUF_WRITER_H
#define FIKR_GGUF_WRITER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "gguf.h"

static char dir[256], file[300];

static inline void
w32(struct buf *b, uint32_t v)
{
	buf_add(b, &v, 4);
}

static inline void
w64(struct buf *b, uint64_t v)
{
	buf_add(b, &v, 8);
}

static inline void
wstr(struct buf *b, const char *s)
{
	w64(b, strlen(s));
	buf_add(b, s, strlen(s));
}

static inline void
header(struct buf *b, uint32_t version, uint64_t tensors, uint64_t kvs)
{
	buf_clear(b);
	buf_add(b, "GGUF", 4);
	w32(b, version);
	w64(b, tensors);
	w64(b, kvs);
}

static inline void
kv_u32(struct buf *b, const char *key, uint32_t v)
{
	wstr(b, key);
	w32(b, GT_U32);
	w32(b, v);
}

static inline void
kv_str(struct buf *b, const char *key, const char *v)
{
	wstr(b, key);
	w32(b, GT_STR);
	wstr(b, v);
}

static inline void
kv_arr(struct buf *b, const char *key, uint32_t elem, uint64_t n)
{
	wstr(b, key);
	w32(b, GT_ARR);
	w32(b, elem);
	w64(b, n);
}

static inline void
tensor2(struct buf *b, const char *name, uint64_t ne0, uint64_t ne1,
    uint32_t type, uint64_t offset)
{
	wstr(b, name);
	w32(b, 2);
	w64(b, ne0);
	w64(b, ne1);
	w32(b, type);
	w64(b, offset);
}

static inline void
pad(struct buf *b, size_t align)
{
	while (b->len % align != 0)
		buf_addc(b, 0);
}

static inline void
fill(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addc(b, (char)n);
}

static inline void
save_as(const char *path, const struct buf *b)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	if (b->len > 0)
		assert_int_equal(fwrite(b->data, 1, b->len, f), b->len);
	assert_int_equal(fclose(f), 0);
}

/* A sound file with a bit of everything: 8 entries, 2 tensors.  The first
 * entry is as long as asked, to move the rest along. */
static inline void
sound(struct buf *b, size_t filler)
{
	double d = 0.25;
	int8_t i8[3] = { -1, 0, 127 };

	header(b, 3, 2, 8);
	wstr(b, "filler");
	w32(b, GT_STR);
	w64(b, filler);
	fill(b, filler);
	kv_str(b, "general.architecture", "llama");
	kv_u32(b, "general.alignment", 64);
	kv_arr(b, "words", GT_STR, 3);
	wstr(b, "one");
	wstr(b, "");
	wstr(b, "three");
	kv_arr(b, "bytes", GT_I8, 3);
	buf_add(b, i8, 3);
	wstr(b, "real");
	w32(b, GT_F64);
	buf_add(b, &d, 8);
	wstr(b, "huge");
	w32(b, GT_U64);
	w64(b, UINT64_MAX);
	wstr(b, "yes");
	w32(b, GT_BOOL);
	buf_addc(b, 1);
	tensor2(b, "b.weight", 64, 3, TT_Q4_1, 0);
	tensor2(b, "a.weight", 5, 2, TT_F32, 128);
	pad(b, 64);
	fill(b, 128 + 40);
}

/* Touch everything that an opened file hands out. */
static inline unsigned
read_all(const struct gguf *g)
{
	volatile unsigned sum = 0;	/* so that it is really read */
	const void *cursor;
	size_t i, j;

	for (i = 0; i < g->n_kv; i++) {
		const struct gkv *kv = &g->kv[i];

		for (cursor = NULL, j = 0; j < kv->n; j++) {
			if (kv->elem == GT_STR) {
				struct gstr s = gkv_next_str(kv, &cursor);

				sum += s.n > 0 ? (unsigned char)s.p[0] +
				    (unsigned char)s.p[s.n - 1] : 0u;
			} else {
				sum += (unsigned)gkv_int_at(kv, j);
			}
		}
	}
	for (i = 0; i < g->n_tensors; i++) {
		const uint8_t *p = g->tensors[i].data;

		if (p == NULL) {
			assert_true(g->partial);
			continue;
		}
		sum += p[0] + p[g->tensors[i].bytes - 1];
		if (!g->partial)
			assert_ptr_equal(gguf_tensor(g, g->tensors[i].name),
			    &g->tensors[i]);
	}
	return sum;
}

static inline int
make_dir(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/gguf.XXXXXX",
	    tmp != NULL && strlen(tmp) < 200 ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof(file), "%s/model.gguf", dir);
	return 0;
}

static inline int
remove_dir(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(dir);
}

#endif
