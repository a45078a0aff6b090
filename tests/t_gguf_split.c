/* t_gguf_split.c -- models of several files: sound ones, and every way in
 * which the parts may fail to be one model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "digest.h"
#include "gguf_fixture.h"

#define PARTS 3

/* What one part says; a test changes some of it before it is written. */
struct part {
	const char *arch;	/* NULL: not said */
	uint32_t no, count, total;
	const char *tensors[3];
	uint32_t n_tensors, align;
	size_t cut;		/* bytes left off the end */
	bool no_file;
};

static struct part parts[PARTS];
static char paths[PARTS][320];

static void
set_up_parts(void)
{
	memset(parts, 0, sizeof(parts));
	for (uint32_t i = 0; i < PARTS; i++) {
		snprintf(paths[i], sizeof(paths[i]),
		    "%s/m-%05u-of-%05u.gguf", dir, i + 1, PARTS);
		parts[i] = (struct part){ .no = i, .count = PARTS,
			.total = 4, .n_tensors = 1, .align = 32 };
	}
	parts[0].arch = "llama";
	parts[0].tensors[0] = "a.weight";
	parts[0].align = 64;
	parts[1].tensors[0] = "c.weight";
	parts[1].tensors[1] = "d.weight";
	parts[1].n_tensors = 2;
	parts[2].tensors[0] = "b.weight";
}

static void
kv_u16(struct buf *b, const char *key, uint32_t v)
{
	uint16_t w = (uint16_t)v;

	wstr(b, key);
	w32(b, GT_U16);
	buf_add(b, &w, sizeof(w));
}

/* Tensor j of part i is 16 values; its bytes are all 16 i + j. */
static void
build(struct buf *b, int i)
{
	const struct part *p = &parts[i];
	bool odd = p->align != 32;

	header(b, 3, p->n_tensors, 3u + (p->arch != NULL) + odd);
	if (p->arch != NULL)
		kv_str(b, "general.architecture", p->arch);
	if (odd)
		kv_u32(b, "general.alignment", p->align);
	kv_u16(b, "split.no", p->no);
	kv_u16(b, "split.count", p->count);
	kv_u32(b, "split.tensors.count", p->total);
	for (uint32_t j = 0; j < p->n_tensors; j++)
		tensor2(b, p->tensors[j], 8, 2, TT_F32, 64 * j);
	pad(b, p->align);
	for (uint32_t j = 0; j < 64 * p->n_tensors; j++)
		buf_addc(b, (char)(16 * i + (int)(j / 64)));
	b->len -= p->cut;
}

static void
write_parts(void)
{
	struct buf b = { 0 };

	for (int i = 0; i < PARTS; i++) {
		unlink(paths[i]);
		if (parts[i].no_file)
			continue;
		build(&b, i);
		save_as(paths[i], &b);
	}
	buf_free(&b);
}

static void
remove_parts(void)
{
	for (int i = 0; i < PARTS; i++)
		unlink(paths[i]);
}

/* The parts as they are now must be refused, in a sentence that names the
 * part and says this; a partial opening must live with it. */
static void
refused_at(const char *path, int named, const char *part)
{
	struct gguf_report r = { 0 };
	struct err err = { "" };
	struct gguf *g;

	write_parts();
	assert_null(gguf_open(path, &err));
	assert_says(err.text, paths[named], part);
	g = gguf_open_partial(path, &r, &err);
	assert_non_null(g);
	assert_true(g->partial);
	assert_true(r.n > 0);
	assert_string_equal(r.v[0], err.text);
	read_all(g);
	gguf_close(g);
	gguf_report_done(&r);
}

static void
refused(int named, const char *part)
{
	refused_at(paths[0], named, part);
	remove_parts();
	set_up_parts();
}

/* ---- tests ---- */

/* Catches parts that are left out, mixed up, or read from the wrong file or
 * with another part's alignment. */
static void
reads_all(void **state)
{
	static const char *const names[] = { "a.weight", "c.weight",
	    "d.weight", "b.weight" };
	static const int part[] = { 0, 1, 1, 2 }, value[] = { 0, 16, 17, 32 };
	struct gguf_report r = { 0 };
	struct gguf *g;
	struct err err;
	struct gstr s;

	(void)state;
	set_up_parts();
	write_parts();
	g = gguf_open(paths[0], &err);
	assert_non_null(g);
	assert_int_equal(g->n_parts, PARTS);
	assert_int_equal(g->n_tensors, 4);
	for (int i = 0; i < 4; i++) {
		const struct tensor *t = gguf_tensor(g, names[i]);

		assert_ptr_equal(t, &g->tensors[i]);
		assert_int_equal(t->part, part[i]);
		assert_int_equal(*(const uint8_t *)t->data, value[i]);
		assert_true((const uint8_t *)t->data > g->parts[part[i]].map);
	}
	for (int i = 0; i < PARTS; i++)
		assert_string_equal(g->parts[i].path, paths[i]);
	assert_int_equal(g->file_bytes, g->parts[0].bytes + g->parts[1].bytes +
	    g->parts[2].bytes);
	assert_int_equal(gguf_str(g, "general.architecture", &s), 0);
	assert_int_equal(gguf_whole(g, &err), 0);
	read_all(g);
	assert_int_equal(truncate(paths[1], 3), 0);
	assert_int_equal(gguf_whole(g, &err), -1);
	assert_non_null(strstr(err.text, paths[1]));
	gguf_close(g);
	write_parts();
	g = gguf_open_partial(paths[0], &r, &err);
	assert_non_null(g);
	assert_false(g->partial);
	assert_int_equal(r.n, 0);
	gguf_close(g);
	remove_parts();
}

/* Catches a single file with the keys of a split, under any name, refused. */
static void
one_of_one(void **state)
{
	struct buf b = { 0 };
	struct err err;
	struct gguf *g;

	(void)state;
	for (uint32_t count = 0; count < 2; count++) {
		set_up_parts();
		parts[0].count = count;
		build(&b, 0);
		save_as(file, &b);
		g = gguf_open(file, &err);
		assert_non_null(g);
		assert_int_equal(g->n_parts, 1);
		gguf_close(g);
	}
	buf_free(&b);
}

/* Catches each way to be no part of this model. */
static void
parts_that_do_not_fit(void **state)
{
	(void)state;
	set_up_parts();
	parts[1].no_file = true;
	refused(1, "part 2 of 3 of the model is missing");
	parts[2].count = 4;
	refused(2, "should be part 3 of 3 but says it is part 3 of 4");
	parts[1].no = 2;
	refused(1, "should be part 2 of 3 but says it is part 3 of 3");
	parts[1].no = 3;
	refused(1, "which of the model's 3 parts");
	parts[2].total = 5;
	refused(2, "another model than");
	parts[2].arch = "qwen2";
	refused(2, "another model than");
	parts[2].tensors[0] = "d.weight";
	refused(2, "both have the tensor d.weight");
	parts[2].tensors[0] = "a.weight";
	refused(0, "both have the tensor a.weight");
	parts[1].n_tensors = 1;
	refused(0, "have 3 tensors together but should have 4");
	parts[1].count = 1;
	refused(1, "does not say that it is a part");
}

/* Catches sizes that wrap and numbers out of range in the keys. */
static void
bad_keys(void **state)
{
	(void)state;
	set_up_parts();
	parts[0].count = 65535;
	refused(0, "split.count");
	parts[0].no = 65535;
	refused(0, "split.no");
	parts[0].total = 0;
	parts[1].total = parts[2].total = 0;
	refused(0, "should have 0");
	parts[0].total = UINT32_MAX;
	parts[1].total = parts[2].total = UINT32_MAX;
	refused(0, "should have 4294967295");
}

/* Catches an answer that leaves people looking for the file to open. */
static void
not_the_first(void **state)
{
	(void)state;
	set_up_parts();
	refused_at(paths[1], 0, "is part 2 of 3 of a model; open its first");
	parts[0].no = 1;
	refused(0, "its name does not end in -00002-of-00003.gguf");
}

/* Catches parts looked for under other names than people gave them. */
static void
renamed(void **state)
{
	struct buf b = { 0 };
	struct err err;

	(void)state;
	set_up_parts();
	build(&b, 0);
	save_as(file, &b);
	assert_null(gguf_open(file, &err));
	assert_non_null(strstr(err.text, "does not end in -00001-of-00003"));
	assert_non_null(strstr(err.text, file));
	buf_free(&b);
}

/* Catches a part that is cut anywhere and yet accepted, or read past its
 * end, or blamed on another. */
static void
cut_at_every_byte(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int i = 0; i < PARTS; i++) {
		struct gguf_report r = { 0 };
		struct err err;
		struct gguf *g;
		size_t full;

		set_up_parts();
		build(&b, i);
		full = b.len;
		for (size_t n = 1; n <= full; n++) {
			parts[i].cut = n;
			write_parts();
			assert_null(gguf_open(paths[0], &err));
			assert_non_null(strstr(err.text, paths[i]));
			g = gguf_open_partial(paths[0], &r, &err);
			if (g != NULL) {
				assert_true(g->partial && r.n > 0);
				read_all(g);
			} else {
				assert_true(i == 0 && full - n < 24);
			}
			gguf_close(g);
			gguf_report_done(&r);
		}
	}
	remove_parts();
	buf_free(&b);
}

/* Catches a missing part that hides the others, or a pointer into nothing. */
static void
partial_without_one(void **state)
{
	struct gguf_report r = { 0 };
	struct err err;
	struct gguf *g;

	(void)state;
	set_up_parts();
	parts[1].no_file = true;
	write_parts();
	g = gguf_open_partial(paths[0], &r, &err);
	assert_non_null(g);
	assert_int_equal(g->n_parts, PARTS);
	assert_null(g->parts[1].map);
	assert_string_equal(g->parts[1].path, paths[1]);
	assert_int_equal(g->n_tensors, 2);
	assert_int_equal(g->tensors[1].part, 2);
	assert_non_null(gguf_tensor(g, "b.weight")->data);
	assert_int_equal(r.n, 1);
	assert_int_equal(gguf_whole(g, &err), 0);
	gguf_close(g);
	gguf_report_done(&r);
	remove_parts();
}

/* Catches a digest of several files that overlooks one, or their order, and a
 * new digest for what is one file. */
static void
digests(void **state)
{
	char all[DIGEST_MAX], one[DIGEST_MAX], other[DIGEST_MAX];
	struct gguf *g;
	struct err err;

	(void)state;
	set_up_parts();
	write_parts();
	g = gguf_open(paths[0], &err);
	assert_non_null(g);
	digest_parts(g->parts, PARTS, all, NULL, NULL);
	assert_int_equal(strncmp(all, "sha256-parts:", 13), 0);
	digest_parts(g->parts, 2, other, NULL, NULL);
	assert_string_not_equal(all, other);
	digest_parts(g->parts, 1, one, NULL, NULL);
	digest_file(g->parts[0].map, g->parts[0].bytes, 0, other, NULL, NULL);
	assert_string_equal(one, other);
	gguf_close(g);
	remove_parts();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_all), cmocka_unit_test(one_of_one),
		cmocka_unit_test(parts_that_do_not_fit),
		cmocka_unit_test(bad_keys), cmocka_unit_test(not_the_first),
		cmocka_unit_test(renamed),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(partial_without_one),
		cmocka_unit_test(digests),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
