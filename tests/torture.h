/* torture.h -- the parts of the torture of what is saved: a session whose
 * writes are recorded (torture_session.c), a disk that loses power after any of
 * them (torture_disk.c), and what must be there afterwards (torture_truth.c,
 * torture_check.c). */
#ifndef FIKR_TESTS_TORTURE_H
#define FIKR_TESTS_TORTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "convo.h"
#include "faults.h"
#include "store.h"

/* A generator of numbers whose runs can be had again. */
struct rng {
	uint64_t state;
};
uint32_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n);

/* ---- the session ---- */

/* Writes conversations into the store; an exit status. */
int torture_session(const struct store *store, uint64_t seed, int rounds);

/* ---- the disk ---- */

struct disk;

enum loss {
	LOSE_NOTHING,		/* the program was killed */
	LOSE_ALL,		/* of what was not synced */
	LOSE_SOME		/* parts of that, in any order */
};

/* A file as it is after the loss. */
struct leftover {
	char *path;		/* below the disk's folder */
	struct buf data;
};

/* root: the folder that was recorded. */
struct disk *disk_new(const char *root);
void disk_free(struct disk *d);
void disk_do(struct disk *d, const struct fault *op, const char *text);
/* Only a part of a write has come: text[len]; until disk_back. */
void disk_half(struct disk *d, const struct fault *op, const char *text);
void disk_back(struct disk *d, const struct fault *op);
/* The files that are there; free with leftovers_free. */
size_t disk_after(struct disk *d, enum loss loss, struct rng *r,
    struct leftover **out);
void leftovers_free(struct leftover *v, size_t n);

/* ---- the truth ---- */

struct truth;

struct truth *truth_new(void);
/* A program's texts, and what on its screen promises each: lines of
 * "ROLE TAB NEEDLE TAB TEXT".  Counts as no conversation's in particular. */
int truth_expect(struct truth *t, const char *path);
void truth_free(struct truth *t);
void truth_mark(struct truth *t, const char *text, size_t n);
void truth_printed(struct truth *t, const char *text, size_t n);
/* A conversation's labels in words. */
void truth_labels(const struct convo *c, struct buf *out);
/* How often something was promised that concerns this conversation. */
uint64_t truth_version(const struct truth *t, const char *id);
/* Each appends what is wrong to why and returns false. */
bool truth_holds(const struct truth *t, const struct store *store,
    const char *id, const struct buf *file, struct buf *why);
/* All that was promised is in the conversations that are there. */
bool truth_complete(const struct truth *t, const struct store *store,
    struct leftover *files, size_t n, struct buf *why);

#endif
