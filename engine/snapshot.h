/* snapshot.h -- a session's state as a file: its tokens, the cache's rows and
 * the scores after its prompts, so that a conversation goes on later, in
 * another process, from the very same bits.
 *
 * A file is good for the model, kernels and settings it was made with alone,
 * all of which its head names.  What is not whole is deleted when it is
 * found. */
#ifndef FIKR_SNAPSHOT_H
#define FIKR_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine.h"
#include "err.h"

#define SNAPSHOT_VERSION 1	/* of the file, and of the numbers in it: raise
				 * it when kernels come to other bits */
#define SNAPSHOT_TOKENS 64	/* fewer are read again as quickly */

/* ---- writing: the session must stay as it is until the end ---- */

/* Bytes that a file of s would take; 0: there is nothing worth one, or nothing
 * that can be gone on from. */
int64_t snapshot_bytes(struct session *s);
struct snapshot_writer;
/* Begin to write s, of a model with this digest, to a file beside path. */
struct snapshot_writer *snapshot_write(const char *path, struct session *s,
    const char *digest, struct err *err);
/* Write about `most` bytes more.  1: there is more; 0: the file is at its
 * path; -1: it is not, and nothing is left of it. */
int snapshot_step(struct snapshot_writer *w, int64_t most, struct err *err);
/* The end of it, whether it is done or not. */
void snapshot_drop(struct snapshot_writer *w);

/* ---- reading ---- */

struct snapshot_reader;
/* NULL, with a sentence, if path is no snapshot of such a session. */
struct snapshot_reader *snapshot_open(const char *path,
    const struct session *s, struct err *err);
/* The fingerprint of the model that it is of.  It is s's for certain if
 * snapshot_sure says that s's files have not been touched since; else it has to
 * be compared with s's own, which takes time to make. */
const char *snapshot_digest(const struct snapshot_reader *r);
bool snapshot_sure(const struct snapshot_reader *r, const struct session *s);
/* How many of tok[0..n) would be kept. */
int snapshot_common(const struct snapshot_reader *r, const int32_t *tok,
    size_t n);
/* Make s what it was.  0, 1 when stop, which may be NULL, said so, or -1; s is
 * empty after both. */
int snapshot_restore(struct snapshot_reader *r, struct session *s,
    bool (*stop)(void *ud), void *ud, struct err *err);
void snapshot_close(struct snapshot_reader *r);		/* or NULL */

#endif
