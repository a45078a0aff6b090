/* snapshot_priv.h -- how a snapshot's file is made up, for snapshot_*.c: a
 * head, then chunks of memory one after the other, the same for who writes and
 * who reads. */
#ifndef FIKR_SNAPSHOT_PRIV_H
#define FIKR_SNAPSHOT_PRIV_H

#include "session_priv.h"
#include "snapshot.h"
#include "sum64.h"

#define IDENTITY_MAX 864

/* In the byte order of the machine, which `order` shows. */
struct snapshot_head {
	char magic[8];
	uint32_t version, order;
	uint64_t bytes;			/* of the file */
	uint64_t sum;			/* of all behind the head */
	int32_t n;			/* tokens */
	int32_t lost;			/* sliding layers lack those below */
	int32_t endings[ENDINGS];	/* tokens before them; 0: none */
	int32_t has_logits;
	int32_t n_vocab;
	uint64_t stamp;			/* of the model's files, and ... */
	char digest[DIGEST_MAX];	/* ... of what is in them */
	char identity[IDENTITY_MAX];	/* what else must be as it was */
	uint64_t head_sum;		/* of all before it */
};

extern const char snapshot_magic[8];

/* What s is, without what is said of its length. */
void snapshot_head(struct snapshot_head *h, const struct session *s,
    const char *digest);
uint64_t snapshot_head_sum(const struct snapshot_head *h);

/* The memory that a head of s is about, chunk by chunk. */
struct chunk { void *p; size_t n; };
struct chunks {
	const struct snapshot_head *h;
	struct session *s;
	int part;			/* tokens, scores, then rows */
	int layer, head, pos;
	bool values;
};
void chunks_begin(struct chunks *w, struct session *s,
    const struct snapshot_head *h);
bool chunks_next(struct chunks *w, struct chunk *p);
/* Of a whole file. */
int64_t chunks_bytes(struct session *s, const struct snapshot_head *h);

#endif
