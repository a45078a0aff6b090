/* digest.h -- the fingerprint of a model file. */
#ifndef FIKR_DIGEST_H
#define FIKR_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#define DIGEST_MAX 96
#define DIGEST_WHOLE ((int64_t)1 << 30)	/* larger files are sampled */

/* Write to out the SHA-256 of n mapped bytes as "sha256:<hex>".  Of a file
 * above DIGEST_WHOLE bytes only a part is read: the first head bytes (its
 * header), its size as 8 bytes little-endian, and 64 evenly spaced pieces of
 * 64 KiB; the name is "sha256-sampled:<hex>" then.  progress(done, total, ud)
 * is told the bytes gone through and may be NULL; true from it abandons the
 * work: -1, and out is not written. */
int digest_file(const uint8_t *p, int64_t n, int64_t head,
    char out[DIGEST_MAX], bool (*progress)(int64_t done, int64_t total,
    void *ud), void *ud);

#endif
