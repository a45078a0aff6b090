/* kern.h -- the inner loops, picked once at run time from what the processor
 * has: scalar (the oracle), AVX2, AVX-512 VNNI, and that with AMX.
 * FIKR_CPU=scalar|avx2|avx512|amx forces one.
 *
 * Products of a weight row with an activation vector are done on integers:
 * the vector is first quantised to 8 bits in groups of 32 (struct act), the
 * same form for every weight type. */
#ifndef FIKR_KERN_H
#define FIKR_KERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "quant.h"

#define ACT_GROUP 32

/* An activation vector of n values, n a multiple of 32 (padded with zeros by
 * the caller), in 8 bits and as it was. */
struct act {
	int64_t n;
	const float *f;		/* [n] the vector itself, for F32/F16/BF16 */
	int8_t *q;		/* [n]      f = d * q, q in -127..127 */
	float *d;		/* [n/32]; NaN if a value is not finite */
	int16_t *sum;		/* [n/16]   sums of q over each 16 */
};

struct panel_group;
struct act_rows;
struct kern_tiles;

struct kern {
	const char *name;	/* "scalar" "avx2" */
	/* Fill q, d and sum of x from x->f. */
	void (*quantize)(struct act *x);
	/* out[r] = row r of w (type t, x->n values a row, rows row_bytes
	 * apart) times x, for r in 0..rows-1.  A row of floats may be shorter
	 * than the padded x: row_bytes says where it ends. */
	void (*gemv)(enum ttype t, const void *w, int64_t row_bytes,
	    const struct act *x, float *out, int rows);
	/* Products with many vectors (kern_panel.h); NULL where BLAS does
	 * them.  pack: `groups` groups of `rows` rows, which lie row_bytes
	 * apart, of a quantised type; groups make whole blocks. */
	void (*pack)(enum ttype t, const void *w, int64_t row_bytes, int rows,
	    int groups, struct panel_group *p);
	/* out[rows][ld], 16 values each, += panel times the values from group
	 * `first` on of x's first rows. */
	void (*tile)(enum ttype t, const struct panel_group *p, int groups,
	    const struct act_rows *x, int64_t first, int rows, float *out,
	    int ld);
	/* Products with rows in lanes (kern_lanes.h), of the types for which
	 * in_lanes says so; NULL in families that read all rows as they lie.
	 * out[v][16], ldo apart, = 16 rows of x->n values times vector v of
	 * x, for the first `vectors`: of each the same bits, however many
	 * there are. */
	bool (*in_lanes)(enum ttype t);
	/* Such rows, row_bytes apart, of `blocks` blocks, in lanes. */
	void (*to_lanes)(enum ttype t, const void *rows, int64_t row_bytes,
	    int64_t blocks, void *out);
	void (*lanes)(enum ttype t, const void *w, const struct act_rows *x,
	    int vectors, float *out, int ldo);
	/* The same 16 rows' groups first .. first + groups - 1 as pack makes
	 * them; NULL where batches, too, are multiplied by lanes(). */
	void (*pack_lanes)(enum ttype t, const void *w, int64_t first,
	    int groups, struct panel_group *p);
	/* Products with many vectors in BF16, on tiles (kern_tiles.h); NULL
	 * but with AMX. */
	const struct kern_tiles *tiles;
	void (*dequant)(enum ttype t, const void *src, float *dst, int64_t n);
	/* y += a * x */
	void (*axpy)(float *y, float a, const float *x, int n);
	void (*to_f16)(uint16_t *dst, const float *src, int n);
	/* y = x / sqrt(mean(x^2) + eps) * w   (RMS norm; y may be x) */
	void (*rms_norm)(float *y, const float *x, const float *w, int n,
	    float eps);
	/* x = exp(x - *max), *max first becoming the largest of itself and
	 * the values; gives their sum.  n > 0.  What is below 1e-37 may stay
	 * just above 0. */
	float (*exps)(float *x, int n, float *max);
	/* The sum of exp((x - max) * scale) over the x >= bar, no x being
	 * above max and NaN being none; less than 1e-37 may count as that. */
	float (*exp_sum)(const float *x, int n, float max, float scale,
	    float bar);
	/* y = silu(y) * u,  silu(v) = v / (1 + exp(-v)) */
	void (*swiglu)(float *y, const float *u, int n);
	/* y = gelu(y) * u,  gelu(v) = v/2 (1 + tanh(sqrt(2/pi)
	 * (v + 0.044715 v^3))) */
	void (*geglu)(float *y, const float *u, int n);
	/* A row of the cache in Q8_0; n a multiple of 32.  Values beyond 127
	 * times 65504 are cut there, not finite ones make their group NaN. */
	void (*to_q8_0)(void *dst, const float *src, int n);
	/* Some queries q[heads][ldq] against n rows of the cache: d values of
	 * type t (F32, F16), stride bytes apart.
	 * score[h][i], lds apart, = q[h] . row i */
	void (*scores)(enum ttype t, const float *q, int ldq, int heads,
	    const void *rows, size_t stride, int d, int n, float *score,
	    int lds);
	/* out[h], ldo apart, += the sum over i of weight[h][i] * row i */
	void (*mix)(enum ttype t, const float *weight, int ldw, int heads,
	    const void *rows, size_t stride, int d, int n, float *out,
	    int ldo);
	/* C[m][n] = A[m][k] * B[k][n] in F32, or +=, of blocks that fit the
	 * nearer caches; fastest with n a multiple of 8.  lda, ldb, ldc are
	 * row strides in values. */
	void (*gemm)(int m, int n, int k, const float *a, int lda,
	    const float *b, int ldb, float *c, int ldc, bool add);
};

/* The table for this processor, the same one every time.  NULL with a sentence
 * when FIKR_CPU names one that is not there. */
const struct kern *kern_get(struct err *err);
const struct kern *kern_scalar(void);
/* NULL where the processor (or the build) has it not. */
const struct kern *kern_avx2(void);
const struct kern *kern_avx512(void);
const struct kern *kern_amx(void);

/* Which of its own kernels OpenBLAS has chosen. */
const char *kern_blas_name(void);
/* C[m][n] = A[m][k] * B[n][k]^T in F32 through OpenBLAS, on the calling
 * thread only.  lda, ldb, ldc are row strides in values. */
void kern_gemm_nt(int m, int n, int k, const float *a, int lda,
    const float *b, int ldb, float *c, int ldc);
/* The same with B as it stands: C[m][n] = A[m][k] * B[k][n], or +=. */
void kern_gemm_nn(int m, int n, int k, const float *a, int lda,
    const float *b, int ldb, float *c, int ldc, bool add);
/* Both turned: C[m][n] = A[k][m]^T * B[n][k]^T. */
void kern_gemm_tt(int m, int n, int k, const float *a, int lda,
    const float *b, int ldb, float *c, int ldc);
/* C[m][n] += alpha * A[m][k] * B[n][k]^T */
void kern_gemm_nt_add(int m, int n, int k, float alpha, const float *a,
    int lda, const float *b, int ldb, float *c, int ldc);

#endif
