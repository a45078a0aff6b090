/* gguf_fixture.h -- what the tests of the reader share: a folder of their own,
 * a sound file to spoil, and a look at all that was read. */
#ifndef FIKR_GGUF_FIXTURE_H
#define FIKR_GGUF_FIXTURE_H

#include "gguf_writer.h"

static char dir[256], file[300];

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

/* A sentence names the file and says this part. */
static inline void
assert_says(const char *text, const char *path, const char *part)
{
	if (strstr(text, path) == NULL || strstr(text, part) == NULL)
		fail_msg("\"%s\" does not name %s and say \"%s\"", text, path,
		    part);
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
