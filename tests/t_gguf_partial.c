/* t_gguf_partial.c -- files that are damaged or still arriving, opened to be
 * looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gguf_fixture.h"

static struct gguf_report rep;

static struct gguf *
look(const struct buf *b)
{
	struct err err;
	struct gguf *g;

	gguf_report_done(&rep);
	save_as(file, b);
	g = gguf_open_partial(file, &rep, &err);
	if (g == NULL)
		fail_msg("not even partial: %s", err.text);
	assert_int_equal(g->partial, rep.n > 0);
	return g;
}

/* Sentence i names the file and says this. */
static void
says(size_t i, const char *part)
{
	assert_true(i < rep.n);
	assert_says(rep.v[i], file, part);
}

/* Catches a sound file that is complained about. */
static void
sound_is_whole(void **state)
{
	struct buf b = { 0 };
	struct gguf *g;

	(void)state;
	sound(&b, 5);
	g = look(&b);
	assert_false(g->partial);
	assert_int_equal(g->parts[0].want, b.len);
	read_all(g);
	gguf_close(g);
	buf_free(&b);
}

/* Catches a cut that is not said, what was read thrown away, and data handed
 * out that are not there. */
static void
cut_at_every_byte(void **state)
{
	size_t n, full, kv = 0, tensors = 0;
	struct buf b = { 0 };
	struct gguf *g;

	(void)state;
	sound(&b, 5);
	full = b.len;
	for (n = 24; n < full; n++) {
		b.len = n;
		g = look(&b);
		assert_true(g->partial);
		assert_int_equal(rep.n, 1);
		says(0, "is cut short");
		assert_true(g->n_kv >= kv && g->n_tensors >= tensors);
		kv = g->n_kv;
		tensors = g->n_tensors;
		read_all(g);
		if (tensors == 2 && g->parts[0].want > 0)
			assert_int_equal(g->parts[0].want, full);
		assert_int_equal(gguf_tensor(g, "b.weight") != NULL,
		    tensors > 0);
		gguf_close(g);
	}
	assert_int_equal(kv, 8);
	assert_int_equal(tensors, 2);
	buf_free(&b);
}

/* Catches something that is no model at all and yet opened. */
static void
no_model(void **state)
{
	struct buf b = { 0 };
	struct err err;

	(void)state;
	sound(&b, 5);
	for (b.len = 23; b.len > 0; b.len--) {
		save_as(file, &b);
		assert_null(gguf_open_partial(file, &rep, &err));
		assert_non_null(strstr(err.text, file));
	}
	assert_null(gguf_open_partial("/nowhere/x.gguf", &rep, &err));
	assert_null(gguf_open_partial(dir, &rep, &err));
	buf_free(&b);
}

/* Catches one sentence a tensor where hundreds have a type that is not
 * known, and their sizes guessed. */
static void
unknown_types(void **state)
{
	struct buf b = { 0 };
	struct gguf *g;
	char name[32];

	(void)state;
	header(&b, 3, 300, 0);
	for (uint32_t i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "t%u", i);
		tensor2(&b, name, 32, 1, i < 100 ? 31 : i < 299 ? 77 : TT_F32,
		    0);
	}
	pad(&b, 32);
	fill(&b, 128);
	g = look(&b);
	assert_int_equal(g->n_tensors, 300);
	assert_int_equal(rep.n, 2);
	says(0, "100 tensors have type 31");
	says(1, "199 tensors have type 77 (unknown)");
	assert_null(g->tensors[0].data);
	assert_int_equal(g->tensors[0].bytes, 0);
	assert_int_equal(g->tensors[0].type_id, 31);
	assert_non_null(g->tensors[299].data);
	gguf_close(g);
	buf_free(&b);
}

/* Catches a flaw that ends the reading of what can still be read. */
static void
flaws_are_gone_past(void **state)
{
	struct buf b = { 0 };
	struct gguf *g;

	(void)state;
	header(&b, 3, 5, 2);
	kv_u32(&b, "twice", 1);
	kv_u32(&b, "twice", 1);
	tensor2(&b, "x", 16, 1, TT_F32, 32);
	tensor2(&b, "y", 16, 1, TT_F32, 0);
	tensor2(&b, "z", 33, 1, TT_Q4_0, 0);
	tensor2(&b, "v", 16, 1, TT_F32, 4);
	tensor2(&b, "w", 16, 1, TT_F32, UINT64_MAX - 31);
	pad(&b, 32);
	fill(&b, 128);
	g = look(&b);
	assert_int_equal(rep.n, 5);
	says(0, "\"twice\" twice");
	says(1, "blocks of 32");
	says(2, "no multiple of 32");
	says(3, "beyond any");
	says(4, "over each other");
	assert_non_null(gguf_tensor(g, "y")->data);
	assert_null(gguf_tensor(g, "w")->data);
	gguf_close(g);
	header(&b, 3, 1, 1);
	kv_u32(&b, "general.alignment", 3);
	tensor2(&b, "x", 16, 1, TT_F32, 32);
	fill(&b, 128);
	g = look(&b);
	says(0, "general.alignment");
	assert_null(gguf_tensor(g, "x")->data);
	gguf_close(g);
	header(&b, 3, UINT64_MAX, 0);
	g = look(&b);
	says(0, "18446744073709551615 tensors");
	assert_null(gguf_tensor(g, "x"));
	gguf_close(g);
	header(&b, 3, 0, UINT64_MAX);
	g = look(&b);
	says(0, "metadata entries");
	assert_null(gguf_find(g, "x"));
	gguf_close(g);
	buf_free(&b);
}

/* Catches a report as long as a hostile file wants it. */
static void
report_is_bounded(void **state)
{
	struct buf b = { 0 };
	struct gguf *g;

	(void)state;
	header(&b, 3, 0, 1000);
	for (int i = 0; i < 1000; i++)
		kv_u32(&b, "same", 1);
	g = look(&b);
	assert_true(rep.n < 100);
	assert_int_equal(rep.n + rep.more, 999);
	gguf_close(g);
	buf_free(&b);
}

/* Catches trust in any byte: each is changed in turn, and whatever opens must
 * be safe to read. */
static void
every_byte_flipped(void **state)
{
	static const unsigned char flips[] = { 0x01, 0x80, 0xff };
	struct buf b = { 0 };
	struct gguf *g;
	struct err err;

	(void)state;
	sound(&b, 5);
	for (size_t i = 0; i < b.len - 168; i++)
		for (size_t j = 0; j < sizeof(flips); j++) {
			b.data[i] = (char)(b.data[i] ^ flips[j]);
			gguf_report_done(&rep);
			save_as(file, &b);
			g = gguf_open_partial(file, &rep, &err);
			assert_true(g != NULL || i < 24);
			if (g != NULL)
				read_all(g);
			gguf_close(g);
			b.data[i] = (char)(b.data[i] ^ flips[j]);
		}
	buf_free(&b);
}

static int
done(void **state)
{
	gguf_report_done(&rep);
	return remove_dir(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_is_whole),
		cmocka_unit_test(cut_at_every_byte),
		cmocka_unit_test(no_model), cmocka_unit_test(unknown_types),
		cmocka_unit_test(flaws_are_gone_past),
		cmocka_unit_test(report_is_bounded),
		cmocka_unit_test(every_byte_flipped),
	};

	return cmocka_run_group_tests(tests, make_dir, done);
}
