/* t_gguf.c -- the reader against files made here: sound ones, and hostile
 * ones, each of which must be refused with a sentence and never be read past
 * its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gguf_fixture.h"

/* Write and open; NULL or the reader. */
static struct gguf *
reopen(const struct buf *b, struct err *err)
{
	err->text[0] = 0;
	save_as(file, b);
	return gguf_open(file, err);
}

/* The file must be refused, in a sentence that names it and holds part. */
static void
refused(const struct buf *b, const char *part)
{
	struct err err;

	assert_null(reopen(b, &err));
	assert_says(err.text, file, part);
}

/* ---- tests ---- */

/* Catches a sound file that is read wrongly, in every kind of value. */
static void
reads(void **state)
{
	struct buf b = { 0 };
	struct gguf *g;
	struct gstr s;
	struct err err;
	const struct tensor *t;
	const void *cursor = NULL;
	int64_t i;
	double d;

	(void)state;
	sound(&b, 5);
	g = reopen(&b, &err);
	assert_non_null(g);
	assert_int_equal(g->version, 3);
	assert_int_equal(g->n_kv, 8);
	assert_int_equal(g->parts[0].data_offset % 64, 0);
	assert_int_equal(gguf_str(g, "general.architecture", &s), 0);
	assert_true(s.n == 5 && memcmp(s.p, "llama", 5) == 0);
	assert_int_equal(gguf_str(g, "yes", &s), -1);
	assert_int_equal(gguf_int(g, "yes", &i), 0);
	assert_int_equal(i, 1);
	assert_int_equal(gguf_int(g, "real", &i), -1);
	assert_int_equal(gguf_float(g, "real", &d), 0);
	assert_true(d == 0.25);
	assert_int_equal(gguf_int(g, "huge", &i), -1);
	assert_int_equal(gguf_float(g, "huge", &d), 0);
	assert_true(d == 0x1p64);
	assert_int_equal(gguf_int(g, "words", &i), -1);
	assert_int_equal(gguf_int(g, "absent", &i), -1);
	assert_int_equal(gkv_int_at(gguf_find(g, "bytes"), 0), -1);
	assert_true(gkv_float_at(gguf_find(g, "bytes"), 2) == 127);
	gkv_next_str(gguf_find(g, "words"), &cursor);
	assert_int_equal(gkv_next_str(gguf_find(g, "words"), &cursor).n, 0);
	s = gkv_next_str(gguf_find(g, "words"), &cursor);
	assert_true(s.n == 5 && memcmp(s.p, "three", 5) == 0);
	t = gguf_tensor(g, "a.weight");
	assert_non_null(t);
	assert_ptr_equal(t, &g->tensors[1]);
	assert_int_equal(t->bytes, 40);
	assert_int_equal(t->ne[1], 2);
	assert_int_equal(t->ne[3], 1);
	assert_int_equal(*(const uint8_t *)t->data, 39);
	assert_null(gguf_tensor(g, "c.weight"));
	read_all(g);
	gguf_close(g);
	gguf_close(NULL);
	buf_free(&b);
}

/* Catches version 2 refused, and a file without tensors. */
static void
reads_v2(void **state)
{
	struct buf b = { 0 };
	struct gguf *g;
	struct err err;

	(void)state;
	header(&b, 2, 0, 0);
	g = reopen(&b, &err);
	assert_non_null(g);
	assert_null(gguf_tensor(g, "x"));
	assert_null(gguf_find(g, "x"));
	gguf_close(g);
	buf_free(&b);
}

/* Catches a cut file that is accepted. */
static void
cut_at_every_byte(void **state)
{
	struct buf b = { 0 };
	struct err err;
	size_t n, full;

	(void)state;
	sound(&b, 5);
	full = b.len;
	for (n = 0; n < full; n++) {
		b.len = n;
		assert_null(reopen(&b, &err));
		assert_non_null(strstr(err.text, file));
	}
	buf_free(&b);
}

/* Catches a read past the end of the mapping: each byte of the file in turn
 * is the first of a page that is not there. */
static void
cut_at_a_page(void **state)
{
	size_t i, len, page = (size_t)sysconf(_SC_PAGESIZE);
	struct buf b = { 0 };
	struct err err;

	(void)state;
	sound(&b, 0);
	len = b.len;
	for (i = 50; i < len - 64; i++) {
		sound(&b, page - i);
		assert_true(b.len > page);
		b.len = page;
		assert_null(reopen(&b, &err));
		assert_non_null(strstr(err.text, "cut short"));
	}
	buf_free(&b);
}

/* Catches trust in any byte: each is changed in turn, and the file must be
 * refused or be safe to read. */
static void
every_byte_flipped(void **state)
{
	static const unsigned char flips[] = { 0x01, 0x80, 0xff };
	struct buf b = { 0 };
	struct gguf *g;
	struct err err;
	size_t i, j, opened = 0;

	(void)state;
	sound(&b, 5);
	for (i = 0; i < b.len - 168; i++)
		for (j = 0; j < sizeof(flips); j++) {
			b.data[i] = (char)(b.data[i] ^ flips[j]);
			g = reopen(&b, &err);
			if (g != NULL) {
				read_all(g);
				opened++;
			} else {
				assert_true(strlen(err.text) > 20);
			}
			gguf_close(g);
			b.data[i] = (char)(b.data[i] ^ flips[j]);
		}
	assert_true(opened > 0);
	buf_free(&b);
}

/* Catches other kinds of files that get no helpful answer. */
static void
no_model(void **state)
{
	struct buf b = { 0 };
	struct err err;

	(void)state;
	refused(&b, "is empty");
	buf_puts(&b, "<!DOCTYPE html>");
	refused(&b, "web page");
	buf_clear(&b);
	buf_puts(&b, "version https://git-lfs.example/spec/v1");
	refused(&b, "LFS");
	buf_clear(&b);
	buf_puts(&b, "PK\003\004 something else");
	refused(&b, "not a GGUF");
	header(&b, 1, 0, 0);
	refused(&b, "version 1");
	header(&b, 4, 0, 0);
	refused(&b, "version 4");
	header(&b, 3u << 24, 0, 0);
	refused(&b, "big-endian");
	buf_free(&b);
	assert_null(gguf_open(dir, &err));
	assert_non_null(strstr(err.text, "not a file"));
	assert_null(gguf_open("/nowhere/x.gguf", &err));
	assert_non_null(strstr(err.text, "/nowhere/x.gguf"));
	assert_null(gguf_open("/nowhere/x.gguf", NULL));
}

/* Catches a count, length or array size that is believed. */
static void
huge_counts(void **state)
{
	static const uint64_t counts[] = { 1, 1u << 20, 1ull << 32,
	    1ull << 61, 1ull << 63, UINT64_MAX };
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		header(&b, 3, 0, counts[i]);
		refused(&b, "metadata entries");
		header(&b, 3, counts[i], 0);
		refused(&b, "tensors");
		header(&b, 3, 0, 1);
		w64(&b, counts[i] + 40);
		fill(&b, 40);
		refused(&b, "cut short");
		header(&b, 3, 0, 1);
		kv_arr(&b, "a", GT_U64, counts[i]);
		refused(&b, "cut short");
		header(&b, 3, 0, 1);
		kv_arr(&b, "a", GT_STR, counts[i]);
		refused(&b, "cut short");
	}
	buf_free(&b);
}

/* Catches lengths of strings that wrap the cursor around, wherever a string
 * may stand. */
static void
huge_strings(void **state)
{
	static const uint64_t lengths[] = { 1000, INT64_MAX, 1ull << 63,
	    UINT64_MAX - 64, UINT64_MAX - 7, UINT64_MAX };
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		header(&b, 3, 0, 1);
		w64(&b, lengths[i]);
		fill(&b, 64);
		refused(&b, "cut short");
		header(&b, 3, 0, 1);
		wstr(&b, "value");
		w32(&b, GT_STR);
		w64(&b, lengths[i]);
		fill(&b, 64);
		refused(&b, "cut short");
		header(&b, 3, 0, 1);
		kv_arr(&b, "array", GT_STR, 2);
		wstr(&b, "sound");
		w64(&b, lengths[i]);
		fill(&b, 64);
		refused(&b, "cut short");
		header(&b, 3, 1, 0);
		w64(&b, lengths[i]);
		fill(&b, 64);
		refused(&b, "cut short");
	}
	buf_free(&b);
}

/* Catches metadata that is nested, doubled, nameless or of unknown types. */
static void
bad_metadata(void **state)
{
	struct buf b = { 0 };

	(void)state;
	header(&b, 3, 0, 1);
	kv_arr(&b, "nested", GT_ARR, 1);
	fill(&b, 64);
	refused(&b, "\"nested\"");
	header(&b, 3, 0, 1);
	kv_arr(&b, "elements", 13, 1);
	fill(&b, 64);
	refused(&b, "element type 13");
	header(&b, 3, 0, 1);
	wstr(&b, "type");
	w32(&b, UINT32_MAX);
	fill(&b, 64);
	refused(&b, "value type 4294967295");
	header(&b, 3, 0, 1);
	kv_u32(&b, "", 1);
	fill(&b, 64);
	refused(&b, "without a name");
	header(&b, 3, 0, 3);
	kv_u32(&b, "twice", 1);
	kv_u32(&b, "other", 1);
	kv_u32(&b, "twice", 1);
	refused(&b, "\"twice\" twice");
	header(&b, 3, 0, 1);
	kv_u32(&b, "split.count", 3);
	refused(&b, "which of the model's 3 parts");
	buf_free(&b);
}

/* Catches an alignment that divides by zero or wraps. */
static void
bad_alignment(void **state)
{
	static const uint32_t bad[] = { 0, 1, 3, 48, 1u << 31, UINT32_MAX };
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		header(&b, 3, 0, 1);
		kv_u32(&b, "general.alignment", bad[i]);
		refused(&b, "general.alignment");
	}
	header(&b, 3, 0, 1);
	kv_str(&b, "general.alignment", "32");
	refused(&b, "general.alignment");
	buf_free(&b);
}

/* One tensor and 1024 bytes of data; refused with part in the sentence. */
static void
bad_tensor(uint64_t ne0, uint64_t ne1, uint32_t type, uint64_t offset,
    const char *part)
{
	struct buf b = { 0 };

	header(&b, 3, 1, 0);
	tensor2(&b, "blk.3.w", ne0, ne1, type, offset);
	pad(&b, 32);
	fill(&b, 1024);
	refused(&b, part);
	refused(&b, "blk.3.w");
	buf_free(&b);
}

/* Catches sizes that overflow, blocks that do not divide, types that are not
 * known, and offsets that wrap or point outside. */
static void
bad_tensors(void **state)
{
	static const uint32_t types[] = { 4, 5, 24, 28, 31, 32, 33, 36, 37, 38,
	    41, 42, 43, 255, 1u << 31, UINT32_MAX };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		bad_tensor(256, 1, types[i], 0, "cannot compute with");
	bad_tensor(256, 1, 5, 0, "Q4_3, retired");
	bad_tensor(256, 1, 4, 0, "Q4_2, retired");
	bad_tensor(256, 1, 31, 0, "Q4_0_4_4, retired");
	bad_tensor(256, 1, 38, 0, "IQ4_NL_8_8, retired");
	bad_tensor(0, 1, TT_F32, 0, "impossible size");
	bad_tensor(1, 0, TT_F32, 0, "impossible size");
	bad_tensor(UINT64_MAX, 1, TT_F32, 0, "impossible size");
	bad_tensor(1ull << 63, 1, TT_F32, 0, "impossible size");
	bad_tensor(1ull << 32, 1ull << 31, TT_F32, 0, "impossible size");
	bad_tensor(1ull << 31, 1ull << 31, TT_F32, 0, "impossible size");
	bad_tensor(1ull << 30, 1ull << 30, TT_F32, 0, "cut short");
	bad_tensor(1ull << 30, 1ull << 30, TT_F32, 1ull << 62, "beyond");
	bad_tensor(33, 1, TT_Q4_0, 0, "blocks of 32");
	bad_tensor(128, 2, TT_Q4_K, 0, "blocks of 256");
	bad_tensor(4, 1, TT_F32, 4, "no multiple of 32");
	bad_tensor(4, 1, TT_F32, 1024, "cut short");
	bad_tensor(4, 1, TT_F32, 1ull << 40, "cut short");
	bad_tensor(4, 1, TT_F32, UINT64_MAX - 31, "beyond");
	bad_tensor(4, 1, TT_F32, 1ull << 63, "beyond");
	bad_tensor(257, 1, TT_F32, 0, "the file has");
}

/* Catches four dimensions, each of which is sound, whose product is not. */
static void
bad_products(void **state)
{
	static const uint64_t ne[][4] = {
		{ 1u << 16, 1u << 16, 1u << 16, 1u << 16 },
		{ 1ull << 32, 1, 1ull << 32, 1 },
		{ 2, 1ull << 62, 2, 1 }, { 3, 0x5555555555555556, 1, 1 },
		{ 1ull << 40, 1, 1, 1ull << 22 }, { 4, 4, 4, 0 },
		{ 4, 4, UINT64_MAX, UINT64_MAX },
	};
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ne) / sizeof(ne[0]); i++) {
		header(&b, 3, 1, 0);
		wstr(&b, "w");
		w32(&b, 4);
		buf_add(&b, ne[i], sizeof(ne[i]));
		w32(&b, TT_F32);
		w64(&b, 0);
		pad(&b, 32);
		fill(&b, 1024);
		refused(&b, "tensor w has an impossible size");
	}
	buf_free(&b);
}

/* Catches a number of dimensions that overruns the array, and names that
 * overrun theirs or carry a NUL. */
static void
bad_shapes_and_names(void **state)
{
	static const uint32_t dims[] = { 0, 5, UINT32_MAX };
	char name[70];
	struct buf b = { 0 };
	struct gguf *g;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		header(&b, 3, 1, 0);
		wstr(&b, "x");
		w32(&b, dims[i]);
		fill(&b, 200);
		refused(&b, "dimensions");
	}
	memset(name, 'n', sizeof(name));
	for (i = 63; i <= 64; i++) {
		name[i] = 0;
		header(&b, 3, 1, 0);
		tensor2(&b, name, 4, 1, TT_F32, 0);
		pad(&b, 32);
		fill(&b, 16);
		if (i == 64) {
			refused(&b, "tensor name");
			break;
		}
		g = reopen(&b, &err);
		assert_non_null(g);
		assert_string_equal(g->tensors[0].name, name);
		gguf_close(g);
		name[i] = 'n';
	}
	header(&b, 3, 1, 0);
	tensor2(&b, "", 4, 1, TT_F32, 0);
	fill(&b, 64);
	refused(&b, "tensor name");
	header(&b, 3, 1, 0);
	w64(&b, 3);
	buf_add(&b, "a\0b", 3);
	fill(&b, 64);
	refused(&b, "tensor name");
	buf_free(&b);
}

/* Catches two tensors that share bytes or a name. */
static void
doubled_tensors(void **state)
{
	struct buf b = { 0 };

	(void)state;
	header(&b, 3, 2, 0);
	tensor2(&b, "x", 16, 1, TT_F32, 32);
	tensor2(&b, "y", 16, 1, TT_F32, 0);
	pad(&b, 32);
	fill(&b, 128);
	refused(&b, "over each other");
	header(&b, 3, 2, 0);
	tensor2(&b, "x", 8, 1, TT_F32, 32);
	tensor2(&b, "x", 8, 1, TT_F32, 0);
	pad(&b, 32);
	fill(&b, 128);
	refused(&b, "tensor x twice");
	buf_free(&b);
}

/* Catches control characters of the file's that reach the sentence. */
static void
no_escape(void **state)
{
	struct buf b = { 0 };
	struct err err;
	const char *p;

	(void)state;
	header(&b, 3, 1, 0);
	tensor2(&b, "\033]0;evil\007", 7, 1, TT_Q4_0, 0);
	fill(&b, 64);
	assert_null(reopen(&b, &err));
	for (p = err.text; *p != 0; p++)
		assert_true((unsigned char)*p >= 32 && *p != 127);
	buf_free(&b);
}

/* Catches names compared each with each: 30000 entries and as many tensors
 * would then take minutes. */
static void
many(void **state)
{
	struct buf b = { 0 };
	struct gguf *g;
	struct err err;
	char name[32];
	uint32_t i, n = 30000;

	(void)state;
	header(&b, 3, n, n);
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "key.%u", i);
		kv_u32(&b, name, i);
	}
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "tensor.%u", i);
		tensor2(&b, name, 8, 1, TT_F32, i * 32);
	}
	pad(&b, 32);
	fill(&b, n * 32);
	g = reopen(&b, &err);
	assert_non_null(g);
	for (i = 0; i < n; i++) {
		int64_t v;

		snprintf(name, sizeof(name), "key.%u", i);
		assert_int_equal(gguf_int(g, name, &v), 0);
		assert_int_equal(v, i);
	}
	read_all(g);
	gguf_close(g);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads), cmocka_unit_test(reads_v2),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(cut_at_a_page),
		cmocka_unit_test(every_byte_flipped),
		cmocka_unit_test(no_model), cmocka_unit_test(huge_counts),
		cmocka_unit_test(huge_strings),
		cmocka_unit_test(bad_metadata),
		cmocka_unit_test(bad_alignment),
		cmocka_unit_test(bad_tensors),
		cmocka_unit_test(bad_products),
		cmocka_unit_test(bad_shapes_and_names),
		cmocka_unit_test(doubled_tensors),
		cmocka_unit_test(no_escape), cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
