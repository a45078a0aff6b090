/* t_quant.c -- block layouts against values worked out by hand from the
 * format's table and against those of the public package, and the number
 * formats. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quant_blocks.h"

#define ONE 0x3c00		/* 1.0, 0.5 and 2.0 in 16 bits */
#define HALF 0x3800
#define TWO 0x4000

static void
put16(uint8_t *p, uint16_t v)
{
	memcpy(p, &v, 2);
}

static void
expect(float got, double want)
{
	if (got != (float)want)
		fail_msg("%g instead of %g", (double)got, want);
}

/* Catches a wrong bit in the 16-bit conversion: all of them, there and back,
 * with the value of each computed in another way. */
static void
every_half(void **state)
{
	int h, e, m;
	double v;

	(void)state;
	for (h = 0; h < 0x10000; h++) {
		float f = f16_to_f32((uint16_t)h);

		e = h >> 10 & 31;
		m = h & 0x3ff;
		if (e == 31 && m != 0) {
			assert_true(isnan(f));
			assert_true(isnan(f16_to_f32(f32_to_f16(f))));
			continue;
		}
		v = e == 0 ? ldexp(m, -24) : e == 31 ? INFINITY :
		    ldexp(1024 + m, e - 25);
		expect(f, h & 0x8000 ? -v : v);
		assert_int_equal(f32_to_f16(f), h);
	}
}

/* Catches rounding that is not to nearest even, at each edge: between two
 * values, into and out of the subnormals, up to infinity. */
static void
half_rounding(void **state)
{
	(void)state;
	assert_int_equal(f32_to_f16(1 + 0x1p-11f), 0x3c00);
	assert_int_equal(f32_to_f16(1 + 0x3p-11f), 0x3c02);
	assert_int_equal(f32_to_f16(1 + 0x1.002p-11f), 0x3c01);
	assert_int_equal(f32_to_f16(65519.0f), 0x7bff);
	assert_int_equal(f32_to_f16(65520.0f), 0x7c00);
	assert_int_equal(f32_to_f16(1e30f), 0x7c00);
	assert_int_equal(f32_to_f16(-1e30f), 0xfc00);
	assert_int_equal(f32_to_f16(0x1p-25f), 0);
	assert_int_equal(f32_to_f16(0x1.8p-25f), 1);
	assert_int_equal(f32_to_f16(0x1p-26f), 0);
	assert_int_equal(f32_to_f16(0x1.ffep-15f), 0x0400);
	assert_int_equal(f32_to_f16(-0.0f), 0x8000);
	assert_int_equal(f32_to_f16(-1e-30f), 0x8000);
	expect(bf16_to_f32(0x3fc0), 1.5);
}

/* Catches Q4_0's nibbles taken in pairs instead of as two halves, and a
 * forgotten 8. */
static void
q4_0(void **state)
{
	uint8_t b[18] = { 0 };
	float v[32];

	(void)state;
	put16(b, HALF);
	b[2] = 0xf0;
	b[3] = 0x21;
	dequant_row(TT_Q4_0, b, v, 32);
	expect(v[0], -4);
	expect(v[16], 3.5);
	expect(v[1], -3.5);
	expect(v[17], -3);
	expect(v[31], -4);
}

/* Catches a minimum of Q4_1 read from the wrong place or with a sign. */
static void
q4_1(void **state)
{
	uint8_t b[20] = { 0 };
	float v[32];

	(void)state;
	put16(b, HALF);
	put16(b + 2, TWO);
	b[4] = 0xf1;
	dequant_row(TT_Q4_1, b, v, 32);
	expect(v[0], 2.5);
	expect(v[16], 9.5);
	expect(v[2], 2);
}

/* Catches the fifth bits of Q5_0 and Q5_1 given to the wrong elements. */
static void
q5(void **state)
{
	uint8_t a[22] = { 0 }, b[24] = { 0 };
	float v[32];

	(void)state;
	put16(a, ONE);
	a[2] = 0x02;		/* bit 1 */
	a[5] = 0x80;		/* bit 31 */
	a[7] = 0x0f;		/* element 1: 15 */
	dequant_row(TT_Q5_0, a, v, 32);
	expect(v[0], -16);
	expect(v[1], 15);
	expect(v[17], -16);
	expect(v[31], 0);
	put16(b, ONE);
	put16(b + 2, TWO);
	b[6] = 0x01;		/* bit 16 */
	b[8] = 0x30;
	dequant_row(TT_Q5_1, b, v, 32);
	expect(v[0], 2);
	expect(v[16], 21);
}

/* Catches bytes of Q8_0 taken as unsigned; -128 is legal. */
static void
q8_0(void **state)
{
	uint8_t b[34] = { 0 };
	float v[32];

	(void)state;
	put16(b, TWO);
	b[2] = 0x80;
	b[33] = 127;
	dequant_row(TT_Q8_0, b, v, 32);
	expect(v[0], -256);
	expect(v[31], 254);
}

/* Catches Q2_K's scale and minimum swapped, d read from the front, and the
 * two-bit planes taken in another order than 32 by 32. */
static void
q2_k(void **state)
{
	uint8_t b[84] = { 0 };
	float v[256];

	(void)state;
	put16(b + 80, TWO);
	put16(b + 82, ONE);
	b[0] = 0x51;		/* values 0..15: scale 1, minimum 5 */
	b[3] = 0x02;		/* values 48..63: scale 2 */
	b[8] = 0x03;		/* values 128..143: scale 3 */
	b[16] = 0x03;		/* value 0: 3 */
	b[16 + 17] = 0x0c;	/* value 49: 3 */
	b[16 + 32] = 0x02;	/* value 128: 2 */
	dequant_row(TT_Q2_K, b, v, 256);
	expect(v[0], 1);
	expect(v[1], -5);
	expect(v[16], 0);
	expect(v[49], 12);
	expect(v[128], 12);
	expect(v[255], 0);
}

/* Catches Q3_K's mask read the wrong way round (a CLEAR bit takes 4 away),
 * the bias of 32, and the spread of its 6-bit scales. */
static void
q3_k(void **state)
{
	uint8_t b[110] = { 0 };
	float v[256];

	(void)state;
	put16(b + 108, ONE);
	b[0] = 0x81;		/* value 0 and value 224: not minus 4 */
	b[32] = 0x03;		/* value 0: 3 */
	b[32 + 32] = 0x80;	/* value 224: 2 */
	b[96] = 0x21;		/* scale 0: low 1; scale 8: low 2 */
	b[96 + 6] = 0xf0;	/* scale 14: low 15 */
	b[96 + 8] = 0x23;	/* scale 0: high 3; scale 8: high 2 */
	b[96 + 10] = 0x80;	/* scale 14: high 2 */
	dequant_row(TT_Q3_K, b, v, 256);
	expect(v[0], 3 * (49 - 32));
	expect(v[1], -4 * (49 - 32));
	expect(v[16], -4 * -32);
	expect(v[128], -4 * (34 - 32));
	expect(v[224], 2 * (47 - 32));
	expect(v[225], -4 * (47 - 32));
}

/* Catches Q4_K's halves interleaved, and the scales of groups 4..7 put
 * together from the wrong bits. */
static void
q4_k(void **state)
{
	uint8_t b[144] = { 0 };
	float v[256];

	(void)state;
	put16(b, ONE);
	put16(b + 2, HALF);
	b[4] = 0x40 | 5;	/* scale 0: 5; scale 4: high bits 1 */
	b[4 + 4] = 0x80 | 6;	/* minimum 0: 6; minimum 4: high bits 2 */
	b[4 + 8] = 0x73;	/* scale 4: low 3, minimum 4: low 7 */
	b[4 + 1] = 63;		/* scale 1 */
	b[16] = 0x21;		/* value 0: 1, value 32: 2 */
	b[16 + 64] = 0x0f;	/* value 128: 15 */
	dequant_row(TT_Q4_K, b, v, 256);
	expect(v[0], 5 - 3);
	expect(v[1], -3);
	expect(v[32], 126);
	expect(v[128], 19 * 15 - 39 * 0.5);
	expect(v[129], -39 * 0.5);
	expect(v[160], 0);
}

/* Catches a fifth bit of Q5_K looked for in the wrong byte or bit. */
static void
q5_k(void **state)
{
	uint8_t b[176] = { 0 };
	float v[256];
	int g;

	(void)state;
	put16(b, ONE);
	memset(b + 4, 1, 4);		/* scales 0..3: 1 */
	memset(b + 12, 1, 4);		/* scales 4..7: 1 */
	b[16 + 3] = 0xa5;
	b[48 + 3] = 0x42;
	dequant_row(TT_Q5_K, b, v, 256);
	for (g = 0; g < 8; g++)
		expect(v[g * 32 + 3], (0xa5 >> g & 1) * 16 +
		    (g == 0 ? 2 : g == 1 ? 4 : 0));
}

/* Catches Q6_K's d looked for at the front, its high bits out of order and
 * unsigned scales. */
static void
q6_k(void **state)
{
	uint8_t b[210] = { 0 };
	float v[256];
	int i;

	(void)state;
	put16(b + 208, HALF);
	for (i = 0; i < 16; i++)
		b[192 + i] = (uint8_t)(i - 8);
	b[1] = 0x95;		/* values 1 and 65 */
	b[32 + 1] = 0x7a;	/* values 33 and 97 */
	b[128 + 1] = 0xe4;	/* high bits 0, 1, 2, 3 */
	b[64] = 0x0c;		/* value 128 */
	dequant_row(TT_Q6_K, b, v, 256);
	expect(v[1], (5 - 32) * -8 * 0.5);
	expect(v[33], (10 + 16 - 32) * -6 * 0.5);
	expect(v[65], (9 + 32 - 32) * -4 * 0.5);
	expect(v[97], (7 + 48 - 32) * -2 * 0.5);
	expect(v[128], 0);
	expect(v[144], -32 * 0.5);
	expect(v[255], -32 * 7 * 0.5);
}

/* Catches rows whose blocks are not stepped over by their own size. */
static void
second_block(void **state)
{
	uint8_t b[2 * 210] = { 0 };
	float v[512];

	(void)state;
	put16(b + 210 + 208, ONE);
	b[210 + 192] = 1;
	dequant_row(TT_Q6_K, b, v, 512);
	expect(v[0], 0);
	expect(v[256], -32);
	expect(v[272], 0);
}

/* Catches a quantiser that is not the inverse: each value must come back
 * within half a step (a whole one at the clipped end). */
static void
there_and_back(void **state)
{
	static const struct { enum ttype t; float step; } c[] = {
		{ TT_F32, 0 }, { TT_F16, 0x1p-10f }, { TT_BF16, 0x1p-7f },
		{ TT_Q4_0, 2 / 8.0f }, { TT_Q4_1, 2 / 15.0f },
		{ TT_Q5_0, 2 / 16.0f }, { TT_Q5_1, 2 / 31.0f },
		{ TT_Q8_0, 2 / 127.0f },
	};
	float x[96], y[96];
	uint8_t b[96 * 4];
	size_t i;
	int j;

	(void)state;
	for (j = 0; j < 96; j++)
		x[j] = sinf((float)j * 0.7f) * (j < 64 ? 1 : 0);
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		assert_int_equal(quant_row(c[i].t, x, b, 96), 0);
		dequant_row(c[i].t, b, y, 96);
		for (j = 0; j < 96; j++)
			assert_true(fabsf(x[j] - y[j]) <= c[i].step * 0.6f);
	}
	assert_int_equal(quant_row(TT_Q4_K, x, b, 96), -1);
	assert_int_equal(quant_row((enum ttype)4, x, b, 96), -1);
}

/* A file of vectors, read whole; what is in it, see make_quant_vectors.py. */
struct vec {
	uint8_t *all;
	uint32_t head[4];	/* type, block, bytes, blocks */
	const uint8_t *blocks, *values, *many;
};

static void
vec_open(struct vec *v, const char *name)
{
	const char *dir = getenv("srcdir");
	char path[512];
	size_t size, n, want;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/vectors/quant/%s.vec",
	    dir != NULL ? dir : ".", name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	v->all = malloc(1 << 16);
	size = fread(v->all, 1, 1 << 16, f);
	fclose(f);
	assert_true(size > sizeof(v->head));
	memcpy(v->head, v->all, sizeof(v->head));
	n = v->head[3];
	want = sizeof(v->head) + n * v->head[2] + n * v->head[1] * 4 + 12;
	assert_int_equal(size, want);
	v->blocks = v->all + sizeof(v->head);
	v->values = v->blocks + n * v->head[2];
	v->many = v->values + n * v->head[1] * 4;
}

/* Every value of the stored blocks, bit for bit but for the sign of zero and
 * what kind of NaN. */
static void
stored_blocks(const struct vec *v)
{
	enum ttype t = (enum ttype)v->head[0];
	int64_t n = (int64_t)v->head[3] * v->head[1], i;
	float *got = malloc((size_t)n * 4), want;

	dequant_row(t, v->blocks, got, n);
	for (i = 0; i < n; i++) {
		memcpy(&want, v->values + i * 4, 4);
		if (got[i] != want && !(isnan(got[i]) && isnan(want)))
			fail_msg("%s[%d]: %.9g instead of %.9g",
			    ttype_name(t), (int)i, (double)got[i],
			    (double)want);
	}
	free(got);
}

/* The same of a thousand blocks of which only a sum is stored: enough that
 * each point of the largest code book occurs. */
static void
many_blocks(const struct vec *v)
{
	enum ttype t = (enum ttype)v->head[0];
	uint32_t many, seed = 1, bits, i;
	uint64_t want, h = 0xcbf29ce484222325;
	uint8_t b[512];
	float x[256];
	int j;

	memcpy(&many, v->many, 4);
	memcpy(&want, v->many + 4, 8);
	for (i = 0; i < many; i++) {
		next_block(t, b, &seed);
		dequant_row(t, b, x, v->head[1]);
		for (j = 0; j < (int)v->head[1]; j++) {
			x[j] += 0;	/* -0 as 0 */
			memcpy(&bits, &x[j], 4);
			h = (h ^ bits) * 0x100000001b3;
		}
	}
	if (many > 0 && h != want)
		fail_msg("%s: %u blocks differ from the format's definition "
		    "somewhere", ttype_name(t), many);
}

/* Catches any value of any type that is not what the public package makes of
 * the same bits: layouts, code books, signs, scales at their ends. */
static void
as_the_package(void **state)
{
	const struct ttype_info *info;
	struct vec v;
	uint32_t t, n = 0;

	(void)state;
	for (t = 0; t < TT_COUNT; t++) {
		info = ttype_info(t);
		if (info == NULL)
			continue;
		vec_open(&v, info->name);
		assert_int_equal(v.head[0], t);
		assert_int_equal(v.head[1], info->block);
		assert_int_equal(v.head[2], info->bytes);
		stored_blocks(&v);
		many_blocks(&v);
		free(v.all);
		n++;
	}
	assert_int_equal(n, 28);
}

/* Catches a wrong block size, and types that are known by name only. */
static void
types(void **state)
{
	(void)state;
	assert_int_equal(ttype_row_bytes(TT_Q4_1, 576), 360);
	assert_int_equal(ttype_row_bytes(TT_Q6_K, 512), 420);
	assert_int_equal(ttype_row_bytes(TT_BF16, 3), 6);
	assert_int_equal(ttype_row_bytes(TT_IQ1_M, 512), 112);
	assert_int_equal(ttype_row_bytes(TT_NVFP4, 64), 36);
	assert_null(ttype_info(4));
	assert_null(ttype_info(24));
	assert_null(ttype_info(41));
	assert_null(ttype_info(UINT32_MAX));
	assert_string_equal(ttype_name(23), "IQ4_XS");
	assert_string_equal(ttype_name(14), "Q6_K");
	assert_string_equal(ttype_name(4), "Q4_2, retired");
	assert_string_equal(ttype_name(38), "IQ4_NL_8_8, retired");
	assert_string_equal(ttype_name(28), "F64");
	assert_string_equal(ttype_name(42), "unknown");
	assert_string_equal(ttype_name(UINT32_MAX), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_half),
		cmocka_unit_test(half_rounding),
		cmocka_unit_test(q4_0), cmocka_unit_test(q4_1),
		cmocka_unit_test(q5), cmocka_unit_test(q8_0),
		cmocka_unit_test(q2_k), cmocka_unit_test(q3_k),
		cmocka_unit_test(q4_k), cmocka_unit_test(q5_k),
		cmocka_unit_test(q6_k), cmocka_unit_test(second_block),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(as_the_package),
		cmocka_unit_test(types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
