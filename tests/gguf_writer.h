/* gguf_writer.h -- GGUF files for tests, sound and otherwise: field by field,
 * which lets them lie, or with struct gguf_out, which counts and places what is
 * put into it.  Included after <cmocka.h>. */
#ifndef FIKR_GGUF_WRITER_H
#define FIKR_GGUF_WRITER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "gguf.h"

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
tensor_info(struct buf *b, const char *name, const uint64_t *ne,
    uint32_t dims, uint32_t type, uint64_t offset)
{
	wstr(b, name);
	w32(b, dims);
	buf_add(b, ne, dims * sizeof(*ne));
	w32(b, type);
	w64(b, offset);
}

static inline void
tensor2(struct buf *b, const char *name, uint64_t ne0, uint64_t ne1,
    uint32_t type, uint64_t offset)
{
	const uint64_t ne[] = { ne0, ne1 };

	tensor_info(b, name, ne, 2, type, offset);
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

/* A whole file, its three sections growing side by side. */
struct gguf_out {
	struct buf kv, infos, data;
	uint64_t n_kv, n_tensors;
};

static inline void
put_kv(struct gguf_out *o, const char *key, uint32_t type, const void *v,
    size_t n)
{
	wstr(&o->kv, key);
	w32(&o->kv, type);
	buf_add(&o->kv, v, n);
	o->n_kv++;
}

static inline void
put_str(struct gguf_out *o, const char *key, const char *v)
{
	kv_str(&o->kv, key, v);
	o->n_kv++;
}

/* The n elements are then added to o->kv. */
static inline void
put_arr(struct gguf_out *o, const char *key, uint32_t elem, uint64_t n)
{
	kv_arr(&o->kv, key, elem, n);
	o->n_kv++;
}

/* The values are then added to o->data. */
static inline void
put_tensor(struct gguf_out *o, const char *name, uint32_t type,
    const uint64_t *ne, uint32_t dims)
{
	pad(&o->data, 32);
	tensor_info(&o->infos, name, ne, dims, type, o->data.len);
	o->n_tensors++;
}

/* Into a new file, which the caller unlinks; o is empty then. */
static inline void
write_temp(struct gguf_out *o, char path[256])
{
	const char *tmp = getenv("TMPDIR");
	struct buf b = { 0 };
	int fd;

	header(&b, 3, o->n_tensors, o->n_kv);
	buf_add(&b, o->kv.data, o->kv.len);
	buf_add(&b, o->infos.data, o->infos.len);
	pad(&b, 32);
	buf_add(&b, o->data.data, o->data.len);
	assert_true(snprintf(path, 256, "%s/fikr-gguf-XXXXXX",
	    tmp != NULL ? tmp : "/tmp") < 256);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	close(fd);
	save_as(path, &b);
	buf_free(&b);
	buf_free(&o->kv);
	buf_free(&o->infos);
	buf_free(&o->data);
	*o = (struct gguf_out){ 0 };
}

#endif
