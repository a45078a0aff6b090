/* tiles.h -- products of matrices in nearly F32 on tiles (kern_tiles.h): each
 * value is an upper and a lower part of BF16, 16 bits of mantissa together, and
 * of their products the least one is left out.  That takes three times the
 * products of BF16, and is still several times as fast as F32. */
#ifndef FIKR_TILES_H
#define FIKR_TILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kern_tiles.h"

/* Bytes, whole multiples of 64, for a matrix [k][n] as tiles_put leaves it, and
 * for m vectors of k values on their way through tiles_gemm. */
size_t tiles_matrix_bytes(int n, int k);
size_t tiles_rows_bytes(int m, int k);
/* The matrix b [k][n], rows ldb values apart, for products; to: aligned to 64
 * bytes. */
void tiles_put(const struct kern_tiles *t, int n, int k, const float *b,
    int ldb, uint8_t *to);
/* C[m][n] = or, if add is set, += A[m][k] * B[k][n], as kern->gemm, with B from
 * tiles_put and room for the vectors, aligned to 64 bytes.  Of each row of C as
 * many values are written as n is rounded up to 16. */
void tiles_gemm(const struct kern_tiles *t, int m, int n, int k,
    const float *a, int lda, const uint8_t *b, uint8_t *room, float *c,
    int ldc, bool add);

#endif
