/* kern_blas.c -- large products through OpenBLAS, the one file that knows it.
 *
 * The pool's threads each multiply their own part, so OpenBLAS must never
 * use threads of its own: two on every core would fight.  Its pthread flavour
 * makes them when it is loaded; told to use one, it leaves them asleep, and
 * with OPENBLAS_NUM_THREADS=1 in the environment it makes none. */
#include "kern.h"

#include <cblas.h>
#include <pthread.h>

/* Of OpenBLAS alone; a cblas.h of another flavour does not declare them. */
extern void openblas_set_num_threads(int n);
extern char *openblas_get_corename(void);

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
one_thread(void)
{
	openblas_set_num_threads(1);
}

const char *
kern_blas_name(void)
{
	return openblas_get_corename();
}

static void
gemm(enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, int m, int n, int k,
    float alpha, const float *a, int lda, const float *b, int ldb, bool add,
    float *c, int ldc)
{
	pthread_once(&once, one_thread);
	if (m <= 0 || n <= 0)
		return;
	cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, alpha, a, lda, b, ldb,
	    add ? 1.0f : 0.0f, c, ldc);
}

void
kern_gemm_nt(int m, int n, int k, const float *a, int lda, const float *b,
    int ldb, float *c, int ldc)
{
	gemm(CblasNoTrans, CblasTrans, m, n, k, 1.0f, a, lda, b, ldb, false,
	    c, ldc);
}

void
kern_gemm_nt_add(int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float *c, int ldc)
{
	gemm(CblasNoTrans, CblasTrans, m, n, k, alpha, a, lda, b, ldb, true, c,
	    ldc);
}

void
kern_gemm_nn(int m, int n, int k, const float *a, int lda, const float *b,
    int ldb, float *c, int ldc, bool add)
{
	gemm(CblasNoTrans, CblasNoTrans, m, n, k, 1.0f, a, lda, b, ldb, add, c,
	    ldc);
}

void
kern_gemm_tt(int m, int n, int k, const float *a, int lda, const float *b,
    int ldb, float *c, int ldc)
{
	gemm(CblasTrans, CblasTrans, m, n, k, 1.0f, a, lda, b, ldb, false, c,
	    ldc);
}
