/* t_tiles.c -- products in BF16 on tiles: every quantised type against the
 * oracle, with the instructions of AMX in plain C on all machines and with the
 * real ones where they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef SYS_arch_prctl
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#endif

#define LANES_PLAIN
#include "kern_amx_tiles.c"
#define amx_from_lanes plain_from_lanes
void plain_from_lanes(enum ttype t, const void *w, int64_t first, int groups,
    int half, uint8_t *panel);
#include "kern_amx_lanes.c"
#undef amx_from_lanes

#include "lane_store.h"
#include "num.h"
#include "panel.h"
#include "quant_blocks.h"
#include "tiles.h"

#define VECTORS 70
#define FROM 3			/* the first vector that is multiplied */
#define FIRST 1			/* the first group */
#define GROUPS 16
#define VALUES ((FIRST + GROUPS) * 32)
#define LD 96			/* of vectors */
#define ROWS 48
#define OUT_LD 57
#define GUARD 123.5f

struct data {
	const struct kern *kn;
	uint8_t *panel;		/* two panels */
	struct bf16_rows x;
	struct panel_group packed[GROUPS];
	uint8_t w[ROWS][GROUPS * 32 * 4];
	float wf[ROWS][GROUPS * 32];	/* the same, unpacked, in BF16 */
	float xf[FROM + VECTORS][VALUES];	/* in BF16, too */
	float before[VECTORS + 1][OUT_LD], out[VECTORS + 1][OUT_LD];
};

static const struct kern_tiles plain_tiles = {
	.to_bf16 = to_bf16, .split_vector = split_vector,
	.split_columns = split_columns, .from_lanes = plain_from_lanes,
	.from_groups = from_groups, .multiply = multiply,
};

/* To 8 bits of mantissa, nearest even, whatever the bits are. */
static float
as_bf16(float f)
{
	int e;
	double m = frexp((double)f, &e);

	return (float)ldexp(nearbyint(ldexp(m, 8)), e - 8);
}

static void
round_all(float *f, int n)
{
	for (int i = 0; i < n; i++)
		f[i] = as_bf16(f[i]);
}

/* x . w, both in BF16, against its terms in double.  A weight in between two
 * values of BF16 may have become either. */
static void
compare(const char *what, int vector, int row, float got, float start,
    const float *w, const float *x, int n)
{
	double want = (double)start, size = fabs(want), top = 0.0;

	for (int i = 0; i < n; i++) {
		double term = (double)w[i] * (double)x[i];

		want += term;
		size += fabs(term);
		top = fmax(top, fabs(term));
	}
	if (!(fabs((double)got - want) <= size * 2e-5 + top / 128))
		fail_msg("%s, vector %d, row %d: %g, not %g", what, vector,
		    row, (double)got, want);
}

/* ---- kernels ---- */

static void
setup_vectors(struct data *d)
{
	uint32_t seed = 3;
	int64_t step = LD * 32;

	d->x.ld = LD;
	d->x.v = aligned_alloc(64, (FIRST + GROUPS) * LD * 32 * 2);
	d->panel = aligned_alloc(64, 2 * TILE_PANEL_BYTES(GROUPS));
	assert_true(d->x.v && d->panel);
	/* what lies behind is not a number */
	memset(d->x.v, 0xff, (FIRST + GROUPS) * LD * 32 * 2);
	for (int v = 0; v < FROM + VECTORS; v++) {
		for (int i = 0; i < VALUES; i++)
			d->xf[v][i] = next_float(&seed);
		d->kn->tiles->to_bf16(d->x.v + v * 32, step, d->xf[v],
		    FIRST + GROUPS);
		round_all(d->xf[v], VALUES);
	}
	d->x.v += FROM * 32;
}

static struct data *
data_new(const struct kern *kn)
{
	struct data *d = calloc(1, sizeof *d);

	assert_non_null(d);
	d->kn = kn;
	setup_vectors(d);
	return d;
}

static void
data_free(struct data *d)
{
	free(d->x.v - FROM * 32);
	free(d->panel);
	free(d);
}

static void
fill_rows(struct data *d, enum ttype t, int groups)
{
	const struct ttype_info *info = ttype_info(t);
	uint32_t seed = (uint32_t)t * 77 + 5;

	for (int r = 0; r < ROWS; r++) {
		for (int b = 0; b < groups * 32 / info->block; b++)
			next_block(t, d->w[r] + b * info->bytes, &seed);
		dequant_row(t, d->w[r], d->wf[r], groups * 32);
		round_all(d->wf[r], groups * 32);
	}
}

static void
make_panels(struct data *d, enum ttype t, int groups)
{
	memset(d->panel, 0xff, 2 * TILE_PANEL_BYTES(GROUPS));
	for (int i = 0; i < ROWS / 16; i++) {
		d->kn->pack(t, d->w[i * 16], sizeof d->w[0], 16, groups,
		    d->packed);
		d->kn->tiles->from_groups(t, d->packed, groups, i % 2,
		    d->panel + (size_t)(i / 2) * TILE_PANEL_BYTES(groups));
	}
}

/* One product, from what is there already or not. */
static void
multiply_and_compare(struct data *d, enum ttype t, int groups, int vectors,
    int cols, bool add)
{
	uint32_t seed = 9;
	char what[80];

	snprintf(what, sizeof what, "%s, %d groups, %d vectors, %d rows",
	    ttype_name(t), groups, vectors, cols);
	for (int v = 0; v <= VECTORS; v++)
		for (int r = 0; r < OUT_LD; r++) {
			bool in = v < vectors && r < cols;

			d->before[v][r] = !in ? GUARD : add ?
			    next_float(&seed) : NAN;
		}
	memcpy(d->out, d->before, sizeof d->out);
	d->kn->tiles->multiply(d->panel, groups, &d->x, FIRST, vectors, cols,
	    d->out[0], OUT_LD, add);
	for (int v = 0; v <= VECTORS; v++)
		for (int r = 0; r < OUT_LD; r++) {
			if (v >= vectors || r >= cols) {
				assert_true(d->out[v][r] == GUARD);
				continue;
			}
			compare(what, v, r, d->out[v][r], add ?
			    d->before[v][r] : 0.0f, d->wf[r],
			    d->xf[FROM + v] + FIRST * 32, groups * 32);
		}
}

static void
all_types(const struct kern *kn)
{
	struct data *d = data_new(kn);

	for (uint32_t t = 0; t < TT_COUNT; t++) {
		if (!ttype_info(t) || ttype_info(t)->block == 1)
			continue;
		for (int groups = 8; groups <= 16; groups += 8) {
			fill_rows(d, (enum ttype)t, groups);
			make_panels(d, (enum ttype)t, groups);
			multiply_and_compare(d, (enum ttype)t, groups, 21,
			    ROWS, false);
		}
	}
	data_free(d);
}

static void
all_shapes(const struct kern *kn)
{
	static const int vectors[] = { 1, 2, 15, 16, 17, 31, 32, 33, 47, 48,
		49, 63, 64, 65, 70 };
	struct data *d = data_new(kn);

	for (int groups = 1; groups <= 16; groups += 5) {
		fill_rows(d, TT_Q4_1, groups);
		make_panels(d, TT_Q4_1, groups);
		for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
			for (int cols = 16; cols <= ROWS; cols += 16)
				for (int add = 0; add < 2; add++)
					multiply_and_compare(d, TT_Q4_1,
					    groups, vectors[i], cols, add);
	}
	data_free(d);
}

/* ---- whole products ---- */

struct product {
	const struct kern *kn;
	struct pool *pool;
	enum ttype t;
	int in, rows, n;
	bool lanes;
};

#define START 16		/* the first row of the matrix */
#define SKIPPED 2		/* vectors before those that are multiplied */

static void
compare_all(const struct product *p, const struct weight *w, const float *x,
    const float *out)
{
	float *row = calloc((size_t)p->in, sizeof *row);
	char what[80];

	snprintf(what, sizeof what, "%s, %d values, %d vectors, %d rows",
	    ttype_name(p->t), p->in, p->rows, p->n);
	for (int r = 0; r < p->n; r++) {
		dequant_row(p->t, w->data + (START + r) * w->row_bytes, row,
		    p->in);
		round_all(row, p->in);
		for (int v = 0; v < p->rows; v++)
			compare(what, v, r, out[v * (p->n + 3) + r], 0.0f,
			    row, x + v * p->in, p->in);
	}
	for (int v = 0; v < p->rows; v++)
		for (int r = p->n; r < p->n + 3; r++)
			assert_true(out[v * (p->n + 3) + r] == GUARD);
	free(row);
}

static void
fill_weight(const struct product *p, struct weight *w, uint8_t *data)
{
	const struct ttype_info *info = ttype_info(p->t);
	uint32_t seed = 1;

	*w = (struct weight){ .type = p->t, .in = p->in, .data = data,
		.out = START + p->n, .slices = 1,
		.row_bytes = ttype_row_bytes(p->t, p->in) };
	for (int64_t b = 0; b < w->out * w->row_bytes / info->bytes; b++)
		next_block(p->t, data + b * info->bytes, &seed);
}

/* Its rows are turned when they are asked for; one is always missing, so that
 * the rows they come from are not let go of. */
static void
put_in_lanes(struct weight *w, struct lane_store *s)
{
	int sixteens = w->out / LANES;

	*s = (struct lane_store){ .slice_bytes = w->out * w->row_bytes,
		.per_slice = sixteens };
	s->lanes = aligned_alloc(64, (size_t)round_up((int)s->slice_bytes,
	    64));
	s->ready = calloc((size_t)sixteens, sizeof *s->ready);
	s->missing = calloc(1, sizeof *s->missing);
	assert_true(s->lanes && s->ready && s->missing);
	atomic_init(&s->missing[0], sixteens + 1);
	w->lanes = s;
}

static void
lanes_done(struct lane_store *s)
{
	free(s->lanes);
	free((void *)s->ready);
	free(s->missing);
}

static void
whole_product(const struct product *p)
{
	struct lane_store store = { 0 };
	struct weight w;
	struct act_rows a, view;
	int rows = SKIPPED + p->rows, ld = p->n + 3;
	size_t values = (size_t)rows * (size_t)p->in;
	uint8_t *data = calloc((size_t)(START + p->n),
	    (size_t)ttype_row_bytes(p->t, p->in));
	float *x = calloc(values, sizeof *x);
	float *out = calloc((size_t)p->rows * (size_t)ld, sizeof *out);
	float *scratch = malloc(panel_scratch(p->rows) * sizeof *scratch);
	uint32_t seed = 7;

	assert_true(data && x && out && scratch);
	fill_weight(p, &w, data);
	if (p->lanes)
		put_in_lanes(&w, &store);
	for (size_t i = 0; i < values; i++)
		x[i] = next_float(&seed);
	for (int i = 0; i < p->rows * ld; i++)
		out[i] = GUARD;
	assert_int_equal(act_rows_init(&a, p->kn, rows, p->in + 32), 0);
	assert_true(act_rows_fill(&a, p->pool, p->kn, x, rows, p->in));
	view = act_rows_from(&a, SKIPPED);
	round_all(x, rows * p->in);
	panel_product(p->kn, &w, START, p->n, &view, p->rows, scratch, out,
	    ld);
	compare_all(p, &w, x + SKIPPED * p->in, out);
	act_rows_done(&a);
	lanes_done(&store);
	free(data);
	free(x);
	free(out);
	free(scratch);
}

static void
all_products(const struct kern *kn)
{
	static const struct {
		enum ttype t;
		int in, rows, n;
		bool lanes;
	} cases[] = {
		{ TT_Q4_0, 32, 1, 1, false },
		{ TT_Q4_0, 576, 37, 130, false },
		{ TT_Q5_1, 352, 16, 17, false },
		{ TT_Q8_0, 1120, 33, 48, false },
		{ TT_Q4_K, 768, 33, 47, false },
		{ TT_Q6_K, 512, 5, 257, false },
		{ TT_NVFP4, 704, 18, 31, false },
		{ TT_IQ2_S, 256, 2, 15, false },
		{ TT_Q4_1, 576, 33, 176, true },
		{ TT_Q6_K, 768, 7, 48, true },
	};
	struct pool *pool = pool_new(2, NULL);

	assert_non_null(pool);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct product p = { kn, pool, cases[i].t, cases[i].in,
			cases[i].rows, cases[i].n, cases[i].lanes };

		whole_product(&p);
	}
	pool_free(pool);
}

/* ---- in nearly F32 ---- */

static void
gemm_and_compare(const struct kern_tiles *t, int m, int n, int k, bool add)
{
	int lda = k + 5, ldb = n + 1, cols = (n + 15) / 16 * 16;
	int ldc = cols + 3;
	float *a = calloc((size_t)(m * lda), sizeof *a);
	float *b = calloc((size_t)(k * ldb), sizeof *b);
	float *c = calloc((size_t)(m * ldc), sizeof *c);
	uint8_t *put = aligned_alloc(64, tiles_matrix_bytes(n, k));
	uint8_t *room = aligned_alloc(64, tiles_rows_bytes(m, k));
	uint32_t seed = 11;

	assert_true(a && b && c && put && room);
	for (int i = 0; i < m * lda; i++)
		a[i] = i % lda < k ? next_float(&seed) : NAN;
	for (int i = 0; i < k * ldb; i++)
		b[i] = i % ldb < n ? next_float(&seed) : NAN;
	for (int i = 0; i < m * ldc; i++)
		c[i] = i % ldc < cols && add ? 1.0f : GUARD;
	tiles_put(t, n, k, b, ldb, put);
	tiles_gemm(t, m, n, k, a, lda, put, room, c, ldc, add);
	for (int i = 0; i < m; i++) {
		for (int r = 0; r < n; r++) {
			double want = add, size = want;

			for (int e = 0; e < k; e++) {
				double x = (double)a[i * lda + e] *
				    (double)b[e * ldb + r];

				want += x;
				size += fabs(x);
			}
			assert_true(fabs((double)c[i * ldc + r] - want) <=
			    size * 2e-5);
		}
		for (int r = cols; r < ldc; r++)
			assert_true(c[i * ldc + r] == GUARD);
	}
	free(a);
	free(b);
	free(c);
	free(put);
	free(room);
}

static void
all_gemms(const struct kern *kn)
{
	static const int cases[][3] = { { 1, 1, 1 }, { 64, 256, 64 },
		{ 64, 80, 256 }, { 33, 17, 45 }, { 16, 47, 96 },
		{ 5, 100, 31 } };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		gemm_and_compare(kn->tiles, cases[i][0], cases[i][1],
		    cases[i][2], i % 2);
}

/* ---- the tests ---- */

/* Those of AVX-512 with tiles in plain C; NULL where rows cannot be packed. */
static const struct kern *
plain(void)
{
	static struct kern kn;

	if (!kern_avx2())
		return NULL;
	kn = *kern_avx2();
#if defined(__x86_64__)
	void avx2_pack_high(enum ttype t, const void *w, int64_t row_bytes,
	    int rows, int groups, struct panel_group *p);

	kn.pack = avx2_pack_high;
#endif
	kn.tiles = &plain_tiles;
	return &kn;
}

static void
on_both(void (*check)(const struct kern *kn))
{
	if (!plain()) {
		print_message("# left out: no AVX2 on this processor\n");
		return;
	}
	check(plain());
	if (kern_amx())
		check(kern_amx());
}

/* Would catch a layout, scale or base that differs from the type's. */
static void
types(void **state)
{
	(void)state;
	on_both(all_types);
}

/* Would catch vectors or rows that are left out at the ends, results that are
 * added where they should be put, or put where they should be added, and
 * whatever is written beside the result. */
static void
shapes(void **state)
{
	(void)state;
	on_both(all_shapes);
}

/* Would catch parts of rows that are joined wrongly, last rows that go
 * elsewhere, and memory that is too small. */
static void
products(void **state)
{
	(void)state;
	on_both(all_products);
}

/* Would catch a part of the values that is left out or meets the wrong one:
 * products in BF16 alone differ far more. */
static void
gemms(void **state)
{
	(void)state;
	on_both(all_gemms);
}

static void
check_rounding(const struct kern *kn)
{
	static const uint32_t cases[][2] = {	/* bits of F32, of BF16 */
		{ 0x00000000, 0x0000 }, { 0x80000000, 0x8000 },
		{ 0x3f800000, 0x3f80 }, { 0x3f807fff, 0x3f80 },
		{ 0x3f808000, 0x3f80 }, { 0x3f808001, 0x3f81 },
		{ 0x3f818000, 0x3f82 }, { 0xbf817fff, 0xbf81 },
		{ 0x3fffffff, 0x4000 }, { 0x7f7fffff, 0x7f80 },
		{ 0x7f800000, 0x7f80 }, { 0xff800000, 0xff80 },
	};
	int n = (int)(sizeof cases / sizeof *cases);
	uint16_t y[2][40];
	float x[64] = { 0 };

	memset(y, 0xee, sizeof y);
	for (int i = 0; i < 64; i++)
		memcpy(&x[i], &cases[i % n][0], 4);
	x[63] = NAN;
	kn->tiles->to_bf16(y[0], 40, x, 2);
	for (int i = 0; i < 63; i++)
		assert_int_equal(y[i / 32][i % 32], cases[i % n][1]);
	assert_true((y[1][31] & 0x7fff) > 0x7f80);
	assert_int_equal(y[0][32], 0xeeee);
	assert_int_equal(y[1][32], 0xeeee);
}

/* Would catch values that are cut off instead of rounded, and infinities or
 * what is not a number becoming numbers. */
static void
rounding(void **state)
{
	(void)state;
	on_both(check_rounding);
}

/* False where there are no such filters, or no such call. */
static bool
refuse_permission(void)
{
#ifdef SYS_arch_prctl
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_arch_prctl, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = { sizeof f / sizeof *f, f };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) == 0;
#else
	return false;
#endif
}

/* Would catch a sandbox that refuses tiles making the program fail, instead of
 * doing without them.  Has to come first: what this process was granted once
 * it keeps. */
static void
refused(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (child == 0)
		_exit(!refuse_permission() ? 2 : kern_amx() != NULL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (!kern_amx() || WEXITSTATUS(status) == 2) {
		print_message(kern_amx() ? "# left out: no seccomp\n" :
		    "# left out: no AMX here, all else in plain C\n");
		return;
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused),
		cmocka_unit_test(rounding),
		cmocka_unit_test(types),
		cmocka_unit_test(shapes),
		cmocka_unit_test(products),
		cmocka_unit_test(gemms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
