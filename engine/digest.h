/* digest.h -- the fingerprint of a model's files. */
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

struct gpart;

/* The digest of a model of n files: of one file as above; of several
 * "sha256-parts:<hex>", the SHA-256 of "sha256:<hex>\n" or
 * "sha256-sampled:<hex>\n" of each in order.  Where all files together are
 * above DIGEST_WHOLE, each that is larger than the pieces of a sample is
 * sampled.  progress as above. */
int digest_parts(const struct gpart *parts, int n, char out[DIGEST_MAX],
    bool (*progress)(int64_t done, int64_t total, void *ud), void *ud);

/* The same beside other work: begun on a thread of its own, and waited for or
 * given up; parts must stay until then.  digest_begin gives NULL when no
 * thread can be had.  While it is told to rest it leaves the processor to
 * others, but for what it has just begun, some milliseconds; waiting for it
 * ends the rest.  If let_go is set, pages of files that are read whole do not
 * stay mapped; parts must be mappings of files then. */
struct digest_job;
struct digest_job *digest_begin(const struct gpart *parts, int n, bool let_go);
void digest_rest(struct digest_job *j, bool rest);	/* or NULL */
int digest_end(struct digest_job *j, char out[DIGEST_MAX],
    bool (*progress)(int64_t done, int64_t total, void *ud), void *ud);
void digest_cancel(struct digest_job *j);	/* or NULL */

#endif
